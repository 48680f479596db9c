/*
 * option_ini.c: cli.ini (ConfigArgParse's format): the long names without
 * their dashes, `name = value`; a flag is `true` or stands alone. The command
 * line wins; of the two files, the user's.
 */
#include "acme/option_private.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/fs.h"

#define BLANK " \t\r"

static bool
is_word(const char *text, size_t len, const char *word)
{
	return strlen(word) == len && strncasecmp(text, word, len) == 0;
}

/* Is a flag's value a yes? -1: neither yes nor no. */
static int
yes_or_no(const char *value, size_t len)
{
	if (len == 0 || is_word(value, len, "true") ||
	    is_word(value, len, "yes") || is_word(value, len, "1"))
		return 1;
	if (is_word(value, len, "false") || is_word(value, len, "no") ||
	    is_word(value, len, "0"))
		return 0;
	return -1;
}

struct place {
	const char *file;
	unsigned line;
	const unsigned long long *argv_given; /* what the command line set */
};

/* Has the command line set it, or what is its contrary (--no-...)? */
static bool
is_settled(const struct place *place, const struct option_row *rows,
    size_t count, size_t row)
{
	for (size_t i = 0; i < count; i++) {
		if (rows[i].offset == rows[row].offset &&
		    rows[i].kind != OPTION_FOREIGN &&
		    (place->argv_given[i / 64] >> i % 64 & 1) != 0)
			return true;
	}
	return false;
}

static int
store(struct options *options, const char *name, size_t name_len,
    const char *value, size_t value_len, const struct place *place,
    struct err *err)
{
	char option[96], origin[LIMIT_ERR_ON_BYTES];
	const char *kept = NULL;
	size_t row = 0, count;
	const struct option_row *rows = option_rows(&count);
	int rc, yes;

	(void)snprintf(option, sizeof(option), "--%.*s", (int)name_len, name);
	(void)snprintf(origin, sizeof(origin), "%s:%u: %.*s", place->file,
	    place->line, (int)name_len, name);
	rc = option_find(option, strlen(option), &row, err);
	if (rc < 0) {
		struct err why = *err;

		return err_set(
		    err, ERR_USAGE, OPTION_DOING, origin, "%s", why.detail);
	}
	if (is_settled(place, rows, count, row))
		return 0;
	if (!option_takes_value(&rows[row])) {
		yes = yes_or_no(value, value_len);
		if (yes < 0)
			return err_set(err, ERR_USAGE, OPTION_DOING, origin,
			    "is a flag: true or false");
		return yes == 0 ? 0
				: option_store(options, row, NULL, origin, err);
	}
	rc = option_keep(options, value, value_len, &kept, err);
	return rc < 0 ? rc : option_store(options, row, kept, origin, err);
}

/* One line: blank, a comment, a [section] (passed over), or name and value. */
static int
read_line(struct options *options, const char *line, size_t len,
    const struct place *place, struct err *err)
{
	const char *name, *value, *end = line + len;
	size_t name_len, value_len;

	line += strspn(line, BLANK);
	if (line >= end || strchr("#;[", *line) != NULL)
		return 0;
	name = line;
	name_len = strcspn(name, BLANK "=:\n");
	value = name + name_len;
	value += strspn(value, BLANK);
	if (*value == '=' || *value == ':')
		value++;
	value += strspn(value, BLANK);
	if (value > end)
		value = end;
	value_len = (size_t)(end - value);
	while (value_len > 0 && strchr(BLANK, value[value_len - 1]) != NULL)
		value_len--;
	/* ConfigArgParse takes off a pair of quotes. */
	if (value_len >= 2 && (value[0] == '"' || value[0] == '\'') &&
	    value[value_len - 1] == value[0]) {
		value++;
		value_len -= 2;
	}
	return store(options, name, name_len, value, value_len, place, err);
}

/* A file that is not there is no error, unless it was asked for. */
static int
read_file(const char *path, bool must, struct options *options, struct err *err)
{
	struct buf text = BUF_SECRET(LIMIT_CONF_BYTES); /* eab-hmac-key */
	unsigned long long given[COUNT_OF(options->given)];
	struct place place = {path, 0, given};
	const char *at;
	int rc;

	memcpy(given, options->given, sizeof(given));
	rc = fs_read(AT_FDCWD, path, FS_TRUST_PRIVATE, &text, NULL, err);
	if (rc == ERR_NOENT && !must) {
		err_clear(err);
		rc = 0;
	}
	at = buf_text(&text);
	while (rc == 0 && *at != '\0') {
		size_t len = strcspn(at, "\n");

		place.line++;
		rc = read_line(options, at, len, &place, err);
		at += len + (at[len] == '\n');
	}
	buf_free(&text);
	return rc;
}

int
option_read_ini(
    char *(*get_env)(const char *), struct options *options, struct err *err)
{
	const char *xdg = get_env("XDG_CONFIG_HOME"), *home = get_env("HOME");
	char path[LIMIT_PATH_BYTES];
	int len = -1, rc = 0;

	if (options->config_file != NULL)
		return read_file(options->config_file, true, options, err);
	if (xdg != NULL && xdg[0] == '/')
		len =
		    snprintf(path, sizeof(path), "%s/letsencrypt/cli.ini", xdg);
	else if (home != NULL && home[0] == '/')
		len = snprintf(
		    path, sizeof(path), "%s/.config/letsencrypt/cli.ini", home);
	/* What the first has set, the second does not. */
	if (len > 0 && (size_t)len < sizeof(path))
		rc = read_file(path, false, options, err);
	if (rc == 0)
		rc = read_file("/etc/letsencrypt/cli.ini", false, options, err);
	return rc;
}
