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
	 * is passed on; false: keep it back. NULL: streams are inherited. */
	bool (*line)(void *context, const char *line);
	void *context;
};

/*
 * Runs `argv` (argv[0] a path) and waits. SIGINT and SIGTERM reach it through
 * us, so that certbot can clean up; where the child dies of a signal, or we
 * were told to end, ERR_CHILD. `*ret_status`: its exit status, which is no
 * error here. ERR_NOENT, ERR_PERM, ERR_NOMEM, ERR_IO.
 */
int child_run(const char *const *argv, const struct child_watch *watch,
    int *ret_status, struct err *err) MUST_CHECK;

/*
 * The path of certhaul-hook: beside the running program, then
 * CERTHAUL_LIBEXEC-style install directory, then PATH. ERR_NOENT.
 */
int child_hook_path(char *ret, size_t size, struct err *err) MUST_CHECK;

/*
 * Runs certhaul-hook with the call's -c and -v, then `arguments`
 * (NULL-terminated); streams are inherited.
 */
int child_hook(const struct command_call *call, const char *const *arguments,
    int *ret_status, struct err *err) MUST_CHECK;

/*
 * The same in place of ourselves: returns only where that failed.
 */
int child_exec_hook(const struct command_call *call,
    const char *const *arguments, struct err *err) MUST_CHECK;

#endif
