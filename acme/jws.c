/*
 * jws.c: what the account key signs: the flattened JWS of every request, the
 * thumbprint in every key authorization, the external account binding.
 */
#include "acme/jws.h"

#include <openssl/bn.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

#include "acme/crypto.h"
#include "acme/jws_private.h"

static const char doing[] = "signing a request";

enum {
	SIGNATURE_MOST_BYTES = 1024, /* RSA of 8192 bits */
	MAC_LEAST_BYTES = 16, /* of an external account's key */
};

int
jws_key_from_pem(const struct buf *pem, struct jws_key **ret, struct err *err)
{
	static const char what[] = "reading the certificate's key";
	EVP_PKEY *pkey = crypto_read_key(pem);

	if (pkey == NULL)
		return crypto_failed(what, "PEM_read_bio_PrivateKey", err);
	return jws_key_wrap(pkey, what, ret, err);
}

int
jws_thumbprint(
    const struct jws_key *key, char *ret, size_t size, struct err *err)
{
	struct buf jwk = BUF_INIT(4 * LIMIT_JWK_MEMBER_BYTES);
	struct buf text = BUF_INIT(LIMIT_THUMBPRINT_BYTES);
	unsigned char digest[SHA256_DIGEST_LENGTH];
	int rc;

	rc = jws_key_public(key, &jwk, err);
	if (rc < 0)
		goto out;
	SHA256((const unsigned char *)jwk.data, jwk.len, digest);
	rc = jws_b64_encode(digest, sizeof(digest), &text, err);
	if (rc < 0)
		goto out;
	if (text.len >= size)
		rc = err_set(
		    err, ERR_LIMIT, doing, NULL, "no room for a thumbprint");
	else
		memcpy(ret, buf_text(&text), text.len + 1);
out:
	buf_free(&text);
	buf_free(&jwk);
	return rc;
}

int
jws_account_id(const struct jws_key *key, char *ret, struct err *err)
{
	static const char hex[] = "0123456789abcdef";
	unsigned char digest[EVP_MAX_MD_SIZE];
	BIO *bio = BIO_new(BIO_s_mem());
	unsigned int len = 0;
	char *pem = NULL;
	long size;
	int rc = 0;

	/* An identifier, not a protection: certbot has chosen MD5. */
	if (bio == NULL || PEM_write_bio_PUBKEY(bio, key->pkey) != 1 ||
	    (size = BIO_get_mem_data(bio, &pem)) <= 0 ||
	    EVP_Digest(pem, (size_t)size, digest, &len, EVP_md5(), NULL) != 1)
		rc = crypto_failed("naming the account", "EVP_Digest", err);
	for (unsigned int i = 0; rc == 0 && i < len; i++) {
		ret[2 * i] = hex[digest[i] >> 4];
		ret[2 * i + 1] = hex[digest[i] & 15];
	}
	if (rc == 0)
		ret[2 * len] = '\0';
	BIO_free(bio);
	return rc;
}

/* --- signatures ----------------------------------------------------------- */

/* DER's (r, s) as r||s, each padded on the left (RFC 7518, 3.4). */
static int
flatten(const unsigned char *der, size_t len, size_t half, unsigned char *ret,
    struct err *err)
{
	ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &der, (long)len);
	int rc = 0;

	if (pair == NULL ||
	    BN_bn2binpad(ECDSA_SIG_get0_r(pair), ret, (int)half) < 0 ||
	    BN_bn2binpad(ECDSA_SIG_get0_s(pair), ret + half, (int)half) < 0)
		rc = crypto_failed(doing, "d2i_ECDSA_SIG", err);
	ECDSA_SIG_free(pair);
	return rc;
}

static const EVP_MD *
digest_of(const struct jws_key *key)
{
	switch (key->half) {
	case 48: return EVP_sha384();
	case 66: return EVP_sha512();
	default: return EVP_sha256();
	}
}

/* Signs `input`; appends the signature as base64url. */
static int
sign(const struct jws_key *key, const struct buf *input, struct buf *ret,
    struct err *err)
{
	unsigned char der[SIGNATURE_MOST_BYTES], flat[SIGNATURE_MOST_BYTES];
	size_t len = sizeof(der);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	int rc = 0;

	if (context == NULL ||
	    EVP_DigestSignInit(
		context, NULL, digest_of(key), NULL, key->pkey) != 1 ||
	    EVP_DigestSign(context, der, &len,
		(const unsigned char *)input->data, input->len) != 1)
		rc = crypto_failed(doing, "EVP_DigestSign", err);
	EVP_MD_CTX_free(context);
	if (rc < 0)
		return rc;
	if (key->half == 0)
		return jws_b64_encode(der, len, ret, err);
	rc = flatten(der, len, key->half, flat, err);
	return rc < 0 ? rc : jws_b64_encode(flat, 2 * key->half, ret, err);
}

struct hmac {
	const EVP_MD *md;
	const struct buf *key;
};

