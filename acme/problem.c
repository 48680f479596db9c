/*
 * problem.c: the table of the CA's errors. What exchange.c tries again, and
 * what the operator reads, are columns of it.
 */
#include "acme/problem.h"

#include <string.h>

#define URN "urn:ietf:params:acme:error:"

static const struct {
	const char *urn;
	enum problem_retry retry;
	const char *advice;
} kinds[] = {
    [PROBLEM_NONE] = {"", PROBLEM_RETRY_RUN, ""},
    [PROBLEM_OTHER] = {"", PROBLEM_RETRY_RUN, ""},
    [PROBLEM_ACCOUNT_DOES_NOT_EXIST] = {URN "accountDoesNotExist",
	PROBLEM_RETRY_MENDED,
	"the CA does not know this account (any more): register again, or "
	"choose another with --account"},
    [PROBLEM_ALREADY_REPLACED] = {URN "alreadyReplaced", PROBLEM_RETRY_RUN, ""},
    [PROBLEM_ALREADY_REVOKED] = {URN "alreadyRevoked", PROBLEM_RETRY_RUN, ""},
    [PROBLEM_BAD_CSR] = {URN "badCSR", PROBLEM_RETRY_MENDED,
	"the CA does not take such a request: see its rules on names, key "
	"types and sizes"},
    [PROBLEM_BAD_NONCE] = {URN "badNonce", PROBLEM_RETRY_NOW, ""},
    [PROBLEM_BAD_PUBLIC_KEY] = {URN "badPublicKey", PROBLEM_RETRY_MENDED,
	"choose another --key-type, --rsa-key-size or --elliptic-curve"},
    [PROBLEM_BAD_REVOCATION_REASON] = {URN "badRevocationReason",
	PROBLEM_RETRY_MENDED, "choose another --reason"},
    [PROBLEM_BAD_SIGNATURE_ALGORITHM] = {URN "badSignatureAlgorithm",
	PROBLEM_RETRY_MENDED,
	"the CA does not take keys of this account's type"},
    [PROBLEM_CAA] = {URN "caa", PROBLEM_RETRY_MENDED,
	"a CAA record in the DNS forbids this CA to issue: add the CA to it, "
	"or remove it"},
    [PROBLEM_COMPOUND] = {URN "compound", PROBLEM_RETRY_RUN, ""},
    [PROBLEM_CONFLICT] = {URN "conflict", PROBLEM_RETRY_RUN, ""},
    [PROBLEM_CONNECTION] = {URN "connection", PROBLEM_RETRY_MENDED,
	"the CA could not reach the machine that the name points at: check "
	"its addresses (AAAA too) and that port 80 is open to the world"},
    [PROBLEM_DNS] = {URN "dns", PROBLEM_RETRY_MENDED,
	"the CA could not look the name up: check its A, AAAA and, for "
	"dns-01, TXT records, and DNSSEC"},
    [PROBLEM_EXTERNAL_ACCOUNT_REQUIRED] = {URN "externalAccountRequired",
	PROBLEM_RETRY_MENDED,
	"get a key ID and a key from the CA, for --eab-kid and "
	"--eab-hmac-key"},
    [PROBLEM_INCORRECT_RESPONSE] = {URN "incorrectResponse",
	PROBLEM_RETRY_MENDED,
	"something else answered for the name: does the name point at this "
	"machine, and is the challenge's path led here?"},
    [PROBLEM_INVALID_CONTACT] = {URN "invalidContact", PROBLEM_RETRY_MENDED,
	"give another --email"},
    [PROBLEM_INVALID_PROFILE] = {URN "invalidProfile", PROBLEM_RETRY_MENDED,
	"choose another --preferred-profile or --required-profile"},
    [PROBLEM_MALFORMED] = {URN "malformed", PROBLEM_RETRY_RUN, ""},
    [PROBLEM_ORDER_NOT_READY] = {URN "orderNotReady", PROBLEM_RETRY_RUN, ""},
    [PROBLEM_RATE_LIMITED] = {URN "rateLimited", PROBLEM_RETRY_WAIT, ""},
    [PROBLEM_REJECTED_IDENTIFIER] = {URN "rejectedIdentifier",
	PROBLEM_RETRY_MENDED, "this CA does not issue for such a name"},
    [PROBLEM_SERVER_INTERNAL] = {URN "serverInternal", PROBLEM_RETRY_RUN,
	"the CA has a fault of its own: see its status page"},
    [PROBLEM_TLS] = {URN "tls", PROBLEM_RETRY_MENDED,
	"the CA's TLS connection to the name failed: is port 80 redirected "
	"to a broken https?"},
    [PROBLEM_UNAUTHORIZED] = {URN "unauthorized", PROBLEM_RETRY_MENDED,
	"does the name point at this machine (AAAA too), and is the "
	"challenge's path led here?"},
    [PROBLEM_UNSUPPORTED_CONTACT] = {URN "unsupportedContact",
	PROBLEM_RETRY_MENDED, "give another --email"},
    [PROBLEM_UNSUPPORTED_IDENTIFIER] = {URN "unsupportedIdentifier",
	PROBLEM_RETRY_MENDED,
	"this CA does not issue for such a name or address"},
    [PROBLEM_USER_ACTION_REQUIRED] = {URN "userActionRequired",
	PROBLEM_RETRY_MENDED, ""},
};
_Static_assert(COUNT_OF(kinds) == PROBLEM_KINDS, "a problem has no row");

