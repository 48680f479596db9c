/*
 * observe_whole.c: what can be told of a lineage, or of all of them, without a
 * word on why.
 */
#include "wrapper/observe.h"

bool
observation_is_stub(const struct observation *item)
{
	return !item->gone && *item->obstacle != '\0' &&
	    item->at[OBSERVE_LINEAGE].verdict == OBSERVE_ABSENT &&
	    item->at[OBSERVE_BUNDLE].verdict == OBSERVE_ABSENT;
}

bool
observed_ok(const struct observed *observed, time_t now_s)
{
	for (size_t i = 0; i < observed->count; i++) {
		if (!observation_ok(&observed->items[i], now_s))
			return false;
	}
	return observed->haproxy.up == observed->haproxy.sockets;
}
