/*
 * lineage_ref.c: which lineages there are: their names and directories, from
 * the command line, from certbot's environment and from the disk. Here a path
 * from outside becomes one that lineage.c opens.
 */
#define _GNU_SOURCE /* O_PATH */
#include "cert/lineage.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

static const char naming[] = "naming a lineage";
static const char listing[] = "listing the lineages";

/* One slash between components and none at the end, so that equals compare. */
static void
collapse(char *path)
{
	char *to = path;

	for (const char *at = path; *at != '\0'; at++) {
		if (*at != '/' || to == path || to[-1] != '/')
			*to++ = *at;
	}
	while (to > path + 1 && to[-1] == '/')
		to--;
	*to = '\0';
}

int
lineage_unknown(const char *config_dir, const char *name,
    const char *const *names, struct err *err)
{
	const char *near = text_nearest(name, names);

	return err_set(err, ERR_NOENT, "looking for the lineage", name,
	    "there is no such lineage in %s%s%s%s", config_dir,
	    near == NULL ? "; see certhaul status" : "; did you mean \"",
	    near == NULL ? "" : near, near == NULL ? "" : "\"?");
}

int
lineage_ref_from_name(const char *config_dir, const char *name,
    struct lineage_ref *ret, struct err *err)
{
	struct lineage_ref made;
	int len;

	if (!text_is_lineage_name(name))
		return err_set(err, ERR_USAGE, naming, name,
		    "a lineage's name has 1 to %d letters, digits, dots, "
		    "dashes and underscores, and starts with neither dot nor "
		    "dash",
		    LIMIT_LINEAGE_NAME_BYTES);
	memcpy(made.name, name, strlen(name) + 1);
	len = snprintf(
	    made.dir, sizeof(made.dir), "%s/live/%s", config_dir, name);
	if (len < 0 || (size_t)len >= sizeof(made.dir))
		return err_set(err, ERR_USAGE, naming, name,
		    "its path has more than %d bytes", LIMIT_PATH_BYTES - 1);
	collapse(made.dir);
	*ret = made;
	return 0;
}

/* Is `.` or `..` one of the components? */
static bool
has_dots(const char *path)
{
	size_t len;

	while (*path != '\0') {
		path += strspn(path, "/");
		len = strcspn(path, "/");
		if ((len == 1 && path[0] == '.') ||
		    (len == 2 && path[0] == '.' && path[1] == '.'))
			return true;
		path += len;
	}
	return false;
}

int
lineage_ref_from_path(
    const char *path, struct lineage_ref *ret, struct err *err)
{
	static const char parent[] = "/live";
	size_t parent_len = strlen(parent), head;
	struct lineage_ref made;
	const char *name = NULL;

	if (path[0] != '/')
		return err_set(
		    err, ERR_USAGE, naming, path, "its path is not absolute");
	if (strnlen(path, sizeof(made.dir)) >= sizeof(made.dir))
		return err_set(err, ERR_USAGE, naming, path,
		    "its path has more than %d bytes", LIMIT_PATH_BYTES - 1);
	if (has_dots(path))
		return err_set(err, ERR_USAGE, naming, path,
		    "its path has a component . or ..");
	memcpy(made.dir, path, strlen(path) + 1);
	collapse(made.dir);
	name = strrchr(made.dir, '/') + 1;
	if (!text_is_lineage_name(name))
		return err_set(err, ERR_USAGE, naming, path,
		    "its path does not end in a lineage's name");
	head = (size_t)(name - made.dir) - 1;
	if (head < parent_len ||
	    memcmp(made.dir + head - parent_len, parent, parent_len) != 0)
		return err_set(err, ERR_USAGE, naming, path,
		    "it is not in a directory live/, where certbot keeps the "
		    "current version of each");
	memcpy(made.name, name, strlen(name) + 1);
	*ret = made;
	return 0;
}

static bool
is_directory(DIR *dir, const struct dirent *entry)
{
	struct stat st;

	if (entry->d_type == DT_DIR)
		return true;
	return (entry->d_type == DT_UNKNOWN || entry->d_type == DT_LNK) &&
	    fstatat(dirfd(dir), entry->d_name, &st, 0) == 0 &&
	    S_ISDIR(st.st_mode);
}

/* Which entries of live/ are wanted. */
typedef bool (*wanted)(DIR *dir, const struct dirent *entry);

/* `name` in the directory `at`: certainly not there. */
static bool
is_absent_at(int at, const char *name)
{
	struct stat st;

	return fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) != 0 &&
	    errno == ENOENT;
}

/* The same of a path and a name, while the path is there. */
static bool
is_absent(const char *path, const char *name)
{
	int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	bool absent = fd >= 0 && is_absent_at(fd, name);

	if (fd >= 0)
		(void)close(fd);
	return absent;
}

