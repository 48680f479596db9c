/*
 * jws_private.h: what the parts of jws share.
 */
#ifndef ACME_JWS_PRIVATE_H
#define ACME_JWS_PRIVATE_H

#include "acme/jws.h"
#include "base/attr.h"
#include "base/err.h"

struct evp_pkey_st; /* OpenSSL's EVP_PKEY */

struct jws_key {
	struct evp_pkey_st *pkey;
	const char *alg; /* "RS256", "ES256", ... */
	const char *curve; /* "P-256", ...; "" for RSA */
	size_t half; /* bytes of r, s, x, y; 0 for RSA */
};

/* Takes `pkey` (also on failure). ERR_SYNTAX: no key that ACME signs with. */
int jws_key_wrap(struct evp_pkey_st *pkey, const char *doing,
    struct jws_key **ret, struct err *err) MUST_CHECK;

#endif
