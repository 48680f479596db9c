/*
 * child.h: the programs that certhaul hands the work to, and that speak to the
 * operator by themselves: the engine and certhaul-hook.
 *
 * Unlike lib/base/proc, which captures, the child here has our environment
 * (certbot's plugins, proxies and REQUESTS_CA_BUNDLE need it), our stdin where
 * asked, and its words go where ours go.
 */
#ifndef WRAPPER_CHILD_H
#define WRAPPER_CHILD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/conf.h"
#include "base/err.h"
#include "wrapper/command.h"

struct child_watch {
	/* Sees each line (without its newline) of stdout and stderr, before it
	 * is passed on; false: keep it back. May be NULL. */
	bool (*line)(void *context, const char *line);
	/* Called when a line has been passed on; may be NULL. */
	void (*passed)(void *context);
	void *context;
	bool quiet; /* nothing of stdout is passed on */
	/* It is to come to its end: what tells us to end is not passed on, and
	 * waits, where the caller holds it back (base/hold.h), for the child,
	 * too. */
	bool finish;
};

/*
 * Runs `argv` (argv[0] a path) with umask 022 and waits; `watch` NULL: its
 * streams are ours. It is in our process group, so the terminal's ^C and ^Z
 * reach it by themselves; a SIGINT, SIGTERM or SIGHUP that was sent to us alone
 * is passed on. We wait in each case, so that certbot can clean up; then
 * ERR_STOPPED. ERR_CHILD: it died of a signal by itself. `*ret_status`: its
 * exit status, which is no error here. ERR_NOENT, ERR_PERM, ERR_NOMEM, ERR_IO.
 */
int child_run(const char *const *argv, const struct child_watch *watch,
    int *ret_status, struct err *err) MUST_CHECK;

/* Why it tried nothing, where it ends with COMMAND_EXIT_LOCKED. */
#define CHILD_HOOK_LOCKED "as another certhaul has the lock (see above)"

/*
 * The path of certhaul-hook: beside the running program, then where make
 * install puts it, then PATH. ERR_NOENT.
 */
int child_hook_path(char *ret, size_t size, struct err *err) MUST_CHECK;

/*
 * Runs certhaul-hook with the call's -c and -v, then `arguments`
 * (NULL-terminated); streams are inherited, but for its stdout where the call
 * has --quiet.
 */
int child_hook(const struct command_call *call, const char *const *arguments,
    int *ret_status, struct err *err) MUST_CHECK;

/* The same, watched (NULL: it is not). */
int child_hook_watched(const struct command_call *call,
    const char *const *arguments, const struct child_watch *watch,
    int *ret_status, struct err *err) MUST_CHECK;

/*
 * The same in place of ourselves: returns only where that failed.
 */
int child_exec_hook(const struct command_call *call,
    const char *const *arguments, struct err *err) MUST_CHECK;

#endif
