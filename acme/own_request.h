/*
 * own_request.h: a certificate for a request of the operator's own (--csr).
 */
#ifndef ACME_OWN_REQUEST_H
#define ACME_OWN_REQUEST_H

#include "acme/front.h"
#include "base/attr.h"
#include "base/err.h"

/*
 * Writes certificate, chain and both to --cert-path, --chain-path and
 * --fullchain-path, or to files with the first free number here; never over
 * another. Errors as certify_run(), csr_read(), ERR_EXISTS.
 */
int own_request_run(struct front *front, struct err *err) MUST_CHECK;

#endif
