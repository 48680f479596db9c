/*
 * pki.c: a certificate from its DER, and who signed it. What the certificate
 * says is in pki_facts.c, private keys are in pki_key.c, PEM in pki_pem.c.
 */
#include "cert/pki.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

#include "cert/pki_private.h"

static const char doing[] = "reading the certificate";

int
pki_cert_bad(const char *origin, const char *what, struct err *err)
{
	unsigned long code = ERR_peek_last_error();
	const char *reason = code == 0 ? NULL : ERR_reason_error_string(code);

	return err_set(err, ERR_SYNTAX, doing, origin, "%s%s%s", what,
	    reason != NULL ? ": " : "", reason != NULL ? reason : "");
}

/* Certificate (RFC 5280, 4.1): the three parts. */
static bool
walk_frame(struct pki_cert *cert)
{
	struct pki_span rest = {cert->der, cert->len}, parts;

	return pki_der_take(&rest, PKI_TAG_SEQUENCE, &parts, NULL) &&
	    rest.len == 0 &&
	    pki_der_take(&parts, PKI_TAG_SEQUENCE, NULL, &cert->tbs) &&
	    pki_algorithm_take(&parts, &cert->algorithm) &&
	    pki_der_take_bits(&parts, &cert->signature) && parts.len == 0;
}

/* The version in front of TBSCertificate: absent means 1 and no extensions. */
static bool
walk_version(struct pki_span *rest, unsigned *ret)
{
	struct pki_span wrapped, number;

	*ret = 0;
	if (rest->len == 0 || rest->at[0] != PKI_TAG_CONTEXT_0)
		return true;
	if (!pki_der_take(rest, PKI_TAG_CONTEXT_0, &wrapped, NULL) ||
	    !pki_der_take_number(&wrapped, &number) || wrapped.len != 0 ||
	    number.len != 1 || number.at[0] > 2)
		return false;
	*ret = number.at[0];
	return true;
}

/* A Time, whole: UTCTime up to 2049, then GeneralizedTime. */
static bool
walk_time(struct pki_span *rest, struct pki_span *ret)
{
	return pki_der_take(rest, PKI_TAG_UTC_TIME, NULL, ret) ||
	    pki_der_take(rest, PKI_TAG_GENERALIZED_TIME, NULL, ret);
}

/* TBSCertificate (RFC 5280, 4.1.2); unique identifiers are not taken. */
static bool
walk_tbs(struct pki_cert *cert)
{
	struct pki_span from = cert->tbs, rest, validity, wrapped;
	struct pki_algorithm inner;
	unsigned version;

	if (!pki_der_take(&from, PKI_TAG_SEQUENCE, &rest, NULL) ||
	    !walk_version(&rest, &version) ||
	    !pki_der_take(&rest, PKI_TAG_INTEGER, &cert->serial, NULL) ||
	    !pki_algorithm_take(&rest, &inner) ||
	    !pki_der_take(&rest, PKI_TAG_SEQUENCE, NULL, &cert->issuer) ||
	    !pki_der_take(&rest, PKI_TAG_SEQUENCE, &validity, NULL) ||
	    !pki_der_take(&rest, PKI_TAG_SEQUENCE, NULL, &cert->subject) ||
	    !pki_public_take(&rest, &cert->key))
		return false;
	/* What was signed must say how (RFC 5280, 4.1.1.2). */
	if (!pki_span_equal(&inner.whole, &cert->algorithm.whole) ||
	    !walk_time(&validity, &cert->not_before) ||
	    !walk_time(&validity, &cert->not_after) || validity.len != 0)
		return false;
	if (rest.len == 0)
		return true;
	return version == 2 &&
	    pki_der_take(&rest, PKI_TAG_CONTEXT_3, &wrapped, NULL) &&
	    rest.len == 0 &&
	    pki_der_take(&wrapped, PKI_TAG_SEQUENCE, NULL, &cert->extensions) &&
	    wrapped.len == 0;
}

int
pki_cert_parse(const struct pki_block *block, const char *origin,
    struct pki_cert **ret, struct err *err)
{
	struct pki_cert *cert = NULL;
	int rc;

	ERR_clear_error();
	if (block->len == 0)
		return pki_cert_bad(origin, "it is empty", err);
	cert = calloc(1, sizeof(*cert));
	if (cert == NULL)
		return err_nomem(err, doing);
	cert->der = malloc(block->len);
	if (cert->der == NULL) {
		rc = err_nomem(err, doing);
		goto out;
	}
	memcpy(cert->der, block->der, block->len);
	cert->len = block->len;
	if (!walk_frame(cert) || !walk_tbs(cert)) {
		rc = pki_cert_bad(origin, "it is no X.509 certificate", err);
		goto out;
	}
	rc = pki_facts_fill(cert, origin, err);
	if (rc < 0)
		goto out;
	(void)SHA1(cert->der, cert->len, cert->facts.sha1);
	pki_sha256(cert->der, cert->len, cert->facts.sha256);
	cert->facts.self_signed =
	    cert->self_issued && pki_cert_issued_by(cert, cert);
	*ret = cert;
	cert = NULL;
out:
	pki_cert_free(cert);
	ERR_clear_error();
	return rc;
}

