/*
 * refit_http.c: a plain http frontend: does a challenge come to its answer,
 * out of the map or from a listener? A part of refit_find().
 */
#include "wrapper/refit_part.h"

#include <stdio.h>
#include <string.h>

/* Would a challenge end at this rule, or pass by all that follow? */
static bool
is_final(const struct refit_section *section, const struct refit_line *line)
{
	return refit_may_allow(section, line) ||
	    refit_stops(section, line) == REFIT_HOLD_ALL ||
	    (refit_is_redirect(line) && refit_may_decide(section, line));
}

/*
 * Where a rule for requests goes: in front of the first of them, else behind
 * the rules for connections and in front of what is decided later.
 */
static unsigned
rule_line(const struct refit_section *section)
{
	static const char *const later[] = {"redirect", "use_backend",
	    "use-server", "default_backend", "http-response", "server",
	    "server-template"};
	const struct refit_line *line;
	unsigned found = refit_end_of(section), connections = 0;
	size_t i, j;

	line = refit_line_of(section, "http-request", NULL);
	if (line != NULL)
		return line->line;
	for (i = 1; i < section->count; i++) {
		line = &section->lines[i];
		if (strncmp(line->words[0], "tcp-", 4) == 0)
			connections = line->line + 1;
		for (j = 0; j < COUNT_OF(later); j++) {
			if (strcmp(line->words[0], later[j]) == 0 &&
			    line->line < found)
				found = line->line;
		}
	}
	return found > connections ? found : connections;
}

/* Does it answer out of the map, with nothing final in front of that? */
static bool
has_map_rule(const struct refit_section *section, const char *map)
{
	for (size_t i = 1; i < section->count; i++) {
		if (refit_is_map_rule(&section->lines[i], map))
			return true;
		if (is_final(section, &section->lines[i]))
			break;
	}
	return false;
}

static int
find_map_rule(struct refit_work *work, const struct refit_section *section,
    struct err *err)
{
	const char *map = work->conf->challenge.map;
	struct buf rule = BUF_INIT(LIMIT_HACFG_LINE_BYTES);
	int rc;

	if (*map == '\0' || has_map_rule(section, map))
		return 0;
	rc = refit_map_rule(work->conf, &rule, err);
	if (rc == 0)
		rc = refit_add(work, REFIT_MAP_RULE, section,
		    rule_line(section), false, buf_text(&rule), err);
	buf_free(&rule);
	return rc;
}

/*
 * Is the line (NULL: any redirect of the section) edited? Defaults may hold for
 * several frontends.
 */
static bool
is_edited(const struct refit_work *work, const struct refit_section *section,
    const struct refit_line *line)
{
	for (size_t i = 0; i < work->refit->count; i++) {
		const struct refit_edit *edit = &work->refit->edits[i];

		if (edit->item == REFIT_REDIRECT &&
		    (line == NULL || edit->line == line->line) &&
		    strcmp(edit->section, section->name) == 0 &&
		    strcmp(edit->file, section->file) == 0)
			return true;
	}
	return false;
}

/* The ACL, and one note, come only where a line is changed. */
static int
exempt_line(struct refit_work *work, const struct refit_section *section,
    const struct refit_line *line, struct err *err)
{
	struct buf raw = BUF_INIT(LIMIT_HACFG_LINE_BYTES);
	struct buf exempt = BUF_INIT(LIMIT_HACFG_LINE_BYTES);
	bool elsewhere = false, again = is_edited(work, section, NULL);
	int rc;

	rc = refit_raw(section->file, line->line, &raw, err);
	if (rc == 0)
		rc = refit_exempt(
		    section, line, buf_text(&raw), false, &exempt, err);
	if (rc < 0 || exempt.len == 0)
		goto out;
	rc = refit_need_elsewhere(work, section, &elsewhere, err);
	if (rc == 0 && elsewhere) {
		buf_reset(&exempt);
		rc = refit_exempt(
		    section, line, buf_text(&raw), true, &exempt, err);
	}
	if (rc == 0)
		rc = refit_add(work, REFIT_REDIRECT, section, line->line, true,
		    buf_text(&exempt), err);
	if (rc == 0 && !again && is_edited(work, section, line))
		rc = refit_note_kept(
		    work, section, line, buf_text(&raw), elsewhere, err);
out:
	buf_free(&exempt);
	buf_free(&raw);
	return rc;
}

