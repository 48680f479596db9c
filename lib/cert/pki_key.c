/*
 * pki_key.c: private keys from their DER: what kind, and their numbers.
 * Whether one is the other half of a certificate's is for pki_match.c.
 */
#include "cert/pki_private.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/objects.h>

static const char doing[] = "reading the private key";

enum {
	RSA_BYTES = 16384 / 8, /* the longest that OpenSSL works with */
	ED25519_BYTES = 32,
};

static bool
is_der_null(const struct pki_span *span)
{
	static const unsigned char null[] = {0x05, 0x00};

	return span->len == sizeof(null) &&
	    memcmp(span->at, null, sizeof(null)) == 0;
}

/* RSAPrivateKey (RFC 8017, A.1.2) of two primes. */
static bool
walk_rsa(struct pki_span from, struct pki_key *key)
{
	struct pki_span rest, version;

	if (!pki_der_take(&from, PKI_TAG_SEQUENCE, &rest, NULL) ||
	    from.len != 0 || !pki_der_take_number(&rest, &version) ||
	    version.len != 1 || version.at[0] != 0)
		return false;
	for (size_t i = 0; i < PKI_RSA_NUMBERS; i++) {
		if (!pki_der_take_number(&rest, &key->numbers[i]) ||
		    key->numbers[i].len > RSA_BYTES)
			return false;
	}
	pki_rsa_facts(&key->numbers[PKI_RSA_N], &key->facts);
	return rest.len == 0;
}

/* The public half at the end of an ECPrivateKey; not to be had: no point. */
static bool
walk_point(struct pki_span *rest, struct pki_key *key)
{
	struct pki_span wrapped;

	if (rest->len == 0)
		return true;
	if (!pki_der_take(rest, PKI_TAG_CONTEXT_1, &wrapped, NULL))
		return false;
	if (!pki_der_take_bits(&wrapped, &key->point) || wrapped.len != 0)
		key->point.len = 0;
	return true;
}

/*
 * ECPrivateKey (RFC 5915, 3). `outer` are the parameters where they stand
 * outside (PKCS#8), or empty; OpenSSL goes by the inner ones, so that two that
 * differ are a lie.
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
	key->curve = pki_ec_facts(&outer, &key->facts);
	/* One OID and nothing behind it. */
	key->plain = key->plain &&
	    pki_der_take(&outer, PKI_TAG_OID, NULL, NULL) && outer.len == 0;
	return walk_point(&rest, key) && rest.len == 0;
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
	key->plain = version.at[0] == 0 && rest.len == 0;
	switch (algorithm.nid) {
	case NID_rsaEncryption:
		key->plain = key->plain && is_der_null(&algorithm.parameters);
		return walk_rsa(inner, key);
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

	key->plain = true;
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
