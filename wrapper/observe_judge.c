/*
 * observe_judge.c: from four observations to one phrase. A table with a row a
 * problem, first what the others follow from: one rule says whether a lineage
 * is well, what is off with it, and how grave that is.
 */
#include "wrapper/observe.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cert/due.h"

enum {
	DAY_S = 24 * 60 * 60,
	RENEWED_AT_MOST_S = 30 * DAY_S, /* before its end: certbot to 3.3 */
	SOON_S = 7 * DAY_S, /* so little left is grave, of a long life */
};

/* What a row looks at. */
struct view {
	const struct observation *item;
	time_t now_s;
	char *text; /* the phrase */
	size_t size;
};

static long
days(time_t seconds)
{
	return (long)(seconds / DAY_S);
}

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
	(void)snprintf(view->text, view->size, "the lineage cannot be read: %s",
	    lineage->why);
	return OBSERVE_CRITICAL;
}

static enum observe_gravity
is_out_of_time(const struct view *view)
{
	const struct observation *item = view->item;
	time_t over_s = view->now_s - item->not_after_s;

	if (item->not_after_s == 0)
		return OBSERVE_WELL;
	if (item->not_before_s > view->now_s) {
		char when[32];

		(void)snprintf(view->text, view->size,
		    "not valid before %s; is the clock right?",
		    clock_iso(item->not_before_s, when, sizeof(when)));
		return OBSERVE_CRITICAL;
	}
	if (over_s < 0)
		return OBSERVE_WELL;
	if (over_s < DAY_S)
		(void)snprintf(view->text, view->size, "expired today");
	else
		(void)snprintf(view->text, view->size, "expired %ld day%s ago",
		    days(over_s), days(over_s) == 1 ? "" : "s");
	return OBSERVE_CRITICAL;
}

/* What HAProxy has, or would start with, is another than the lineage's. */
static bool
is_expired_elsewhere(const struct view *view)
{
	for (int place = 0; place < OBSERVE_PLACES; place++) {
		time_t not_after_s = view->item->at[place].not_after_s;

		if (not_after_s != 0 && not_after_s <= view->now_s)
			return true;
	}
	return false;
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
is_held(const struct view *view)
{
	if (!view->item->held)
		return OBSERVE_WELL;
	if (is_expired_elsewhere(view)) {
		(void)snprintf(view->text, view->size,
		    "rolled back by hand, to what has expired; \"certhaul "
		    "deploy %s\" ends that",
		    view->item->name);
		return OBSERVE_CRITICAL;
	}
	(void)snprintf(view->text, view->size,
	    "rolled back by hand; held until it is renewed");
	return OBSERVE_WARNING;
}

static enum observe_gravity
has_failed(const struct view *view)
{
	const struct observation *item = view->item;

	if (item->failures == 0)
		return OBSERVE_WELL;
	(void)snprintf(view->text, view->size, "failed %u time%s: %s",
	    item->failures, item->failures == 1 ? "" : "s", item->failure);
	return OBSERVE_CRITICAL;
}

static enum observe_gravity
waits_for_reload(const struct view *view)
{
	if (!view->item->reload_due)
		return OBSERVE_WELL;
	(void)snprintf(view->text, view->size,
	    "installed; waits for a reload (\"certhaul deploy\")");
	return is_expired_elsewhere(view) ? OBSERVE_CRITICAL : OBSERVE_WARNING;
}

/* "the bundle has an older certificate", "it is not in HAProxy's memory". */
static enum observe_gravity
place_is_off(const struct view *view, enum observe_place place,
    const char *what, const char *absent)
{
	const struct observe_at *here = at(view, place);
	time_t lineage_s = view->item->not_after_s;

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
	return place_is_off(view, OBSERVE_MEMORY, "HAProxy's memory",
	    "not in HAProxy's memory");
}

static enum observe_gravity
wire_is_off(const struct view *view)
{
	return place_is_off(
	    view, OBSERVE_WIRE, "the handshake", "no handshake could be made");
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

static const char *
obstacle_words(const struct observation *item)
{
	return item->failing ? "its renewal fails: " : "it cannot be renewed: ";
}

/*
 * Late is what even the certbot that waits longest would have renewed, and
 * some days more: a twentieth of the life.
 */
static enum observe_gravity
is_late(const struct view *view)
{
	const struct observation *item = view->item;
	time_t life_s = item->not_after_s - item->not_before_s;
	time_t left_s = item->not_after_s - view->now_s;
	time_t renew_s = item->renew_s, due_s;

	if (item->not_after_s == 0)
		return OBSERVE_WELL;
	/* Where nobody can say when it will be, that is no reason to wait. */
	if (renew_s == 0)
		renew_s = due_by_life(item->not_before_s, item->not_after_s);
	renew_s = due_by_any(renew_s, item->not_before_s, item->not_after_s);
	if (renew_s > view->now_s)
		return OBSERVE_WELL;
	due_s = item->not_after_s - renew_s;
	if (due_s > RENEWED_AT_MOST_S)
		due_s = RENEWED_AT_MOST_S;
	if (left_s > due_s - life_s / 20)
		return OBSERVE_WELL;
	(void)snprintf(view->text, view->size, "%ld day%s left; %s%s",
	    days(left_s), days(left_s) == 1 ? "" : "s",
	    *item->obstacle != '\0' ? obstacle_words(item)
		: item->autorenew   ? "it should have been renewed by now"
				    : "autorenew = False, so nobody renews it",
	    item->obstacle);
	return left_s < SOON_S && left_s < life_s / 10 ? OBSERVE_CRITICAL
						       : OBSERVE_WARNING;
}

/* Nothing is wrong yet, and will be. */
static enum observe_gravity
is_not_renewable(const struct view *view)
{
	if (*view->item->obstacle == '\0')
		return OBSERVE_WELL;
	(void)snprintf(view->text, view->size, "%s%s",
	    obstacle_words(view->item), view->item->obstacle);
	return OBSERVE_WARNING;
}

typedef enum observe_gravity (*const problem)(const struct view *view);

static problem problems[] = {
    lineage_is_off,
    is_out,
    is_out_of_time,
    is_held,
    has_failed,
    bundle_is_off,
    waits_for_reload,
    memory_is_off,
    wire_is_off,
    is_unproved,
    is_late,
    is_not_renewable,
};

static problem problems_of_life[] = {
    lineage_is_off,
    is_out_of_time,
    is_late,
    is_not_renewable,
};

static enum observe_gravity
judge_by(problem *rows, size_t count, const struct view *view)
{
	enum observe_gravity gravity = OBSERVE_WELL;

	*view->text = '\0';
	for (size_t i = 0; gravity == OBSERVE_WELL && i < count; i++)
		gravity = rows[i](view);
	return gravity;
}

static enum observe_gravity
judge(const struct observation *item, time_t now_s, char *ret, size_t size)
{
	const struct view view = {item, now_s, ret, size};

	return judge_by(problems, COUNT_OF(problems), &view);
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
	const struct view view = {item, now_s, ret, size};

	return judge_by(problems_of_life, COUNT_OF(problems_of_life), &view);
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