/* One that is for challenges is somebody's will. */
static int
note_redirect(struct refit_work *work, const struct refit_section *section,
    const struct refit_line *line, struct err *err)
{
	for (size_t i = 1; i < line->count; i++) {
		if (strcmp(line->words[i], REFIT_ELSEWHERE) == 0)
			return 0;
	}
	/* The preflight, which sees that it does, has words of its own. */
	if ((work->scope & REFIT_SITE) == 0 ||
	    !refit_is_for_challenge(section, line))
		return 0;
	work->refit->stopped = true;
	return refit_note(work, err,
	    "%s:%u, in %s, redirects challenges: they are answered where that "
	    "leads, and those for certificates that are requested here do not "
	    "come to a listener; take it off where nobody answers there",
	    section->file, line->line, section->name);
}

static int
find_redirects(struct refit_work *work, const struct refit_section *section,
    struct err *err)
{
	int rc = 0;

	for (size_t i = 1; i < section->count && rc == 0; i++) {
		const struct refit_line *line = &section->lines[i];

		if (!refit_is_redirect(line) || is_edited(work, section, line))
			continue;
		rc = exempt_line(work, section, line, err);
		if (rc == 0)
			rc = note_redirect(work, section, line, err);
	}
	return rc;
}

/*
 * What its defaults say comes ahead of all that the section says, so that no
 * rule of the section helps: a redirect there is mended, others are noted.
 */
static int
find_held(struct refit_work *work, const struct refit_section *section,
    struct err *err)
{
	const struct refit_section *defaults;
	int rc;

	defaults = refit_defaults_of(&work->text, section);
	if (defaults == NULL)
		return 0;
	rc = find_redirects(work, defaults, err);
	return rc < 0 ? rc : refit_note_held_by(work, section, defaults, err);
}

/* Rules behind a use_backend come before it all the same: HAProxy warns. */
static unsigned
behind_rules(const struct refit_section *section, unsigned line)
{
	static const char *const rules[] = {
	    "tcp-request", "http-request", "redirect"};

	for (size_t i = 1; i < section->count; i++) {
		const struct refit_line *at = &section->lines[i];

		for (size_t j = 0; j < COUNT_OF(rules); j++) {
			if (strcmp(at->words[0], rules[j]) == 0 &&
			    at->line >= line)
				line = at->line + 1;
		}
	}
	return line;
}

/* Where the use_backend for challenges goes; 0: none is needed. */
static unsigned
way_line(const struct refit_section *section, const struct refit_way *way,
    const char *backend)
{
	const struct refit_line *line;

	if (way->ahead != NULL)
		return way->ahead->line;
	if (way->lead != NULL)
		return way->lead->line;
	/* What takes some goes on so. */
	if (way->some != NULL)
		return way->some->line + 1;
	line = refit_line_of(section, "use_backend", NULL);
	if (line != NULL)
		return line->line;
	line = refit_line_of(section, "default_backend", NULL);
	if ((line != NULL && strcmp(refit_word(line, 1), backend) == 0) ||
	    strcmp(refit_word(&section->lines[0], 1), backend) == 0)
		return 0;
	return line == NULL ? refit_end_of(section)
			    : behind_rules(section, line->line);
}

/*
 * Some challenges go where another line leads them, and ours cannot tell which:
 * it is not to be in front of that, nor of what is ahead.
 */
static int
note_behind(struct refit_work *work, const struct refit_section *section,
    const struct refit_way *way, const char *backend, struct err *err)
{
	const struct refit_line *ahead = way->ahead, *some = way->some;

	work->refit->stopped = true;
	return refit_note(work, err,
	    "%s:%u, in %s, leads some challenges to backend %s, by a condition "
	    "that tells no names to be left out: they go on so, and those "
	    "that %s:%u takes ahead of it, too. Put `use_backend %s if "
	    "... " REFIT_CONDITION "` in front of that for names that are "
	    "requested here",
	    section->file, some->line, section->name, refit_word(some, 1),
	    section->file, ahead->line, backend);
}

