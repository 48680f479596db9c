/*
 * lineage.c: the four files of a lineage as one, the first step of the way of
 * a certificate. Names and lists of lineages are in lineage_ref.c.
 *
 * One look opens live/NAME, follows its four links by hand and takes the
 * identity of what they point at. What does not fit together may be certbot
 * at work: it is looked at again, until it does or time is up. To read is to
 * look, to read the files that were seen, and to look again.
 */
#include "cert/lineage.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"

static const char doing[] = "reading the lineage";
static const char gone[] = "its link points at nothing";

/* What may be otherwise in a moment; `err` says what it is now. */
enum { TRY_AGAIN = 1 };

static const char *const stems[] = {
    [LINEAGE_CERT] = "cert",
    [LINEAGE_CHAIN] = "chain",
    [LINEAGE_FULLCHAIN] = "fullchain",
    [LINEAGE_PRIVKEY] = "privkey",
};
_Static_assert(COUNT_OF(stems) == LINEAGE_KINDS, "a kind has no file name");

enum { FILE_BYTES = sizeof("fullchain99999999.pem") };

/* What one look saw. */
struct view {
	struct lineage_ident ident;
	char archive[LIMIT_PATH_BYTES]; /* of all four, as the links have it */
	char files[LINEAGE_KINDS][FILE_BYTES]; /* in there */
};

/* As err_set() for one of the four files, by the name that people know. */
static int
fail(const struct lineage_ref *ref, enum lineage_kind kind, int code,
    const char *detail, struct err *err)
{
	char path[LIMIT_ERR_ON_BYTES];

	/* A path that is cut will do for a message. */
	if (snprintf(path, sizeof(path), "%s/%s.pem", ref->dir, stems[kind]) <
	    0)
		path[0] = '\0';
	return err_set(err, code, doing, path, "%s", detail);
}

/* As fail() for a system call; errno is read first. */
static int
fail_sys(const struct lineage_ref *ref, enum lineage_kind kind,
    const char *call, struct err *err)
{
	char path[LIMIT_ERR_ON_BYTES];
	int error = errno;

	if (snprintf(path, sizeof(path), "%s/%s.pem", ref->dir, stems[kind]) <
	    0)
		path[0] = '\0';
	errno = error;
	return err_sys(err, doing, path, call);
}

/* As fail() for what may be well in a moment. */
static int
fail_again(const struct lineage_ref *ref, enum lineage_kind kind,
    const char *detail, struct err *err)
{
	(void)fail(ref, kind, ERR_SYNTAX, detail, err);
	return TRY_AGAIN;
}

/* The N of "kindN.pem", or -1. */
static long
generation_of(const char *file, enum lineage_kind kind)
{
	size_t stem = strlen(stems[kind]);
	const char *digit = NULL;
	long n = 0;

	if (strncmp(file, stems[kind], stem) != 0 || file[stem] < '1' ||
	    file[stem] > '9')
		return -1;
	for (digit = file + stem; *digit >= '0' && *digit <= '9'; digit++) {
		n = n * 10 + (*digit - '0');
		if (n > LIMIT_LINEAGE_GENERATION)
			return -1;
	}
	return strcmp(digit, ".pem") == 0 ? n : -1;
}

/* Splits a link's target into directory (into `target`), file and N. */
static int
split_target(const struct lineage_ref *ref, enum lineage_kind kind,
    char *target, char *ret_file, long *ret_n, struct err *err)
{
	char *slash = strrchr(target, '/');
	const char *file = slash != NULL ? slash + 1 : target;

	*ret_n = generation_of(file, kind);
	if (*ret_n < 0)
		return fail(ref, kind, ERR_SYNTAX,
		    "its link does not point at a file that certbot names "
		    "(privkey1.pem, ...); certbot refuses it too: recreate "
		    "the links of this lineage",
		    err);
	/* It fits: the stem and at most eight digits. */
	memcpy(ret_file, file, strlen(file) + 1);
	if (slash == NULL)
		memcpy(target, ".", sizeof("."));
	else if (slash == target)
		slash[1] = '\0';
	else
		*slash = '\0';
	return 0;
}

/* Follows the link of one kind; `view` holds what earlier kinds said. */
static int
look_at_link(const struct lineage_ref *ref, int live_fd, enum lineage_kind kind,
    struct view *view, struct err *err)
{
	char target[LIMIT_PATH_BYTES];
	char name[FILE_BYTES];
	ssize_t len;
	long n;
	int rc;

