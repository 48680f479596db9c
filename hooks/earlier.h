/*
 * earlier.h: the earlier generations of one lineage's bundle: which one an
 * operator goes back to, and the list to choose from.
 */
#ifndef HOOKS_EARLIER_H
#define HOOKS_EARLIER_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "hooks/site.h"

/*
 * Generation `to` of `name`; where that is 0, the newest whose bytes are not
 * what is installed, or, where a rollback came to no end, the one that it was
 * for. ERR_NOENT lists those that there are.
 */
int earlier_choose(struct site *site, const char *name, long to, long *ret,
    struct err *err) MUST_CHECK;

/*
 * Appends a line for what is installed and one for each generation, newest
 * first: number, serial, end, and since when it was installed.
 */
int earlier_list(struct site *site, const char *name, struct buf *ret,
    struct err *err) MUST_CHECK;

#endif
