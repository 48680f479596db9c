/*
 * store_switch.c: the four links of live/NAME: what they say, how they are
 * switched, and how a switch that was killed is mended. certbot takes a link
 * away before it makes the new one; we rename the new one over the old one, so
 * that none is ever missing. previous_KIND.pem is there meanwhile, as certbot
 * has it, which goes back by the four of them when it next opens the lineage.
 */
#include "acme/store_part.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"

static const char doing[] = "switching the links";
static const char mending[] = "mending the links";
/* What certbot puts in front of the links that it goes back by. */
static const char previous[] = "previous_";

/* "cert.pem" with something in front. */
static void
name_link(const char *before, enum lineage_kind kind, char *ret)
{
	/* It fits: "previous_" is the longest. */
	(void)snprintf(
	    ret, STORE_FILE_BYTES, "%s%s.pem", before, store_stem(kind));
}

/* Is it the archive, by whatever words? */
static bool
leads_to(int live_fd, const char *words, const char *archive)
{
	struct stat there, wanted;

	return fstatat(live_fd, words, &there, 0) == 0 &&
	    stat(archive, &wanted) == 0 && there.st_dev == wanted.st_dev &&
	    there.st_ino == wanted.st_ino;
}

/*
 * What links are to say: the whole path where another one, by a directory that
 * is a link itself, would lead elsewhere. An archive may be yet to come.
 */
static const char *
words_for(int live_fd, const struct store_place *place)
{
	struct stat st;

	return stat(place->archive, &st) == 0 &&
		!leads_to(live_fd, place->target, place->archive)
	    ? place->archive
	    : place->target;
}

/* Those with `before` in front of their names. */
static void
read_links(int live_fd, const struct store_place *place, const char *before,
    struct store_links *ret)
{
	char target[LIMIT_PATH_BYTES], name[STORE_FILE_BYTES];
	const char *file = NULL;
	ssize_t len;
	long number;

	memset(ret, 0, sizeof(*ret));
	ret->same = true;
	for (int kind = 0; kind < LINEAGE_KINDS; kind++) {
		name_link(before, (enum lineage_kind)kind, name);
		len = readlinkat(live_fd, name, target, sizeof(target) - 1);
		target[len < 0 ? 0 : len] = '\0';
		file = strrchr(target, '/');
		file = file == NULL ? target : file + 1;
		number = store_generation_of(file, (enum lineage_kind)kind);
		ret->number[kind] = number < 0 ? 0 : number;
		/* A directory, once the file is off its end. */
		if (file > target)
			target[file - target - 1] = '\0';
		if (ret->number[kind] != ret->number[0] || number < 0 ||
		    !leads_to(live_fd, target, place->archive))
			ret->same = false;
	}
}

