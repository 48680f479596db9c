/*
 * observe_judge.c: from four observations to one phrase. A table with a row a
 * problem, first what the others follow from: one rule says whether a lineage
 * is well, what is off with it, and how grave that is. All rows are looked at:
 * the first of the gravest is told.
 */
#include "wrapper/observe_rows.h"

#include <stdio.h>
#include <string.h>

static const struct observe_at *
at(const struct view *view, enum observe_place place)
{
	return &view->item->at[place];
}

static bool
is_off(enum observe_verdict verdict)
{
	switch (verdict) {
	case OBSERVE_ABSENT:
	case OBSERVE_OTHER:
	case OBSERVE_BROKEN: return true;
	case OBSERVE_UNKNOWN:
	case OBSERVE_SAME:
	case OBSERVE_VERDICTS: break;
	}
	return false;
}

bool
judge_apart(const struct view *view)
{
	return view->item->gone || (view->item->out && !view->life) ||
	    is_off(at(view, OBSERVE_LINEAGE)->verdict);
}

static enum observe_gravity
lineage_is_off(const struct view *view)
{
	const struct observe_at *lineage = at(view, OBSERVE_LINEAGE);

	if (view->item->gone) {
		(void)snprintf(view->text, view->size,
		    "the lineage is gone; \"certhaul deploy\" removes what is "
		    "left of it");
		return OBSERVE_WARNING;
	}
	if (!is_off(lineage->verdict))
		return OBSERVE_WELL;
	if (lineage->verdict == OBSERVE_ABSENT &&
	    *view->item->obstacle != '\0') {
		(void)snprintf(
		    view->text, view->size, "%s", view->item->obstacle);
		return observation_is_stub(view->item) ? OBSERVE_WARNING
						       : OBSERVE_CRITICAL;
	}
	(void)snprintf(view->text, view->size, "%s%s",
	    view->item->odd ? "" : "the lineage cannot be read: ",
	    lineage->why);
	return OBSERVE_CRITICAL;
}

static enum observe_gravity
is_out(const struct view *view)
{
	if (!view->item->out)
		return OBSERVE_WELL;
	if (*view->item->begun != '\0') {
		(void)snprintf(view->text, view->size,
		    "a %s of it was begun and has not come to its end: "
		    "\"certhaul %s %s\" again, or, to have it served, "
		    "\"certhaul deploy %s\"",
		    view->item->begun, view->item->begun, view->item->name,
		    view->item->name);
		return OBSERVE_CRITICAL;
	}
	(void)snprintf(view->text, view->size,
	    view->item->revoked
		? "revoked, and not deleted: \"certhaul delete %s\""
		: "detached by hand; \"certhaul deploy %s\" brings it back",
	    view->item->name);
	return OBSERVE_WARNING;
}

static enum observe_gravity
has_failed(const struct view *view)
{
	const struct observation *item = view->item;

	if (item->failures == 0 || (item->out && !item->gone))
		return OBSERVE_WELL;
	(void)snprintf(view->text, view->size, "failed %u time%s: %s",
	    item->failures, item->failures == 1 ? "" : "s", item->failure);
	return OBSERVE_CRITICAL;
}

static enum observe_gravity
waits_for_reload(const struct view *view)
{
	if (!view->item->reload_due || judge_apart(view))
		return OBSERVE_WELL;
	(void)snprintf(view->text, view->size,
	    "installed; waits for a reload (\"certhaul deploy\")");
	return judge_expired_elsewhere(view) ? OBSERVE_CRITICAL
					     : OBSERVE_WARNING;
}

/* "the bundle has an older certificate", "it is not in HAProxy's memory". */
static enum observe_gravity
place_is_off(const struct view *view, enum observe_place place,
    const char *what, const char *absent)
{
	const struct observe_at *here = at(view, place);
	time_t lineage_s = view->item->not_after_s;

	if (judge_apart(view) || observation_is_held_at(view->item, here))
		return OBSERVE_WELL;
	switch (here->verdict) {
	case OBSERVE_ABSENT:
		(void)snprintf(view->text, view->size, "%s%s%s", absent,
		    *here->why != '\0' ? ": " : "", here->why);
		return OBSERVE_CRITICAL;
	case OBSERVE_OTHER:
		(void)snprintf(view->text, view->size,
		    "%s has %s certificate%s%s", what,
		    here->not_after_s != 0 && here->not_after_s < lineage_s
			? "an older"
			: "another",
		    *here->why != '\0' ? ": " : "", here->why);
		return OBSERVE_CRITICAL;
	case OBSERVE_BROKEN:
		(void)snprintf(view->text, view->size, "%s is broken: %s", what,
		    here->why);
		return OBSERVE_CRITICAL;
	case OBSERVE_UNKNOWN:
	case OBSERVE_SAME:
	case OBSERVE_VERDICTS: break;
	}
	return OBSERVE_WELL;
}

