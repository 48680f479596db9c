/*
 * validate.c: is the bundle fit to be served? The gate between lineage and
 * everything that HAProxy sees. One function a rule, one row a function; each
 * says all that it finds. Rules that compare the bundle with what was asked for
 * or with what it replaces are in validate_compare.c.
 */
#include "cert/validate.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "cert/validate_private.h"

void
validate_find(const struct validate_gate *gate, enum validate_rule rule,
    enum validate_weight weight, const char *fmt, ...)
{
	struct validate_report *report = gate->report;
	struct validate_finding *finding = NULL;
	va_list args;

	/* Warnings are few: a list that is full holds a refusal. */
	if (report->count == COUNT_OF(report->findings))
		return;
	finding = &report->findings[report->count++];
	finding->rule = rule;
	finding->weight = weight;
	va_start(args, fmt);
	if (vsnprintf(finding->text, sizeof(finding->text), fmt, args) < 0)
		finding->text[0] = '\0';
	va_end(args);
	text_clean(finding->text);
	if (weight == VALIDATE_REFUSAL)
		report->refusals++;
}

/* Certificate `i` of what is sent: 0 is the leaf; NULL behind the last. */
static const struct pki_cert *
sent(const struct bundle *bundle, size_t i)
{
	if (i == 0)
		return bundle->leaf;
	return i <= bundle->chain_count ? bundle->chain[i - 1] : NULL;
}

const struct pki_facts *
validate_leaf(const struct bundle *bundle)
{
	return pki_cert_facts(bundle->leaf);
}

/* "the certificate" for the leaf, else "the chain's certificate SUBJECT". */
static const char *
who(size_t i)
{
	return i == 0 ? "the certificate" : "the chain's certificate";
}

static bool
is_alone_and_self_signed(const struct bundle *bundle)
{
	return bundle->chain_count == 0 && validate_leaf(bundle)->self_signed;
}

static void
check_readable(const struct validate_gate *gate)
{
	const struct bundle *bundle = gate->bundle;

	for (size_t i = 0; i < bundle->problem_count; i++)
		validate_find(gate, VALIDATE_READABLE, VALIDATE_REFUSAL, "%s",
		    bundle->problems[i].text);
	if (bundle->problem_count > 0)
		return;
	if (bundle->leaf == NULL || bundle->key == NULL || bundle->pem.len == 0)
		validate_find(gate, VALIDATE_READABLE, VALIDATE_REFUSAL,
		    "there is no certificate, or no key for it");
}

/*
 * Two keys of one kind that we cannot compute with: whether they match cannot
 * be told, and the kind itself is refused (check_key_strength()).
 */
static bool
is_beyond_us(const struct pki_key_facts *a, const struct pki_key_facts *b)
{
	return a->type == b->type && a->bits == 0 && b->bits == 0;
}

static void
check_key_matches(const struct validate_gate *gate)
{
	const struct bundle *bundle = gate->bundle;

	if (bundle->key != NULL &&
	    !pki_key_matches(bundle->leaf, bundle->key) &&
	    !is_beyond_us(
		&validate_leaf(bundle)->key, pki_key_facts(bundle->key)))
		validate_find(gate, VALIDATE_KEY_MATCHES, VALIDATE_REFUSAL,
		    "the private key (%s) is not that of the certificate (%s, "
		    "%s); renew the certificate",
		    pki_key_facts(bundle->key)->name,
		    validate_leaf(bundle)->key.name,
		    validate_leaf(bundle)->subject);
}

static bool
is_strong(const struct pki_key_facts *key)
{
	switch (key->type) {
	case PKI_KEY_RSA: return key->bits >= LIMIT_RSA_BITS_LEAST;
	case PKI_KEY_EC:
		return strcmp(key->name, "P-256") == 0 ||
		    strcmp(key->name, "P-384") == 0 ||
		    strcmp(key->name, "P-521") == 0;
	case PKI_KEY_ED25519: return true;
	case PKI_KEY_OTHER: break;
	}
	return false;
}

/* HAProxy does not start over a weak one, wherever in the bundle it is. */
static void
check_key_strength(const struct validate_gate *gate)
{
	const struct pki_cert *cert = NULL;

	for (size_t i = 0; (cert = sent(gate->bundle, i)) != NULL; i++) {
		const struct pki_facts *facts = pki_cert_facts(cert);

		if (!is_strong(&facts->key))
			validate_find(gate, VALIDATE_KEY_STRENGTH,
			    VALIDATE_REFUSAL,
			    "the key of %s %s is %s; RSA of %d bits or more, "
			    "P-256, P-384, P-521 and Ed25519 are served",
			    who(i), facts->subject, facts->key.name,
			    LIMIT_RSA_BITS_LEAST);
		if (facts->signature_weak && !facts->self_signed)
			validate_find(gate, VALIDATE_KEY_STRENGTH,
			    VALIDATE_REFUSAL,
			    "%s %s is signed with %s, which clients do not "
			    "accept",
			    who(i), facts->subject, facts->signature);
	}
}

static void
check_chain_links(const struct validate_gate *gate)
{
	const struct bundle *bundle = gate->bundle;
	const struct pki_cert *cert = NULL, *next = NULL;

	for (size_t i = 0; (cert = sent(bundle, i)) != NULL; i++) {
		const struct pki_facts *facts = pki_cert_facts(cert);

		next = sent(bundle, i + 1);
		if (next == NULL)
			next = bundle->root;
		if (next != NULL && !pki_cert_issued_by(cert, next))
			validate_find(gate, VALIDATE_CHAIN_LINKS,
			    VALIDATE_REFUSAL,
			    "%s %s is not signed by the next one, %s; each "
			    "must be followed by its issuer (%s)",
			    who(i), facts->subject,
			    pki_cert_facts(next)->subject, facts->issuer);
		if (i > 0 && !facts->is_ca)
			validate_find(gate, VALIDATE_CHAIN_LINKS,
			    VALIDATE_REFUSAL,
			    "%s %s is no CA's: it cannot have issued another",
			    who(i), facts->subject);
	}
}

