/*
 * pki.h: certificates and keys as facts. With haproxy/verify the only place
 * below the programs that speaks OpenSSL.
 */
#ifndef CERT_PKI_H
#define CERT_PKI_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"

enum pki_label {
	PKI_LABEL_CERTIFICATE,
	PKI_LABEL_PRIVATE_KEY, /* PKCS#8, RSA, EC: any unencrypted key */
	PKI_LABEL_ENCRYPTED_KEY, /* PKCS#8 or RFC 1421 encryption */
	PKI_LABEL_OTHER, /* parameters, CSRs, what we do not carry */
};

/* One PEM block, decoded. */
struct pki_block {
	enum pki_label label;
	char text[64]; /* the label as it stands there */
	unsigned char *der; /* owned by the list; wiped when freed */
	size_t len;
};

struct pki_blocks {
	struct pki_block *items;
	size_t count;
};

enum pki_key_type { PKI_KEY_RSA, PKI_KEY_EC, PKI_KEY_ED25519, PKI_KEY_OTHER };

struct pki_key_facts {
	enum pki_key_type type;
	int bits; /* of the modulus or of the curve */
	char name[32]; /* "RSA-2048", "P-256", "Ed25519", "secp256k1" */
};

enum { PKI_SHA1_BYTES = 20, PKI_SHA256_BYTES = 32, PKI_SERIAL_BYTES = 64 };

struct pki_facts {
	time_t not_before_s, not_after_s;
	char subject[256], issuer[256]; /* one line, UTF-8, RFC 2253 order */
	char issuer_cn[128], issuer_org[128]; /* "" where absent */
	char subject_cn[128];
	char serial[PKI_SERIAL_BYTES]; /* upper-case hexadecimal */
	unsigned char sha1[PKI_SHA1_BYTES]; /* of the DER: HAProxy's form */
	unsigned char sha256[PKI_SHA256_BYTES]; /* of the DER */
	bool is_ca; /* basicConstraints CA:TRUE */
	bool self_signed; /* issuer = subject and signed by its own key */
	bool server_auth; /* no extendedKeyUsage, or serverAuth in it */
	char signature[48]; /* "ecdsa-with-SHA256", by whoever issued it */
	bool signature_weak; /* MD5 or SHA-1, or an algorithm not known */
	struct pki_key_facts key;
	char **names; /* dNSName and iPAddress of the SAN, lower case */
	size_t name_count; /* without what is no name at all */
};

struct pki_cert;
struct pki_key;
struct evp_pkey_st; /* OpenSSL's EVP_PKEY */
struct X509_pubkey_st; /* ... and X509_PUBKEY */

/*
 * Reads every PEM block of `pem` into `ret` (owned, pki_blocks_free()); text
 * around blocks is passed over, CRLF and blank lines are read. No block at
 * all is an empty list. ERR_SYNTAX names `origin` and the block that does not
 * decode or does not end; ERR_LIMIT past LIMIT_PEM_BLOCKS; ERR_NOMEM.
 */
int pki_blocks_read(const char *pem, size_t len, const char *origin,
    struct pki_blocks *ret, struct err *err) MUST_CHECK;

/* Wipes and frees what the list holds. */
void pki_blocks_free(struct pki_blocks *blocks);

/*
 * A certificate from the DER of a CERTIFICATE block. ERR_SYNTAX where it is
 * none or has bytes behind its end, ERR_LIMIT past LIMIT_CERT_NAMES. Returns
 * owned.
 */
int pki_cert_parse(const struct pki_block *block, const char *origin,
    struct pki_cert **ret, struct err *err) MUST_CHECK;
void pki_cert_free(struct pki_cert *cert);

/* Its facts; borrowed from `cert`. */
const struct pki_facts *pki_cert_facts(const struct pki_cert *cert);

/*
 * Would HAProxy find it by that name (a wildcard as it stands there): is it in
 * the SAN, or the common name?
 */
bool pki_facts_have(const struct pki_facts *facts, const char *name);

/* An unencrypted private key from its block. ERR_SYNTAX. Returns owned. */
int pki_key_parse(const struct pki_block *block, const char *origin,
    struct pki_key **ret, struct err *err) MUST_CHECK;
void pki_key_free(struct pki_key *key);
const struct pki_key_facts *pki_key_facts(const struct pki_key *key);

/*
 * The key as OpenSSL computes with it, owned (EVP_PKEY_free()); NULL for one
 * that is not RSA or EC, or has more or less to it than that.
 */
struct evp_pkey_st *pki_key_evp(const struct pki_key *key) MUST_CHECK;

/* Appends `key` as PKCS#8 PEM to `ret` (made secret). ERR_CRYPTO, ERR_LIMIT. */
int pki_key_write(
    struct evp_pkey_st *key, struct buf *ret, struct err *err) MUST_CHECK;

/* The public half of `key` into `ret`; false, and nothing, where it is no EC
 * key. */
bool pki_public_set(
    struct X509_pubkey_st *ret, struct evp_pkey_st *key) MUST_CHECK;

/* Is `key` the private half of the certificate's key? */
bool pki_key_matches(const struct pki_cert *cert, const struct pki_key *key);

/* Is `request` (PKCS#10, DER) one for the certificate's key? */
bool pki_cert_answers(
    const struct pki_cert *cert, const struct buf *request) MUST_CHECK;

/* Is `cert` issued by `issuer`: names, and the signature verified? */
bool pki_cert_issued_by(
    const struct pki_cert *cert, const struct pki_cert *issuer);

/*
 * Appends a block as PEM, lines of 64, LF, no blank line, with `text` of the
 * block as its label. ERR_LIMIT, ERR_NOMEM.
 */
int pki_block_write(
    const struct pki_block *block, struct buf *ret, struct err *err) MUST_CHECK;

/*
 * Appends a new self-signed P-256 certificate for `name` (CN and SAN), valid
 * from now for `days`, and its key, to `ret` (made secret). ERR_CRYPTO,
 * ERR_LIMIT, ERR_NOMEM.
 */
int pki_make_self_signed(
    const char *name, long days, struct buf *ret, struct err *err) MUST_CHECK;

/* SHA-256 of any bytes into `ret` of PKI_SHA256_BYTES. */
void pki_sha256(const void *data, size_t len, unsigned char *ret);

/*
 * One digest of several, in their order, from zeros on: `sum` becomes that of
 * itself and `digest` behind it.
 */
void pki_sha256_add(unsigned char *sum, const unsigned char *digest);

/* So of certificates: of a chain as a server sends it. */
void pki_certs_sha256(
    struct pki_cert *const *certs, size_t count, unsigned char *ret);

/* Is it the digest that stands for none: all zeros? */
bool pki_sha256_is_none(const unsigned char *digest);

#endif
