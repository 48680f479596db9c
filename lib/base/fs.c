/*
 * fs.c: how files are read and trusted; fs_write.c is how they are written.
 * What comes from a disk enters the program through fs_read().
 */
#define _GNU_SOURCE /* asprintf() */
#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/limits.h"

static const char reading[] = "reading";
static const char checking[] = "checking the directory";

enum {
	READ_CHUNK_BYTES = 4096, /* where the size is not known (/proc) */
	NAME_SPACE_BYTES = 16 * 1024, /* of one passwd or group entry */
};

void
fs_ident_from(const struct stat *st, struct fs_ident *ret)
{
	ret->dev = st->st_dev;
	ret->ino = st->st_ino;
	ret->size = (unsigned long long)st->st_size;
	ret->mtime_ns =
	    (long long)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec;
	ret->ctime_ns =
	    (long long)st->st_ctim.tv_sec * 1000000000 + st->st_ctim.tv_nsec;
}

bool
fs_ident_equal(const struct fs_ident *a, const struct fs_ident *b)
{
	return a->dev == b->dev && a->ino == b->ino && a->size == b->size &&
	    a->mtime_ns == b->mtime_ns && a->ctime_ns == b->ctime_ns;
}

/* Somebody whom we need not trust owns it or may write it: says who. */
static int
check_owner(const struct stat *st, mode_t forbidden, const char *doing,
    const char *path, struct err *err)
{
	if (st->st_uid != 0 && st->st_uid != geteuid())
		return err_set(err, ERR_UNSAFE, doing, path,
		    "it belongs to uid %lu, who may change it; chown it to "
		    "root",
		    (unsigned long)st->st_uid);
	if ((st->st_mode & forbidden & S_IWOTH) != 0)
		return err_set(err, ERR_UNSAFE, doing, path,
		    "everybody may write it (mode %04o); chmod go-w",
		    (unsigned)(st->st_mode & 07777));
	if ((st->st_mode & forbidden & S_IWGRP) != 0)
		return err_set(err, ERR_UNSAFE, doing, path,
		    "the group with gid %lu may write it (mode %04o); chmod "
		    "go-w",
		    (unsigned long)st->st_gid, (unsigned)(st->st_mode & 07777));
	return 0;
}

/* Reads up to `room` bytes, again where a signal came; -1 with errno. */
static ssize_t
read_some(int fd, void *data, size_t room)
{
	ssize_t got;

	do
		got = read(fd, data, room);
	while (got < 0 && errno == EINTR);
	return got;
}

static int
read_all(
    int fd, const char *path, size_t size, struct buf *ret, struct err *err)
{
	size_t room, start = ret->len;
	char *at = NULL, more;
	ssize_t got;

	for (;;) {
		/* One more than is due, so that the end shows at once. */
		room = size > ret->len - start ? size - (ret->len - start) : 0;
		room = room > 0 ? room + 1 : READ_CHUNK_BYTES;
		if (room > ret->max_bytes - ret->len)
			room = ret->max_bytes - ret->len;
		if (room == 0) {
			got = read_some(fd, &more, 1);
			if (got > 0)
				return err_set(err, ERR_LIMIT, reading, path,
				    "it is larger than %zu bytes",
				    ret->max_bytes - start);
		} else {
			at = buf_room(ret, room, err);
			if (at == NULL)
				return err->code;
			got = read_some(fd, at, room);
		}
		if (got < 0)
			return err_sys(err, reading, path, "read");
		if (got == 0)
			return 0;
		ret->len += (size_t)got;
		if (size > 0 && (size_t)got < room && ret->len - start >= size)
			return 0;
	}
}

/* Takes back what was appended since `start`. */
static void
forget(struct buf *buf, size_t start)
{
	if (buf->data == NULL)
		return;
	if (buf->secret)
		buf_wipe(buf->data + start, buf->cap - start);
	buf->data[start] = '\0';
	buf->len = start;
}

/* One file, opened once; `flags` more than reading asks for. */
static int
read_file(int dirfd, const char *path, int flags, enum fs_trust trust,
    struct buf *ret, struct stat *ret_stat, struct err *err)
{
	size_t start = ret->len;
	struct stat st;
	int fd = -1, rc;

	/* Not to wait for the other end, should it be a FIFO. */
	fd = openat(
	    dirfd, path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | flags);
	if (fd < 0 && errno == ELOOP && (flags & O_NOFOLLOW) != 0) {
		rc = err_set(err, ERR_UNSAFE, reading, path,
		    "it is a symbolic link; remove it");
		goto out;
	}
	if (fd < 0 && errno == ENXIO) {
		rc =
		    err_set(err, ERR_SYNTAX, reading, path, "it is not a file");
		goto out;
	}
	if (fd < 0 || fstat(fd, &st) != 0) {
		rc = err_sys(err, reading, path, fd < 0 ? "open" : "fstat");
		goto out;
	}
	if (!S_ISREG(st.st_mode)) {
		rc =
		    err_set(err, ERR_SYNTAX, reading, path, "it is not a file");
		goto out;
	}
	if (trust == FS_TRUST_PRIVATE) {
		rc = check_owner(&st, S_IWGRP | S_IWOTH, reading, path, err);
		if (rc < 0)
			goto out;
	}
	if ((unsigned long long)st.st_size > ret->max_bytes - start) {
		rc = err_set(err, ERR_LIMIT, reading, path,
		    "it has %lld bytes, at most %zu are read",
		    (long long)st.st_size, ret->max_bytes - start);
		goto out;
	}
	rc = read_all(fd, path, (size_t)st.st_size, ret, err);
	if (rc < 0)
		goto out;
	*ret_stat = st;
out:
	if (rc < 0)
		forget(ret, start);
	if (fd >= 0)
		(void)close(fd);
	return rc;
}

