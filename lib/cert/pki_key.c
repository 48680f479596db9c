/*
 * pki_key.c: private keys: what kind, and whether it is the other half of a
 * certificate's. HAProxy compares the public halves only, and believes what
 * the file says of its own. Here the private half is computed with, so that a
 * key file that lies about itself is found before a client does; and then
 * HAProxy's own question is asked, as it would not start with a "no".
 */
#include "cert/pki_private.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>

static const char doing[] = "reading the private key";

enum {
	RSA_NUMBERS = 8, /* n, e, d, p, q, dp, dq, qinv */
	RSA_BYTES = 16384 / 8, /* the longest that OpenSSL works with */
	POINT_BYTES = 2 * ((521 + 7) / 8) + 1,
	ED25519_BYTES = 32,
};

enum rsa_number { RSA_N, RSA_E, RSA_D, RSA_P, RSA_Q, RSA_DP, RSA_DQ, RSA_QINV };

struct pki_key {
	struct pki_key_facts facts;
	unsigned char *der; /* owned and wiped; the spans are of it */
	size_t len;
	int curve; /* NID, of an EC key */
	struct pki_span secret; /* of an EC or Ed25519 key */
	struct pki_span numbers[RSA_NUMBERS]; /* of an RSA key */
};

/* RSAPrivateKey (RFC 8017, A.1.2) of two primes. */
static bool
walk_rsa(struct pki_span from, struct pki_key *key)
{
	struct pki_span rest, version;

	if (!pki_der_take(&from, PKI_TAG_SEQUENCE, &rest, NULL) ||
	    from.len != 0 || !pki_der_take_number(&rest, &version) ||
	    version.len != 1 || version.at[0] != 0)
		return false;
	for (size_t i = 0; i < RSA_NUMBERS; i++) {
		if (!pki_der_take_number(&rest, &key->numbers[i]) ||
		    key->numbers[i].len > RSA_BYTES)
			return false;
	}
	pki_rsa_facts(&key->numbers[RSA_N], &key->facts);
	return rest.len == 0;
}

/*
 * ECPrivateKey (RFC 5915, 3). `outer` are the parameters where they stand
 * outside (PKCS#8), or empty; OpenSSL goes by the inner ones, so that two that
 * differ are a lie. Its copy of the public key is left to openssl_agrees().
 */
static bool
walk_ec(struct pki_span from, struct pki_span outer, struct pki_key *key)
{
	struct pki_span rest, version;

	if (!pki_der_take(&from, PKI_TAG_SEQUENCE, &rest, NULL) ||
	    from.len != 0 || !pki_der_take_number(&rest, &version) ||
	    version.len != 1 || version.at[0] != 1 ||
	    !pki_der_take(&rest, PKI_TAG_OCTET_STRING, &key->secret, NULL))
		return false;
	if (rest.len > 0 && rest.at[0] == PKI_TAG_CONTEXT_0) {
		struct pki_span inner;

		if (!pki_der_take(&rest, PKI_TAG_CONTEXT_0, &inner, NULL) ||
		    (outer.len > 0 && !pki_span_equal(&inner, &outer)))
			return false;
		outer = inner;
	}
	if (rest.len > 0 && !pki_der_take(&rest, PKI_TAG_CONTEXT_1, NULL, NULL))
		return false;
	key->curve = pki_ec_facts(&outer, &key->facts);
	return rest.len == 0;
}

/* OneAsymmetricKey (RFC 5958, 2), which PKCS#8 is the first version of. */
static bool
walk_pkcs8(struct pki_key *key)
{
	struct pki_span from = {key->der, key->len}, rest, version, inner;
	struct pki_algorithm algorithm;

	if (!pki_der_take(&from, PKI_TAG_SEQUENCE, &rest, NULL) ||
	    from.len != 0 || !pki_der_take_number(&rest, &version) ||
	    version.len != 1 || version.at[0] > 1 ||
	    !pki_algorithm_take(&rest, &algorithm) ||
	    !pki_der_take(&rest, PKI_TAG_OCTET_STRING, &inner, NULL))
		return false;
	switch (algorithm.nid) {
	case NID_rsaEncryption: return walk_rsa(inner, key);
	case NID_X9_62_id_ecPublicKey:
		return walk_ec(inner, algorithm.parameters, key);
	case NID_ED25519:
		/* CurvePrivateKey (RFC 8410, 7). */
		pki_plain_facts(algorithm.nid, &key->facts);
		return pki_der_take(
			   &inner, PKI_TAG_OCTET_STRING, &key->secret, NULL) &&
		    inner.len == 0 && key->secret.len == ED25519_BYTES;
	default: pki_plain_facts(algorithm.nid, &key->facts); return true;
	}
}

