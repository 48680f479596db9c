/*
 * apply.c: set in memory, rename on disk, commit in memory; and the way back.
 */
#include "hooks/apply.h"

#include <string.h>

#include "base/log.h"
#include "hooks/converge.h"
#include "hooks/listing.h"
#include "hooks/report.h"
#include "hooks/rollback.h"

/* The transactions of one store that are under way, by process. */
struct flight {
	struct transaction *sent[LIMIT_SOCKETS];
	bool wanted[LIMIT_SOCKETS]; /* this process needs the store */
	bool set[LIMIT_SOCKETS]; /* a transaction is open there */
};

static bool
is_wanted(const struct item *item, const struct site *site, size_t s, size_t p)
{
	const struct item_store *store = &item->stores[s];

	if (!site->processes[p].up || !item_store_is_due(item, s, p))
		return false;
	return store->seen[p].status != TRANSACTION_ABSENT ||
	    (store->list[0] != '\0' &&
		site_has_list(&site->processes[p], store->list));
}

/* Takes back what open_store() did: nothing of it was ever live. */
static void
abandon(struct item *item, struct site *site, size_t s, struct flight *flight)
{
	struct item_store *store = &item->stores[s];
	struct err ignored = ERR_INIT;

	for (size_t p = 0; p < site->process_count; p++) {
		const struct process *process = &site->processes[p].process;

		if (flight->set[p] &&
		    transaction_abort(process, store->name, &ignored) < 0)
			log_err(LOG_LEVEL_WARN, "", &ignored);
		if (store->touched[p] &&
		    store->seen[p].status == TRANSACTION_ABSENT &&
		    transaction_delete(process, store->name, &ignored) < 0)
			log_err(LOG_LEVEL_WARN, "", &ignored);
		store->touched[p] = false;
	}
}

/*
 * new and set on every process that wants it: HAProxy has checked the bundle
 * then, and nothing is live.
 */
static int
open_store(struct item *item, struct site *site, size_t s,
    const struct apply_idle *idle, struct flight *ret, struct err *err)
{
	struct item_store *store = &item->stores[s];
	struct err later = ERR_INIT;
	int rc = 0;

	memset(ret, 0, sizeof(*ret));
	for (size_t p = 0; rc == 0 && p < site->process_count; p++) {
		const struct process *process = &site->processes[p].process;

		ret->wanted[p] = is_wanted(item, site, s, p);
		if (!ret->wanted[p])
			continue;
		store->touched[p] = true;
		if (store->seen[p].status == TRANSACTION_ABSENT)
			rc = transaction_new(process, store->name, err);
		if (rc == 0)
			rc = transaction_set_send(process, store->name,
			    &item->bundle.pem, &ret->sent[p], err);
	}
	if (rc == 0 && idle != NULL)
		idle->work(idle->context);
	for (size_t p = site->process_count; p-- > 0;) {
		struct err *to = rc == 0 ? err : &later;

		if (ret->sent[p] == NULL)
			continue;
		ret->set[p] = transaction_set_wait(ret->sent[p], to) == 0;
		ret->sent[p] = NULL;
		if (!ret->set[p] && rc == 0)
			rc = err->code;
	}
	if (rc < 0)
		abandon(item, site, s, ret);
	return rc;
}

/* The crt-list file first: a reload must not forget what memory has. */
static int
list_store(struct item *item, struct site *site, size_t s, struct err *err)
{
	struct item_store *store = &item->stores[s];
	int rc;

	rc = listing_enter(item, site, store, err);
	for (size_t p = 0; rc == 0 && p < site->process_count; p++) {
		if (store->touched[p] && store->list[0] != '\0' &&
		    store->seen[p].status != TRANSACTION_USED)
			rc = listing_join(item, site, s, p, err);
	}
	return rc;
}

static int
commit_store(struct item *item, struct site *site, size_t s,
    const struct apply_idle *idle, struct flight *flight, struct err *err)
{
	struct item_store *store = &item->stores[s];
	struct err later = ERR_INIT;
	int rc = 0;

	for (size_t p = 0; rc == 0 && p < site->process_count; p++) {
		if (flight->set[p])
			rc =
			    transaction_commit_send(&site->processes[p].process,
				store->name, &flight->sent[p], err);
	}
	if (rc == 0 && idle != NULL)
		idle->work(idle->context);
	for (size_t p = site->process_count; p-- > 0;) {
		struct err *to = rc == 0 ? err : &later;

		if (flight->sent[p] == NULL)
			continue;
		if (transaction_commit_wait(flight->sent[p], to) < 0 && rc == 0)
			rc = err->code;
		flight->sent[p] = NULL;
	}
	return rc < 0 ? rc : list_store(item, site, s, err);
}

