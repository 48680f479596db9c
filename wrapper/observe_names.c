/*
 * observe_names.c: the words of observations, as people and machines have them.
 */
#include "wrapper/observe.h"

const char *
observe_place_name(enum observe_place place)
{
	static const char *const names[] = {
	    [OBSERVE_LINEAGE] = "lineage",
	    [OBSERVE_BUNDLE] = "bundle",
	    [OBSERVE_MEMORY] = "memory",
	    [OBSERVE_WIRE] = "wire",
	};
	_Static_assert(COUNT_OF(names) == OBSERVE_PLACES, "a name each");

	return names[place];
}

const char *
observe_verdict_name(enum observe_verdict verdict)
{
	static const char *const names[] = {
	    [OBSERVE_UNKNOWN] = "unknown",
	    [OBSERVE_ABSENT] = "absent",
	    [OBSERVE_SAME] = "same",
	    [OBSERVE_OTHER] = "other",
	    [OBSERVE_BROKEN] = "broken",
	};
	_Static_assert(COUNT_OF(names) == OBSERVE_VERDICTS, "a name each");

	return names[verdict];
}

const char *
observe_gravity_name(enum observe_gravity gravity)
{
	static const char *const names[] = {
	    [OBSERVE_WELL] = "ok",
	    [OBSERVE_WARNING] = "warning",
	    [OBSERVE_CRITICAL] = "critical",
	};
	_Static_assert(COUNT_OF(names) == OBSERVE_GRAVITIES, "a name each");

	return names[gravity];
}
