/*
 * leftover.h: does HAProxy go on showing a certificate whose bundle was taken
 * out of it? Somebody may have had it loaded from another file, too.
 */
#ifndef WRAPPER_LEFTOVER_H
#define WRAPPER_LEFTOVER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/conf.h"
#include "base/err.h"
#include "cert/lineage.h"
#include "cert/pki.h"

struct leftover; /* what to look for, once the lineage is no more */

/*
 * Takes down the lineage's certificate, while it is there. Errors of fs_read()
 * and bundle_parse_leaf(); ERR_SYNTAX: there is none in it. Returns owned.
 */
int leftover_new(const struct lineage_ref *ref, struct leftover **ret,
    struct err *err) MUST_CHECK;
void leftover_free(struct leftover *leftover); /* NULL will do */

/* What there is to know of it; borrowed. */
const struct pki_facts *leftover_facts(const struct leftover *leftover);

/*
 * Looks into all stores of each HAProxy that answers, and shakes hands for the
 * names where HAProxy would show the bundle (LIMIT_LOOK_TARGETS in all). True:
 * it is still there, `ret_where` says at which store or address. What cannot
 * be asked holds none.
 */
bool leftover_find(const struct leftover *leftover, const struct conf *conf,
    char *ret_where, size_t size) MUST_CHECK;

#endif
