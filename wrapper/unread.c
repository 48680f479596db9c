/*
 * unread.c: the files that HAProxy was started with, beside those that we
 * read: for check, which tells of it, and for init, which will not write then.
 */
#include "wrapper/unread.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static bool
is_same(const char *a, const char *b)
{
	struct stat x, y;

	return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev &&
	    x.st_ino == y.st_ino;
}

/* Is `path` one of the files that we read, or in one of the directories? */
static bool
is_read(const struct conf_list *ours, const char *path)
{
	char dir[LIMIT_PATH_BYTES];
	const char *slash = strrchr(path, '/');

	(void)snprintf(dir, sizeof(dir), "%.*s",
	    slash == path ? 1 : (int)(slash - path), path);
	for (size_t i = 0; i < ours->count; i++) {
		if (is_same(path, ours->items[i]) ||
		    is_same(dir, ours->items[i]))
			return true;
	}
	return false;
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
		/* A relative one is relative to where HAProxy was started. */
		if (*one == '/' && !is_read(&conf->haproxy.config, one))
			take(context, process, one);
		at += len;
		at += *at == ';';
	}
}
