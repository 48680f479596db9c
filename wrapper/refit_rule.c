/*
 * refit_rule.c: what a rule of a frontend means for the challenge. A part of
 * refit_find().
 */
#include "wrapper/refit_rule.h"

#include <string.h>
#include <strings.h>

#include "wrapper/refit_part.h"

/* Its path, a part of that, or all that is below /.well-known. */
bool
refit_is_path(const char *word)
{
	static const char parent[] = "/.well-known";
	size_t len = strlen(word);
	const char *at;

	if (strstr(word, "acme-challenge") != NULL)
		return true;
	if (len >= strlen(parent) && strncmp(word, REFIT_PATH, len) == 0)
		return true;
	/* As a pattern: ^/\.well-known/.* */
	at = strstr(word, parent + 1);
	if (at == NULL || word + strspn(word, "^/\\.*?(") < at)
		return false;
	at += strlen(parent + 1);
	return at[strspn(at, "/\\.*+?()")] == '\0';
}

const struct refit_line *
refit_next_acl(const struct refit_section *section, const char *name, size_t *i)
{
	while (++*i < section->count) {
		const struct refit_line *line = &section->lines[*i];

		if (strcmp(line->words[0], "acl") == 0 &&
		    strcmp(refit_word(line, 1), name) == 0)
			return line;
	}
	return NULL;
}

bool
refit_is_challenge(const struct refit_section *section, const char *word)
{
	const struct refit_line *acl;

	if (refit_is_path(word))
		return true;
	word += strspn(word, "!");
	for (size_t i = 0; (acl = refit_next_acl(section, word, &i)) != NULL;) {
		for (size_t j = 2; j < acl->count; j++) {
			if (refit_is_path(acl->words[j]))
				return true;
		}
	}
	return false;
}

bool
refit_is_redirect(const struct refit_line *line)
{
	return strcmp(line->words[0], "redirect") == 0 ||
	    (strcmp(line->words[0], "http-request") == 0 &&
		strcmp(refit_word(line, 1), "redirect") == 0);
}

/* What an action of `http-request` does to a request. */
enum does {
	DECIDES = 1, /* no rule behind it is asked */
	HANGS = 2, /* ... so that nothing comes back */
	ANSWERS = 4, /* ... with something of its own */
	SETS = 8, /* the path, to whatever it says */
	REPLACES = 16, /* the path, where its pattern matches */
};

static unsigned
does(const char *action)
{
	static const struct {
		const char *action;
		unsigned does;
	} rows[] = {
	    {"auth", DECIDES},
	    {"deny", DECIDES},
	    {"redirect", DECIDES},
	    {"reject", DECIDES},
	    {"return", DECIDES | ANSWERS},
	    {"silent-drop", DECIDES | HANGS},
	    {"tarpit", DECIDES | HANGS},
	    {"use-service", DECIDES | ANSWERS},
	    {"set-path", SETS},
	    {"set-pathq", SETS},
	    {"set-uri", SETS},
	    {"replace-path", REPLACES},
	    {"replace-pathq", REPLACES},
	    {"replace-uri", REPLACES},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		if (strcmp(action, rows[i].action) == 0)
			return rows[i].does;
	}
	return 0;
}

bool
refit_is_decision(const char *keyword, const char *action)
{
	return strcmp(keyword, "redirect") == 0 ||
	    (strcmp(keyword, "http-request") == 0 &&
		(does(action) & DECIDES) != 0);
}

/* Is it `http-request` with an action that does so, and not only for others? */
static bool
may_do(const struct refit_section *section, const struct refit_line *line,
    enum does what)
{
	return strcmp(line->words[0], "http-request") == 0 &&
	    (does(refit_word(line, 1)) & (unsigned)what) != 0 &&
	    !refit_spares(section, line) && !refit_is_for_others(section, line);
}

bool
refit_may_decide(
    const struct refit_section *section, const struct refit_line *line)
{
	return may_do(section, line, DECIDES);
}

bool
refit_may_hang(
    const struct refit_section *section, const struct refit_line *line)
{
	return may_do(section, line, HANGS);
}

bool
refit_may_change(
    const struct refit_section *section, const struct refit_line *line)
{
	return may_do(section, line, SETS) ||
	    (may_do(section, line, REPLACES) &&
		refit_matches(refit_word(line, 2), false));
}

bool
refit_answers(
    const struct refit_section *section, const struct refit_line *line)
{
	return may_do(section, line, ANSWERS) &&
	    refit_is_for_challenge(section, line);
}

