/*
 * names.h: which lineages a run is about.
 */
#ifndef HOOKS_NAMES_H
#define HOOKS_NAMES_H

#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"
#include "hooks/deploy.h"
#include "hooks/event.h"
#include "hooks/site.h"

struct names {
	struct deploy_name *items; /* owned, with what they point at */
	size_t count;
	size_t odd; /* lineages that were told of, and cannot be taken */
};

/* Those that a deploy names: by RENEWED_LINEAGE or on the command line. */
int names_of_event(struct site *site, const struct event *event,
    struct names *ret, struct err *err) MUST_CHECK;

/*
 * All: below letsencrypt.config_dir, and those that have a record (gone, or
 * deployed from elsewhere). Those whose names certhaul cannot take are told of
 * and counted. ERR_NOENT where there is no live directory: then
 * nothing can be concluded about what is gone.
 */
int names_of_all(
    struct site *site, struct names *ret, struct err *err) MUST_CHECK;

/* Those with a failure, or a reload, that waits. */
int names_of_waiting(
    struct site *site, struct names *ret, struct err *err) MUST_CHECK;

/* Those whose name another certificate was shown for. */
int names_of_displaced(
    struct site *site, struct names *ret, struct err *err) MUST_CHECK;

/* ERR_NOENT: there is no lineage `name`, and which may be meant. */
int names_unknown(const struct site *site, const char *name, struct err *err);

/* Frees; a zeroed one will do. */
void names_free(struct names *names);

#endif
