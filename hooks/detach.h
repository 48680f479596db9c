/*
 * detach.h: a lineage that is gone: its bundle leaves HAProxy and the disk.
 *
 * Only what certhaul installed is ever removed, and HAProxy never loses a
 * certificate without which it would not start: the file is hidden first,
 * `haproxy -c` has its say, then memory and disk let go.
 */
#ifndef HOOKS_DETACH_H
#define HOOKS_DETACH_H

#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"
#include "hooks/deploy.h"
#include "hooks/report.h"
#include "hooks/site.h"

/*
 * Detaches the lineages `names[which[i]]`, with one `haproxy -c` for all of
 * them. What goes wrong with one is in the report; an error here ends the run.
 */
int detach_run(struct site *site, const struct deploy_name *names,
    const size_t *which, size_t count, struct report *report,
    struct err *err) MUST_CHECK;

#endif
