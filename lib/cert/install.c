/*
 * install.c: bundles into the crt directory: the arrows "install (stage)" and
 * "rename on disk" of the way of a certificate. What becomes of the bundle
 * that was there before is in install_generations.c, what is found in the crt
 * directory in install_state.c.
 */
#include "cert/install.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cert/install_private.h"

static const char doing[] = "installing the bundle";

int
install_fail(const struct install *install, const char *file, const char *call,
    struct err *err)
{
	char path[LIMIT_ERR_ON_BYTES];
	int error = errno;

	/* A path that is cut will do for a message. */
	if (snprintf(path, sizeof(path), "%s/%s", install->policy.bundle_dir,
		file) < 0)
		path[0] = '\0';
	errno = error;
	return err_sys(err, doing, path, call);
}

int
install_file(const char *name, char ret[INSTALL_FILE_BYTES], struct err *err)
{
	size_t len;

	if (!text_is_lineage_name(name))
		return err_set(
		    err, ERR_USAGE, doing, name, "is no lineage's name");
	len = strlen(name);
	memcpy(ret, name, len);
	memcpy(ret + len, ".pem", sizeof(".pem"));
	return 0;
}

/*
 * Looked at through the descriptor, so that what was checked is what is used.
 */
static int
open_private(const char *path, int *ret_fd, struct stat *ret, struct err *err)
{
	int rc;

	rc = fs_open_dir(path, ret_fd, err);
	if (rc < 0)
		return rc;
	if (fstat(*ret_fd, ret) < 0)
		return err_sys(err, doing, path, "fstat");
	if (ret->st_uid != 0 && ret->st_uid != geteuid())
		return err_set(err, ERR_UNSAFE, doing, path,
		    "belongs to uid %lu, who could replace what is in it: "
		    "chown root %s",
		    (unsigned long)ret->st_uid, path);
	if ((ret->st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return err_set(err, ERR_UNSAFE, doing, path,
		    "its mode is %04o, so others can write into it: "
		    "chmod go-w %s",
		    (unsigned)(ret->st_mode & 07777), path);
	if (faccessat(*ret_fd, ".", W_OK | X_OK, AT_EACCESS) < 0)
		return err_sys(err, doing, path, "write access");
	return 0;
}

int
install_open(
    const struct install_policy *policy, struct install **ret, struct err *err)
{
	struct install *install = NULL;
	struct stat bundles = {0}, generations = {0};
	int rc;

	install = calloc(1, sizeof(*install));
	if (install == NULL)
		return err_nomem(err, doing);
	install->policy = *policy;
	install->bundles_fd = install->generations_fd = -1;
	rc = open_private(
	    policy->bundle_dir, &install->bundles_fd, &bundles, err);
	if (rc == 0 && !policy->look_only)
		rc = fs_mkdirs(policy->generations_dir, 0700, err);
	if (rc == 0)
		rc = open_private(policy->generations_dir,
		    &install->generations_fd, &generations, err);
	if (rc == ERR_NOENT && policy->look_only && install->bundles_fd >= 0) {
		err_clear(err);
		rc = 0;
		goto done;
	}
	if (rc < 0)
		goto out;
	install->one_fs = bundles.st_dev == generations.st_dev;
	if (install->one_fs && bundles.st_ino == generations.st_ino) {
		rc = err_set(err, ERR_CONF, doing, policy->bundle_dir,
		    "is where earlier bundles are to be kept, too: give "
		    "haproxy.bundle_dir or state_dir another place");
		goto out;
	}
done:
	*ret = install;
	install = NULL;
out:
	install_close(install);
	return rc;
}

void
install_close(struct install *install)
{
	if (install == NULL)
		return;
	if (install->bundles_fd >= 0)
		(void)close(install->bundles_fd);
	if (!install->hid)
		install_unmark(install);
	if (install->generations_fd >= 0)
		(void)close(install->generations_fd);
	free(install);
}

int
install_path(const struct install *install, const char *name, char *ret,
    size_t size, struct err *err)
{
	char file[INSTALL_FILE_BYTES];
	int rc;

	rc = install_file(name, file, err);
	if (rc < 0)
		return rc;
	return fs_join(ret, size, install->policy.bundle_dir, file, err);
}

/* That there was no room is of use only with the name of the place. */
static int
stage_fail(const struct install *install, const char *file, struct err *err)
{
	char path[LIMIT_ERR_ON_BYTES];

	if (snprintf(path, sizeof(path), "%s/%s", install->policy.bundle_dir,
		file) < 0)
		path[0] = '\0';
	return err_set(err, err->code, doing, path, "%s", err->detail);
}

int
install_stage(struct install *install, const char *name, const struct buf *pem,
    struct install_staged *ret, struct err *err)
{
	struct install_staged staged = {0};
	char file[INSTALL_FILE_BYTES];
	bool exists = false;
	struct stat st;
	int rc;

	rc = install_file(name, file, err);
	if (rc == 0 && pem->len == 0)
		rc = err_set(err, ERR_INVALID, doing, file, "it has no bytes");
	if (rc == 0)
		rc = install_look(install, file, &st, &exists, err);
	if (rc == 0)
		rc = install_mark(install, err);
	if (rc < 0)
		return rc;
	rc = fs_stage(install->bundles_fd, &install->policy.owner, pem->data,
	    pem->len, false, staged.tmp, err);
	if (rc < 0)
		return stage_fail(install, file, err);
	memcpy(staged.name, name, strlen(name) + 1);
	if (exists)
		rc = install_generations_keep(install, file, &st, &staged, err);
	if (rc < 0)
		install_discard(install, &staged);
	else
		*ret = staged;
	return rc;
}

/* fsync needs no right to write, so the staged file is opened for reading. */
static int
sync_staged(struct install *install, const char *tmp, struct err *err)
{
	int fd, rc = 0;

	fd =
	    openat(install->bundles_fd, tmp, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return install_fail(install, tmp, "open", err);
	if (fsync(fd) < 0)
		rc = install_fail(install, tmp, "fsync", err);
	(void)close(fd);
	return rc;
}

int
install_sync(
    struct install *install, const struct install_staged *only, struct err *err)
{
	int rc;

	if (only != NULL) {
		rc = sync_staged(install, only->tmp, err);
		if (rc == 0 && only->kept)
			rc = install_generations_sync(install, only->name, err);
		return rc;
	}
	rc = fs_sync_all(install->bundles_fd, install->policy.bundle_dir, err);
	if (rc == 0 && !install->one_fs)
		rc = fs_sync_all(install->generations_fd,
		    install->policy.generations_dir, err);
	if (rc == 0)
		install->folder_made = false;
	return rc;
}

int
install_publish(
    struct install *install, struct install_staged *staged, struct err *err)
{
	char file[INSTALL_FILE_BYTES];
	int rc;

	rc = install_file(staged->name, file, err);
	if (rc == 0)
		rc = fs_rename(install->bundles_fd, install->policy.bundle_dir,
		    staged->tmp, file, err);
	if (rc < 0)
		return rc;
	staged->tmp[0] = '\0';
	if (staged->kept)
		install_generations_prune(install, staged->name);
	return 0;
}

int
install_settle(struct install *install, struct err *err)
{
	return fs_sync(install->bundles_fd, install->policy.bundle_dir, err);
}

void
install_discard(struct install *install, struct install_staged *staged)
{
	if (staged->tmp[0] == '\0')
		return;
	(void)unlinkat(install->bundles_fd, staged->tmp, 0);
	if (staged->number > 0 || staged->original > 0)
		install_generations_unkeep(install, staged);
	staged->tmp[0] = '\0';
	staged->kept = false;
	staged->number = staged->original = 0;
}

int
install_restore(struct install *install, const struct install_staged *staged,
    struct err *err)
{
	char file[INSTALL_FILE_BYTES];
	int rc;

	rc = install_file(staged->name, file, err);
	if (rc < 0)
		return rc;
	if (staged->kept)
		return install_generations_restore(
		    install, staged->name, file, err);
	if (unlinkat(install->bundles_fd, file, 0) < 0 && errno != ENOENT)
		return install_fail(install, file, "unlink", err);
	return install_settle(install, err);
}

int
install_hide(struct install *install, const char *name,
    struct install_staged *ret, struct err *err)
{
	struct install_staged hidden = {0};
	char file[INSTALL_FILE_BYTES];
	bool exists = false;
	struct stat st;
	int rc;

	rc = install_file(name, file, err);
	if (rc == 0)
		rc = install_look(install, file, &st, &exists, err);
	if (rc == 0)
		rc = install_mark(install, err);
	/* Hidden for longer than the mark is there it would stay so. */
	if (rc == 0)
		rc = fs_sync(install->generations_fd,
		    install->policy.generations_dir, err);
	if (rc < 0)
		return rc;
	install->hid = true;
	/* It fits: asserted in install_private.h. */
	memcpy(hidden.name, name, strlen(name) + 1);
	memcpy(
	    hidden.tmp, INSTALL_HIDDEN_PREFIX, strlen(INSTALL_HIDDEN_PREFIX));
	memcpy(
	    hidden.tmp + strlen(INSTALL_HIDDEN_PREFIX), file, strlen(file) + 1);
	if (renameat(
		install->bundles_fd, file, install->bundles_fd, hidden.tmp) < 0)
		return install_fail(install, file, "rename", err);
	*ret = hidden;
	return 0;
}

int
install_unhide(
    struct install *install, struct install_staged *hidden, struct err *err)
{
	char file[INSTALL_FILE_BYTES];
	int rc;

	if (hidden->tmp[0] == '\0')
		return 0;
	rc = install_file(hidden->name, file, err);
	if (rc == 0)
		rc = fs_rename(install->bundles_fd, install->policy.bundle_dir,
		    hidden->tmp, file, err);
	if (rc == 0)
		hidden->tmp[0] = '\0';
	return rc;
}
