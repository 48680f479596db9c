/*
 * discovery_needs.c: would HAProxy start without a bundle? Asked before one is
 * removed.
 */
#include "haproxy/discovery_part.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int
discovery_index_trusts(struct discovery_indexer *indexer, struct err *err)
{
	struct discovery *discovery = indexer->discovery;
	const struct hacfg *hacfg = discovery->hacfg;
	char name[NAME_MAX + 1];

	if (hacfg->trust_count == 0)
		return 0;
	discovery->trusted =
	    calloc(hacfg->trust_count, sizeof(*discovery->trusted));
	if (discovery->trusted == NULL)
		return err_nomem(err, DISCOVERY_DOING);
	for (size_t i = 0; i < hacfg->trust_count; i++) {
		if (!discovery_is_bundle(indexer, hacfg->trusts[i].path, name))
			continue;
		discovery->trusted[i] = strdup(name);
		if (discovery->trusted[i] == NULL)
			return err_nomem(err, DISCOVERY_DOING);
	}
	return 0;
}

void
discovery_free_trusts(struct discovery *discovery)
{
	for (size_t i = 0;
	     discovery->trusted != NULL && i < discovery->hacfg->trust_count;
	     i++)
		free(discovery->trusted[i]);
	free(discovery->trusted);
}

int
discovery_default_path(
    const char *bundle_dir, char *ret, size_t size, struct err *err)
{
	char dir[LIMIT_PATH_BYTES];
	char *slash;
	size_t len = strlen(bundle_dir);

	if (len >= sizeof(dir))
		return err_set(err, ERR_LIMIT, DISCOVERY_DOING, bundle_dir,
		    "the path is too long");
	memcpy(dir, bundle_dir, len + 1);
	while (len > 1 && dir[len - 1] == '/')
		dir[--len] = '\0';
	slash = strrchr(dir, '/');
	if (slash != NULL)
		slash[slash == dir] = '\0';
	return fs_join(ret, size, dir, "default.pem", err);
}

/* Is there, in bundle_dir, a certificate besides `file_name`? */
static bool
has_another(const struct discovery *discovery, const char *file_name)
{
	const struct dirent *entry;
	bool another = false;
	DIR *dir;

	dir = opendir(discovery->bundle_dir);
	if (dir == NULL)
		return false;
	while (!another && (entry = readdir(dir)) != NULL)
		another = entry->d_type != DT_DIR &&
		    discovery_loadable(entry->d_name) &&
		    strcmp(entry->d_name, file_name) != 0;
	(void)closedir(dir);
	return another;
}

/* Of a bind line that would be left with no certificate but ours. */
static const struct discovery_use *
left_bare(const struct discovery *discovery, const char *file_name)
{
	const struct hacfg_bind *bind;
	const struct discovery_use *use;
	const struct discovery_entry *entries;
	size_t i, j, count;

	entries = discovery_find(discovery, file_name, &count);
	for (i = 0; i < discovery->use_count; i++) {
		use = &discovery->uses[i];
		bind = &discovery->hacfg->binds[use->bind];
		if (bind->strict_sni || bind->source_count > 1)
			continue;
		if (use->list == DISCOVERY_NOWHERE) {
			if (!has_another(discovery, file_name))
				return use;
			continue;
		}
		for (j = 0; j < count; j++) {
			if (entries[j].list == use->list &&
			    discovery->lists[use->list].line_count ==
				entries[j].lines)
				return use;
		}
	}
	return NULL;
}

/* The line, and what would let its last certificate go. */
static void
put_last(const struct discovery *discovery, const struct discovery_use *use,
    char *reason, size_t size)
{
	const struct hacfg_bind *bind = &discovery->hacfg->binds[use->bind];
	struct err ignored = ERR_INIT;
	char path[LIMIT_PATH_BYTES];

	if (discovery_default_path(
		discovery->bundle_dir, path, sizeof(path), &ignored) < 0)
		*path = '\0';
	if (use->list == DISCOVERY_NOWHERE)
		(void)snprintf(reason, size,
		    "it is the last certificate of %s:%u (%s), which needs "
		    "one: with `crt %s` in front of the directory there, as "
		    "\"certhaul init\" shows and makes it, it can go",
		    bind->file, bind->line, bind->section, path);
	else
		(void)snprintf(reason, size,
		    "it is the last certificate of %s:%u (%s), which needs "
		    "one: with another in %s, as `%s` on its first line "
		    "(\"certhaul init\" makes that file), it can go",
		    bind->file, bind->line, bind->section,
		    discovery->lists[use->list].source->path, path);
}

/* Of a bind or server line that is about others' certificates. */
static const struct hacfg_trust *
find_trust(const struct discovery *discovery, const char *file_name)
{
	for (size_t i = 0; i < discovery->hacfg->trust_count; i++) {
		if (discovery->trusted[i] != NULL &&
		    strcmp(discovery->trusted[i], file_name) == 0)
			return &discovery->hacfg->trusts[i];
	}
	return NULL;
}

bool
discovery_needs(const struct discovery *discovery, const char *file_name,
    char *reason, size_t size)
{
	const struct discovery_entry *entries;
	const struct discovery_use *use;
	const struct hacfg_trust *trust;
	const struct hacfg_bind *bind;
	size_t count, i;

	entries = discovery_find(discovery, file_name, &count);
	for (i = 0; i < count; i++) {
		if (entries[i].list != DISCOVERY_NOWHERE)
			continue;
		if (entries[i].bind == DISCOVERY_NOWHERE) {
			(void)snprintf(reason, size,
			    "HAProxy's configuration loads it as %s",
			    entries[i].name);
			return true;
		}
		bind = &discovery->hacfg->binds[entries[i].bind];
		(void)snprintf(reason, size,
		    "%s:%u (%s) names it as %s: with another in its place "
		    "there it can go",
		    bind->file, bind->line, bind->section, entries[i].name);
		return true;
	}
	trust = find_trust(discovery, file_name);
	if (trust != NULL) {
		(void)snprintf(reason, size, "%s:%u names it by %s",
		    trust->file, trust->line, trust->keyword);
		return true;
	}
	use = left_bare(discovery, file_name);
	if (use != NULL)
		put_last(discovery, use, reason, size);
	return use != NULL;
}
