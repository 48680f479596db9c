/*
 * verify.h: the proof: what a TLS handshake shows.
 */
#ifndef HAPROXY_VERIFY_H
#define HAPROXY_VERIFY_H

#include <stddef.h>
#include <time.h>

#include "base/attr.h"
#include "base/err.h"
#include "cert/pki.h"
#include "haproxy/discovery.h"

struct verify_policy {
	long attempts; /* handshakes for each name and address */
	long timeout_ms; /* of one handshake */
	enum pki_key_type key_type; /* only this kind of certificate is asked
	    for, so that a pair of RSA and ECDSA bundles is told apart */
};

/* What one handshake showed. */
struct verify_seen {
	unsigned char sha256[PKI_SHA256_BYTES]; /* of the leaf */
	char subject[256], serial[PKI_SERIAL_BYTES];
	time_t not_after_s;
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
 * addresses are passed over) on every target, `attempts` times each, several
 * at once. 0 when each showed `leaf`. ERR_MISMATCH: `ret_seen` has what was
 * shown instead, the detail name and address; ERR_UNPROVED as above, and for
 * no target at all. A mismatch counts for more than what could not be tried;
 * an address that fails three times and never answers is left alone. A leaf
 * without a DNS name is looked for as the default.
 */
int verify_names(const struct discovery_targets *targets,
    const struct pki_facts *leaf, const struct verify_policy *policy,
    struct verify_seen *ret_seen, struct err *err) MUST_CHECK;

/*
 * The default certificate: where a target has is_default, a handshake without
 * SNI must not show `replaced` (SHA-256 of the leaf that `leaf` took the
 * place of) any more. Errors as verify_names().
 */
int verify_default(const struct discovery_targets *targets,
    const struct pki_facts *leaf, const unsigned char *replaced,
    const struct verify_policy *policy, struct verify_seen *ret_seen,
    struct err *err) MUST_CHECK;

#endif
