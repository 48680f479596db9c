/*
 * reload_part.h: what reload.c shares with reload_master.c. Nobody else
 * includes it.
 */
#ifndef HAPROXY_RELOAD_PART_H
#define HAPROXY_RELOAD_PART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"

#define RELOAD_DOING "reloading HAProxy"

enum {
	RELOAD_WORKERS = 64, /* that one look keeps */
	RELOAD_PAUSE_MS = 25, /* between two looks */
	RELOAD_SETTLE_MS = 3000, /* a master that counts no failures: how
	    long without a new worker means that there is none */
};

/* What `show proc` says (management guide, 9.4). */
struct reload_master {
	long reloads; /* of the master, failed ones too */
	long failed; /* in a row; -1: it does not count them */
	long workers[RELOAD_WORKERS]; /* current, not old ones */
	size_t worker_count;
};

/*
 * Reads an answer to `show proc`: the columns are found by the heading, for
 * 2.4 has one more. ERR_SYNTAX where it is no such answer.
 */
int reload_master_parse(const char *text, const char *path,
    struct reload_master *ret, struct err *err) MUST_CHECK;

/* Asks the master at `path`. Errors as socket_ask(), and ERR_SYNTAX. */
int reload_master_look(
    const char *path, struct reload_master *ret, struct err *err) MUST_CHECK;

/*
 * `reload`, then waits until it is decided. ERR_HAPROXY: the new worker did
 * not start and the old one goes on; ERR_TIMEOUT past `deadline_ms`.
 */
int reload_master_run(const char *path, const struct reload_master *before,
    int64_t deadline_ms, struct err *err) MUST_CHECK;

/*
 * HAProxy's ALERT lines out of its start-up log, without their heads, as one
 * line into `ret`; where there is none, the last line.
 */
void reload_alerts(const char *log, char *ret, size_t size);

#endif
