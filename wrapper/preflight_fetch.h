/*
 * preflight_fetch.h: the CA's question, asked by ourselves: plain http, no
 * redirect followed, no proxy of the environment's. The one owner of libcurl
 * in wrapper.
 */
#ifndef WRAPPER_PREFLIGHT_FETCH_H
#define WRAPPER_PREFLIGHT_FETCH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"
#include "haproxy/discovery.h"
#include "wrapper/responder.h"

enum preflight_fetch_end {
	PREFLIGHT_FETCH_ANSWERED,
	PREFLIGHT_FETCH_REFUSED, /* nobody listens */
	PREFLIGHT_FETCH_TIMEOUT,
	PREFLIGHT_FETCH_BROKEN, /* hung up, or no HTTP */
	PREFLIGHT_FETCH_ENDS
};

/* One question, and what came of it. */
struct preflight_fetch {
	const char *host; /* borrowed */
	const struct discovery_target *target; /* borrowed */
	enum preflight_fetch_end end;
	bool spared; /* not asked: a timeout, as others had there */
	int status; /* of an answer: 404 */
	char location[256]; /* of a redirect; "" */
	char body[LIMIT_KEYAUTH_BYTES + 1]; /* its beginning */
	size_t body_len; /* of all of it */
	char why[160]; /* libcurl's words, where there is no answer */
};

/*
 * Asks all of them for `path`, many at once, each LIMIT_PREFLIGHT_MS at most,
 * while `beside` (may be NULL) is served; an address that has answered none of
 * those before is given up. Ends early with ERR_CHILD where a
 * signal that the caller holds back is waiting. ERR_NOMEM, ERR_IO.
 */
int preflight_fetch(struct preflight_fetch *asks, size_t count,
    const char *path, struct responder *beside, struct err *err) MUST_CHECK;

#endif
