/*
 * test_pki_evp.c: keys that are read and written without OpenSSL's decoders
 * and encoders are what those make of them, to the byte.
 */
#include "cert/pki.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "tests/unit/lineages.h"

static const char *const kinds[] = {"p256", "p384", "p521", "k1", "short",
    "ed25519", "rsa1024", "rsa2048", "rsa3072"};

/* As OpenSSL reads it; a point is never written compressed, as "short" is. */
static EVP_PKEY *
read_key(void *const *state, const char *kind)
{
	struct buf pem = BUF_SECRET(LIMIT_PEM_FILE_BYTES);
	char file[64];
	EVP_PKEY *key;
	BIO *bio;

	(void)snprintf(file, sizeof(file), "ca/%s.key", kind);
	lineages_file(state, file, &pem);
	bio = BIO_new_mem_buf(pem.data, (int)pem.len);
	key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
	assert_non_null(key);
	(void)EVP_PKEY_set_utf8_string_param(
	    key, OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, "uncompressed");
	BIO_free(bio);
	buf_free(&pem);
	return key;
}

/* As OpenSSL's encoders write it. */
static void
write_their_way(EVP_PKEY *key, struct buf *ret)
{
	BIO *bio = BIO_new(BIO_s_mem());
	struct err err = ERR_INIT;
	char *text;
	long len;

	assert_int_equal(
	    PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL),
	    1);
	len = BIO_get_mem_data(bio, &text);
	assert_int_equal(buf_add(ret, text, (size_t)len, &err), 0);
	BIO_free(bio);
}

/* Both halves are in what is written. */
static void
assert_same(EVP_PKEY *a, EVP_PKEY *b)
{
	struct buf first = BUF_SECRET(LIMIT_PEM_FILE_BYTES);
	struct buf second = BUF_SECRET(LIMIT_PEM_FILE_BYTES);

	write_their_way(a, &first);
	write_their_way(b, &second);
	assert_string_equal(buf_text(&first), buf_text(&second));
	buf_free(&first);
	buf_free(&second);
}

static void
reads_what_openssl_reads(void **state)
{
	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		EVP_PKEY *theirs = read_key(state, kinds[i]), *ours;
		struct pki_key *key;
		char file[64];

		(void)snprintf(file, sizeof(file), "ca/%s.key", kinds[i]);
		key = lineages_key(state, file);
		ours = pki_key_evp(key);
		if (strcmp(kinds[i], "ed25519") == 0)
			assert_null(ours);
		else
			assert_same(ours, theirs);
		EVP_PKEY_free(ours);
		EVP_PKEY_free(theirs);
		pki_key_free(key);
	}
}

static void
assert_written(EVP_PKEY *key)
{
	struct buf ours = BUF_INIT(LIMIT_PEM_FILE_BYTES);
	struct buf theirs = BUF_SECRET(LIMIT_PEM_FILE_BYTES);
	struct err err = ERR_INIT;

	write_their_way(key, &theirs);
	assert_int_equal(pki_key_write(key, &ours, &err), 0);
	assert_true(ours.secret);
	assert_string_equal(buf_text(&ours), buf_text(&theirs));
	buf_free(&ours);
	buf_free(&theirs);
}

static void
writes_what_openssl_writes(void **state)
{
	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		EVP_PKEY *key = read_key(state, kinds[i]);

		assert_written(key);
		EVP_PKEY_free(key);
	}
}

/* About one key in 256 begins with a zero byte, and keeps it. */
static void
writes_a_short_secret_at_full_width(void **state)
{
	BIGNUM *secret = NULL;
	int bits = 256;

	(void)state;
	for (int tries = 0; bits > 248 && tries < 10000; tries++) {
		EVP_PKEY *key = EVP_EC_gen("P-256");

		assert_int_equal(EVP_PKEY_get_bn_param(
				     key, OSSL_PKEY_PARAM_PRIV_KEY, &secret),
		    1);
		bits = BN_num_bits(secret);
		if (bits <= 248)
			assert_written(key);
		EVP_PKEY_free(key);
	}
	assert_true(bits <= 248);
	BN_clear_free(secret);
}

