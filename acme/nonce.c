/*
 * nonce.c: a stack of nonces. exchange.c fills it and empties it.
 */
#include "acme/nonce.h"

#include <string.h>

void
nonce_put(struct nonce_pool *pool, const char *nonce)
{
	size_t len = strnlen(nonce, LIMIT_NONCE_BYTES);

	if (len == 0 || len == LIMIT_NONCE_BYTES)
		return;
	if (pool->count == LIMIT_NONCES) {
		memmove(pool->kept[0], pool->kept[1],
		    (LIMIT_NONCES - 1) * sizeof(pool->kept[0]));
		pool->count--;
	}
	memcpy(pool->kept[pool->count++], nonce, len + 1);
}

bool
nonce_take(struct nonce_pool *pool, char *ret)
{
	if (pool->count == 0)
		return false;
	pool->count--;
	memcpy(ret, pool->kept[pool->count], LIMIT_NONCE_BYTES);
	return true;
}

void
nonce_clear(struct nonce_pool *pool)
{
	pool->count = 0;
}
