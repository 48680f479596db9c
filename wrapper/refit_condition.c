/*
 * refit_condition.c: a raw line of haproxy.cfg, changed in one place only, so
 * that the rest stays as its owner wrote it. A part of refit_find().
 */
#include "wrapper/refit_part.h"

#include <ctype.h>
#include <string.h>

/* The end of the word at `at`, as HAProxy sees it (manual, 2.2). */
static size_t
end_of_word(const char *raw, size_t at)
{
	char quote = '\0';

	for (; raw[at] != '\0'; at++) {
		if (raw[at] == '\\' && quote != '\'' && raw[at + 1] != '\0')
			at++;
		else if (quote != '\0')
			quote = raw[at] == quote ? '\0' : quote;
		else if (raw[at] == '"' || raw[at] == '\'')
			quote = raw[at];
		else if (isspace((unsigned char)raw[at]) || raw[at] == '#')
			break;
	}
	return at;
}

bool
refit_span(const char *raw, size_t i, size_t *ret_start, size_t *ret_end)
{
	size_t at = 0, end;

	for (;;) {
		while (isspace((unsigned char)raw[at]))
			at++;
		if (raw[at] == '\0' || raw[at] == '#')
			return false;
		end = end_of_word(raw, at);
		if (i-- == 0)
			break;
		at = end;
	}
	*ret_start = at;
	*ret_end = end;
	return true;
}

static bool
word_is(const char *raw, size_t start, size_t end, const char *word)
{
	return end - start == strlen(word) &&
	    memcmp(raw + start, word, end - start) == 0;
}

/*
 * `if A or B` becomes `if A !C or B !C`, `unless A` becomes `unless A or C`,
 * and a rule without a condition gets `unless C`: C is the challenge's path.
 */
int
refit_exempt(const char *raw, struct buf *ret, struct err *err)
{
	enum { NONE, IF, UNLESS } kind = NONE;
	size_t start, end, copied = 0, last = 0, depth = 0;
	int rc = 0;

	for (size_t i = 0; rc == 0 && refit_span(raw, i, &start, &end); i++) {
		last = end;
		if (word_is(raw, start, end, "{") ||
		    word_is(raw, start, end, "!{"))
			depth++;
		else if (depth > 0 && word_is(raw, start, end, "}"))
			depth--;
		else if (kind == NONE && word_is(raw, start, end, "if"))
			kind = IF;
		else if (kind == NONE && word_is(raw, start, end, "unless"))
			kind = UNLESS;
		else if (kind == IF && depth == 0 &&
		    (word_is(raw, start, end, "or") ||
			word_is(raw, start, end, "||"))) {
			rc = buf_add(ret, raw + copied, start - copied, err);
			if (rc == 0)
				rc =
				    buf_puts(ret, "!" REFIT_CONDITION " ", err);
			copied = start;
		}
	}
	if (rc == 0)
		rc = buf_add(ret, raw + copied, last - copied, err);
	if (rc == 0)
		rc = buf_printf(ret, err, "%s" REFIT_CONDITION,
		    kind == IF           ? " !"
			: kind == UNLESS ? " or "
					 : " unless ");
	return rc < 0 ? rc : buf_puts(ret, raw + last, err);
}
