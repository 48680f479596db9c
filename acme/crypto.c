/*
 * crypto.c: see crypto.h. Account keys are jws's, requests are csr's.
 */
#include "acme/crypto.h"

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "cert/pki.h"

int
crypto_failed(const char *doing, const char *call, struct err *err)
{
	char words[256] = "no reason given";
	unsigned long code = ERR_get_error();

	if (code != 0)
		ERR_error_string_n(code, words, sizeof(words));
	ERR_clear_error();
	return err_set(err, ERR_CRYPTO, doing, NULL, "%s: %s", call, words);
}

/*
 * The first fetch of a kind makes all of that kind, so one of each will do: a
 * digest, a cipher (the random generator's), the generator, a signature.
 */
void
crypto_begin(void)
{
	/* What cannot be loaded now is an error where it is used. */
	/* Nor at the end: what is taken down then goes with the process. */
	(void)OPENSSL_init_crypto(
	    OPENSSL_INIT_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT, NULL);
	EVP_MD_free(EVP_MD_fetch(NULL, "SHA256", NULL));
	EVP_PKEY_CTX_free(EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL));
	EVP_CIPHER_free(EVP_CIPHER_fetch(NULL, "AES-256-CTR", NULL));
	EVP_RAND_free(EVP_RAND_fetch(NULL, "CTR-DRBG", NULL));
	EVP_SIGNATURE_free(EVP_SIGNATURE_fetch(NULL, "ECDSA", NULL));
	ERR_clear_error();
}

/* Never on the terminal. */
static int
no_passphrase(char *text, int size, int writing, void *context)
{
	(void)text;
	(void)size;
	(void)writing;
	(void)context;
	return -1;
}

/* A key that is the only thing in its file, as we write it; or NULL. */
static EVP_PKEY *
read_plain_key(const struct buf *pem)
{
	static const char origin[] = "the key";
	struct pki_blocks blocks = {NULL, 0};
	struct err ignored = ERR_INIT;
	struct pki_key *key = NULL;
	EVP_PKEY *pkey = NULL;

	if (pki_blocks_read(pem->data, pem->len, origin, &blocks, &ignored) ==
		0 &&
	    blocks.count == 1 &&
	    pki_key_parse(&blocks.items[0], origin, &key, &ignored) == 0)
		pkey = pki_key_evp(key);
	pki_key_free(key);
	pki_blocks_free(&blocks);
	return pkey;
}

struct evp_pkey_st *
crypto_read_key(const struct buf *pem)
{
	EVP_PKEY *pkey = read_plain_key(pem);
	BIO *bio;

	if (pkey != NULL)
		return pkey;
	ERR_clear_error();
	bio = BIO_new_mem_buf(pem->data, (int)pem->len);
	if (bio != NULL)
		pkey = PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL);
	BIO_free(bio);
	return pkey;
}
