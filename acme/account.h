/*
 * account.h: the account at the CA (RFC 8555, 7.3).
 */
#ifndef ACME_ACCOUNT_H
#define ACME_ACCOUNT_H

#include "acme/exchange.h"
#include "acme/wire.h"
#include "base/attr.h"
#include "base/err.h"

/*
 * Makes sure that there is an account: the one that the job names, else one
 * that the CA has for our key (a URL that was lost), else a new one. A URL that
 * came to be known goes to the broker. `ret_url` of LIMIT_URL_BYTES.
 * ERR_USAGE: the terms are not agreed to, or the CA wants an external account.
 */
int account_settle(struct exchange *exchange,
    const struct wire_directory *directory, char *ret_url,
    struct err *err) MUST_CHECK;

/* As account_settle(), but none is made: ERR_REFUSED_INPUT. */
int account_find(struct exchange *exchange,
    const struct wire_directory *directory, char *ret_url,
    struct err *err) MUST_CHECK;

/* New contacts; no more account; what the CA has of it, to the broker. */
int account_update(
    struct exchange *exchange, const char *url, struct err *err) MUST_CHECK;
int account_deactivate(
    struct exchange *exchange, const char *url, struct err *err) MUST_CHECK;
int account_show(
    struct exchange *exchange, const char *url, struct err *err) MUST_CHECK;

#endif
