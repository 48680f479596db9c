/*
 * validate.h: what HAProxy does not check: is this bundle fit to be served?
 *
 * HAProxy answers "Success!" to expired, wrong-name and chain-less PEMs and
 * stops at its next start over others, so this is the only gate. All rules
 * run and all findings are reported; the rules are a table, one row each.
 */
#ifndef CERT_VALIDATE_H
#define CERT_VALIDATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"
#include "cert/bundle.h"

enum validate_rule {
	VALIDATE_READABLE, /* the bundle's own problems */
	VALIDATE_KEY_MATCHES,
	VALIDATE_KEY_STRENGTH, /* RSA >= 2048, P-256/384/521, Ed25519 */
	VALIDATE_CHAIN_LINKS, /* each signed by the next, leaf first */
	VALIDATE_LEAF_FIRST, /* the first is no CA certificate */
	VALIDATE_NOT_EXPIRED,
	VALIDATE_ALREADY_VALID,
	VALIDATE_SERVER_AUTH,
	VALIDATE_NAMES_COVER, /* RENEWED_DOMAINS */
	VALIDATE_NAMES_LOST, /* had by the replaced bundle */
	VALIDATE_NOT_OLDER, /* than the installed one */
	VALIDATE_NOT_STAGING, /* a test issuer replacing a public one */
	VALIDATE_CHAIN_PRESENT, /* a leaf that is not self-signed, alone */
	VALIDATE_RULES
};

enum validate_weight { VALIDATE_WARNING, VALIDATE_REFUSAL };

struct validate_finding {
	enum validate_rule rule;
	enum validate_weight weight;
	char text[512]; /* what, and what to do; never a key */
};

struct validate_report {
	struct validate_finding findings[LIMIT_FINDINGS];
	size_t count;
	size_t refusals; /* how many of them refuse */
};

struct validate_policy {
	time_t now_s;
	long clock_tolerance_s;
	bool lost_names_refuse;
	bool force; /* staging and older become warnings */
	/* An earlier bundle goes back: older is what is asked for, and `force`
	 * lets one that has expired, or lacks names, back too. */
	bool going_back;
	bool renewed; /* it is of a later generation than the installed one */
	const char *const
	    *expected; /* names to cover, NULL-terminated; or NULL */
};

/*
 * Runs every rule over `bundle`; `installed` is the bundle to be replaced,
 * or NULL. Fills `ret` whole. Cannot fail: not knowing is a refusal.
 */
void validate_bundle(const struct validate_policy *policy,
    const struct bundle *bundle, const struct bundle *installed,
    struct validate_report *ret);

/* The rule's name for a machine ("key-matches"); static storage. */
const char *validate_rule_name(enum validate_rule rule);

/* Is the issuer of `cert` a CA's staging or test hierarchy? */
bool validate_is_test_issuer(const struct pki_cert *cert);

#endif
