/*
 * reload.h: the checked reload: `haproxy -c` first, then the master (or a
 * configured command), then a look at whether a new worker really serves.
 */
#ifndef HAPROXY_RELOAD_H
#define HAPROXY_RELOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/conf.h"
#include "base/err.h"

/*
 * `haproxy -c -f ...` over the configured files. ERR_HAPROXY with HAProxy's
 * own ALERT lines as the detail; ERR_NOENT (no such program).
 */
int reload_check(const struct conf *conf, struct err *err) MUST_CHECK;

/* The same over the file `path` in place of the configured ones. */
int reload_check_file(
    const struct conf *conf, const char *path, struct err *err) MUST_CHECK;

/*
 * Is there a way to reload: a master's socket, or a command that may be run?
 * ERR_CONF, ERR_NOENT, ERR_PERM say what there is not.
 */
int reload_is_possible(const struct conf *conf, struct err *err) MUST_CHECK;

/*
 * May a reload bring in what a socket does not let us change: by
 * haproxy.update, and by reload_is_possible()?
 */
bool reload_stands_in(const struct conf *conf);

/*
 * Reloads: `reload` on the master socket where one answers (2.7 and later:
 * Success=1 or the start-up log; 2.6: an empty reply, then `show proc` is read
 * until a new worker is there or `failed` has grown), otherwise, or where a
 * worker socket is another master's, reload_command; then waits until every
 * configured worker socket that was answered before is answered by another
 * process, and each that somebody was silent at by one that was started since.
 * Call reload_check() first. ERR_HAPROXY (the old worker goes on
 * serving), ERR_TIMEOUT, ERR_CHILD (the command failed, with its words),
 * ERR_DOWN (nothing to reload: neither a master socket nor a command, or the
 * command failed and no socket answers, either).
 */
int reload_run(const struct conf *conf, struct err *err) MUST_CHECK;

/*
 * Waits until no reload is under way, at most `*patience_ms`, and takes off
 * what it took: up to 2.6 the master answers nothing, or nobody listens at its
 * socket, while it reads the configuration anew, and the worker that comes of
 * it has read the disk at some moment before (hazard H4). Where no master's
 * socket is configured or there, that cannot be known and it returns at once.
 */
void reload_settle(const struct conf *conf, int64_t *patience_ms);

#endif
