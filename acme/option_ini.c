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

#define BLANK " \t\r\v\f"

/* One line, as ConfigArgParse's DefaultConfigFileParser takes it apart. */
struct item {
	const char *name, *value; /* value NULL: the name stands alone */
	size_t name_len, value_len;
};

static bool
is_blank(char c)
{
	return c != '\0' && strchr(BLANK, c) != NULL;
}

static bool
is_word(const char *text, size_t len, const char *word)
{
	return strlen(word) == len && strncasecmp(text, word, len) == 0;
}

/* Is a flag's value a yes? -1: neither yes nor no. */
static int
yes_or_no(const struct item *item)
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

/* Is there nothing from `at` on but blanks, or blanks and a comment? */
static bool
is_over(const char *at, const char *end)
{
	const char *next = at;

	while (next < end && is_blank(*next))
		next++;
	return next == end || (next > at && (*next == '#' || *next == ';'));
}

/*
 * A value ends at the first place where it can; one that begins with a quote at
 * the first such quote, so that a comment may be in between. It has a byte at
 * least: what looks like a comment right behind the sign is the value.
 */
static void
cut_value(const char *from, const char *end, struct item *item)
{
	item->value = from;
	item->value_len = 0;
	if (from == end)
		return;
	if (*from == '"' || *from == '\'') {
		item->value = from + 1;
		for (const char *at = from + 2; at < end; at++) {
			item->value_len = (size_t)(at - from - 1);
			if (*at == *from && is_over(at + 1, end))
				return;
		}
		item->value_len = 0;
		if (end - from > 1 && from[1] == *from &&
		    is_over(from + 2, end))
			return;
		item->value = from;
	}
	do
		item->value_len++;
	while (!is_over(from + item->value_len, end));
}

/* `line` to `end` has no blank at either side. Can it be read at all? */
static bool
take_apart(const char *line, const char *end, struct item *ret)
{
	const char *at;
	bool sign;

	ret->name = line;
	ret->name_len = strcspn(line, BLANK "=:;#\n");
	ret->value = NULL;
	ret->value_len = 0;
	at = line + ret->name_len;
	if (ret->name_len == 0 || at == end)
		return ret->name_len > 0;
	if (*at == '#' || *at == ';')
		return false;
	while (at < end && is_blank(*at))
		at++;
	sign = *at == '=' || *at == ':';
	if (sign)
		at++;
	while (at < end && is_blank(*at))
		at++;
	cut_value(at, end, ret);
	if (!sign && ret->value_len == 0)
		ret->value = NULL;
	return true;
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
    const struct item *item, const char *origin, struct err *err)
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
store(struct options *options, const struct item *item,
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

enum line { NOTHING, AN_ITEM, NO_ITEM };

/* One line: blank, a comment, a [section] (passed over), or name and value. */
static enum line
split(const char *line, size_t len, struct item *ret)
{
	const char *end = line + len;

	while (line < end && is_blank(*line))
		line++;
	while (line < end && is_blank(end[-1]))
		end--;
	if (line == end || strchr("#;[", *line) != NULL ||
	    strncmp(line, "---", 3) == 0)
		return NOTHING;
	return take_apart(line, end, ret) ? AN_ITEM : NO_ITEM;
}

/* As ConfigArgParse: where a name comes twice the last one is the value. */
static bool
comes_again(const char *rest, const struct item *item)
{
	struct item other;

	while (*rest != '\0') {
		size_t len = strcspn(rest, "\n");

		if (split(rest, len, &other) == AN_ITEM &&
		    other.name_len == item->name_len &&
		    memcmp(other.name, item->name, item->name_len) == 0)
			return true;
		rest += len + (rest[len] == '\n');
	}
	return false;
}

static int
read_line(struct options *options, const char *line, size_t len,
    const struct place *place, struct err *err)
{
	char origin[LIMIT_ERR_ON_BYTES];
	struct item item;

	switch (split(line, len, &item)) {
	case NOTHING: return 0;
	case AN_ITEM:
		return comes_again(line + len, &item)
		    ? 0
		    : store(options, &item, place, err);
	case NO_ITEM: break;
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
