/*
 * jws.h: the account key and what it signs (RFC 7515, 7517, 7518, 7638, 8555
 * section 6.2). OpenSSL's owner for accounts; only the broker links it.
 */
#ifndef ACME_JWS_H
#define ACME_JWS_H

#include <stddef.h>

#include "acme/wire.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"

struct jws_key; /* RSA (RS256) or EC P-256, P-384, P-521 (ES256/384/512) */

/* A new key: "rsa2048", "rsa4096", "P-256", "P-384". ERR_CRYPTO. */
int jws_key_make(
    const char *kind, struct jws_key **ret, struct err *err) MUST_CHECK;

/* From and to private_key.json's JWK (full width, all CRT members). */
int jws_key_from_jwk(const struct wire_jwk *jwk, struct jws_key **ret,
    struct err *err) MUST_CHECK;
int jws_key_to_jwk(const struct jws_key *key, struct wire_jwk *ret,
    struct err *err) MUST_CHECK;

/* The key of a certificate, to revoke with: from its PEM. */
int jws_key_from_pem(
    const struct buf *pem, struct jws_key **ret, struct err *err) MUST_CHECK;
void jws_key_free(struct jws_key *key); /* wipes */

/* The public JWK as JSON text, members in lexicographic order, no space. */
int jws_key_public(
    const struct jws_key *key, struct buf *ret, struct err *err) MUST_CHECK;

/* RFC 7638: base64url(SHA-256(public JWK)). */
int jws_thumbprint(const struct jws_key *key, char *ret, size_t size,
    struct err *err) MUST_CHECK;

/*
 * certbot's account ID: md5 in hexadecimal of the public key as a PEM
 * SubjectPublicKeyInfo. `ret` of 33 bytes.
 */
int jws_account_id(
    const struct jws_key *key, char *ret, struct err *err) MUST_CHECK;

/*
 * The flattened JWS of `payload`: with `kid`, or (NULL) with the public JWK;
 * `nonce` NULL for none (EAB).
 */
int jws_sign(const struct jws_key *key, const char *kid, const char *nonce,
    const char *url, const struct buf *payload, struct buf *ret,
    struct err *err) MUST_CHECK;

/*
 * The external account binding (8555, 7.3.4): HMAC of `alg` ("HS256", "HS384",
 * "HS512") with `mac_key` (base64url), over the public JWK of `key`.
 */
int jws_eab(const struct jws_key *key, const char *alg, const char *kid,
    const char *mac_key, const char *url, struct buf *ret,
    struct err *err) MUST_CHECK;

/* Can jws_eab() bind with these? ERR_USAGE names the option that is wrong. */
int jws_eab_check(
    const char *alg, const char *mac_key, struct err *err) MUST_CHECK;

/* base64url without padding, appended; and back (ERR_SYNTAX, strict). */
int jws_b64_encode(
    const void *data, size_t len, struct buf *ret, struct err *err) MUST_CHECK;
int jws_b64_decode(
    const char *text, struct buf *ret, struct err *err) MUST_CHECK;

#endif
