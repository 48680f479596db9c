/*
 * detach.h: a lineage that is gone, or about to go: its bundle leaves HAProxy
 * and the disk.
 *
 * Only what certhaul installed is ever removed, and HAProxy never loses a
 * certificate without which it would not start: the file is hidden first,
 * `haproxy -c` has its say, then memory and disk let go.
 */
#ifndef HOOKS_DETACH_H
#define HOOKS_DETACH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"
#include "hooks/deploy.h"
#include "hooks/report.h"
#include "hooks/site.h"

struct detach_options {
	bool by_name; /* asked for; the lineages may still be there */
	bool revoked; /* ... and the CA has revoked them */
	/* ... or "revoke" or "delete", which is begun with that; or NULL */
	const char *removal;
	bool dry_run; /* print what would be done */
};

/*
 * Detaches the lineages `names[which[i]]` (`which` NULL: the first `count`),
 * with one `haproxy -c` and at most one reload for all of them. One that is
 * refused is as it was. What goes wrong with one is in the report; an error
 * here ends the run.
 */
int detach_run(struct site *site, const struct deploy_name *names,
    const size_t *which, size_t count, const struct detach_options *options,
    struct report *report, struct err *err) MUST_CHECK;

#endif
