/*
 * shake.c: which addresses an item's handshakes are with, and which of what
 * they show is about HAProxy at all. The hands of prove_wire().
 */
#include "hooks/shake.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "haproxy/environment.h"
#include "hooks/listing.h"
#include "hooks/report.h"
#include "hooks/taker.h"

/* Has any process a store of the bundle? */
static bool
is_held(const struct item *item, const struct site *site)
{
	for (size_t s = 0; s < item->store_count; s++) {
		for (size_t p = 0; p < site->process_count; p++) {
			const struct item_store *store = &item->stores[s];

			if (site->processes[p].up &&
			    (store->touched[p] ||
				store->seen[p].status != TRANSACTION_ABSENT))
				return true;
		}
	}
	return false;
}

/*
 * One after the other: the names, then who asks for none. (What the names have
 * shown of a target counts then, too: policy->marks.)
 */
static int
shake_all(const struct item *item, const struct site *site,
    const struct discovery_targets *targets, const struct verify_policy *policy,
    struct verify_seen *seen, struct err *err)
{
	const struct pki_facts *leaf = pki_cert_facts(item->bundle.leaf);
	struct verify_seen unnamed = {0};
	struct err why = ERR_INIT;
	int rc, rc_unnamed;

	rc = verify_names(targets, leaf, policy, seen, err);
	if (rc < 0 && !shake_is_spared(item, site, seen))
		return rc;
	rc_unnamed = verify_default(
	    targets, leaf, item->old_leaf, policy, &unnamed, &why);
	if (rc < 0 &&
	    (rc_unnamed == 0 || shake_is_spared(item, site, &unnamed)))
		return rc;
	*seen = unnamed;
	*err = why;
	return rc_unnamed;
}

/* Who else is there may still have what the bundle was before. */
static bool
is_new(const struct item *item)
{
	return item->published || item->memory || item->reload;
}

/* Where it stands among those that are sound; their count: it does not. */
static size_t
find_sound(const struct site *site, const struct discovery_target *target)
{
	size_t i = 0;

	while (i < site->sound_count &&
	    strcmp(site->sound[i].target, target->text) != 0)
		i++;
	return i;
}

/* How many handshakes each address is to have at the least. */
static long
least(const struct item *item, const struct site *site,
    const struct discovery_targets *targets, bool doubted)
{
	if (doubted)
		return SHAKE_DOUBTED;
	for (size_t i = 0; i < targets->count; i++) {
		size_t at = find_sound(site, &targets->items[i]);

		if (at == site->sound_count ||
		    (is_new(item) && !site->sound[at].by_new))
			return SHAKE_LEAST;
	}
	return 0;
}

/* Those that have shown the bundle so often need not do so for the next. */
static void
note_sound(const struct item *item, struct site *site,
    const struct discovery_targets *targets, const struct verify_policy *policy)
{
	for (size_t i = 0; i < targets->count && policy->least > 0; i++) {
		size_t at = find_sound(site, &targets->items[i]);

		if (!policy->marks->right[i] || policy->marks->wrong[i] ||
		    at == LIMIT_TARGETS)
			continue;
		if (at == site->sound_count)
			(void)snprintf(site->sound[site->sound_count++].target,
			    sizeof(site->sound[0].target), "%s",
			    targets->items[i].text);
		site->sound[at].by_new |= is_new(item);
	}
}

int
shake_hands(struct item *item, struct site *site, bool doubted,
    struct discovery_targets *targets, struct verify_seen *seen,
    struct err *err)
{
	const struct conf *conf = site->conf;
	unsigned char chain[PKI_SHA256_BYTES];
	struct verify_marks marks = {.right = {false}};
	struct verify_policy policy = {
	    .attempts = conf->verify.attempts,
	    .timeout_ms = conf->verify.timeout_ms,
	    .marks = &marks,
	};
	char file_name[NAME_MAX + 1], advice[400];
	int rc;

	*seen = (struct verify_seen){0};
	rc = item_load_installed(item, site, err);
	if (rc < 0)
		return rc;
	policy.key_type = pki_cert_facts(item->bundle.leaf)->key.type;
	/* Without one HAProxy may find one (issuers-chain-path). */
	pki_certs_sha256(item->bundle.chain, item->bundle.chain_count, chain);
	policy.chain = item->bundle.chain_count > 0 ? chain : NULL;
	item_file_name(item, file_name, sizeof(file_name));
	rc = listing_refilter(item, site, err);
	if (rc == 0)
		rc = discovery_targets(site->discovery, file_name,
		    conf->verify.addresses.items, conf->verify.addresses.count,
		    targets, err);
	if (rc < 0)
		return rc;
	/* Where the operator has named them, they are to be looked at. */
	verify_drop_closed(targets,
	    conf->verify.addresses.count == 0 && site_is_behind(site) != NULL &&
		is_held(item, site));
	if (targets->count > 0) {
		policy.least = least(item, site, targets, doubted);
		rc = shake_all(item, site, targets, &policy, seen, err);
		if (rc == 0)
			note_sound(item, site, targets, &policy);
		else
			site->sound_count = 0;
		return rc;
	}
	if (targets->closed > 0)
		return 0;
	environment_advise(conf, advice, sizeof(advice));
	return err_set(err, ERR_UNPROVED, "verifying", item->ref.name,
	    "no address to shake hands with was found in HAProxy's "
	    "configuration; give verify.addresses%s",
	    advice);
}

bool
shake_is_spared(const struct item *item, const struct site *site,
    const struct verify_seen *seen)
{
	const struct pki_facts *leaf = pki_cert_facts(item->bundle.leaf);
	char file_name[NAME_MAX + 1];

	if (!seen->maybe ||
	    (!seen->served && (site->up_count == 0 || is_held(item, site))))
		return false;
	item_file_name(item, file_name, sizeof(file_name));
	return !taker_is_certain(site, seen, leaf, file_name);
}

static void
set_unseen(struct item *item)
{
	item->unseen = true;
	item->verify = false;
}

void
shake_tell_spared(
    struct item *item, const struct verify_seen *seen, const struct err *why)
{
	log_say(LOG_LEVEL_WARN,
	    "%s: %s: %s; but that is of a bind line in an .if block, and "
	    "HAProxy %s: the bundle stays, as HAProxy may not read that line, "
	    "and a line of another branch or another process be there "
	    "(ss -ltnp)",
	    item->ref.name, why->on, why->detail,
	    seen->served ? "shows the bundle elsewhere" : "does not hold it");
	if (!seen->served)
		set_unseen(item);
	else
		(void)snprintf(item->record.proved_but,
		    sizeof(item->record.proved_but), "%.300s: %.700s", why->on,
		    why->detail);
}

void
shake_tell_closed(struct item *item, const struct site *site,
    const struct discovery_targets *targets)
{
	const char *file = site_is_behind(site);

	if (targets->count == 0)
		set_unseen(item);
	if (!item->named && !item->published)
		return;
	if (file == NULL)
		report_say("%s: nobody listens at %s, of a bind line in an .if "
			   "block: not looked at",
		    item->ref.name, targets->closed_at);
	else
		report_say("%s: nobody listens at %s, and %s was changed since "
			   "HAProxy read it: not looked at, that is for your "
			   "next reload",
		    item->ref.name, targets->closed_at, file);
}
