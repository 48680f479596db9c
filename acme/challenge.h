/*
 * challenge.h: the one challenge of an authorization that we answer (RFC 8555,
 * 7.5.1, 8.3, 8.4).
 */
#ifndef ACME_CHALLENGE_H
#define ACME_CHALLENGE_H

#include "acme/exchange.h"
#include "acme/job.h"
#include "acme/responder.h"
#include "acme/wire.h"
#include "base/attr.h"
#include "base/err.h"

struct challenge {
	char url[LIMIT_URL_BYTES];
	char token[LIMIT_TOKEN_BYTES + 1];
	enum wire_status status;
};

/*
 * The one of the job's type; types that we do not know were skipped already.
 * ERR_REFUSED_INPUT: the CA does not offer it for this name (http-01 for a
 * wildcard), ERR_SYNTAX: it has no token.
 */
int challenge_choose(const struct wire_authorization *authorization,
    enum job_challenge kind, struct challenge *ret, struct err *err) MUST_CHECK;

/* "http-01"; static storage. */
const char *challenge_name(enum job_challenge kind);

/*
 * Has the answer put up, by the broker or (`responder` is not NULL) by us.
 * `left`: how many follow.
 */
int challenge_publish(struct exchange *exchange, struct responder *responder,
    const struct challenge *challenge, const char *name, bool wildcard,
    unsigned left, struct err *err) MUST_CHECK;

/* Takes it down; that this fails is told, and no reason to stop. */
int challenge_withdraw(struct exchange *exchange, struct responder *responder,
    const struct challenge *challenge, const char *name, bool wildcard,
    struct err *err) MUST_CHECK;

/*
 * Asks the CA to look (`{}`). One that it is looking at already, which it may
 * answer with a conflict, is well too.
 */
int challenge_respond(struct exchange *exchange,
    const struct challenge *challenge, const char *name,
    struct err *err) MUST_CHECK;

#endif
