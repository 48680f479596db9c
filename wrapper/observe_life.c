/*
 * observe_life.c: the rows of observe_judge.c that are about time: has it run
 * out, is it late, can it be renewed, and what of a rollback that holds?
 */
#include "wrapper/observe_rows.h"

#include <stdio.h>

#include "base/clock.h"
#include "cert/due.h"

enum {
	DAY_S = 24 * 60 * 60,
	RENEWED_AT_MOST_S = 30 * DAY_S, /* before its end: certbot to 3.3 */
	SOON_S = 7 * DAY_S, /* so little left is grave, of a long life */
};

static long
days(time_t seconds)
{
	return (long)(seconds / DAY_S);
}

enum observe_gravity
judge_out_of_time(const struct view *view)
{
	const struct observation *item = view->item;
	time_t over_s = view->now_s - item->not_after_s;

	if (item->not_after_s == 0 || judge_apart(view))
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

/* What HAProxy has, or would start with, may be another: the first to end. */
static time_t
first_end_s(const struct view *view)
{
	time_t first_s = 0;

	for (int place = OBSERVE_BUNDLE; place < OBSERVE_PLACES; place++) {
		time_t end_s = view->item->at[place].not_after_s;

		if (end_s != 0 && (first_s == 0 || end_s < first_s))
			first_s = end_s;
	}
	return first_s;
}

bool
judge_expired_elsewhere(const struct view *view)
{
	time_t end_s = first_end_s(view);

	return end_s != 0 && end_s <= view->now_s;
}

/* So little of a life is left that somebody should be woken. */
static bool
is_soon(const struct observation *item, time_t left_s)
{
	time_t life_s = item->not_after_s - item->not_before_s;

	return left_s < SOON_S && left_s < life_s / 10;
}

enum observe_gravity
judge_held(const struct view *view)
{
	time_t left_s = first_end_s(view) - view->now_s;

	if (!view->item->held || judge_apart(view))
		return OBSERVE_WELL;
	if (judge_expired_elsewhere(view)) {
		(void)snprintf(view->text, view->size,
		    "rolled back by hand, to what has expired; \"certhaul "
		    "deploy %s\" ends that",
		    view->item->name);
		return OBSERVE_CRITICAL;
	}
	/* Nobody renews that one. */
	if (is_soon(view->item, left_s)) {
		(void)snprintf(view->text, view->size,
		    "rolled back by hand, to what has %ld day%s left; "
		    "\"certhaul deploy %s\" ends that",
		    days(left_s), days(left_s) == 1 ? "" : "s",
		    view->item->name);
		return OBSERVE_CRITICAL;
	}
	(void)snprintf(view->text, view->size,
	    "rolled back by hand; held until it is renewed");
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
enum observe_gravity
judge_late(const struct view *view)
{
	const struct observation *item = view->item;
	time_t life_s = item->not_after_s - item->not_before_s;
	time_t left_s = item->not_after_s - view->now_s;
	time_t renew_s = item->renew_s, due_s;

	if (item->not_after_s == 0 || judge_apart(view))
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
	return is_soon(item, left_s) ? OBSERVE_CRITICAL : OBSERVE_WARNING;
}

/* Nothing is wrong yet, and will be. */
enum observe_gravity
judge_not_renewable(const struct view *view)
{
	if (*view->item->obstacle == '\0')
		return OBSERVE_WELL;
	(void)snprintf(view->text, view->size, "%s%s",
	    obstacle_words(view->item), view->item->obstacle);
	return OBSERVE_WARNING;
}
