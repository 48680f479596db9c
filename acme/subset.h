/*
 * subset.h: --allow-subset-of-names: a certificate without the names that the
 * CA does not believe, or does not issue for, is better than none.
 */
#ifndef ACME_SUBSET_H
#define ACME_SUBSET_H

#include <stdbool.h>
#include <stddef.h>

#include "acme/certify.h"
#include "base/attr.h"
#include "base/err.h"

/* Is `name` one of those in `list`, with spaces between? */
bool subset_is_listed(const char *list, const char *name);

/*
 * Takes the names that the CA's refusal is about out of `names`, whose order
 * stays: the `refused` (by position), and those in `why->on` (of an order's
 * subproblems; of many not all).
 * False, and nothing changed, where it is about something else or no name would
 * be left: then it is a failure.
 */
bool subset_leave_out(const struct err *why, const bool *refused,
    const char **names, size_t *count);

/*
 * certify_run() for `names`, which are the caller's own; with
 * --allow-subset-of-names once more without those that the CA refused, and so
 * on. Where an earlier run came to no end after it had handed in an order for
 * fewer names it is for those at once, as the CA may have issued it; for all
 * where that comes to nothing. `names` and `count` are what it was for in the
 * end.
 */
int subset_certify(struct certify *certify, const char **names, size_t *count,
    struct certify_result *ret, struct err *err) MUST_CHECK;

#endif
