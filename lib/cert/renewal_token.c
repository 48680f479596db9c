/*
 * renewal_token.c: the smallest parts of ConfigObj's grammar: white space as
 * Python has it, the ends of lines, and the quote that closes another.
 */
#include "cert/renewal_part.h"

#include <string.h>

static const char doing[] = "reading the renewal configuration";

/* Python's str.isspace(): what `\s` matches and strip() takes. */
size_t
renewal_space(const char *at)
{
	static const char *const wide[] = {"\xc2\x85", "\xc2\xa0",
	    "\xe1\x9a\x80", "\xe2\x80\xa8", "\xe2\x80\xa9", "\xe2\x80\xaf",
	    "\xe2\x81\x9f", "\xe3\x80\x80"};
	const unsigned char *byte = (const unsigned char *)at;

	if (byte[0] == ' ' || (byte[0] >= '\t' && byte[0] <= '\r') ||
	    (byte[0] >= 0x1c && byte[0] <= 0x1f))
		return 1;
	if (byte[0] < 0x80)
		return 0;
	/* U+2000 to U+200A. */
	if (byte[0] == 0xe2 && byte[1] == 0x80 && byte[2] >= 0x80 &&
	    byte[2] <= 0x8a)
		return 3;
	for (size_t i = 0; i < COUNT_OF(wide); i++) {
		if (strncmp(at, wide[i], strlen(wide[i])) == 0)
			return strlen(wide[i]);
	}
	return 0;
}

const char *
renewal_skip(const char *at)
{
	size_t len;

	while ((len = renewal_space(at)) > 0)
		at += len;
	return at;
}

/* `len` without the white space at the end. */
size_t
renewal_trimmed(const char *text, size_t len)
{
	size_t kept = 0, space;

	for (size_t i = 0; i < len;) {
		space = renewal_space(text + i);
		i += space > 0 ? space : 1;
		if (space == 0)
			kept = i;
	}
	return kept;
}

/* No other white space ends a line for ConfigObj, a lone "\r" neither. */
size_t
renewal_line_end(const char *at)
{
	if (at[0] == '\r' && at[1] == '\n')
		return 2;
	return at[0] == '\n' ? 1 : 0;
}

size_t
renewal_line_length(const char *text)
{
	size_t len = 0;

	while (text[len] != '\0' && renewal_line_end(text + len) == 0)
		len++;
	return len;
}

char *
renewal_copy(const char *text, size_t len, struct err *err)
{
	char *made = strndup(text, len);

	if (made == NULL)
		(void)err_nomem(err, doing);
	return made;
}

/* Nothing, or a comment, follows at `at`: true, and the comment or NULL. */
bool
renewal_is_end(const char *at, const char **ret_comment)
{
	at = renewal_skip(at);
	*ret_comment = *at == '#' ? at : NULL;
	return *at == '#' || *at == '\0';
}

bool
renewal_is_section_end(
    const char *at, unsigned *ret_depth, const char **ret_comment)
{
	unsigned depth = 0;

	for (at = renewal_skip(at); *at == ']'; at = renewal_skip(at + 1))
		depth++;
	*ret_depth = depth;
	return depth > 0 && renewal_is_end(at, ret_comment);
}

/* The quote that closes the one at `at`, with `fits` behind it; or NULL. */
const char *
renewal_find_quote(const char *at, renewal_test fits)
{
	const char *end = at;

	while ((end = strchr(end + 1, at[0])) != NULL) {
		if (fits(end + 1))
			return end;
	}
	return NULL;
}

bool
renewal_comma_fits(const char *at)
{
	return *renewal_skip(at) == ',';
}

bool
renewal_equals_fits(const char *at)
{
	return *renewal_skip(at) == '=';
}

bool
renewal_end_fits(const char *at)
{
	const char *comment = NULL;

	return renewal_is_end(at, &comment);
}

bool
renewal_section_fits(const char *at)
{
	const char *comment = NULL;
	unsigned depth;

	return renewal_is_section_end(at, &depth, &comment);
}
