/*
 * reload.h: the checked reload: `haproxy -c` first, then the master (or a
 * configured command), then a look at whether a new worker really serves.
 */
#ifndef HAPROXY_RELOAD_H
#define HAPROXY_RELOAD_H

#include <stddef.h>

#include "base/attr.h"
#include "base/conf.h"
#include "base/err.h"

/*
 * `haproxy -c -f ...` over the configured files. ERR_HAPROXY with HAProxy's
 * own ALERT lines as the detail; ERR_NOENT (no such program).
 */
int reload_check(const struct conf *conf, struct err *err) MUST_CHECK;

/*
 * Reloads: `reload` on the master socket where one answers (2.7 and later:
 * Success=1 or the start-up log; 2.6: an empty reply, then `show proc` is read
 * until a new worker is there or `failed` has grown), otherwise
 * reload_command; then waits until every configured worker socket is answered
 * by another process than before. Call reload_check() first. ERR_HAPROXY (the
 * old worker goes on serving), ERR_TIMEOUT, ERR_CHILD (the command failed,
 * with its words), ERR_DOWN (neither a master socket nor a command).
 */
int reload_run(const struct conf *conf, struct err *err) MUST_CHECK;

#endif
