/*
 * repair.h: what a killed run left of a lineage, before anything is made of it.
 */
#ifndef ACME_REPAIR_H
#define ACME_REPAIR_H

#include <stdbool.h>

#include "acme/front.h"
#include "base/attr.h"
#include "base/err.h"

/*
 * Goes on with a switch that was left half done (store_repair()), removes an
 * order that has come to its end, and tells the operator and the deploy hooks
 * of what is live now, as the killed run would have; also where the links were
 * switched, but not all those hooks run. `*ret_mended`: there was
 * such a switch, and what was read of the lineage before is old. A dry run
 * leaves everything as it is. Errors as store_repair() and hooks_deploy().
 */
int repair_lineage(struct front *front, const char *name, bool *ret_mended,
    struct err *err) MUST_CHECK;

#endif
