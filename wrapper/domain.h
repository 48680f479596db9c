/*
 * domain.h: names as an operator types them -> names as a CA wants them.
 */
#ifndef WRAPPER_DOMAIN_H
#define WRAPPER_DOMAIN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"

/*
 * `typed` in lower-case ASCII into `ret` of `size` bytes: IDNA 2008 with the
 * mapping of UTS 46 (libidn2), a dot at the end left out, `*.` in front kept
 * where `wildcard`. ERR_USAGE says what is wrong and what would do: an address,
 * a URL, a port, a single label, a bad label, a wildcard without dns-01.
 */
int domain_ascii(const char *typed, bool wildcard, char *ret, size_t size,
    struct err *err) MUST_CHECK;

/* The lineage's name that certbot would give: the first without `*.`. */
void domain_lineage_name(const char *first, char *ret, size_t size);

#endif