static int
publish(struct item *item, struct site *site, struct err *err)
{
	char path[LIMIT_PATH_BYTES];
	int rc;

	if (!item->publish || item->published)
		return 0;
	rc = install_publish(site->install, &item->staged, err);
	if (rc < 0)
		return rc;
	item->published = true;
	if (item->staged.original > 0 &&
	    install_original(site->install, item->ref.name, path, sizeof(path)))
		report_say("%s: the bundle that was there before certhaul's is "
			   "kept for good: %s",
		    item->ref.name, path);
	return 0;
}

static int
try_memory(struct item *item, struct site *site, const struct apply_idle *idle,
    struct err *err)
{
	struct flight flight;
	int rc = 0;

	for (size_t s = 0; rc == 0 && s < item->store_count; s++) {
		rc = open_store(item, site, s, idle, &flight, err);
		if (rc < 0)
			break;
		rc = publish(item, site, err);
		if (rc < 0) {
			abandon(item, site, s, &flight);
			break;
		}
		rc = commit_store(item, site, s, idle, &flight, err);
	}
	return rc;
}

/*
 * Did a reload come in between, so that all that answered are others by now?
 * Then it is not known what those have: looks again. HAProxy that cut its
 * answer off, or refused, may have died of the bundle.
 */
static bool
is_overtaken(struct item *item, struct site *site, int code)
{
	size_t up_count = site->up_count;
	struct err ignored = ERR_INIT;
	bool moved = false;

	return (code == ERR_NOENT || code == ERR_DOWN) &&
	    site_moved(site, &moved, &ignored) == 0 && moved &&
	    site->up_count >= up_count &&
	    converge_memory(&item, 1, site, &ignored) == 0 &&
	    item_is_open(item);
}

/* A transaction ends with the worker that has it (hazard H4): once more. */
static int
apply_memory(struct item *item, struct site *site,
    const struct apply_idle *idle, struct err *err)
{
	int rc = try_memory(item, site, idle, err);

	if (rc == 0 || !is_overtaken(item, site, rc))
		return rc;
	err_clear(err);
	return try_memory(item, site, idle, err);
}

/* On disk only; the crt-list entry too, so that the reload finds it. */
static int
apply_disk(struct item *item, struct site *site, struct err *err)
{
	int rc;

	rc = publish(item, site, err);
	for (size_t s = 0; rc == 0 && s < item->store_count; s++)
		rc = listing_enter(item, site, &item->stores[s], err);
	return rc;
}

static bool
is_touched(const struct item *item, const struct site *site)
{
	for (size_t s = 0; s < item->store_count; s++) {
		for (size_t p = 0; p < site->process_count; p++) {
			if (item->stores[s].touched[p])
				return true;
		}
	}
	return false;
}

void
apply_item(struct item *item, struct site *site, const struct apply_idle *idle)
{
	struct err err = ERR_INIT, back = ERR_INIT;
	int rc = 0;

	if (item->memory && !item->reload)
		rc = item_load_installed(item, site, &err);
	if (rc < 0) {
		item_end(item, ITEM_FAILED, &err);
		return;
	}
	if (item->memory && !item->reload)
		rc = apply_memory(item, site, idle, &err);
	else
		rc = apply_disk(item, site, &err);
	if (rc == 0) {
		listing_settle(item, site);
		if (site->unsure.code != 0 && listing_lacks(item))
			item_end(item, ITEM_NOT_SERVED, &site->unsure);
		return;
	}
	if (!item->published && !is_touched(item, site)) {
		item_end(item,
		    rc == ERR_HAPROXY ? ITEM_ROLLED_BACK : ITEM_FAILED, &err);
		return;
	}
	if (!rollback_possible(item)) {
		item_end(item, ITEM_NOT_SERVED, &err);
		return;
	}
	rc = rollback_all(item, site, &back);
	if (rc < 0)
		log_err(LOG_LEVEL_ERROR, "rolling back: ", &back);
	item_end(item, rc < 0 ? ITEM_NOT_SERVED : ITEM_ROLLED_BACK, &err);
}