/* Whether the names of certhaul come through is not known, now and later. */
static int
note_unclear(struct refit_work *work, const struct refit_section *section,
    const struct refit_line *line, struct err *err)
{
	work->refit->stopped = true;
	return refit_note(work, err,
	    "%s:%u, in %s, leads challenges to backend %s wherever its "
	    "condition holds, which is about more than their names: those do "
	    "not come to certhaul; take it off where nobody answers there, or "
	    "request with --in-proxy",
	    section->file, line->line, section->name, refit_word(line, 1));
}

/* Where the lead leads to others, too, that stays as it is. */
static int
find_way(struct refit_work *work, const struct refit_section *section,
    const struct refit_way *way, const char *backend, struct err *err)
{
	const struct refit_line *lead = way->lead;
	const char *led = lead == NULL ? "" : refit_word(lead, 1);
	bool ours = strcmp(led, backend) == 0, elsewhere, known;
	struct refit_way behind = *way;
	char text[LIMIT_ERR_ON_BYTES];
	unsigned line;
	int rc = 0;

	if (way->unclear != NULL && (work->scope & REFIT_SITE) != 0)
		rc = note_unclear(work, section, way->unclear, err);
	if (rc == 0 && refit_is_in_front(section, way, &known) && !known) {
		rc = note_behind(work, section, way, backend, err);
		behind.ahead = NULL;
		way = &behind;
	}
	if (rc < 0 || (ours && way->ahead == NULL))
		return rc;
	if (lead != NULL && !ours && !refit_is_shared(&work->text, led))
		return refit_note_lead(work, section, lead, err);
	line = way_line(section, way, backend);
	if (line == 0)
		return 0;
	rc = refit_need_elsewhere(work, section, &elsewhere, err);
	(void)snprintf(text, sizeof(text), "use_backend %.200s if %s%s",
	    backend, REFIT_CONDITION, elsewhere ? " !" REFIT_ELSEWHERE : "");
	if (rc == 0 && lead != NULL && !ours)
		rc = refit_note(work, err,
		    "%s:%u leads challenges to backend %s, which serves more "
		    "than them and is to stay as it is: they get a backend of "
		    "their own%s",
		    section->file, lead->line, led,
		    elsewhere ? ""
			      : ", and what was renewed by files in a web root "
				"there is to be requested anew");
	if (rc == 0)
		rc = refit_note_taken(work, section, way, line, elsewhere, err);
	return rc < 0 ? rc
		      : refit_add(work, REFIT_USE_BACKEND, section, line, false,
			    text, err);
}

int
refit_find_in(struct refit_work *work, const struct refit_section *section,
    struct err *err)
{
	struct refit_way way = refit_way_of(section);
	const struct refit_section *defaults;
	char backend[256];
	bool answered;
	int rc = 0;

	defaults = refit_defaults_of(&work->text, section);
	answered = defaults != NULL &&
	    has_map_rule(defaults, work->conf->challenge.map);
	if ((work->scope & REFIT_SITE) != 0)
		rc = refit_note_rejects(work, section, err);
	if (rc == 0 && ((work->scope & REFIT_STANDALONE) != 0 || !answered))
		rc = find_held(work, section, err);
	if (rc == 0 && (work->scope & REFIT_MAP) != 0 && !answered)
		rc = find_map_rule(work, section, err);
	if (rc < 0 || (work->scope & REFIT_STANDALONE) == 0)
		return rc;
	rc = find_redirects(work, section, err);
	if (rc == 0 && (work->scope & REFIT_SITE) != 0)
		rc = refit_note_stops(work, section, err);
	if (rc == 0)
		rc = refit_find_backend(
		    work, way.lead, backend, sizeof(backend), err);
	return rc < 0 ? rc : find_way(work, section, &way, backend, err);
}
