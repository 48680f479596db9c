/*
 * leave.c: the last arrow of the way of a certificate, backwards: for detach,
 * and for a rollback to nothing.
 */
#include "hooks/leave.h"

#include <stdlib.h>

#include "haproxy/crtlist.h"
#include "haproxy/verify.h"

static bool
is_there(const struct item_store *store, size_t p)
{
	return store->touched[p] || store->seen[p].status != TRANSACTION_ABSENT;
}

/* Off the lists that it is the default of, or off the others. */
static int
leave_lists(struct item *item, struct site *site, size_t p, bool defaults,
    struct err *err)
{
	int rc = 0;

	for (size_t s = 0; rc == 0 && s < item->store_count; s++) {
		struct item_store *store = &item->stores[s];
		bool deleted = false;

		if (!is_there(store, p) || store->list[0] == '\0' ||
		    store->is_default != defaults)
			continue;
		rc = crtlist_del(&site->processes[p].process, store->list,
		    store->name, &deleted, err);
		store->touched[p] |= deleted;
	}
	return rc;
}

static int
leave_stores(struct item *item, struct site *site, size_t p, struct err *err)
{
	int rc = 0;

	for (size_t s = 0; rc == 0 && s < item->store_count; s++) {
		if (is_there(&item->stores[s], p))
			rc = transaction_delete(&site->processes[p].process,
			    item->stores[s].name, err);
	}
	return rc;
}

int
leave_process(struct item *item, struct site *site, size_t p, struct err *err)
{
	int rc = leave_lists(item, site, p, true, err);

	if (rc == 0)
		rc = leave_lists(item, site, p, false, err);
	return rc < 0 ? rc : leave_stores(item, site, p, err);
}

/*
 * First what HAProxy may refuse, of all processes: then none of the others has
 * lost its place among the lines, which no command gives back. The stores last:
 * they cannot be made again with all that was in them.
 */
int
leave_memory(struct item *item, struct site *site, struct err *err)
{
	int rc = 0;

	for (int step = 0; step < 3; step++) {
		for (size_t p = 0; rc == 0 && p < site->process_count; p++) {
			if (!site->processes[p].up)
				continue;
			rc = step < 2
			    ? leave_lists(item, site, p, step == 0, err)
			    : leave_stores(item, site, p, err);
		}
	}
	return rc;
}

static void
return_process(struct item *item, const struct process *process, size_t p,
    struct err *first)
{
	for (size_t s = 0; s < item->store_count; s++) {
		struct item_store *store = &item->stores[s];
		struct err err = ERR_INIT;

		if (!store->touched[p] || store->list[0] == '\0')
			continue;
		store->touched[p] = false;
		if (crtlist_return(process, store->list, store->name,
			&store->taken, &err) < 0 &&
		    first->code == 0)
			*first = err;
	}
}

int
leave_return(struct item *item, struct site *site, struct err *err)
{
	struct err first = ERR_INIT;

	for (size_t p = 0; p < site->process_count; p++) {
		if (site->processes[p].up)
			return_process(
			    item, &site->processes[p].process, p, &first);
	}
	if (first.code != 0)
		*err = first;
	return first.code;
}

bool
leave_is_unasked(const struct item *item, const struct site *site)
{
	struct discovery_targets *targets;
	struct err ignored = ERR_INIT;
	char file_name[NAME_MAX + 1];
	bool unasked = false;

	if (site->low.code != 0)
		return true;
	if (site->down.code == 0 || site->discovery == NULL)
		return false;
	if (site->down.code != ERR_DOWN)
		return true;
	targets = calloc(1, sizeof(*targets));
	if (targets == NULL)
		return true;
	item_file_name(item, file_name, sizeof(file_name));
	if (discovery_targets(site->discovery, file_name,
		site->conf->verify.addresses.items,
		site->conf->verify.addresses.count, targets, &ignored) < 0)
		unasked = true;
	for (size_t i = 0; !unasked && i < targets->count; i++)
		unasked = verify_listens(&targets->items[i]);
	free(targets);
	return unasked;
}
