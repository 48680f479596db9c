/*
 * responder.h: answers http-01 validations (RFC 8555, 8.3) on sockets that
 * were bound before privileges went: several tokens at once, several
 * connections at once (a CA looks from several places), IPv4 and IPv6.
 */
#ifndef ACME_RESPONDER_H
#define ACME_RESPONDER_H

#include <stddef.h>

#include "acme/loop.h"
#include "base/attr.h"
#include "base/err.h"

struct responder;

/*
 * Serves on `listeners` (borrowed; made non-blocking) while the loop runs.
 * Anything but a token that was added, and "/" as certbot has it, is answered
 * with 404. At most LIMIT_RESPONDER_CONNECTIONS: a further one ends the oldest,
 * so that silent ones cannot keep the CA out.
 */
int responder_new(struct loop *loop, const int *listeners, size_t count,
    struct responder **ret, struct err *err) MUST_CHECK;
void responder_free(struct responder *responder);

/* Answers for `token` with `answer` from here on. ERR_LIMIT, ERR_NOMEM. */
int responder_add(struct responder *responder, const char *token,
    const char *answer, struct err *err) MUST_CHECK;

/* ... no more. */
void responder_remove(struct responder *responder, const char *token);

/* How often a token was asked for and answered. */
unsigned responder_served(const struct responder *responder);

/*
 * Becomes true when the CA has fetched every answer and for
 * LIMIT_RESPONDER_QUIET_MS nobody has come for one: it may well be done.
 */
const bool *responder_settled(const struct responder *responder);

#endif
