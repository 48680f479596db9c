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

/* How long a new worker may take until nobody reaches the old one. */
enum { PROVE_PATIENCE_NONE = 0, PROVE_PATIENCE_RELOAD_MS = 5000 };

/*
 * Shakes hands for every name of the bundle. A mismatch rolls back what this
 * run changed (disk and memory; after a reload the disk alone) and names the bundle that took the name; what
 * could not be tried at all leaves the bundle in place. How it ended is in
 * the item. It is tried again for `patience_ms`.
 */
void prove_wire(struct item *item, struct site *site, long patience_ms);

#endif
