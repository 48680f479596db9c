/*
 * discovery_index.c: bind lines, servers and crt-stores -> the entries of
 * bundle_dir (crt-lists: discovery_list.c). Called once a run by
 * discovery_load(); all questions are then answered from the sorted entries.
 */
#define _GNU_SOURCE /* asprintf */
#include "haproxy/discovery_part.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

void *
discovery_grow(void *items, size_t count, size_t size)
{
	char *grown = items;

	if (count == 0 || (count & (count - 1)) == 0)
		grown = reallocarray(items, count == 0 ? 1 : count * 2, size);
	if (grown != NULL)
		memset(grown + count * size, 0, size);
	return grown;
}

static bool
is_bundle_dir(struct discovery_indexer *indexer, const char *dir)
{
	const struct discovery *discovery = indexer->discovery;
	struct stat st;

	if (strcmp(dir, indexer->last_dir) == 0)
		return indexer->last_ours;
	(void)snprintf(indexer->last_dir, sizeof(indexer->last_dir), "%s", dir);
	if (discovery->found)
		indexer->last_ours = stat(dir, &st) == 0 &&
		    st.st_dev == discovery->dev && st.st_ino == discovery->ino;
	else
		indexer->last_ours = strcmp(dir, discovery->bundle_dir) == 0;
	return indexer->last_ours;
}

/* Splits at the last slash; true where the directory is bundle_dir. */
static bool
split(struct discovery_indexer *indexer, const char *path, char *ret_name)
{
	char dir[LIMIT_PATH_BYTES];
	const char *slash = strrchr(path, '/');
	size_t len;

	if (slash == NULL || slash[1] == '\0')
		return false;
	len = slash == path ? 1 : (size_t)(slash - path);
	if (len >= sizeof(dir) || strlen(slash + 1) > NAME_MAX)
		return false;
	memcpy(dir, path, len);
	dir[len] = '\0';
	memcpy(ret_name, slash + 1, strlen(slash + 1) + 1);
	return is_bundle_dir(indexer, dir);
}

bool
discovery_is_bundle(
    struct discovery_indexer *indexer, const char *path, char *ret_name)
{
	char real[PATH_MAX];
	struct stat st;

	if (*path == '\0')
		return false;
	if (split(indexer, path, ret_name))
		return true;
	return lstat(path, &st) == 0 && S_ISLNK(st.st_mode) &&
	    realpath(path, real) != NULL && split(indexer, real, ret_name);
}

void
discovery_entry_free(struct discovery_entry *entry)
{
	free(entry->file_name);
	free(entry->name);
	free(entry->filters);
}

int
discovery_add_entry(struct discovery *discovery, const char *file_name,
    const char *name, enum discovery_way way, struct discovery_entry **ret,
    struct err *err)
{
	struct discovery_entry *grown, *entry;

	grown = discovery_grow(
	    discovery->entries, discovery->entry_count, sizeof(*grown));
	if (grown == NULL)
		return err_nomem(err, DISCOVERY_DOING);
	discovery->entries = grown;
	entry = &grown[discovery->entry_count++];
	entry->file_name = strdup(file_name);
	entry->name = strdup(name);
	entry->way = way;
	entry->bind = entry->list = DISCOVERY_NOWHERE;
	entry->lines = 1;
	*ret = entry;
	if (entry->file_name == NULL || entry->name == NULL)
		return err_nomem(err, DISCOVERY_DOING);
	return 0;
}

static int
by_store(const void *a, const void *b)
{
	const struct hacfg_load *const *x = a, *const *y = b;

	return strcmp((*x)->store, (*y)->store);
}

const struct hacfg_load *
discovery_find_load(const struct discovery_indexer *indexer, char *name)
{
	const struct hacfg_load key = {.store = name}, *wanted = &key;
	const struct hacfg_load **hit;
	size_t count = indexer->discovery->hacfg->load_count;

	if (count == 0 || indexer->loads == NULL)
		return NULL;
	hit = bsearch(&wanted, indexer->loads, count, sizeof(*hit), by_store);
	return hit == NULL ? NULL : *hit;
}

