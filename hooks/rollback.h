/*
 * rollback.h: the way back: what was last proved to be served returns, on disk
 * and in memory.
 *
 * That is the bundle which this run replaced, or, where an earlier run had
 * published and never proved that one (it was killed, a reload was due,
 * HAProxy was down), what stood there before: item->fallback.
 */
#ifndef HOOKS_ROLLBACK_H
#define HOOKS_ROLLBACK_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"
#include "hooks/item.h"
#include "hooks/site.h"

/* Is there something to take back? */
bool rollback_possible(const struct item *item);

/*
 * Has the fallback expired, and item->bundle, which is made, not? Then what a
 * client is shown is no reason to go back (what HAProxy would not start with
 * still is). Never where an operator asked for an earlier one: then all is to
 * be as it was.
 */
bool rollback_is_expired(const struct item *item, const struct site *site);

/*
 * The disk's part: the bundle (durable), and the crt-list file. Sets
 * item->rolled_back; item->stranded where it fails. ERR_NOENT: the fallback
 * is in no generation any more; else as install.h.
 */
int rollback_disk(
    struct item *item, struct site *site, struct err *err) MUST_CHECK;

/*
 * The new bundle once more, where going back on the disk did not help: it was
 * not to blame. Only after rollback_disk() of an item that an earlier run
 * published, before its record is saved. ERR_EXISTS: it is nowhere any more,
 * and what was gone back to stays; else as install.h.
 */
int rollback_revoke(
    struct item *item, struct site *site, struct err *err) MUST_CHECK;

/*
 * The disk, then every store on every process. ERR_* where a part failed; the
 * others were restored all the same.
 */
int rollback_all(
    struct item *item, struct site *site, struct err *err) MUST_CHECK;

#endif
