/*
 * subset.h: --allow-subset-of-names: a certificate without the names that the
 * CA could not validate is better than none.
 */
#ifndef ACME_SUBSET_H
#define ACME_SUBSET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/*
 * Takes the names that `why` says could not be validated out of `names`, whose
 * order stays. False, and nothing changed, where it is about something else or
 * no name would be left: then it is a failure.
 */
bool subset_leave_out(const struct err *why, const char **names, size_t *count);

#endif
