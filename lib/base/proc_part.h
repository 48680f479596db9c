/*
 * proc_part.h: what proc.c (a child's life) and proc_start.c (its beginning)
 * share.
 */
#ifndef BASE_PROC_PART_H
#define BASE_PROC_PART_H

#include <stdint.h>
#include <sys/types.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/proc.h"

enum { PROC_STREAMS = 2 }; /* stdout, stderr */

/* A child under way. */
struct proc_child {
	const char *name; /* argv[0] */
	const struct proc_options *options;
	pid_t pid;
	int pid_fd; /* readable once it has ended; -1 on an old kernel */
	int fds[PROC_STREAMS]; /* of its streams; -1 after their end */
	int64_t until_ms;
};

/*
 * Looks `name` up in the fixed PATH; `path` has LIMIT_PATH_BYTES. ERR_NOENT,
 * ERR_LIMIT.
 */
int proc_find(const char *name, char *path, struct err *err) MUST_CHECK;

/*
 * Starts `path`; name and options of `child` are set already. Returns once exec
 * has succeeded or failed.
 */
int proc_start(const char *path, const char *const *argv,
    struct proc_child *child, struct err *err) MUST_CHECK;

/* Closes what is open of the two, which may be -1. */
void proc_close(int *fds);

/* Waits for the end of `pid`, signals or not. */
void proc_reap(pid_t pid, int *ret_status);

#endif
