/*
 * preflight.h: would the CA's question reach us? Asked before the CA is.
 *
 * Puts up a random token where the real one would be (a listener on
 * challenge.address:port, or an entry in HAProxy's map), fetches it through
 * HAProxy's own port 80 front end with each name as the Host, and tells what
 * came back in terms of haproxy.cfg: the line that is missing.
 */
#ifndef WRAPPER_PREFLIGHT_H
#define WRAPPER_PREFLIGHT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/conf.h"
#include "base/err.h"

enum preflight_verdict {
	PREFLIGHT_GOOD,
	PREFLIGHT_NO_FRONTEND, /* no plain http bind in haproxy.cfg */
	PREFLIGHT_AWAY, /* there is, at addresses of another machine now */
	PREFLIGHT_REFUSED, /* nothing listens on port 80 */
	PREFLIGHT_TIMEOUT,
	PREFLIGHT_REDIRECT, /* 30x: the challenge is sent to https */
	PREFLIGHT_NOT_FOUND, /* 404: another backend answered */
	PREFLIGHT_UNAVAILABLE, /* 503: the backend has no server up */
	PREFLIGHT_NO_RULE, /* another status, or another's content: no ACL */
	PREFLIGHT_PORT_TAKEN, /* somebody else listens on challenge.port */
	PREFLIGHT_NO_MAP, /* this HAProxy has not loaded the map */
	PREFLIGHT_VERDICTS
};

struct preflight_result {
	const char *name; /* borrowed from the call */
	enum preflight_verdict verdict;
	char address[300]; /* where it was asked */
	char detail[512]; /* what came back */
	/* Lines for haproxy.cfg, each with its newline, or ""; owned. */
	char *advice; /* NULL: preflight() failed */
	char doubt[512]; /* why "good" may not be what the CA finds; or "" */
};

struct preflight_way {
	bool in_proxy; /* through the map, no listener */
	bool silent; /* HAProxy has just given no answer on any socket: it is
	    not waited for again */
};

/*
 * Asks for each of `count` names.
 * `ret` has room for `count` results; all are filled, also where the first is
 * no good; preflight_free() takes them, on errors as well. Errors are those
 * that keep it from asking at all (ERR_NOMEM, ERR_IO); whatever is off with
 * HAProxy is a verdict.
 */
int preflight(const struct conf *conf, const char *const *names, size_t count,
    const struct preflight_way *way, struct preflight_result *ret,
    struct err *err) MUST_CHECK;

/* The array, too. */
void preflight_free(struct preflight_result *results, size_t count);

/* The verdict's name for a machine ("no-frontend"); static storage. */
const char *preflight_verdict_name(enum preflight_verdict verdict);

#endif