static int
index_loads(struct discovery_indexer *indexer, struct err *err)
{
	struct hacfg *hacfg = indexer->discovery->hacfg;
	struct discovery_entry *entry = NULL;
	char name[NAME_MAX + 1];
	size_t i;
	int rc;

	if (hacfg->load_count == 0)
		return 0;
	indexer->loads = calloc(hacfg->load_count, sizeof(*indexer->loads));
	if (indexer->loads == NULL)
		return err_nomem(err, DISCOVERY_DOING);
	for (i = 0; i < hacfg->load_count; i++) {
		indexer->loads[i] = &hacfg->loads[i];
		if (!discovery_is_bundle(indexer, hacfg->loads[i].path, name))
			continue;
		rc = discovery_add_entry(indexer->discovery, name,
		    hacfg->loads[i].store, DISCOVERY_CRT_STORE, &entry, err);
		if (rc < 0)
			return rc;
		entry->acme = hacfg->loads[i].acme;
		entry->maybe = hacfg->loads[i].when == HACFG_MAYBE;
	}
	qsort(indexer->loads, hacfg->load_count, sizeof(*indexer->loads),
	    by_store);
	return 0;
}

static int
add_use(struct discovery *discovery, const struct hacfg_source *source,
    size_t bind, size_t list, bool is_default, struct err *err)
{
	struct discovery_use *grown;

	grown = discovery_grow(
	    discovery->uses, discovery->use_count, sizeof(*grown));
	if (grown == NULL)
		return err_nomem(err, DISCOVERY_DOING);
	discovery->uses = grown;
	grown[discovery->use_count++] =
	    (struct discovery_use){source, bind, list, is_default};
	return 0;
}

static int
index_source(struct discovery_indexer *indexer, size_t bind,
    const struct hacfg_source *source, bool is_default, struct err *err)
{
	struct discovery *discovery = indexer->discovery;
	const struct hacfg_load *load;
	struct discovery_entry *entry = NULL;
	char name[NAME_MAX + 1];
	size_t list;
	int rc;

	if (source->kind == HACFG_CRT_LIST) {
		rc = discovery_take_list(indexer, source, &list, err);
		return rc < 0
		    ? rc
		    : add_use(discovery, source, bind, list, is_default, err);
	}
	load = discovery_find_load(indexer, source->name);
	if (!discovery_is_bundle(
		indexer, load == NULL ? source->path : load->path, name)) {
		if (load != NULL || !is_bundle_dir(indexer, source->path))
			return 0;
		return add_use(discovery, source, bind, DISCOVERY_NOWHERE,
		    is_default, err);
	}
	rc = discovery_add_entry(discovery, name, source->name,
	    load == NULL ? DISCOVERY_FILE : DISCOVERY_CRT_STORE, &entry, err);
	if (rc < 0)
		return rc;
	entry->bind = bind;
	entry->is_default = is_default;
	entry->acme = source->acme || (load != NULL && load->acme);
	return 0;
}

static int
index_bind(struct discovery_indexer *indexer, size_t i, struct err *err)
{
	const struct hacfg_bind *bind = &indexer->discovery->hacfg->binds[i];
	bool named = false;
	size_t j;
	int rc = 0;

	for (j = 0; j < bind->source_count; j++)
		named |= bind->sources[j].is_default;
	for (j = 0; j < bind->source_count && rc == 0; j++)
		rc = index_source(indexer, i, &bind->sources[j],
		    !bind->strict_sni &&
			(named ? bind->sources[j].is_default : j == 0),
		    err);
	return rc;
}

static int
index_servers(struct discovery_indexer *indexer, struct err *err)
{
	const struct hacfg *hacfg = indexer->discovery->hacfg;
	struct discovery_entry *entry = NULL;
	char name[NAME_MAX + 1];
	size_t i;
	int rc = 0;

	for (i = 0; i < hacfg->server_count && rc == 0; i++) {
		if (!discovery_is_bundle(indexer, hacfg->servers[i].path, name))
			continue;
		rc = discovery_add_entry(indexer->discovery, name,
		    hacfg->servers[i].name, DISCOVERY_FILE, &entry, err);
		if (rc == 0)
			entry->maybe = hacfg->servers[i].when == HACFG_MAYBE;
	}
	return rc;
}

