/*
 * filter.h: the SNI filters of a crt-list line: for which names of a client
 * HAProxy shows its certificate.
 *
 * A line with filters is for these names, not for those of its certificate
 * (configuration manual, 5.1, crt-list): `a.test`, `*.a.test`, and `!b.a.test`,
 * which takes a name out of a wildcard; `!*` stands for no name at all.
 */
#ifndef HAPROXY_FILTER_H
#define HAPROXY_FILTER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/limits.h"

/*
 * Would a line with `filters` (words, as the line has them) be shown to who
 * asks for `name`? NULL: there are none, so that it is up to the certificate.
 */
bool filter_admits(const char *filters, const char *name);

/* Is `name` one of the words? With no filters (NULL) each is. */
bool filter_has(const char *filters, const char *name);

/*
 * The `n`-th name of `filters` that is no exclusion, from 0, into `ret` of
 * LIMIT_DNS_NAME_BYTES + 1 bytes; false: there are not so many. One that is too
 * long to be a name is passed over.
 */
bool filter_name(const char *filters, size_t n, char *ret);

/* Are they the same words, in the same order? NULL: none. */
bool filter_equal(const char *a, const char *b);

/* How many filter_name() has. */
size_t filter_count(const char *filters);

#endif
