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

struct rlimit; /* <sys/resource.h> */
struct hooks; /* what one process has run so far, and what post owes */

/* How certbot would say a line. */
enum hooks_level {
	HOOKS_INFO, /* logger.info: the log, and the terminal with -v */
	HOOKS_NOTE, /* display_util.notify: stdout, not with -q */
	HOOKS_WARNING, /* logger.warning: stderr, not with -q */
	HOOKS_LEVELS
};

/*
 * `directory`: also those in config_dir/renewal-hooks. `run_deploy_hooks`: also
 * in a dry run. All is borrowed.
 */
struct hooks_policy {
	const char *config_dir;
	bool directory, run_deploy_hooks;
	const struct rlimit *core; /* NULL: ours; see proc.h */
	void *context; /* of say() */
	/* One line of what certbot prints, cleaned, without its newline. */
	void (*say)(void *context, enum hooks_level level, const char *line);
};
int hooks_new(const struct hooks_policy *policy, struct hooks **ret,
    struct err *err) MUST_CHECK;
void hooks_free(struct hooks *hooks);

/*
 * Does the command's program exist, and may it be run? `option` is the one that
 * gave it ("--deploy-hook"). ERR_NOENT, in certbot's words;
 * --disable-hook-validation leaves this out.
 */
int hooks_check(
    const char *option, const char *command, struct err *err) MUST_CHECK;

/*
 * A hook that fails is a warning, said as certbot says it, and no error. What
 * comes back as one is that a hook could not be started at all (ERR_NOMEM,
 * ERR_IO: fork, an environment that is too long) or the directory not be read.
 */

/* Directory hooks, then `command` (NULL: none); each command once a process. */
int hooks_pre(
    struct hooks *hooks, const char *command, struct err *err) MUST_CHECK;

/*
 * After a lineage was made or renewed: each once, with RENEWED_LINEAGE and
 * RENEWED_DOMAINS, which the hooks that follow see as well, as with certbot. In
 * a dry run they are said to be skipped, but where the policy runs them.
 */
int hooks_deploy(struct hooks *hooks, const char *command, const char *lineage,
    const char *const *names, size_t count, bool dry_run,
    struct err *err) MUST_CHECK;

/* `*ret`: would hooks_deploy() run any (but for a dry run)? */
int hooks_has_deploy(const struct hooks *hooks, const char *command, bool *ret,
    struct err *err) MUST_CHECK;

/*
 * `renewing`: kept for the end of the run (hooks_flush()), each command once;
 * else run at once, with the names that were `renewed` (spaces between).
 */
int hooks_post(struct hooks *hooks, const char *command, bool renewing,
    const char *renewed, struct err *err) MUST_CHECK;

/*
 * The end of renew: what post owes, with RENEWED_ and FAILED_DOMAINS, up to
 * 16,000 characters each.
 */
int hooks_flush(struct hooks *hooks, const char *renewed, const char *failed,
    struct err *err) MUST_CHECK;

/*
 * A manual hook: `what` is "manual-auth-hook" or "manual-cleanup-hook".
 * `environment` is "CERTBOT_X=value" (CERTBOT_DOMAIN among them), NULL-
 * terminated: all that there is of CERTBOT_* then, and left for the hooks that
 * follow, as with certbot. Its stdout, stripped, is appended to `ret_output`
 * (NULL: not wanted).
 */
int hooks_manual(struct hooks *hooks, const char *what, const char *command,
    const char *const *environment, struct buf *ret_output,
    struct err *err) MUST_CHECK;

#endif
