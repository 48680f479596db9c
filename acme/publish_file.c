/*
 * publish_file.c: a challenge as a file below a web server's directory.
 *
 * That directory is often the web server's own user's, and we are root: so no
 * link is followed but root's or ours, and no file is written over.
 */
#define _GNU_SOURCE /* O_PATH */
#include "acme/publish_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "acme/params.h"

static const char doing[] = "putting a challenge into the webroot";

/* From the webroot downwards. */
static const char *const steps[] = {".well-known", "acme-challenge"};

/* Notes a directory that we made, so that it goes again. */
static int
remember(struct publish *publish, const char *path, struct err *err)
{
	char **grown =
	    realloc(publish->made, (publish->made_count + 1) * sizeof(*grown));

	if (grown == NULL)
		return err_nomem(err, doing);
	publish->made = grown;
	grown[publish->made_count] = strdup(path);
	if (grown[publish->made_count] == NULL)
		return err_nomem(err, doing);
	publish->made_count++;
	return 0;
}

/*
 * A link is believed where nobody but root, or we, can have made it. It is
 * judged and read through one descriptor: its directory's owner may put another
 * in its place at any time.
 */
static int
follow(int dirfd, const char *name, const char *path, int *ret, struct err *err)
{
	char target[LIMIT_PATH_BYTES];
	struct stat st;
	ssize_t len;
	int rc = 0;
	int fd = openat(dirfd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return err_sys(err, doing, path, "openat");
	len = readlinkat(fd, "", target, sizeof(target) - 1);
	if (fstat(fd, &st) < 0 || !S_ISLNK(st.st_mode) || len < 0)
		rc = err_set(err, ERR_INVALID, doing, path,
		    "is no directory; remove it");
	else if (st.st_uid != 0 && st.st_uid != geteuid())
		rc = err_set(err, ERR_UNSAFE, doing, path,
		    "is a link that user %lu made, and root does not follow "
		    "it; make it a directory, or root's link",
		    (unsigned long)st.st_uid);
	(void)close(fd);
	if (rc < 0)
		return rc;
	target[len] = '\0';
	fd = openat(dirfd, target, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_sys(err, doing, path, "openat");
	*ret = fd;
	return 0;
}

/*
 * The directory `name` in `dirfd`, made where it is not, with the owner of the
 * one it is in, as certbot does: the web server must be able to read it.
 */
static int
descend(struct publish *publish, int dirfd, const char *name, const char *path,
    int *ret, struct err *err)
{
	struct stat parent, own;
	bool made = false;
	int rc = 0, fd;

	if (mkdirat(dirfd, name, 0755) == 0) {
		made = true;
		rc = remember(publish, path, err);
		if (rc < 0)
			return rc;
	} else if (errno != EEXIST) {
		return err_sys(err, doing, path, "mkdirat");
	}
	fd = openat(
	    dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && (errno == ENOTDIR || errno == ELOOP))
		return follow(dirfd, name, path, ret, err);
	if (fd < 0)
		return err_sys(err, doing, path, "openat");
	/* Just the one that was made now, and is still ours: who owns the
	 * parent can lay another in its place. */
	if (made && fstat(fd, &own) == 0 && own.st_uid == geteuid() &&
	    (fstat(dirfd, &parent) < 0 || fchmod(fd, 0755) < 0 ||
		(geteuid() == 0 &&
		    fchown(fd, parent.st_uid, parent.st_gid) < 0)))
		rc = err_sys(err, doing, path, "fchown");
	if (rc < 0)
		(void)close(fd);
	else
		*ret = fd;
	return rc;
}

/* Opens webroot/.well-known/acme-challenge for the challenge's name. */
static int
open_directory(struct publish *publish, const struct issue_challenge *challenge,
    int *ret, struct err *err)
{
	const char *root = params_webroot(publish->params, publish->conf,
	    publish->names[publish_index(publish, challenge)]);
	char path[LIMIT_PATH_BYTES];
	int fd, below = -1, rc = 0;
	size_t len;

	len = (size_t)snprintf(path, sizeof(path), "%s", root);
	if (len + 32 >= sizeof(path))
		return err_set(
		    err, ERR_LIMIT, doing, root, "the path is too long");
	fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_sys(err, doing, root, "open");
	for (size_t i = 0; rc == 0 && i < COUNT_OF(steps); i++) {
		len += (size_t)snprintf(
		    path + len, sizeof(path) - len, "/%s", steps[i]);
		rc = descend(publish, fd, steps[i], path, &below, err);
		(void)close(fd);
		fd = below;
	}
	if (rc == 0)
		*ret = fd;
	return rc;
}

/*
 * Is the file that is there what a killed run left of this very challenge: what
 * it says, or the beginning of it?
 */
static bool
is_left(int dirfd, const struct issue_challenge *challenge)
{
	char has[LIMIT_KEYAUTH_BYTES];
	size_t len = strlen(challenge->validation);
	struct stat st;
	bool same = false;
	int fd = openat(dirfd, challenge->token,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return false;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
		ssize_t n = read(fd, has, sizeof(has));

		same = n >= 0 && (size_t)n <= len &&
		    memcmp(has, challenge->validation, (size_t)n) == 0;
	}
	(void)close(fd);
	return same;
}

int
publish_file_up(struct publish *publish,
    const struct issue_challenge *challenge, struct err *err)
{
	size_t len = strlen(challenge->validation);
	int dirfd = -1, fd = -1, rc;

	rc = open_directory(publish, challenge, &dirfd, err);
	if (rc < 0)
		return rc;
	/* An order that is gone on with has the token that it had. */
	if (is_left(dirfd, challenge))
		(void)unlinkat(dirfd, challenge->token, 0);
	fd = openat(dirfd, challenge->token,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0)
		rc = err_sys(err, doing, challenge->token, "openat");
	else if (fchmod(fd, 0644) < 0 ||
	    write(fd, challenge->validation, len) != (ssize_t)len)
		rc = err_sys(err, doing, challenge->token, "write");
	if (fd >= 0 && close(fd) < 0 && rc == 0)
		rc = err_sys(err, doing, challenge->token, "close");
	if (rc < 0 && fd >= 0)
		(void)unlinkat(dirfd, challenge->token, 0);
	(void)close(dirfd);
	return rc;
}

int
publish_file_down(struct publish *publish,
    const struct issue_challenge *challenge, struct err *err)
{
	int dirfd = -1, rc;

	rc = open_directory(publish, challenge, &dirfd, err);
	if (rc < 0)
		return rc;
	if (unlinkat(dirfd, challenge->token, 0) < 0 && errno != ENOENT)
		rc = err_sys(err, doing, challenge->token, "unlinkat");
	(void)close(dirfd);
	return rc;
}

void
publish_file_tidy(struct publish *publish)
{
	/* The deepest first; one that is in use stays. */
	while (publish->made_count > 0) {
		publish->made_count--;
		(void)rmdir(publish->made[publish->made_count]);
		free(publish->made[publish->made_count]);
	}
	free(publish->made);
	publish->made = NULL;
}