static bool
walk(const struct pki_block *block, struct pki_key *key)
{
	struct pki_span all = {key->der, key->len}, none = {NULL, 0};

	if (strcmp(block->text, "PRIVATE KEY") == 0)
		return walk_pkcs8(key);
	if (strcmp(block->text, "RSA PRIVATE KEY") == 0)
		return walk_rsa(all, key);
	if (strcmp(block->text, "EC PRIVATE KEY") == 0)
		return walk_ec(all, none, key);
	pki_plain_facts(NID_undef, &key->facts);
	return true;
}

int
pki_key_parse(const struct pki_block *block, const char *origin,
    struct pki_key **ret, struct err *err)
{
	struct pki_key *key = NULL;
	int rc = 0;

	if (block->label != PKI_LABEL_PRIVATE_KEY || block->len == 0)
		return err_set(err, ERR_SYNTAX, doing, origin,
		    "a block %s is no unencrypted key", block->text);
	key = calloc(1, sizeof(*key));
	if (key == NULL)
		return err_nomem(err, doing);
	key->der = malloc(block->len);
	if (key->der == NULL) {
		rc = err_nomem(err, doing);
		goto out;
	}
	memcpy(key->der, block->der, block->len);
	key->len = block->len;
	if (!walk(block, key)) {
		rc = err_set(err, ERR_SYNTAX, doing, origin,
		    "what is in %s is no such key", block->text);
		goto out;
	}
	*ret = key;
	key = NULL;
out:
	pki_key_free(key);
	ERR_clear_error();
	return rc;
}

void
pki_key_free(struct pki_key *key)
{
	if (key == NULL)
		return;
	if (key->der != NULL)
		buf_wipe(key->der, key->len);
	free(key->der);
	free(key);
}

const struct pki_key_facts *
pki_key_facts(const struct pki_key *key)
{
	return &key->facts;
}

/* Is d*G the point in the certificate? */
static bool
match_ec(const struct pki_public *public, const struct pki_key *key)
{
	unsigned char point[POINT_BYTES];
	point_conversion_form_t form;
	BIGNUM *secret = NULL;
	EC_GROUP *group = NULL;
	EC_POINT *made = NULL;
	bool ok = false;

	if (key->curve == NID_undef || key->curve != public->curve ||
	    public->key.len == 0 || key->secret.len > sizeof(point))
		return false;
	/* The first octet says compressed (2, 3) or not (4). */
	form = (point_conversion_form_t)(public->key.at[0] & ~1);
	if (form != POINT_CONVERSION_COMPRESSED &&
	    form != POINT_CONVERSION_UNCOMPRESSED)
		return false;
	group = EC_GROUP_new_by_curve_name(key->curve);
	secret = BN_bin2bn(key->secret.at, (int)key->secret.len, NULL);
	made = group == NULL ? NULL : EC_POINT_new(group);
	if (made == NULL || secret == NULL || BN_is_zero(secret) ||
	    BN_cmp(secret, EC_GROUP_get0_order(group)) >= 0)
		goto out;
	BN_set_flags(secret, BN_FLG_CONSTTIME);
	ok = EC_POINT_mul(group, made, secret, NULL, NULL, NULL) == 1 &&
	    EC_POINT_point2oct(group, made, form, point, sizeof(point), NULL) ==
		public->key.len &&
	    memcmp(point, public->key.at, public->key.len) == 0;
out:
	EC_POINT_free(made);
	BN_clear_free(secret);
	EC_GROUP_free(group);
	return ok;
}

/* Is `value` equal to a * b mod m? */
static bool
product_is(const BIGNUM *value, const BIGNUM *a, const BIGNUM *b,
    const BIGNUM *m, BN_CTX *ctx)
{
	BIGNUM *made = NULL;
	bool ok;

	BN_CTX_start(ctx);
	made = BN_CTX_get(ctx);
	ok = made != NULL && BN_mod_mul(made, a, b, m, ctx) == 1 &&
	    BN_cmp(made, value) == 0;
	BN_CTX_end(ctx);
	return ok;
}

/*
 * Do the numbers belong together (RFC 8017, 3.2): n = p * q; e * d, e * dp
 * are 1 mod p - 1, e * d, e * dq are 1 mod q - 1; q * qinv is 1 mod p?
 */
