/*
 * verify.h: the proof: what a TLS handshake shows.
 */
#ifndef HAPROXY_VERIFY_H
#define HAPROXY_VERIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "base/attr.h"
#include "base/err.h"
#include "cert/pki.h"
#include "haproxy/discovery.h"

/* What the targets have shown, by their positions. */
struct verify_marks {
	bool right[LIMIT_TARGETS]; /* the leaf ... */
	bool wrong[LIMIT_TARGETS]; /* ... and what is not as it should be ... */
	bool silent[LIMIT_TARGETS]; /* ... of it no answer in time */
};

struct verify_policy {
	long attempts; /* handshakes for each name and address ... */
	long least; /* ... and for each address in all, where its names are
	    few; 0: whatever those make */
	long timeout_ms; /* of one handshake */
	enum pki_key_type key_type; /* only this kind of certificate is asked
	    for, so that a pair of RSA and ECDSA bundles is told apart */
	const unsigned char *chain; /* what is to be sent behind the leaf, as
	    pki_certs_sha256() has it; NULL: whatever it is */
	struct verify_marks *marks; /* zeroed before the first call with these
	    targets, and added to by each; borrowed. NULL: each for itself */
};

/* What one handshake showed. */
struct verify_seen {
	unsigned char sha256[PKI_SHA256_BYTES]; /* of the leaf */
	unsigned char chain[PKI_SHA256_BYTES]; /* as pki_certs_sha256() */
	char subject[256], serial[PKI_SERIAL_BYTES];
	time_t not_after_s;
	/* Of verify_names() and verify_default(): where it was seen. */
	char at[LIMIT_ERR_ON_BYTES];
	char address[300]; /* as in struct discovery_target */
	bool other_chain; /* the leaf was right, what is sent behind it not */
	bool maybe; /* what is wrong is so at `maybe` targets alone ... */
	bool served; /* ... and some target has shown nothing but the leaf */
};

/*
 * One handshake with `target`, SNI `sni` (NULL: none). The chain is not
 * judged; the handshake must end, so that the server has proved its key (one
 * that refuses us because it wants a certificate of ours has, by then). Where
 * a server refuses the one kind of key, it is asked again for any, and what
 * it shows then is what is seen. ERR_UNPROVED (refused, reset, timed out,
 * alert: OpenSSL's words).
 */
int verify_handshake(const struct discovery_target *target, const char *sni,
    const struct verify_policy *policy, struct verify_seen *ret,
    struct err *err) MUST_CHECK;

/*
 * Shakes hands for every name of `leaf` (a wildcard: a made-up label; IP
 * addresses are passed over) on every target, `attempts` times each and `least`
 * in all, several at once; on a target with filters for the names that those
 * are for. 0 when
 * each showed `leaf`. ERR_MISMATCH: `ret_seen` has what was shown instead, the
 * detail name and address; ERR_UNPROVED as above, and for no target at all, and
 * where the policy's chain was not sent with it (ret_seen->other_chain). A
 * mismatch counts for more than what could not be tried; an address that fails
 * three times and never answers is left alone. A leaf without a DNS name, or
 * that no filter lets through, is looked for as the default. What is wrong at a
 * target that is certain counts for more than what is so at `maybe` ones;
 * `ret_seen` tells which it is, with ERR_UNPROVED, too.
 */
int verify_names(const struct discovery_targets *targets,
    const struct pki_facts *leaf, const struct verify_policy *policy,
    struct verify_seen *ret_seen, struct err *err) MUST_CHECK;

/*
 * The default certificate: where a target has is_default, a handshake without
 * SNI must show `leaf`. ERR_MISMATCH: it shows `replaced` (SHA-256 of the leaf
 * that `leaf` took the place of). A third one is what HAProxy was started with,
 * before there was this bundle, and no error: `ret_seen` has it, else zeroes.
 * Other errors as verify_names().
 */
int verify_default(const struct discovery_targets *targets,
    const struct pki_facts *leaf, const unsigned char *replaced,
    const struct verify_policy *policy, struct verify_seen *ret_seen,
    struct err *err) MUST_CHECK;

/* Does anybody take connections there? (Where it is not told in time: yes.) */
bool verify_listens(const struct discovery_target *target);

/*
 * Drops the targets that are of an uncertain bind line (`maybe`), or all, and
 * where nobody listens: targets->closed and ->closed_at tell of them.
 */
void verify_drop_closed(struct discovery_targets *targets, bool all);

#endif
