/*
 * refit_rule.c: what a rule of a frontend means for the challenge. A part of
 * refit_find().
 */
#include "wrapper/refit_part.h"

#include <string.h>
#include <strings.h>

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

bool
refit_is_challenge(const struct refit_section *section, const char *word)
{
	size_t i, j;

	if (refit_is_path(word))
		return true;
	word += strspn(word, "!");
	for (i = 1; i < section->count; i++) {
		const struct refit_line *line = &section->lines[i];

		if (strcmp(line->words[0], "acl") != 0 ||
		    strcmp(refit_word(line, 1), word) != 0)
			continue;
		for (j = 2; j < line->count; j++) {
			if (refit_is_path(line->words[j]))
				return true;
		}
	}
	return false;
}

bool
refit_is_guarded(
    const struct refit_section *section, const struct refit_line *line)
{
	size_t i;

	for (i = 1; i < line->count; i++) {
		if (refit_is_challenge(section, line->words[i]))
			return true;
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

bool
refit_may_decide(
    const struct refit_section *section, const struct refit_line *line)
{
	static const char *const actions[] = {"auth", "deny", "redirect",
	    "reject", "return", "silent-drop", "tarpit", "use-service"};
	size_t i;

	if (strcmp(line->words[0], "http-request") != 0 ||
	    refit_is_guarded(section, line))
		return false;
	for (i = 0; i < COUNT_OF(actions); i++) {
		if (strcmp(refit_word(line, 1), actions[i]) == 0)
			return true;
	}
	return false;
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

bool
refit_is_allow(
    const struct refit_section *section, const struct refit_line *line)
{
	if (strcmp(line->words[0], "http-request") != 0 ||
	    strcmp(refit_word(line, 1), "allow") != 0)
		return false;
	return refit_condition_of(line) >= line->count ||
	    refit_is_for_challenge(section, line);
}

bool
refit_is_for_challenge(
    const struct refit_section *section, const struct refit_line *line)
{
	size_t i = refit_condition_of(line);
	bool in_braces = false, not = false, unless;

	unless = strcmp(refit_word(line, i), "unless") == 0;
	while (++i < line->count) {
		const char *word = line->words[i];

		if (!in_braces)
			not = *word == '!';
		if (not == unless && refit_is_challenge(section, word))
			return true;
		if (!in_braces && strcmp(word + strspn(word, "!"), "{") == 0)
			in_braces = true;
		else if (strcmp(word, "}") == 0)
			in_braces = false;
	}
	return false;
}

/* Does word `i` of a condition, outside of braces, say no more than that? */
static bool
is_plain(const struct refit_section *section, const struct refit_line *line,
    size_t i)
{
	const char *word = refit_word(line, i);

	if (*word == '!')
		return strcmp(word, "!" REFIT_ELSEWHERE) == 0;
	if (strcmp(word, "{") != 0)
		return refit_is_challenge(section, word);
	while (++i < line->count && strcmp(line->words[i], "}") != 0) {
		if (refit_is_challenge(section, line->words[i]))
			return true;
	}
	return false;
}

bool
refit_has_plain_part(
    const struct refit_section *section, const struct refit_line *line)
{
	size_t i = refit_condition_of(line);
	bool plain = true, in_braces = false;

	if (i >= line->count)
		return false;
	while (++i < line->count) {
		const char *word = line->words[i];

		if (in_braces) {
			in_braces = strcmp(word, "}") != 0;
			continue;
		}
		if (strcasecmp(word, "or") == 0 || strcmp(word, "||") == 0) {
			if (plain)
				return true;
			plain = true;
			continue;
		}
		plain = plain && is_plain(section, line, i);
		in_braces = strcmp(word + strspn(word, "!"), "{") == 0;
	}
	return plain;
}