static bool
rsa_holds(BIGNUM *const *n, BN_CTX *ctx)
{
	BIGNUM *product = NULL, *p1 = NULL, *q1 = NULL;
	const BIGNUM *one = BN_value_one();
	bool ok;

	BN_CTX_start(ctx);
	product = BN_CTX_get(ctx);
	p1 = BN_CTX_get(ctx);
	q1 = BN_CTX_get(ctx);
	ok = q1 != NULL && BN_cmp(n[RSA_P], one) > 0 &&
	    BN_cmp(n[RSA_Q], one) > 0 &&
	    BN_mul(product, n[RSA_P], n[RSA_Q], ctx) == 1 &&
	    BN_cmp(product, n[RSA_N]) == 0 && BN_sub(p1, n[RSA_P], one) == 1 &&
	    BN_sub(q1, n[RSA_Q], one) == 1 &&
	    product_is(one, n[RSA_E], n[RSA_D], p1, ctx) &&
	    product_is(one, n[RSA_E], n[RSA_D], q1, ctx) &&
	    product_is(one, n[RSA_E], n[RSA_DP], p1, ctx) &&
	    product_is(one, n[RSA_E], n[RSA_DQ], q1, ctx) &&
	    product_is(one, n[RSA_Q], n[RSA_QINV], n[RSA_P], ctx);
	BN_CTX_end(ctx);
	return ok;
}

static bool
match_rsa(const struct pki_public *public, const struct pki_key *key)
{
	BIGNUM *numbers[RSA_NUMBERS] = {NULL};
	BN_CTX *ctx = NULL;
	bool ok = false;

	if (!pki_span_equal(&public->modulus, &key->numbers[RSA_N]) ||
	    !pki_span_equal(&public->exponent, &key->numbers[RSA_E]))
		return false;
	ctx = BN_CTX_secure_new();
	if (ctx == NULL)
		goto out;
	for (size_t i = 0; i < RSA_NUMBERS; i++) {
		numbers[i] = BN_bin2bn(
		    key->numbers[i].at, (int)key->numbers[i].len, NULL);
		if (numbers[i] == NULL)
			goto out;
	}
	ok = rsa_holds(numbers, ctx);
out:
	for (size_t i = 0; i < RSA_NUMBERS; i++)
		BN_clear_free(numbers[i]);
	BN_CTX_free(ctx);
	return ok;
}

static bool
match_ed25519(const struct pki_public *public, const struct pki_key *key)
{
	unsigned char made[ED25519_BYTES];
	size_t len = sizeof(made);
	EVP_PKEY *evp = NULL;
	bool ok;

	evp = EVP_PKEY_new_raw_private_key(
	    EVP_PKEY_ED25519, NULL, key->secret.at, key->secret.len);
	ok = evp != NULL && EVP_PKEY_get_raw_public_key(evp, made, &len) == 1 &&
	    len == public->key.len && memcmp(made, public->key.at, len) == 0;
	EVP_PKEY_free(evp);
	return ok;
}

/*
 * X509_check_private_key(), which is how HAProxy judges: the key as OpenSSL
 * reads the whole of it (the public half as the file has it), against the
 * certificate's. To name the type makes the reading four times faster.
 */
static bool
openssl_agrees(
    const struct pki_cert *cert, const struct pki_key *key, int evp_type)
{
	const unsigned char *at = key->der;
	EVP_PKEY *private = NULL, *public = NULL;
	bool ok = false;

	private = d2i_PrivateKey(evp_type, NULL, &at, (long)key->len);
	public = private == NULL ? NULL : pki_public_evp(&cert->key);
	ok = public != NULL && EVP_PKEY_eq(public, private) == 1;
	EVP_PKEY_free(public);
	EVP_PKEY_free(private);
	return ok;
}

bool
pki_key_matches(const struct pki_cert *cert, const struct pki_key *key)
{
	bool ok = false;

	if (cert->key.facts.type != key->facts.type)
		return false;
	switch (key->facts.type) {
	case PKI_KEY_RSA:
		ok = match_rsa(&cert->key, key) &&
		    openssl_agrees(cert, key, EVP_PKEY_RSA);
		break;
	case PKI_KEY_EC:
		ok = match_ec(&cert->key, key) &&
		    openssl_agrees(cert, key, EVP_PKEY_EC);
		break;
	case PKI_KEY_ED25519:
		ok = match_ed25519(&cert->key, key) &&
		    openssl_agrees(cert, key, EVP_PKEY_ED25519);
		break;
	case PKI_KEY_OTHER: break;
	}
	ERR_clear_error();
	return ok;
}