/* The bytewise first certificate of bundle_dir: a directory's default. */
static int
find_first(struct discovery *discovery, struct err *err)
{
	char first[NAME_MAX + 1] = "";
	const struct dirent *entry;
	DIR *dir;

	dir = opendir(discovery->bundle_dir);
	if (dir == NULL)
		return err_sys(
		    err, DISCOVERY_DOING, discovery->bundle_dir, "opendir");
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_type != DT_DIR &&
		    discovery_loadable(entry->d_name) &&
		    (*first == '\0' || strcmp(entry->d_name, first) < 0))
			(void)snprintf(
			    first, sizeof(first), "%s", entry->d_name);
	}
	(void)closedir(dir);
	if (*first == '\0')
		return 0;
	discovery->first = strdup(first);
	return discovery->first == NULL ? err_nomem(err, DISCOVERY_DOING) : 0;
}

static int
by_file_name(const void *a, const void *b)
{
	const struct discovery_entry *x = a, *y = b;
	int order = strcmp(x->file_name, y->file_name);

	if (order == 0)
		order = strcmp(x->name, y->name);
	/* NOWHERE comes first. */
	return order != 0
	    ? order
	    : (x->list + 1 > y->list + 1) - (x->list + 1 < y->list + 1);
}

/*
 * Several lines of one list for one bundle become one entry, for what all of
 * them are for; a line without filters is for whatever the certificate is.
 */
static int
join(struct discovery_entry *entry, struct discovery_entry *more,
    struct err *err)
{
	char *joined = NULL;

	if (entry->filters != NULL && more->filters != NULL &&
	    asprintf(&joined, "%s %s", entry->filters, more->filters) < 0)
		return err_nomem(err, DISCOVERY_DOING);
	free(entry->filters);
	entry->filters = joined;
	entry->lines += more->lines;
	entry->is_default |= more->is_default;
	entry->acme |= more->acme;
	discovery_entry_free(more);
	return 0;
}

int
discovery_sort(struct discovery *discovery, struct err *err)
{
	struct discovery_entry *entries = discovery->entries;
	size_t count = discovery->entry_count, kept = 1;
	int rc = 0;

	if (count == 0)
		return 0;
	qsort(entries, count, sizeof(*entries), by_file_name);
	for (size_t i = 1; i < count; i++) {
		if (rc == 0 && entries[i].list != DISCOVERY_NOWHERE &&
		    by_file_name(&entries[kept - 1], &entries[i]) == 0)
			rc = join(&entries[kept - 1], &entries[i], err);
		else
			entries[kept++] = entries[i];
	}
	discovery->entry_count = kept;
	return rc;
}

int
discovery_index(struct discovery *discovery, struct err *err)
{
	struct discovery_indexer *indexer;
	bool wants_first = false;
	size_t i;
	int rc;

	indexer = calloc(1, sizeof(*indexer));
	if (indexer == NULL)
		return err_nomem(err, DISCOVERY_DOING);
	indexer->discovery = discovery;
	rc = index_loads(indexer, err);
	for (i = 0; i < discovery->hacfg->bind_count && rc == 0; i++)
		rc = index_bind(indexer, i, err);
	if (rc == 0)
		rc = index_servers(indexer, err);
	if (rc == 0)
		rc = discovery_index_trusts(indexer, err);
	if (rc < 0)
		goto out;
	for (i = 0; i < discovery->use_count; i++)
		wants_first |= discovery->uses[i].is_default &&
		    discovery->uses[i].list == DISCOVERY_NOWHERE;
	if (wants_first && discovery->found)
		rc = find_first(discovery, err);
	if (rc == 0)
		rc = discovery_sort(discovery, err);
out:
	free(indexer->loads);
	free(indexer);
	return rc;
}