enum problem_kind
problem_kind(const char *type)
{
	for (size_t i = PROBLEM_OTHER + 1; i < COUNT_OF(kinds); i++) {
		if (strcmp(type, kinds[i].urn) == 0)
			return (enum problem_kind)i;
	}
	return PROBLEM_OTHER;
}

const char *
problem_urn(enum problem_kind kind)
{
	return kinds[kind].urn;
}

/* RFC 6585, 4 and RFC 9110, 15.6.4. */
static bool
is_limit(enum problem_kind kind, long status)
{
	return kind == PROBLEM_RATE_LIMITED ||
	    (kind == PROBLEM_OTHER && (status == 429 || status == 503));
}

enum problem_retry
problem_retry(enum problem_kind kind, const struct wire_problem *problem,
    const struct http_reply *http)
{
	long wait_s = http != NULL ? http->retry_after_s : -1;

	if (http != NULL && http->status == 503 && wait_s >= 0)
		return PROBLEM_RETRY_WAIT;
	if (!is_limit(kind, http != NULL ? http->status : 0))
		return kinds[kind].retry;
	if (wait_s >= 0)
		return PROBLEM_RETRY_WAIT;
	if (kind == PROBLEM_RATE_LIMITED &&
	    strstr(problem->text, "https://") != NULL)
		return PROBLEM_RETRY_MENDED;
	return PROBLEM_RETRY_RUN;
}

bool
problem_is_passing(enum problem_kind kind, long http_status)
{
	return http_status >= 500 || http_status == 429 || http_status == 408 ||
	    kind == PROBLEM_RATE_LIMITED || kind == PROBLEM_SERVER_INTERNAL ||
	    kind == PROBLEM_BAD_NONCE || kind == PROBLEM_USER_ACTION_REQUIRED ||
	    /* Not a CA's word: a proxy's in front of it, most of the time. */
	    kind == PROBLEM_OTHER;
}

const char *
problem_on(const struct wire_problem *problem, const char *on)
{
	return problem->names[0] != '\0' ? problem->names : on;
}

/* In a reply it is who signs that may not; in an object, a name's proof. */
static const char *
advice_on(enum problem_kind kind, const struct http_reply *http)
{
	return kind == PROBLEM_UNAUTHORIZED && http != NULL
	    ? "the CA does not let this account or key do that: it may be "
	      "deactivated, or what was asked for is another's"
	    : kinds[kind].advice;
}

int
problem_err(const struct wire_problem *problem, const struct http_reply *http,
    const char *doing, const char *on, struct err *err)
{
	enum problem_kind kind = problem_kind(problem->type);
	bool mend = problem_retry(kind, problem, http) == PROBLEM_RETRY_MENDED;
	const char *advice = advice_on(kind, http);
	const char *page = problem->instance;
	long wait_s = http != NULL ? http->retry_after_s : 0;
	int code;

	if (kind == PROBLEM_USER_ACTION_REQUIRED && http != NULL &&
	    http->terms[0] != '\0') {
		advice = "the terms have changed; to agree to them, see";
		page = http->terms;
	}
	code = err_set(err, mend ? ERR_REFUSED_INPUT : ERR_REFUSED_CA, doing,
	    on, "%s%s%s%s%s", problem->text, advice[0] != '\0' ? ": " : "",
	    advice, page[0] != '\0' ? " " : "", page);
	err->retry_after_s = wait_s > 0 ? wait_s : 0;
	return code;
}
