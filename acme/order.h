/*
 * order.h: an order at the CA, from its URL to its certificate's (RFC 8555,
 * 7.1.6, 7.4).
 */
#ifndef ACME_ORDER_H
#define ACME_ORDER_H

#include "acme/exchange.h"
#include "acme/wire.h"
#include "base/attr.h"
#include "base/err.h"

struct order {
	char url[LIMIT_URL_BYTES]; /* newOrder's Location; no later one */
	struct wire_order wire; /* as last seen */
	long retry_after_s; /* of the last look at it; -1: none */
	bool gone; /* it leads nowhere, or what came of it is not to be had */
};

/*
 * Resumes the job's order where it stands in a state that leads on, else opens
 * a new one, whose URL goes to the broker; not where the job is for no other:
 * then it is gone, and ERR_REFUSED_* says why. ERR_USAGE: a required profile is
 * not offered. ERR_SYNTAX: no Location.
 */
int order_open(struct exchange *exchange,
    const struct wire_directory *directory, struct order *ret,
    struct err *err) MUST_CHECK;
void order_free(struct order *order);

/* Looks at it again. */
int order_read(
    struct exchange *exchange, struct order *order, struct err *err) MUST_CHECK;

/*
 * Hands the CSR in where that is due, and waits until the order is valid and
 * names a certificate. ERR_REFUSED_*: the CA made it invalid.
 */
int order_finalize(
    struct exchange *exchange, struct order *order, struct err *err) MUST_CHECK;

/*
 * Fetches the certificate, and other chains while the broker wants them. Where
 * the CA refuses the first, and that will not pass, `order` is gone.
 */
int order_fetch(
    struct exchange *exchange, struct order *order, struct err *err) MUST_CHECK;

#endif
