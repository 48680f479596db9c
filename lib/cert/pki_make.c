/*
 * pki_make.c: a certificate of our own making, for who has none yet: HAProxy
 * wants one in front of an empty directory, and shows it to clients that ask
 * for no name we know.
 */
#include "cert/pki.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/clock.h"

static const char doing[] = "making a certificate";

enum { SERIAL_BYTES = 16, DAY_S = 24 * 3600, X509_V3 = 2 };

static int
refused(const char *name, struct err *err)
{
	char words[256];

	ERR_error_string_n(ERR_get_error(), words, sizeof(words));
	ERR_clear_error();
	return err_set(err, ERR_CRYPTO, doing, name, "%s", words);
}

/* A random serial that is positive and not too long (RFC 5280, 4.1.2.2). */
static int
set_serial(X509 *cert, const char *name, struct err *err)
{
	unsigned char serial[SERIAL_BYTES];
	BIGNUM *number;
	int rc;

	rc = clock_random(serial, sizeof(serial), err);
	if (rc < 0)
		return rc;
	serial[0] = (unsigned char)((serial[0] & 0x7f) | 0x40);
	number = BN_bin2bn(serial, sizeof(serial), NULL);
	if (number == NULL ||
	    BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert)) == NULL)
		rc = refused(name, err);
	BN_free(number);
	return rc;
}

/* subjectAltName: what clients look at in place of the CN. */
static bool
add_name(X509 *cert, const char *name)
{
	GENERAL_NAMES *names = GENERAL_NAMES_new();
	GENERAL_NAME *one = GENERAL_NAME_new();
	ASN1_IA5STRING *text = ASN1_IA5STRING_new();
	bool done = false;

	if (names != NULL && one != NULL && text != NULL &&
	    ASN1_STRING_set(text, name, -1) == 1) {
		GENERAL_NAME_set0_value(one, GEN_DNS, text);
		text = NULL;
		if (sk_GENERAL_NAME_push(names, one) > 0) {
			one = NULL;
			done = X509_add1_ext_i2d(cert, NID_subject_alt_name,
				   names, 0, X509V3_ADD_DEFAULT) == 1;
		}
	}
	ASN1_IA5STRING_free(text);
	GENERAL_NAME_free(one);
	GENERAL_NAMES_free(names);
	return done;
}

static int
fill(X509 *cert, EVP_PKEY *key, const char *name, long days, struct err *err)
{
	X509_NAME *subject = X509_get_subject_name(cert);
	time_t now_s = clock_now_s();
	int rc;

	rc = set_serial(cert, name, err);
	if (rc < 0)
		return rc;
	if (X509_set_version(cert, X509_V3) != 1 ||
	    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
		(const unsigned char *)name, -1, -1, 0) != 1 ||
	    X509_set_issuer_name(cert, subject) != 1 ||
	    ASN1_TIME_set(X509_getm_notBefore(cert), now_s) == NULL ||
	    ASN1_TIME_set(X509_getm_notAfter(cert),
		now_s + (time_t)days * DAY_S) == NULL ||
	    X509_set_pubkey(cert, key) != 1 || !add_name(cert, name) ||
	    X509_sign(cert, key, EVP_sha256()) == 0)
		return refused(name, err);
	return 0;
}

static int
write_cert(X509 *cert, const char *name, struct buf *ret, struct err *err)
{
	struct pki_block block = {
	    .label = PKI_LABEL_CERTIFICATE, .text = "CERTIFICATE"};
	int len = i2d_X509(cert, &block.der), rc;

	if (len <= 0)
		return refused(name, err);
	block.len = (size_t)len;
	rc = pki_block_write(&block, ret, err);
	OPENSSL_free(block.der);
	return rc;
}

int
pki_make_self_signed(
    const char *name, long days, struct buf *ret, struct err *err)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *cert = X509_new();
	int rc;

	if (key == NULL || cert == NULL)
		rc = refused(name, err);
	else
		rc = fill(cert, key, name, days, err);
	if (rc == 0)
		rc = write_cert(cert, name, ret, err);
	if (rc == 0)
		rc = pki_key_write(key, ret, err);
	X509_free(cert);
	EVP_PKEY_free(key);
	return rc;
}
