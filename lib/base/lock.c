/*
 * lock.c: the one lock. main takes it before the first observation; the lock
 * directory may be /run/lock, where everybody may make files (mode 1777), so
 * nothing that lies there is believed before it is looked at.
 */
#define _GNU_SOURCE /* F_OFD_SETLK, renameat2() */
#include "base/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/limits.h"

static const char doing[] = "taking the lock";

enum {
	PAUSE_LEAST_MS = 5,
	PAUSE_MOST_MS = 100,
	OPEN_TRIES = 8, /* while somebody makes and removes the file */
	SWAPS_MOST = 1000, /* while others of us swap, too */
	PID_BYTES = 24,
};

struct lock {
	int fd;
};

static struct flock
whole_file(void)
{
	struct flock range;

	/* l_pid must be 0 for an open file description lock. */
	memset(&range, 0, sizeof(range));
	range.l_type = F_WRLCK;
	range.l_whence = SEEK_SET;
	return range;
}

/* Refuses a file that is not ours alone to write. */
static int
check_file(int fd, const char *path, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return err_sys(err, doing, path, "fstat");
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_UNSAFE, doing, path,
		    "it is not a file; remove it");
	if (st.st_uid != geteuid())
		return err_set(err, ERR_UNSAFE, doing, path,
		    "it belongs to uid %lu, we are uid %lu; remove it",
		    (unsigned long)st.st_uid, (unsigned long)geteuid());
	/* A second name: we would write into somebody's chosen file. */
	if (st.st_nlink > 1)
		return err_set(err, ERR_UNSAFE, doing, path,
		    "it has another name (a hard link); remove it");
	if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return err_set(err, ERR_UNSAFE, doing, path,
		    "others may write it (mode %04o); chmod 600",
		    (unsigned)(st.st_mode & 07777));
	return 0;
}

/*
 * Opens without O_CREAT first: in a sticky directory the kernel may refuse to
 * "create" a file that somebody else made (fs.protected_regular), and then
 * we could not say whose it is. Sets *ret_fd to -1 where there is no file and
 * none is to be made.
 */
static int
open_file(const char *path, bool make, int *ret_fd, struct err *err)
{
	const int flags = O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY |
	    (make ? O_RDWR : O_RDONLY);
	int fd = -1, rc;

	for (int i = 0; fd < 0 && i < OPEN_TRIES; i++) {
		fd = open(path, flags);
		if (fd >= 0 || errno != ENOENT)
			break;
		if (!make) {
			*ret_fd = -1;
			return 0;
		}
		fd = open(path, flags | O_CREAT | O_EXCL, 0600);
		if (fd < 0 && errno != EEXIST)
			break;
	}
	if (fd < 0 && errno == ELOOP)
		return err_set(err, ERR_UNSAFE, doing, path,
		    "it is a symbolic link; remove it");
	if (fd < 0 && errno == ENXIO)
		return err_set(err, ERR_UNSAFE, doing, path,
		    "it is not a file; remove it");
	if (fd < 0)
		return err_sys(err, doing, path, "open");
	rc = check_file(fd, path, err);
	if (rc < 0) {
		(void)close(fd);
		return rc;
	}
	*ret_fd = fd;
	return 0;
}

/*
 * Opens the directory of `path` if anybody may make files in it, and take away
 * none but his own (sticky), but we may; else -1.
 */
static int
open_public_dir(const char *path, const char **ret_name)
{
	const char *slash = strrchr(path, '/');
	size_t len = slash == NULL ? 0 : (size_t)(slash - path) + 1;
	char dir[LIMIT_PATH_BYTES] = ".";
	struct stat st;
	int fd;

	if (len >= sizeof(dir))
		return -1;
	if (len > 0) {
		memcpy(dir, path, len);
		dir[len] = '\0';
	}
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	if (fstat(fd, &st) != 0 || (st.st_mode & S_ISVTX) == 0 ||
	    st.st_uid != geteuid()) {
		(void)close(fd);
		return -1;
	}
	*ret_name = path + len;
	return fd;
}

/* Others can have laid it there: theirs, or a second name of a file of ours. */
static bool
is_foreign(const struct stat *st)
{
	return st->st_uid != geteuid() || S_ISLNK(st->st_mode) ||
	    (S_ISREG(st->st_mode) && st->st_nlink > 1);
}

/*
 * Swaps `tmp`, our file that we hold locked, with what is foreign at `name`.
 * Not removed, as others of us may be at it too: it could be the file that one
 * of them has locked by now, and there would be two holders. So what is ours,
 * but not that of this call, goes back, until each has his own again, and what
 * was at `name` is there. Who opened another one meanwhile found it locked,
 * and finds then that it is not current. True where `tmp` is to be removed.
 */
static bool
swap(int fd, int dirfd, const char *tmp, const char *name)
{
	struct stat own, there;

	if (fstat(fd, &own) != 0)
		return false;
	for (int i = 0; i < SWAPS_MOST; i++) {
		if (renameat2(dirfd, tmp, dirfd, name, RENAME_EXCHANGE) != 0)
			return i == 0;
		if (fstatat(dirfd, tmp, &there, AT_SYMLINK_NOFOLLOW) != 0)
			return false;
		if (is_foreign(&there) ||
		    (there.st_dev == own.st_dev && there.st_ino == own.st_ino))
			return true;
	}
	return false;
}