int
fs_read(int dirfd, const char *path, enum fs_trust trust, struct buf *ret,
    struct fs_ident *ret_ident, struct err *err)
{
	struct stat st;
	int rc;

	rc = read_file(dirfd, path, 0, trust, ret, &st, err);
	/*
	 * The identity from before the reading: one who writes meanwhile makes
	 * it differ from what is found next time, and so it is read again.
	 */
	if (rc == 0 && ret_ident != NULL)
		fs_ident_from(&st, ret_ident);
	return rc;
}

int
fs_read_here(int dirfd, const char *name, enum fs_trust trust, struct buf *ret,
    struct stat *ret_stat, struct err *err)
{
	struct stat st;
	int rc;

	rc = read_file(dirfd, name, O_NOFOLLOW, trust, ret, &st, err);
	if (rc == 0 && ret_stat != NULL)
		*ret_stat = st;
	return rc;
}

/* Ours or root's alone to write; root's own group is root. */
static int
check_dir(const struct stat *st, const char *path, struct err *err)
{
	if (!S_ISDIR(st->st_mode))
		return err_set(
		    err, ERR_UNSAFE, checking, path, "it is not a directory");
	return check_owner(st, st->st_gid == 0 ? S_IWOTH : S_IWGRP | S_IWOTH,
	    checking, path, err);
}

int
fs_check_dir(const char *path, struct err *err)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return err_sys(err, checking, path, "stat");
	return check_dir(&st, path, err);
}

int
fs_check_dir_fd(int fd, const char *path, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return err_sys(err, checking, path, "fstat");
	return check_dir(&st, path, err);
}

/* A whole number, in `base`, of digits only and at most `most`. */
static int
parse_number(const char *text, int base, unsigned long most, unsigned long *ret)
{
	char *end = NULL;

	if (text[0] < '0' || text[0] > '9')
		return -1;
	errno = 0;
	*ret = strtoul(text, &end, base);
	return errno != 0 || *end != '\0' || *ret > most ? -1 : 0;
}

static int
resolve_user(const char *user, uid_t *ret, struct err *err)
{
	char space[NAME_SPACE_BYTES];
	struct passwd entry, *found = NULL;
	unsigned long number;

	if (getpwnam_r(user, &entry, space, sizeof(space), &found) == 0 &&
	    found != NULL) {
		*ret = found->pw_uid;
		return 0;
	}
	/* The highest number means "leave it" to chown(2). */
	if (parse_number(user, 10, UINT_MAX - 1, &number) < 0)
		return err_set(err, ERR_CONF, "looking up the user", user,
		    "there is no such user");
	*ret = (uid_t)number;
	return 0;
}

static int
resolve_group(const char *group, gid_t *ret, struct err *err)
{
	char space[NAME_SPACE_BYTES];
	struct group entry, *found = NULL;
	unsigned long number;

	if (getgrnam_r(group, &entry, space, sizeof(space), &found) == 0 &&
	    found != NULL) {
		*ret = found->gr_gid;
		return 0;
	}
	if (parse_number(group, 10, UINT_MAX - 1, &number) < 0)
		return err_set(err, ERR_CONF, "looking up the group", group,
		    "there is no such group");
	*ret = (gid_t)number;
	return 0;
}

int
fs_owner_resolve(const char *user, const char *group, const char *mode,
    struct fs_owner *ret, struct err *err)
{
	struct fs_owner made = {0, 0, 0};
	unsigned long bits;
	int rc;

	rc = resolve_user(user, &made.uid, err);
	if (rc < 0)
		return rc;
	rc = resolve_group(group, &made.gid, err);
	if (rc < 0)
		return rc;
	if (parse_number(mode, 8, 0777, &bits) < 0)
		return err_set(err, ERR_CONF, "reading the file mode", mode,
		    "it is no octal number up to 0777");
	made.mode = (mode_t)bits;
	*ret = made;
	return 0;
}

int
fs_free_bytes(const char *path, unsigned long long *ret, struct err *err)
{
	struct statvfs st;

	if (statvfs(path, &st) != 0)
		return err_sys(err, "looking for free space", path, "statvfs");
	*ret = (unsigned long long)st.f_bavail * st.f_frsize;
	return 0;
}

int
fs_join(
    char *ret, size_t size, const char *dir, const char *name, struct err *err)
{
	size_t dir_len = strlen(dir);
	int len;

	while (dir_len > 1 && dir[dir_len - 1] == '/')
		dir_len--;
	if (dir_len > INT_MAX)
		dir_len = INT_MAX;
	len = snprintf(ret, size, "%.*s%s%s", (int)dir_len, dir,
	    dir_len == 0 || dir[dir_len - 1] == '/' ? "" : "/", name);
	if (len < 0 || (size_t)len >= size)
		return err_set(err, ERR_LIMIT, "making a path", name,
		    "it has more than %zu bytes", size);
	return 0;
}

char *
fs_absolute(const char *path)
{
	char here[PATH_MAX];
	char *made = NULL;

	if (*path == '/' || getcwd(here, sizeof(here)) == NULL)
		return strdup(path);
	return asprintf(&made, "%s/%s", here, path) < 0 ? NULL : made;
}