	/* It fits: FILE_BYTES has room for digits besides. */
	(void)snprintf(name, sizeof(name), "%s.pem", stems[kind]);
	len = readlinkat(live_fd, name, target, sizeof(target));
	if (len < 0 && errno == ENOENT)
		return fail_again(ref, kind, "it is not there", err);
	if (len < 0 && errno == EINVAL)
		return fail(ref, kind, ERR_SYNTAX,
		    "it is no symbolic link; certbot refuses such a lineage "
		    "too: recreate its links into archive/",
		    err);
	if (len < 0)
		return fail_sys(ref, kind, "readlink", err);
	if ((size_t)len >= sizeof(target))
		return fail(ref, kind, ERR_SYNTAX, "its link is too long", err);
	target[len] = '\0';
	rc = split_target(ref, kind, target, view->files[kind], &n, err);
	if (rc < 0)
		return rc;
	if (kind == 0) {
		view->ident.generation = n;
		memcpy(view->archive, target, strlen(target) + 1);
	}
	if (n != view->ident.generation || strcmp(target, view->archive) != 0)
		return fail_again(ref, kind,
		    "the four links do not point at one generation in one "
		    "directory",
		    err);
	return 0;
}

/* The identity of the file itself; a second link would be followed blindly. */
static int
look_at_file(const struct lineage_ref *ref, int live_fd, enum lineage_kind kind,
    struct view *view, struct err *err)
{
	char path[LIMIT_PATH_BYTES];
	struct stat st;
	int rc;

	rc = fs_join(path, sizeof(path), view->archive, view->files[kind], err);
	if (rc < 0)
		return rc;
	if (fstatat(live_fd, path, &st, AT_SYMLINK_NOFOLLOW) != 0) {
		if (errno == ENOENT)
			return fail_again(ref, kind, gone, err);
		return fail_sys(ref, kind, "stat", err);
	}
	if (!S_ISREG(st.st_mode))
		return fail(ref, kind, ERR_SYNTAX,
		    "its link does not point at a regular file", err);
	fs_ident_from(&st, &view->ident.files[kind]);
	return 0;
}

static int
look(const struct lineage_ref *ref, int live_fd, struct view *ret,
    struct err *err)
{
	int rc = 0;

	/* All links first, so that the four are as near in time as can be. */
	for (int kind = 0; rc == 0 && kind < LINEAGE_KINDS; kind++)
		rc = look_at_link(
		    ref, live_fd, (enum lineage_kind)kind, ret, err);
	for (int kind = 0; rc == 0 && kind < LINEAGE_KINDS; kind++)
		rc = look_at_file(
		    ref, live_fd, (enum lineage_kind)kind, ret, err);
	return rc;
}

static int
identify_once(const struct lineage_ref *ref, void *ret, struct err *err)
{
	struct lineage_ident *ident = ret;
	struct view view = {.archive = ""};
	int live_fd = -1, rc;

	rc = fs_open_dir(ref->dir, &live_fd, err);
	if (rc < 0)
		return rc;
	rc = look(ref, live_fd, &view, err);
	if (rc == 0)
		*ident = view.ident;
	(void)close(live_fd);
	return rc;
}

/* Refuses a directory in which others could put files of theirs. */
static int
check_dir(int fd, const char *path, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return err_sys(err, doing, path, "fstat");
	if (st.st_uid != 0 && st.st_uid != geteuid())
		return err_set(err, ERR_UNSAFE, doing, path,
		    "the directory belongs to uid %lu, who may change it; "
		    "chown it to root",
		    (unsigned long)st.st_uid);
	if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return err_set(err, ERR_UNSAFE, doing, path,
		    "%s may write into the directory (mode %04o); chmod go-w",
		    (st.st_mode & S_IWOTH) != 0 ? "everybody" : "its group",
		    (unsigned)(st.st_mode & 07777));
	return 0;
}

