/*
 * deploy.h: THE pipeline, over one lineage or over all of them.
 */
#ifndef HOOKS_DEPLOY_H
#define HOOKS_DEPLOY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"
#include "hooks/converge.h"
#include "hooks/report.h"
#include "hooks/site.h"

struct deploy_options {
	struct converge_options converge;
	bool named; /* asked for by name: always look at the wire */
	const char *const *expected; /* RENEWED_DOMAINS of the one lineage */
};

/* A lineage by name; `dir` where it is not below letsencrypt.config_dir. */
struct deploy_name {
	char *name;
	char *dir; /* .../live/NAME, or NULL */
};

/* What is left to others: indexes into the names, room for all of them. */
struct deploy_result {
	size_t *gone, *due;
	size_t gone_count, due_count;
};

/* The lineage that `name` stands for. ERR_USAGE. */
int deploy_ref(const struct site *site, const struct deploy_name *name,
    struct lineage_ref *ret, struct err *err) MUST_CHECK;

/*
 * Converges `count` lineages (borrows) in batches of LIMIT_BATCH: observe,
 * build, validate, stage; one sync; set, publish, commit, while the next batch
 * is being built; compare, shake hands, report. Lineages that are gone are
 * left to detach.h, those that wait for a reload to flush.h: `result` tells
 * which. What goes wrong with one lineage is in the report; an error here is
 * one that ends the run.
 */
int deploy_run(struct site *site, const struct deploy_name *names, size_t count,
    const struct deploy_options *options, struct report *report,
    struct deploy_result *result, struct err *err) MUST_CHECK;

#endif
