/*
 * source.h: what a bundle is made from: the lineage, or, where an operator
 * went back, an earlier generation in its place. The rest of the pipeline does
 * not know the difference.
 */
#ifndef HOOKS_SOURCE_H
#define HOOKS_SOURCE_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "hooks/item.h"
#include "hooks/site.h"

/*
 * Makes item->bundle: from the lineage (item->source is then the version that
 * was read); where item->hold, from generation item->generation, or, where
 * that is 0, from the bytes that the record holds on to. Where those are
 * nowhere any more it says so, and item->hold ends. Errors of lineage.h,
 * install.h, bundle.h.
 */
int source_build(
    struct item *item, struct site *site, struct err *err) MUST_CHECK;

/*
 * It was out, and is asked for by its name: ends that on its record, but for
 * `dry_run`. ERR_INVALID: this version is revoked, and nobody forces it. Else
 * as record_save().
 */
int source_release(struct item *item, struct site *site, bool dry_run,
    struct err *err) MUST_CHECK;

/*
 * The newest generation of `name` whose bytes have the SHA-256 `digest`, into
 * `ret` (secret). ERR_NOENT: none has, and `ret` is empty.
 */
int source_find(const struct site *site, const char *name,
    const unsigned char *digest, struct buf *ret, struct err *err) MUST_CHECK;

/* The same, of what is installed or kept. */
int source_read(const struct item *item, const struct site *site,
    const unsigned char *digest, struct buf *ret, struct err *err) MUST_CHECK;

/*
 * Has what is installed the bytes that the record tells? It is looked at only
 * where the last run failed: else the file's identity is enough.
 */
bool source_is_intact(const struct item *item, const struct site *site);

/*
 * By the numbers of their generations: is the lineage's version later than the
 * one that the installed bundle was made from? Not known, so false, where what
 * is installed (item->old_digest) is not what the record has. (A lower number
 * tells nothing: the lineage may have been deleted, and made anew.)
 */
bool source_is_renewed(const struct item *item);

/*
 * Is what is installed somebody else's: neither what we installed, nor made of
 * the same certificate as that or as the new one?
 */
bool source_is_foreign(const struct item *item);

#endif
