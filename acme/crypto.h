/*
 * crypto.h: what jws and csr both need of OpenSSL.
 */
#ifndef ACME_CRYPTO_H
#define ACME_CRYPTO_H

#include "base/buf.h"
#include "base/err.h"

struct evp_pkey_st; /* OpenSSL's EVP_PKEY */

/*
 * OpenSSL is made ready for use. Before a fork: what that takes is paid once,
 * not by each half. No random number is drawn: the client would know the
 * generator that the broker makes keys with.
 */
void crypto_begin(void);

/* ERR_CRYPTO with OpenSSL's words of what went wrong in `call`. */
int crypto_failed(const char *doing, const char *call, struct err *err);

/*
 * The private key in `pem`, owned; NULL where there is none (OpenSSL has the
 * reason). Nobody is asked for a passphrase: an encrypted key is no key here.
 */
struct evp_pkey_st *crypto_read_key(const struct buf *pem);

#endif
