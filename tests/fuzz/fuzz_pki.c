/*
 * fuzz_pki.c: certificates and keys by their numbers: what the CA sends for a
 * request of ours, and keys that are made OpenSSL's and written again.
 */
#include "tests/fuzz/fuzz.h"

#include <openssl/evp.h>

#include "acme/csr.h"
#include "cert/pki.h"

/* A request of ours. */
static const struct buf *
request(void)
{
	static const struct csr_key_kind p256 = {0, "P-256"};
	static const char *const names[] = {"a.example"};
	static struct buf made = BUF_INIT(LIMIT_PEM_FILE_BYTES);
	struct buf key = BUF_SECRET(LIMIT_PEM_FILE_BYTES);
	struct err err = ERR_INIT;

	if (made.len == 0)
		FUZZ_HOLDS(csr_key_make(&p256, &key, &err) == 0 &&
		    csr_make(
			&key, names, COUNT_OF(names), false, &made, &err) == 0);
	buf_free(&key);
	return &made;
}

/* The key is of this run: nobody can have a certificate of it. */
static void
try_cert(const struct pki_block *block)
{
	struct pki_cert *cert = NULL;
	struct err err = ERR_INIT;

	if (pki_cert_parse(block, "x.pem", &cert, &err) == 0)
		FUZZ_HOLDS(!pki_cert_answers(cert, request()));
	pki_cert_free(cert);
}

/* A request of somebody's, whole or cut. */
static void
try_request(const struct pki_block *block, const struct buf *request)
{
	struct pki_cert *cert = NULL;
	struct err err = ERR_INIT;

	if (pki_cert_parse(block, "x.pem", &cert, &err) == 0)
		(void)!pki_cert_answers(cert, request);
	pki_cert_free(cert);
}

static void
try_key(const struct pki_block *block)
{
	struct buf pem = BUF_SECRET(LIMIT_PEM_FILE_BYTES);
	struct pki_key *key = NULL;
	struct err err = ERR_INIT;
	EVP_PKEY *evp = NULL;

	if (pki_key_parse(block, "x.pem", &key, &err) == 0)
		evp = pki_key_evp(key);
	if (evp != NULL)
		(void)!pki_key_write(evp, &pem, &err);
	EVP_PKEY_free(evp);
	pki_key_free(key);
	buf_free(&pem);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pki_blocks blocks = {NULL, 0};
	struct err err = ERR_INIT;
	struct buf last = {0};

	if (pki_blocks_read((const char *)data, size, "x.pem", &blocks, &err) <
	    0)
		return 0;
	for (size_t i = 0; i < blocks.count; i++) {
		const struct pki_block *block = &blocks.items[i];

		try_cert(block);
		try_key(block);
		if (i + 1 < blocks.count)
			continue;
		last = fuzz_buf(block->der, block->len);
		try_request(&blocks.items[0], &last);
		buf_free(&last);
	}
	pki_blocks_free(&blocks);
	return 0;
}
