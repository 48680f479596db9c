/*
 * jws_key.c: the account key itself: made, and moved between OpenSSL and the
 * JWK that certbot keeps in private_key.json.
 */
#include "acme/jws_private.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>

#include "acme/crypto.h"

static const char doing[] = "reading the account's key";

struct curve_row {
	const char *crv, *group, *alg;
	size_t half;
};

/* RFC 7518, 3.4 and 6.2.1.1. */
static const struct curve_row curves[] = {
    {"P-256", "prime256v1", "ES256", 32},
    {"P-384", "secp384r1", "ES384", 48},
    {"P-521", "secp521r1", "ES512", 66},
};

static const struct curve_row *
curve_of(const EVP_PKEY *pkey)
{
	char group[64];
	size_t len = 0;

	if (EVP_PKEY_get_group_name(pkey, group, sizeof(group), &len) != 1)
		return NULL;
	for (size_t i = 0; i < COUNT_OF(curves); i++) {
		if (strcmp(group, curves[i].group) == 0)
			return &curves[i];
	}
	return NULL;
}

int
jws_key_wrap(
    EVP_PKEY *pkey, const char *what, struct jws_key **ret, struct err *err)
{
	const struct curve_row *curve = NULL;
	struct jws_key *key = NULL;
	int rc = 0;

	if (EVP_PKEY_is_a(pkey, "EC"))
		curve = curve_of(pkey);
	if (curve == NULL &&
	    (!EVP_PKEY_is_a(pkey, "RSA") ||
		EVP_PKEY_get_bits(pkey) < LIMIT_RSA_BITS_LEAST ||
		EVP_PKEY_get_bits(pkey) > LIMIT_RSA_BITS_MOST)) {
		rc = err_set(err, ERR_SYNTAX, what, NULL,
		    "neither RSA of 2048 to 8192 bits nor P-256, P-384 or "
		    "P-521");
		goto out;
	}
	key = calloc(1, sizeof(*key));
	if (key == NULL) {
		rc = err_nomem(err, what);
		goto out;
	}
	key->pkey = pkey;
	pkey = NULL;
	key->alg = curve != NULL ? curve->alg : "RS256";
	key->curve = curve != NULL ? curve->crv : "";
	key->half = curve != NULL ? curve->half : 0;
	*ret = key;
out:
	EVP_PKEY_free(pkey);
	return rc;
}

int
jws_key_make(const char *kind, struct jws_key **ret, struct err *err)
{
	static const char what[] = "making an account key";
	EVP_PKEY *pkey = NULL;

	if (strcmp(kind, "rsa2048") == 0)
		pkey = EVP_RSA_gen(2048);
	else if (strcmp(kind, "rsa4096") == 0)
		pkey = EVP_RSA_gen(4096);
	else if (strcmp(kind, "P-256") == 0 || strcmp(kind, "P-384") == 0)
		pkey = EVP_EC_gen(kind);
	else
		return err_set(
		    err, ERR_USAGE, what, kind, "no such kind of key");
	if (pkey == NULL)
		return crypto_failed(what, "EVP_PKEY_generate", err);
	return jws_key_wrap(pkey, what, ret, err);
}

void
jws_key_free(struct jws_key *key)
{
	if (key == NULL)
		return;
	EVP_PKEY_free(key->pkey); /* OpenSSL clears it */
	free(key);
}

/* --- JWK -> key ----------------------------------------------------------- */

/* One member into the builder as a number; `ret` is owned by the caller. */
static int
push_number(OSSL_PARAM_BLD *builder, const char *name, const char *text,
    BIGNUM **ret, struct err *err)
{
	struct buf bytes = BUF_SECRET(LIMIT_JWK_MEMBER_BYTES);
	int rc;

	rc = jws_b64_decode(text, &bytes, err);
	if (rc == 0 && bytes.len == 0)
		rc = err_set(err, ERR_SYNTAX, doing, name, "is missing");
	if (rc < 0)
		goto out;
	*ret =
	    BN_bin2bn((const unsigned char *)bytes.data, (int)bytes.len, NULL);
	if (*ret == NULL || OSSL_PARAM_BLD_push_BN(builder, name, *ret) != 1)
		rc = crypto_failed(doing, "OSSL_PARAM_BLD_push_BN", err);
out:
	buf_free(&bytes);
	return rc;
}

