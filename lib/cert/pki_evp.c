/*
 * pki_evp.c: keys in the form in which OpenSSL computes with them, and back.
 * By their numbers: OpenSSL 3 looks through all of its decoders for one file
 * and through all of its encoders for another, at the price of a handshake.
 */
#include "cert/pki_private.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>

/* --- from numbers --------------------------------------------------------- */

static const char *const rsa_names[] = {
    [PKI_RSA_N] = OSSL_PKEY_PARAM_RSA_N,
    [PKI_RSA_E] = OSSL_PKEY_PARAM_RSA_E,
    [PKI_RSA_D] = OSSL_PKEY_PARAM_RSA_D,
    [PKI_RSA_P] = OSSL_PKEY_PARAM_RSA_FACTOR1,
    [PKI_RSA_Q] = OSSL_PKEY_PARAM_RSA_FACTOR2,
    [PKI_RSA_DP] = OSSL_PKEY_PARAM_RSA_EXPONENT1,
    [PKI_RSA_DQ] = OSSL_PKEY_PARAM_RSA_EXPONENT2,
    [PKI_RSA_QINV] = OSSL_PKEY_PARAM_RSA_COEFFICIENT1,
};
_Static_assert(COUNT_OF(rsa_names) == PKI_RSA_NUMBERS, "a name for each");

/* A number for OSSL_PARAM_BLD, which wipes what is secure; or NULL. */
static BIGNUM *
number_of(const struct pki_span *span)
{
	BIGNUM *number = BN_secure_new();

	if (number != NULL &&
	    BN_bin2bn(span->at, (int)span->len, number) == NULL) {
		BN_clear_free(number);
		number = NULL;
	}
	return number;
}

/* The key of `type` that was built, or NULL. */
static EVP_PKEY *
finish(OSSL_PARAM_BLD *build, const char *type, int selection)
{
	OSSL_PARAM *parameters = OSSL_PARAM_BLD_to_param(build);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	EVP_PKEY *ret = NULL;

	if (ctx == NULL || parameters == NULL ||
	    EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &ret, selection, parameters) != 1)
		ret = NULL;
	EVP_PKEY_CTX_free(ctx);
	OSSL_PARAM_free(parameters);
	return ret;
}

/* The first two of `numbers` are a public key, all of them a pair. */
static EVP_PKEY *
from_rsa(const struct pki_span *numbers, size_t count)
{
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	BIGNUM *made[PKI_RSA_NUMBERS] = {NULL};
	EVP_PKEY *ret = NULL;
	bool ok = build != NULL;

	for (size_t i = 0; ok && i < count; i++) {
		made[i] = number_of(&numbers[i]);
		ok = made[i] != NULL &&
		    OSSL_PARAM_BLD_push_BN(build, rsa_names[i], made[i]) == 1;
	}
	if (ok)
		ret = finish(build, "RSA",
		    count == PKI_RSA_NUMBERS ? EVP_PKEY_KEYPAIR
					     : EVP_PKEY_PUBLIC_KEY);
	for (size_t i = 0; i < count; i++)
		BN_clear_free(made[i]);
	OSSL_PARAM_BLD_free(build);
	return ret;
}

/* `secret` empty: a public key. */
static EVP_PKEY *
from_ec(int curve, const struct pki_span *point, const struct pki_span *secret)
{
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	bool pair = secret->len > 0;
	BIGNUM *number = pair ? number_of(secret) : NULL;
	EVP_PKEY *ret = NULL;

	if (build != NULL &&
	    OSSL_PARAM_BLD_push_utf8_string(
		build, OSSL_PKEY_PARAM_GROUP_NAME, OBJ_nid2sn(curve), 0) == 1 &&
	    OSSL_PARAM_BLD_push_octet_string(
		build, OSSL_PKEY_PARAM_PUB_KEY, point->at, point->len) == 1 &&
	    (!pair ||
		(number != NULL &&
		    OSSL_PARAM_BLD_push_BN(
			build, OSSL_PKEY_PARAM_PRIV_KEY, number) == 1)))
		ret = finish(
		    build, "EC", pair ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY);
	BN_clear_free(number);
	OSSL_PARAM_BLD_free(build);
	return ret;
}

EVP_PKEY *
pki_public_evp(const struct pki_public *key)
{
	const struct pki_span numbers[] = {key->modulus, key->exponent};
	const struct pki_span none = {NULL, 0};
	const unsigned char *at = key->whole.at;

	if (key->modulus.len > 0)
		return from_rsa(numbers, COUNT_OF(numbers));
	if (key->curve != NID_undef)
		return from_ec(key->curve, &key->key, &none);
	return d2i_PUBKEY(NULL, &at, (long)key->whole.len);
}

EVP_PKEY *
pki_key_evp(const struct pki_key *key)
{
	if (!key->plain)
		return NULL;
	if (key->facts.type == PKI_KEY_RSA)
		return from_rsa(key->numbers, PKI_RSA_NUMBERS);
	if (key->facts.type == PKI_KEY_EC && key->point.len > 0 &&
	    key->secret.len > 0)
		return from_ec(key->curve, &key->point, &key->secret);
	return NULL;
}

/* --- and back ------------------------------------------------------------- */

