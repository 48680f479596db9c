/*
 * test_bundle.c: a bundle holds leaf, chain and key and not a byte of the text
 * that they came in; what is wrong with the input is told and none is made.
 */
#include "cert/bundle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include <openssl/pem.h>
#include <openssl/x509.h>

#include "tests/unit/lineages.h"

static const char *const good[] = {"good-p256", "good-p384", "good-p521",
    "good-rsa2048", "good-rsa3072", "good-ed25519", "good-ed25519-ca",
    "good-compressed", "good-wildcard", "good-many", "good-chain3", "good-root",
    "good-by-root", "good-text", "good-group-read", "good-absolute",
    "good-traditional", "good-traditional-rsa", "good-self-signed",
    "good-renewed"};

/* What must be in the bundle, in this order, from the CA's folder. */
static const struct {
	const char *lineage;
	const char *files[4];
} contents[] = {
    {"good-p256", {"leaf.p256.pem", "e1.pem", "p256.key"}},
    {"good-rsa2048", {"leaf.rsa2048.pem", "e1.pem", "rsa2048.key"}},
    {"good-text", {"leaf.p256.pem", "e1.pem", "p256.key"}},
    {"good-absolute", {"leaf.p256.pem", "e1.pem", "p256.key"}},
    {"good-chain3", {"leaf.three.pem", "e2.pem", "e1.pem", "p256.key"}},
    /* The root is left out. */
    {"good-root", {"leaf.three.pem", "e2.pem", "e1.pem", "p256.key"}},
    {"good-by-root", {"leaf.p256.pem", "e1.pem", "p256.key"}},
    {"good-self-signed", {"leaf.self.pem", "p256.key"}},
    {"good-renewed", {"leaf.renewed.pem", "e1.pem", "other.key"}},
};

static void
append(void **state, const char *name, struct buf *ret)
{
	struct err err = ERR_INIT;
	struct buf path = BUF_INIT(200), file;

	assert_int_equal(buf_printf(&path, &err, "ca/%s", name), 0);
	lineages_file(state, path.data, &file);
	assert_int_equal(buf_add(ret, file.data, file.len, &err), 0);
	buf_free(&file);
	buf_free(&path);
}

static void
holds_leaf_chain_and_key_to_the_byte(void **state)
{
	struct bundle bundle;

	for (size_t i = 0; i < COUNT_OF(contents); i++) {
		struct buf expected = BUF_SECRET(LIMIT_PEM_FILE_BYTES);

		for (size_t j = 0; j < COUNT_OF(contents[i].files) &&
		     contents[i].files[j] != NULL;
		     j++)
			append(state, contents[i].files[j], &expected);
		lineages_build(state, contents[i].lineage, &bundle);
		assert_int_equal(bundle.problem_count, 0);
		assert_string_equal(buf_text(&bundle.pem), buf_text(&expected));
		bundle_free(&bundle);
		buf_free(&expected);
	}
}

static void
keeps_the_root_for_the_check_of_the_chain(void **state)
{
	struct bundle bundle;

	lineages_build(state, "good-root", &bundle);
	assert_non_null(bundle.root);
	assert_int_equal(bundle.chain_count, 2);
	assert_string_equal(pki_cert_facts(bundle.root)->subject,
	    "O=Certhaul Test,CN=Test Root X1");
	bundle_free(&bundle);
	lineages_build(state, "good-self-signed", &bundle);
	assert_null(bundle.root);
	assert_non_null(bundle.leaf);
	bundle_free(&bundle);
}

/* On HAProxy 2.6 a blank line would make the rest of it commands. */
static void
has_no_blank_line_and_no_text_around(void **state)
{
	struct bundle bundle;

	for (size_t i = 0; i < COUNT_OF(good); i++) {
		lineages_build(state, good[i], &bundle);
		assert_true(bundle.pem.len > 0);
		assert_true(bundle.pem.secret);
		assert_int_equal(bundle.pem.len, strlen(bundle.pem.data));
		assert_null(strstr(bundle.pem.data, "\n\n"));
		assert_null(strpbrk(bundle.pem.data, "\r\t:<;#"));
		assert_int_equal(strncmp(bundle.pem.data,
				     "-----BEGIN CERTIFICATE-----\n", 28),
		    0);
		assert_string_equal(
		    bundle.pem.data + bundle.pem.len - strlen(" KEY-----\n"),
		    " KEY-----\n");
		bundle_free(&bundle);
	}
}

