/*
 * publish_file.c: a challenge as a file below a web server's directory.
 *
 * That directory is often the web server's own user's, and we are root: see
 * publish_dir.c for the way there; and no file is written over.
 */
#include "acme/publish_private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "acme/params.h"
#include "base/fs.h"

static const char doing[] = "putting a challenge into the webroot";

/*
 * That of the challenge's name; parts that are missing are made. What will be
 * there is noted first.
 */
static int
open_directory(struct publish *publish, const struct issue_challenge *challenge,
    int *ret, struct err *err)
{
	const char *root = params_webroot(publish->params, publish->conf,
	    publish->names[publish_index(publish, challenge)]);
	int rc = publish_left_note(publish, root, challenge->token, err);

	return rc < 0 ? rc
		      : publish_dir_open(publish, root, PUBLISH_BELOW_WEBROOT,
			    true, ret, err);
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
	int *kept = &publish->dirs[publish_index(publish, challenge)];
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
	if (rc < 0) {
		(void)close(dirfd);
		return rc;
	}
	if (*kept >= 0)
		(void)close(*kept);
	*kept = dirfd;
	return 0;
}

int
publish_file_down(struct publish *publish,
    const struct issue_challenge *challenge, struct err *err)
{
	int *kept = &publish->dirs[publish_index(publish, challenge)];

	if (*kept < 0)
		return 0;
	/* Where that fails it is still up. */
	if (unlinkat(*kept, challenge->token, 0) < 0 && errno != ENOENT)
		return err_sys(err, doing, challenge->token, "unlinkat");
	(void)close(*kept);
	*kept = -1;
	return 0;
}
