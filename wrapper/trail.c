/*
 * trail.c: the directories that lead to a path, each looked at for who may
 * change it: for check, and for init, which warns.
 */
#include "wrapper/trail.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "wrapper/who.h"

enum { LINKS_MOST = 16 }; /* the kernel follows 40 */

/* One path while it is gone along. */
struct walk {
	struct trail *trail;
	const char *to; /* as it was asked for */
	int links; /* that were followed */
};

static bool
is_seen(struct trail *trail, const struct stat *st)
{
	for (size_t i = 0; i < trail->seen_count; i++) {
		if (trail->seen[i].dev == st->st_dev &&
		    trail->seen[i].ino == st->st_ino)
			return true;
	}
	if (trail->seen_count < TRAIL_SEEN) {
		trail->seen[trail->seen_count].dev = st->st_dev;
		trail->seen[trail->seen_count++].ino = st->st_ino;
	}
	return false;
}

static void
judge(struct walk *walk, const char *dir)
{
	struct trail *trail = walk->trail;
	char who[WHO_BYTES], text[4 * LIMIT_PATH_BYTES];
	struct stat st;

	if (stat(dir, &st) != 0 || !S_ISDIR(st.st_mode) || is_seen(trail, &st))
		return;
	if (st.st_uid != 0 && st.st_uid != geteuid()) {
		who_user(st.st_uid, who, sizeof(who));
		(void)snprintf(text, sizeof(text),
		    "%s: belongs to %s, who can put something else in place of "
		    "what leads to %s: chown root %s, or have that elsewhere",
		    dir, who, walk->to, dir);
	} else if ((st.st_mode & S_ISVTX) == 0 &&
	    ((st.st_mode & S_IWOTH) != 0 ||
		((st.st_mode & S_IWGRP) != 0 && st.st_gid != 0))) {
		(void)snprintf(text, sizeof(text),
		    "%s: others than root may write there, and can put "
		    "something else in place of what leads to %s: chmod go-w "
		    "%s",
		    dir, walk->to, dir);
	} else {
		return;
	}
	trail->found++;
	trail->say(trail->context, text);
}

/* Where the link `path` leads, from the root on; false: it is none. */
static bool
read_link(const char *path, char *ret, size_t size)
{
	char to[LIMIT_PATH_BYTES];
	ssize_t len = readlink(path, to, sizeof(to) - 1);
	const char *base = strrchr(path, '/');
	int n;

	if (len <= 0)
		return false;
	to[len] = '\0';
	n = to[0] == '/'
	    ? snprintf(ret, size, "%s", to)
	    : snprintf(ret, size, "%.*s%s", (int)(base + 1 - path), path, to);
	return n > 0 && (size_t)n < size;
}

/* The directories in front of the last word, those of each link behind it. */
static void
go_along(struct walk *walk, const char *path)
{
	char part[LIMIT_PATH_BYTES], to[LIMIT_PATH_BYTES];
	size_t len = strlen(path);

	judge(walk, "/");
	for (size_t i = 1; i <= len && len < sizeof(part); i++) {
		if ((path[i] != '/' && path[i] != '\0') || path[i - 1] == '/')
			continue;
		memcpy(part, path, i);
		part[i] = '\0';
		if (walk->links < LINKS_MOST &&
		    read_link(part, to, sizeof(to))) {
			walk->links++;
			go_along(walk, to);
		}
		if (path[i + strspn(path + i, "/")] != '\0')
			judge(walk, part);
	}
}

void
trail_look(struct trail *trail, const char *path)
{
	struct walk walk = {.trail = trail, .to = path};
	char real[PATH_MAX];

	if (*path != '/' && realpath(path, real) == NULL)
		return;
	go_along(&walk, *path == '/' ? path : real);
}
