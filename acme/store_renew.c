/*
 * store_renew.c: the next generation of a lineage: archive, conf, links, and
 * then the oldest go.
 */
#include "acme/store_part.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"

static const char doing[] = "renewing the lineage";

enum { KEPT_BEFORE = 5 }; /* certbot's number since 2.3 */

/* What a step needs to know. */
struct renewing {
	const char *name;
	struct store_place place;
	struct store_archive archive;
	int live_fd, archive_fd;
	long number;
};

static int
open_lineage(
    const struct store_dirs *dirs, struct renewing *work, struct err *err)
{
	int rc;

	/* The conf on disk says where; the caller's says what is kept. */
	rc = store_place_read(dirs, work->name, &work->place, err);
	if (rc == 0)
		rc = fs_open_dir(work->place.archive, &work->archive_fd, err);
	if (rc == 0)
		rc = fs_open_dir(work->place.live, &work->live_fd, err);
	if (rc == 0)
		rc = store_archive_list(
		    work->archive_fd, work->place.archive, &work->archive, err);
	return rc;
}

/* Group and mode of the key that is live, as certbot carries them over. */
static void
old_key(const struct renewing *work, gid_t *ret_group, mode_t *ret_mode)
{
	struct stat st;

	*ret_group = (gid_t)-1;
	*ret_mode = 0600;
	if (fstatat(work->live_fd, "privkey.pem", &st, 0) != 0)
		return;
	*ret_group = st.st_gid;
	*ret_mode = 0600 | (st.st_mode & 0074);
}

/*
 * The oldest to be kept: of those that are whole the fifth before the one that
 * was just written. What was left by a kill is nothing to go back to.
 */
static long
oldest_kept(const struct renewing *work)
{
	const unsigned whole = (1U << LINEAGE_KINDS) - 1;
	int kept = 0;

	for (size_t i = work->archive.count; i > 0; i--) {
		const struct store_generation *one =
		    &work->archive.items[i - 1];

		if (one->kinds == whole && ++kept == KEPT_BEFORE)
			return one->number;
	}
	return 0;
}

/*
 * Removes what is older than the newest and five before it. Not where a key is
 * a link to an older one (old versions of certbot did that): it may be needed.
 */
static void
prune(const struct renewing *work)
{
	long oldest = oldest_kept(work);
	char file[STORE_FILE_BYTES];

	if (work->archive.linked)
		return;
	for (size_t i = 0; i < work->archive.count; i++) {
		if (work->archive.items[i].number >= oldest)
			continue;
		for (int kind = 0; kind < LINEAGE_KINDS; kind++) {
			/* It fits: eight digits. */
			(void)snprintf(file, sizeof(file), "%s%ld.pem",
			    store_stem((enum lineage_kind)kind),
			    work->archive.items[i].number);
			(void)unlinkat(work->archive_fd, file, 0);
		}
	}
}

static int
renew(struct renewing *work, const struct store_files *files,
    struct renewal *conf, struct err *err)
{
	gid_t group;
	mode_t mode;
	int rc;

	work->number = work->archive.count == 0
	    ? 1
	    : work->archive.items[work->archive.count - 1].number + 1;
	if (work->number > LIMIT_LINEAGE_GENERATION)
		return err_set(err, ERR_LIMIT, doing, work->place.archive,
		    "there are no more numbers");
	(void)fs_sweep(work->archive_fd);
	old_key(work, &group, &mode);
	rc = store_archive_write(work->archive_fd, work->place.archive,
	    work->number, files, group, mode, err);
	if (rc == 0)
		rc = store_conf_fill(conf, &work->place, err);
	if (rc == 0)
		rc = renewal_write(conf, work->place.conf, err);
	if (rc == 0)
		rc = store_links_switch(
		    work->live_fd, &work->place, work->number, err);
	if (rc == 0)
		prune(work);
	return rc;
}

int
store_renew(const struct store_dirs *dirs, const char *name,
    const struct store_files *files, struct renewal *conf, long *ret_generation,
    struct err *err)
{
	struct renewing work = {.name = name, .live_fd = -1, .archive_fd = -1};
	int rc;

	rc = open_lineage(dirs, &work, err);
	/* Whoever comes after a kill knows that its hooks are owed. */
	if (rc == 0)
		rc = store_pending_note(dirs, name, files->cert, err);
	if (rc == 0)
		rc = renew(&work, files, conf, err);
	if (rc == 0)
		*ret_generation = work.number;
	if (work.live_fd >= 0)
		(void)close(work.live_fd);
	if (work.archive_fd >= 0)
		(void)close(work.archive_fd);
	store_archive_free(&work.archive);
	return rc;
}
