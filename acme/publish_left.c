/*
 * publish_left.c: files below webroots that a killed run has left. Each is
 * noted before it is made, in a file of ours below certbot's work directory, a
 * line "WEBROOT/TOKEN" each; the next run takes down what stands there.
 */
#include "acme/publish_private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/text.h"

static const char doing[] = "taking down what a killed run left";
static const char noting[] = "noting a challenge's file";
static const char file[] = "webroots";

int
publish_left_note(struct publish *publish, const char *root, const char *token,
    struct err *err)
{
	struct buf line = BUF_INIT(LIMIT_PATH_BYTES + LIMIT_TOKEN_BYTES);
	char path[LIMIT_PATH_BYTES];
	int dirfd = -1, fd = -1, rc;

	/* What no line can hold, or what another run would not find. */
	if (root[0] != '/' || strchr(root, '\n') != NULL)
		return 0;
	rc = store_folder(&publish->front->dirs, true, &dirfd, path, err);
	if (rc == 0)
		rc = buf_printf(&line, err, "%s/%s\n", root, token);
	if (rc == 0)
		fd = openat(dirfd, file,
		    O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC,
		    0600);
	if (rc == 0 &&
	    (fd < 0 || write(fd, line.data, line.len) != (ssize_t)line.len))
		rc = err_sys(err, noting, path, "write");
	if (fd >= 0 && close(fd) < 0 && rc == 0)
		rc = err_sys(err, noting, path, "close");
	if (dirfd >= 0)
		(void)close(dirfd);
	buf_free(&line);
	publish->noted = publish->noted || rc == 0;
	return rc;
}

static void
forget(const struct store_dirs *dirs)
{
	struct err err = ERR_INIT;
	char path[LIMIT_PATH_BYTES];
	int dirfd = -1;

	if (store_folder(dirs, false, &dirfd, path, &err) < 0)
		return;
	(void)unlinkat(dirfd, file, 0);
	(void)close(dirfd);
}

void
publish_left_done(struct publish *publish)
{
	/* The notes are of all that this run has put up so far. */
	for (size_t i = 0; publish->dirs != NULL && i < publish->name_count;
	     i++) {
		if (publish->dirs[i] >= 0)
			publish->front->stuck = true;
	}
	if (publish->noted && !publish->front->stuck)
		forget(&publish->front->dirs);
}

/* Only a file of ours: what has taken its place since is not our affair. */
static int
take_down(const char *root, const char *token, struct err *err)
{
	struct publish none = {.made_count = 0};
	struct stat st;
	int dirfd = -1;
	int rc = publish_dir_open(
	    &none, root, PUBLISH_BELOW_WEBROOT, false, &dirfd, err);

	if (rc < 0)
		return rc;
	if (fstatat(dirfd, token, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISREG(st.st_mode) && st.st_uid == geteuid() &&
	    unlinkat(dirfd, token, 0) < 0 && errno != ENOENT)
		rc = err_sys(err, doing, root, "unlinkat");
	(void)close(dirfd);
	return rc;
}

/* One line; the webroot is what stands before the last slash. */
static void
take_down_line(struct front *front, char *line)
{
	char *slash = strrchr(line, '/');
	char text[LIMIT_LOG_LINE_BYTES];
	struct err err = ERR_INIT;
	int rc;

	if (line[0] != '/' ||
	    !text_is_base64url(
		slash + 1, LIMIT_TOKEN_LEAST_BYTES, LIMIT_TOKEN_BYTES))
		return;
	*slash = '\0';
	rc = take_down(slash == line ? "/" : line, slash + 1, &err);
	if (rc == 0)
		logfile_say(front->log, "INFO",
		    "%s: what a killed run left there is taken down", line);
	else if (rc != ERR_NOENT)
		front_warn(front, "%s", err_text(&err, text, sizeof(text)));
}

static int
read_notes(const struct store_dirs *dirs, struct buf *ret, struct err *err)
{
	char path[LIMIT_PATH_BYTES];
	int dirfd = -1;
	int rc = store_folder(dirs, false, &dirfd, path, err);

	if (rc == 0)
		rc =
		    fs_read_here(dirfd, file, FS_TRUST_PRIVATE, ret, NULL, err);
	if (dirfd >= 0)
		(void)close(dirfd);
	return rc;
}

void
publish_left_down(struct front *front)
{
	struct buf notes = BUF_INIT(LIMIT_CONF_BYTES);
	char text[LIMIT_LOG_LINE_BYTES];
	struct err err = ERR_INIT;
	int rc = read_notes(&front->dirs, &notes, &err);

	char *end, *line = rc == 0 ? notes.data : NULL;

	/* A line that does not end was cut off: nothing was made then. */
	for (; line != NULL && (end = strchr(line, '\n')) != NULL;
	     line = end + 1) {
		*end = '\0';
		take_down_line(front, line);
	}
	if (rc < 0 && rc != ERR_NOENT)
		front_warn(front, "%s", err_text(&err, text, sizeof(text)));
	if (rc != ERR_NOENT)
		forget(&front->dirs);
	buf_free(&notes);
}
