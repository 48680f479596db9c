/*
 * cliini_line.c: the lines of a cli.ini, as ConfigArgParse's
 * DefaultConfigFileParser takes them apart.
 */
#include "cert/cliini.h"

#include <string.h>

#define BLANK " \t\r\v\f"

static bool
is_blank(char c)
{
	return c != '\0' && strchr(BLANK, c) != NULL;
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
cut_value(const char *from, const char *end, struct cliini_item *item)
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
take_apart(const char *line, const char *end, struct cliini_item *ret)
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

enum cliini_line
cliini_split(const char *line, size_t len, struct cliini_item *ret)
{
	const char *end = line + len;

	while (line < end && is_blank(*line))
		line++;
	while (line < end && is_blank(end[-1]))
		end--;
	if (line == end || strchr("#;[", *line) != NULL ||
	    strncmp(line, "---", 3) == 0)
		return CLIINI_NOTHING;
	return take_apart(line, end, ret) ? CLIINI_ITEM : CLIINI_NO_ITEM;
}

bool
cliini_comes_again(const char *rest, const struct cliini_item *item)
{
	struct cliini_item other;

	while (*rest != '\0') {
		size_t len = strcspn(rest, "\n");

		if (cliini_split(rest, len, &other) == CLIINI_ITEM &&
		    other.name_len == item->name_len &&
		    memcmp(other.name, item->name, item->name_len) == 0)
			return true;
		rest += len + (rest[len] == '\n');
	}
	return false;
}
