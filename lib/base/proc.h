/*
 * proc.h: programs that we start, by argv, with a fixed environment or with one
 * that is given.
 */
#ifndef BASE_PROC_H
#define BASE_PROC_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"

struct rlimit; /* <sys/resource.h> */

/* The fixed environment's two. */
#define PROC_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#define PROC_LANG "C.UTF-8"

struct proc_result {
	int exit_status; /* -1 where a signal ended it */
	int signal; /* 0, or that signal */
	bool cut; /* output passed its limit, the rest is lost */
	struct buf output; /* stdout and stderr together; owned */
	struct buf errors; /* stderr, where it is wanted apart; owned */
};

/* How a program is run. Zeroed: as proc_run() does it, without a deadline. */
struct proc_options {
	long timeout_ms; /* 0: it may take as long as it wants */
	/* All of its environment, "NAME=value", NULL-terminated; NULL: PATH
	 * and LANG alone. */
	const char *const *environment;
	/* The operator's own command: our stdin, and our process group, so that
	 * what he types reaches it. */
	bool attended;
	bool apart; /* stderr into result->errors */
	/* RLIMIT_CORE, where ours is none for the child; NULL: ours. */
	const struct rlimit *core;
	size_t output_bytes; /* 0: LIMIT_PROC_OUTPUT_BYTES */
};

/*
 * Runs `argv` (NULL-terminated; argv[0] with a slash is used as it is, else
 * looked up in the fixed PATH), stdin from /dev/null, every other descriptor
 * closed, environment PATH, LANG=C.UTF-8 and nothing else, and waits for it.
 * stdout and stderr are pipes, so a child of it cannot hold certbot's.
 * Past `timeout_ms` it gets SIGTERM, then SIGKILL. A child that ran and failed
 * is no error here: see the result. Errors: ERR_NOENT (no such program),
 * ERR_TIMEOUT, ERR_NOMEM, ERR_IO. `ret` is always to be freed.
 */
int proc_run(const char *const *argv, long timeout_ms, struct proc_result *ret,
    struct err *err) MUST_CHECK;

/*
 * The same with `options`. A child that it leaves behind with stdout open is
 * not waited for.
 */
int proc_run_as(const char *const *argv, const struct proc_options *options,
    struct proc_result *ret, struct err *err) MUST_CHECK;

/*
 * At the start of a program: where whoever started us closed stdin, stdout or
 * stderr, /dev/null takes the place, so that no file, socket or lock of ours
 * gets its number and then what is printed. Where not even that can be had, it
 * ends the program.
 */
void proc_fill_stdio(void);

/*
 * At the end of a program that went well: ERR_IO where not all that it printed
 * got there, as whoever reads it must not take half of it for the whole.
 */
int proc_end_output(struct err *err) MUST_CHECK;

/* Frees what a result holds. */
void proc_result_free(struct proc_result *result);

/*
 * For who forks by itself: the child tells with which errno exec failed, on the
 * close-on-exec pipe `report_fd`, and ends; the parent gets 0 once exec has
 * succeeded, else that errno. Safe after fork.
 */
void proc_exec_failed(int report_fd) __attribute__((noreturn));
int proc_exec_result(int report_fd);

#endif
