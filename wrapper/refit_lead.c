/*
 * refit_lead.c: which use_backend of a frontend takes challenges already, and
 * whether it is for them alone. A part of refit_find().
 */
#include "wrapper/refit_part.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Does the use_backend line take the challenge? */
static bool
leads(const struct refit_section *section, const struct refit_line *line)
{
	return refit_is_challenge(section, refit_word(line, 1)) ||
	    refit_is_for_challenge(section, line);
}

bool
refit_is_other_path(const struct refit_line *line, size_t i)
{
	static const char *const fetches[] = {"path", "path_beg", "path_dir"};
	const char *fetch = refit_word(line, i);
	bool found = false;

	for (size_t j = 0; j < COUNT_OF(fetches); j++)
		found |= strcmp(fetch, fetches[j]) == 0;
	if (!found)
		return false;
	while (++i < line->count && strcmp(line->words[i], "}") != 0) {
		const char *path = line->words[i];

		if (strcmp(path, "-i") != 0 &&
		    (*path != '/' ||
			strncmp(path, REFIT_PATH, strlen(path)) == 0 ||
			refit_is_path(path)))
			return false;
	}
	return true;
}

/* Is `name` an ACL of one line, of such paths? */
static bool
is_other_acl(const struct refit_section *section, const char *name)
{
	const struct refit_line *found = NULL;

	for (size_t i = 1; i < section->count; i++) {
		const struct refit_line *line = &section->lines[i];

		if (strcmp(line->words[0], "acl") != 0 ||
		    strcmp(refit_word(line, 1), name) != 0)
			continue;
		if (found != NULL)
			return false;
		found = line;
	}
	return found != NULL && refit_is_other_path(found, 2);
}

bool
refit_is_on_other_path(
    const struct refit_section *section, const struct refit_line *line)
{
	size_t i = refit_condition_of(line) + 1;
	bool others = false;

	for (; i < line->count; i = refit_term_after(line, i)) {
		const char *word = line->words[i];

		if (refit_is_or(word))
			return false;
		others |= strcmp(word, "{") == 0
		    ? refit_is_other_path(line, i + 1)
		    : is_other_acl(section, word);
	}
	return others;
}

bool
refit_is_for_others(
    const struct refit_section *section, const struct refit_line *line)
{
	size_t i = refit_condition_of(line);

	return strcmp(refit_word(line, i), "if") == 0 &&
	    refit_is_on_other_path(section, line);
}

bool
refit_may_lead(
    const struct refit_section *section, const struct refit_line *line)
{
	return strcmp(line->words[0], "use_backend") == 0 &&
	    (leads(section, line) ||
		(!refit_spares(section, line) &&
		    !refit_is_for_others(section, line)));
}

/* As refit_whose(), together with the leads in front of it. */
static enum refit_whose
whose_by(const struct refit_section *section, const struct refit_line *line)
{
	enum refit_whose whose = refit_whose(section, line);

	if (whose != REFIT_WHOSE_NAMES && whose != REFIT_WHOSE_UNCLEAR)
		return whose;
	for (size_t i = 1; i < section->count; i++) {
		const struct refit_line *before = &section->lines[i];

		if (before->line <= line->line &&
		    strcmp(before->words[0], "use_backend") == 0 &&
		    leads(section, before) &&
		    refit_completes(section, line, before))
			return REFIT_WHOSE_ALL;
	}
	return whose;
}

bool
refit_leads_some(
    const struct refit_section *section, const struct refit_line *line)
{
	return strcmp(line->words[0], "use_backend") == 0 &&
	    leads(section, line) &&
	    refit_whose(section, line) != REFIT_WHOSE_NONE;
}

/* Takes a use_backend that leads challenges; `other` may be in front of it. */
static void
take_lead(const struct refit_section *section, const struct refit_line *line,
    const struct refit_line *other, struct refit_way *way, struct refit_way *up)
{
	enum refit_whose whose = whose_by(section, line);

	if (whose == REFIT_WHOSE_NONE)
		return;
	if (whose == REFIT_WHOSE_UP && up->lead == NULL) {
		*up = *way;
		up->lead = line;
		up->ahead = other;
	}
	way->ahead = other;
	if (whose == REFIT_WHOSE_ALL) {
		way->lead = line;
		return;
	}
	way->some = line;
	if (whose != REFIT_WHOSE_NAMES && way->unclear == NULL)
		way->unclear = line;
}

