/*
 * fs_write.c: the half of fs that writes: stage, sync, rename, sync. A reader
 * (HAProxy at its start above all) meets the old file or the new one.
 */
#define _GNU_SOURCE /* syncfs() */
#include "base/fs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/text.h"

static const char writing[] = "writing";
static const char making[] = "making the directory";

enum {
	STAGE_RANDOM_BYTES = 8,
	STAGE_TRIES = 8, /* names that exist already, one after the other */
};
_Static_assert(
    sizeof(FS_STAGE_PREFIX) + 2 * (size_t)STAGE_RANDOM_BYTES <= NAME_MAX + 1,
    "a staged name does not fit");

mode_t
fs_masked(mode_t mode)
{
	/* Only setting it tells what it was; nobody makes a file meanwhile. */
	mode_t mask = umask(077);

	(void)umask(mask);
	return mode & ~mask;
}

/* Makes the one directory `path`, whose parent is there. */
static int
make_dir(const char *path, mode_t mode, struct err *err)
{
	struct stat st;
	int fd = -1, rc = 0;

	/* Closed until the mode is set, whatever the umask is. */
	if (mkdir(path, mode & 0700) != 0) {
		if (errno != EEXIST)
			return err_sys(err, making, path, "mkdir");
		if (stat(path, &st) != 0)
			return err_sys(err, making, path, "stat");
		if (!S_ISDIR(st.st_mode))
			return err_set(err, ERR_SYNTAX, making, path,
			    "something else has that name");
		return 0;
	}
	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fchmod(fd, mode) != 0)
		rc = err_sys(err, making, path, fd < 0 ? "open" : "fchmod");
	if (fd >= 0)
		(void)close(fd);
	return rc;
}

int
fs_mkdirs(const char *path, mode_t mode, struct err *err)
{
	char part[LIMIT_PATH_BYTES];
	size_t len = strlen(path);
	struct stat st;
	int rc;

	if (len == 0 || len >= sizeof(part))
		return err_set(err, ERR_LIMIT, making, path,
		    "a path has 1 to %zu bytes", sizeof(part) - 1);
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return 0;
	memcpy(part, path, len + 1);
	for (size_t i = 1; i <= len; i++) {
		if (part[i] != '/' && part[i] != '\0')
			continue;
		part[i] = '\0';
		rc = make_dir(part, mode, err);
		if (rc < 0)
			return rc;
		part[i] = i < len ? '/' : '\0';
	}
	return 0;
}

int
fs_open_dir(const char *path, int *ret_fd, struct err *err)
{
	int fd;

	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_sys(err, "opening the directory", path, "open");
	*ret_fd = fd;
	return 0;
}

static int
write_all(int fd, const char *data, size_t len)
{
	ssize_t put;

	while (len > 0) {
		put = write(fd, data, len);
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return -1;
		data += put;
		len -= (size_t)put;
	}
	return 0;
}

/* A new file that nobody can open but by what we return: mode 0. */
static int
open_new(int dirfd, char *ret_tmp, int *ret_fd, struct err *err)
{
	unsigned char random[STAGE_RANDOM_BYTES];
	char hex[2 * STAGE_RANDOM_BYTES + 1];
	int fd = -1, rc;

	for (int i = 0; i < STAGE_TRIES; i++) {
		rc = clock_random(random, sizeof(random), err);
		if (rc < 0)
			return rc;
		text_hex(random, sizeof(random), hex);
		/* It fits: asserted above. */
		(void)snprintf(
		    ret_tmp, NAME_MAX + 1, "%s%s", FS_STAGE_PREFIX, hex);
		fd = openat(dirfd, ret_tmp,
		    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0);
		if (fd >= 0) {
			*ret_fd = fd;
			return 0;
		}
		if (errno != EEXIST)
			break;
	}
	return err_sys(err, writing, ret_tmp, "open");
}