/* A directory `name` in `at`, without one of the four: what is left of one. */
static bool
is_bare_at(int at, const char *name)
{
	static const char *const files[] = {
	    "cert.pem", "chain.pem", "fullchain.pem", "privkey.pem"};
	int fd = openat(at, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	bool bare = fd >= 0;

	for (size_t i = 0; bare && i < COUNT_OF(files); i++)
		bare = is_absent_at(fd, files[i]);
	if (fd >= 0)
		(void)close(fd);
	return bare;
}

/* The path of its renewal conf, from within live/. */
static void
conf_of(const char *name, char *ret, size_t size)
{
	(void)snprintf(ret, size, "../renewal/%.255s.conf", name);
}

static bool
is_lineage(DIR *dir, const struct dirent *entry)
{
	char conf[NAME_MAX + sizeof("../renewal/.conf")];

	if (!text_is_lineage_name(entry->d_name) || !is_directory(dir, entry))
		return false;
	if (!is_bare_at(dirfd(dir), entry->d_name))
		return true;
	conf_of(entry->d_name, conf, sizeof(conf));
	return !is_absent_at(dirfd(dir), conf);
}

/* certbot's, and not ours. */
static bool
is_odd(DIR *dir, const struct dirent *entry)
{
	char conf[NAME_MAX + sizeof("../renewal/.conf")];

	if (entry->d_name[0] == '.' || text_is_lineage_name(entry->d_name) ||
	    !is_directory(dir, entry))
		return false;
	conf_of(entry->d_name, conf, sizeof(conf));
	return faccessat(dirfd(dir), conf, F_OK, 0) == 0;
}

static int
add_name(const char *name, char ***names, size_t *count, size_t *room,
    struct err *err)
{
	size_t want = *room == 0 ? 64 : *room * 2;
	char **more = NULL;
	char *copy = NULL;

	if (*count + 1 >= *room) {
		more = realloc(*names, want * sizeof(**names));
		if (more == NULL)
			return err_nomem(err, listing);
		*names = more;
		*room = want;
	}
	copy = strdup(name);
	if (copy == NULL)
		return err_nomem(err, listing);
	(*names)[(*count)++] = copy;
	(*names)[*count] = NULL;
	return 0;
}

static int
by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int
list(const char *config_dir, wanted is_wanted, char ***ret_names,
    size_t *ret_count, struct err *err)
{
	char path[LIMIT_PATH_BYTES];
	struct dirent *entry = NULL;
	size_t count = 0, room = 0;
	char **names = NULL;
	DIR *dir = NULL;
	int rc;

	rc = fs_join(path, sizeof(path), config_dir, "live", err);
	if (rc < 0)
		return rc;
	dir = opendir(path);
	if (dir == NULL)
		return err_sys(err, listing, path, "opendir");
	for (;;) {
		errno = 0;
		entry = readdir(dir);
		if (entry == NULL)
			break;
		if (!is_wanted(dir, entry))
			continue;
		if (count == LIMIT_LINEAGES) {
			rc = err_set(err, ERR_LIMIT, listing, path,
			    "there are more than %d", LIMIT_LINEAGES);
			goto out;
		}
		rc = add_name(entry->d_name, &names, &count, &room, err);
		if (rc < 0)
			goto out;
	}
	if (errno != 0) {
		rc = err_sys(err, listing, path, "readdir");
		goto out;
	}
	if (count > 0)
		qsort(names, count, sizeof(*names), by_bytes);
	*ret_names = names;
	*ret_count = count;
	names = NULL;
	count = 0;
out:
	lineage_names_free(names, count);
	(void)closedir(dir);
	return rc;
}

int
lineage_list(const char *config_dir, char ***ret_names, size_t *ret_count,
    struct err *err)
{
	return list(config_dir, is_lineage, ret_names, ret_count, err);
}

int
lineage_list_odd(const char *config_dir, char ***ret_names, size_t *ret_count,
    struct err *err)
{
	return list(config_dir, is_odd, ret_names, ret_count, err);
}

void
lineage_names_free(char **names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(names[i]);
	free(names);
}

bool
lineage_is_gone(const struct lineage_ref *ref)
{
	static const char parent[] = "/live/";
	size_t dir_len = strlen(ref->dir), name_len = strlen(ref->name);
	size_t parent_len = strlen(parent), top;
	char path[LIMIT_PATH_BYTES];
	char conf[LIMIT_LINEAGE_NAME_BYTES + sizeof(".conf")];
	int len;

	/* CONFIG/live/NAME, or we do not know where renewal/ is. */
	if (name_len == 0 || dir_len <= parent_len + name_len)
		return false;
	top = dir_len - name_len - parent_len;
	if (memcmp(ref->dir + top, parent, parent_len) != 0 ||
	    strcmp(ref->dir + top + parent_len, ref->name) != 0)
		return false;
	len = snprintf(path, sizeof(path), "%.*s/live", (int)top, ref->dir);
	if (len < 0 || (size_t)len >= sizeof(path) ||
	    (!is_absent(path, ref->name) && !is_bare_at(AT_FDCWD, ref->dir)))
		return false;
	len = snprintf(path, sizeof(path), "%.*s/renewal", (int)top, ref->dir);
	if (len < 0 || (size_t)len >= sizeof(path))
		return false;
	len = snprintf(conf, sizeof(conf), "%s.conf", ref->name);
	return len > 0 && (size_t)len < sizeof(conf) && is_absent(path, conf);
}

bool
lineage_ident_same(const struct lineage_ident *a, const struct lineage_ident *b)
{
	if (a->generation != b->generation)
		return false;
	for (int kind = 0; kind < LINEAGE_KINDS; kind++) {
		if (a->files[kind].size != b->files[kind].size ||
		    a->files[kind].mtime_ns != b->files[kind].mtime_ns)
			return false;
	}
	return true;
}
