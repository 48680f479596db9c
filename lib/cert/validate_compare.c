/*
 * validate_compare.c: the rules of validate.c that compare: with the names
 * that were asked for, and with the bundle that would be replaced.
 */
#include "cert/validate.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "cert/validate_private.h"

enum { DATED_BACK_S = 2 * 24 * 60 * 60 }; /* at most, as CAs do it */

/* A list of names for a message: as many as fit, and how many more. */
struct names {
	char text[320];
	size_t used, count, left_out;
};

static void
names_add(struct names *names, const char *name)
{
	size_t room = sizeof(names->text) - names->used;
	int len;

	names->count++;
	len = snprintf(names->text + names->used, room, "%s%s",
	    names->used > 0 ? ", " : "", name);
	if (names->left_out == 0 && len > 0 && (size_t)len < room) {
		names->used += (size_t)len;
		return;
	}
	names->text[names->used] = '\0';
	names->left_out++;
}

/* " and 12 more", or nothing. */
static const char *
names_more(const struct names *names, char *text, size_t size)
{
	if (names->left_out == 0 ||
	    snprintf(text, size, " and %zu more", names->left_out) < 0)
		text[0] = '\0';
	return text;
}

static bool
covers(const struct pki_facts *facts, const char *name)
{
	for (size_t i = 0; i < facts->name_count; i++) {
		if (text_name_covers(facts->names[i], name))
			return true;
	}
	return false;
}

void
validate_names_cover(const struct validate_gate *gate)
{
	const struct pki_facts *leaf = validate_leaf(gate->bundle);
	const char *const *expected = gate->policy->expected;
	struct names missing = {.used = 0};
	char more[32];

	if (leaf->name_count == 0)
		validate_find(gate, VALIDATE_NAMES_COVER, VALIDATE_WARNING,
		    "the certificate %s has no subject alternative name; "
		    "clients accept it for no name at all",
		    leaf->subject);
	for (; expected != NULL && *expected != NULL; expected++) {
		if (!covers(leaf, *expected))
			names_add(&missing, *expected);
	}
	if (missing.count > 0)
		validate_find(gate, VALIDATE_NAMES_COVER, VALIDATE_REFUSAL,
		    "the certificate is not for %s%s, which certbot says it "
		    "renewed",
		    missing.text, names_more(&missing, more, sizeof(more)));
}

void
validate_names_lost(const struct validate_gate *gate)
{
	const struct pki_facts *leaf = validate_leaf(gate->bundle), *old = NULL;
	struct names lost = {.used = 0};
	char more[32];

	if (gate->installed == NULL)
		return;
	old = validate_leaf(gate->installed);
	for (size_t i = 0; i < old->name_count; i++) {
		if (!covers(leaf, old->names[i]))
			names_add(&lost, old->names[i]);
	}
	if (lost.count > 0)
		validate_find(gate, VALIDATE_NAMES_LOST,
		    gate->policy->lost_names_refuse
			? validate_unless_forced_back(gate)
			: VALIDATE_WARNING,
		    "the installed certificate is for %s%s, this one is not",
		    lost.text, names_more(&lost, more, sizeof(more)));
}

enum validate_weight
validate_unless_forced_back(const struct validate_gate *gate)
{
	return gate->policy->going_back && gate->policy->force
	    ? VALIDATE_WARNING
	    : VALIDATE_REFUSAL;
}

static enum validate_weight
unless_forced(const struct validate_gate *gate)
{
	return gate->policy->force ? VALIDATE_WARNING : VALIDATE_REFUSAL;
}

/*
 * CAs date back, some by an hour, some to the midnight before, and each by
 * another measure; so a later one can bear an earlier date. It is so far back
 * at most, and ends later; one of the two is enough of what certbot has
 * renewed, by its number, which a lineage of another machine may have, too.
 * What takes the place of a self-signed stand-in is later whatever it bears.
 */
static bool
is_dated_back(const struct validate_gate *gate, const struct pki_facts *leaf,
    const struct pki_facts *old)
{
	bool near = old->not_before_s - leaf->not_before_s <= DATED_BACK_S;
	bool ends_later = leaf->not_after_s > old->not_after_s;

	if (old->self_signed && !leaf->self_signed)
		return true;
	return gate->policy->renewed ? near || ends_later : near && ends_later;
}

void
validate_not_older(const struct validate_gate *gate)
{
	const struct pki_facts *leaf = validate_leaf(gate->bundle), *old = NULL;
	char when[VALIDATE_ISO_BYTES], old_when[VALIDATE_ISO_BYTES];

	if (gate->installed == NULL)
		return;
	old = validate_leaf(gate->installed);
	if (leaf->not_before_s < old->not_before_s &&
	    !is_dated_back(gate, leaf, old))
		validate_find(gate, VALIDATE_NOT_OLDER,
		    gate->policy->going_back ? VALIDATE_WARNING
					     : unless_forced(gate),
		    "the certificate is of %s, older than the installed one of "
		    "%s%s",
		    clock_iso(leaf->not_before_s, when, sizeof(when)),
		    clock_iso(old->not_before_s, old_when, sizeof(old_when)),
		    gate->policy->going_back ? "" : "; --force installs it");
}

/* A self-signed stand-in is no public certificate either. */
void
validate_not_staging(const struct validate_gate *gate)
{
	const struct bundle *installed = gate->installed;

	if (installed == NULL || validate_leaf(installed)->self_signed ||
	    validate_is_test_issuer(installed->leaf))
		return;
	if (validate_is_test_issuer(gate->bundle->leaf))
		validate_find(gate, VALIDATE_NOT_STAGING, unless_forced(gate),
		    "%s issues for tests only, no client trusts it, and the "
		    "installed certificate is of %s; --force installs it",
		    validate_leaf(gate->bundle)->issuer,
		    validate_leaf(installed)->issuer);
}

/*
 * What test hierarchies call themselves: Let's Encrypt's staging of today, of
 * 2020 and of before, Boulder's own, Pebble's.
 */
static const char *const test_issuers[] = {"(STAGING)", "STAGING", "Fake LE",
    "happy hacker", "h2ppy h2cker", "Pebble"};

bool
validate_is_test_issuer(const struct pki_cert *cert)
{
	const struct pki_facts *facts = pki_cert_facts(cert);

	for (size_t i = 0; i < COUNT_OF(test_issuers); i++) {
		if (strstr(facts->issuer_cn, test_issuers[i]) != NULL ||
		    strstr(facts->issuer_org, test_issuers[i]) != NULL)
			return true;
	}
	return false;
}
