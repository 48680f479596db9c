/*
 * test_pki_pem.c: PEM is read as OpenSSL, and so HAProxy, would read it, what
 * is not whole is refused, and what is written is what openssl writes.
 */
#include "cert/pki.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "tests/unit/lineages.h"

#define BEGIN "-----BEGIN X-----\n"
#define END "-----END X-----\n"

static int
read_text(const char *pem, struct pki_blocks *ret, struct err *err)
{
	return pki_blocks_read(pem, strlen(pem), "test.pem", ret, err);
}

static const struct {
	const char *before, *label, *body;
	enum pki_label kind;
	size_t len;
} blocks_of_all_kinds[] = {
    {"subject=/CN=x\r\n\n -----BEGIN INDENTED-----\n", "CERTIFICATE",
	"AAEC\r\nAwQ\n=\n\r\n", PKI_LABEL_CERTIFICATE, 5},
    {"text\n", "X509 CERTIFICATE", "AA==\n", PKI_LABEL_CERTIFICATE, 1},
    {"", "EC PARAMETERS", "AAA=\n", PKI_LABEL_OTHER, 2},
    {"", "RSA PRIVATE KEY", "AAEC\n", PKI_LABEL_PRIVATE_KEY, 3},
    {"", "RSA PRIVATE KEY",
	"Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAEC\n",
	PKI_LABEL_ENCRYPTED_KEY, 3},
    {"\n", "ENCRYPTED PRIVATE KEY", "AAEC\n", PKI_LABEL_ENCRYPTED_KEY, 3},
};

static void
finds_the_blocks_and_passes_over_the_text(void **state)
{
	struct buf pem = BUF_INIT(LIMIT_PEM_FILE_BYTES);
	size_t count = COUNT_OF(blocks_of_all_kinds);
	struct err err = ERR_INIT;
	struct pki_blocks blocks;

	(void)state;
	for (size_t i = 0; i < count; i++)
		assert_int_equal(
		    buf_printf(&pem, &err, "%s-----%s %s-----\n%s-----%s %s%s",
			blocks_of_all_kinds[i].before, "BEGIN",
			blocks_of_all_kinds[i].label,
			blocks_of_all_kinds[i].body, "END",
			blocks_of_all_kinds[i].label,
			i + 1 < count ? "-----\r\n" : "-----"),
		    0);
	assert_int_equal(read_text(pem.data, &blocks, &err), 0);
	assert_int_equal(blocks.count, count);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(
		    blocks.items[i].label, blocks_of_all_kinds[i].kind);
		assert_int_equal(
		    blocks.items[i].len, blocks_of_all_kinds[i].len);
		assert_string_equal(
		    blocks.items[i].text, blocks_of_all_kinds[i].label);
	}
	assert_memory_equal(blocks.items[0].der, "\0\1\2\3\4", 5);
	pki_blocks_free(&blocks);
	assert_null(blocks.items);
	buf_free(&pem);
}

static void
no_block_is_an_empty_list(void **state)
{
	static const char *const texts[] = {"", "\n", "text",
	    "-----BEGIN CERTIFICATE----", "-----BEGIN -----\n",
	    "- ----BEGIN CERTIFICATE-----\n"};
	struct err err = ERR_INIT;
	struct pki_blocks blocks;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		assert_int_equal(read_text(texts[i], &blocks, &err), 0);
		assert_int_equal(blocks.count, 0);
		pki_blocks_free(&blocks);
	}
	assert_int_equal(pki_blocks_read(NULL, 0, "none", &blocks, &err), 0);
	assert_int_equal(blocks.count, 0);
	pki_blocks_free(&blocks);
}

static void
refuses_blocks_that_are_not_whole(void **state)
{
	static const struct {
		const char *pem, *word;
	} rows[] = {
	    {BEGIN "AAEC\n", "does not end"},
	    {BEGIN, "does not end"},
	    {BEGIN "AAEC\n" BEGIN "AAEC\n" END, "does not end"},
	    {BEGIN "AAEC\n-----END Y-----\n", "another label"},
	    {BEGIN "AAEC\n-----END X----\n", "another label"},
	    {BEGIN END, "not whole"},
	    {BEGIN "AAE\n" END, "not whole"},
	    {BEGIN "A===\n" END, "not whole"},
	    {BEGIN "====\n" END, "not whole"},
	    {BEGIN "AA==AAEC\n" END, "not base64"},
	    {BEGIN "AA==\nAAEC\n" END, "not base64"},
	    {BEGIN "AA-_\n" END, "not base64"},
	    {BEGIN "AA EC\n" END, "not base64"},
	    {BEGIN "AAEC\nHead: er\n" END, "not base64"},
	};
	struct pki_blocks blocks = {NULL, 0};
	struct err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		assert_int_equal(
		    read_text(rows[i].pem, &blocks, &err), ERR_SYNTAX);
		assert_non_null(strstr(err.detail, rows[i].word));
		assert_string_equal(err.on, "test.pem");
		assert_null(blocks.items);
	}
}

static void
bounds_the_number_of_blocks(void **state)
{
	static const char block[] = BEGIN "AAEC\n" END;
	struct buf pem = BUF_INIT(LIMIT_PEM_FILE_BYTES);
	struct err err = ERR_INIT;
	struct pki_blocks blocks;

	(void)state;
	for (int i = 0; i < LIMIT_PEM_BLOCKS; i++)
		assert_int_equal(buf_puts(&pem, block, &err), 0);
	assert_int_equal(read_text(pem.data, &blocks, &err), 0);
	assert_int_equal(blocks.count, LIMIT_PEM_BLOCKS);
	pki_blocks_free(&blocks);
	assert_int_equal(buf_puts(&pem, block, &err), 0);
	assert_int_equal(read_text(pem.data, &blocks, &err), ERR_LIMIT);
	buf_free(&pem);
}

/* openssl's own writing is what ours must be, for every length of a line. */
static void
writes_what_openssl_writes(void **state)
{
	static const char *const files[] = {"ca/e1.pem", "ca/leaf.many.pem",
	    "ca/leaf.ed25519.pem", "ca/p256.key", "ca/rsa3072.key"};
	struct err err = ERR_INIT;
	struct pki_blocks blocks;
	struct buf file, made;

	for (size_t i = 0; i < COUNT_OF(files); i++) {
		lineages_file(state, files[i], &file);
		lineages_blocks(state, files[i], &blocks);
		made = (struct buf)BUF_SECRET(LIMIT_PEM_FILE_BYTES);
		assert_int_equal(
		    pki_block_write(&blocks.items[0], &made, &err), 0);
		assert_string_equal(buf_text(&made), buf_text(&file));
		assert_int_equal(made.len, strlen(made.data));
		buf_free(&made);
		made = (struct buf)BUF_SECRET(100);
		assert_int_equal(
		    pki_block_write(&blocks.items[0], &made, &err), ERR_LIMIT);
		buf_free(&made);
		buf_free(&file);
		pki_blocks_free(&blocks);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(finds_the_blocks_and_passes_over_the_text),
	    cmocka_unit_test(no_block_is_an_empty_list),
	    cmocka_unit_test(refuses_blocks_that_are_not_whole),
	    cmocka_unit_test(bounds_the_number_of_blocks),
	    cmocka_unit_test(writes_what_openssl_writes),
	};

	return cmocka_run_group_tests(tests, lineages_setup, lineages_teardown);
}