static void
exchange(int dirfd, const char *name)
{
	const struct fs_owner owner = {geteuid(), getegid(), 0600};
	struct flock range = whole_file();
	struct err ignored = ERR_INIT;
	char tmp[NAME_MAX + 1];
	int fd = -1;

	if (fs_stage(dirfd, &owner, "", 0, false, tmp, &ignored) < 0)
		return;
	fd = openat(dirfd, tmp, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fcntl(fd, F_OFD_SETLK, &range) != 0) {
		(void)unlinkat(dirfd, tmp, 0);
	} else if (swap(fd, dirfd, tmp, name) && unlinkat(dirfd, tmp, 0) != 0) {
		/* One with something in it stays, under that other name. */
		(void)unlinkat(dirfd, tmp, AT_REMOVEDIR);
	}
	if (fd >= 0)
		(void)close(fd);
}

/*
 * Does `path` lie where everybody may lay something? `*ret_foreign`: that is
 * what is there. It is put out of the way where `clear`, so that nobody can
 * stop us; another of us may be faster, so any other try is worth it.
 */
static bool
is_public(const char *path, bool clear, bool *ret_foreign)
{
	const char *name = NULL;
	struct stat st;
	int dirfd;

	dirfd = open_public_dir(path, &name);
	if (dirfd < 0)
		return false;
	*ret_foreign = fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    is_foreign(&st);
	if (*ret_foreign && clear)
		exchange(dirfd, name);
	(void)close(dirfd);
	return true;
}

/* The holder wrote its number; the kernel does not tell it (l_pid is -1). */
static int
say_locked(int fd, const char *path, long waited_ms, struct err *err)
{
	char text[PID_BYTES] = "", *end = NULL;
	long pid = 0;
	ssize_t got;

	got = pread(fd, text, sizeof(text) - 1, 0);
	if (got > 0) {
		pid = strtol(text, &end, 10);
		if (*end != '\n')
			pid = 0;
	}
	if (pid <= 0)
		return err_set(err, ERR_LOCKED, doing, path,
		    "another process holds it (waited %ld ms); let it end, "
		    "or set lock_wait_ms higher",
		    waited_ms);
	return err_set(err, ERR_LOCKED, doing, path,
	    "process %ld holds it (waited %ld ms); let it end, or set "
	    "lock_wait_ms higher",
	    pid, waited_ms);
}

static int
wait_for(int fd, const char *path, long wait_ms, struct err *err)
{
	int64_t began_ms = clock_mono_ms(), left_ms;
	long pause_ms = PAUSE_LEAST_MS;
	struct flock range;

	for (;;) {
		range = whole_file();
		if (fcntl(fd, F_OFD_SETLK, &range) == 0)
			return 0;
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN && errno != EACCES)
			return err_sys(err, doing, path, "fcntl");
		left_ms = began_ms + wait_ms - clock_mono_ms();
		if (left_ms <= 0)
			return say_locked(fd, path, wait_ms, err);
		clock_pause_ms(pause_ms < left_ms ? pause_ms : (long)left_ms);
		pause_ms *= 2;
		if (pause_ms > PAUSE_MOST_MS)
			pause_ms = PAUSE_MOST_MS;
	}
}

/* Does `path` still name the file that we locked? */
static bool
is_current(int fd, const char *path)
{
	struct stat ours, there;

	return fstat(fd, &ours) == 0 && lstat(path, &there) == 0 &&
	    ours.st_dev == there.st_dev && ours.st_ino == there.st_ino;
}

static int
write_pid(int fd, const char *path, struct err *err)
{
	char text[PID_BYTES];
	int len;

	len = snprintf(text, sizeof(text), "%ld\n", (long)getpid());
	if (len < 0 || pwrite(fd, text, (size_t)len, 0) != len)
		return err_sys(err, doing, path, "write");
	if (ftruncate(fd, len) != 0)
		return err_sys(err, doing, path, "ftruncate");
	return 0;
}

int
lock_take(const char *path, long wait_ms, struct lock **ret, struct err *err)
{
	int64_t until_ms = clock_mono_ms() + wait_ms, left_ms;
	struct lock *lock = NULL;
	int fd = -1, cleared = 0, rc;
	bool foreign = false;

	lock = malloc(sizeof(*lock));
	if (lock == NULL)
		return err_nomem(err, doing);
	for (;;) {
		rc = open_file(path, true, &fd, err);
		if (rc < 0 && cleared++ < OPEN_TRIES &&
		    is_public(path, true, &foreign)) {
			err_clear(err);
			continue;
		}
		if (rc < 0)
			goto out;
		left_ms = until_ms - clock_mono_ms();
		rc = wait_for(fd, path, left_ms > 0 ? (long)left_ms : 0, err);
		if (rc < 0)
			goto out;
		if (is_current(fd, path))
			break;
		/* Removed while we waited: the next one makes a new file. */
		(void)close(fd);
		fd = -1;
	}
	rc = write_pid(fd, path, err);
	if (rc < 0)
		goto out;
	lock->fd = fd;
	fd = -1;
	*ret = lock;
	lock = NULL;
out:
	if (fd >= 0)
		(void)close(fd);
	free(lock);
	return rc;
}

int
lock_probe(const char *path, struct err *err)
{
	struct flock range = whole_file();
	bool foreign = false;
	int fd = -1, rc;

	rc = open_file(path, false, &fd, err);
	if (rc < 0 && is_public(path, false, &foreign) && foreign) {
		err_clear(err);
		return 0;
	}
	if (rc < 0 || fd < 0)
		return rc;
	if (fcntl(fd, F_OFD_GETLK, &range) != 0)
		rc = err_sys(err, doing, path, "fcntl");
	else if (range.l_type != F_UNLCK)
		rc = say_locked(fd, path, 0, err);
	(void)close(fd);
	return rc;
}

void
lock_release(struct lock *lock)
{
	if (lock == NULL)
		return;
	(void)close(lock->fd);
	free(lock);
}