int
fs_stage(int dirfd, const struct fs_owner *owner, const void *data, size_t len,
    bool sync, char *ret_tmp, struct err *err)
{
	const char *call = NULL;
	char name[NAME_MAX + 1];
	int fd = -1, rc;

	rc = open_new(dirfd, name, &fd, err);
	if (rc < 0)
		return rc;
	/* The owner first: changing him would clear bits of the mode. */
	if (fchown(fd, owner->uid, owner->gid) != 0)
		call = "fchown";
	else if (fchmod(fd, owner->mode & 0777) != 0)
		call = "fchmod";
	else if (write_all(fd, data, len) != 0)
		call = "write";
	else if (sync && fsync(fd) != 0)
		call = "fsync";
	if (call != NULL)
		rc = err_sys(err, writing, name, call);
	/* Some file systems tell only now that there was no room. */
	if (close(fd) != 0 && rc == 0 && errno != EINTR)
		rc = err_sys(err, writing, name, "close");
	if (rc == 0)
		memcpy(ret_tmp, name, sizeof(name));
	else
		(void)unlinkat(dirfd, name, 0);
	return rc;
}

/* Where it went wrong: the file that was to be, and its directory. */
static int
tell_place(int dirfd, const char *name, struct err *err)
{
	char link[64], *on = err->on;
	ssize_t len;

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", dirfd);
	len = readlink(link, on, sizeof(err->on) - 1);
	/* With no /proc in sight the name has to do. */
	if (len < 0 || (size_t)len + strlen(name) + 2 > sizeof(err->on))
		len = 0;
	(void)snprintf(on + len, sizeof(err->on) - (size_t)len, "%s%s",
	    len > 0 && on[len - 1] != '/' ? "/" : "", name);
	return err->code;
}

int
fs_replace(int dirfd, const char *name, const struct fs_owner *owner,
    const void *data, size_t len, struct err *err)
{
	char tmp[NAME_MAX + 1];
	int rc;

	rc = fs_stage(dirfd, owner, data, len, true, tmp, err);
	if (rc < 0)
		return tell_place(dirfd, name, err);
	rc = fs_rename(dirfd, name, tmp, name, err);
	if (rc < 0)
		(void)unlinkat(dirfd, tmp, 0);
	else
		rc = fs_sync(dirfd, name, err);
	return rc < 0 ? tell_place(dirfd, name, err) : 0;
}

int
fs_rename(int dirfd, const char *dir, const char *from, const char *to,
    struct err *err)
{
	char on[LIMIT_ERR_ON_BYTES];

	if (renameat(dirfd, from, dirfd, to) == 0)
		return 0;
	(void)err_sys(err, writing, dir, "rename");
	/* A message that names only the directory would tell too little. */
	if (strcmp(dir, to) != 0 &&
	    snprintf(on, sizeof(on), "%s/%s", dir, to) < (int)sizeof(on))
		return err_set(err, err->code, writing, on, "%s", err->detail);
	return err->code;
}

int
fs_sync(int fd, const char *path, struct err *err)
{
	if (fsync(fd) != 0)
		return err_sys(err, "making durable", path, "fsync");
	return 0;
}

int
fs_sync_all(int fd, const char *path, struct err *err)
{
	if (syncfs(fd) != 0)
		return err_sys(err, "making durable", path, "syncfs");
	return 0;
}

unsigned
fs_sweep(int dirfd)
{
	const size_t prefix_len = sizeof(FS_STAGE_PREFIX) - 1;
	struct dirent *entry = NULL;
	unsigned swept = 0;
	struct stat st;
	DIR *dir = NULL;
	int fd;

	/* A descriptor of its own: readdir() moves the offset. */
	fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	dir = fdopendir(fd);
	if (dir == NULL) {
		(void)close(fd);
		return 0;
	}
	while ((entry = readdir(dir)) != NULL) {
		if (strncmp(entry->d_name, FS_STAGE_PREFIX, prefix_len) != 0)
			continue;
		if (fstatat(fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
		    !S_ISREG(st.st_mode))
			continue;
		swept += unlinkat(fd, entry->d_name, 0) == 0;
	}
	(void)closedir(dir);
	return swept;
}
