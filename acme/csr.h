/*
 * csr.h: certificate keys, and the requests made with them. OpenSSL's owner
 * for them; only the broker has a key.
 */
#ifndef ACME_CSR_H
#define ACME_CSR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"

/* What kind of key: RSA of so many bits, or ECDSA. */
struct csr_key_kind {
	unsigned int rsa_bits; /* 0: ECDSA */
	const char *group; /* OpenSSL's name; static storage */
};

/*
 * From certbot's options: key type "rsa" or "ecdsa", RSA bits (2048 to 8192),
 * curve ("secp256r1", "secp384r1", "secp521r1"). ERR_USAGE lists what there is.
 */
int csr_key_kind(const char *key_type, long rsa_bits, const char *curve,
    struct csr_key_kind *ret, struct err *err) MUST_CHECK;

/* A new private key as PKCS#8 PEM, appended to `ret` (made secret). */
int csr_key_make(const struct csr_key_kind *kind, struct buf *ret,
    struct err *err) MUST_CHECK;

/*
 * A request (DER) for `names` with the key in `key_pem`: no subject, a SAN of
 * dNSNames and iPAddresses, tls-feature status_request where `must_staple`.
 */
int csr_make(const struct buf *key_pem, const char *const *names, size_t count,
    bool must_staple, struct buf *ret, struct err *err) MUST_CHECK;

/*
 * A request that the operator made (--csr): PEM or DER -> DER, checked (its own
 * signature, names in the SAN or the CN). `*ret_names` is owned, NULL-
 * terminated: csr_names_free().
 */
int csr_read(const struct buf *file, const char *origin, struct buf *ret,
    char ***ret_names, size_t *ret_count, struct err *err) MUST_CHECK;
void csr_names_free(char **names);

#endif
