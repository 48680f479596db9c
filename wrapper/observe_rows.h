/*
 * observe_rows.h: what observe_judge.c and observe_life.c share: the rows that
 * judge one observation. Nobody else includes it.
 */
#ifndef WRAPPER_OBSERVE_ROWS_H
#define WRAPPER_OBSERVE_ROWS_H

#include "wrapper/observe.h"

/* What a row looks at. */
struct view {
	const struct observation *item;
	time_t now_s;
	char *text; /* the phrase */
	size_t size;
	bool life; /* that alone, wherever it is */
};

/* There is no lineage to compare with, or it is out and to be nowhere. */
bool judge_apart(const struct view *view);

/* Does HAProxy have, or would start with, what has expired? */
bool judge_expired_elsewhere(const struct view *view);

/* Rows: how grave it is, and view->text where it is not well. */
enum observe_gravity judge_out_of_time(const struct view *view);
enum observe_gravity judge_held(const struct view *view);
enum observe_gravity judge_late(const struct view *view);
enum observe_gravity judge_not_renewable(const struct view *view);

#endif
