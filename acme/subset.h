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
 * Takes the names that the CA's refusal is about (`why->on`: after a failed
 * proof, or of an order's subproblems) out of `names`, whose order stays.
 * False, and nothing changed, where it is about something else or no name would
 * be left: then it is a failure.
 */
bool subset_leave_out(const struct err *why, const char **names, size_t *count);

#endif
