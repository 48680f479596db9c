/*
 * filter.c: words of a crt-list line -> the names that it is for; asked by
 * verify.c, which names to shake hands for.
 */
#include "haproxy/filter.h"

#include <string.h>
#include <strings.h>

static const char blanks[] = " \t\r\n\v\f";

/* The word at or behind `*at`, its length into `ret_len`; NULL: no more. */
static const char *
next_word(const char **at, size_t *ret_len)
{
	const char *word = *at + strspn(*at, blanks);

	*ret_len = strcspn(word, blanks);
	*at = word + *ret_len;
	return *ret_len == 0 ? NULL : word;
}

static bool
is_word(const char *word, size_t len, const char *text)
{
	return strlen(text) == len && strncasecmp(word, text, len) == 0;
}

bool
filter_admits(const char *filters, const char *name)
{
	const char *rest = strchr(name, '.'), *word;
	bool wild = false, out = false;
	size_t len;

	if (filters == NULL)
		return true;
	while ((word = next_word(&filters, &len)) != NULL) {
		if (is_word(word, len, name))
			return true;
		if (*word == '!')
			out |= is_word(word + 1, len - 1, name);
		else if (*word == '*' && rest != NULL)
			wild |= is_word(word + 1, len - 1, rest);
	}
	return wild && !out;
}

bool
filter_has(const char *filters, const char *name)
{
	const char *word;
	size_t len;

	if (filters == NULL)
		return true;
	while ((word = next_word(&filters, &len)) != NULL) {
		if (is_word(word, len, name))
			return true;
	}
	return false;
}

bool
filter_equal(const char *a, const char *b)
{
	const char *x, *y;
	size_t x_len, y_len;

	if (a == NULL || b == NULL)
		return a == b;
	do {
		x = next_word(&a, &x_len);
		y = next_word(&b, &y_len);
		if (x_len != y_len ||
		    (x != NULL && strncasecmp(x, y, x_len) != 0))
			return false;
	} while (x != NULL);
	return true;
}

/* Steps to the next one that is a name. */
static const char *
next_name(const char **at, size_t *ret_len)
{
	const char *word;

	while ((word = next_word(at, ret_len)) != NULL) {
		if (*word != '!' && *ret_len <= LIMIT_DNS_NAME_BYTES)
			return word;
	}
	return NULL;
}

bool
filter_name(const char *filters, size_t n, char *ret)
{
	const char *word = NULL;
	size_t len = 0;

	if (filters == NULL)
		return false;
	for (size_t i = 0; i <= n; i++) {
		word = next_name(&filters, &len);
		if (word == NULL)
			return false;
	}
	memcpy(ret, word, len);
	ret[len] = '\0';
	return true;
}

size_t
filter_count(const char *filters)
{
	size_t count = 0, len;

	while (filters != NULL && next_name(&filters, &len) != NULL)
		count++;
	return count;
}
