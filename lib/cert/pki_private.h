/*
 * pki_private.h: what the parts of pki share. Nobody else includes it.
 *
 * A certificate is walked once, by its DER; every part of it is a span of the
 * copy that the certificate owns. OpenSSL's own d2i_X509() decodes the public
 * key of each certificate through its provider machinery, whether it is wanted
 * or not: ten times the cost of all the rest (version 3.0).
 */
#ifndef CERT_PKI_PRIVATE_H
#define CERT_PKI_PRIVATE_H

#include "cert/pki.h"

/* Identifier octets of DER (X.690, 8.1.2), as far as X.509 needs them. */
enum pki_tag {
	PKI_TAG_INTEGER = 0x02,
	PKI_TAG_BIT_STRING = 0x03,
	PKI_TAG_OCTET_STRING = 0x04,
	PKI_TAG_OID = 0x06,
	PKI_TAG_UTC_TIME = 0x17,
	PKI_TAG_GENERALIZED_TIME = 0x18,
	PKI_TAG_SEQUENCE = 0x30,
	PKI_TAG_CONTEXT_0 = 0xa0,
	PKI_TAG_CONTEXT_1 = 0xa1,
	PKI_TAG_CONTEXT_3 = 0xa3,
};

/* Some bytes of something that is owned elsewhere. */
struct pki_span {
	const unsigned char *at;
	size_t len;
};

/* An AlgorithmIdentifier (RFC 5280, 4.1.1.2). */
struct pki_algorithm {
	int nid; /* NID_undef where OpenSSL does not know it */
	struct pki_span whole;
	struct pki_span parameters; /* as they stand there; may be empty */
};

/* A SubjectPublicKeyInfo (RFC 5280, 4.1.2.7). */
struct pki_public {
	struct pki_key_facts facts;
	int curve; /* NID of a named curve, else NID_undef */
	struct pki_span whole;
	struct pki_span key; /* the bits of the key */
	struct pki_span modulus, exponent; /* of an RSA key, else empty */
};

struct pki_cert {
	struct pki_facts facts;
	unsigned char *der; /* owned; all spans are of it */
	size_t len;
	struct pki_span tbs, signature, serial, issuer, subject;
	struct pki_span not_before, not_after; /* a Time each, whole */
	struct pki_span extensions; /* empty where there are none */
	struct pki_algorithm algorithm; /* of the signature */
	struct pki_public key;
	bool self_issued; /* issuer and subject are one name */
};

/* The numbers of an RSAPrivateKey, in their order (RFC 8017, A.1.2). */
enum pki_rsa_number {
	PKI_RSA_N,
	PKI_RSA_E,
	PKI_RSA_D,
	PKI_RSA_P,
	PKI_RSA_Q,
	PKI_RSA_DP,
	PKI_RSA_DQ,
	PKI_RSA_QINV,
	PKI_RSA_NUMBERS
};

struct pki_key {
	struct pki_key_facts facts;
	unsigned char *der; /* owned and wiped; the spans are of it */
	size_t len;
	int curve; /* NID, of an EC key */
	struct pki_span secret; /* of an EC or Ed25519 key */
	struct pki_span point; /* the file's own public half; may be empty */
	struct pki_span numbers[PKI_RSA_NUMBERS]; /* of an RSA key */
	bool plain; /* nothing stands there but what was taken from it */
};

/*
 * Takes the element with the identifier octet `tag` from the front of `from`:
 * its content into `ret`, and header and content into `ret_whole` (both may
 * be NULL). False, with `from` as it was, where there is none or its length
 * is not DER's.
 */
bool pki_der_take(struct pki_span *from, enum pki_tag tag, struct pki_span *ret,
    struct pki_span *ret_whole) MUST_CHECK;

/* Takes a BIT STRING of whole octets. */
bool pki_der_take_bits(struct pki_span *from, struct pki_span *ret) MUST_CHECK;

/* Takes an INTEGER that is not negative; `ret` has no leading zero. */
bool pki_der_take_number(
    struct pki_span *from, struct pki_span *ret) MUST_CHECK;

bool pki_span_equal(
    const struct pki_span *a, const struct pki_span *b) MUST_CHECK;

/* Takes an AlgorithmIdentifier. */
bool pki_algorithm_take(
    struct pki_span *from, struct pki_algorithm *ret) MUST_CHECK;

/* The facts of an RSA key by its modulus. */
void pki_rsa_facts(const struct pki_span *modulus, struct pki_key_facts *ret);

/*
 * The facts of an EC key by its ECParameters (RFC 5480, 2.1.1); returns the
 * NID of the curve, NID_undef where it has no name.
 */
int pki_ec_facts(const struct pki_span *parameters, struct pki_key_facts *ret);

/* The facts of a key that is neither RSA nor EC. */
void pki_plain_facts(int nid, struct pki_key_facts *ret);

/* Takes a SubjectPublicKeyInfo; a kind of key that we do not know will do. */
bool pki_public_take(struct pki_span *from, struct pki_public *ret) MUST_CHECK;

/* The public key as OpenSSL wants it, or NULL. Returns owned. */
struct evp_pkey_st *pki_public_evp(const struct pki_public *key) MUST_CHECK;

/* Fills the facts but for the hashes and self_signed. ERR_SYNTAX, ERR_LIMIT. */
int pki_facts_fill(
    struct pki_cert *cert, const char *origin, struct err *err) MUST_CHECK;

/* How it was signed. */
void pki_signature_facts(
    const struct pki_algorithm *algorithm, struct pki_facts *ret);

/* As err_set(ERR_SYNTAX) for a certificate. */
int pki_cert_bad(const char *origin, const char *what, struct err *err);

#endif
