/*
 * record_names.c: which records there are: a converge of everything, and a
 * look at everything, begin with it.
 */
#include "cert/record.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "cert/record_private.h"

static const char loading[] = "reading the record";

enum {
	/* A staged file so old is no longer being written by anybody. */
	STAGE_STALE_S = 3600,
};

/*
 * What a killed run left staged. The lock may not be held here, so the file of
 * a run that is at work must be told from that by its age.
 */
static void
sweep(const struct record_store *store, const char *file)
{
	struct stat st;

	if (fstatat(store->fd, file, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISREG(st.st_mode) &&
	    clock_now_s() - st.st_mtim.tv_sec > STAGE_STALE_S)
		(void)unlinkat(store->fd, file, 0);
}

static int
compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

struct names {
	char **items;
	size_t count;
};

/* Appends a copy of `name`, doubling the room where it is used up. */
static int
add_name(void *context, const char *name, struct err *err)
{
	struct names *names = context;
	size_t count = names->count;
	char **more = names->items;

	if (count >= LIMIT_LINEAGES)
		return err_set(err, ERR_LIMIT, loading, name,
		    "there are more than %d records", LIMIT_LINEAGES);
	if ((count & (count - 1)) == 0) {
		more = reallocarray(
		    more, count == 0 ? 1 : 2 * count, sizeof(*more));
		if (more == NULL)
			return err_nomem(err, loading);
		names->items = more;
	}
	more[count] = strdup(name);
	if (more[count] == NULL)
		return err_nomem(err, loading);
	names->count++;
	return 0;
}

int
record_names(
    struct record_store *store, char ***ret, size_t *ret_count, struct err *err)
{
	const size_t prefix_len = strlen(FS_STAGE_PREFIX);
	struct dirent *entry = NULL;
	struct names names = {NULL, 0};
	DIR *dir = NULL;
	int fd, rc = 0;

	/* A descriptor of its own: reading moves the offset. */
	fd = openat(store->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0)
		dir = fdopendir(fd);
	if (dir == NULL) {
		rc = record_fail(store, loading, "", "open", err);
		if (fd >= 0)
			(void)close(fd);
		return rc;
	}
	for (errno = 0; rc == 0 && (entry = readdir(dir)) != NULL; errno = 0) {
		if (text_is_lineage_name(entry->d_name))
			rc = add_name(&names, entry->d_name, err);
		else if (!store->look_only &&
		    strncmp(entry->d_name, FS_STAGE_PREFIX, prefix_len) == 0)
			sweep(store, entry->d_name);
	}
	if (rc == 0 && errno != 0)
		rc = record_fail(store, loading, "", "readdir", err);
	(void)closedir(dir);
	if (rc == 0)
		rc = record_intents_names(store, add_name, &names, err);
	if (rc < 0) {
		lineage_names_free(names.items, names.count);
		return rc;
	}
	if (names.count > 0)
		qsort(names.items, names.count, sizeof(*names.items), compare);
	*ret = names.items;
	*ret_count = names.count;
	return 0;
}
