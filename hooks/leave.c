/*
 * leave.c: the last arrow of the way of a certificate, backwards: for detach,
 * and for a rollback to nothing.
 */
#include "hooks/leave.h"

#include "haproxy/crtlist.h"

static bool
is_there(const struct item_store *store, size_t p)
{
	return store->touched[p] || store->seen[p].status != TRANSACTION_ABSENT;
}

int
leave_process(struct item *item, struct site *site, size_t p, struct err *err)
{
	const struct process *process = &site->processes[p].process;
	int rc = 0;

	for (size_t s = 0; rc == 0 && s < item->store_count; s++) {
		struct item_store *store = &item->stores[s];
		bool deleted = false;

		if (!is_there(store, p) || store->list[0] == '\0')
			continue;
		rc = crtlist_del(
		    process, store->list, store->name, &deleted, err);
		store->touched[p] |= deleted;
	}
	for (size_t s = 0; rc == 0 && s < item->store_count; s++) {
		if (is_there(&item->stores[s], p))
			rc = transaction_delete(
			    process, item->stores[s].name, err);
	}
	return rc;
}

int
leave_memory(struct item *item, struct site *site, struct err *err)
{
	int rc = 0;

	for (size_t p = 0; rc == 0 && p < site->process_count; p++) {
		if (site->processes[p].up)
			rc = leave_process(item, site, p, err);
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
