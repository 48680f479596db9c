/*
 * responder.h: a listener where the http-01 client will listen, which knows
 * one path and one answer. For the preflight.
 */
#ifndef WRAPPER_RESPONDER_H
#define WRAPPER_RESPONDER_H

#include "base/attr.h"
#include "base/err.h"

struct responder;

/*
 * Listens on `address` (a number, v4 or v6) and `port`; answers `path` with
 * `body` (both borrowed for its life), everything else with 404. ERR_EXISTS:
 * somebody else listens there. ERR_CONF: no address of this machine. ERR_PERM,
 * ERR_NOMEM, ERR_IO. Returns owned.
 */
int responder_open(const char *address, long port, const char *path,
    const char *body, struct responder **ret, struct err *err) MUST_CHECK;
void responder_close(struct responder *responder);

/* The one descriptor to poll for input; -1 for NULL. */
int responder_fd(const struct responder *responder);

/* Does what can be done without waiting; NULL is a no-op. */
void responder_turn(struct responder *responder);

#endif