static int
push_rsa(OSSL_PARAM_BLD *builder, const struct wire_jwk *jwk, BIGNUM **numbers,
    struct err *err)
{
	static const struct {
		enum wire_jwk_member member;
		const char *name;
	} members[] = {
	    {WIRE_JWK_N, OSSL_PKEY_PARAM_RSA_N},
	    {WIRE_JWK_E, OSSL_PKEY_PARAM_RSA_E},
	    {WIRE_JWK_D, OSSL_PKEY_PARAM_RSA_D},
	    {WIRE_JWK_P, OSSL_PKEY_PARAM_RSA_FACTOR1},
	    {WIRE_JWK_Q, OSSL_PKEY_PARAM_RSA_FACTOR2},
	    {WIRE_JWK_DP, OSSL_PKEY_PARAM_RSA_EXPONENT1},
	    {WIRE_JWK_DQ, OSSL_PKEY_PARAM_RSA_EXPONENT2},
	    {WIRE_JWK_QI, OSSL_PKEY_PARAM_RSA_COEFFICIENT1},
	};
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < COUNT_OF(members); i++)
		rc = push_number(builder, members[i].name,
		    jwk->member[members[i].member], &numbers[i], err);
	return rc;
}

/* The point as octets, 04 x y, each of full width (RFC 7518, 6.2.1.2). */
static int
push_ec(OSSL_PARAM_BLD *builder, const struct wire_jwk *jwk, BIGNUM **numbers,
    struct buf *point, struct err *err)
{
	const struct curve_row *row = NULL;
	int rc;

	for (size_t i = 0; i < COUNT_OF(curves); i++) {
		if (strcmp(jwk->crv, curves[i].crv) == 0)
			row = &curves[i];
	}
	if (row == NULL)
		return err_set(err, ERR_SYNTAX, doing, jwk->crv,
		    "is no curve that ACME signs with");
	rc = buf_add(point, "\4", 1, err);
	if (rc == 0)
		rc = jws_b64_decode(jwk->member[WIRE_JWK_X], point, err);
	if (rc == 0 && point->len != 1 + row->half)
		rc = err_set(err, ERR_SYNTAX, doing, "x",
		    "has %zu bytes in place of %zu", point->len - 1, row->half);
	if (rc == 0)
		rc = jws_b64_decode(jwk->member[WIRE_JWK_Y], point, err);
	if (rc == 0 && point->len != 1 + 2 * row->half)
		rc = err_set(err, ERR_SYNTAX, doing, "y", "has not %zu bytes",
		    row->half);
	if (rc < 0)
		return rc;
	/* Borrowed by the builder until the parameters are made. */
	if (OSSL_PARAM_BLD_push_utf8_string(
		builder, OSSL_PKEY_PARAM_GROUP_NAME, row->group, 0) != 1 ||
	    OSSL_PARAM_BLD_push_octet_string(
		builder, OSSL_PKEY_PARAM_PUB_KEY, point->data, point->len) != 1)
		return crypto_failed(doing, "OSSL_PARAM_BLD_push", err);
	return push_number(builder, OSSL_PKEY_PARAM_PRIV_KEY,
	    jwk->member[WIRE_JWK_D], &numbers[0], err);
}

/* Do the halves belong together? A key file is easily mended by hand. */
static int
check_pair(EVP_PKEY *pkey, struct err *err)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
	int good = context != NULL && EVP_PKEY_pairwise_check(context) == 1;

	EVP_PKEY_CTX_free(context);
	ERR_clear_error();
	if (!good)
		return err_set(err, ERR_SYNTAX, doing, NULL,
		    "its members do not belong together");
	return 0;
}

static int
build_key(
    OSSL_PARAM_BLD *builder, const char *type, EVP_PKEY **ret, struct err *err)
{
	OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(builder);
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	int rc = 0;

	if (params == NULL || context == NULL ||
	    EVP_PKEY_fromdata_init(context) != 1 ||
	    EVP_PKEY_fromdata(context, ret, EVP_PKEY_KEYPAIR, params) != 1)
		rc = crypto_failed(doing, "EVP_PKEY_fromdata", err);
	else
		rc = check_pair(*ret, err);
	EVP_PKEY_CTX_free(context);
	OSSL_PARAM_free(params);
	return rc;
}

