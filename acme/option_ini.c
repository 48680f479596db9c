/*
 * option_ini.c: cli.ini (ConfigArgParse's format): the long names without
 * their dashes, `name = value`; a flag is `true` or stands alone. The command
 * line wins; then --config's file, the user's and everybody's.
 */
#include "acme/option_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fs.h"
#include "cert/cliini.h"

enum { VERBOSE_MOST = 1000 };

static bool
is_word(const char *text, size_t len, const char *word)
{
	return strlen(word) == len && strncasecmp(text, word, len) == 0;
}

/* Is a flag's value a yes? -1: neither yes nor no. */
static int
yes_or_no(const struct cliini_item *item)
{
	static const char *const words[][2] = {
	    {"false", "true"}, {"no", "yes"}, {"0", "1"}, {"off", "on"}};

	if (item->value == NULL)
		return 1;
	for (size_t i = 0; i < COUNT_OF(words); i++) {
		for (int yes = 0; yes < 2; yes++) {
			if (is_word(
				item->value, item->value_len, words[i][yes]))
				return yes;
		}
	}
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

/* A number is how often a flag that counts was given. */
static int
store_flag(struct options *options, size_t row, enum option_kind kind,
    const struct cliini_item *item, const char *origin, struct err *err)
{
	long times = yes_or_no(item);
	char text[32], *end = NULL;
	int rc = 0;

	if (times < 0 && kind == OPTION_COUNT && item->value_len > 0 &&
	    item->value_len < sizeof(text)) {
		memcpy(text, item->value, item->value_len);
		text[item->value_len] = '\0';
		times = strtol(text, &end, 10);
		if (*end != '\0' || times > VERBOSE_MOST)
			times = -1;
		else if (times < 0)
			times = 0;
	}
	if (times < 0)
		return err_set(err, ERR_USAGE, OPTION_DOING, origin,
		    "is a flag: true or false");
	while (rc == 0 && times-- > 0)
		rc = option_store(options, row, NULL, origin, err);
	return rc;
}

static int
store(struct options *options, const struct cliini_item *item,
    const struct place *place, struct err *err)
{
	char option[96], origin[LIMIT_ERR_ON_BYTES];
	const char *kept = NULL;
	bool dashes = strncmp(item->name, "--", 2) == 0;
	size_t row = 0, count;
	const struct option_row *rows = option_rows(&count);
	int rc;

	(void)snprintf(option, sizeof(option), "%s%.*s", dashes ? "" : "--",
	    (int)item->name_len, item->name);
	(void)snprintf(origin, sizeof(origin), "%s:%u: %.*s", place->file,
	    place->line, (int)item->name_len, item->name);
	rc = option_find(option, strlen(option), &row, err);
	if (rc < 0) {
		struct err why = *err;

		return err_set(
		    err, why.code, OPTION_DOING, origin, "%s", why.detail);
	}
	if (is_settled(place, rows, count, row))
		return 0;
	/* As certbot: one file for certonly and for the timer. */
	if (options->verb == OPTION_RENEW &&
	    rows[row].offset == offsetof(struct options, duplicate))
		return 0;
	if (!option_takes_value(&rows[row]))
		return store_flag(
		    options, row, rows[row].kind, item, origin, err);
	if (item->value == NULL)
		return err_set(
		    err, ERR_USAGE, OPTION_DOING, origin, "needs a value");
	if (item->value_len >= 2 && item->value[0] == '[' &&
	    item->value[item->value_len - 1] == ']')
		return err_set(err, ERR_USAGE, OPTION_DOING, origin,
		    "is no list in brackets: commas alone");
	if (options->verb == OPTION_RENEW &&
	    rows[row].offset == offsetof(struct options, domains))
		return 0;
	rc = option_keep(options, item->value, item->value_len, &kept, err);
	return rc < 0 ? rc : option_store(options, row, kept, origin, err);
}

static int
read_line(struct options *options, const char *line, size_t len,
    const struct place *place, struct err *err)
{
	char origin[LIMIT_ERR_ON_BYTES];
	struct cliini_item item;

	switch (cliini_split(line, len, &item)) {
	case CLIINI_NOTHING: return 0;
	case CLIINI_ITEM:
		return cliini_comes_again(line + len, &item)
		    ? 0
		    : store(options, &item, place, err);
	case CLIINI_NO_ITEM: break;
	}
	(void)snprintf(
	    origin, sizeof(origin), "%s:%u", place->file, place->line);
	return err_set(err, ERR_USAGE, OPTION_DOING, origin,
	    "is no line of \"name = value\"");
}

/* Is there a file? One that cannot be looked for is passed over and noted. */
static bool
is_there(const char *path, struct options *options)
{
	struct err ignored = ERR_INIT;
	struct stat st;

	if (lstat(path, &st) == 0)
		return true;
	if (errno != ENOENT && errno != ENOTDIR)
		(void)!option_keep(options, path, strlen(path),
		    &options->passed_over, &ignored);
	return false;
}

static int
read_file(const char *path, struct options *options, struct err *err)
{
	struct buf text = BUF_SECRET(LIMIT_CONF_BYTES); /* eab-hmac-key */
	unsigned long long given[COUNT_OF(options->given)];
	struct place place = {path, 0, given};
	const char *at;
	int rc;

	memcpy(given, options->given, sizeof(given));
	rc = fs_read(AT_FDCWD, path, FS_TRUST_PRIVATE, &text, NULL, err);
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
	char path[LIMIT_PATH_BYTES];
	int rc = 0;

	/* This one is argparse's. */
	if (options->config_file != NULL &&
	    access(options->config_file, R_OK) < 0)
		return err_set(err, ERR_USAGE, OPTION_DOING,
		    options->config_file, "cannot be read: %s",
		    strerror(errno));
	if (options->config_file != NULL)
		rc = read_file(options->config_file, options, err);
	/* What the first has set, the next does not. */
	for (size_t i = 0; rc == 0 && i < CLIINI_FILES; i++) {
		if (cliini_path(get_env, i, path, sizeof(path)) &&
		    is_there(path, options))
			rc = read_file(path, options, err);
	}
	return rc;
}