/* As HAProxy loads it: OpenSSL's own reader, and its own comparison. */
static void
openssl_loads_it_and_finds_that_key_and_leaf_match(void **state)
{
	struct bundle bundle;

	for (size_t i = 0; i < COUNT_OF(good); i++) {
		BIO *bio = NULL, *key_bio = NULL;
		EVP_PKEY *key = NULL;
		X509 *leaf = NULL;

		lineages_build(state, good[i], &bundle);
		bio = BIO_new_mem_buf(bundle.pem.data, (int)bundle.pem.len);
		key_bio = BIO_new_mem_buf(bundle.pem.data, (int)bundle.pem.len);
		leaf = PEM_read_bio_X509(bio, NULL, NULL, NULL);
		key = PEM_read_bio_PrivateKey(key_bio, NULL, NULL, NULL);
		assert_non_null(leaf);
		assert_non_null(key);
		assert_int_equal(X509_check_private_key(leaf, key), 1);
		EVP_PKEY_free(key);
		X509_free(leaf);
		BIO_free(bio);
		BIO_free(key_bio);
		bundle_free(&bundle);
	}
}

static void
what_was_built_is_what_is_parsed(void **state)
{
	unsigned char digest[PKI_SHA256_BYTES];
	struct bundle built, parsed;
	struct err err = ERR_INIT;

	for (size_t i = 0; i < COUNT_OF(good); i++) {
		lineages_build(state, good[i], &built);
		assert_int_equal(bundle_parse(built.pem.data, built.pem.len,
				     good[i], &parsed, &err),
		    0);
		assert_int_equal(parsed.problem_count, 0);
		assert_int_equal(parsed.chain_count, built.chain_count);
		assert_string_equal(parsed.pem.data, built.pem.data);
		pki_sha256(built.pem.data, built.pem.len, digest);
		assert_memory_equal(built.digest, digest, sizeof(digest));
		assert_memory_equal(parsed.digest, digest, sizeof(digest));
		assert_memory_equal(pki_cert_facts(parsed.leaf)->sha256,
		    pki_cert_facts(built.leaf)->sha256, PKI_SHA256_BYTES);
		bundle_free(&parsed);
		bundle_free(&built);
	}
}

static void
tells_what_is_wrong_and_makes_none(void **state)
{
	static const struct {
		const char *lineage;
		enum bundle_flaw flaw;
		const char *word;
	} rows[] = {
	    {"bad-truncated", BUNDLE_FLAW_SYNTAX, "does not end"},
	    {"bad-der", BUNDLE_FLAW_SYNTAX, "no X.509 certificate"},
	    {"bad-many-blocks", BUNDLE_FLAW_SYNTAX, "more than 32 blocks"},
	    {"bad-empty", BUNDLE_FLAW_NO_LEAF, "fullchain.pem"},
	    {"bad-empty", BUNDLE_FLAW_NO_KEY, "privkey.pem"},
	    {"bad-garbage", BUNDLE_FLAW_NO_LEAF, "fullchain.pem"},
	    {"bad-garbage", BUNDLE_FLAW_NO_KEY, "privkey.pem"},
	    {"bad-no-key", BUNDLE_FLAW_NO_KEY, "privkey.pem"},
	    {"bad-two-keys", BUNDLE_FLAW_MANY_KEYS, "more than one"},
	    {"bad-encrypted", BUNDLE_FLAW_ENCRYPTED_KEY, "encrypted"},
	    {"bad-encrypted-rfc1421", BUNDLE_FLAW_ENCRYPTED_KEY, "encrypted"},
	    {"bad-foreign", BUNDLE_FLAW_FOREIGN_BLOCK, "PRIVATE KEY"},
	    {"bad-not-fullchain", BUNDLE_FLAW_NOT_FULLCHAIN, "cert.pem"},
	    {"bad-long-chain", BUNDLE_FLAW_CHAIN_LENGTH, "more than 10"},
	};
	struct bundle bundle;

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		bool found = false;

		lineages_build(state, rows[i].lineage, &bundle);
		for (size_t j = 0; j < bundle.problem_count; j++)
			found = found ||
			    (bundle.problems[j].flaw == rows[i].flaw &&
				strstr(bundle.problems[j].text, rows[i].word) !=
				    NULL);
		assert_true(found);
		assert_int_equal(bundle.pem.len, 0);
		bundle_free(&bundle);
	}
}

/* Nothing behind a first certificate that is broken is taken for the leaf. */
static void
a_broken_leaf_is_not_made_up_for(void **state)
{
	struct bundle bundle;

	lineages_build(state, "bad-der", &bundle);
	assert_null(bundle.leaf);
	assert_int_equal(bundle.chain_count, 0);
	assert_non_null(bundle.key);
	bundle_free(&bundle);
}

