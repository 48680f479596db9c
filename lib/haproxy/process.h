/*
 * process.h: which HAProxy answers on a socket.
 */
#ifndef HAPROXY_PROCESS_H
#define HAPROXY_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "base/attr.h"
#include "base/err.h"
#include "haproxy/socket.h"

/* How long we wait for it; 0 in a member means the default. */
struct process_patience {
	long answer_ms; /* an answer: LIMIT_CLI_TIMEOUT_MS */
	long commit_ms; /* one that may yield: LIMIT_CLI_COMMIT_TIMEOUT_MS */
	long foreign_ms; /* another's open transaction, in total: 2 s */
	long pause_ms; /* the longest pause between two tries: 250 ms */
};

struct process {
	struct socket_peer peer;
	int version[3]; /* 2.6.12 */
	long pid; /* of the worker that answers */
	long listener; /* of who opened the socket (socket_listener()) */
	long start_s; /* tells reused pids apart ... */
	long start_off_s; /* ... and what it may be off */
	size_t bufsize; /* 0: process_learn_bufsize() was not told */
	struct process_patience patience;
};

/*
 * Asks `path` who it is. `@1 show info` first: a worker does not know "@1",
 * while `show info` alone could one day be answered by a master for itself;
 * then, on a worker's socket, `show info`. ERR_DOWN, ERR_PERM, ERR_TIMEOUT,
 * ERR_SYNTAX (an answer that is not HAProxy's).
 */
int process_probe(
    const char *path, struct process *ret, struct err *err) MUST_CHECK;

/* The same with a patience, which the result keeps. */
int process_probe_patient(const char *path,
    const struct process_patience *patience, struct process *ret,
    struct err *err) MUST_CHECK;

/*
 * The same where somebody waits for it: LIMIT_OBSERVE_MS for this answer. What
 * is asked for later may be long, so the result has the usual patience.
 */
int process_probe_soon(
    const char *path, struct process *ret, struct err *err) MUST_CHECK;

/*
 * Asks the socket of `known` once more, as the kind that it was: one question
 * in place of two. Errors as process_probe().
 */
int process_again(const struct process *known, struct process *ret,
    struct err *err) MUST_CHECK;

/* Does another of these sockets lead to the same worker, and has the level? */
bool process_is_led(
    const struct process *process, const char *const *sockets, size_t count);

/*
 * Does its socket let through what changes certificates, or is its level too
 * low: ERR_PERM says which it needs. Changes nothing. ERR_* as process_probe().
 */
int process_check_level(
    const struct process *process, struct err *err) MUST_CHECK;

/*
 * Its variable `name` (of letters, digits and `_`, at most 255 bytes), as it
 * tells it, into `ret` of `size` bytes, up to the end of its first line;
 * `*ret_set`: it has one. ERR_* as process_probe().
 */
int process_variable(const struct process *process, const char *name, char *ret,
    size_t size, bool *ret_set, struct err *err) MUST_CHECK;

/*
 * Which files of configuration it was started with (HAPROXY_CFGFILES), one
 * after the other with a `;` between, into `ret` of `size` bytes; "" where it
 * does not tell. ERR_* as process_probe().
 */
int process_files(const struct process *process, char *ret, size_t size,
    struct err *err) MUST_CHECK;

/*
 * Its tune.bufsize, by the size of its buffers (`show pools`): unlike the
 * configuration's, which it may not have read. Not told where buffers share the
 * pool of something else that is as large.
 */
void process_learn_bufsize(struct process *process);

/* It has read what was not changed after the first of them, nothing since the
 * second. */
time_t process_read_s(const struct process *process);
time_t process_unread_s(const struct process *process);

/*
 * "2.6.12-1+deb12u4", "3.5-dev3" (NULL: none) into `version`: up to three
 * numbers, what lacks is left as it was. -1: it is no version.
 */
int process_read_version(const char *text, int version[3]) MUST_CHECK;

/* Is it at least version `major`.`minor`? */
bool process_at_least(const struct process *process, int major, int minor);

/* The process that started `pid`; 0: not known. */
long process_parent(long pid);

/*
 * Do both sockets lead to one worker? Its pid and its start are not enough, as
 * two containers may have workers that are alike in both: who opened the
 * sockets has to be one process too, or a master and its worker.
 */
bool process_is_same(const struct process *a, const struct process *b);

/*
 * The identity of all workers as one word for records, "PID:START,...", each
 * once (process_is_same()), into `ret`;
 * "" where it does not fit into `size` bytes. Start times within 2 s of each
 * other count as equal when compared by process_identity_equal(), to which ""
 * equals nothing.
 */
void process_identity(
    const struct process *processes, size_t count, char *ret, size_t size);
bool process_identity_equal(const char *a, const char *b);

#endif
