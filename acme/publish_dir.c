/*
 * publish_dir.c: the way to where challenges are put, from / downward, part by
 * part.
 *
 * The webroot is the operator's word: where it is there, its links are followed
 * as they are. What is below it, and what is made on the way to it, may be
 * somebody else's, who can lay other things in its place at any time, and we
 * are root: so each part is opened by itself below the one before, nothing is
 * changed by its path nor that this run has not made, and a link is followed
 * only where that leads nobody further than he could go alone.
 */
#define _GNU_SOURCE /* O_PATH */
#include "acme/publish_private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char doing[] = "opening the webroot";

enum {
	DIR_MODE = 0755,
	WAY_LINKS = 40, /* as the kernel's */
};

struct way {
	struct publish *publish; /* notes what is made */
	bool make;
	int fd; /* so far; -1: nowhere yet */
	char at[LIMIT_PATH_BYTES]; /* for messages */
	char rest[2 * LIMIT_PATH_BYTES]; /* parts that follow */
	unsigned links;
};

static void
go_to(struct way *way, int fd)
{
	if (way->fd >= 0)
		(void)close(way->fd);
	way->fd = fd;
}

/* An absolute path begins at /, another where we are. */
static int
begin(struct way *way, const char *path, struct err *err)
{
	int fd;

	if (path[0] != '/' && way->fd >= 0)
		return 0;
	fd = open(path[0] == '/' ? "/" : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_sys(err, doing, path, "open");
	go_to(way, fd);
	(void)snprintf(
	    way->at, sizeof(way->at), "%.1s", path[0] == '/' ? "/" : "");
	return 0;
}

/* The next part of the rest; "": there is none. */
static int
take_name(struct way *way, char *ret, struct err *err)
{
	char *from = way->rest + strspn(way->rest, "/");
	size_t len = strcspn(from, "/"), at = strlen(way->at);

	if (len > NAME_MAX || at + len + 2 > sizeof(way->at))
		return err_set(
		    err, ERR_LIMIT, doing, way->rest, "the path is too long");
	memcpy(ret, from, len);
	ret[len] = '\0';
	memmove(way->rest, from + len, strlen(from + len) + 1);
	if (len > 0)
		(void)snprintf(way->at + at, sizeof(way->at) - at, "%s%s",
		    at > 0 && way->at[at - 1] != '/' ? "/" : "", ret);
	return 0;
}

/* Notes a directory that we made, so that it goes again. */
static int
remember(struct publish *publish, int dirfd, const char *name,
    const struct stat *st, struct err *err)
{
	struct publish_made *grown =
	    realloc(publish->made, (publish->made_count + 1) * sizeof(*grown));
	struct publish_made *made;

	if (grown == NULL)
		return err_nomem(err, doing);
	publish->made = grown;
	made = &grown[publish->made_count];
	made->dev = st->st_dev;
	made->ino = st->st_ino;
	made->dirfd = fcntl(dirfd, F_DUPFD_CLOEXEC, 0);
	if (made->dirfd < 0)
		return err_sys(err, doing, name, "fcntl");
	made->name = strdup(name);
	if (made->name == NULL) {
		(void)close(made->dirfd);
		return err_nomem(err, doing);
	}
	publish->made_count++;
	return 0;
}

/*
 * Readable to the web server, whatever the umask, with the owner of the one it
 * is in, as certbot does it; it can do without that, too (a container's root
 * may lack CAP_CHOWN, and others can read it all the same).
 */
static int
finish(struct way *way, const char *name, int made, const struct stat *st,
    struct err *err)
{
	struct stat parent;
	int rc = remember(way->publish, way->fd, name, st, err);
	int fd = openat(made, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (rc == 0 &&
	    (fd < 0 || fstat(way->fd, &parent) < 0 || fchmod(fd, DIR_MODE) < 0))
		rc = err_sys(err, doing, way->at, "fchmod");
	if (rc == 0 && geteuid() == 0 &&
	    fchown(fd, parent.st_uid, parent.st_gid) < 0)
		front_warn(way->publish->front,
		    "Unable to change owner and uid of webroot directory %s: "
		    "%s",
		    way->at, strerror(errno));
	if (fd >= 0)
		(void)close(fd);
	return rc;
}

static bool
is_empty(int path_fd)
{
	int fd = openat(path_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	size_t count = 0;

	if (dir == NULL) {
		if (fd >= 0)
			(void)close(fd);
		return false;
	}
	while (readdir(dir) != NULL)
		count++;
	(void)closedir(dir);
	return count <= 2; /* . and .. */
}

/*
 * Is it what was made just now? Its parent's owner may have laid another in its
 * place: one of ours with nothing in it is as good as that.
 */
static bool
is_new(int fd, const struct stat *st)
{
	return st->st_uid == geteuid() && is_empty(fd);
}

/*
 * The directory `name` where we are; -1 and errno. One that is made is for all
 * to read from the beginning, as a killed run leaves it.
 */
static int
open_here(const struct way *way, const char *name, bool *ret_made)
{
	int fd = openat(
	    way->fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	mode_t mask;

	*ret_made = false;
	if (fd >= 0 || errno != ENOENT || !way->make)
		return fd;
	mask = umask(S_IWGRP | S_IWOTH);
	*ret_made = mkdirat(way->fd, name, DIR_MODE) == 0;
	(void)umask(mask);
	if (!*ret_made && errno != EEXIST)
		return -1;
	return openat(
	    way->fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/*
 * `path` below `dirfd` with all its links, but not those of /proc, which lead
 * into what another user has mounted for himself; -1 and errno.
 */
static int
open_through(int dirfd, const char *path)
{
	struct open_how how = {.flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
	    .resolve = RESOLVE_NO_MAGICLINKS};
	int fd = (int)syscall(SYS_openat2, dirfd, path, &how, sizeof(how));

	/* Before Linux 5.6, or where a filter does not know it. */
	if (fd < 0 && (errno == ENOSYS || errno == EPERM))
		fd = openat(dirfd, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return fd;
}

/* What a link of `owner`, who is neither root nor we, leads to. */
static int
follow_others(struct way *way, const char *target, uid_t owner, struct err *err)
{
	struct stat st;
	int fd = open_through(way->fd, target);

	if (fd < 0)
		return err_sys(err, doing, way->at, "openat");
	if (fstat(fd, &st) < 0 || st.st_uid != owner) {
		(void)close(fd);
		return err_set(err, ERR_UNSAFE, doing, way->at,
		    "is a link that user %lu made, to what is not theirs, and "
		    "root does not follow it; make it a directory, or root's "
		    "link",
		    (unsigned long)owner);
	}
	go_to(way, fd);
	return 0;
}

/* Root's link, or ours: its parts are judged as those of a path. */
static int
follow_ours(struct way *way, const char *target, struct err *err)
{
	char rest[sizeof(way->rest)];
	int len = snprintf(rest, sizeof(rest), "%s%s", target, way->rest);

	if (++way->links > WAY_LINKS || len < 0 || (size_t)len >= sizeof(rest))
		return err_set(err, ERR_LIMIT, doing, way->at,
		    "is one of too many links, or its path is too long");
	memcpy(way->rest, rest, (size_t)len + 1);
	way->at[0] = '\0';
	return begin(way, target, err);
}

/*
 * It is judged and read through one descriptor: its directory's owner may put
 * another in its place at any time.
 */
static int
follow(struct way *way, const char *name, struct err *err)
{
	char target[LIMIT_PATH_BYTES];
	struct stat st;
	ssize_t len;
	bool is_link;
	int fd = openat(way->fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return err_sys(err, doing, way->at, "openat");
	len = readlinkat(fd, "", target, sizeof(target) - 1);
	is_link = fstat(fd, &st) == 0 && S_ISLNK(st.st_mode) && len >= 0;
	(void)close(fd);
	if (!is_link)
		return err_set(err, ERR_INVALID, doing, way->at,
		    "is no directory; remove it");
	target[len] = '\0';
	return st.st_uid == 0 || st.st_uid == geteuid() || geteuid() != 0
	    ? follow_ours(way, target, err)
	    : follow_others(way, target, st.st_uid, err);
}

static int
step(struct way *way, const char *name, struct err *err)
{
	struct stat st;
	bool made;
	int rc = 0, fd = open_here(way, name, &made);

	if (fd < 0 && (errno == ENOTDIR || errno == ELOOP))
		return follow(way, name, err);
	if (fd < 0)
		return err_sys(err, doing, way->at, "openat");
	if (made && fstat(fd, &st) == 0 && is_new(fd, &st))
		rc = finish(way, name, fd, &st, err);
	if (rc < 0)
		(void)close(fd);
	else
		go_to(way, fd);
	return rc;
}

/* At the webroot where that is there, else where the way to it begins. */
static int
set_out(struct way *way, const char *root, const char *below, struct err *err)
{
	int fd = open_through(AT_FDCWD, root), len;

	if (fd < 0 && errno != ENOENT)
		return err_sys(err, doing, root, "openat2");
	len = snprintf(
	    way->rest, sizeof(way->rest), "%s/%s", fd < 0 ? root : "", below);
	if (strlen(root) >= sizeof(way->at) || len < 0 ||
	    (size_t)len >= sizeof(way->rest)) {
		go_to(way, fd);
		return err_set(
		    err, ERR_LIMIT, doing, root, "the path is too long");
	}
	if (fd < 0)
		return begin(way, root, err);
	(void)snprintf(way->at, sizeof(way->at), "%s", root);
	go_to(way, fd);
	return 0;
}

int
publish_dir_open(struct publish *publish, const char *root, const char *below,
    bool make, int *ret, struct err *err)
{
	struct way way = {.publish = publish, .make = make, .fd = -1};
	char name[NAME_MAX + 1];
	int rc = set_out(&way, root, below, err);

	if (rc == 0)
		rc = take_name(&way, name, err);
	while (rc == 0 && name[0] != '\0') {
		rc = step(&way, name, err);
		if (rc == 0)
			rc = take_name(&way, name, err);
	}
	if (rc < 0)
		go_to(&way, -1);
	else
		*ret = way.fd;
	return rc;
}

static void
unmake(struct publish_made *made)
{
	struct stat st;

	/* One that is in use stays, and so does another in its place. */
	if (fstatat(made->dirfd, made->name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    st.st_dev == made->dev && st.st_ino == made->ino)
		(void)unlinkat(made->dirfd, made->name, AT_REMOVEDIR);
	(void)close(made->dirfd);
	free(made->name);
}

void
publish_dir_tidy(struct publish *publish)
{
	/* The deepest first. */
	while (publish->made_count > 0)
		unmake(&publish->made[--publish->made_count]);
	free(publish->made);
	publish->made = NULL;
}
