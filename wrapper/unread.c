/*
 * unread.c: the files that HAProxy was started with, beside those that we
 * read: for check, which tells of it, and for init, which will not write then.
 */
#include "wrapper/unread.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"

static bool
is_same(const char *a, const char *b)
{
	struct stat x, y;

	return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev &&
	    x.st_ino == y.st_ino;
}

static const char *
base_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

/*
 * Is `path` one of the files that we read, or in one of the directories? Also
 * where it is not there: that is said of what we read.
 */
static bool
is_read(const struct conf_list *ours, const char *path)
{
	char dir[LIMIT_PATH_BYTES];
	const char *slash = strrchr(path, '/');

	(void)snprintf(dir, sizeof(dir), "%.*s",
	    slash == path ? 1 : (int)(slash - path), path);
	for (size_t i = 0; i < ours->count; i++) {
		if (strcmp(path, ours->items[i]) == 0 ||
		    is_same(path, ours->items[i]) ||
		    is_same(dir, ours->items[i]))
			return true;
	}
	return false;
}

/* Do we read one that is called so, in whatever directory? */
static bool
is_read_somewhere(const struct conf_list *ours, const char *name)
{
	char path[LIMIT_PATH_BYTES];
	struct err ignored = ERR_INIT;

	for (size_t i = 0; i < ours->count; i++) {
		if (strcmp(base_of(ours->items[i]), base_of(name)) == 0 ||
		    (fs_join(path, sizeof(path), ours->items[i], base_of(name),
			 &ignored) == 0 &&
			access(path, F_OK) == 0))
			return true;
	}
	return false;
}

/* `name` where process `pid` works, into `ret`; false: it is not there. */
static bool
is_at(long pid, const char *name, char *ret, size_t size)
{
	char path[64], dir[LIMIT_PATH_BYTES];
	struct err ignored = ERR_INIT;
	ssize_t len;

	(void)snprintf(path, sizeof(path), "/proc/%ld/cwd", pid);
	len = pid > 0 ? readlink(path, dir, sizeof(dir) - 1) : -1;
	if (len <= 0)
		return false;
	dir[len] = '\0';
	return fs_join(ret, size, dir, name, &ignored) == 0 &&
	    access(ret, F_OK) == 0;
}

/*
 * A relative name is relative to where HAProxy was started: a worker is there,
 * too, but for one with a chroot, whose master still is.
 */
static bool
is_known(const struct conf_list *ours, const struct process *process,
    char *path, size_t size)
{
	char found[LIMIT_PATH_BYTES];

	if (*path == '/')
		return is_read(ours, path);
	if (!is_at(process->pid, path, found, sizeof(found)) &&
	    !is_at(process_parent(process->pid), path, found, sizeof(found)))
		return is_read_somewhere(ours, path);
	(void)snprintf(path, size, "%s", found);
	return is_read(ours, path);
}

void
unread_each(const struct conf *conf, const struct process *process,
    void (*take)(
	void *context, const struct process *process, const char *path),
    void *context)
{
	char files[LIMIT_PATH_BYTES], one[LIMIT_PATH_BYTES];
	struct err ignored = ERR_INIT;
	const char *at = files;

	if (process_files(process, files, sizeof(files), &ignored) < 0)
		return;
	while (*at != '\0') {
		size_t len = strcspn(at, ";");

		(void)snprintf(one, sizeof(one), "%.*s", (int)len, at);
		if (*one != '\0' &&
		    !is_known(&conf->haproxy.config, process, one, sizeof(one)))
			take(context, process, one);
		at += len;
		at += *at == ';';
	}
}

/* The first one; "": none that we know of. */
struct first {
	char *path;
	size_t size;
};

static void
take_first(void *context, const struct process *process, const char *path)
{
	struct first *first = context;

	(void)process;
	if (*first->path == '\0')
		(void)snprintf(first->path, first->size, "%s", path);
}

void
unread_first_of(const struct conf *conf, const struct process *process,
    char *ret, size_t size)
{
	struct first first = {ret, size};

	*ret = '\0';
	unread_each(conf, process, take_first, &first);
}

bool
unread_first(const struct conf *conf, char *ret, size_t size)
{
	const struct conf_list *sockets = &conf->haproxy.sockets;
	struct process process;

	*ret = '\0';
	for (size_t i = 0; i < sockets->count && *ret == '\0'; i++) {
		struct err ignored = ERR_INIT;

		if (process_probe_soon(sockets->items[i], &process, &ignored) ==
		    0)
			unread_first_of(conf, &process, ret, size);
	}
	return *ret != '\0';
}
