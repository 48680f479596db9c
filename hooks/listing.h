/*
 * listing.h: which crt-lists have a bundle: in their files, and in memory.
 *
 * HAProxy tells of a store whether it is used, not by which list, and by which
 * names: that is asked of the list, once a run (site_dump()).
 */
#ifndef HOOKS_LISTING_H
#define HOOKS_LISTING_H

#include "base/attr.h"
#include "base/err.h"
#include "hooks/item.h"
#include "hooks/site.h"

/*
 * Its stores that are out of their lists' files since an earlier run (see
 * unlisted.h), added to those that there are. ERR_NOMEM, ERR_SYNTAX.
 */
int listing_recall(
    struct item *item, struct site *site, struct err *err) MUST_CHECK;

/*
 * Behind a look at the stores: one that is used is not used by a list that does
 * not have it, or not all of its lines. ERR_* of sockets.
 */
int listing_observe(
    struct item *item, struct site *site, struct err *err) MUST_CHECK;

/*
 * Before handshakes: what they ask for are the names that the lists in memory
 * have. Where a file has others by now it is said. ERR_* as above.
 */
int listing_refilter(
    struct item *item, struct site *site, struct err *err) MUST_CHECK;

/* Is it missing in the file of a list that it belongs on? */
bool listing_lacks(const struct item *item);

/*
 * Into the file of the store's list, where it is not there: the lines that it
 * had, else a bare one; not where it may be another list that HAProxy starts
 * with (site->unsure). Errors as crtlist_file_add().
 */
int listing_enter(struct item *item, struct site *site,
    struct item_store *store, struct err *err) MUST_CHECK;

/*
 * Onto the list in the memory of process `p`, with the options that its lines
 * in the file have. What HAProxy will not take there is left to a reload
 * (item->reload, where the configuration allows one). Errors as crtlist_add().
 */
int listing_join(struct item *item, struct site *site, size_t s, size_t p,
    struct err *err) MUST_CHECK;

/*
 * Takes its lines out of the files, so that no reload looks for it (they are
 * kept until they are back), or puts them back where they were, as they were.
 * Errors as crtlist_file_del(), unlisted_save().
 */
int listing_unlist(
    struct item *item, struct site *site, struct err *err) MUST_CHECK;
int listing_relist(
    struct item *item, struct site *site, struct err *err) MUST_CHECK;

/* They are never to be back: nothing of it is kept any longer. */
void listing_forget(struct item *item, struct site *site);

/* The same once each of them is seen in its file. */
void listing_settle(struct item *item, struct site *site);

#endif
