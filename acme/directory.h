/*
 * directory.h: what the CA offers, and where (RFC 8555, 7.1.1).
 */
#ifndef ACME_DIRECTORY_H
#define ACME_DIRECTORY_H

#include <stdbool.h>

#include "acme/exchange.h"
#include "acme/wire.h"
#include "base/attr.h"
#include "base/err.h"

/*
 * Fetches the directory of the job's server, and has nonces come from it.
 * ERR_SYNTAX: there is no ACME server; ERR_USAGE: the server is no https URL.
 */
int directory_fetch(struct exchange *exchange, struct wire_directory *ret,
    struct err *err) MUST_CHECK;

/* Is this profile advertised? */
bool directory_has_profile(
    const struct wire_directory *directory, const char *profile) MUST_CHECK;

#endif