static void
parses_what_others_wrote(void **state)
{
	static const char junk[] =
	    "\r\nkey first, and text\r\n\r\n"
	    "-----BEGIN DH PARAMETERS-----\nAAEC\n-----END DH "
	    "PARAMETERS-----\n";
	unsigned char digest[PKI_SHA256_BYTES];
	struct buf file = BUF_SECRET(LIMIT_PEM_FILE_BYTES);
	struct bundle bundle, plain;
	struct err err = ERR_INIT;

	append(state, "p256.key", &file);
	assert_int_equal(buf_puts(&file, junk, &err), 0);
	append(state, "leaf.p256.pem", &file);
	append(state, "e1.pem", &file);
	append(state, "root.pem", &file);
	assert_int_equal(
	    bundle_parse(file.data, file.len, "x.pem", &bundle, &err), 0);
	assert_int_equal(bundle.problem_count, 0);
	assert_int_equal(bundle.chain_count, 1);
	assert_non_null(bundle.root);
	/* The digest is of what is there, the PEM is fit to be sent. */
	pki_sha256(file.data, file.len, digest);
	assert_memory_equal(bundle.digest, digest, sizeof(digest));
	lineages_build(state, "good-p256", &plain);
	assert_string_equal(bundle.pem.data, plain.pem.data);
	bundle_free(&plain);
	bundle_free(&bundle);
	buf_free(&file);
}

/* Somebody wanted it there: HAProxy needs it beside an .ocsp. */
static void
leaves_a_root_that_is_behind_the_leaf_alone(void **state)
{
	struct buf file = BUF_SECRET(LIMIT_PEM_FILE_BYTES);
	struct bundle bundle;
	struct err err = ERR_INIT;

	append(state, "leaf.p256.pem", &file);
	append(state, "root.pem", &file);
	append(state, "p256.key", &file);
	assert_int_equal(
	    bundle_parse(file.data, file.len, "x.pem", &bundle, &err), 0);
	assert_int_equal(bundle.chain_count, 0);
	assert_non_null(bundle.root);
	assert_string_equal(buf_text(&bundle.pem), buf_text(&file));
	bundle_free(&bundle);
	buf_free(&file);
}

static void
parses_nothing_without_harm(void **state)
{
	static const char cut[] = "-----BEGIN CERTIFICATE-----\n";
	static const char no_cert[] = "-----BEGIN CERTIFICATE-----\nAAAA\n"
				      "-----END CERTIFICATE-----\n";
	static const char *const texts[] = {"", "text\n", cut, no_cert};
	struct bundle bundle;
	struct err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		assert_int_equal(bundle_parse(texts[i], strlen(texts[i]), "x",
				     &bundle, &err),
		    0);
		assert_null(bundle.leaf);
		assert_null(bundle.key);
		assert_true(bundle.problem_count > 0);
		assert_int_equal(bundle.pem.len, 0);
		bundle_free(&bundle);
	}
	assert_int_equal(bundle_parse(NULL, 0, "x", &bundle, &err), 0);
	assert_true(bundle.problem_count > 0);
	bundle_free(&bundle);
	bundle_free(&bundle);
}

/* A key may be named in a problem, but nothing of it may be in the text. */
static void
no_problem_shows_a_key(void **state)
{
	static const char *const names[] = {"bad-foreign", "bad-two-keys",
	    "bad-encrypted", "bad-encrypted-rfc1421", "bad-not-fullchain"};
	struct lineage lineage;
	struct bundle bundle;
	const char *body = NULL;
	char part[17];

	for (size_t i = 0; i < COUNT_OF(names); i++) {
		lineages_read(state, names[i], &lineage);
		body = strchr(lineage.pem[LINEAGE_PRIVKEY].data, '\n');
		assert_non_null(body);
		memcpy(part, body + 1, 16);
		part[16] = '\0';
		lineage_free(&lineage);
		lineages_build(state, names[i], &bundle);
		assert_true(bundle.problem_count > 0);
		for (size_t j = 0; j < bundle.problem_count; j++)
			assert_null(strstr(bundle.problems[j].text, part));
		bundle_free(&bundle);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(holds_leaf_chain_and_key_to_the_byte),
	    cmocka_unit_test(keeps_the_root_for_the_check_of_the_chain),
	    cmocka_unit_test(has_no_blank_line_and_no_text_around),
	    cmocka_unit_test(
		openssl_loads_it_and_finds_that_key_and_leaf_match),
	    cmocka_unit_test(what_was_built_is_what_is_parsed),
	    cmocka_unit_test(tells_what_is_wrong_and_makes_none),
	    cmocka_unit_test(a_broken_leaf_is_not_made_up_for),
	    cmocka_unit_test(parses_what_others_wrote),
	    cmocka_unit_test(leaves_a_root_that_is_behind_the_leaf_alone),
	    cmocka_unit_test(parses_nothing_without_harm),
	    cmocka_unit_test(no_problem_shows_a_key),
	};

	return cmocka_run_group_tests(tests, lineages_setup, lineages_teardown);
}