static const char doing[] = "writing the private key";

struct ec_parts {
	int curve;
	unsigned char *point; /* owned by OpenSSL's allocator */
	int point_len;
};

/* False, and nothing to free, where it is no key on a curve with a name. */
static bool
take_apart(EVP_PKEY *key, struct ec_parts *ret)
{
	char group[64];
	size_t len = 0;

	if (!EVP_PKEY_is_a(key, "EC") ||
	    EVP_PKEY_get_group_name(key, group, sizeof(group), &len) != 1)
		return false;
	ret->curve = OBJ_txt2nid(group);
	ret->point = NULL;
	if (ret->curve == NID_undef)
		return false;
	len = EVP_PKEY_get1_encoded_public_key(key, &ret->point);
	ret->point_len = (int)len;
	return len > 0;
}

bool
pki_public_set(X509_PUBKEY *ret, EVP_PKEY *key)
{
	struct ec_parts ec;

	if (!take_apart(key, &ec))
		return false;
	if (X509_PUBKEY_set0_param(ret, OBJ_nid2obj(NID_X9_62_id_ecPublicKey),
		V_ASN1_OBJECT, OBJ_nid2obj(ec.curve), ec.point,
		ec.point_len) == 1)
		return true;
	OPENSSL_free(ec.point);
	return false;
}

static void
put(unsigned char **at, int tag, int len)
{
	ASN1_put_object(at, tag == V_ASN1_SEQUENCE, len, tag, V_ASN1_UNIVERSAL);
}

/*
 * An ECPrivateKey (RFC 5915, 3) but for the parameters, which stand outside;
 * owned by OpenSSL's allocator. Its length, or -1.
 */
static int
write_ec(const BIGNUM *secret, const struct ec_parts *ec, unsigned char **ret)
{
	const int version = 1, wrapped = 1;
	int half = (ec->point_len - 1) / 2;
	int bits = ASN1_object_size(0, 1 + ec->point_len, V_ASN1_BIT_STRING);
	int len = ASN1_object_size(0, 1, V_ASN1_INTEGER) +
	    ASN1_object_size(0, half, V_ASN1_OCTET_STRING) +
	    ASN1_object_size(1, bits, wrapped);
	int whole = ASN1_object_size(1, len, V_ASN1_SEQUENCE);
	unsigned char *at = OPENSSL_malloc((size_t)whole);

	if (at == NULL)
		return -1;
	*ret = at;
	put(&at, V_ASN1_SEQUENCE, len);
	put(&at, V_ASN1_INTEGER, 1);
	*at++ = version;
	put(&at, V_ASN1_OCTET_STRING, half);
	if (BN_bn2binpad(secret, at, half) != half) {
		OPENSSL_free(*ret);
		return -1;
	}
	at += half;
	ASN1_put_object(&at, 1, bits, wrapped, V_ASN1_CONTEXT_SPECIFIC);
	put(&at, V_ASN1_BIT_STRING, 1 + ec->point_len);
	*at++ = 0;
	memcpy(at, ec->point, (size_t)ec->point_len);
	return whole;
}

/* As EVP_PKEY2PKCS8(); NULL also for what is no EC key. */
static PKCS8_PRIV_KEY_INFO *
ec_info(EVP_PKEY *key)
{
	PKCS8_PRIV_KEY_INFO *info = PKCS8_PRIV_KEY_INFO_new();
	unsigned char *der = NULL;
	BIGNUM *secret = NULL;
	struct ec_parts ec;
	bool ok = false;
	int len = -1;

	if (info == NULL || !take_apart(key, &ec))
		goto out;
	if (EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PRIV_KEY, &secret) == 1)
		len = write_ec(secret, &ec, &der);
	ok = len > 0 &&
	    PKCS8_pkey_set0(info, OBJ_nid2obj(NID_X9_62_id_ecPublicKey), 0,
		V_ASN1_OBJECT, OBJ_nid2obj(ec.curve), der, len) == 1;
	if (!ok && len > 0)
		OPENSSL_clear_free(der, (size_t)len);
	OPENSSL_free(ec.point);
	BN_clear_free(secret);
out:
	if (ok)
		return info;
	PKCS8_PRIV_KEY_INFO_free(info);
	return NULL;
}

int
pki_key_write(EVP_PKEY *key, struct buf *ret, struct err *err)
{
	struct pki_block block = {
	    .label = PKI_LABEL_PRIVATE_KEY, .text = "PRIVATE KEY"};
	PKCS8_PRIV_KEY_INFO *info = ec_info(key);
	char words[256];
	int len, rc;

	ret->secret = true;
	if (info == NULL)
		info = EVP_PKEY2PKCS8(key);
	len = info == NULL ? -1 : i2d_PKCS8_PRIV_KEY_INFO(info, &block.der);
	PKCS8_PRIV_KEY_INFO_free(info); /* OpenSSL clears it */
	if (len <= 0) {
		ERR_error_string_n(ERR_get_error(), words, sizeof(words));
		ERR_clear_error();
		return err_set(err, ERR_CRYPTO, doing, NULL, "%s", words);
	}
	block.len = (size_t)len;
	rc = pki_block_write(&block, ret, err);
	OPENSSL_clear_free(block.der, block.len);
	return rc;
}
