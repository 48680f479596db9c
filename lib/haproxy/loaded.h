/*
 * loaded.h: the files that a bind line has HAProxy load: named on it, in a
 * directory, or on a crt-list; as they are on disk now, ours or not.
 */
#ifndef HAPROXY_LOADED_H
#define HAPROXY_LOADED_H

#include <stdbool.h>

#include "haproxy/hacfg.h"

/* One of them, for the time of a call. */
struct loaded {
	const char *path; /* where it is */
	const char *name; /* what HAProxy calls it */
	const char *filters; /* of its line of a crt-list; NULL: none */
	unsigned line; /* of the crt-list; else 0 */
	bool first; /* not behind another one of its crt-list */
};

/* True ends the walk. */
typedef bool (*loaded_visit)(void *context, const struct loaded *file);

/*
 * Each file of `source`; what cannot be read has none, and a store of a
 * crt-store ("@...") is none. Did `visit` end it?
 */
bool loaded_each(
    const struct hacfg_source *source, loaded_visit visit, void *context);

/* The same of a directory, which HAProxy calls `name`. */
bool loaded_each_in(
    const char *dir, const char *name, loaded_visit visit, void *context);

#endif
