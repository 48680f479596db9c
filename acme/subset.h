/*
 * subset.h: --allow-subset-of-names: a certificate without the names that the
 * CA does not believe, or does not issue for, is better than none.
 */
#ifndef ACME_SUBSET_H
#define ACME_SUBSET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/*
 * Takes the names that the CA's refusal is about out of `names`, whose order
 * stays: the `refused` (by position), and those in `why->on` (of an order's
 * subproblems; of many not all).
 * False, and nothing changed, where it is about something else or no name would
 * be left: then it is a failure.
 */
bool subset_leave_out(const struct err *why, const bool *refused,
    const char **names, size_t *count);

#endif