void
store_links_read(
    int live_fd, const struct store_place *place, struct store_links *ret)
{
	char name[STORE_FILE_BYTES];
	struct stat st;

	read_links(live_fd, place, "", ret);
	for (int kind = 0; kind < LINEAGE_KINDS; kind++) {
		name_link(previous, (enum lineage_kind)kind, name);
		if (fstatat(live_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
			ret->previous = true;
	}
}

/* Where the link of this kind is to lead: `ret` has LIMIT_PATH_BYTES. */
static int
target_of(int live_fd, const struct store_place *place, enum lineage_kind kind,
    long number, char *ret, struct err *err)
{
	int len = snprintf(ret, LIMIT_PATH_BYTES, "%s/%s%ld.pem",
	    words_for(live_fd, place), store_stem(kind), number);

	return len >= 0 && len < LIMIT_PATH_BYTES
	    ? 0
	    : err_set(
		  err, ERR_LIMIT, doing, place->live, "the path is too long");
}

/* One link, by one rename. */
static int
point(int live_fd, const struct store_place *place, enum lineage_kind kind,
    long number, struct err *err)
{
	char target[LIMIT_PATH_BYTES], old[LIMIT_PATH_BYTES];
	char name[STORE_FILE_BYTES], fresh[STORE_FILE_BYTES];
	ssize_t had;
	int rc = target_of(live_fd, place, kind, number, target, err);

	if (rc < 0)
		return rc;
	name_link("", kind, name);
	name_link(STORE_ASIDE_PREFIX, kind, fresh);
	had = readlinkat(live_fd, name, old, sizeof(old));
	if (had >= 0 && (size_t)had == strlen(target) &&
	    memcmp(old, target, (size_t)had) == 0)
		return 0;
	(void)unlinkat(live_fd, fresh, 0);
	if (symlinkat(target, live_fd, fresh) != 0)
		return err_sys(err, doing, place->live, "symlink");
	return fs_rename(live_fd, place->live, fresh, name, err);
}

int
store_links_make(
    int live_fd, const struct store_place *place, long number, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < LINEAGE_KINDS; i++)
		rc = point(live_fd, place, store_order[i], number, err);
	return rc < 0 ? rc : fs_sync(live_fd, place->live, err);
}

/* --- the way back --------------------------------------------------------- */

/* Each previous_KIND.pem goes; one after another, as certbot has it. */
static int
remove_way_back(int live_fd, const struct store_place *place, struct err *err)
{
	char name[STORE_FILE_BYTES];

	for (size_t i = 0; i < LINEAGE_KINDS; i++) {
		name_link(previous, store_order[i], name);
		if (unlinkat(live_fd, name, 0) != 0 && errno != ENOENT)
			return err_sys(err, doing, place->live, "unlink");
	}
	return 0;
}

/* Is there one already, to what is live, or was before the links got mixed? */
static bool
has_way_back(int live_fd, const struct store_place *place,
    const struct store_links *live)
{
	char name[STORE_FILE_BYTES];
	struct store_links back;
	struct stat st;

	read_links(live_fd, place, previous, &back);
	for (int kind = 0; kind < LINEAGE_KINDS; kind++) {
		name_link(previous, (enum lineage_kind)kind, name);
		if (fstatat(live_fd, name, &st, 0) != 0)
			return false;
	}
	return back.same && (!live->same || live->number[0] == back.number[0]);
}

/*
 * certbot goes back only where all four are there, and lead to a file; of fewer
 * it makes none. Where the links are mixed, and so nothing to go back to, it is
 * led on to `number`.
 */
static int
make_way_back(
    int live_fd, const struct store_place *place, long number, struct err *err)
{
	char target[LIMIT_PATH_BYTES], name[STORE_FILE_BYTES];
	struct store_links live;
	long back;
	int rc;

	read_links(live_fd, place, "", &live);
	back = live.same ? live.number[0] : number;
	if ((live.same && back == number) ||
	    has_way_back(live_fd, place, &live))
		return 0;
	rc = remove_way_back(live_fd, place, err);
	for (size_t i = 0; rc == 0 && i < LINEAGE_KINDS; i++) {
		rc = target_of(
		    live_fd, place, store_order[i], back, target, err);
		name_link(previous, store_order[i], name);
		if (rc == 0 && symlinkat(target, live_fd, name) != 0)
			rc = err_sys(err, doing, place->live, "symlink");
	}
	return rc < 0 ? rc : fs_sync(live_fd, place->live, err);
}

int
store_links_switch(
    int live_fd, const struct store_place *place, long number, struct err *err)
{
	int rc = make_way_back(live_fd, place, number, err);

	if (rc == 0)
		rc = store_links_make(live_fd, place, number, err);
	/* Only now: a link that is missing needs them. */
	return rc < 0 ? rc : remove_way_back(live_fd, place, err);
}

/* --- a switch that was killed --------------------------------------------- */

/* The newest generation that can go live, 0 where there is none. */
static long
best_of(int archive_fd, const struct store_archive *archive, long at_least)
{
	for (size_t i = archive->count; i > 0; i--) {
		if (archive->items[i - 1].number < at_least)
			return 0;
		if (archive->items[i - 1].kinds == STORE_WHOLE &&
		    store_archive_is_sound(
			archive_fd, archive->items[i - 1].number))
			return archive->items[i - 1].number;
	}
	return 0;
}

static int
mend(int live_fd, int archive_fd, const struct store_place *place,
    bool *ret_mended, struct err *err)
{
	struct store_archive archive = {.items = NULL};
	struct store_links links;
	long best = 0;
	bool settled;
	int rc;

	store_links_read(live_fd, place, &links);
	rc = store_archive_list(archive_fd, place->archive, &archive, err);
	if (rc < 0)
		return rc;
	settled = links.same && !links.previous;
	best = best_of(archive_fd, &archive, settled ? links.number[0] + 1 : 1);
	store_archive_free(&archive);
	if (best == 0 && settled)
		return 0;
	if (best == 0)
		return err_set(err, ERR_SYNTAX, mending, place->live,
		    "the links do not fit together, and no generation in %s is "
		    "whole: copy one back from a backup",
		    place->archive);
	rc = store_links_switch(live_fd, place, best, err);
	for (int kind = 0; rc == 0 && kind < LINEAGE_KINDS; kind++)
		*ret_mended = *ret_mended || links.number[kind] != best;
	return rc;
}

/* What a killed run has left that is of no lineage: nobody may renew soon. */
static void
sweep(int live_fd, int archive_fd, const struct store_place *place)
{
	char name[STORE_FILE_BYTES], path[LIMIT_PATH_BYTES + sizeof(".new")];

	for (int kind = 0; kind < LINEAGE_KINDS; kind++) {
		name_link(STORE_ASIDE_PREFIX, (enum lineage_kind)kind, name);
		(void)unlinkat(live_fd, name, 0);
	}
	(void)fs_sweep(archive_fd);
	(void)snprintf(path, sizeof(path), "%s.new", place->conf);
	(void)unlink(path);
}

int
store_repair(const struct store_dirs *dirs, const char *name, bool *ret_mended,
    struct err *err)
{
	struct store_place place;
	int live_fd = -1, archive_fd = -1, rc;

	*ret_mended = false;
	rc = store_place_read(dirs, name, &place, err);
	if (rc == 0)
		rc = fs_open_dir(place.archive, &archive_fd, err);
	if (rc == 0)
		rc = fs_open_dir(place.live, &live_fd, err);
	if (rc == 0)
		rc = mend(live_fd, archive_fd, &place, ret_mended, err);
	if (rc == 0)
		sweep(live_fd, archive_fd, &place);
	if (live_fd >= 0)
		(void)close(live_fd);
	if (archive_fd >= 0)
		(void)close(archive_fd);
	return rc;
}

/* Is the file of that name in the archive of today? */
static int
check_target(const struct store_place *place, enum lineage_kind kind,
    long number, struct err *err)
{
	char path[LIMIT_PATH_BYTES + STORE_FILE_BYTES];
	struct stat st;

	if (number == 0)
		return err_set(err, ERR_SYNTAX, mending, place->live,
		    "Expected %s.pem to be a symlink to a file of the archive",
		    store_stem(kind));
	(void)snprintf(path, sizeof(path), "%s/%s%ld.pem", place->archive,
	    store_stem(kind), number);
	if (stat(path, &st) != 0)
		return err_set(err, ERR_SYNTAX, mending, place->live,
		    "target %s of symlink %s.pem does not exist", path,
		    store_stem(kind));
	return 0;
}

/* Each link at the file of its name in the archive; or none of them. */
static int
lead_to_archive(int live_fd, const struct store_place *place, struct err *err)
{
	struct store_links links;
	int rc = 0;

	store_links_read(live_fd, place, &links);
	for (int kind = 0; rc == 0 && kind < LINEAGE_KINDS; kind++)
		rc = check_target(
		    place, (enum lineage_kind)kind, links.number[kind], err);
	for (int kind = 0; rc == 0 && kind < LINEAGE_KINDS; kind++)
		rc = point(live_fd, place, (enum lineage_kind)kind,
		    links.number[kind], err);
	return rc < 0 ? rc : fs_sync(live_fd, place->live, err);
}

int
store_relink(const struct store_dirs *dirs, const char *name, struct err *err)
{
	struct store_place place;
	int live_fd = -1;
	int rc = store_place_read(dirs, name, &place, err);

	if (rc == 0)
		rc = fs_open_dir(place.live, &live_fd, err);
	if (rc == 0)
		rc = lead_to_archive(live_fd, &place, err);
	if (live_fd >= 0)
		(void)close(live_fd);
	return rc;
}
