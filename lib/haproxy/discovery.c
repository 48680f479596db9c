/*
 * discovery.c: where a bundle is in HAProxy: loading, and the questions about
 * stores. discovery_load() is called once a run, after conf_load(); then
 * converge asks for each bundle. The index is discovery_index.c's, addresses
 * are discovery_targets.c's.
 */
#include "haproxy/discovery.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "haproxy/discovery_part.h"

bool
discovery_loadable(const char *file_name)
{
	static const char *const ignored[] = {
	    ".key", ".issuer", ".ocsp", ".sctl"};
	size_t len = strlen(file_name), i, end;

	if (*file_name == '.' || len == 0)
		return false;
	for (i = 0; i < COUNT_OF(ignored); i++) {
		end = strlen(ignored[i]);
		if (len >= end &&
		    strcmp(file_name + len - end, ignored[i]) == 0)
			return false;
	}
	return true;
}

/*
 * Which crt-lists take new bundles: those that are the configured file,
 * however they are spelled; with none configured, the one that there is,
 * unless a bind line loads the directory.
 */
static void
choose_lists(struct discovery *discovery, const char *crt_list)
{
	struct discovery_list *list;
	struct stat st;
	size_t i;

	discovery->named = *crt_list != '\0';
	if (discovery->named) {
		bool found = stat(crt_list, &st) == 0;

		for (i = 0; i < discovery->list_count; i++) {
			list = &discovery->lists[i];
			list->grows = found && list->found
			    ? list->dev == st.st_dev && list->ino == st.st_ino
			    : strcmp(list->source->path, crt_list) == 0;
		}
		return;
	}
	for (i = 0; i < discovery->use_count; i++) {
		if (discovery->uses[i].list == DISCOVERY_NOWHERE)
			return;
	}
	for (i = 1; i < discovery->list_count; i++) {
		list = &discovery->lists[i];
		if (!list->found || list->dev != discovery->lists[0].dev ||
		    list->ino != discovery->lists[0].ino)
			return;
	}
	for (i = 0; i < discovery->list_count; i++)
		discovery->lists[i].grows = discovery->lists[i].found;
}

int
discovery_load(const char *const *paths, size_t count,
    const struct conf_environment *environment, const char *bundle_dir,
    const char *crt_list, struct discovery **ret, struct err *err)
{
	struct discovery *discovery;
	struct stat st;
	size_t len = strlen(bundle_dir);
	int rc;

	while (len > 1 && bundle_dir[len - 1] == '/')
		len--;
	if (len >= LIMIT_PATH_BYTES)
		return err_set(err, ERR_LIMIT, DISCOVERY_DOING, bundle_dir,
		    "the path is too long");
	discovery = calloc(1, sizeof(*discovery));
	if (discovery == NULL)
		return err_nomem(err, DISCOVERY_DOING);
	memcpy(discovery->bundle_dir, bundle_dir, len);
	if (stat(discovery->bundle_dir, &st) == 0) {
		discovery->found = true;
		discovery->dev = st.st_dev;
		discovery->ino = st.st_ino;
	}
	rc = hacfg_read(paths, count, environment, &discovery->hacfg, err);
	if (rc == 0)
		rc = discovery_index(discovery, err);
	if (rc == 0)
		rc = discovery_spots(discovery, err);
	if (rc < 0)
		goto out;
	choose_lists(discovery, crt_list);
	*ret = discovery;
	discovery = NULL;
out:
	discovery_free(discovery);
	return rc;
}

void
discovery_free(struct discovery *discovery)
{
	size_t i;

	if (discovery == NULL)
		return;
	for (i = 0; i < discovery->entry_count; i++)
		discovery_entry_free(&discovery->entries[i]);
	free(discovery->entries);
	free(discovery->lists);
	free(discovery->uses);
	free(discovery->first);
	discovery_spots_free(discovery);
	discovery_free_trusts(discovery);
	hacfg_free(discovery->hacfg);
	free(discovery);
}

const struct hacfg *
discovery_hacfg(const struct discovery *discovery)
{
	return discovery->hacfg;
}

