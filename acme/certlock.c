/*
 * certlock.c: certbot's three locks, taken before anything of its is touched.
 *
 * Classic record locks, as certbot's own: they conflict with it, end with the
 * process, and do not go over to the half that has the network. They also end
 * when ANY descriptor of the file is closed, so a file is opened only once.
 */
#include "acme/certlock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"

static const char doing[] = "taking certbot's lock";

enum {
	LOCKS = 3,
	OPEN_TRIES = 100, /* while others take their locks and remove them */
};

struct certlock {
	char path[LOCKS][LIMIT_PATH_BYTES];
	struct stat dir[LOCKS]; /* the directories that are locked */
	int fd[LOCKS];
	size_t count;
};

static bool
is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* A file that is not a link, opened or made. */
static int
open_lock(const char *path, int *ret_fd, struct err *err)
{
	int fd;

	fd = open(path,
	    O_CREAT | O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	if (fd < 0 && errno == ELOOP)
		return err_set(err, ERR_UNSAFE, doing, path,
		    "it is a symbolic link; remove it");
	if (fd < 0)
		return err_sys(err, doing, path, "open");
	*ret_fd = fd;
	return 0;
}

static int
try_lock(int fd, const char *path, struct err *err)
{
	struct flock range;
	int rc;

	memset(&range, 0, sizeof(range));
	range.l_type = F_WRLCK;
	range.l_whence = SEEK_SET;
	do
		rc = fcntl(fd, F_SETLK, &range);
	while (rc != 0 && errno == EINTR);
	if (rc == 0)
		return 0;
	if (errno == EACCES || errno == EAGAIN)
		return err_set(err, ERR_LOCKED, doing, path,
		    "Another instance of Certbot is already running.");
	return err_sys(err, doing, path, "fcntl");
}

/*
 * One lock. Whoever held it before removed the file before he let go of it: so
 * what we have locked may be a file without a name, and another is locked.
 */
static int
take(const char *path, int *ret_fd, struct err *err)
{
	struct stat named, ours;
	int fd = -1, rc;

	for (int i = 0; i < OPEN_TRIES; i++) {
		rc = open_lock(path, &fd, err);
		if (rc < 0)
			return rc;
		rc = try_lock(fd, path, err);
		if (rc < 0) {
			(void)close(fd);
			return rc;
		}
		if (lstat(path, &named) == 0 && fstat(fd, &ours) == 0 &&
		    is_same(&named, &ours)) {
			*ret_fd = fd;
			return 0;
		}
		(void)close(fd);
	}
	return err_set(err, ERR_LOCKED, doing, path,
	    "others take it and give it back all the time");
}

/* Locks one directory, unless it is locked by us under another name. */
static int
add(struct certlock *lock, const char *dir, struct err *err)
{
	size_t at = lock->count;
	int rc;

	if (stat(dir, &lock->dir[at]) != 0)
		return err_sys(err, doing, dir, "stat");
	for (size_t i = 0; i < at; i++) {
		if (is_same(&lock->dir[i], &lock->dir[at]))
			return 0;
	}
	rc = fs_join(
	    lock->path[at], sizeof(lock->path[at]), dir, ".certbot.lock", err);
	if (rc == 0)
		rc = take(lock->path[at], &lock->fd[at], err);
	if (rc == 0)
		lock->count++;
	return rc;
}

int
certlock_take(
    const struct store_dirs *dirs, struct certlock **ret, struct err *err)
{
	const char *const order[LOCKS] = {
	    dirs->logs_dir, dirs->config_dir, dirs->work_dir};
	struct certlock *made = NULL;
	int rc = 0;

	made = calloc(1, sizeof(*made));
	if (made == NULL)
		return err_nomem(err, doing);
	for (size_t i = 0; rc == 0 && i < LOCKS; i++)
		rc = add(made, order[i], err);
	if (rc == 0)
		*ret = made;
	else
		certlock_release(made);
	return rc;
}

void
certlock_release(struct certlock *lock)
{
	if (lock == NULL)
		return;
	for (size_t i = 0; i < lock->count; i++) {
		/* Before it is let go of: see take(). */
		(void)unlink(lock->path[i]);
		(void)close(lock->fd[i]);
	}
	free(lock);
}
