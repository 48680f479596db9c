/*
 * observe_memory.c: the third place: what the running HAProxy processes hold.
 * All lineages at once, LIMIT_SHOW_BATCH to a question.
 */
#include "wrapper/observe_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "haproxy/crtlist.h"
#include "haproxy/transaction.h"

static const char doing[] = "looking at HAProxy's memory";

/* A store that is, or would be, made from a bundle; and what each has in it. */
struct store {
	char *name, *list; /* owned; list is "" with none */
	struct transaction_store seen[LIMIT_SOCKETS];
};

struct stores {
	struct store *items;
	size_t count, room;
};

static void
stores_free(struct stores *stores)
{
	for (size_t i = 0; i < stores->count; i++) {
		free(stores->items[i].name);
		free(stores->items[i].list);
	}
	free(stores->items);
}

static int
add_store(
    struct stores *stores, const struct discovery_store *from, struct err *err)
{
	struct store *store;

	if (stores->count == stores->room) {
		size_t room = stores->room == 0 ? 64 : 2 * stores->room;
		struct store *more =
		    reallocarray(stores->items, room, sizeof(*more));

		if (more == NULL)
			return err_nomem(err, doing);
		stores->items = more;
		stores->room = room;
	}
	store = &stores->items[stores->count];
	memset(store, 0, sizeof(*store));
	store->name = strdup(from->name);
	store->list = strdup(from->list);
	stores->count++;
	return store->name == NULL || store->list == NULL
	    ? err_nomem(err, doing)
	    : 0;
}

/* The stores of one lineage, which follow those of the one before. */
static int
find_stores(struct observe_site *site, struct observe_look *look,
    struct stores *stores, struct err *err)
{
	char file[LIMIT_LINEAGE_NAME_BYTES + sizeof(".pem")];
	struct err why = ERR_INIT;
	int rc = 0;

	look->first_store = stores->count;
	(void)snprintf(file, sizeof(file), "%s.pem", look->item->name);
	if (discovery_stores(site->discovery, file, site->stores, &why) < 0) {
		char text[OBSERVE_WHY_BYTES];

		observe_why(&why, text, sizeof(text));
		observe_at_set(&look->item->at[OBSERVE_MEMORY], OBSERVE_UNKNOWN,
		    "%s", text);
		return 0;
	}
	for (size_t i = 0; rc == 0 && i < site->stores->count; i++)
		rc = add_store(stores, &site->stores->items[i], err);
	return rc;
}

/* Asks one process for all of them; one that cannot tell is not up. */
static int
ask(struct observe_site *site, size_t p, struct stores *stores, struct err *err)
{
	struct observe_process *process = &site->processes[p];
	struct transaction_store *seen = NULL;
	struct err why = ERR_INIT;
	const char **names = NULL;
	int rc = 0;

	seen = calloc(stores->count, sizeof(*seen));
	names = calloc(stores->count, sizeof(*names));
	if (seen == NULL || names == NULL) {
		rc = err_nomem(err, doing);
		goto out;
	}
	for (size_t i = 0; i < stores->count; i++)
		names[i] = stores->items[i].name;
	if (transaction_show(
		&process->process, names, stores->count, seen, &why) < 0) {
		observe_why(&why, process->why, sizeof(process->why));
		process->up = false;
		site->up_count--;
		goto out;
	}
	for (size_t i = 0; i < stores->count; i++)
		stores->items[i].seen[p] = seen[i];
out:
	free(names);
	free(seen);
	return rc;
}

/* Does it hold the lineage's certificate, another one, or none? */
static enum observe_verdict
compare(const struct observe_look *look, const struct transaction_store *seen)
{
	if (seen->status == TRANSACTION_ABSENT ||
	    seen->status == TRANSACTION_EMPTY)
		return OBSERVE_ABSENT;
	return look->cert != NULL &&
		transaction_store_has(seen, pki_cert_facts(look->cert))
	    ? OBSERVE_SAME
	    : OBSERVE_OTHER;
}

/* Does the process load the bundle, or could it be told to? */
static bool
concerns(const struct observe_process *process, size_t p,
    const struct store *stores, size_t count)
{
	if (!process->up)
		return false;
	for (size_t s = 0; s < count; s++) {
		if (stores[s].seen[p].status != TRANSACTION_ABSENT ||
		    (stores[s].list[0] != '\0' &&
			crtlist_has_name(process->lists, stores[s].list)))
			return true;
	}
	return false;
}

/* What differs counts for most, what is meant to for little. */
static int
weight(const struct observation *item, const struct observe_at *at)
{
	static const int weights[] = {
	    [OBSERVE_UNKNOWN] = 0,
	    [OBSERVE_SAME] = 1,
	    [OBSERVE_ABSENT] = 3,
	    [OBSERVE_OTHER] = 4,
	    [OBSERVE_BROKEN] = 5,
	};
	_Static_assert(COUNT_OF(weights) == OBSERVE_VERDICTS, "a weight each");

	return observation_is_held_at(item, at) ? weights[OBSERVE_SAME] + 1
						: weights[at->verdict];
}

