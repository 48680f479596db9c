/*
 * pending_old.c: what an earlier run's order (pending.c) gave may be older than
 * what the lineage has got meanwhile.
 */
#include "acme/pending.h"

#include <string.h>

#include "cert/pki.h"

/* A CA's notBefore may be as coarse as a day: of two equal ones none is old. */
static bool
is_before(const struct pki_cert *got, const struct pki_cert *live)
{
	return pki_cert_facts(got)->not_before_s <
	    pki_cert_facts(live)->not_before_s;
}

/*
 * Is `cert` (PEM), which the order gave, older than the lineage's own
 * certificate, or that very one? ERR_SYNTAX: it is no certificate.
 */
static int
is_old(const struct certify *certify, const struct store_pending *pending,
    const struct buf *cert, bool *ret, struct err *err)
{
	char got[STORE_LIVE_BYTES], live[STORE_LIVE_BYTES];
	struct pki_cert *leaf = NULL;
	int rc;

	*ret = false;
	if (certify->live == NULL)
		return 0;
	rc = store_leaf(cert, "the CA's answer", &leaf, err);
	if (rc < 0)
		return rc;
	store_pending_describe(leaf, got);
	store_pending_describe(certify->live, live);
	/* What was live when the order was begun was issued before it. */
	*ret = strcmp(got, live) == 0 ||
	    (strcmp(live, pending->live) != 0 &&
		is_before(leaf, certify->live));
	pki_cert_free(leaf);
	return 0;
}

int
pending_drop_old(const struct certify *certify,
    const struct store_pending *pending, const struct buf *cert,
    bool *ret_dropped, struct err *err)
{
	struct front *front = certify->front;
	bool old = false;
	int rc = is_old(certify, pending, cert, &old, err);

	if (rc < 0 || !old)
		return rc;
	logfile_say(front->log, "INFO",
	    "what the order %s gave is no newer than what there is",
	    pending->order_url);
	*ret_dropped = true;
	return store_pending_remove(&front->dirs, certify->lineage, err);
}
