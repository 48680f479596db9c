/*
 * store_delete.c: a lineage goes: its conf out of certbot's sight first, then
 * links, README, live directory and archive, and the conf itself last, so that
 * a run that was killed is finished by the next.
 */
#include "acme/store_part.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"

static const char doing[] = "deleting";

enum { TREE_DEPTH = 16 };

/* Removes all in the directory `fd`, which is closed. */
static int
empty(int fd, const char *path, unsigned depth, struct err *err)
{
	struct dirent *entry = NULL;
	DIR *dir = NULL;
	int child, rc = 0;

	dir = fdopendir(fd);
	if (dir == NULL) {
		rc = err_sys(err, doing, path, "opendir");
		(void)close(fd);
		return rc;
	}
	if (depth == 0)
		rc = err_set(err, ERR_LIMIT, doing, path,
		    "there are more than %d directories in each other",
		    TREE_DEPTH);
	while (rc == 0 && (entry = readdir(dir)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0 ||
		    unlinkat(fd, entry->d_name, 0) == 0)
			continue;
		child = openat(fd, entry->d_name,
		    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (child < 0) {
			rc = err_sys(err, doing, path, "unlink");
			break;
		}
		rc = empty(child, path, depth - 1, err);
		if (rc == 0 && unlinkat(fd, entry->d_name, AT_REMOVEDIR) != 0)
			rc = err_sys(err, doing, path, "rmdir");
	}
	(void)closedir(dir);
	return rc;
}

int
store_remove_tree(const char *path, struct err *err)
{
	int fd, rc;

	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0 && (errno == ENOTDIR || errno == ELOOP))
		return unlink(path) == 0 ? 0
					 : err_sys(err, doing, path, "unlink");
	if (fd < 0)
		return err_sys(err, doing, path, "open");
	rc = empty(fd, path, TREE_DEPTH, err);
	if (rc == 0 && rmdir(path) != 0 && errno != ENOENT)
		rc = err_sys(err, doing, path, "rmdir");
	return rc;
}

/* Links, what a switch left, and README; the directory, if that was all. */
static void
remove_live(const struct store_place *place)
{
	static const char *const before[] = {
	    "", "previous_", STORE_ASIDE_PREFIX};
	char name[STORE_FILE_BYTES];
	int fd;

	fd = open(place->live, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return;
	for (size_t i = 0; i < COUNT_OF(before) * LINEAGE_KINDS; i++) {
		/* It fits: "previous_" is the longest. */
		(void)snprintf(name, sizeof(name), "%s%s.pem",
		    before[i / LINEAGE_KINDS],
		    store_stem(store_order[i % LINEAGE_KINDS]));
		(void)unlinkat(fd, name, 0);
	}
	(void)unlinkat(fd, "README", 0);
	(void)fs_sweep(fd);
	(void)close(fd);
	/* What others have put there stays, as with certbot. */
	(void)rmdir(place->live);
}

/* From an archive that is not in certbot's own place: what certbot names. */
static void
remove_generations(const struct store_place *place)
{
	struct store_archive archive = {.items = NULL};
	struct err ignored = ERR_INIT;
	char name[STORE_FILE_BYTES];
	int fd = -1;

	if (fs_open_dir(place->archive, &fd, &ignored) < 0)
		return;
	if (store_archive_list(fd, place->archive, &archive, &ignored) < 0)
		archive.count = 0;
	for (size_t i = 0; i < archive.count * LINEAGE_KINDS; i++) {
		/* It fits: eight digits. */
		(void)snprintf(name, sizeof(name), "%s%ld.pem",
		    store_stem(store_order[i % LINEAGE_KINDS]),
		    archive.items[i / LINEAGE_KINDS].number);
		(void)unlinkat(fd, name, 0);
	}
	store_archive_free(&archive);
	(void)close(fd);
	(void)rmdir(place->archive);
}

/* Is the archive where certbot puts it? */
static bool
is_own(const struct store_dirs *dirs, const char *name,
    const struct store_place *place)
{
	struct err ignored = ERR_INIT;
	struct store_place own;

	return store_place_default(dirs, name, &own, &ignored) == 0 &&
	    strcmp(own.archive, place->archive) == 0;
}

/* All but the conf, which is aside by now. */
static int
finish(const struct store_place *place, bool own, struct err *err)
{
	int rc = 0;

	remove_live(place);
	/* A conf can say anything: only what is certbot's by its place. */
	if (own)
		rc = store_remove_tree(place->archive, err);
	else
		remove_generations(place);
	if (rc == 0 && unlink(place->aside) != 0)
		rc = err_sys(err, doing, place->aside, "unlink");
	return rc;
}

int
store_clear(const struct store_dirs *dirs, const char *name, bool *ret_found,
    struct err *err)
{
	struct renewal *conf = NULL;
	struct err ignored = ERR_INIT;
	struct store_place place;
	struct stat st;
	int rc;

	*ret_found = false;
	rc = store_place_default(dirs, name, &place, err);
	if (rc < 0 || lstat(place.aside, &st) != 0)
		return rc;
	/* A lineage that is there beats what was to be one. */
	if (lstat(place.conf, &st) == 0)
		return unlink(place.aside) == 0
		    ? 0
		    : err_sys(err, doing, place.aside, "unlink");
	*ret_found = true;
	/* The one that was deleted may have been elsewhere. */
	if (renewal_read(place.aside, &conf, &ignored) == 0 &&
	    store_place_of(dirs, name, conf, &place, &ignored) < 0)
		rc = store_place_default(dirs, name, &place, err);
	renewal_free(conf);
	return rc < 0 ? rc : finish(&place, is_own(dirs, name, &place), err);
}

int
store_delete(const struct store_dirs *dirs, const char *name, struct err *err)
{
	struct renewal *conf = NULL;
	struct err seen = ERR_INIT;
	struct store_place place;
	bool found = false;
	int rc;

	rc = store_clear(dirs, name, &found, err);
	if (rc < 0 || found)
		return rc;
	rc = store_place_default(dirs, name, &place, err);
	if (rc < 0)
		return rc;
	rc = renewal_read(place.conf, &conf, &seen);
	if (rc == 0)
		rc = store_place_of(dirs, name, conf, &place, &seen);
	renewal_free(conf);
	if (rc == ERR_NOENT) {
		store_none(dirs, name, doing, err);
		return rc;
	}
	/* certbot removes a conf that it cannot read, and nothing else. */
	if (rc < 0) {
		(void)unlink(place.conf);
		*err = seen;
		return rc;
	}
	if (rename(place.conf, place.aside) != 0)
		return err_sys(err, doing, place.conf, "rename");
	return finish(&place, is_own(dirs, name, &place), err);
}
