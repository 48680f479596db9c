/*
 * store_part.h: what the parts of store share: store.c (what there is),
 * store_paths.c, store_archive.c (generations), store_create.c, store_renew.c,
 * store_switch.c (the links), store_delete.c, store_pending.c (an order under
 * way), store_settle.c.
 */
#ifndef ACME_STORE_PART_H
#define ACME_STORE_PART_H

#include <stdbool.h>
#include <stddef.h>

#include "acme/store.h"
#include "base/attr.h"
#include "base/err.h"
#include "cert/lineage.h"

/* The version that new confs have: 2.1 refuses what is no plain number. */
#define STORE_CONF_VERSION "2.1.0"

/* The name of what is made aside, and of links before their rename. */
#define STORE_ASIDE_PREFIX ".certhaul-"

enum { STORE_FILE_BYTES = sizeof("previous_fullchain99999999.pem") };

/* The kinds in the order in which certbot goes through them. */
extern const enum lineage_kind store_order[LINEAGE_KINDS];

/* "cert", "chain", ...; static storage. */
const char *store_stem(enum lineage_kind kind);

/* Where one lineage is: by default, or as its conf has it. */
struct store_place {
	char archive[LIMIT_PATH_BYTES];
	char live[LIMIT_PATH_BYTES];
	char conf[LIMIT_PATH_BYTES];
	char aside[LIMIT_PATH_BYTES]; /* the conf that is not one yet, or any
				       * more */
	char target[LIMIT_PATH_BYTES]; /* archive, as the links have it */
};

/* certbot's own places for `name`. ERR_USAGE: no lineage's name. */
int store_place_default(const struct store_dirs *dirs, const char *name,
    struct store_place *ret, struct err *err) MUST_CHECK;

/*
 * The same, with what `conf` says of archive and live. ERR_SYNTAX: a path is
 * missing or not absolute, or the four are not KIND.pem of one directory.
 */
int store_place_of(const struct store_dirs *dirs, const char *name,
    const struct renewal *conf, struct store_place *ret,
    struct err *err) MUST_CHECK;

/* The same, by the conf that is there. ERR_NOENT, ERR_SYNTAX. */
int store_place_read(const struct store_dirs *dirs, const char *name,
    struct store_place *ret, struct err *err) MUST_CHECK;

/* Puts certbot's own top-level keys into `conf`. */
int store_conf_fill(struct renewal *conf, const struct store_place *place,
    struct err *err) MUST_CHECK;

/* One generation, and which kinds of it there are (bits, 1 << kind). */
struct store_generation {
	long number;
	unsigned kinds;
};
struct store_archive {
	struct store_generation *items; /* the oldest first; owned */
	size_t count;
	bool linked; /* a key in there is a link to an older one */
};
enum { STORE_WHOLE = (1U << LINEAGE_KINDS) - 1 };

/* The N of "KINDN.pem" for this kind, or -1. */
long store_generation_of(const char *file, enum lineage_kind kind) MUST_CHECK;

/* Lists what the directory `fd` holds; `path` is for the message. */
int store_archive_list(int fd, const char *path, struct store_archive *ret,
    struct err *err) MUST_CHECK;
void store_archive_free(struct store_archive *archive);

/* Its number in the list; NULL where it is not in it. */
const struct store_generation *store_archive_find(
    const struct store_archive *archive, long number) MUST_CHECK;

/* Are the four of a generation whole: do they belong together? */
bool store_archive_is_sound(int fd, long number) MUST_CHECK;

/*
 * Writes the four files of `number`, key first, each whole under its name. The
 * key gets `key_group` (or (gid_t)-1: ours) and `key_mode`. On failure none of
 * them stays.
 */
int store_archive_write(int fd, const char *path, long number,
    const struct store_files *files, gid_t key_group, mode_t key_mode,
    struct err *err) MUST_CHECK;

/* What the links in live say. */
struct store_links {
	long number[LINEAGE_KINDS]; /* 0: no link of certbot's there */
	bool same; /* all four on one, in the archive */
	bool previous; /* a previous_KIND.pem is there */
};
void store_links_read(
    int live_fd, const struct store_place *place, struct store_links *ret);

/* Points all four at `number`, each by one rename. */
int store_links_make(int live_fd, const struct store_place *place, long number,
    struct err *err) MUST_CHECK;

/*
 * The same where there are some: all four previous_KIND.pem are there before
 * the first is changed, and go once the last is.
 */
int store_links_switch(int live_fd, const struct store_place *place,
    long number, struct err *err) MUST_CHECK;

/*
 * Removes what stands at `path`, a file or a tree; what is not there is well.
 * Follows no link.
 */
int store_remove_tree(const char *path, struct err *err) MUST_CHECK;

/*
 * Removes what is nobody's (store.h): `*ret_found` tells whether there was such
 * a thing.
 */
int store_clear(const struct store_dirs *dirs, const char *name,
    bool *ret_found, struct err *err) MUST_CHECK;

/* live/NAME/README, and live/README (`base`). */
int store_readme(const char *dir, bool base, struct err *err) MUST_CHECK;

#endif
