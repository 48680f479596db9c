/*
 * problem.h: what the CA refused, as data: whose concern an error type is,
 * when to try again, and what to do about it (RFC 8555, 6.7; RFC 9773, 7.4).
 */
#ifndef ACME_PROBLEM_H
#define ACME_PROBLEM_H

#include <stdbool.h>

#include "acme/http.h"
#include "acme/wire.h"
#include "base/attr.h"
#include "base/err.h"

enum problem_kind {
	PROBLEM_NONE, /* it was no refusal */
	PROBLEM_OTHER, /* a type that we do not know, or none */
	PROBLEM_ACCOUNT_DOES_NOT_EXIST,
	PROBLEM_ALREADY_REPLACED,
	PROBLEM_ALREADY_REVOKED,
	PROBLEM_BAD_CSR,
	PROBLEM_BAD_NONCE,
	PROBLEM_BAD_PUBLIC_KEY,
	PROBLEM_BAD_REVOCATION_REASON,
	PROBLEM_BAD_SIGNATURE_ALGORITHM,
	PROBLEM_CAA,
	PROBLEM_COMPOUND,
	PROBLEM_CONFLICT,
	PROBLEM_CONNECTION,
	PROBLEM_DNS,
	PROBLEM_EXTERNAL_ACCOUNT_REQUIRED,
	PROBLEM_INCORRECT_RESPONSE,
	PROBLEM_INVALID_CONTACT,
	PROBLEM_INVALID_PROFILE,
	PROBLEM_MALFORMED,
	PROBLEM_ORDER_NOT_READY,
	PROBLEM_RATE_LIMITED,
	PROBLEM_REJECTED_IDENTIFIER,
	PROBLEM_SERVER_INTERNAL,
	PROBLEM_TLS,
	PROBLEM_UNAUTHORIZED,
	PROBLEM_UNSUPPORTED_CONTACT,
	PROBLEM_UNSUPPORTED_IDENTIFIER,
	PROBLEM_USER_ACTION_REQUIRED,
	PROBLEM_KINDS
};

enum problem_retry {
	PROBLEM_RETRY_NOW, /* with the nonce that came along */
	PROBLEM_RETRY_WAIT, /* when Retry-After says so */
	PROBLEM_RETRY_RUN, /* not in this run; the next may fare better */
	PROBLEM_RETRY_MENDED, /* only once the operator has mended it */
};

/* Of a document with this type: the whole URN counts (8555, 6.7). */
enum problem_kind problem_kind(const char *type);

/* The URN of a kind; "" for the first two. Static storage. */
const char *problem_urn(enum problem_kind kind);

/*
 * When to try again. `http` is the reply that brought it: a rate limit without
 * a Retry-After that sends the operator to a URL is a pause of the CA's (Let's
 * Encrypt), which waiting does not end. A 429 or 503 is a rate limit whatever
 * its type is.
 */
enum problem_retry problem_retry(enum problem_kind kind,
    const struct wire_problem *problem, const struct http_reply *http);

/* Says it nothing of what was asked for, which may fare better later? */
bool problem_is_passing(enum problem_kind kind, long http_status) MUST_CHECK;

/* What it is about: the names of its subproblems where it has them, or `on`. */
const char *problem_on(const struct wire_problem *problem, const char *on);

/*
 * The failure in words, with what to do about it: ERR_REFUSED_INPUT where the
 * operator must mend something, else ERR_REFUSED_CA. `http` is NULL where the
 * problem was part of an object: what is to be mended may differ. Returns the
 * code.
 */
int problem_err(const struct wire_problem *problem,
    const struct http_reply *http, const char *doing, const char *on,
    struct err *err);

#endif