void
pki_cert_free(struct pki_cert *cert)
{
	if (cert == NULL)
		return;
	for (size_t i = 0; i < cert->facts.name_count; i++)
		free(cert->facts.names[i]);
	free(cert->facts.names);
	free(cert->der);
	free(cert);
}

const struct pki_facts *
pki_cert_facts(const struct pki_cert *cert)
{
	return &cert->facts;
}

static X509_NAME *
name_of(const struct pki_span *span)
{
	const unsigned char *at = span->at;

	return d2i_X509_NAME(NULL, &at, (long)span->len);
}

/* Are the two names the same (RFC 5280, 7.1), in whatever strings? */
static bool
names_equal(const struct pki_span *a, const struct pki_span *b)
{
	X509_NAME *first = NULL, *second = NULL;
	bool equal;

	if (pki_span_equal(a, b))
		return true;
	first = name_of(a);
	second = name_of(b);
	equal = first != NULL && second != NULL &&
	    X509_NAME_cmp(first, second) == 0;
	X509_NAME_free(first);
	X509_NAME_free(second);
	return equal;
}

/* The long way, for signatures that a digest and a key do not describe. */
static bool
verify_any(const struct pki_cert *cert, const struct pki_cert *issuer)
{
	const unsigned char *at = cert->der, *issuer_at = issuer->der;
	X509 *first = d2i_X509(NULL, &at, (long)cert->len);
	X509 *second = d2i_X509(NULL, &issuer_at, (long)issuer->len);
	bool ok;

	ok = first != NULL && second != NULL &&
	    X509_verify(first, X509_get0_pubkey(second)) == 1;
	X509_free(first);
	X509_free(second);
	return ok;
}

/* The kind of key that must have made the signature. */
static bool
key_fits(int signer_nid, const struct pki_key_facts *key)
{
	switch (key->type) {
	case PKI_KEY_RSA: return signer_nid == NID_rsaEncryption;
	case PKI_KEY_EC: return signer_nid == NID_X9_62_id_ecPublicKey;
	case PKI_KEY_ED25519: return signer_nid == NID_ED25519;
	case PKI_KEY_OTHER: break;
	}
	return false;
}

static bool
verify(const struct pki_cert *cert, const struct pki_cert *issuer)
{
	int digest = NID_undef, signer = NID_undef;
	EVP_MD_CTX *ctx = NULL;
	EVP_PKEY *key = NULL;
	bool ok;

	if (OBJ_find_sigid_algs(cert->algorithm.nid, &digest, &signer) != 1)
		return false;
	if (!key_fits(signer, &issuer->key.facts) ||
	    (digest == NID_undef && signer != NID_ED25519))
		return verify_any(cert, issuer);
	key = pki_public_evp(&issuer->key);
	ctx = EVP_MD_CTX_new();
	ok = key != NULL && ctx != NULL &&
	    EVP_DigestVerifyInit_ex(ctx, NULL,
		digest == NID_undef ? NULL : OBJ_nid2sn(digest), NULL, NULL,
		key, NULL) == 1 &&
	    EVP_DigestVerify(ctx, cert->signature.at, cert->signature.len,
		cert->tbs.at, cert->tbs.len) == 1;
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	return ok;
}

bool
pki_cert_issued_by(const struct pki_cert *cert, const struct pki_cert *issuer)
{
	bool ok;

	if (!names_equal(&cert->issuer, &issuer->subject))
		return false;
	ok = verify(cert, issuer);
	ERR_clear_error();
	return ok;
}

void
pki_sha256(const void *data, size_t len, unsigned char *ret)
{
	(void)SHA256(data, len, ret);
}

void
pki_sha256_add(unsigned char *sum, const unsigned char *digest)
{
	unsigned char both[2 * PKI_SHA256_BYTES];

	memcpy(both, sum, PKI_SHA256_BYTES);
	memcpy(both + PKI_SHA256_BYTES, digest, PKI_SHA256_BYTES);
	pki_sha256(both, sizeof(both), sum);
}

void
pki_certs_sha256(
    struct pki_cert *const *certs, size_t count, unsigned char *ret)
{
	memset(ret, 0, PKI_SHA256_BYTES);
	for (size_t i = 0; i < count; i++)
		pki_sha256_add(ret, certs[i]->facts.sha256);
}

bool
pki_sha256_is_none(const unsigned char *digest)
{
	static const unsigned char none[PKI_SHA256_BYTES];

	return memcmp(digest, none, sizeof(none)) == 0;
}
