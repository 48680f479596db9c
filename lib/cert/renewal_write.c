/*
 * renewal_write.c: a renewal conf back to the disk, as certbot does it:
 * NAME.conf.new, then one rename.
 */
#include "cert/renewal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cert/renewal_part.h"
#include "base/fs.h"

static const char writing[] = "writing the renewal configuration";
const char renewal_mark[] = "\xef\xbb\xbf";

int
renewal_text(const struct renewal *renewal, struct buf *ret, struct err *err)
{
	int rc = 0;

	if (renewal->marked)
		rc = buf_puts(ret, renewal_mark, err);
	for (size_t i = 0; rc == 0 && i < renewal->count; i++)
		rc = buf_puts(ret, renewal->lines[i].raw, err);
	return rc;
}

/* Writes `text` to `fd`, a new file, as a whole. */
static int
write_file(int fd, const char *path, const struct buf *text, mode_t mode,
    struct err *err)
{
	const char *data = buf_text(text);
	size_t done = 0;
	ssize_t put;

	if (fchmod(fd, mode) != 0)
		return err_sys(err, writing, path, "fchmod");
	while (done < text->len) {
		put = write(fd, data + done, text->len - done);
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return err_sys(err, writing, path, "write");
		done += (size_t)put;
	}
	return fs_sync(fd, path, err);
}

/* The rename is only kept over a loss of power with its directory. */
static int
sync_parent(const char *path, struct err *err)
{
	const char *slash = strrchr(path, '/');
	char dir[LIMIT_PATH_BYTES] = ".";
	int fd = -1, rc;

	if (slash != NULL && (size_t)(slash - path) < sizeof(dir)) {
		memcpy(dir, path, (size_t)(slash - path));
		dir[slash - path] = '\0';
	}
	rc = fs_open_dir(dir[0] == '\0' ? "/" : dir, &fd, err);
	if (rc < 0)
		return rc;
	rc = fs_sync(fd, dir, err);
	(void)close(fd);
	return rc;
}

int
renewal_write(const struct renewal *renewal, const char *path, struct err *err)
{
	struct buf text = BUF_INIT(LIMIT_RENEWAL_CONF_BYTES);
	char fresh[LIMIT_PATH_BYTES];
	struct stat st;
	mode_t mode = fs_masked(0644);
	int fd = -1, len, rc;

	rc = renewal_text(renewal, &text, err);
	len = snprintf(fresh, sizeof(fresh), "%s.new", path);
	if (rc == 0 && (len < 0 || (size_t)len >= sizeof(fresh)))
		rc = err_set(
		    err, ERR_LIMIT, writing, path, "the path is too long");
	if (rc < 0)
		goto out;
	if (stat(path, &st) == 0)
		mode = st.st_mode & 0777;
	/* What a killed run left, certbot's too. */
	(void)unlink(fresh);
	fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
	    mode & 0600);
	if (fd < 0) {
		rc = err_sys(err, writing, fresh, "open");
		goto out;
	}
	rc = write_file(fd, fresh, &text, mode, err);
	if (rc == 0 && rename(fresh, path) != 0)
		rc = err_sys(err, writing, path, "rename");
	if (rc < 0)
		(void)unlink(fresh);
	else
		rc = sync_parent(path, err);
out:
	if (fd >= 0)
		(void)close(fd);
	buf_free(&text);
	return rc;
}