bool
refit_is_map_rule(const struct refit_line *line, const char *map)
{
	const char *at;
	size_t i;

	if (strcmp(line->words[0], "http-request") != 0 || *map == '\0')
		return false;
	for (i = 1; i < line->count; i++) {
		at = strstr(line->words[i], "map(");
		if (at != NULL && strncmp(at + 4, map, strlen(map)) == 0)
			return true;
	}
	return false;
}

size_t
refit_condition_of(const struct refit_line *line)
{
	size_t i;

	for (i = 2; i < line->count; i++) {
		if (strcmp(line->words[i], "if") == 0 ||
		    strcmp(line->words[i], "unless") == 0)
			break;
	}
	return i;
}

static bool
is_allow(const struct refit_line *line)
{
	return strcmp(line->words[0], "http-request") == 0 &&
	    strcmp(refit_word(line, 1), "allow") == 0;
}

bool
refit_is_allow(
    const struct refit_section *section, const struct refit_line *line)
{
	return is_allow(line) &&
	    refit_holds(section, line) != REFIT_HOLD_UNKNOWN;
}

bool
refit_may_allow(
    const struct refit_section *section, const struct refit_line *line)
{
	return refit_is_allow(section, line) ||
	    (is_allow(line) && refit_is_for_challenge(section, line));
}

size_t
refit_term_after(const struct refit_line *line, size_t i)
{
	const char *word = refit_word(line, i++);

	if (strcmp(word + strspn(word, "!"), "{") != 0)
		return i;
	while (i < line->count && strcmp(line->words[i], "}") != 0)
		i++;
	return i + 1;
}

size_t
refit_end_of_term(const struct refit_line *line, size_t i)
{
	size_t end = refit_term_after(line, i) - 1;

	return end < line->count ? end : line->count;
}

bool
refit_is_or(const char *word)
{
	return strcasecmp(word, "or") == 0 || strcmp(word, "||") == 0;
}

/* Is the term at word `i`, or its contrary, about the challenge? */
bool
refit_has_challenge(const struct refit_section *section,
    const struct refit_line *line, size_t i)
{
	size_t end = refit_term_after(line, i);

	for (; i < end && i < line->count; i++) {
		if (refit_is_challenge(section, line->words[i]))
			return true;
	}
	return false;
}

bool
refit_is_for_challenge(
    const struct refit_section *section, const struct refit_line *line)
{
	size_t i = refit_condition_of(line);
	bool unless = strcmp(refit_word(line, i), "unless") == 0;

	for (i++; i < line->count; i = refit_term_after(line, i)) {
		if ((line->words[i][0] == '!') == unless &&
		    refit_has_challenge(section, line, i))
			return true;
	}
	return false;
}

/* Does the term let all challenges be, or all that are not ELSEWHERE? */
static bool
is_plain(const struct refit_section *section, const struct refit_line *line,
    size_t i)
{
	const char *word = line->words[i];

	return refit_of_request(section, line, i) == REFIT_TRUE ||
	    (*word == '!' ? strcmp(word, "!" REFIT_ELSEWHERE) == 0
			  : refit_has_challenge(section, line, i));
}

bool
refit_has_plain_part(
    const struct refit_section *section, const struct refit_line *line)
{
	size_t i = refit_condition_of(line);
	bool plain = true;

	if (i >= line->count)
		return false;
	for (i++; i < line->count; i = refit_term_after(line, i)) {
		const char *word = line->words[i];

		if (!refit_is_or(word)) {
			plain = plain && is_plain(section, line, i);
			continue;
		}
		if (plain)
			return true;
		plain = true;
	}
	return plain;
}

bool
refit_spares(const struct refit_section *section, const struct refit_line *line)
{
	size_t i = refit_condition_of(line);
	bool spared = false;

	if (strcmp(refit_word(line, i), "if") != 0)
		return refit_has_plain_part(section, line);
	for (i++; i < line->count; i = refit_term_after(line, i)) {
		const char *word = line->words[i];

		if (!refit_is_or(word)) {
			/* Names that others answer for are to go there. */
			spared |= strcmp(word, REFIT_ELSEWHERE) == 0 ||
			    refit_of_request(section, line, i) == REFIT_FALSE ||
			    (*word == '!' &&
				refit_has_challenge(section, line, i));
			continue;
		}
		if (!spared)
			return false;
		spared = false;
	}
	return spared;
}
