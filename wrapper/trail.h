/*
 * trail.h: the directories that lead to a path. Who may change one of them can
 * put a directory or a link of his own in place of the next, and root writes
 * keys, or reads what it is to do, elsewhere.
 */
#ifndef WRAPPER_TRAIL_H
#define WRAPPER_TRAIL_H

#include <stddef.h>
#include <sys/types.h>

#include "base/limits.h"

enum { TRAIL_SEEN = 64 };

/* One look at several paths; zeroed but for the first two members. */
struct trail {
	/* Told of each directory that is not root's or ours alone, in words:
	 * which, who, and what to do. */
	void (*say)(void *context, const char *text);
	void *context;
	struct {
		dev_t dev;
		ino_t ino;
	} seen[TRAIL_SEEN]; /* each is told of once */
	size_t seen_count;
	size_t found; /* how many were told of */
};

/*
 * Looks at each directory that leads to `path`, as it is written and through
 * the links on the way, `path` itself not among them. A sticky one (/tmp) may
 * be written to: nobody renames there what is another's. What is not there is
 * nobody's.
 */
void trail_look(struct trail *trail, const char *path);

#endif