static void
check_leaf_first(const struct validate_gate *gate)
{
	const struct pki_facts *leaf = validate_leaf(gate->bundle);

	/* One who signs for himself often says that he is a CA. */
	if (leaf->is_ca && !is_alone_and_self_signed(gate->bundle))
		validate_find(gate, VALIDATE_LEAF_FIRST, VALIDATE_REFUSAL,
		    "the first certificate, %s, is a CA's; the server's own "
		    "must come first",
		    leaf->subject);
}

static void
check_not_expired(const struct validate_gate *gate)
{
	const struct pki_cert *cert = NULL;
	char when[VALIDATE_ISO_BYTES];

	for (size_t i = 0; (cert = sent(gate->bundle, i)) != NULL; i++) {
		const struct pki_facts *facts = pki_cert_facts(cert);

		if (gate->policy->now_s > facts->not_after_s)
			validate_find(gate, VALIDATE_NOT_EXPIRED,
			    validate_unless_forced_back(gate),
			    "%s %s expired on %s; %s", who(i), facts->subject,
			    clock_iso(facts->not_after_s, when, sizeof(when)),
			    gate->policy->going_back
				? "--force goes back to it all the same"
				: "renew it");
	}
}

static void
check_already_valid(const struct validate_gate *gate)
{
	const struct validate_policy *policy = gate->policy;
	const struct pki_cert *cert = NULL;
	char when[VALIDATE_ISO_BYTES];

	for (size_t i = 0; (cert = sent(gate->bundle, i)) != NULL; i++) {
		const struct pki_facts *facts = pki_cert_facts(cert);

		if (facts->not_before_s >
		    policy->now_s + policy->clock_tolerance_s)
			validate_find(gate, VALIDATE_ALREADY_VALID,
			    VALIDATE_REFUSAL,
			    "%s %s is not valid before %s; is the clock of "
			    "this machine right?",
			    who(i), facts->subject,
			    clock_iso(facts->not_before_s, when, sizeof(when)));
	}
}

static void
check_server_auth(const struct validate_gate *gate)
{
	const struct pki_facts *leaf = validate_leaf(gate->bundle);

	if (!leaf->server_auth)
		validate_find(gate, VALIDATE_SERVER_AUTH, VALIDATE_REFUSAL,
		    "the certificate %s is not for servers: its extended key "
		    "usage lacks serverAuth",
		    leaf->subject);
}

static void
check_chain_present(const struct validate_gate *gate)
{
	const struct bundle *bundle = gate->bundle;
	const struct pki_facts *leaf = validate_leaf(bundle);

	if (is_alone_and_self_signed(bundle))
		validate_find(gate, VALIDATE_CHAIN_PRESENT, VALIDATE_WARNING,
		    "the certificate %s is self-signed; clients do not trust "
		    "it",
		    leaf->subject);
	/* An earlier bundle has none where a root issued it: that is left out
	 * of a bundle, and the lineage that had it is another by now. */
	else if (bundle->chain_count == 0 && bundle->root == NULL)
		validate_find(gate, VALIDATE_CHAIN_PRESENT,
		    gate->policy->going_back ? VALIDATE_WARNING
					     : VALIDATE_REFUSAL,
		    "the chain is missing: clients need the certificate of the "
		    "issuer, %s",
		    leaf->issuer);
}

/*
 * In the order of the enum. All but the first are run over a bundle that has
 * a leaf.
 */
static const struct {
	const char *name;
	void (*check)(const struct validate_gate *gate);
} rules[] = {
    [VALIDATE_READABLE] = {"readable", check_readable},
    [VALIDATE_KEY_MATCHES] = {"key-matches", check_key_matches},
    [VALIDATE_KEY_STRENGTH] = {"key-strength", check_key_strength},
    [VALIDATE_CHAIN_LINKS] = {"chain-links", check_chain_links},
    [VALIDATE_LEAF_FIRST] = {"leaf-first", check_leaf_first},
    [VALIDATE_NOT_EXPIRED] = {"not-expired", check_not_expired},
    [VALIDATE_ALREADY_VALID] = {"already-valid", check_already_valid},
    [VALIDATE_SERVER_AUTH] = {"server-auth", check_server_auth},
    [VALIDATE_NAMES_COVER] = {"names-cover", validate_names_cover},
    [VALIDATE_NAMES_LOST] = {"names-lost", validate_names_lost},
    [VALIDATE_NOT_OLDER] = {"not-older", validate_not_older},
    [VALIDATE_NOT_STAGING] = {"not-staging", validate_not_staging},
    [VALIDATE_CHAIN_PRESENT] = {"chain-present", check_chain_present},
};
_Static_assert(COUNT_OF(rules) == VALIDATE_RULES, "a rule has no row");

void
validate_bundle(const struct validate_policy *policy,
    const struct bundle *bundle, const struct bundle *installed,
    struct validate_report *ret)
{
	struct validate_gate gate = {policy, bundle, installed, ret};

	if (installed != NULL && installed->leaf == NULL)
		gate.installed = NULL;
	memset(ret, 0, sizeof(*ret));
	for (size_t i = 0; i < COUNT_OF(rules); i++) {
		if (i == VALIDATE_READABLE || bundle->leaf != NULL)
			rules[i].check(&gate);
	}
}

const char *
validate_rule_name(enum validate_rule rule)
{
	return (size_t)rule < COUNT_OF(rules) ? rules[rule].name : "unknown";
}
