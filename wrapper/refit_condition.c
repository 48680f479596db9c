/*
 * refit_condition.c: a raw line of haproxy.cfg, changed in one place only, so
 * that the rest stays as its owner wrote it. A part of refit_find().
 */
#include "wrapper/refit_part.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

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

bool
refit_span_words(const char *raw, const struct refit_line *line, size_t first,
    size_t last, size_t *ret_start, size_t *ret_end)
{
	size_t word = 0, start, end;

	for (size_t i = 0; refit_span(raw, i, &start, &end); i++) {
		if (word == first)
			*ret_start = start;
		if (word == last)
			*ret_end = end;
		/* A `!` alone is one word with what is behind it. */
		word += start + strspn(raw + start, "!") < end;
	}
	return word == line->count && first <= last && last < word;
}

enum kind { NONE, IF, UNLESS };

/* Where refit_exempt() is. */
struct walk {
	const struct refit_section *section;
	enum kind kind;
	bool in_braces; /* up to the first }: they do not nest */
	bool elsewhere; /* names go on as they do */
	size_t part; /* where this part of the condition begins */
	bool named; /* the challenge, in it */
	bool spared; /* an `unless` has the challenge, of any name, alone */
};

/* Takes one word; true: it is the `or` behind a part. */
static bool
walk_word(struct walk *walk, const char *word)
{
	const char *bare = word + strspn(word, "!");

	if (walk->kind == NONE) {
		if (strcmp(word, "if") == 0)
			walk->kind = IF;
		else if (strcmp(word, "unless") == 0)
			walk->kind = UNLESS;
		return false;
	}
	if (!walk->in_braces &&
	    (strcasecmp(bare, "or") == 0 || strcmp(bare, "||") == 0))
		return true;
	walk->in_braces =
	    walk->in_braces ? strcmp(word, "}") != 0 : strcmp(bare, "{") == 0;
	if (refit_is_challenge(walk->section, bare))
		walk->named = true;
	return false;
}

/* Is anything to go behind the last word? */
static bool
has_tail(const struct walk *walk)
{
	switch (walk->kind) {
	case NONE: return true;
	case IF: return !walk->named;
	case UNLESS: return !walk->spared;
	}
	return false;
}

/* Behind part A, which ends at `end`: ` !C`, or ` !C or A C E`. */
static int
add_not(const struct walk *walk, const char *raw, size_t end, struct buf *ret,
    struct err *err)
{
	int rc = buf_puts(ret, " !" REFIT_CONDITION, err);

	if (rc < 0 || !walk->elsewhere)
		return rc;
	return buf_printf(ret, err,
	    " or %.*s " REFIT_CONDITION " " REFIT_ELSEWHERE,
	    (int)(end - walk->part), raw + walk->part);
}

static int
add_tail(const struct walk *walk, const char *raw, size_t end, struct buf *ret,
    struct err *err)
{
	const char *but = walk->elsewhere ? " !" REFIT_ELSEWHERE : "";

	return walk->kind == IF
	    ? add_not(walk, raw, end, ret, err)
	    : buf_printf(ret, err, " %s " REFIT_CONDITION "%s",
		  walk->kind == NONE ? "unless" : "or", but);
}

/*
 * `if A or B` becomes `if A !C or B !C`, `unless A` becomes `unless A or C`,
 * and a rule without a condition gets `unless C`: C is the challenge's path.
 */
int
refit_exempt(const struct refit_section *section, const struct refit_line *line,
    const char *raw, bool elsewhere, struct buf *ret, struct err *err)
{
	struct walk walk = {.section = section,
	    .elsewhere = elsewhere,
	    /* One that is for challenges is somebody's will. */
	    .spared = refit_has_plain_part(section, line) ||
		refit_is_for_challenge(section, line)};
	struct buf word = BUF_INIT(LIMIT_HACFG_LINE_BYTES);
	size_t start, end, copied = 0, last = 0, before;
	bool changed = false;
	int rc = 0;

	if (refit_spares(section, line))
		return 0;
	for (size_t i = 0; rc == 0 && refit_span(raw, i, &start, &end); i++) {
		before = last;
		last = end;
		if (walk.kind != NONE && walk.part == 0)
			walk.part = start;
		buf_reset(&word);
		rc = buf_add(&word, raw + start, end - start, err);
		if (rc < 0 || !walk_word(&walk, buf_text(&word)))
			continue;
		if (walk.kind == IF && !walk.named) {
			rc = buf_add(ret, raw + copied, before - copied, err);
			if (rc == 0)
				rc = add_not(&walk, raw, before, ret, err);
			copied = before;
			changed = true;
		}
		walk.named = false;
		walk.part = 0;
	}
	buf_free(&word);
	if (rc < 0 || (!changed && !has_tail(&walk)))
		return rc;
	rc = buf_add(ret, raw + copied, last - copied, err);
	if (rc == 0 && has_tail(&walk))
		rc = add_tail(&walk, raw, last, ret, err);
	return rc < 0 ? rc : buf_puts(ret, raw + last, err);
}
