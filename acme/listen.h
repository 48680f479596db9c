/*
 * listen.h: the sockets of the http-01 responder, bound while we may still
 * bind port 80.
 */
#ifndef ACME_LISTEN_H
#define ACME_LISTEN_H

#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"

/*
 * Binds `port` on `address` (also a name; "" for every address: IPv6 and IPv4
 * where the machine has them; "::" likewise, by one socket) and listens; of
 * several one will do, but for IPv4 of every address. `ret` has room for
 * LIMIT_LISTENERS. ERR_EXISTS (somebody listens there: who, where that can be
 * told), ERR_PERM, ERR_USAGE (no address), ERR_INVALID (no port), ERR_IO. The
 * caller closes them: listen_close().
 */
int listen_open(const char *address, long port, int *ret, size_t *ret_count,
    struct err *err) MUST_CHECK;
void listen_close(int *sockets, size_t *count);

#endif
