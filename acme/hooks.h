/*
 * hooks.h: certbot's hooks, in certbot's order, with certbot's environment and
 * de-duplication (contract certbot.md, "How a hook is run", "Environment").
 *
 * A hook is a shell command line by its nature: it is what the operator wrote,
 * run by /bin/sh -c as certbot does. Nothing from the network is ever in it;
 * what a CA says reaches a hook through the environment alone.
 */
#ifndef ACME_HOOKS_H
#define ACME_HOOKS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"

enum hooks_kind { HOOKS_PRE, HOOKS_DEPLOY, HOOKS_POST, HOOKS_KINDS };

struct hooks; /* what one process has run so far, and what post owes */

/*
 * `directory`: also those in config_dir/renewal-hooks. `dry_run`: deploy hooks
 * are skipped (and said so) unless `run_deploy_hooks`.
 */
struct hooks_policy {
	const char *config_dir;
	bool directory, dry_run, run_deploy_hooks;
	void *context; /* of say() */
	void (*say)(void *context, const char *line); /* what certbot prints */
};
int hooks_new(const struct hooks_policy *policy, struct hooks **ret,
    struct err *err) MUST_CHECK;
void hooks_free(struct hooks *hooks);

/* --no-validate... : does the command's program exist and may it be run? */
int hooks_check(
    const char *option, const char *command, struct err *err) MUST_CHECK;

/* Directory hooks, then `command` (NULL: none); each command once a process. */
int hooks_pre(
    struct hooks *hooks, const char *command, struct err *err) MUST_CHECK;

/* After a lineage was made or renewed: once each. */
int hooks_deploy(struct hooks *hooks, const char *command, const char *lineage,
    const char *const *names, size_t count, struct err *err) MUST_CHECK;

/*
 * `renewing`: kept for the end of the run (hooks_flush()), each command once;
 * else run at once.
 */
int hooks_post(struct hooks *hooks, const char *command, bool renewing,
    struct err *err) MUST_CHECK;

/* The end of renew: what post owes, with RENEWED_ and FAILED_DOMAINS. */
int hooks_flush(struct hooks *hooks, const char *renewed, const char *failed,
    struct err *err) MUST_CHECK;

/*
 * A manual hook: `environment` is "NAME=value" pairs, NULL-terminated, laid
 * over our own. Its stdout (stripped) into `ret_output`. A status other than 0
 * is a warning, as with certbot.
 */
int hooks_manual(struct hooks *hooks, const char *what, const char *command,
    const char *const *environment, struct buf *ret_output,
    struct err *err) MUST_CHECK;

#endif
