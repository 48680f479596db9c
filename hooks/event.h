/*
 * event.h: what certhaul-hook was called for.
 *
 * The kind comes from the argument, or from the directory the program was
 * started from (renewal-hooks/deploy/certhaul-hook), never from the
 * environment: certbot's own environment keeps RENEWED_* and CERTBOT_* of
 * earlier hooks (contract "Environment").
 */
#ifndef HOOKS_EVENT_H
#define HOOKS_EVENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"
#include "cert/lineage.h"

enum event_kind {
	EVENT_DEPLOY,
	EVENT_PRE,
	EVENT_POST,
	EVENT_DETACH,
	EVENT_ROLLBACK,
	EVENT_AUTH,
	EVENT_CLEANUP,
	EVENT_HELP,
	EVENT_VERSION,
	EVENT_KINDS
};

struct event {
	enum event_kind kind;
	const char *conf_path; /* -c, or NULL */
	bool verbose, all, force, dry_run, revoked;
	const char *const *names; /* lineages on the command line */
	size_t name_count;
	const char *removal; /* what a detach is the first step of; or NULL */
	long to; /* the generation to go back to; 0: not given */
	bool renewed; /* RENEWED_LINEAGE is what is to be deployed ... */
	struct lineage_ref lineage; /* ... namely this ... */
	char **domains; /* ... with these names, NULL-terminated; or NULL */
};

/*
 * Reads the command line (`argv` is borrowed for the event's life) and, for
 * deploy without names, RENEWED_LINEAGE and RENEWED_DOMAINS through `get_env`
 * (getenv, or a test's). ERR_USAGE says what was expected.
 */
int event_read(int argc, char **argv, char *(*get_env)(const char *),
    struct event *ret, struct err *err) MUST_CHECK;
void event_free(struct event *event);

/* The usage text; static storage. */
const char *event_usage(void);

#endif
