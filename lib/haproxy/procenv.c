/*
 * procenv.c: /proc/PID/environ and cmdline of a HAProxy that is root's, by
 * itself or by its master. Behind environment_learn().
 */
#include "haproxy/procenv.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "haproxy/process.h"

enum { LIMIT_NAMESPACE_BYTES = 64 }; /* "user:[4026531837]" */

static const char doing[] = "looking at HAProxy's environment";

/* Real, effective, saved and of the file system: all of them. */
static bool
is_of(const char *status, uid_t uid)
{
	const char *at = strstr(status, "\nUid:");

	if (at == NULL)
		return false;
	at += strlen("\nUid:");
	for (int i = 0; i < 4; i++) {
		char *end = NULL;

		if (strtoul(at, &end, 10) != uid || end == at)
			return false;
		at = end;
	}
	return true;
}

/* Is its namespace `what` ours? Where nobody may tell, it is not. */
static bool
is_shared(int dirfd, const char *what)
{
	char ours[LIMIT_NAMESPACE_BYTES], theirs[LIMIT_NAMESPACE_BYTES];
	char path[32];
	ssize_t len, their_len;

	(void)snprintf(path, sizeof(path), "/proc/self/ns/%s", what);
	len = readlink(path, ours, sizeof(ours));
	their_len = readlinkat(
	    dirfd, path + strlen("/proc/self/"), theirs, sizeof(theirs));
	return len > 0 && len == their_len &&
	    memcmp(ours, theirs, (size_t)len) == 0;
}

/* The root of a container is not who started ours. */
static bool
is_trusted(int dirfd)
{
	struct buf status = BUF_INIT(LIMIT_REPLY_BYTES);
	struct err ignored = ERR_INIT;
	bool trusted;

	if (!is_shared(dirfd, "user") || !is_shared(dirfd, "pid"))
		return false;
	trusted = fs_read(dirfd, "status", FS_TRUST_ANY, &status, NULL,
		      &ignored) == 0 &&
	    (is_of(buf_text(&status), 0) ||
		is_of(buf_text(&status), geteuid()));
	buf_free(&status);
	return trusted;
}

/* Started under another name, or replaced by its package since: by its name. */
static bool
is_haproxy(int dirfd, const char *program)
{
	char path[LIMIT_PATH_BYTES];
	struct stat runs, ours;
	const char *name;
	ssize_t len;

	if (fstatat(dirfd, "exe", &runs, 0) == 0 && stat(program, &ours) == 0 &&
	    runs.st_dev == ours.st_dev && runs.st_ino == ours.st_ino)
		return true;
	len = readlinkat(dirfd, "exe", path, sizeof(path) - 1);
	if (len <= 0)
		return false;
	path[len] = '\0';
	name = strrchr(path, '/');
	return name != NULL && strncmp(name, "/haproxy", 8) == 0;
}

static int
read_one(long pid, const char *program, const char *file, struct buf *ret,
    struct err *err)
{
	char path[64];
	int dirfd, rc;

	(void)snprintf(path, sizeof(path), "/proc/%ld", pid);
	/* Held open, it is of this process and of no later one. */
	dirfd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dirfd < 0)
		return err_sys(err, doing, path, "open");
	buf_reset(ret);
	rc = fs_read(dirfd, file, FS_TRUST_ANY, ret, NULL, err);
	/* Root's now, so it was when we read. */
	if (rc == 0 && (!is_trusted(dirfd) || !is_haproxy(dirfd, program)))
		rc = err_set(err, ERR_NOENT, doing, path,
		    "this is no HAProxy that root runs");
	(void)close(dirfd);
	return rc;
}

static int
read_any(long pid, const char *program, const char *file, struct buf *ret,
    struct err *err)
{
	struct err ignored = ERR_INIT;
	long parent;

	if (pid <= 0)
		return err_set(
		    err, ERR_NOENT, doing, NULL, "the process is not known");
	if (read_one(pid, program, file, ret, err) == 0)
		return 0;
	parent = process_parent(pid);
	if (parent > 0 && read_one(parent, program, file, ret, &ignored) == 0) {
		err_clear(err);
		return 0;
	}
	return err->code;
}

int
procenv_read(long pid, const char *program, struct buf *ret, struct err *err)
{
	return read_any(pid, program, "environ", ret, err);
}

int
procenv_words(long pid, const char *program, struct buf *ret, struct err *err)
{
	return read_any(pid, program, "cmdline", ret, err);
}
