/*
 * flush.h: the one reload for everything that waits for it.
 */
#ifndef HOOKS_FLUSH_H
#define HOOKS_FLUSH_H

#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"
#include "hooks/deploy.h"
#include "hooks/report.h"
#include "hooks/site.h"

/*
 * `haproxy -c`, one reload, then memory and handshakes for the lineages
 * `names[which[i]]`, which the report has as ITEM_QUEUED so far. A
 * configuration that HAProxy refuses, or a bundle that is not what a client is
 * shown then, puts the earlier bundles back. What goes wrong is in the report;
 * an error here ends the run.
 */
int flush_run(struct site *site, const struct deploy_name *names,
    const size_t *which, size_t count, struct report *report,
    struct err *err) MUST_CHECK;

#endif