static enum observe_gravity
bundle_is_off(const struct view *view)
{
	return place_is_off(view, OBSERVE_BUNDLE, "the bundle",
	    "there is no bundle; \"certhaul deploy\" makes it");
}

static enum observe_gravity
memory_is_off(const struct view *view)
{
	return view->item->reload_due
	    ? OBSERVE_WELL /* it follows from that */
	    : place_is_off(view, OBSERVE_MEMORY, "HAProxy's memory",
		  "not in HAProxy's memory");
}

static enum observe_gravity
wire_is_off(const struct view *view)
{
	if (view->item->untold && !judge_apart(view) &&
	    at(view, OBSERVE_WIRE)->verdict == OBSERVE_OTHER) {
		(void)snprintf(view->text, view->size,
		    "not served yet: HAProxy is not told (haproxy.update is "
		    "\"none\"), so reload it");
		return judge_expired_elsewhere(view) ? OBSERVE_CRITICAL
						     : OBSERVE_WARNING;
	}
	return view->item->reload_due
	    ? OBSERVE_WELL /* as above */
	    : place_is_off(view, OBSERVE_WIRE, "the handshake",
		  "no handshake could be made");
}

/* Nothing that is looked at tells whether it is served. */
static bool
is_unseen(const struct observation *item)
{
	return item->at[OBSERVE_MEMORY].verdict == OBSERVE_UNKNOWN &&
	    item->at[OBSERVE_WIRE].verdict == OBSERVE_UNKNOWN;
}

static enum observe_gravity
is_unproved(const struct view *view)
{
	if (!view->item->unproved || !is_unseen(view->item))
		return OBSERVE_WELL;
	(void)snprintf(view->text, view->size,
	    "not known to be served: HAProxy's memory is not read, and no "
	    "handshake has proved it; \"certhaul status %s\" makes one",
	    view->item->name);
	return OBSERVE_WARNING;
}

typedef enum observe_gravity (*const problem)(const struct view *view);

static problem problems[] = {
    lineage_is_off,
    is_out,
    judge_out_of_time,
    judge_held,
    has_failed,
    bundle_is_off,
    waits_for_reload,
    memory_is_off,
    wire_is_off,
    is_unproved,
    judge_late,
    judge_not_renewable,
};

static problem problems_of_life[] = {
    lineage_is_off,
    judge_out_of_time,
    judge_late,
    judge_not_renewable,
};

/* The gravest of them, the first where several are; and its phrase. */
static enum observe_gravity
judge_by(problem *rows, size_t count, const struct observation *item,
    time_t now_s, char *ret, size_t size)
{
	enum observe_gravity gravest = OBSERVE_WELL;
	char text[OBSERVE_PROBLEM_BYTES];
	const struct view view = {
	    item, now_s, text, sizeof(text), rows == problems_of_life};

	*ret = '\0';
	for (size_t i = 0; i < count; i++) {
		enum observe_gravity gravity = rows[i](&view);

		if (gravity <= gravest)
			continue;
		gravest = gravity;
		(void)snprintf(ret, size, "%.*s", (int)size - 1, text);
	}
	return gravest;
}

static enum observe_gravity
judge(const struct observation *item, time_t now_s, char *ret, size_t size)
{
	return judge_by(problems, COUNT_OF(problems), item, now_s, ret, size);
}

bool
observation_ok(const struct observation *item, time_t now_s)
{
	return observation_gravity(item, now_s) == OBSERVE_WELL;
}

void
observation_problem(
    const struct observation *item, time_t now_s, char *ret, size_t size)
{
	(void)judge(item, now_s, ret, size);
}

enum observe_gravity
observation_gravity(const struct observation *item, time_t now_s)
{
	char text[64];

	return judge(item, now_s, text, sizeof(text));
}

enum observe_gravity
observation_life(
    const struct observation *item, time_t now_s, char *ret, size_t size)
{
	return judge_by(problems_of_life, COUNT_OF(problems_of_life), item,
	    now_s, ret, size);
}

bool
observation_is_held_at(
    const struct observation *item, const struct observe_at *at)
{
	return item->held && at->verdict == OBSERVE_OTHER &&
	    (*item->held_serial == '\0' ||
		strcmp(at->serial, item->held_serial) == 0);
}

bool
observation_served(const struct observation *item)
{
	enum observe_verdict memory = item->at[OBSERVE_MEMORY].verdict;
	enum observe_verdict wire = item->at[OBSERVE_WIRE].verdict;

	/* Without a socket of HAProxy's, the wire alone is known; or nothing,
	 * and the bundle that was proved last is still there. */
	return !is_off(memory) && !is_off(wire) &&
	    (!is_unseen(item) ||
		(item->vouched &&
		    item->at[OBSERVE_BUNDLE].verdict == OBSERVE_SAME));
}
