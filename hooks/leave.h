/*
 * leave.h: a bundle out of HAProxy's memory, and back onto its lists.
 */
#ifndef HOOKS_LEAVE_H
#define HOOKS_LEAVE_H

#include "base/attr.h"
#include "base/err.h"
#include "hooks/item.h"
#include "hooks/site.h"

/*
 * Off every list that process `p` has it on, and then every store of it, since
 * HAProxy deletes none that a list still has; what is not there is passed
 * over. A store that was taken off its list is `touched` from then on. Errors
 * as crtlist_del(), transaction_delete(): the first, and the rest is left.
 */
int leave_process(
    struct item *item, struct site *site, size_t p, struct err *err) MUST_CHECK;

/* So of every process that answers, up to the first error. */
int leave_memory(
    struct item *item, struct site *site, struct err *err) MUST_CHECK;

/*
 * Is there a HAProxy that could not be asked? A socket that is there and does
 * not answer; or one that is not, while an address that serves the bundle takes
 * connections.
 */
bool leave_is_unasked(const struct item *item, const struct site *site);

/*
 * Puts those that are touched back on their lists, of every process that
 * answers, as listing_unlist() has their lines (before listing_relist()).
 * Errors as crtlist_return(): the first; all are tried.
 */
int leave_return(
    struct item *item, struct site *site, struct err *err) MUST_CHECK;

#endif
