/*
 * unrenewed.c: written at the end of `certhaul renew`, read by whoever looks.
 */
#include "wrapper/unrenewed.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/text.h"

static const char doing[] = "noting what was not renewed";

enum { DIR_MODE = 0700, FILE_MODE = 0600, NANO = 1000000000 };

static int
dir_of(const struct conf *conf, char *ret, size_t size, struct err *err)
{
	return fs_join(ret, size, conf->state_dir, "unrenewed", err);
}

static int
path_of(const struct conf *conf, const char *name, char *ret, size_t size,
    struct err *err)
{
	char dir[LIMIT_PATH_BYTES];
	int rc = dir_of(conf, dir, sizeof(dir), err);

	return rc < 0 ? rc : fs_join(ret, size, dir, name, err);
}

static int
put(const struct conf *conf, const char *path, struct err *err)
{
	char dir[LIMIT_PATH_BYTES];
	int fd = -1, rc;

	rc = dir_of(conf, dir, sizeof(dir), err);
	if (rc == 0)
		rc = fs_mkdirs(dir, DIR_MODE, err);
	if (rc == 0)
		rc = fs_check_dir(conf->state_dir, err);
	if (rc < 0)
		return rc;
	fd = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, FILE_MODE);
	if (fd < 0)
		return err_sys(err, doing, path, "open");
	if (futimens(fd, NULL) != 0)
		rc = err_sys(err, doing, path, "futimens");
	(void)close(fd);
	return rc;
}

int
unrenewed_note(
    const struct conf *conf, const char *name, bool failed, struct err *err)
{
	char path[LIMIT_PATH_BYTES];
	int rc = path_of(conf, name, path, sizeof(path), err);

	if (rc < 0 || failed)
		return rc < 0 ? rc : put(conf, path, err);
	if (unlink(path) != 0 && errno != ENOENT)
		return err_sys(err, doing, path, "unlink");
	return 0;
}

int
unrenewed_sweep(const struct conf *conf,
    bool (*is_gone)(const void *context, const char *name), const void *context,
    struct err *err)
{
	char path[LIMIT_PATH_BYTES];
	struct dirent *entry;
	int rc = dir_of(conf, path, sizeof(path), err);
	DIR *dir;

	if (rc < 0)
		return rc;
	dir = opendir(path);
	if (dir == NULL)
		return errno == ENOENT ? 0
				       : err_sys(err, doing, path, "opendir");
	while (rc == 0 && (entry = readdir(dir)) != NULL) {
		if (text_is_lineage_name(entry->d_name) &&
		    is_gone(context, entry->d_name))
			rc = unrenewed_note(conf, entry->d_name, false, err);
	}
	(void)closedir(dir);
	return rc;
}

long long
unrenewed_since_ns(const struct conf *conf, const char *name)
{
	char path[LIMIT_PATH_BYTES];
	struct err ignored = ERR_INIT;
	struct stat st;

	if (path_of(conf, name, path, sizeof(path), &ignored) < 0 ||
	    lstat(path, &st) != 0 || !S_ISREG(st.st_mode))
		return 0;
	return (long long)st.st_mtim.tv_sec * NANO + st.st_mtim.tv_nsec;
}