int
jws_key_from_jwk(
    const struct wire_jwk *jwk, struct jws_key **ret, struct err *err)
{
	struct buf point = BUF_INIT(LIMIT_JWK_MEMBER_BYTES);
	BIGNUM *numbers[8] = {NULL};
	OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
	EVP_PKEY *pkey = NULL;
	bool rsa = strcmp(jwk->kty, "RSA") == 0;
	int rc;

	if (builder == NULL)
		rc = err_nomem(err, doing);
	else if (rsa)
		rc = push_rsa(builder, jwk, numbers, err);
	else if (strcmp(jwk->kty, "EC") == 0)
		rc = push_ec(builder, jwk, numbers, &point, err);
	else
		rc = err_set(
		    err, ERR_SYNTAX, doing, jwk->kty, "is neither RSA nor EC");
	if (rc == 0)
		rc = build_key(builder, rsa ? "RSA" : "EC", &pkey, err);
	if (rc == 0) {
		rc = jws_key_wrap(pkey, doing, ret, err);
		pkey = NULL;
	}
	EVP_PKEY_free(pkey);
	for (size_t i = 0; i < COUNT_OF(numbers); i++)
		BN_clear_free(numbers[i]);
	OSSL_PARAM_BLD_free(builder);
	buf_free(&point);
	return rc;
}

/* --- key -> JWK ----------------------------------------------------------- */

/* A number as base64url, padded on the left to `width` bytes (0: as it is). */
static int
pull_number(const struct jws_key *key, const char *name, size_t width,
    char *ret, struct err *err)
{
	struct buf text = BUF_SECRET(LIMIT_JWK_MEMBER_BYTES - 1);
	unsigned char bytes[LIMIT_JWK_MEMBER_BYTES];
	BIGNUM *number = NULL;
	int len = -1, rc = 0;

	if (EVP_PKEY_get_bn_param(key->pkey, name, &number) == 1) {
		len = BN_num_bytes(number);
		if (width != 0)
			len = (int)width;
		if ((size_t)len > sizeof(bytes) ||
		    BN_bn2binpad(number, bytes, len) != len)
			len = -1;
	}
	if (len < 0)
		rc = crypto_failed(doing, name, err);
	if (rc == 0)
		rc = jws_b64_encode(bytes, (size_t)len, &text, err);
	if (rc == 0)
		memcpy(ret, buf_text(&text), text.len + 1);
	buf_wipe(bytes, sizeof(bytes));
	BN_clear_free(number);
	buf_free(&text);
	return rc;
}

struct pull_row {
	enum wire_jwk_member member;
	const char *name;
	bool secret;
};

static const struct pull_row rsa_rows[] = {
    {WIRE_JWK_N, OSSL_PKEY_PARAM_RSA_N, false},
    {WIRE_JWK_E, OSSL_PKEY_PARAM_RSA_E, false},
    {WIRE_JWK_D, OSSL_PKEY_PARAM_RSA_D, true},
    {WIRE_JWK_P, OSSL_PKEY_PARAM_RSA_FACTOR1, true},
    {WIRE_JWK_Q, OSSL_PKEY_PARAM_RSA_FACTOR2, true},
    {WIRE_JWK_DP, OSSL_PKEY_PARAM_RSA_EXPONENT1, true},
    {WIRE_JWK_DQ, OSSL_PKEY_PARAM_RSA_EXPONENT2, true},
    {WIRE_JWK_QI, OSSL_PKEY_PARAM_RSA_COEFFICIENT1, true},
};

static const struct pull_row ec_rows[] = {
    {WIRE_JWK_X, OSSL_PKEY_PARAM_EC_PUB_X, false},
    {WIRE_JWK_Y, OSSL_PKEY_PARAM_EC_PUB_Y, false},
    {WIRE_JWK_D, OSSL_PKEY_PARAM_PRIV_KEY, true},
};

static int
pull(const struct jws_key *key, bool secret, struct wire_jwk *ret,
    struct err *err)
{
	const struct pull_row *rows = key->half != 0 ? ec_rows : rsa_rows;
	size_t count = key->half != 0 ? COUNT_OF(ec_rows) : COUNT_OF(rsa_rows);
	int rc = 0;

	memset(ret, 0, sizeof(*ret));
	memcpy(ret->kty, key->half != 0 ? "EC" : "RSA", key->half != 0 ? 3 : 4);
	memcpy(ret->crv, key->curve, strlen(key->curve) + 1);
	for (size_t i = 0; rc == 0 && i < count; i++) {
		if (!rows[i].secret || secret)
			rc = pull_number(key, rows[i].name, key->half,
			    ret->member[rows[i].member], err);
	}
	return rc;
}

int
jws_key_to_jwk(const struct jws_key *key, struct wire_jwk *ret, struct err *err)
{
	int rc = pull(key, true, ret, err);

	if (rc < 0)
		buf_wipe(ret, sizeof(*ret));
	return rc;
}

int
jws_key_public(const struct jws_key *key, struct buf *ret, struct err *err)
{
	struct wire_jwk jwk;
	int rc = pull(key, false, &jwk, err);

	return rc < 0 ? rc : wire_make_jwk(&jwk, ret, err);
}
