/*
 * prove.c: the last two observations, after everything else agrees: HAProxy's
 * memory by fingerprint, and the wire by handshake.
 */
#include "hooks/prove.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "haproxy/verify.h"
#include "hooks/apply.h"
#include "hooks/converge.h"
#include "hooks/report.h"
#include "hooks/rollback.h"
#include "hooks/shake.h"
#include "hooks/taker.h"

enum {
	PROVE_ROUNDS = 3, /* of a deploy that a reload overtook */
	PROVE_PAUSE_MS = 50, /* between two looks at the wire */
	PROVE_SPARED = 2, /* looks at what is to be spared anyhow */
};

static const char not_back[] =
    "; not rolled back: the certificate before it has expired";

static bool
is_applied(const struct item *item)
{
	return item_is_open(item) && item->memory && !item->reload;
}

bool
prove_differs(const struct item *item, const struct site *site)
{
	for (size_t s = 0; s < item->store_count; s++) {
		for (size_t p = 0; p < site->process_count; p++) {
			const struct item_store *store = &item->stores[s];

			if (site->processes[p].up &&
			    (store->touched[p] ||
				store->seen[p].status != TRANSACTION_ABSENT) &&
			    item_store_differs(item, s, p))
				return true;
		}
	}
	return false;
}

/* Looks at the memory of all applied items; `ret` gets those that differ. */
static int
look_again(struct item *const *items, size_t count, struct site *site,
    struct item **ret, size_t *ret_count, struct err *err)
{
	size_t applied = 0;
	int rc;

	*ret_count = 0;
	for (size_t i = 0; i < count; i++) {
		if (is_applied(items[i]))
			ret[applied++] = items[i];
	}
	rc = converge_memory(ret, applied, site, err);
	for (size_t i = 0; rc == 0 && i < applied; i++) {
		if (prove_differs(ret[i], site))
			ret[(*ret_count)++] = ret[i];
	}
	return rc;
}

static void
give_up(struct item *item, struct site *site)
{
	struct err err = ERR_INIT, back = ERR_INIT;
	bool expired = rollback_is_expired(item, site);

	(void)err_set(&err, ERR_HAPROXY, "comparing memory with the bundle",
	    item->ref.name,
	    "HAProxy said Success! and still holds another certificate%s",
	    expired ? not_back : "");
	if (!expired && rollback_possible(item) &&
	    rollback_all(item, site, &back) == 0)
		item_end(item, ITEM_ROLLED_BACK, &err);
	else
		item_end(item, ITEM_NOT_SERVED, &err);
}

int
prove_memory(
    struct item *const *items, size_t count, struct site *site, struct err *err)
{
	struct item **differ = NULL;
	size_t left = 0;
	int rc = 0;

	differ = calloc(count == 0 ? 1 : count, sizeof(struct item *));
	if (differ == NULL)
		return err_nomem(err, "comparing memory");
	for (int round = 0; round < PROVE_ROUNDS; round++) {
		rc = look_again(items, count, site, differ, &left, err);
		if (rc < 0 || left == 0)
			goto out;
		rc = site_look(site, err);
		if (rc < 0)
			goto out;
		for (size_t i = 0; i < left; i++)
			apply_item(differ[i], site, NULL);
	}
	rc = look_again(items, count, site, differ, &left, err);
	for (size_t i = 0; rc == 0 && i < left; i++)
		give_up(differ[i], site);
out:
	free(differ);
	return rc;
}

static void
find_taker(const struct item *item, const struct site *site,
    const struct verify_seen *seen, struct taker *ret)
{
	char file_name[NAME_MAX + 1];

	item_file_name(item, file_name, sizeof(file_name));
	taker_find(
	    site, seen, pki_cert_facts(item->bundle.leaf), file_name, ret);
}

