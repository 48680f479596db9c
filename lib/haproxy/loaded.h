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
	bool acme; /* HAProxy's own ACME looks after it */
	unsigned
	    kinds; /* it is X.rsa or the like, one of so many of X; else 0 */
};

/* The ends of the files of one certificate in several kinds of key. */
enum { LOADED_KINDS = 3 };
extern const char *const loaded_kinds[LOADED_KINDS];

/* True ends the walk. */
typedef bool (*loaded_visit)(void *context, const struct loaded *file);

/*
 * Each file of `source`, of a crt-store's store (3.0+) that which `hacfg` has
 * for it; where there is no X, X.rsa and the like (ssl-load-extra-files). What
 * cannot be read has none. Did `visit` end it?
 */
bool loaded_each(const struct hacfg *hacfg, const struct hacfg_source *source,
    loaded_visit visit, void *context);

/* How many of X.rsa and the like are there, and no X? */
unsigned loaded_kinds_of(const char *path);

/* The same of a directory, which HAProxy calls `name`. */
bool loaded_each_in(
    const char *dir, const char *name, loaded_visit visit, void *context);

#endif
