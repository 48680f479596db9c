/*
 * refit_ahead.c: nothing is missing, and yet the challenge does not come
 * through: which rule is ahead of it, and what goes where. For the preflight's
 * advice; what it says is meant to be done to the letter.
 */
#include "wrapper/refit_part.h"

#include <string.h>

#include "haproxy/hacfg.h"

/* The lines that matter; each may be NULL. */
struct ahead {
	enum refit_answer answer;
	const struct refit_section *defaults; /* that hold for the section */
	const struct refit_line *held; /* the first that decides in them */
	const struct refit_line *map; /* answers out of the map */
	const struct refit_line *decider; /* the first one, or the first that
	    changes the path */
	const struct refit_line *redirect; /* the first one, of either kind */
};

/* Could it be the line's doing? */
static bool
is_decider(const struct refit_section *section, const struct refit_line *line,
    enum refit_answer answer)
{
	return refit_may_change(section, line) ||
	    (answer == REFIT_NO_ANSWER ? refit_may_hang(section, line)
				       : refit_may_decide(section, line));
}

/* What the defaults say comes before all that the section says. */
static void
look_ahead(const struct conf *conf, const struct refit_section *defaults,
    bool in_proxy, struct ahead *ret)
{
	ret->defaults = defaults;
	for (size_t i = 1; defaults != NULL && i < defaults->count; i++) {
		const struct refit_line *line = &defaults->lines[i];

		if (refit_is_map_rule(line, conf->challenge.map)) {
			if (in_proxy)
				return;
			continue;
		}
		if (refit_is_allow(defaults, line))
			return;
		if (is_decider(defaults, line, ret->answer)) {
			ret->held = line;
			return;
		}
	}
}

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
		    is_decider(section, line, ret->answer))
			ret->decider = line;
		if (ret->redirect == NULL && refit_is_redirect(line))
			ret->redirect = line;
	}
}

/* The first line of the section that decides, or changes the path. */
static int
put_decider(const struct refit_section *section, const struct ahead *ahead,
    bool in_proxy, struct buf *ret, struct err *err)
{
	const struct refit_line *map = ahead->map, *decider = ahead->decider;
	const char *file = section->file;
	const char *what = refit_may_change(section, decider)
	    ? "changes the path first"
	    : "decides first";

	if (map != NULL && decider->line < map->line)
		return buf_printf(ret, err,
		    "%s:%u, in %s, %s: put the rule that answers out of the "
		    "map (%s:%u) in front of it%s",
		    file, decider->line, section->name, what, file, map->line,
		    in_proxy ? "\n"
			     : ", and between them:\n\thttp-request allow "
			       "if " REFIT_CONDITION "\n");
	if (refit_answers(section, decider))
		return buf_printf(ret, err, "%s:%u, in %s, " REFIT_ANSWERS "\n",
		    file, decider->line, section->name);
	return buf_printf(ret, err,
	    "%s:%u, in %s, %s; in front of it%s:\n"
	    "\thttp-request allow if " REFIT_CONDITION "\n",
	    file, decider->line, section->name, what,
	    map != NULL ? ", and behind the rule that answers out of the map"
			: "");
}

/* The rules of the section itself. */
static int
put(const struct refit_text *text, const struct refit_section *section,
    const struct hacfg_bind *bind, const struct ahead *ahead, bool in_proxy,
    struct buf *ret, struct err *err)
{
	const struct refit_line *map = ahead->map, *decider = ahead->decider;
	const struct refit_line *some = refit_way_of(section).some;
	const char *file = section->file;
	size_t had = ret->len;
	int rc;

	/* `allow` has no effect on a `redirect` line: those come later. */
	if (ahead->answer == REFIT_REDIRECTED && !in_proxy &&
	    ahead->redirect != NULL)
		return buf_printf(ret, err,
		    "%s:%u, in %s, redirects the challenge: " REFIT_EXEMPT "\n",
		    file, ahead->redirect->line, section->name);
	if (decider != NULL &&
	    (!in_proxy || (map != NULL && decider->line < map->line)))
		return put_decider(section, ahead, in_proxy, ret, err);
	rc = refit_put_rejects(
	    text, section, ahead->answer == REFIT_NO_ANSWER, ret, err);
	if (rc < 0 || ret->len > had || ahead->answer == REFIT_NO_ANSWER)
		return rc;
	if (some != NULL && !in_proxy)
		return buf_printf(ret, err,
		    "%s:%u, in %s, leads the challenges of some names to "
		    "backend %s, and this may be one of them: request it with "
		    "--in-proxy, or have that condition leave it alone\n",
		    file, some->line, section->name, refit_word(some, 1));
	return buf_printf(ret, err,
	    "something else decides first: look at the rules of %s (%s:%u) "
	    "and of its backend\n",
	    bind->section, bind->file, bind->line);
}

/* What `lead` sends the challenge to gives no answer. */
static int
put_server(const struct refit_section *section, const struct refit_line *lead,
    const struct refit_led *led, struct buf *ret, struct err *err)
{
	return buf_printf(ret, err,
	    "HAProxy holds the server of %s for down, or gets no answer of "
	    "HTTP from it (503): %s:%u leads there. Look at the words of its "
	    "`server` line, %s, and of what is `default-server` for it\n",
	    refit_word(lead, 1), section->file, lead->line, led->where);
}

/* A rule of the defaults, which may be the one, or one of the section. */
static int
put_held(const struct refit_section *section, const struct ahead *ahead,
    struct buf *ret, struct err *err)
{
	const struct refit_line *held = ahead->held;
	bool changes = refit_may_change(ahead->defaults, held);
	bool may = refit_condition_of(held) < held->count;

	return buf_printf(ret, err,
	    "%s:%u, in %s, %s ahead of every rule of %s, and no line there "
	    "helps the challenge: " REFIT_EXEMPT "\n",
	    ahead->defaults->file, held->line, ahead->defaults->name,
	    changes   ? "may change the path"
		: may ? "may decide"
		      : "decides",
	    section->name);
}

static int
put_cause(const struct refit_text *text, const struct refit_section *section,
    const struct hacfg_bind *bind, const struct ahead *ahead, bool in_proxy,
    struct buf *ret, struct err *err)
{
	const struct refit_line *lead = refit_lead_of(section);
	struct refit_led led = {.port = 0};
	int rc = 0;

	if (ahead->held != NULL) {
		rc = put_held(section, ahead, ret, err);
		if (rc < 0 || ahead->decider == NULL)
			return rc;
	}
	if (lead != NULL)
		refit_led_to(text, lead, &led);
	return ahead->answer == REFIT_UNAVAILABLE && !in_proxy &&
		ahead->decider == NULL && led.port > 0
	    ? put_server(section, lead, &led, ret, err)
	    : put(text, section, bind, ahead, in_proxy, ret, err);
}

int
refit_ahead(const struct conf *conf, const struct hacfg_bind *bind,
    bool in_proxy, enum refit_answer answer, struct buf *ret, struct err *err)
{
	const struct refit_section *section;
	struct refit_text text = {NULL, 0};
	struct ahead ahead = {.answer = answer};
	int rc;

	rc = refit_text_read(conf, &text, err);
	if (rc < 0)
		return rc;
	section = refit_section_of(&text, bind);
	if (section != NULL) {
		look_ahead(
		    conf, refit_defaults_of(&text, section), in_proxy, &ahead);
		look(conf, section, &ahead);
		rc =
		    put_cause(&text, section, bind, &ahead, in_proxy, ret, err);
	}
	refit_text_free(&text);
	return rc;
}