/* The handshake showed another certificate: say whose, and go back. */
static void
mismatch(struct item *item, struct site *site, const struct verify_seen *seen,
    const struct err *why)
{
	char advice[700], detail[LIMIT_ERR_DETAIL_BYTES];
	struct err err = *why, back = ERR_INIT;
	bool expired = rollback_is_expired(item, site);
	bool possible = !expired && rollback_possible(item);
	struct taker taker;
	int rc = 0;

	find_taker(item, site, seen, &taker);
	taker_advise(site, &taker, advice, sizeof(advice));
	(void)snprintf(detail, sizeof(detail), "%s", why->detail);
	(void)err_set(&err, why->code, why->doing, why->on, "%.500s%s; %s",
	    detail, expired ? not_back : "", advice);
	/* What a reload was due for, HAProxy has read by now. */
	if (expired)
		item->reload = false;
	if (possible)
		rc = item->reload ? rollback_disk(item, site, &back)
				  : rollback_all(item, site, &back);
	if (possible && rc == 0)
		taker_note(site, &taker, seen->sha256, item->bundle.digest,
		    &item->record.taken);
	if (rc < 0)
		(void)err_set(&err, why->code, why->doing, why->on,
		    "%.600s; rolling back failed too: %.300s", detail,
		    back.detail);
	item_end(item, possible && rc == 0 ? ITEM_ROLLED_BACK : ITEM_NOT_SERVED,
	    &err);
}

/*
 * A worker that has not read its configuration since that was changed: what is
 * wrong on the wire may be what is to come right by the reload, and with the
 * old bundle it would be wrong as well.
 */
static bool
is_left_to_reload(struct item *item, const struct site *site, struct err *err)
{
	enum conf_update update = (enum conf_update)site->conf->haproxy.update;
	const char *file = site_is_behind(site);
	char detail[LIMIT_ERR_DETAIL_BYTES];

	if (file == NULL || item->reload)
		return false;
	if (update == CONF_UPDATE_RUNTIME) {
		(void)snprintf(detail, sizeof(detail), "%s", err->detail);
		(void)err_set(err, err->code, err->doing, err->on,
		    "%.600s; %.200s was changed since HAProxy read it: reload "
		    "HAProxy",
		    detail, file);
		item_end(item, ITEM_NOT_SERVED, err);
		return true;
	}
	item->reload = item->memory = true;
	(void)snprintf(item->reason, sizeof(item->reason),
	    "%.200s was changed since HAProxy read it", file);
	return true;
}

/* Has another one the name, so that no reload would bring ours? */
static bool
is_taken(const struct item *item, const struct site *site,
    const struct verify_seen *seen)
{
	struct taker taker;

	find_taker(item, site, seen, &taker);
	return taker.here;
}

/* Is one of the workers older than the bundle's file? */
static bool
is_older(const struct item *item, const struct site *site)
{
	long long changed_s = item->installed.ident.ctime_ns / 1000000000;

	for (size_t p = 0; p < site->process_count; p++) {
		if (site->processes[p].up &&
		    site->processes[p].process.start_s <= changed_s + 1)
			return true;
	}
	return false;
}

/*
 * HAProxy has the leaf, with another chain: it read an older file, and leaves
 * do not tell. So it gets the bundle anew, once; false: there is nothing more
 * to be shown now.
 */
static bool
send_anew(struct item *item, struct site *site)
{
	item->changed = true;
	converge_plan(item, site);
	/* Who was started since has read this very file. */
	if (item->reload && !is_older(item, site)) {
		item->reload = item->memory = false;
		return true;
	}
	if (item_is_open(item) && item->memory && !item->reload)
		apply_item(item, site, NULL);
	return item_is_open(item) && !item->reload;
}

/*
 * It was taken to be on its list, as an earlier run has seen: so memory is
 * looked at, and brought to agreement, once more. False: there is nothing more
 * to be shown now.
 */
