/*
 * nonce.h: the replay nonces that the CA gave us (RFC 8555, 6.5): every reply
 * brings one, every request takes one.
 */
#ifndef ACME_NONCE_H
#define ACME_NONCE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/limits.h"

struct nonce_pool {
	char kept[LIMIT_NONCES][LIMIT_NONCE_BYTES];
	size_t count; /* the newest is the last */
};

/* Keeps `nonce`, in place of the oldest where the pool is full; "" is none. */
void nonce_put(struct nonce_pool *pool, const char *nonce);

/*
 * Takes the newest: a CA forgets the oldest first. False: there is none.
 * `ret` of LIMIT_NONCE_BYTES.
 */
bool nonce_take(struct nonce_pool *pool, char *ret) MUST_CHECK;

/* Forgets all: one was refused, so that the older ones would be too. */
void nonce_clear(struct nonce_pool *pool);

#endif
