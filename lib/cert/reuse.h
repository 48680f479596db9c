/*
 * reuse.h: certbot's accounts that are kept for another server than the one
 * they are used at: Let's Encrypt's, from the days of its first protocol.
 * certbot links the new directory to the old one when it first needs it (its
 * LE_REUSE_SERVERS).
 */
#ifndef CERT_REUSE_H
#define CERT_REUSE_H

#include <stdbool.h>

#include "base/attr.h"

/*
 * The URL of the server whose accounts those of `server` may be, NULL: none.
 * Static storage.
 */
const char *reuse_earlier(const char *server);

/* Is this URL one of Let's Encrypt's, of production or staging? */
bool reuse_is_lets_encrypt(const char *server) MUST_CHECK;

/*
 * Below which server's directory account `id` of `server` is: that of the
 * earlier one where it is there alone, else its own.
 */
const char *reuse_server(
    const char *config_dir, const char *server, const char *id);

#endif