static int
authenticate(const struct hmac *hmac, const struct buf *input, struct buf *ret,
    struct err *err)
{
	unsigned char mac[EVP_MAX_MD_SIZE];
	unsigned int len = 0;

	if (HMAC(hmac->md, hmac->key->data, (int)hmac->key->len,
		(const unsigned char *)input->data, input->len, mac,
		&len) == NULL)
		return crypto_failed(doing, "HMAC", err);
	return jws_b64_encode(mac, len, ret, err);
}

/*
 * PROTECTED.PAYLOAD signed by `key`, or authenticated by `hmac`, as the JSON
 * of a flattened JWS.
 */
static int
assemble(const struct jws_key *key, const struct hmac *hmac,
    const struct buf *head, const struct buf *payload, struct buf *ret,
    struct err *err)
{
	struct buf protected = BUF_INIT(LIMIT_ACME_REPLY_BYTES);
	struct buf body = BUF_INIT(LIMIT_ACME_REPLY_BYTES);
	struct buf input = BUF_INIT(LIMIT_ACME_REPLY_BYTES);
	struct buf signature = BUF_INIT(LIMIT_ACME_REPLY_BYTES);
	int rc;

	rc = jws_b64_encode(head->data, head->len, &protected, err);
	if (rc == 0)
		rc = jws_b64_encode(payload->data, payload->len, &body, err);
	if (rc == 0)
		rc = buf_printf(&input, err, "%s.%s", buf_text(&protected),
		    buf_text(&body));
	if (rc == 0)
		rc = hmac != NULL ? authenticate(hmac, &input, &signature, err)
				  : sign(key, &input, &signature, err);
	if (rc == 0)
		rc = wire_make_jws(buf_text(&protected), buf_text(&body),
		    buf_text(&signature), ret, err);
	buf_free(&signature);
	buf_free(&input);
	buf_free(&body);
	buf_free(&protected);
	return rc;
}

int
jws_sign(const struct jws_key *key, const char *kid, const char *nonce,
    const char *url, const struct buf *payload, struct buf *ret,
    struct err *err)
{
	struct buf jwk = BUF_INIT(4 * LIMIT_JWK_MEMBER_BYTES);
	struct buf head = BUF_INIT(LIMIT_ACME_REPLY_BYTES);
	int rc = 0;

	if (kid == NULL)
		rc = jws_key_public(key, &jwk, err);
	if (rc == 0)
		rc = wire_make_protected(key->alg,
		    kid == NULL ? buf_text(&jwk) : NULL, kid, nonce, url, &head,
		    err);
	if (rc == 0)
		rc = assemble(key, NULL, &head, payload, ret, err);
	buf_free(&head);
	buf_free(&jwk);
	return rc;
}

static const EVP_MD *
mac_digest(const char *alg)
{
	if (strcmp(alg, "HS256") == 0)
		return EVP_sha256();
	if (strcmp(alg, "HS384") == 0)
		return EVP_sha384();
	return strcmp(alg, "HS512") == 0 ? EVP_sha512() : NULL;
}

static int
decode_mac(
    const char *alg, const char *mac_key, struct buf *ret, struct err *err)
{
	if (mac_digest(alg) == NULL)
		return err_set(err, ERR_USAGE, "--eab-hmac-alg", alg,
		    "is none of HS256, HS384, HS512");
	if (jws_b64_decode(mac_key, ret, err) == 0 &&
	    ret->len >= MAC_LEAST_BYTES)
		return 0;
	return err_set(err, ERR_USAGE, "--eab-hmac-key", NULL,
	    "is not the base64url text that the CA gave (%d bytes or more)",
	    MAC_LEAST_BYTES);
}

int
jws_eab_check(const char *alg, const char *mac_key, struct err *err)
{
	struct buf secret = BUF_SECRET(LIMIT_JWK_MEMBER_BYTES);
	int rc = decode_mac(alg, mac_key, &secret, err);

	buf_free(&secret);
	return rc;
}

int
jws_eab(const struct jws_key *key, const char *alg, const char *kid,
    const char *mac_key, const char *url, struct buf *ret, struct err *err)
{
	struct buf secret = BUF_SECRET(LIMIT_JWK_MEMBER_BYTES);
	struct buf jwk = BUF_INIT(4 * LIMIT_JWK_MEMBER_BYTES);
	struct buf head = BUF_INIT(LIMIT_ACME_REPLY_BYTES);
	struct hmac hmac = {mac_digest(alg), &secret};
	int rc = decode_mac(alg, mac_key, &secret, err);

	if (rc == 0)
		rc = jws_key_public(key, &jwk, err);
	if (rc == 0)
		rc = wire_make_protected(alg, NULL, kid, NULL, url, &head, err);
	if (rc == 0)
		rc = assemble(NULL, &hmac, &head, &jwk, ret, err);
	buf_free(&head);
	buf_free(&jwk);
	buf_free(&secret);
	return rc;
}
