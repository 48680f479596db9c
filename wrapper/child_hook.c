/*
 * child_hook.c: where certhaul-hook is, and the words that it is called with.
 */
#include "wrapper/child.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "wrapper/program.h"

/* "hook -c CONF -v" and the NULL. */
enum { WORDS_OF_OURS = 5 };

static const char doing[] = "calling certhaul-hook";

int
child_hook_path(char *ret, size_t size, struct err *err)
{
	if (program_beside("certhaul-hook", ret, size) ||
	    program_in(CERTHAUL_BINDIR, "certhaul-hook", ret, size) ||
	    program_in_path("certhaul-hook", ret, size))
		return 0;
	return err_set(err, ERR_NOENT, doing, NULL,
	    "none that may be executed is beside certhaul, in " CERTHAUL_BINDIR
	    ", or in PATH; install certhaul whole (make install)");
}

/* Returns owned words (the words themselves are borrowed), or NULL. */
static const char **
hook_argv(const struct command_call *call, const char *path,
    const char *const *arguments, struct err *err)
{
	const char **argv;
	size_t count = 0, more = 0;

	while (arguments[more] != NULL)
		more++;
	argv = calloc(more + WORDS_OF_OURS, sizeof(*argv));
	if (argv == NULL) {
		(void)err_nomem(err, doing);
		return NULL;
	}
	argv[count++] = path;
	if (call->conf_path != NULL) {
		argv[count++] = "-c";
		argv[count++] = call->conf_path;
	}
	if (call->verbose)
		argv[count++] = "-v";
	memcpy(argv + count, arguments, more * sizeof(*argv));
	return argv;
}

int
child_hook_watched(const struct command_call *call,
    const char *const *arguments, const struct child_watch *watch,
    int *ret_status, struct err *err)
{
	char path[LIMIT_PATH_BYTES];
	const char **argv;
	int rc;

	rc = child_hook_path(path, sizeof(path), err);
	if (rc < 0)
		return rc;
	argv = hook_argv(call, path, arguments, err);
	if (argv == NULL)
		return err->code;
	rc = child_run(argv, watch, ret_status, err);
	free(argv);
	return rc;
}

int
child_hook(const struct command_call *call, const char *const *arguments,
    int *ret_status, struct err *err)
{
	const struct child_watch quiet = {.quiet = true};

	return child_hook_watched(call, arguments,
	    command_has(call, "quiet") ? &quiet : NULL, ret_status, err);
}

int
child_exec_hook(const struct command_call *call, const char *const *arguments,
    struct err *err)
{
	char path[LIMIT_PATH_BYTES];
	char *const *exec_argv;
	const char **argv;
	int rc;

	rc = child_hook_path(path, sizeof(path), err);
	if (rc < 0)
		return rc;
	argv = hook_argv(call, path, arguments, err);
	if (argv == NULL)
		return err->code;
	/* execv() does not write to it; its type is older than const. */
	memcpy(&exec_argv, &argv, sizeof(exec_argv));
	(void)execv(path, exec_argv);
	rc = err_sys(err, doing, path, "execv");
	free(argv);
	return rc;
}
