/*
 * observations.h: observations that are made up, for what judges and shows
 * them: the clock stands at OBSERVATIONS_NOW_S.
 */
#ifndef TESTS_UNIT_OBSERVATIONS_H
#define TESTS_UNIT_OBSERVATIONS_H

#include "wrapper/observe.h"
#include "wrapper/status.h"

enum {
	OBSERVATIONS_DAY_S = 24 * 60 * 60,
	OBSERVATIONS_NOW_S = 1800000000, /* 2027-01-15T08:00:00Z */
	OBSERVATIONS_MOST = 8,
};

/* One that is well in all places, 60 of its 90 days left. Borrows. */
struct observation observations_well(const char *name);

/* Moves its end to so many seconds from now; its life stays as long. */
void observations_left(struct observation *item, long left_s);

/* A view of `count` of them: HAProxy and certbot are well. */
struct observations_view {
	struct observation items[OBSERVATIONS_MOST];
	const struct observation *shown[OBSERVATIONS_MOST];
	struct observed observed;
	struct status_view view;
};
void observations_view(struct observations_view *ret,
    const struct observation *items, size_t count, unsigned width);

#endif
