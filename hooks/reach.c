/*
 * reach.c: results per socket. Behind the proof of a deploy, and of a reload.
 */
#include "hooks/reach.h"

#include "hooks/report.h"

void
reach_check(struct item *item, const struct site *site)
{
	enum conf_update update = (enum conf_update)site->conf->haproxy.update;

	if (item_is_open(item) && !item->out && site->down.code != 0 &&
	    !item->reload && update != CONF_UPDATE_NONE &&
	    update != CONF_UPDATE_RELOAD &&
	    (site->up_count > 0 || !item->verify))
		item_end(item, ITEM_NOT_SERVED, &site->down);
}

/* What the process behind socket `p` has of it, by its stores. */
static const char *
result(const struct item *item, const struct site_process *process, size_t p)
{
	bool touched = false, held = false, differs = false;

	if (process->twin)
		return "leads to the same process as another socket";
	if (process->low)
		return "its level is too low";
	if (!process->up)
		return "does not answer";
	for (size_t s = 0; s < item->store_count; s++) {
		const struct item_store *store = &item->stores[s];

		if (!store->touched[p] &&
		    store->seen[p].status == TRANSACTION_ABSENT)
			continue;
		held = true;
		touched |= store->touched[p];
		differs |= item_store_differs(item, s, p);
	}
	if (!held)
		return "does not hold it";
	if (differs)
		return "holds another certificate";
	return touched ? "updated" : "holds it";
}

void
reach_tell(const struct item *item, const struct site *site)
{
	const char *const *paths = site->conf->haproxy.sockets.items;

	if (site->process_count < 2 || item->rolled_back || item->out ||
	    item->reload || (!item->published && !item->memory))
		return;
	for (size_t p = 0; p < site->process_count; p++)
		report_say("%s: %s: %s", item->ref.name, paths[p],
		    result(item, &site->processes[p], p));
}
