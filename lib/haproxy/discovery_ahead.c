/*
 * discovery_ahead.c: of two certificates for one name on a bind line, which
 * HAProxy loads first, and so shows after a reload: by the order of the line's
 * words, the lines of a crt-list, and the names in a directory, bytewise.
 */
#include "haproxy/discovery_part.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "haproxy/filter.h"
#include "haproxy/loaded.h"

/* Where in a source a file is; a directory is not walked in its order. */
struct place {
	bool found;
	unsigned line;
	char base[LIMIT_PATH_BYTES];
};

struct search {
	const char *store, *name;
	const struct stat *bundle;
	struct place theirs, ours;
};

static void
take(struct place *place, const struct loaded *file)
{
	const char *slash = strrchr(file->path, '/');

	if (place->found)
		return;
	place->found = true;
	place->line = file->line;
	(void)snprintf(place->base, sizeof(place->base), "%s",
	    slash == NULL ? file->path : slash + 1);
}

static bool
see(void *context, const struct loaded *file)
{
	struct search *search = context;
	struct stat st;

	if (!filter_admits(file->filters, search->name))
		return false;
	if (strcmp(file->name, search->store) == 0)
		take(&search->theirs, file);
	else if (stat(file->path, &st) == 0 &&
	    st.st_dev == search->bundle->st_dev &&
	    st.st_ino == search->bundle->st_ino)
		take(&search->ours, file);
	return false;
}

/* Of one bind line: is theirs there, and is ours behind it, or not there? */
static bool
goes_first(const struct hacfg *hacfg, const struct hacfg_bind *bind,
    struct search *search)
{
	const struct place *theirs = &search->theirs, *ours = &search->ours;

	search->theirs.found = search->ours.found = false;
	for (size_t i = 0; i < bind->source_count; i++) {
		(void)loaded_each(hacfg, &bind->sources[i], see, search);
		if (theirs->found && ours->found)
			return theirs->line != ours->line
			    ? theirs->line < ours->line
			    : strcmp(theirs->base, ours->base) < 0;
		if (theirs->found || ours->found)
			return theirs->found;
	}
	return false;
}

bool
discovery_is_ahead(const struct discovery *discovery, const char *file_name,
    const char *store, const char *name)
{
	const struct hacfg *hacfg = discovery_hacfg(discovery);
	struct search search = {.store = store, .name = name};
	char path[LIMIT_PATH_BYTES];
	struct err ignored = ERR_INIT;
	struct stat st;

	if (fs_join(path, sizeof(path), discovery->bundle_dir, file_name,
		&ignored) < 0 ||
	    stat(path, &st) != 0)
		return false;
	search.bundle = &st;
	for (size_t i = 0; i < hacfg->bind_count; i++) {
		if (hacfg->binds[i].ssl &&
		    discovery_loads(discovery, i, file_name) &&
		    goes_first(hacfg, &hacfg->binds[i], &search))
			return true;
	}
	return false;
}
