/*
 * csr.c: certificate keys and the requests that are made with them.
 */
#include "acme/csr.h"

#include <arpa/inet.h>
#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "acme/crypto.h"
#include "acme/csr_private.h"
#include "cert/pki.h"

static const struct {
	const char *curve, *group;
} curves[] = {
    {"secp256r1", "P-256"}, {"secp384r1", "P-384"}, {"secp521r1", "P-521"}};

static int
rsa_kind(long bits, struct csr_key_kind *ret, struct err *err)
{
	if (bits < LIMIT_RSA_BITS_LEAST || bits > LIMIT_RSA_BITS_MOST)
		return err_set(err, ERR_USAGE, "--rsa-key-size", NULL,
		    "%ld is none of %d to %d: what is shorter is not safe, "
		    "and what is longer is not made here",
		    bits, LIMIT_RSA_BITS_LEAST, LIMIT_RSA_BITS_MOST);
	*ret = (struct csr_key_kind){(unsigned int)bits, ""};
	return 0;
}

int
csr_key_kind(const char *key_type, long rsa_bits, const char *curve,
    struct csr_key_kind *ret, struct err *err)
{
	if (strcmp(key_type, "rsa") == 0)
		return rsa_kind(rsa_bits, ret, err);
	if (strcmp(key_type, "ecdsa") != 0)
		return err_set(err, ERR_USAGE, "--key-type", key_type,
		    "is neither rsa nor ecdsa");
	for (size_t i = 0; i < COUNT_OF(curves); i++) {
		if (strcmp(curves[i].curve, curve) == 0) {
			*ret = (struct csr_key_kind){0, curves[i].group};
			return 0;
		}
	}
	return err_set(err, ERR_USAGE, "--elliptic-curve", curve,
	    "is none of secp256r1, secp384r1, secp521r1");
}

int
csr_key_make(const struct csr_key_kind *kind, struct buf *ret, struct err *err)
{
	EVP_PKEY *pkey = kind->rsa_bits != 0 ? EVP_RSA_gen(kind->rsa_bits)
					     : EVP_EC_gen(kind->group);
	int rc;

	if (pkey == NULL)
		return crypto_failed("making a key", "EVP_PKEY_generate", err);
	rc = pki_key_write(pkey, ret, err);
	EVP_PKEY_free(pkey);
	return rc;
}

/* --- a request ------------------------------------------------------------ */

static const char making[] = "making a certificate request";

/* One identifier as a GENERAL_NAME; taken by the stack. */
static int
push_name(GENERAL_NAMES *stack, const char *name, struct err *err)
{
	GENERAL_NAME *general = GENERAL_NAME_new();
	ASN1_OCTET_STRING *address = a2i_IPADDRESS(name);
	ASN1_IA5STRING *text = NULL;

	ERR_clear_error(); /* a name is no address: no error */
	if (general == NULL)
		goto failed;
	if (address != NULL) {
		GENERAL_NAME_set0_value(general, GEN_IPADD, address);
		address = NULL;
	} else {
		text = ASN1_IA5STRING_new();
		if (text == NULL || ASN1_STRING_set(text, name, -1) != 1)
			goto failed;
		GENERAL_NAME_set0_value(general, GEN_DNS, text);
		text = NULL;
	}
	if (sk_GENERAL_NAME_push(stack, general) <= 0)
		goto failed;
	return 0;
failed:
	ASN1_IA5STRING_free(text);
	ASN1_OCTET_STRING_free(address);
	GENERAL_NAME_free(general);
	return crypto_failed(making, "GENERAL_NAME", err);
}

/* The extension of type `nid`, made of `value`, onto the stack. */
static int
push_extension(
    STACK_OF(X509_EXTENSION) * *stack, int nid, void *value, struct err *err)
{
	if (value == NULL ||
	    X509V3_add1_i2d(stack, nid, value, 0, X509V3_ADD_APPEND) != 1)
		return crypto_failed(making, "X509V3_add1_i2d", err);
	return 0;
}

/* RFC 7633: tls-feature with status_request (5). */
static int
push_staple(STACK_OF(X509_EXTENSION) * *stack, struct err *err)
{
	X509_EXTENSION *staple =
	    X509V3_EXT_conf_nid(NULL, NULL, NID_tlsfeature, "status_request");

	if (staple == NULL || X509v3_add_ext(stack, staple, -1) == NULL) {
		X509_EXTENSION_free(staple);
		return crypto_failed(making, "tlsfeature", err);
	}
	X509_EXTENSION_free(staple);
	return 0;
}

static int
make_extensions(const char *const *names, size_t count, bool must_staple,
    STACK_OF(X509_EXTENSION) * *ret, struct err *err)
{
	GENERAL_NAMES *stack = GENERAL_NAMES_new();
	int rc = 0;

	if (stack == NULL)
		rc = err_nomem(err, making);
	for (size_t i = 0; rc == 0 && i < count; i++)
		rc = push_name(stack, names[i], err);
	if (rc == 0)
		rc = push_extension(ret, NID_subject_alt_name, stack, err);
	if (rc == 0 && must_staple)
		rc = push_staple(ret, err);
	GENERAL_NAMES_free(stack);
	return rc;
}

int
csr_write(
    X509_REQ *request, const char *doing, struct buf *ret, struct err *err)
{
	unsigned char *der = NULL;
	int len = i2d_X509_REQ(request, &der), rc;

	if (len <= 0)
		return crypto_failed(doing, "i2d_X509_REQ", err);
	rc = buf_add(ret, der, (size_t)len, err);
	OPENSSL_free(der);
	return rc;
}

static bool
set_public(X509_REQ *request, EVP_PKEY *pkey)
{
	return pki_public_set(X509_REQ_get_X509_PUBKEY(request), pkey) ||
	    X509_REQ_set_pubkey(request, pkey) == 1;
}

int
csr_make(const struct buf *key_pem, const char *const *names, size_t count,
    bool must_staple, struct buf *ret, struct err *err)
{
	STACK_OF(X509_EXTENSION) *extensions = NULL;
	X509_REQ *request = X509_REQ_new();
	EVP_PKEY *pkey = crypto_read_key(key_pem);
	int rc;

	if (request == NULL || pkey == NULL) {
		rc = crypto_failed(making, "PEM_read_bio_PrivateKey", err);
		goto out;
	}
	rc = make_extensions(names, count, must_staple, &extensions, err);
	if (rc < 0)
		goto out;
	if (X509_REQ_set_version(request, X509_REQ_VERSION_1) != 1 ||
	    !set_public(request, pkey) ||
	    X509_REQ_add_extensions(request, extensions) != 1 ||
	    X509_REQ_sign(request, pkey, EVP_sha256()) <= 0)
		rc = crypto_failed(making, "X509_REQ_sign", err);
	else
		rc = csr_write(request, making, ret, err);
out:
	sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
	X509_REQ_free(request);
	EVP_PKEY_free(pkey);
	return rc;
}