static int
open_archive(const struct lineage_ref *ref, int live_fd,
    const struct view *view, int *ret_fd, struct err *err)
{
	char path[LIMIT_ERR_ON_BYTES];
	int fd, rc;

	/* Only for messages: cut is as good. */
	if (snprintf(path, sizeof(path), "%s%s%s",
		view->archive[0] == '/' ? "" : ref->dir,
		view->archive[0] == '/' ? "" : "/", view->archive) < 0)
		path[0] = '\0';
	fd = openat(live_fd, view->archive, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return fail_again(ref, LINEAGE_CERT, gone, err);
	if (fd < 0)
		return err_sys(err, doing, path, "open");
	rc = check_dir(fd, path, err);
	if (rc < 0) {
		(void)close(fd);
		return rc;
	}
	*ret_fd = fd;
	return 0;
}

static int
read_file(const struct lineage_ref *ref, int archive_fd, enum lineage_kind kind,
    const struct view *view, struct buf *ret, struct err *err)
{
	struct err seen = ERR_INIT;
	struct fs_ident ident;
	int rc;

	rc = fs_read(archive_fd, view->files[kind], FS_TRUST_PRIVATE, ret,
	    &ident, &seen);
	if (rc < 0) {
		/* It only knows the name in the archive. */
		if (rc != ERR_NOENT)
			return fail(ref, kind, rc, seen.detail, err);
		return fail_again(ref, kind, gone, err);
	}
	if (fs_ident_equal(&ident, &view->ident.files[kind]))
		return 0;
	return fail_again(ref, kind, "it changes while it is read", err);
}

static int
read_once(const struct lineage_ref *ref, void *ret, struct err *err)
{
	struct lineage *lineage = ret;
	struct view before = {.archive = ""}, after = {.archive = ""};
	int live_fd = -1, archive_fd = -1, rc;

	for (int kind = 0; kind < LINEAGE_KINDS; kind++)
		buf_reset(&lineage->pem[kind]);
	rc = fs_open_dir(ref->dir, &live_fd, err);
	if (rc < 0)
		return rc;
	rc = check_dir(live_fd, ref->dir, err);
	if (rc == 0)
		rc = look(ref, live_fd, &before, err);
	if (rc == 0)
		rc = open_archive(ref, live_fd, &before, &archive_fd, err);
	for (int kind = 0; rc == 0 && kind < LINEAGE_KINDS; kind++)
		rc = read_file(ref, archive_fd, (enum lineage_kind)kind,
		    &before, &lineage->pem[kind], err);
	if (rc == 0)
		rc = look(ref, live_fd, &after, err);
	if (rc == 0 && !lineage_ident_equal(&before.ident, &after.ident)) {
		(void)err_set(err, ERR_SYNTAX, doing, ref->dir,
		    "it changes while it is read");
		rc = TRY_AGAIN;
	}
	if (rc == 0)
		lineage->ident = before.ident;
	if (archive_fd >= 0)
		(void)close(archive_fd);
	(void)close(live_fd);
	return rc;
}

/* Does `once` until it is no longer TRY_AGAIN, or time is up. */
static int
retry(const struct lineage_ref *ref,
    int (*once)(const struct lineage_ref *, void *, struct err *), void *ret,
    struct err *err)
{
	int rc = TRY_AGAIN;

	for (int i = 0; rc == TRY_AGAIN && i <= LIMIT_LINEAGE_RETRIES; i++) {
		if (i > 0)
			clock_pause_ms(LIMIT_LINEAGE_RETRY_MS);
		rc = once(ref, ret, err);
	}
	if (rc == TRY_AGAIN)
		return err->code;
	if (rc == 0)
		err_clear(err);
	return rc;
}

int
lineage_identify(
    const struct lineage_ref *ref, struct lineage_ident *ret, struct err *err)
{
	return retry(ref, identify_once, ret, err);
}

bool
lineage_ident_equal(
    const struct lineage_ident *a, const struct lineage_ident *b)
{
	if (a->generation != b->generation)
		return false;
	for (int kind = 0; kind < LINEAGE_KINDS; kind++) {
		if (!fs_ident_equal(&a->files[kind], &b->files[kind]))
			return false;
	}
	return true;
}

int
lineage_read(
    const struct lineage_ref *ref, struct lineage *ret, struct err *err)
{
	struct lineage made = {.ref = *ref};
	int rc;

	for (int kind = 0; kind < LINEAGE_KINDS; kind++) {
		made.pem[kind].max_bytes = LIMIT_PEM_FILE_BYTES;
		made.pem[kind].secret = kind == LINEAGE_PRIVKEY;
	}
	rc = retry(ref, read_once, &made, err);
	if (rc == 0)
		*ret = made;
	else
		lineage_free(&made);
	return rc;
}

void
lineage_free(struct lineage *lineage)
{
	for (int kind = 0; kind < LINEAGE_KINDS; kind++)
		buf_free(&lineage->pem[kind]);
}
