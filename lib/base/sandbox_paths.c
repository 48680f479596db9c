/*
 * sandbox_paths.c: Landlock (landlock(7)): no path but those that are listed,
 * and those only to be read. glibc has no wrappers for it.
 */
#define _GNU_SOURCE /* O_PATH */
#include "base/sandbox_private.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Every right of Landlock's first version; newer kernels know these too. */
static const unsigned long long all_rights = LANDLOCK_ACCESS_FS_EXECUTE |
    LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_FILE |
    LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_REMOVE_DIR |
    LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_CHAR |
    LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |
    LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |
    LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM;

/* Lets `path` be read; one that is not there, or not ours to see, is not. */
static int
allow(int ruleset, const char *path, struct err *err)
{
	struct landlock_path_beneath_attr rule = {.parent_fd = -1};
	struct stat st;
	int fd = open(path, O_PATH | O_CLOEXEC), rc = 0;

	if (fd < 0 || fstat(fd, &st) < 0)
		goto out;
	rule.parent_fd = fd;
	rule.allowed_access = LANDLOCK_ACCESS_FS_READ_FILE;
	if (S_ISDIR(st.st_mode))
		rule.allowed_access |= LANDLOCK_ACCESS_FS_READ_DIR;
	if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH,
		&rule, 0) < 0)
		rc = err_sys(err, SANDBOX_DOING, path, "landlock_add_rule");
out:
	if (fd >= 0)
		(void)close(fd);
	return rc;
}

int
sandbox_paths(const char *const *readable, bool *ret, struct err *err)
{
	const struct landlock_ruleset_attr attr = {
	    .handled_access_fs = all_rights};
	int ruleset, rc = 0;

	*ret = false;
	ruleset =
	    (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);
	if (ruleset < 0 && (errno == ENOSYS || errno == EOPNOTSUPP))
		return 0;
	if (ruleset < 0)
		return err_sys(
		    err, SANDBOX_DOING, NULL, "landlock_create_ruleset");
	for (size_t i = 0; rc == 0 && readable[i] != NULL; i++)
		rc = allow(ruleset, readable[i], err);
	if (rc == 0 && syscall(SYS_landlock_restrict_self, ruleset, 0) < 0)
		rc =
		    err_sys(err, SANDBOX_DOING, NULL, "landlock_restrict_self");
	(void)close(ruleset);
	*ret = rc == 0;
	return rc;
}