const struct discovery_entry *
discovery_find(
    const struct discovery *discovery, const char *file_name, size_t *ret_count)
{
	const struct discovery_entry *entries = discovery->entries;
	size_t low = 0, high = discovery->entry_count, middle;

	*ret_count = 0;
	while (low < high) {
		middle = low + (high - low) / 2;
		if (strcmp(entries[middle].file_name, file_name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	while (low + *ret_count < discovery->entry_count &&
	    strcmp(entries[low + *ret_count].file_name, file_name) == 0)
		++*ret_count;
	return *ret_count == 0 ? NULL : &entries[low];
}

bool
discovery_adds(
    const struct discovery *discovery, const char *file_name, size_t list)
{
	const struct discovery_entry *entries;
	size_t count, i;

	if (!discovery->lists[list].grows)
		return false;
	entries = discovery_find(discovery, file_name, &count);
	for (i = 0; i < count; i++) {
		/* Named, it is for what is on no other list. */
		if (!discovery->named || entries[i].list != DISCOVERY_NOWHERE)
			return false;
	}
	return true;
}

/* Does a bind line begin with the first one of `list` (NOWHERE: bundle_dir)? */
static bool
is_in_front(const struct discovery *discovery, size_t list)
{
	for (size_t i = 0; i < discovery->use_count; i++) {
		if (discovery->uses[i].list == list &&
		    discovery->uses[i].is_default)
			return true;
	}
	return false;
}

/* Adds a store unless it is there already; acme ones are left out later. */
static int
add_store(struct discovery_stores *ret, const char *name,
    const struct hacfg_source *source, enum discovery_way way, size_t lines,
    struct err *err)
{
	const char *list = source == NULL ? "" : source->name;
	struct discovery_store *store;
	size_t i;

	for (i = 0; i < ret->count; i++) {
		store = &ret->items[i];
		if (strcmp(store->name, name) != 0 ||
		    strcmp(store->list, list) != 0)
			continue;
		/* The load itself, and a bind line that names it. */
		if (way == DISCOVERY_CRT_STORE)
			store->way = way;
		return 0;
	}
	if (ret->count == LIMIT_STORES)
		return err_set(err, ERR_LIMIT, DISCOVERY_DOING, name,
		    "more than %d stores are made from this file",
		    LIMIT_STORES);
	if (strlen(name) >= sizeof(store->name) ||
	    strlen(list) >= sizeof(store->list))
		return err_set(err, ERR_LIMIT, DISCOVERY_DOING, name,
		    "the name is too long");
	store = &ret->items[ret->count++];
	(void)snprintf(store->name, sizeof(store->name), "%s", name);
	(void)snprintf(store->list, sizeof(store->list), "%s", list);
	store->path = source == NULL ? "" : source->path;
	store->crt_base = source == NULL ? "" : source->crt_base;
	store->way = way;
	store->listed = lines > 0;
	store->is_default = false;
	store->lines = lines;
	return 0;
}

static void
mark_default(
    struct discovery_stores *stores, const char *name, const char *list)
{
	for (size_t i = 0; i < stores->count; i++) {
		struct discovery_store *store = &stores->items[i];

		store->is_default |= strcmp(store->name, name) == 0 &&
		    strcmp(store->list, list) == 0;
	}
}

/* Does HAProxy's own ACME look after the store `name`? */
static bool
is_acme(const struct discovery_entry *entries, size_t count, const char *name)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (entries[i].acme && strcmp(entries[i].name, name) == 0)
			return true;
	}
	return false;
}

int
discovery_stores(const struct discovery *discovery, const char *file_name,
    struct discovery_stores *ret, struct err *err)
{
	char path[LIMIT_PATH_BYTES + NAME_MAX + 2];
	const struct discovery_entry *entries;
	const struct discovery_use *use;
	size_t count, i;
	int rc = 0;

	ret->count = 0;
	entries = discovery_find(discovery, file_name, &count);
	for (i = 0; i < count && rc == 0; i++) {
		if (!is_acme(entries, count, entries[i].name))
			rc = add_store(ret, entries[i].name,
			    entries[i].list == DISCOVERY_NOWHERE
				? NULL
				: discovery->lists[entries[i].list].source,
			    entries[i].way, entries[i].lines, err);
		if (rc == 0 && entries[i].is_default &&
		    (entries[i].list == DISCOVERY_NOWHERE ||
			is_in_front(discovery, entries[i].list)))
			mark_default(ret, entries[i].name,
			    entries[i].list == DISCOVERY_NOWHERE
				? ""
				: discovery->lists[entries[i].list]
				      .source->name);
	}
	for (i = 0; i < discovery->use_count && rc == 0; i++) {
		use = &discovery->uses[i];
		if (use->list == DISCOVERY_NOWHERE) {
			(void)snprintf(path, sizeof(path), "%s/%.*s",
			    use->source->name, NAME_MAX, file_name);
			rc = add_store(ret, path, use->source,
			    DISCOVERY_DIRECTORY, 1, err);
			if (rc == 0 && use->is_default &&
			    discovery->first != NULL &&
			    strcmp(discovery->first, file_name) == 0)
				mark_default(ret, path, use->source->name);
		} else if (discovery_adds(discovery, file_name, use->list)) {
			(void)snprintf(path, sizeof(path), "%s/%.*s",
			    discovery->bundle_dir, NAME_MAX, file_name);
			rc = add_store(
			    ret, path, use->source, DISCOVERY_CRT_LIST, 0, err);
		}
	}
	return rc;
}
