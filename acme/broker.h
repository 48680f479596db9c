/*
 * broker.h: the half that has the keys: serves the client's requests.
 *
 * A table says which operation is permitted for which kind of job, and how
 * often. Everything in a frame is checked as if it came from the network,
 * which it may: a name must be one of the job's, a token base64url, a chain
 * nothing but certificates whose leaf has our CSR's key and names.
 */
#ifndef ACME_BROKER_H
#define ACME_BROKER_H

#include "acme/issue.h"
#include "base/attr.h"
#include "base/err.h"

/*
 * Serves on `fd` until IPC_END, or until the client hangs up (ERR_CHILD). The
 * job's own error is returned as it is. What is refused ends the job:
 * ERR_UNSAFE, told to both sides.
 */
int broker_serve(int fd, const struct job *job,
    const struct issue_holdings *holdings, const struct issue_front *front,
    struct issue_result *ret, struct err *err) MUST_CHECK;

#endif
