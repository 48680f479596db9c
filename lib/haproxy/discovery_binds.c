/*
 * discovery_binds.c: which bind lines load a bundle, and what else they have:
 * for those who look at an installation. Not for a deploy, which asks for each
 * of many bundles.
 */
#include "haproxy/discovery_part.h"

#include <stdio.h>
#include <string.h>

#include "haproxy/filter.h"
#include "haproxy/loaded.h"

enum { PORT_HTTPS = 443 };

/* Is it on a list that the bind line loads? */
static bool
is_listed(const struct discovery *discovery, size_t bind,
    const struct discovery_entry *entry)
{
	for (size_t i = 0; i < discovery->use_count; i++) {
		if (discovery->uses[i].bind == bind &&
		    discovery->uses[i].list != DISCOVERY_NOWHERE &&
		    discovery->uses[i].list == entry->list)
			return true;
	}
	return false;
}

static bool
has_entry(const struct discovery *discovery, size_t bind,
    const struct discovery_entry *entries, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (entries[i].bind == bind ||
		    is_listed(discovery, bind, &entries[i]))
			return true;
	}
	return false;
}

bool
discovery_loads(
    const struct discovery *discovery, size_t bind, const char *file_name)
{
	const struct discovery_entry *entries;
	size_t count;

	for (size_t i = 0; i < discovery->use_count; i++) {
		const struct discovery_use *use = &discovery->uses[i];

		if (use->bind == bind &&
		    (use->list == DISCOVERY_NOWHERE ||
			discovery_adds(discovery, file_name, use->list)))
			return true;
	}
	entries = discovery_find(discovery, file_name, &count);
	return has_entry(discovery, bind, entries, count);
}

bool
discovery_meet(
    const struct discovery *discovery, const char *file_name, const char *other)
{
	for (size_t i = 0; i < discovery->hacfg->bind_count; i++) {
		if (discovery->hacfg->binds[i].ssl &&
		    discovery_loads(discovery, i, file_name) &&
		    discovery_loads(discovery, i, other))
			return true;
	}
	return false;
}

/*
 * By name: a file's own, or that of the directory that it is in; or one of
 * several for one name.
 */
static bool
is_of(const char *store, const struct hacfg_source *source)
{
	size_t len = strlen(source->name);

	if (source->kind != HACFG_CRT || strncmp(store, source->name, len) != 0)
		return false;
	for (size_t i = 0; i < LOADED_KINDS; i++) {
		if (strcmp(store + len, loaded_kinds[i]) == 0)
			return loaded_kinds_of(source->path) > 0;
	}
	return store[len] == '\0' ||
	    (store[len] == '/' && strchr(store + len + 1, '/') == NULL);
}

bool
discovery_holds(
    const struct discovery *discovery, size_t bind, const char *store)
{
	const struct hacfg_bind *it = &discovery->hacfg->binds[bind];

	for (size_t i = 0; i < it->source_count; i++) {
		if (is_of(store, &it->sources[i]))
			return true;
	}
	return false;
}

static bool
has_list(const struct hacfg_bind *bind)
{
	for (size_t i = 0; i < bind->source_count; i++) {
		if (bind->sources[i].kind == HACFG_CRT_LIST)
			return true;
	}
	return false;
}

/* A store, and whom it would be shown to. */
struct wanted {
	const char *store, *name;
	bool listed; /* a list has it, for whatever names */
};

static bool
is_wanted(void *context, const struct loaded *file)
{
	struct wanted *wanted = context;

	if (strcmp(file->name, wanted->store) != 0)
		return false;
	wanted->listed = true;
	return filter_admits(file->filters, wanted->name);
}

/* Is it on a crt-list of the bind line, and for the name? */
static bool
lists_store(const struct hacfg *hacfg, const struct hacfg_bind *bind,
    struct wanted *wanted)
{
	for (size_t i = 0; i < bind->source_count; i++) {
		if (bind->sources[i].kind == HACFG_CRT_LIST &&
		    loaded_each(hacfg, &bind->sources[i], is_wanted, wanted))
			return true;
	}
	return false;
}

bool
discovery_may_meet(const struct discovery *discovery, const char *file_name,
    const char *store, const char *name, bool *ret_sure)
{
	const struct hacfg *hacfg = discovery->hacfg;
	struct wanted wanted = {store, name, false};
	bool placed = false, met = false, listed = false, may_meet = false;

	for (size_t i = 0; i < hacfg->bind_count; i++) {
		bool holds = discovery_holds(discovery, i, store) ||
		    lists_store(hacfg, &hacfg->binds[i], &wanted);
		bool lists = has_list(&hacfg->binds[i]);
		bool loads = hacfg->binds[i].ssl &&
		    discovery_loads(discovery, i, file_name);

		placed |= holds;
		listed |= lists;
		met |= holds && loads;
		may_meet |= lists && loads;
	}
	for (size_t i = 0; i < hacfg->server_count; i++)
		placed |= strcmp(hacfg->servers[i].name, store) == 0;
	*ret_sure = met;
	/* Nowhere at all: haproxy.cfg was changed since it was loaded. */
	return placed || wanted.listed ? met : may_meet || !listed;
}

/* Has any bind line with ssl, on an address for other machines? */
static bool
is_tls_open(const struct hacfg *hacfg)
{
	for (size_t i = 0; i < hacfg->bind_count; i++) {
		if (hacfg->binds[i].ssl &&
		    discovery_listens(&hacfg->binds[i], 0, true))
			return true;
	}
	return false;
}

static bool
has_acme(const struct hacfg_bind *bind)
{
	for (size_t i = 0; i < bind->source_count; i++) {
		if (bind->sources[i].acme)
			return true;
	}
	return false;
}

/* Is one of the bundles on it, or would a new one be? */
static bool
has_bundles(const struct discovery *discovery, size_t bind)
{
	static const char fresh[] = "certhaul.pem";

	return discovery_loads(discovery, bind, fresh) ||
	    has_entry(
		discovery, bind, discovery->entries, discovery->entry_count);
}

bool
discovery_passes(const struct discovery *discovery, size_t bind)
{
	const struct hacfg_bind *it = &discovery->hacfg->binds[bind];

	if (!it->ssl || has_acme(it) || has_bundles(discovery, bind))
		return false;
	/* Mail and others have certificates of their own. */
	if (!it->http && !discovery_listens(it, PORT_HTTPS, false))
		return false;
	return it->quic || discovery_listens(it, 0, true) ||
	    !is_tls_open(discovery->hacfg);
}

/* On one port of all addresses, be it IPv4 here and IPv6 there? */
static bool
is_beside(const struct hacfg_bind *a, const struct hacfg_bind *b)
{
	struct discovery_reach one, other;

	for (size_t i = 0; i < a->address_count; i++) {
		if (!discovery_reach(a->addresses[i], &one) || !one.wildcard)
			continue;
		for (size_t k = 0; k < b->address_count; k++) {
			if (discovery_reach(b->addresses[k], &other) &&
			    other.wildcard && one.first <= other.last &&
			    other.first <= one.last)
				return true;
		}
	}
	return false;
}

const struct hacfg_bind *
discovery_beside(const struct discovery *discovery, size_t bind)
{
	const struct hacfg *hacfg = discovery->hacfg;

	for (size_t i = 0; i < hacfg->bind_count; i++) {
		const struct hacfg_bind *other = &hacfg->binds[i];

		if (other->ssl && !hacfg_is_off(other) &&
		    has_bundles(discovery, i) &&
		    is_beside(&hacfg->binds[bind], other))
			return other;
	}
	return NULL;
}
