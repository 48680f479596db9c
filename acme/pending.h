/*
 * pending.h: an order that is under way, from one run to the next: whether
 * what an earlier run has kept is gone on with, and when it is given up.
 */
#ifndef ACME_PENDING_H
#define ACME_PENDING_H

#include <stdbool.h>

#include "acme/certify.h"
#include "acme/store.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "cert/pki.h"

/*
 * Removes what no run has gone on with for as long as an order lives: there is
 * a key in it, and of a name that never got its certificate no other run asks.
 */
void pending_sweep(const struct front *front);

/*
 * What an earlier run has left (`kept`: there may be such a thing) where it is
 * for the same and may still lead on; else the beginning of a new one. `ret` is
 * owned, also after an error.
 */
int pending_begin(const struct certify *certify, bool kept,
    struct store_pending *ret, struct err *err) MUST_CHECK;

/*
 * The digest of all that the order of `certify` is for: the names, whatever
 * their order, the key, and what the request and the order say besides. Another
 * wish is another order, with another key.
 */
enum { PENDING_DIGEST_BYTES = 2 * PKI_SHA256_BYTES + 1 };
int pending_digest(
    const struct certify *certify, char *hex, struct err *err) MUST_CHECK;

/*
 * What an earlier run with these `names` has left may be an order for fewer of
 * them (--allow-subset-of-names), which the CA may have issued. Where that one
 * may still lead on, those that it is without are taken out of `names`.
 */
int pending_subset(const struct certify *certify, const char **names,
    size_t *count, struct err *err) MUST_CHECK;

/*
 * The CA is about to get the request: notes (`*ret_noted`) which names the
 * order is without. Earlier than that they are to be asked about again.
 */
int pending_finalize(const struct certify *certify,
    struct store_pending *pending, bool *ret_noted, struct err *err) MUST_CHECK;

/* Another order in its place: it is young, and nothing has failed. */
void pending_renew(const struct certify *certify, struct store_pending *pending,
    const char *url);

/*
 * It was gone on with, and that failed: notes so. The next run makes a new one
 * where the order has come to nothing; what may pass, and what is no word of
 * the CA's, is so the third time only. Not where we were told to end, nor while
 * the CA says that it is still at it (for some hours, which the client sees to,
 * order.c; the operator is told), nor for a while where the CA itself asks to
 * come back later.
 */
void pending_failed(const struct certify *certify,
    struct store_pending *pending, const struct err *why,
    enum job_outlook outlook);

/*
 * What it gave is of no use: in its place (`*ret_anew`) there is what another
 * one begins with, that the caller is to go on with at once, and `err`, which
 * says why, is told and cleared. Not so soon after an earlier one that went the
 * same way: where the fault is this machine's clock, or the CA's, each run
 * would use up another certificate of those that the CA allows in a week.
 * --force-renewal does not wait.
 */
int pending_replace(const struct certify *certify,
    struct store_pending *pending, bool *ret_anew, struct err *err) MUST_CHECK;

/*
 * Removes the order where `cert` (PEM), which it gave, is older than the
 * lineage's own certificate, or that very one. ERR_SYNTAX: it is no
 * certificate.
 */
int pending_drop_old(const struct certify *certify,
    const struct store_pending *pending, const struct buf *cert,
    bool *ret_dropped, struct err *err) MUST_CHECK;

#endif
