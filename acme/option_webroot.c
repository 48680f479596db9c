/*
 * option_webroot.c: paths as certbot has them (Python's os.path.abspath), and
 * the directories of --webroot-path and --webroot-map.
 */
#include "acme/option_private.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Known words that do not go together: certbot ends with 1 then, not 2. */
static int
wrong(const char *what, const char *why, struct err *err)
{
	return err_set(err, ERR_INVALID, OPTION_DOING, what, "%s", why);
}

/*
 * An absolute path without "." and "..", doubled slashes and one at the end.
 * By its text alone, whatever the links: the renewal conf is to say the same.
 * Two slashes in front stay two, as POSIX has them.
 */
static void
normalize(char *path)
{
	size_t root = path[1] == '/' && path[2] != '/' ? 2 : 1, to = root;

	for (const char *at = path + root; *at != '\0';) {
		size_t len = strcspn(at, "/");

		if (len == 2 && at[0] == '.' && at[1] == '.') {
			while (to > root && path[--to] != '/')
				continue;
		} else if (len > 0 && (len > 1 || at[0] != '.')) {
			if (to > root)
				path[to++] = '/';
			memmove(path + to, at, len);
			to += len;
		}
		at += len + (at[len] == '/');
	}
	path[to] = '\0';
}

int
option_absolute(const char *path, char *ret, size_t size, struct err *err)
{
	char here[PATH_MAX];
	int len;

	if (path[0] == '/')
		here[0] = '\0';
	else if (getcwd(here, sizeof(here)) == NULL)
		return err_sys(err, OPTION_DOING, path, "getcwd");
	len = snprintf(
	    ret, size, "%s%s%s", here, here[0] != '\0' ? "/" : "", path);
	if (len < 0 || (size_t)len >= size)
		return wrong(path, "the path is too long", err);
	normalize(ret);
	return 0;
}

/*
 * The conf keeps it, and a renewal starts elsewhere. As certbot: whatever the
 * command, it is there.
 */
static int
check_one(char **root, struct err *err)
{
	char path[LIMIT_PATH_BYTES], *copy;
	struct stat st;
	int rc = option_absolute(*root, path, sizeof(path), err);

	if (rc < 0)
		return rc;
	/* What is "" is no directory, not this one. */
	if (stat(*root, &st) < 0 || !S_ISDIR(st.st_mode))
		return wrong(**root == '\0' ? "\"\"" : path,
		    "does not exist or is not a directory", err);
	copy = strdup(path);
	if (copy == NULL)
		return err_nomem(err, OPTION_DOING);
	free(*root);
	*root = copy;
	return 0;
}

int
option_check_webroots(struct options *options, struct err *err)
{
	int rc = 0;

	/* Else it would be anybody's guess whose that name is. */
	for (size_t i = 0;
	     options->webroot_path_count > 1 && i < options->domain_count;
	     i++) {
		if (options->webroot_before[i] == 0)
			return wrong("--webroot-path",
			    "If you specify multiple webroot paths, one of "
			    "them must precede all domain flags",
			    err);
	}
	for (size_t i = 0; rc == 0 && i < options->webroot_path_count; i++)
		rc = check_one(&options->webroot_path[i], err);
	/* The name is first. */
	for (size_t i = 1; rc == 0 && i < options->webroot_map_count; i += 2)
		rc = check_one(&options->webroot_map[i], err);
	return rc;
}
