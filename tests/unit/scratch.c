/*
 * scratch.c: makes a directory for a test and takes it away again.
 */
#include "tests/unit/scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int
scratch_setup(void **state)
{
	const char *base = getenv("TMPDIR");
	char path[PATH_MAX];
	int len;

	len = snprintf(path, sizeof(path), "%s/certhaul-unit-XXXXXX",
	    base != NULL && base[0] == '/' ? base : "/tmp");
	if (len < 0 || (size_t)len >= sizeof(path) || mkdtemp(path) == NULL)
		return -1;
	*state = strdup(path);
	return *state == NULL ? -1 : 0;
}

/* Links are removed and never followed; `depth` bounds the recursion. */
static void
remove_in(int dirfd, const char *name, int depth)
{
	struct dirent *entry = NULL;
	DIR *dir = NULL;
	int fd;

	if (unlinkat(dirfd, name, 0) == 0 || depth == 0)
		return;
	fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	dir = fd >= 0 ? fdopendir(fd) : NULL;
	if (dir == NULL)
		return;
	while ((entry = readdir(dir)) != NULL) {
		if (strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0)
			remove_in(fd, entry->d_name, depth - 1);
	}
	(void)closedir(dir);
	(void)unlinkat(dirfd, name, AT_REMOVEDIR);
}

int
scratch_teardown(void **state)
{
	struct stat st;
	int rc;

	remove_in(AT_FDCWD, *state, 8);
	rc = lstat(*state, &st) == 0 ? -1 : 0;
	free(*state);
	*state = NULL;
	return rc;
}

const char *
scratch_path(void *const *state, const char *name)
{
	static char paths[8][PATH_MAX];
	static unsigned next;
	char *path = paths[next++ % 8];
	const char *dir = *state;
	int len;

	len = snprintf(path, PATH_MAX, "%s/%s", dir, name);
	assert_true(len > 0 && len < PATH_MAX);
	return path;
}

void
scratch_write(void *const *state, const char *name, const void *data,
    size_t len, unsigned mode)
{
	int fd;

	fd =
	    open(scratch_path(state, name), O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, len), len);
	assert_int_equal(fchmod(fd, mode), 0);
	assert_int_equal(close(fd), 0);
}