/* A request for the key, without a name. */
static void
make_request(EVP_PKEY *key, struct buf *ret)
{
	const EVP_MD *digest =
	    EVP_PKEY_is_a(key, "ED25519") ? NULL : EVP_sha256();
	X509_REQ *request = X509_REQ_new();
	unsigned char *der = NULL;
	struct err err = ERR_INIT;
	int len;

	assert_int_equal(X509_REQ_set_pubkey(request, key), 1);
	assert_true(X509_REQ_sign(request, key, digest) > 0);
	len = i2d_X509_REQ(request, &der);
	assert_true(len > 0);
	assert_int_equal(buf_add(ret, der, (size_t)len, &err), 0);
	OPENSSL_free(der);
	X509_REQ_free(request);
}

/* "short" is the key of "p256", its certificate has the point compressed. */
static const char *
key_of(const char *kind)
{
	return strcmp(kind, "short") == 0 ? "p256" : kind;
}

static void
knows_the_request_of_a_certificate(void **state)
{
	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		struct buf request = BUF_INIT(LIMIT_PEM_FILE_BYTES);
		EVP_PKEY *key = read_key(state, kinds[i]);

		make_request(key, &request);
		for (size_t k = 0; k < COUNT_OF(kinds); k++) {
			struct pki_cert *cert;
			char file[64];

			(void)snprintf(
			    file, sizeof(file), "ca/leaf.%s.pem", kinds[k]);
			cert = lineages_cert(state, file);
			assert_int_equal(pki_cert_answers(cert, &request),
			    strcmp(key_of(kinds[i]), key_of(kinds[k])) == 0);
			pki_cert_free(cert);
		}
		buf_free(&request);
		EVP_PKEY_free(key);
	}
}

static void
is_no_request(void **state)
{
	struct pki_cert *cert = lineages_cert(state, "ca/leaf.p256.pem");
	struct buf request = BUF_INIT(LIMIT_PEM_FILE_BYTES);
	EVP_PKEY *key = read_key(state, "p256");

	assert_false(pki_cert_answers(cert, &request));
	make_request(key, &request);
	while (request.len-- > 0)
		assert_false(pki_cert_answers(cert, &request));
	request.len = 0;
	buf_free(&request);
	EVP_PKEY_free(key);
	pki_cert_free(cert);
}

static void
puts_the_public_half_as_openssl_does(void **state)
{
	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		EVP_PKEY *key = read_key(state, kinds[i]);
		X509_PUBKEY *ours = X509_PUBKEY_new(), *theirs = NULL;
		unsigned char *der = NULL, *other = NULL;
		int len;

		if (pki_public_set(ours, key)) {
			assert_true(EVP_PKEY_is_a(key, "EC"));
			assert_int_equal(X509_PUBKEY_set(&theirs, key), 1);
			len = i2d_X509_PUBKEY(ours, &der);
			assert_int_equal(i2d_X509_PUBKEY(theirs, &other), len);
			assert_memory_equal(der, other, len);
		} else {
			assert_false(EVP_PKEY_is_a(key, "EC"));
		}
		OPENSSL_free(der);
		OPENSSL_free(other);
		X509_PUBKEY_free(ours);
		X509_PUBKEY_free(theirs);
		EVP_PKEY_free(key);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_what_openssl_reads),
	    cmocka_unit_test(writes_what_openssl_writes),
	    cmocka_unit_test(writes_a_short_secret_at_full_width),
	    cmocka_unit_test(knows_the_request_of_a_certificate),
	    cmocka_unit_test(is_no_request),
	    cmocka_unit_test(puts_the_public_half_as_openssl_does),
	};

	return cmocka_run_group_tests(tests, lineages_setup, lineages_teardown);
}
