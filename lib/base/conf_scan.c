/*
 * conf_scan.c: the look at certhaul.conf before libconfig gets it, for the
 * things that libconfig does without a word.
 */
#include "base/conf_scan.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/conf_value.h"

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* What a name is made of; a digit in there begins no number. */
static bool
is_name_char(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') ||
	    (c >= 'A' && c <= 'Z') || c == '_' || c == '-' || c == '*' ||
	    c == '.';
}

static const char *
behind_line(const char *at)
{
	return at + strcspn(at, "\n");
}

static const char *
behind_comment(const char *at)
{
	const char *end = strstr(at + 2, "*/");

	return end != NULL ? end + 2 : at + strlen(at);
}

static const char *
behind_string(const char *at)
{
	for (at++; *at != '\0' && *at != '"'; at++) {
		if (*at == '\\' && at[1] != '\0')
			at++;
	}
	return *at == '"' ? at + 1 : at;
}

/* Behind the number at `at`; NULL where it is larger than libconfig's int. */
static const char *
behind_number(const char *at)
{
	char *end = NULL;
	long long value;

	errno = 0;
	value = strtoll(
	    at, &end, at[0] == '0' && (at[1] == 'x' || at[1] == 'X') ? 16 : 10);
	/* Long ones (`L`) are kept whole, and then out of bounds. */
	if ((errno != 0 || value > INT_MAX) && *end != 'L')
		return NULL;
	return end + strspn(end, "L");
}

/* The first number that is too large, NULL where there is none. */
static const char *
find_large(const char *at)
{
	const char *start = NULL;

	while (*at != '\0') {
		if (*at == '"') {
			at = behind_string(at);
		} else if (*at == '#' || (at[0] == '/' && at[1] == '/')) {
			at = behind_line(at);
		} else if (at[0] == '/' && at[1] == '*') {
			at = behind_comment(at);
		} else if (is_digit(*at)) {
			start = at;
			at = behind_number(at);
			if (at == NULL)
				return start;
		} else if (*at != '-' && is_name_char(*at)) {
			while (is_name_char(*at))
				at++;
		} else {
			at++;
		}
	}
	return NULL;
}

/*
 * libconfig would open what `@include` names itself, whoever may have written
 * that. Its scanner takes one at the start of a line only; one in a comment
 * of several lines is refused along with them.
 */
static const char *
find_include(const char *line)
{
	static const char include[] = "@include";

	while (line != NULL) {
		line += strspn(line, " \t\r\f\v");
		if (strncmp(line, include, sizeof(include) - 1) == 0)
			return line;
		line = strchr(line, '\n');
		line = line != NULL ? line + 1 : NULL;
	}
	return NULL;
}

static int
refuse(const char *text, const char *at, const char *file, struct err *err,
    const char *why)
{
	char on[LIMIT_ERR_ON_BYTES];
	unsigned line = 1;

	for (; text < at; text++)
		line += *text == '\n';
	/* Cut, where it is too long, as err_set() would do. */
	(void)snprintf(on, sizeof(on), "%s:%u", file, line);
	return err_set(err, ERR_CONF, CONF_DOING, on, "%s", why);
}

int
conf_scan(const struct buf *text, const char *file, struct err *err)
{
	const char *start = buf_text(text), *at = NULL;

	if (strlen(start) != text->len)
		return refuse(start, start + strlen(start), file, err,
		    "a NUL byte: this is no text");
	at = find_include(start);
	if (at != NULL)
		return refuse(start, at, file, err,
		    "@include: not allowed; the configuration is one file");
	at = find_large(start);
	if (at != NULL)
		return refuse(start, at, file, err,
		    "the number is out of bounds: above 2147483647");
	return 0;
}