struct refit_way
refit_way_of(const struct refit_section *section)
{
	const struct refit_line *other = NULL;
	struct refit_way way = {.lead = NULL}, up = {.lead = NULL};

	for (size_t i = 1; i < section->count && way.lead == NULL; i++) {
		const struct refit_line *line = &section->lines[i];

		if (strcmp(line->words[0], "use_backend") != 0)
			continue;
		if (leads(section, line)) {
			take_lead(section, line, other, &way, &up);
			continue;
		}
		if (refit_condition_of(line) >= line->count)
			break;
		if (other == NULL && refit_may_lead(section, line))
			other = line;
	}
	/* While its servers are up nothing comes to default_backend. */
	if (way.lead == NULL && up.lead != NULL && way.some == up.lead)
		return up;
	if (way.lead == NULL && way.some == NULL)
		way.ahead = other;
	return way;
}

const struct refit_line *
refit_lead_of(const struct refit_section *section)
{
	struct refit_way way = refit_way_of(section);

	return way.lead != NULL ? way.lead : way.some;
}

/* "server NAME ADDRESS", "server-template NAME 1-3 ADDRESS" */
const char *
refit_server_address(const struct refit_line *line)
{
	if (strcmp(line->words[0], "server") == 0)
		return refit_word(line, 2);
	return strcmp(line->words[0], "server-template") == 0
	    ? refit_word(line, 3)
	    : NULL;
}

bool
refit_is_server(const struct refit_line *line)
{
	if (refit_server_address(line) == NULL)
		return false;
	for (size_t i = 3; i < line->count; i++) {
		if (strcmp(line->words[i], "backup") == 0)
			return false;
	}
	return true;
}

/* How many servers it is: a template's "3", or "2-4". */
static long
servers_of(const struct refit_line *line)
{
	char *end = NULL;
	long first;

	if (!refit_is_server(line))
		return 0;
	if (strcmp(line->words[0], "server") == 0)
		return 1;
	first = strtol(refit_word(line, 2), &end, 10);
	return *end == '-' ? strtol(end + 1, NULL, 10) - first + 1 : first;
}

/* Has the line a path of the challenge from word `i` on, and no other one? */
static bool
is_narrow(const struct refit_line *line, size_t i)
{
	bool found = false;

	for (; i < line->count; i++) {
		bool is_ours = refit_is_path(line->words[i]);

		found |= is_ours;
		if (!is_ours && line->words[i][0] == '/')
			return false;
	}
	return found;
}

/* Is the condition, which has the challenge, true for other requests, too? */
static bool
is_wide(const struct refit_section *section, const struct refit_line *line)
{
	size_t i = refit_condition_of(line);

	/* `unless A B` is `if !A or !B`. */
	if (strcmp(refit_word(line, i), "unless") == 0 &&
	    refit_term_after(line, i + 1) < line->count)
		return true;
	for (; i < line->count; i++) {
		const char *word = line->words[i];

		if (strcasecmp(word, "or") == 0 || strcmp(word, "||") == 0 ||
		    (*word == '/' && !is_narrow(line, i)))
			return true;
		for (size_t j = 1; j < section->count; j++) {
			const struct refit_line *acl = &section->lines[j];

			if (strcmp(acl->words[0], "acl") == 0 &&
			    strcmp(refit_word(acl, 1), word) == 0 &&
			    refit_is_challenge(section, word) &&
			    !is_narrow(acl, 2))
				return true;
		}
	}
	return false;
}

/* Does the line send to `backend`, or may it, what is no challenge? */
static bool
sends_other(const struct refit_section *section, const struct refit_line *line,
    const char *backend)
{
	const char *name = refit_word(line, 1);

	if (strcmp(name, backend) != 0 && strstr(name, "%[") == NULL)
		return false;
	if (strcmp(line->words[0], "default_backend") == 0)
		return true;
	if (strcmp(line->words[0], "use_backend") != 0)
		return false;
	return !leads(section, line) || is_wide(section, line);
}

bool
refit_is_named(const struct refit_section *section, const char *backend)
{
	return (refit_is(section, "backend") || refit_is(section, "listen")) &&
	    strcmp(refit_word(&section->lines[0], 1), backend) == 0;
}

bool
refit_is_shared(const struct refit_text *text, const char *backend)
{
	long servers;

	for (size_t i = 0; i < text->count; i++) {
		const struct refit_section *section = &text->sections[i];
		bool own = refit_is_named(section, backend);

		if (own && refit_is(section, "listen"))
			return true;
		servers = 0;
		for (size_t j = 1; j < section->count; j++) {
			const struct refit_line *line = &section->lines[j];

			if (sends_other(section, line, backend))
				return true;
			servers += own ? servers_of(line) : 0;
			if (servers > 1)
				return true;
		}
	}
	return false;
}
