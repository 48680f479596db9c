/*
 * program.c: looks for programs: beside ourselves, in a directory, in PATH.
 */
#include "wrapper/program.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"

bool
program_is(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
	    faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) == 0;
}

/* `dir` of `len` bytes. */
static bool
look(const char *dir, size_t len, const char *name, char *ret, size_t size)
{
	char path[LIMIT_PATH_BYTES];
	int put;

	if (len == 0 || dir[0] != '/')
		return false;
	put = snprintf(path, sizeof(path), "%.*s/%s", (int)len, dir, name);
	if (put <= 0 || (size_t)put >= sizeof(path) || (size_t)put >= size ||
	    !program_is(path))
		return false;
	memcpy(ret, path, (size_t)put + 1);
	return true;
}

bool
program_in(const char *dir, const char *name, char *ret, size_t size)
{
	return look(dir, strlen(dir), name, ret, size);
}

bool
program_beside(const char *name, char *ret, size_t size)
{
	char self[LIMIT_PATH_BYTES];
	const char *slash;
	ssize_t got;

	got = readlink("/proc/self/exe", self, sizeof(self) - 1);
	if (got <= 0)
		return false;
	self[got] = '\0';
	slash = strrchr(self, '/');
	return slash != NULL &&
	    look(self, (size_t)(slash - self), name, ret, size);
}

bool
program_in_path(const char *name, char *ret, size_t size)
{
	const char *dir = getenv("PATH");
	size_t len;

	while (dir != NULL && *dir != '\0') {
		len = strcspn(dir, ":");
		if (look(dir, len, name, ret, size))
			return true;
		dir += len + (dir[len] == ':');
	}
	return false;
}
