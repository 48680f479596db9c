/*
 * process.h: which HAProxy answers on a socket.
 */
#ifndef HAPROXY_PROCESS_H
#define HAPROXY_PROCESS_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"
#include "haproxy/socket.h"

struct process {
	struct socket_peer peer;
	int version[3]; /* 2.6.12 */
	long pid; /* of the worker that answers */
	long start_s; /* now less Uptime_sec: tells reused pids apart */
};

/*
 * Asks `path` who it is: on a worker's socket `show info`; where that says
 * it is a master (or does not know the command), `@1 show info`. ERR_DOWN,
 * ERR_PERM, ERR_TIMEOUT, ERR_SYNTAX (an answer that is not HAProxy's).
 */
int process_probe(const char *path, struct process *ret, struct err *err)
    MUST_CHECK;

/* Is it at least version `major`.`minor`? */
bool process_at_least(const struct process *process, int major, int minor);

/*
 * The identity of all workers as one word for records, "PID:START,...",
 * into `ret`; start times within 2 s of each other count as equal when
 * compared by process_identity_equal().
 */
void process_identity(const struct process *processes, size_t count, char *ret,
    size_t size);
bool process_identity_equal(const char *a, const char *b);

#endif
