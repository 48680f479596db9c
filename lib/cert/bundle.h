/*
 * bundle.h: the one PEM that HAProxy loads: leaf, chain, key.
 *
 * Serialised anew from DER, so that nothing of the input's text survives: no
 * blank line (on HAProxy 2.6 one inside a payload makes the rest, the key
 * included, run as commands), no CRLF, no comments, no self-signed root.
 *
 * Building is lenient: what is wrong with the input is kept as a list of
 * problems, so that validate can report everything and not only the first.
 */
#ifndef CERT_BUNDLE_H
#define CERT_BUNDLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "cert/lineage.h"
#include "cert/pki.h"

enum bundle_flaw {
	BUNDLE_FLAW_SYNTAX, /* a block or its DER does not decode */
	BUNDLE_FLAW_NO_LEAF, /* no certificate at all */
	BUNDLE_FLAW_NO_KEY, /* no private key */
	BUNDLE_FLAW_MANY_KEYS, /* more than one private key */
	BUNDLE_FLAW_ENCRYPTED_KEY,
	BUNDLE_FLAW_FOREIGN_BLOCK, /* not a CERTIFICATE, in cert or chain */
	BUNDLE_FLAW_NOT_FULLCHAIN, /* fullchain is not cert + chain */
	BUNDLE_FLAW_CHAIN_LENGTH, /* past LIMIT_CHAIN_CERTS */
};

struct bundle_problem {
	enum bundle_flaw flaw;
	char text[256]; /* what, where; never a key */
};

struct bundle {
	struct pki_cert *leaf; /* NULL with a problem that says why */
	struct pki_cert *chain[LIMIT_CHAIN_CERTS]; /* without the root */
	size_t chain_count;
	struct pki_cert *root; /* self-signed, not in the chain; or NULL */
	struct pki_key *key; /* NULL with a problem that says why */
	struct buf pem; /* secret; empty where there is a problem */
	unsigned char digest[PKI_SHA256_BYTES]; /* of pem */
	struct bundle_problem problems[LIMIT_FINDINGS];
	size_t problem_count;
};

/*
 * Builds the bundle of a lineage (borrows) into `ret` (owned, bundle_free()).
 * With `lone_root` a root that has signed the leaf itself is not left out: a
 * server that staples needs the leaf's issuer. Fails only with ERR_NOMEM or
 * ERR_LIMIT; all else is in ret->problems.
 */
int bundle_build(const struct lineage *lineage, bool lone_root,
    struct bundle *ret, struct err *err) MUST_CHECK;

/*
 * Reads a bundle that is on disk, whoever wrote it: certificates in their
 * order, then or before them the key; blocks of other kinds are passed over.
 * `ret->digest` is that of the argument `pem`, byte for byte; `ret->pem` is
 * serialised anew, fit for HAProxy's socket whatever is on disk, with a root
 * that is behind the leaf alone. Errors and ownership as bundle_build().
 */
int bundle_parse(const char *pem, size_t len, const char *origin,
    struct bundle *ret, struct err *err) MUST_CHECK;

/*
 * Reads of such a bundle the first certificate alone: `ret->leaf`, and
 * `ret->digest` as bundle_parse() has it; what a bundle is to be compared with
 * needs no more. Errors and ownership as bundle_build().
 */
int bundle_parse_leaf(const char *pem, size_t len, const char *origin,
    struct bundle *ret, struct err *err) MUST_CHECK;

/* Wipes and frees; a zeroed bundle will do. */
void bundle_free(struct bundle *bundle);

#endif
