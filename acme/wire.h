/*
 * wire.h: JSON <-> structs (jansson), the only place that knows JSON.
 *
 * Parsers are strict about what is used and blind to the rest (RFC 8555, 7.1:
 * unknown fields are ignored); every string is bounded and validated here.
 * Builders make the payloads that the broker signs.
 */
#ifndef ACME_WIRE_H
#define ACME_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"

/* --- from the CA ---------------------------------------------------------- */

struct wire_directory {
	char new_nonce[LIMIT_URL_BYTES], new_account[LIMIT_URL_BYTES];
	char new_order[LIMIT_URL_BYTES], revoke_cert[LIMIT_URL_BYTES];
	char key_change[LIMIT_URL_BYTES]; /* "" where absent */
	char renewal_info[LIMIT_URL_BYTES]; /* "" where absent */
	char terms[LIMIT_URL_BYTES]; /* meta.termsOfService */
	bool eab_required;
	char profiles[LIMIT_PROFILES][LIMIT_PROFILE_BYTES];
	size_t profile_count;
};

enum wire_status { /* RFC 8555, 7.1.6 */
	WIRE_PENDING,
	WIRE_READY,
	WIRE_PROCESSING,
	WIRE_VALID,
	WIRE_INVALID,
	WIRE_DEACTIVATED,
	WIRE_EXPIRED,
	WIRE_REVOKED,
	WIRE_STATUSES
};

/* Its word; static storage. */
const char *wire_status_name(enum wire_status status);

struct wire_problem { /* RFC 7807, and 8555, 6.7 */
	bool present;
	char type[128]; /* the whole URN */
	char
	    text[LIMIT_ERR_DETAIL_BYTES]; /* detail and subproblems, in words */
	char instance[LIMIT_URL_BYTES];
	char names[LIMIT_ERR_ON_BYTES]; /* of its subproblems, spaces between */
};

struct wire_identifier {
	char type[8]; /* "dns", "ip" */
	char value[LIMIT_DNS_NAME_BYTES + 1];
};

struct wire_order {
	enum wire_status status;
	char finalize[LIMIT_URL_BYTES];
	char certificate[LIMIT_URL_BYTES]; /* "" until valid */
	char (*authorizations)[LIMIT_URL_BYTES]; /* owned */
	size_t authorization_count;
	time_t expires_s; /* 0: not told, or in no form that we know */
	struct wire_problem error;
};

struct wire_challenge {
	char type[32];
	char url[LIMIT_URL_BYTES];
	char token[LIMIT_TOKEN_BYTES + 1]; /* "" where it has none */
	enum wire_status status;
	struct wire_problem error;
};

struct wire_authorization {
	enum wire_status status;
	struct wire_identifier identifier;
	bool wildcard;
	struct wire_challenge challenges[LIMIT_CHALLENGES];
	size_t challenge_count;
};

struct wire_account {
	enum wire_status status; /* WIRE_VALID, DEACTIVATED, REVOKED */
	char contacts[LIMIT_CONTACTS][LIMIT_URL_BYTES];
	size_t contact_count;
};

/* ERR_SYNTAX names what is missing or wrong; ERR_LIMIT. */
int wire_read_directory(const struct buf *text, struct wire_directory *ret,
    struct err *err) MUST_CHECK;
int wire_read_order(
    const struct buf *text, struct wire_order *ret, struct err *err) MUST_CHECK;
void wire_order_free(struct wire_order *order);
int wire_read_authorization(const struct buf *text,
    struct wire_authorization *ret, struct err *err) MUST_CHECK;
int wire_read_challenge(const struct buf *text, struct wire_challenge *ret,
    struct err *err) MUST_CHECK;
int wire_read_account(const struct buf *text, struct wire_account *ret,
    struct err *err) MUST_CHECK;

/* Never fails: what is no problem document becomes its own text, cleaned. */
void wire_read_problem(
    const struct buf *text, long http_status, struct wire_problem *ret);

/* --- to the CA: payloads, before they are signed -------------------------- */

int wire_make_account(const char *const *contacts, size_t count, bool agree_tos,
    bool only_existing, const struct buf *eab, struct buf *ret,
    struct err *err) MUST_CHECK;
int wire_make_contacts(const char *const *contacts, size_t count,
    struct buf *ret, struct err *err) MUST_CHECK;
int wire_make_deactivate(struct buf *ret, struct err *err) MUST_CHECK;
int wire_make_order(const char *const *names, size_t count, const char *profile,
    struct buf *ret, struct err *err) MUST_CHECK;
/* `csr` and `certificate` are base64url already. */
int wire_make_finalize(
    const char *csr, struct buf *ret, struct err *err) MUST_CHECK;
int wire_make_revoke(const char *certificate, int reason, struct buf *ret,
    struct err *err) MUST_CHECK;

/* The protected header: `jwk` (JSON text) or `kid`, never both; nonce or "". */
int wire_make_protected(const char *alg, const char *jwk, const char *kid,
    const char *nonce, const char *url, struct buf *ret,
    struct err *err) MUST_CHECK;
/* {"protected":P,"payload":L,"signature":S}, all base64url. */
int wire_make_jws(const char *protected_text, const char *payload,
    const char *signature, struct buf *ret, struct err *err) MUST_CHECK;

/* --- certbot's account files ---------------------------------------------- */

/* private_key.json: a JWK; members as base64url text. "" where absent. */
enum wire_jwk_member {
	WIRE_JWK_N,
	WIRE_JWK_E,
	WIRE_JWK_D,
	WIRE_JWK_P,
	WIRE_JWK_Q,
	WIRE_JWK_DP,
	WIRE_JWK_DQ,
	WIRE_JWK_QI,
	WIRE_JWK_X,
	WIRE_JWK_Y,
	WIRE_JWK_MEMBERS
};
struct wire_jwk {
	char kty[8], crv[16];
	char member[WIRE_JWK_MEMBERS][LIMIT_JWK_MEMBER_BYTES];
};
int wire_read_jwk(
    const struct buf *text, struct wire_jwk *ret, struct err *err) MUST_CHECK;
/* What is "" is left out; compact and sorted, as RFC 7638 digests it. */
int wire_make_jwk(
    const struct wire_jwk *jwk, struct buf *ret, struct err *err) MUST_CHECK;

/* regr.json: the account's URL. meta.json: when and where it was made. */
int wire_read_regr(const struct buf *text, char *ret_url, size_t size,
    struct err *err) MUST_CHECK;
int wire_make_regr(
    const char *url, struct buf *ret, struct err *err) MUST_CHECK;
int wire_read_meta(const struct buf *text, char *ret_created,
    size_t created_size, char *ret_host, size_t host_size,
    struct err *err) MUST_CHECK; /* "" where absent */
int wire_make_meta(const char *created, const char *host, struct buf *ret,
    struct err *err) MUST_CHECK;

/* --- the command line ----------------------------------------------------- */

/*
 * certbot's --webroot-map: one object, whose members are `names` (some, with
 * commas) and a directory; `each` has them in their order, and its error ends
 * it. ERR_SYNTAX, with where and why.
 */
int wire_read_webroots(const char *text,
    int (*each)(
	void *context, const char *names, const char *dir, struct err *err),
    void *context, struct err *err) MUST_CHECK;

#endif
