/*
 * refit_stops.c: rules of HAProxy's for requests, which come before any
 * use_backend: those that keep challenges from it. They are their owner's, and
 * what they let pass then is, too: they are noted. A part of refit_find().
 */
#include "wrapper/refit_part.h"

#include <string.h>

/* Is it the path as it was, with a `query` of any kind? */
static bool
keeps_path(const char *path, bool query)
{
	static const char *const whole[] = {"%[path]", "%[pathq]"};

	for (size_t i = 0; i < COUNT_OF(whole); i++) {
		size_t len = strlen(whole[i]);

		if (strncmp(path, whole[i], len) == 0)
			return path[len] == '\0' ||
			    (query && strchr("?&", path[len]) != NULL);
	}
	return false;
}

/* Is the new path of the rule anything, and maybe the old one? */
static bool
is_any_path(const struct refit_line *line)
{
	const char *action = refit_word(line, 1), *path = refit_word(line, 2);

	if (strncmp(action, "set-", 4) != 0)
		return false;
	/* Of a URI what stands behind its host. */
	if (strstr(path, "://") != NULL) {
		for (const char *at = path; at != NULL;
		     at = strstr(at + 1, "%[path"))
			path = at;
	}
	return keeps_path(path, strcmp(action, "set-path") != 0) ||
	    (strncmp(path, "%[", 2) == 0 && strncmp(path, "%[path]", 7) != 0 &&
		strncmp(path, "%[pathq]", 8) != 0);
}

enum refit_hold
refit_stops(const struct refit_section *section, const struct refit_line *line)
{
	if (refit_is_redirect(line) ||
	    (!refit_may_decide(section, line) &&
		(!refit_may_change(section, line) || is_any_path(line))))
		return REFIT_HOLD_UNKNOWN;
	return refit_holds(section, line);
}

/* What is to be known of the rule, behind "FILE:LINE, in SECTION, ". */
static const char *
words_of(const struct refit_section *section, const struct refit_line *line,
    enum refit_hold hold)
{
	if (refit_answers(section, line))
		return REFIT_ANSWERS;
	if (refit_may_change(section, line))
		return "changes the path of challenges, so that none comes to "
		       "a listener: put " REFIT_ALLOW;
	if (hold == REFIT_HOLD_ALL)
		return "decides on challenges, and none comes to a listener: "
		       "put " REFIT_ALLOW;
	return "stops all requests but some, and with them the CA's, unless "
	       "its condition lets them pass: put " REFIT_ALLOW;
}

int
refit_note_stops(struct refit_work *work, const struct refit_section *section,
    struct err *err)
{
	int rc = 0;

	for (size_t i = 1; i < section->count && rc == 0; i++) {
		const struct refit_line *line = &section->lines[i];
		enum refit_hold hold = refit_stops(section, line);

		if (refit_is_allow(section, line))
			break;
		if (hold == REFIT_HOLD_UNKNOWN ||
		    refit_is_map_rule(line, work->conf->challenge.map))
			continue;
		work->refit->stopped = true;
		rc = refit_note(work, err, "%s:%u, in %s, %s", section->file,
		    line->line, section->name, words_of(section, line, hold));
		/* Nothing comes to what is behind it. */
		if (refit_condition_of(line) >= line->count &&
		    refit_may_decide(section, line))
			break;
	}
	return rc;
}

int
refit_note_held_by(struct refit_work *work, const struct refit_section *section,
    const struct refit_section *defaults, struct err *err)
{
	bool site = (work->scope & REFIT_SITE) != 0;

	for (size_t i = 1; i < defaults->count; i++) {
		const struct refit_line *line = &defaults->lines[i];
		enum refit_hold hold = refit_stops(defaults, line);

		if (refit_is_allow(defaults, line))
			break;
		if (hold == REFIT_HOLD_UNKNOWN ||
		    (hold == REFIT_HOLD_MOST && !site) ||
		    refit_is_map_rule(line, work->conf->challenge.map))
			continue;
		work->refit->stopped = true;
		return refit_note(work, err,
		    "%s:%u, in %s, %s ahead of every rule of %s (%s:%u), and "
		    "no line there helps the challenge: " REFIT_EXEMPT,
		    defaults->file, line->line, defaults->name,
		    refit_may_change(defaults, line) ? "changes the path"
						     : "decides",
		    section->name, section->file, section->lines[0].line);
	}
	return 0;
}
