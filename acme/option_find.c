/*
 * option_find.c: one option's row found by its name, which may be abbreviated.
 */
#include "acme/option_private.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* Each name of a row in turn; ends where `*names` is at the end. */
static bool
next_name(const char **names, const char **ret, size_t *ret_len)
{
	*names += strspn(*names, " ");
	*ret = *names;
	*ret_len = strcspn(*names, " ");
	*names += *ret_len;
	return *ret_len > 0;
}

static int
not_found(const char *name, size_t len, struct err *err)
{
	char word[64], near_text[64];
	const char *all[256] = {NULL}, *names, *at, *near;
	char copies[256][48];
	size_t count, used = 0, at_len;
	const struct option_row *rows = option_rows(&count);

	for (size_t i = 0; i < count; i++) {
		names = rows[i].names;
		while (used < COUNT_OF(all) - 1 &&
		    next_name(&names, &at, &at_len)) {
			(void)snprintf(copies[used], sizeof(copies[used]),
			    "%.*s", (int)at_len, at);
			all[used] = copies[used];
			used++;
		}
	}
	(void)snprintf(word, sizeof(word), "%.*s", (int)len, name);
	near = text_nearest(word, all);
	(void)snprintf(near_text, sizeof(near_text), "; did you mean %s?",
	    near != NULL ? near : "");
	return err_set(err, ERR_USAGE, OPTION_DOING, word,
	    "no such option%s (see --help all; what certbot's plugins add, "
	    "only certbot has)",
	    near != NULL ? near_text : "");
}

int
option_foreign(const char *name, size_t len, struct err *err)
{
	char word[64];

	(void)snprintf(word, sizeof(word), "%.*s", (int)len, name);
	return err_set(err, ERR_USAGE, OPTION_DOING, word,
	    "is an option of certbot's own plugins: install certbot for it");
}

int
option_find(const char *name, size_t len, size_t *ret_row, struct err *err)
{
	size_t count, found = 0, at_len, row = 0;
	const struct option_row *rows = option_rows(&count);
	const char *names, *at, *first = NULL, *second = NULL;
	bool exact = false, of_plugin = false;

	for (size_t i = 0; !exact && i < count; i++) {
		names = rows[i].names;
		while (!exact && next_name(&names, &at, &at_len)) {
			if (at_len < len || strncmp(at, name, len) != 0)
				continue;
			/* Of a plugin that may be missing: no abbreviation is
			 * in doubt for its sake. */
			if (at_len != len && rows[i].kind == OPTION_FOREIGN) {
				of_plugin = true;
				continue;
			}
			exact = at_len == len;
			if (exact || found == 0 || row != i) {
				found = exact ? 1 : found + 1;
				second = first;
			}
			first = at;
			row = i;
		}
	}
	/* Python's dns plugins bring options of their own names. */
	if (found == 0 &&
	    (of_plugin || (len > 6 && strncmp(name, "--dns-", 6) == 0)))
		return option_foreign(name, len, err);
	if (found == 0 || (found > 1 && len <= 2))
		return not_found(name, len, err);
	if (found > 1)
		return err_set(err, ERR_USAGE, OPTION_DOING, name,
		    "could be %.*s or %.*s", (int)strcspn(second, " "), second,
		    (int)strcspn(first, " "), first);
	if (rows[row].kind == OPTION_FOREIGN)
		return option_foreign(first, strcspn(first, " "), err);
	*ret_row = row;
	return 0;
}

bool
option_row_given(const struct options *options, size_t row)
{
	return (options->given[row / 64] >> row % 64 & 1) != 0;
}

bool
option_given(const struct options *options, const char *name)
{
	struct err err = ERR_INIT;
	size_t row = 0;

	return option_find(name, strlen(name), &row, &err) == 0 &&
	    option_row_given(options, row);
}
