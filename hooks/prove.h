/*
 * prove.h: is what was deployed what is in memory, and what a client is shown?
 */
#ifndef HOOKS_PROVE_H
#define HOOKS_PROVE_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"
#include "hooks/item.h"
#include "hooks/site.h"

/*
 * Compares memory with the bundle for every item that was applied. Where a
 * reload came in between, the new worker may have read the old file (hazard
 * H4): such items are applied again; what still differs then is rolled back.
 * How each ended is in the item; an error is one that concerns all.
 */
int prove_memory(struct item *const *items, size_t count, struct site *site,
    struct err *err) MUST_CHECK;

/* Does any process that has the bundle hold another leaf, as last seen? */
bool prove_differs(const struct item *item, const struct site *site);

/*
 * Shakes hands for every name of the bundle. A mismatch rolls back (disk and
 * memory; after a reload the disk alone), unless what was there before has
 * expired, and names the bundle that took the name; what could not be tried at
 * all leaves the bundle in place. How it ended is in the item. What is wrong is
 * looked at again while site->patience_ms lasts, as a reload may be under way,
 * with many handshakes once another certificate was shown (shake.h); once only
 * where it is to be spared.
 */
void prove_wire(struct item *item, struct site *site);

#endif
