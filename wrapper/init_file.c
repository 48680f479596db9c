/*
 * init_file.c: an operator's file, changed as one would wish it: the new text
 * is staged beside the old (a dot file, which HAProxy passes over), a copy of
 * the old one is kept, then it is renamed into place with the owner, mode and
 * attributes that the old one had.
 */
#include "wrapper/init_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

const char *
init_file_base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

void
init_file_name(struct init_file *file, const char *path)
{
	memset(file, 0, sizeof(*file));
	file->dir_fd = -1;
	file->text.max_bytes = LIMIT_HACFG_BYTES;
	(void)snprintf(file->path, sizeof(file->path), "%s", path);
}

void
init_file_close(struct init_file *file)
{
	if (file->dir_fd >= 0 && file->tmp[0] != '\0')
		(void)unlinkat(file->dir_fd, file->tmp, 0);
	if (file->dir_fd >= 0)
		(void)close(file->dir_fd);
	buf_free(&file->text);
}

void
init_file_sweep(struct init *init, const char *path)
{
	char dir[PATH_MAX];
	struct err ignored = ERR_INIT;
	struct stat st;
	int fd = -1;

	if (realpath(path, dir) == NULL || stat(dir, &st) != 0)
		return;
	if (!S_ISDIR(st.st_mode))
		dir[init_file_base(dir) - dir] = '\0';
	if (fs_open_dir(dir, &fd, &ignored) == 0 &&
	    fs_check_dir_fd(fd, dir, &ignored) == 0 && fs_sweep(fd) > 0)
		init_say(init, "remove what a killed run left in", dir);
	if (fd >= 0)
		(void)close(fd);
}

int
init_file_open(struct init_file *file, struct err *err)
{
	struct stat st = {.st_mode = 0};
	char dir[LIMIT_PATH_BYTES];
	int rc;

	if (realpath(file->path, file->real) == NULL)
		return err_sys(err, INIT_DOING, file->path, "realpath");
	(void)snprintf(dir, sizeof(dir), "%.*s",
	    (int)(init_file_base(file->real) - file->real), file->real);
	rc = fs_open_dir(dir, &file->dir_fd, err);
	if (rc == 0)
		rc = fs_read_here(file->dir_fd, init_file_base(file->real),
		    FS_TRUST_ANY, &file->text, &st, err);
	if (rc < 0)
		return rc;
	fs_ident_from(&st, &file->ident);
	/* Closed until it has the rest. */
	file->owner = (struct fs_owner){st.st_uid, st.st_gid, 0600};
	file->mode = st.st_mode & 07777;
	file->links = st.st_nlink;
	return 0;
}

/* What was staged as `tmp` gets all else of what is in its place. */
static int
make_alike(struct init_file *file, const char *tmp, struct err *err)
{
	const int flags = O_RDONLY | O_NOFOLLOW | O_CLOEXEC;
	int from = -1, to = -1, rc = 0;

	from = openat(file->dir_fd, init_file_base(file->real), flags);
	to = openat(file->dir_fd, tmp, flags);
	if (from < 0 || to < 0) {
		rc = err_sys(err, INIT_DOING, file->real, "open");
		goto out;
	}
	fs_copy_attributes(from, to, file->lost, sizeof(file->lost));
	if (fchmod(to, file->mode) != 0)
		rc = err_sys(err, INIT_DOING, file->real, "fchmod");
	else
		rc = fs_sync(to, file->real, err);
out:
	if (from >= 0)
		(void)close(from);
	if (to >= 0)
		(void)close(to);
	return rc;
}

static int
stage(struct init_file *file, const struct buf *text, char *ret_tmp,
    struct err *err)
{
	char tmp[NAME_MAX + 1];
	int rc;

	rc = fs_stage(
	    file->dir_fd, &file->owner, text->data, text->len, false, tmp, err);
	if (rc < 0)
		return rc;
	rc = make_alike(file, tmp, err);
	if (rc < 0)
		(void)unlinkat(file->dir_fd, tmp, 0);
	else
		memcpy(ret_tmp, tmp, sizeof(tmp));
	return rc;
}

int
init_file_stage(struct init_file *file, const struct buf *text, struct err *err)
{
	int n, rc;

	rc = stage(file, text, file->tmp, err);
	if (rc == 0) {
		n = snprintf(file->staged, sizeof(file->staged), "%.*s%s",
		    (int)(init_file_base(file->real) - file->real), file->real,
		    file->tmp);
		if (n < 0 || (size_t)n >= sizeof(file->staged))
			rc = err_set(err, ERR_LIMIT, INIT_DOING, file->real,
			    "the path is too long");
	}
	return rc;
}

int
init_file_restore(struct init_file *file, const char *name, struct err *err)
{
	char tmp[NAME_MAX + 1];
	int rc;

	rc = stage(file, &file->text, tmp, err);
	if (rc < 0)
		return rc;
	rc = fs_rename(file->dir_fd, file->real, tmp, name, err);
	if (rc < 0)
		(void)unlinkat(file->dir_fd, tmp, 0);
	return rc < 0 ? rc : fs_sync(file->dir_fd, file->real, err);
}

/* The old text, to be had under another name. */
static int
keep_copy(struct init_file *file, const char *copy, struct err *err)
{
	struct fs_ident ident;
	struct stat st;

	if (fstatat(file->dir_fd, init_file_base(file->real), &st, 0) < 0)
		return err_sys(err, INIT_DOING, file->real, "stat");
	fs_ident_from(&st, &ident);
	if (!fs_ident_equal(&ident, &file->ident))
		return err_set(err, ERR_EXISTS, INIT_DOING, file->real,
		    "somebody else changed it meanwhile; run init again");
	return init_file_restore(file, copy, err);
}

/* "haproxy.cfg.certhaul-20250131T120000" */
static int
name_copy(const struct init_file *file, char *ret, size_t size, struct err *err)
{
	time_t now_s = clock_now_s();
	char when[32];
	struct tm tm;
	int n;

	if (localtime_r(&now_s, &tm) == NULL ||
	    strftime(when, sizeof(when), "%Y%m%dT%H%M%S", &tm) == 0)
		return err_set(err, ERR_IO, INIT_DOING, file->real,
		    "the time cannot be told");
	n = snprintf(
	    ret, size, "%s.certhaul-%s", init_file_base(file->real), when);
	if (n < 0 || (size_t)n >= size)
		return err_set(err, ERR_LIMIT, INIT_DOING, file->real,
		    "its name is too long");
	return 0;
}

int
init_file_replace(struct init *init, struct init_file *file, struct err *err)
{
	char copy[NAME_MAX + 1];
	int rc;

	rc = name_copy(file, copy, sizeof(copy), err);
	if (rc == 0)
		rc = keep_copy(file, copy, err);
	if (rc == 0)
		rc = fs_rename(file->dir_fd, file->real, file->tmp,
		    init_file_base(file->real), err);
	if (rc < 0)
		return rc;
	file->tmp[0] = '\0';
	file->replaced = true;
	init_say(init, "change", file->real);
	(void)printf("  (what it was: %s, beside it)\n", copy);
	if (file->links > 1)
		(void)printf("  (it had another name, a hard link: what is "
			     "read there is as it was)\n");
	if (file->lost[0] != '\0')
		log_say(LOG_LEVEL_WARN, "%s: could not be kept: %s", file->real,
		    file->lost);
	return fs_sync(file->dir_fd, file->real, err);
}
