/*
 * cliini.h: where certbot looks for its cli.ini (its constants.py), whatever
 * its --config-dir is, and what stands there (ConfigArgParse's format): the
 * long names without their dashes, `name = value`.
 */
#ifndef CERT_CLIINI_H
#define CERT_CLIINI_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

enum { CLIINI_FILES = 2 };

/*
 * The path of file `i`, whether it is there or not; what the first of them
 * sets, the next does not: the user's, by `get_env` (getenv(3)) or, without
 * HOME, by passwd, then everybody's. False: there can be none.
 */
bool cliini_path(char *(*get_env)(const char *), size_t i, char *ret,
    size_t size) MUST_CHECK;

struct cliini_item {
	const char *name, *value; /* value NULL: the name stands alone */
	size_t name_len, value_len;
};

enum cliini_line { CLIINI_NOTHING, CLIINI_ITEM, CLIINI_NO_ITEM };

/*
 * One line: blank, a comment, a [section] (passed over), or name and value, as
 * ConfigArgParse's DefaultConfigFileParser takes it apart; `ret` borrows. The
 * text ends with a NUL somewhere behind the line.
 */
enum cliini_line cliini_split(
    const char *line, size_t len, struct cliini_item *ret) MUST_CHECK;

/*
 * Does the name come again in `rest`, the lines behind it? As ConfigArgParse:
 * the last one is the value.
 */
bool cliini_comes_again(
    const char *rest, const struct cliini_item *item) MUST_CHECK;

/*
 * What certbot takes for the option (its long name without dashes), and the
 * path of the file that says so; a value that is too long is cut. False: none
 * does that can be read, and `ret` is as it was.
 */
bool cliini_find(char *(*get_env)(const char *), const char *option, char *ret,
    size_t size, char *ret_path, size_t path_size) MUST_CHECK;

#endif
