/*
 * refit_holds.c: would the condition of a rule hold for a challenge? As far as
 * its words tell, with no look at what else the request is. A part of
 * refit_find().
 */
#include "wrapper/refit_part.h"

#include <ctype.h>
#include <regex.h>
#include <string.h>

/* The path of a challenge. */
static const char sample[] = REFIT_PATH "x";

/* \w and the like, which are letters to POSIX where they stand in brackets. */
static bool
has_class(const char *regex)
{
	for (const char *at = strchr(regex, '\\'); at != NULL && at[1] != '\0';
	     at = strchr(at + 2, '\\')) {
		if (isalnum((unsigned char)at[1]))
			return true;
	}
	return false;
}

bool
refit_matches(const char *regex, bool fold)
{
	regex_t compiled;
	bool found;

	/* HAProxy may have PCRE: what only that knows is not told. */
	if (has_class(regex) ||
	    regcomp(&compiled, regex,
		REG_EXTENDED | REG_NOSUB | (fold ? REG_ICASE : 0)) != 0)
		return false;
	found = regexec(&compiled, sample, 0, NULL, 0) == 0;
	regfree(&compiled);
	return found;
}

static bool
begins(const char *pattern, bool fold)
{
	size_t len = strlen(pattern);

	return (fold ? strncasecmp : strncmp)(sample, pattern, len) == 0;
}

static bool
contains(const char *pattern, bool fold)
{
	(void)fold;
	return strstr(sample, pattern) != NULL;
}

/* "path_beg", "path -m beg": how its patterns are matched; NULL: not told. */
typedef bool match(const char *pattern, bool fold);

static match *
match_of(const char *name)
{
	static const struct {
		const char *name;
		match *match;
	} rows[] = {
	    {"beg", begins},
	    {"sub", contains},
	    {"reg", refit_matches},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		if (strcmp(name, rows[i].name) == 0)
			return rows[i].match;
	}
	return NULL;
}

/* Do the words from `i` to `end`, a fetch and its patterns, match? */
static bool
is_hit(const struct refit_line *line, size_t i, size_t end)
{
	static const char *const fetches[] = {"path", "pathq", "url"};
	const char *fetch = refit_word(line, i++);
	size_t len = strcspn(fetch, "_");
	match *matches = match_of(fetch + len + (fetch[len] == '_'));
	bool known = false, fold = false;

	for (size_t j = 0; j < COUNT_OF(fetches); j++)
		known |= strlen(fetches[j]) == len &&
		    strncmp(fetch, fetches[j], len) == 0;
	for (; known && i < end && refit_word(line, i)[0] == '-'; i++) {
		if (strcmp(line->words[i], "-i") == 0)
			fold = true;
		else if (strcmp(line->words[i], "-m") == 0)
			matches = match_of(refit_word(line, ++i));
		else
			return false;
	}
	for (; known && matches != NULL && i < end; i++) {
		if (matches(refit_word(line, i), fold))
			return true;
	}
	return false;
}

/* Does the term at word `i`, or its contrary, hold by their path? */
static bool
is_of_path(const struct refit_section *section, const struct refit_line *line,
    size_t i)
{
	const char *word = refit_word(line, i);
	const struct refit_line *acl;

	word += strspn(word, "!");
	if (refit_has_challenge(section, line, i))
		return true;
	if (strcmp(word, "{") == 0)
		return is_hit(line, i + 1, refit_end_of_term(line, i));
	for (size_t j = 0; (acl = refit_next_acl(section, word, &j)) != NULL;) {
		if (is_hit(acl, 2, acl->count))
			return true;
	}
	return false;
}

/* The term at word `i`, with its `!`. */
static enum refit_truth
truth_of(const struct refit_section *section, const struct refit_line *line,
    size_t i)
{
	if (!is_of_path(section, line, i))
		return refit_of_request(section, line, i);
	return *refit_word(line, i) == '!' ? REFIT_FALSE : REFIT_TRUE;
}

/* One part of an `if`, from word `*i` on, which is then behind it. */
static enum refit_hold
hold_of_part(const struct refit_section *section, const struct refit_line *line,
    size_t *i)
{
	enum refit_hold hold = REFIT_HOLD_ALL;
	enum refit_truth truth;
	const char *word;

	for (; *i < line->count; *i = refit_term_after(line, *i)) {
		word = line->words[*i];
		if (refit_is_or(word))
			break;
		truth = truth_of(section, line, *i);
		if (truth == REFIT_FALSE ||
		    (truth == REFIT_MAYBE && *word != '!'))
			hold = REFIT_HOLD_UNKNOWN;
		else if (truth == REFIT_MAYBE && hold == REFIT_HOLD_ALL)
			hold = REFIT_HOLD_MOST;
	}
	++*i;
	return hold;
}

/*
 * The condition of an `unless`, behind word `i`: for all where no part of it
 * may hold; for none, as far as is known, where one holds but for some.
 */
static enum refit_hold
hold_unless(const struct refit_section *section, const struct refit_line *line,
    size_t i)
{
	bool some = false, may = true, most = true;

	for (i++; i < line->count; i = refit_term_after(line, i)) {
		enum refit_truth truth;

		if (refit_is_or(line->words[i])) {
			if (may && most)
				break;
			some |= may;
			may = most = true;
			continue;
		}
		truth = truth_of(section, line, i);
		may &= truth != REFIT_FALSE;
		/* `unless !x` is `if x`. */
		most &= truth == REFIT_TRUE || line->words[i][0] == '!';
	}
	if (may && most)
		return REFIT_HOLD_UNKNOWN;
	return some || may ? REFIT_HOLD_MOST : REFIT_HOLD_ALL;
}

enum refit_hold
refit_holds(const struct refit_section *section, const struct refit_line *line)
{
	enum refit_hold most = REFIT_HOLD_UNKNOWN, hold;
	size_t i = refit_condition_of(line);

	if (i >= line->count)
		return REFIT_HOLD_ALL;
	if (strcmp(line->words[i], "unless") == 0) {
		if (refit_spares(section, line))
			return REFIT_HOLD_UNKNOWN;
		return refit_is_on_other_path(section, line)
		    ? REFIT_HOLD_ALL
		    : hold_unless(section, line, i);
	}
	for (i++; i < line->count;) {
		hold = hold_of_part(section, line, &i);
		most = hold > most ? hold : most;
	}
	return most;
}
