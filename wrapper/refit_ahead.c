/*
 * refit_ahead.c: nothing is missing, and yet the challenge does not come
 * through: which rule is ahead of it, and what goes where. For the preflight's
 * advice; what it says is meant to be done to the letter.
 */
#include "wrapper/refit_part.h"

#include <string.h>

#include "haproxy/hacfg.h"

/* Could the rule, where its condition holds, decide on a challenge? */
static bool
may_decide(const struct refit_section *section, const struct refit_line *line)
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

/* The lines that matter; each may be NULL. */
struct ahead {
	const struct refit_line *map; /* answers out of the map */
	const struct refit_line *decider; /* the first one */
	const struct refit_line *redirect; /* the first one, of either kind */
};

static void
look(const struct conf *conf, const struct refit_section *section,
    struct ahead *ret)
{
	bool allowed = false;
	size_t i;

	for (i = 1; i < section->count; i++) {
		const struct refit_line *line = &section->lines[i];

		if (refit_is_map_rule(line, conf->challenge.map)) {
			if (ret->map == NULL)
				ret->map = line;
			continue;
		}
		allowed |= refit_is_allow(section, line);
		if (ret->decider == NULL && !allowed &&
		    may_decide(section, line))
			ret->decider = line;
		if (ret->redirect == NULL && refit_is_redirect(line))
			ret->redirect = line;
	}
}

static int
put(const struct refit_section *section, const struct hacfg_bind *bind,
    const struct ahead *ahead, bool in_proxy, bool redirected, struct buf *ret,
    struct err *err)
{
	const struct refit_line *map = ahead->map, *decider = ahead->decider;
	const char *file = section->file;

	/* `allow` has no effect on a `redirect` line: those come later. */
	if (redirected && !in_proxy && ahead->redirect != NULL)
		return buf_printf(ret, err,
		    "%s:%u, in %s, redirects the challenge: its condition is "
		    "to leave it alone, by `unless " REFIT_CONDITION
		    "`, or `!" REFIT_CONDITION "` in each part of its `if`\n",
		    file, ahead->redirect->line, section->name);
	if (decider != NULL && map != NULL && decider->line < map->line)
		return buf_printf(ret, err,
		    "%s:%u, in %s, decides first: put the rule that answers "
		    "out of the map (%s:%u) in front of it%s",
		    file, decider->line, section->name, file, map->line,
		    in_proxy ? "\n"
			     : ", and between them:\n\thttp-request allow "
			       "if " REFIT_CONDITION "\n");
	if (decider != NULL && !in_proxy)
		return buf_printf(ret, err,
		    "%s:%u, in %s, decides first; in front of it%s:\n"
		    "\thttp-request allow if " REFIT_CONDITION "\n",
		    file, decider->line, section->name,
		    map != NULL ? ", and behind the rule that answers out of "
				  "the map"
				: "");
	return buf_printf(ret, err,
	    "something else decides first: look at the rules of %s (%s:%u) "
	    "and of its backend\n",
	    bind->section, bind->file, bind->line);
}

int
refit_ahead(const struct conf *conf, const struct hacfg_bind *bind,
    bool in_proxy, bool redirected, struct buf *ret, struct err *err)
{
	const struct refit_section *section;
	struct refit_text text = {NULL, 0};
	struct ahead ahead = {NULL, NULL, NULL};
	int rc;

	rc = refit_text_read(conf, &text, err);
	if (rc < 0)
		return rc;
	section = refit_section_of(&text, bind);
	if (section != NULL) {
		look(conf, section, &ahead);
		rc = put(section, bind, &ahead, in_proxy, redirected, ret, err);
	}
	refit_text_free(&text);
	return rc;
}