static bool
look_anew(struct item *item, struct site *site)
{
	bool memory = item->memory;
	struct err err = ERR_INIT;

	item->agreed = item->memory = false;
	site_doubt(site);
	if (converge_memory(&item, 1, site, &err) < 0) {
		item_end(item, ITEM_NOT_SERVED, &err);
		return false;
	}
	converge_plan(item, site);
	if (item_is_open(item) && item->memory && !item->reload)
		apply_item(item, site, NULL);
	item->memory = item->memory || memory;
	return item_is_open(item) && !item->reload;
}

/* Nothing is wrong with the bundle; but whoever asks for no name is told so. */
static void
warn_of_default(const struct item *item, const struct verify_seen *seen)
{
	if (pki_sha256_is_none(seen->sha256))
		return;
	log_say(LOG_LEVEL_WARN,
	    "%s: %s shows the certificate with serial %s (%s), though %s.pem "
	    "is the first on its bind line: HAProxy keeps the default that it "
	    "was started with; reload it to change that",
	    item->ref.name, seen->at, seen->serial, seen->subject,
	    item->ref.name);
}

/*
 * What is wrong concerns lines alone that HAProxy may not read, so the bundle
 * stays; neither is more to be asked about it.
 */
static bool
is_spared(const struct item *item, const struct site *site, int rc,
    const struct verify_seen *seen)
{
	return (rc == ERR_MISMATCH || rc == ERR_UNPROVED) &&
	    shake_is_spared(item, site, seen);
}

/* Is what is wrong to be looked at no more? Of so many looks it was spared. */
static bool
is_enough(const struct site *site, int rc, int spared, int64_t start_ms)
{
	return (rc != ERR_MISMATCH && rc != ERR_UNPROVED) ||
	    spared == PROVE_SPARED ||
	    clock_mono_ms() - start_ms >= site->patience_ms;
}

void
prove_wire(struct item *item, struct site *site)
{
	int64_t start_ms = clock_mono_ms();
	struct discovery_targets *targets = NULL;
	struct verify_seen seen = {0};
	struct err err = ERR_INIT;
	bool spared = false, doubted = false;
	int rc, looks = 0; /* at what is spared */

	item->record.proved_but[0] = '\0';
	targets = calloc(1, sizeof(*targets));
	if (targets == NULL)
		(void)err_nomem(&err, "verifying");
	rc = err.code;
	while (targets != NULL) {
		err_clear(&err);
		rc = shake_hands(item, site, doubted, targets, &seen, &err);
		spared = is_spared(item, site, rc, &seen);
		doubted |= rc < 0 && !spared;
		if (rc == ERR_UNPROVED && !spared && seen.other_chain &&
		    !item->changed && !item->reload) {
			if (send_anew(item, site))
				continue;
			free(targets);
			return;
		}
		if ((rc == ERR_MISMATCH || rc == ERR_UNPROVED) && !spared &&
		    item->agreed && !item->reload) {
			if (look_anew(item, site))
				continue;
			free(targets);
			return;
		}
		/* Another look at it is one at the lists, too. */
		if (rc < 0)
			site_doubt(site);
		looks += spared;
		if (is_enough(site, rc, looks, start_ms))
			break;
		clock_pause_ms(PROVE_PAUSE_MS);
	}
	if (spared) {
		shake_tell_spared(item, &seen, &err);
		rc = 0;
	}
	if (rc == ERR_MISMATCH || rc == ERR_UNPROVED)
		site->patience_ms = 0;
	if (targets != NULL && targets->closed > 0 && rc == 0)
		shake_tell_closed(item, site, targets);
	free(targets);
	if ((rc == ERR_UNPROVED ||
		(rc == ERR_MISMATCH && !is_taken(item, site, &seen))) &&
	    is_left_to_reload(item, site, &err))
		return;
	if (rc == ERR_MISMATCH)
		mismatch(item, site, &seen, &err);
	else if (rc < 0)
		item_end(item, ITEM_NOT_SERVED, &err);
	else if (item->published && !spared)
		warn_of_default(item, &seen);
}
