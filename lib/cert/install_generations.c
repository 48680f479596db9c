/*
 * install_generations.c: the bundle that was there before becomes a
 * generation, generations_dir/NAME/N.pem, the highest N the newest. Between
 * "install (stage)" and "rename on disk", and the way back from there.
 */
#include "cert/install.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cert/install_private.h"

static const char doing[] = "keeping the earlier bundle";
static const char restoring[] = "bringing the earlier bundle back";

/*
 * The first bytes of a bundle, in which two of one lineage differ (the serial
 * number is there); to read whole files for that takes twice the calls.
 */
struct front {
	char bytes[256];
	ssize_t len; /* negative: not to be had */
};

static struct front
front_of(int dirfd, const char *file)
{
	struct front front = {.len = -1};
	int fd;

	fd =
	    openat(dirfd, file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return front;
	front.len = read(fd, front.bytes, sizeof(front.bytes));
	(void)close(fd);
	return front;
}

/* Certainly not the same bytes. */
static bool
fronts_differ(const struct front *a, const struct front *b)
{
	return a->len >= 0 && b->len >= 0 &&
	    (a->len != b->len ||
		memcmp(a->bytes, b->bytes, (size_t)a->len) != 0);
}

/*
 * The same inode, or the same bytes; `a_front` is of `a`. Not knowing means
 * that it is not.
 */
static bool
is_same(const struct front *a_front, const struct stat *a_st, int a_fd,
    const char *a, int b_fd, const char *b)
{
	struct buf a_pem = BUF_SECRET(LIMIT_PEM_FILE_BYTES);
	struct buf b_pem = BUF_SECRET(LIMIT_PEM_FILE_BYTES);
	struct err ignored = ERR_INIT;
	struct front b_front;
	struct stat b_st;
	bool same = false;

	if (fstatat(b_fd, b, &b_st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    a_st->st_size != b_st.st_size)
		return false;
	if (a_st->st_dev == b_st.st_dev && a_st->st_ino == b_st.st_ino)
		return true;
	b_front = front_of(b_fd, b);
	if (fronts_differ(a_front, &b_front))
		return false;
	if (fs_read(a_fd, a, FS_TRUST_ANY, &a_pem, NULL, &ignored) == 0 &&
	    fs_read(b_fd, b, FS_TRUST_ANY, &b_pem, NULL, &ignored) == 0)
		same = a_pem.len == b_pem.len &&
		    (a_pem.len == 0 ||
			memcmp(a_pem.data, b_pem.data, a_pem.len) == 0);
	buf_free(&a_pem);
	buf_free(&b_pem);
	return same;
}

/* Is the bundle `file` the generation `newest` already? */
static bool
is_kept(const struct install *install, const char *file, const struct stat *st,
    int folder_fd, const char *newest)
{
	struct front front = front_of(install->bundles_fd, file);

	return is_same(
	    &front, st, install->bundles_fd, file, folder_fd, newest);
}

/* A copy that is whole on the disk before it has its name. */
static int
copy(int from_fd, const char *from, int to_fd, const char *dir, const char *to,
    struct err *err)
{
	struct buf pem = BUF_SECRET(LIMIT_PEM_FILE_BYTES);
	struct fs_owner owner = {0, 0, 0};
	char tmp[NAME_MAX + 1] = "";
	struct stat st;
	int rc;

	rc = fs_read(from_fd, from, FS_TRUST_ANY, &pem, NULL, err);
	if (rc < 0)
		goto out;
	if (fstatat(from_fd, from, &st, AT_SYMLINK_NOFOLLOW) < 0) {
		rc = err_sys(err, doing, from, "stat");
		goto out;
	}
	owner.uid = st.st_uid;
	owner.gid = st.st_gid;
	owner.mode = st.st_mode & 0777;
	rc = fs_stage(to_fd, &owner, pem.data, pem.len, true, tmp, err);
	if (rc < 0) {
		rc = err_set(err, err->code, doing, dir, "%s", err->detail);
		goto out;
	}
	rc = fs_rename(to_fd, dir, tmp, to, err);
	if (rc < 0)
		(void)unlinkat(to_fd, tmp, 0);
out:
	buf_free(&pem);
	return rc;
}

/* Gives the bundle `file` a second name in the folder. */
static int
link_or_copy(const struct install *install, const char *file, const char *name,
    DIR *dir, const char *to, struct err *err)
{
	if (linkat(install->bundles_fd, file, dirfd(dir), to, 0) == 0)
		return 0;
	/* Another file system, or one that has no links. */
	if (errno == EXDEV || errno == EPERM || errno == EMLINK ||
	    errno == EOPNOTSUPP)
		return copy(install->bundles_fd, file, dirfd(dir),
		    install->policy.generations_dir, to, err);
	return install_folder_fail(install, name, to, "link", err);
}

int
install_generations_keep(struct install *install, const char *file,
    const struct stat *st, struct install_staged *staged, struct err *err)
{
	const char *name = staged->name;
	char to[INSTALL_GENERATION_BYTES];
	long newest = 0;
	DIR *dir = NULL;
	int rc;

	rc = install_folder_make(install, name, &dir, err);
	if (rc < 0)
		return rc;
	rc = install_folder_scan(install, name, dir, &newest, 1, false, err);
	if (rc < 0)
		goto out;
	rc = 0;
	install_folder_file(newest, to);
	if (newest > 0 && is_kept(install, file, st, dirfd(dir), to)) {
		staged->kept = true;
		goto out;
	}
	if (newest >= LIMIT_LINEAGE_GENERATION) {
		rc = err_set(err, ERR_LIMIT, doing, name,
		    "generation %s is the last that there can be: move it away",
		    to);
		goto out;
	}
	install_folder_file(newest + 1, to);
	rc = link_or_copy(install, file, name, dir, to, err);
	if (rc == 0) {
		staged->kept = true;
		staged->number = newest + 1;
	}
out:
	(void)closedir(dir);
	return rc;
}

void
install_generations_unkeep(
    struct install *install, const struct install_staged *staged)
{
	struct err ignored = ERR_INIT;
	char file[INSTALL_GENERATION_BYTES];
	DIR *dir = NULL;

	if (install_folder_open(install, staged->name, &dir, &ignored) < 0)
		return;
	install_folder_file(staged->number, file);
	if (staged->number > 0)
		(void)unlinkat(dirfd(dir), file, 0);
	install_folder_original(staged->original, file);
	if (staged->original > 0)
		(void)unlinkat(dirfd(dir), file, 0);
	(void)closedir(dir);
}

int
install_keep_original(
    struct install *install, struct install_staged *staged, struct err *err)
{
	char file[INSTALL_FILE_BYTES], to[INSTALL_GENERATION_BYTES];
	const char *name = staged->name;
	bool exists = false, kept = false;
	struct stat st, there;
	DIR *dir = NULL;
	int rc;

	rc = install_file(name, file, err);
	if (rc == 0)
		rc = install_look(install, file, &st, &exists, err);
	if (rc < 0 || !exists)
		return rc;
	rc = install_folder_make(install, name, &dir, err);
	for (long i = 1; rc == 0 && !kept && i <= LIMIT_ORIGINALS; i++) {
		install_folder_original(i, to);
		if (fstatat(dirfd(dir), to, &there, AT_SYMLINK_NOFOLLOW) == 0) {
			kept = is_kept(install, file, &st, dirfd(dir), to);
			continue;
		}
		rc = link_or_copy(install, file, name, dir, to, err);
		staged->original = rc == 0 ? i : 0;
		break;
	}
	if (dir != NULL)
		(void)closedir(dir);
	return rc;
}

int
install_generations_sync(
    struct install *install, const char *name, struct err *err)
{
	DIR *dir = NULL;
	int rc;

	rc = install_folder_open(install, name, &dir, err);
	if (rc < 0)
		return rc;
	if (fsync(dirfd(dir)) < 0)
		rc = install_folder_fail(install, name, "", "fsync", err);
	if (rc == 0 && install->folder_made)
		rc = fs_sync(install->generations_fd,
		    install->policy.generations_dir, err);
	if (rc == 0)
		install->folder_made = false;
	(void)closedir(dir);
	return rc;
}

void
install_generations_prune(struct install *install, const char *name)
{
	long list[LIMIT_GENERATIONS], most = install->policy.generations;
	char newest[INSTALL_GENERATION_BYTES], file[INSTALL_GENERATION_BYTES];
	struct err ignored = ERR_INIT;
	struct front front;
	struct stat st;
	DIR *dir = NULL;
	int count;

	most = most < 1 ? 1 : most;
	most = most > LIMIT_GENERATIONS ? LIMIT_GENERATIONS : most;
	if (install_folder_open(install, name, &dir, &ignored) < 0)
		return;
	count = install_folder_scan(
	    install, name, dir, list, (size_t)most, true, &ignored);
	if (count > 1)
		install_folder_file(list[0], newest);
	if (count > 1 && fstatat(dirfd(dir), newest, &st, 0) == 0) {
		front = front_of(dirfd(dir), newest);
		for (int i = 1; i < count; i++) {
			install_folder_file(list[i], file);
			if (is_same(&front, &st, dirfd(dir), newest, dirfd(dir),
				file))
				(void)unlinkat(dirfd(dir), file, 0);
		}
	}
	(void)closedir(dir);
}

int
install_generations_restore(struct install *install, const char *name,
    const char *file, struct err *err)
{
	char from[INSTALL_GENERATION_BYTES];
	long newest = 0;
	DIR *dir = NULL;
	int rc;

	rc = install_folder_open(install, name, &dir, err);
	if (rc < 0)
		return rc;
	rc = install_folder_scan(install, name, dir, &newest, 1, false, err);
	if (rc == 0)
		rc = err_set(err, ERR_NOENT, restoring, name,
		    "no earlier bundle is kept in %s",
		    install->policy.generations_dir);
	if (rc < 0)
		goto out;
	rc = 0;
	install_folder_file(newest, from);
	if (renameat(dirfd(dir), from, install->bundles_fd, file) < 0) {
		if (errno == EXDEV)
			rc = copy(dirfd(dir), from, install->bundles_fd,
			    install->policy.bundle_dir, file, err);
		else
			rc = install_fail(install, file, "rename", err);
	}
	if (rc == 0)
		rc = install_settle(install, err);
	/* Still there after a copy, and where both names were one inode's: then
	 * rename() does nothing. Not before the other name is durable. */
	if (rc == 0 && unlinkat(dirfd(dir), from, 0) < 0 && errno != ENOENT)
		rc = install_folder_fail(install, name, from, "unlink", err);
out:
	(void)closedir(dir);
	return rc;
}
