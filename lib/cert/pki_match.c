/*
 * pki_match.c: is a private key the other half of a certificate's? HAProxy
 * compares the public halves only, and believes what the file says of its own.
 * Here the private half is computed with, so that a key file that lies about
 * itself is found before a client does; and then HAProxy's own question is
 * asked, as it would not start with a "no".
 */
#include "cert/pki_private.h"

#include <string.h>

#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>

enum {
	POINT_BYTES = 2 * ((521 + 7) / 8) + 1,
	ED25519_BYTES = 32,
};

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
	ok = q1 != NULL && BN_cmp(n[PKI_RSA_P], one) > 0 &&
	    BN_cmp(n[PKI_RSA_Q], one) > 0 &&
	    BN_mul(product, n[PKI_RSA_P], n[PKI_RSA_Q], ctx) == 1 &&
	    BN_cmp(product, n[PKI_RSA_N]) == 0 &&
	    BN_sub(p1, n[PKI_RSA_P], one) == 1 &&
	    BN_sub(q1, n[PKI_RSA_Q], one) == 1 &&
	    product_is(one, n[PKI_RSA_E], n[PKI_RSA_D], p1, ctx) &&
	    product_is(one, n[PKI_RSA_E], n[PKI_RSA_D], q1, ctx) &&
	    product_is(one, n[PKI_RSA_E], n[PKI_RSA_DP], p1, ctx) &&
	    product_is(one, n[PKI_RSA_E], n[PKI_RSA_DQ], q1, ctx) &&
	    product_is(one, n[PKI_RSA_Q], n[PKI_RSA_QINV], n[PKI_RSA_P], ctx);
	BN_CTX_end(ctx);
	return ok;
}

static bool
match_rsa(const struct pki_public *public, const struct pki_key *key)
{
	BIGNUM *numbers[PKI_RSA_NUMBERS] = {NULL};
	BN_CTX *ctx = NULL;
	bool ok = false;

	if (!pki_span_equal(&public->modulus, &key->numbers[PKI_RSA_N]) ||
	    !pki_span_equal(&public->exponent, &key->numbers[PKI_RSA_E]))
		return false;
	ctx = BN_CTX_secure_new();
	if (ctx == NULL)
		goto out;
	for (size_t i = 0; i < PKI_RSA_NUMBERS; i++) {
		numbers[i] = BN_bin2bn(
		    key->numbers[i].at, (int)key->numbers[i].len, NULL);
		if (numbers[i] == NULL)
			goto out;
	}
	ok = rsa_holds(numbers, ctx);
out:
	for (size_t i = 0; i < PKI_RSA_NUMBERS; i++)
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
 * Is there only one way to read the key, and its public half that of the
 * certificate, to the byte? That of an RSA key was compared by match_rsa().
 */
static bool
is_obvious(const struct pki_cert *cert, const struct pki_key *key)
{
	size_t bytes = ((size_t)key->facts.bits + 7) / 8;

	if (!key->plain)
		return false;
	switch (key->facts.type) {
	case PKI_KEY_RSA: return true;
	case PKI_KEY_EC:
		return key->secret.len == bytes &&
		    key->point.len == 1 + 2 * bytes &&
		    key->point.at[0] == POINT_CONVERSION_UNCOMPRESSED &&
		    pki_span_equal(&key->point, &cert->key.key);
	case PKI_KEY_ED25519:
	case PKI_KEY_OTHER: break;
	}
	return false;
}

/*
 * X509_check_private_key(), which is how HAProxy judges: the key as OpenSSL
 * reads the whole of it (the public half as the file has it), against the
 * certificate's. OpenSSL 3's decoders are slow (half of the time that a bundle
 * takes), so they are asked only where the answer is not obvious; to name the
 * type makes them four times faster.
 */
static bool
openssl_agrees(
    const struct pki_cert *cert, const struct pki_key *key, int evp_type)
{
	const unsigned char *at = key->der;
	EVP_PKEY *private = NULL, *public = NULL;
	bool ok = false;

	if (is_obvious(cert, key))
		return true;
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

/* The key in a CertificationRequest (RFC 2986, 4). */
static bool
take_requested(const struct buf *request, struct pki_public *ret)
{
	struct pki_span from = {
	    (const unsigned char *)request->data, request->len};
	struct pki_span rest, info;

	return pki_der_take(&from, PKI_TAG_SEQUENCE, &rest, NULL) &&
	    pki_der_take(&rest, PKI_TAG_SEQUENCE, &info, NULL) &&
	    pki_der_take(&info, PKI_TAG_INTEGER, NULL, NULL) &&
	    pki_der_take(&info, PKI_TAG_SEQUENCE, NULL, NULL) &&
	    pki_public_take(&info, ret);
}

bool
pki_cert_answers(const struct pki_cert *cert, const struct buf *request)
{
	EVP_PKEY *asked = NULL, *given = NULL;
	struct pki_public wanted;
	bool ok;

	if (!take_requested(request, &wanted))
		return false;
	if (pki_span_equal(&wanted.whole, &cert->key.whole))
		return true;
	/* A CA may write the same key in another way. */
	asked = pki_public_evp(&wanted);
	given = pki_public_evp(&cert->key);
	ok = asked != NULL && given != NULL && EVP_PKEY_eq(asked, given) == 1;
	EVP_PKEY_free(asked);
	EVP_PKEY_free(given);
	ERR_clear_error();
	return ok;
}