/* The place is as its worst store is. */
static void
judge_store(struct observation *item, const struct observe_store *store,
    enum transaction_status status)
{
	struct observe_at *at = &item->at[OBSERVE_MEMORY];
	struct observe_at here = {
	    .verdict = store->verdict, .not_after_s = store->not_after_s};

	memcpy(here.serial, store->serial, sizeof(here.serial));
	if (status == TRANSACTION_UNUSED &&
	    (here.verdict == OBSERVE_SAME ||
		observation_is_held_at(item, &here))) {
		observe_at_set(at, OBSERVE_ABSENT,
		    "%s is on no bind line of %s", store->name, store->socket);
		return;
	}
	if (weight(item, &here) <= weight(item, at))
		return;
	*at = here;
	if (store->verdict == OBSERVE_ABSENT)
		observe_at_set(at, OBSERVE_ABSENT,
		    status == TRANSACTION_EMPTY ? "%s on %s is empty"
						: "no %s on %s",
		    store->name, store->socket);
}

/* One store on one process: a line of its own, and its part of the whole. */
static int
take_store(const struct observe_process *process, const struct store *store,
    size_t p, struct observe_look *look, struct err *err)
{
	struct observation *item = look->item;
	const struct transaction_store *seen = &store->seen[p];
	struct observe_store *to = &item->stores[item->store_count];

	to->socket = strdup(process->path);
	to->name = strdup(store->name);
	item->store_count++;
	if (to->socket == NULL || to->name == NULL)
		return err_nomem(err, doing);
	to->verdict = compare(look, seen);
	to->not_after_s = seen->not_after_s;
	(void)snprintf(to->serial, sizeof(to->serial), "%s", seen->serial);
	judge_store(item, to, seen->status);
	return 0;
}

static int
take(const struct observe_site *site, const struct store *stores, size_t count,
    struct observe_look *look, struct err *err)
{
	struct observe_at *at = &look->item->at[OBSERVE_MEMORY];
	bool concerned = false;
	int rc = 0;

	if (count == 0) {
		if (at->why[0] == '\0')
			observe_at_set(at, OBSERVE_ABSENT,
			    "no bind line of HAProxy's configuration loads "
			    "%s/%s.pem",
			    site->conf->haproxy.bundle_dir, look->item->name);
		return 0;
	}
	look->item->stores =
	    calloc(count * site->up_count + 1, sizeof(struct observe_store));
	if (look->item->stores == NULL)
		return err_nomem(err, doing);
	for (size_t p = 0; p < site->process_count; p++) {
		if (!concerns(&site->processes[p], p, stores, count))
			continue;
		concerned = true;
		for (size_t s = 0; rc == 0 && s < count; s++)
			rc = take_store(
			    &site->processes[p], &stores[s], p, look, err);
	}
	if (!concerned)
		observe_at_set(at, OBSERVE_ABSENT,
		    "HAProxy runs with an older configuration, without %s",
		    stores[0].name);
	return rc;
}

/* Why nothing can be known of the memory; NULL where it can. */
static const char *
unknown_why(const struct observe_site *site)
{
	if (site->untold)
		return "haproxy.update is \"none\"";
	if (site->discovery == NULL)
		return site->discovery_why;
	if (site->process_count == 0)
		return "no socket is configured (haproxy.sockets)";
	return site->up_count == 0 ? site->processes[0].why : NULL;
}

int
observe_memory(struct observe_site *site, struct observe_look *looks,
    size_t count, struct err *err)
{
	struct stores stores = {NULL, 0, 0};
	const char *why = unknown_why(site);
	int rc = 0;

	for (size_t i = 0; why == NULL && rc == 0 && i < count; i++)
		rc = find_stores(site, &looks[i], &stores, err);
	for (size_t p = 0; why == NULL && rc == 0 && stores.count > 0 &&
	     p < site->process_count;
	     p++) {
		if (site->processes[p].up)
			rc = ask(site, p, &stores, err);
	}
	/* It may have gone meanwhile. */
	why = unknown_why(site);
	for (size_t i = 0; rc == 0 && i < count; i++) {
		size_t first = looks[i].first_store;
		size_t end =
		    i + 1 < count ? looks[i + 1].first_store : stores.count;

		if (why != NULL)
			observe_at_set(&looks[i].item->at[OBSERVE_MEMORY],
			    OBSERVE_UNKNOWN, "%s", why);
		else
			rc = take(site, stores.items + first, end - first,
			    &looks[i], err);
	}
	stores_free(&stores);
	return rc;
}
