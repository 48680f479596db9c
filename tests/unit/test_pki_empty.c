/*
 * test_pki_empty.c: a certificate with an empty subject, as CAs issue them, and
 * a name of no bytes: both are read, neither is copied from nowhere (which the
 * sanitizer build would tell).
 */
#include "cert/pki.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <openssl/ec.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

static X509 *
make_cert(EVP_PKEY *key)
{
	X509 *made = X509_new();

	assert_non_null(made);
	assert_int_equal(X509_set_version(made, X509_VERSION_3), 1);
	assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(made), 7), 1);
	assert_non_null(X509_gmtime_adj(X509_getm_notBefore(made), 0));
	assert_non_null(X509_gmtime_adj(X509_getm_notAfter(made), 3600));
	assert_int_equal(X509_set_pubkey(made, key), 1);
	return made;
}

static void
add_dns_name(GENERAL_NAMES *names, const char *text)
{
	ASN1_IA5STRING *value = ASN1_IA5STRING_new();
	GENERAL_NAME *name = GENERAL_NAME_new();

	assert_non_null(value);
	assert_non_null(name);
	assert_int_equal(ASN1_STRING_set(value, text, -1), 1);
	GENERAL_NAME_set0_value(name, GEN_DNS, value);
	assert_true(sk_GENERAL_NAME_push(names, name) > 0);
}

/* A CA may leave the subject empty (RFC 5280 4.1.2.6); so may a name be. */
static void
an_empty_name_is_one(void **state)
{
	GENERAL_NAMES *names = sk_GENERAL_NAME_new_null();
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *made = make_cert(key);
	struct pki_block block = {.label = PKI_LABEL_CERTIFICATE};
	const struct pki_facts *facts;
	struct pki_cert *cert = NULL;
	struct err err = ERR_INIT;
	int len;

	(void)state;
	assert_non_null(names);
	add_dns_name(names, "");
	add_dns_name(names, "a.example");
	assert_int_equal(
	    X509_add1_ext_i2d(made, NID_subject_alt_name, names, 1, 0), 1);
	assert_true(X509_sign(made, key, EVP_sha256()) > 0);
	len = i2d_X509(made, &block.der);
	assert_true(len > 0);
	block.len = (size_t)len;
	assert_int_equal(pki_cert_parse(&block, "x", &cert, &err), 0);
	facts = pki_cert_facts(cert);
	assert_string_equal(facts->subject, "");
	assert_string_equal(facts->subject_cn, "");
	assert_string_equal(facts->issuer, "");
	assert_int_equal(facts->name_count, 1);
	assert_string_equal(facts->names[0], "a.example");
	pki_cert_free(cert);
	OPENSSL_free(block.der);
	X509_free(made);
	EVP_PKEY_free(key);
	GENERAL_NAMES_free(names);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_empty_name_is_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
