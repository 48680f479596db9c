/*
 * install_state.c: what is in the crt directory: the observation "bundle" of a
 * converge, and the mending of what killed runs left there.
 */
#include "cert/install.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cert/install_private.h"

static const char doing[] = "looking at the bundle";
static const char marking[] = "marking that a bundle is on its way";
static const char mark[] = ".unfinished"; /* in generations_dir */

/* What a sweep came to so far. */
struct sweep {
	unsigned count; /* files that it mended */
	bool back; /* one of them has its name again */
	bool left; /* there is one that it could not mend */
};

static void
sweep_staged(struct install *install, const char *file, struct sweep *sweep)
{
	if (unlinkat(install->bundles_fd, file, 0) == 0)
		sweep->count++;
	else
		sweep->left = true;
}

/* One file that a killed run hid: back, or away where it was made anew. */
static void
sweep_hidden(struct install *install, const char *hidden, struct sweep *sweep)
{
	const char *file = hidden + strlen(INSTALL_HIDDEN_PREFIX);
	char name[LIMIT_LINEAGE_NAME_BYTES + 1];
	size_t len = strlen(file);
	struct stat st;

	if (len <= 4 || len - 4 >= sizeof(name) ||
	    strcmp(file + len - 4, ".pem") != 0)
		return;
	memcpy(name, file, len - 4);
	name[len - 4] = '\0';
	if (!text_is_lineage_name(name))
		return;
	if (fstatat(install->bundles_fd, file, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		sweep_staged(install, hidden, sweep);
	} else if (errno == ENOENT &&
	    renameat(install->bundles_fd, hidden, install->bundles_fd, file) ==
		0) {
		sweep->count++;
		sweep->back = true;
	} else {
		sweep->left = true;
	}
}

int
install_mark(struct install *install, struct err *err)
{
	int fd;

	if (install->marked)
		return 0;
	fd = openat(install->generations_fd, mark,
	    O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_sys(
		    err, marking, install->policy.generations_dir, "open");
	(void)close(fd);
	install->marked = true;
	return 0;
}

void
install_unmark(struct install *install)
{
	if (install->marked && !install->left)
		(void)unlinkat(install->generations_fd, mark, 0);
	install->marked = false;
}

bool
install_was_killed(const struct install *install)
{
	return install->generations_fd >= 0 &&
	    faccessat(
		install->generations_fd, mark, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

unsigned
install_sweep(struct install *install)
{
	const size_t hidden_len = strlen(INSTALL_HIDDEN_PREFIX);
	const size_t stage_len = strlen(FS_STAGE_PREFIX);
	DIR *dir = NULL;
	struct sweep sweep = {0};
	struct dirent *entry;
	int fd;

	/* A descriptor of its own: reading moves the offset. */
	fd = openat(
	    install->bundles_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0)
		dir = fdopendir(fd);
	if (dir == NULL) {
		if (fd >= 0)
			(void)close(fd);
		return 0;
	}
	while ((entry = readdir(dir)) != NULL) {
		const char *file = entry->d_name;

		if (file[0] != '.')
			continue;
		if (strncmp(file, FS_STAGE_PREFIX, stage_len) == 0)
			sweep_staged(install, file, &sweep);
		else if (strncmp(file, INSTALL_HIDDEN_PREFIX, hidden_len) == 0)
			sweep_hidden(install, file, &sweep);
	}
	(void)closedir(dir);
	/* The mark of an earlier run, not before that is durable; who makes
	 * such a file from here on makes a mark of its own. */
	if (sweep.back && fsync(install->bundles_fd) < 0)
		sweep.left = true;
	if (!sweep.left && install->generations_fd >= 0)
		(void)unlinkat(install->generations_fd, mark, 0);
	install->left = sweep.left;
	install->marked = false;
	return sweep.count;
}

int
install_look(const struct install *install, const char *file, struct stat *ret,
    bool *ret_exists, struct err *err)
{
	char path[LIMIT_PATH_BYTES];
	int rc;

	if (fstatat(install->bundles_fd, file, ret, AT_SYMLINK_NOFOLLOW) < 0) {
		if (errno != ENOENT)
			return install_fail(install, file, "stat", err);
		*ret_exists = false;
		return 0;
	}
	*ret_exists = true;
	if (S_ISREG(ret->st_mode))
		return 0;
	rc = fs_join(path, sizeof(path), install->policy.bundle_dir, file, err);
	if (rc < 0)
		return rc;
	if (S_ISLNK(ret->st_mode))
		return err_set(err, ERR_SYNTAX, doing, path,
		    "is a symbolic link; certhaul neither follows nor replaces "
		    "one: put a copy of the file it points at in its place, or "
		    "remove it, then run certhaul again");
	return err_set(err, ERR_SYNTAX, doing, path,
	    "is not a regular file: move it out of the crt directory, then "
	    "run certhaul again");
}

int
install_stat(const struct install *install, const char *name,
    struct install_state *ret, struct err *err)
{
	struct install_state state = {0};
	char file[INSTALL_FILE_BYTES];
	struct stat st;
	bool exists = false;
	int rc;

	rc = install_file(name, file, err);
	if (rc == 0)
		rc = install_look(install, file, &st, &exists, err);
	if (rc < 0)
		return rc;
	if (exists) {
		state.exists = true;
		fs_ident_from(&st, &state.ident);
		state.owner.uid = st.st_uid;
		state.owner.gid = st.st_gid;
		state.owner.mode = st.st_mode & 07777;
	}
	*ret = state;
	return 0;
}

bool
install_owner_ok(
    const struct install *install, const struct install_state *state)
{
	const struct fs_owner *want = &install->policy.owner;

	return state->exists && state->owner.uid == want->uid &&
	    state->owner.gid == want->gid && state->owner.mode == want->mode;
}

int
install_read(const struct install *install, const char *name, struct buf *ret,
    struct err *err)
{
	char file[INSTALL_FILE_BYTES];
	struct stat st;
	bool exists = false;
	int rc;

	rc = install_file(name, file, err);
	if (rc == 0)
		rc = install_look(install, file, &st, &exists, err);
	if (rc < 0)
		return rc;
	if (!exists) {
		errno = ENOENT;
		return install_fail(install, file, "open", err);
	}
	ret->secret = true;
	return fs_read(install->bundles_fd, file, FS_TRUST_ANY, ret, NULL, err);
}
