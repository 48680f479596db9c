/*
 * unlisted.h: lines of crt-lists that are out of their files, kept in the state
 * directory until they are back: their options (a client's certificate that is
 * required, say) and their places are the operator's, and a run may be killed
 * between taking a line out and whatever comes of it.
 *
 *   a line is out because           it comes back
 *   a detach was killed             when the next run begins: its bundle is
 *                                   there (unlisted_sweep())
 *   a first bundle was taken back   with the next bundle that is installed
 *   it was detached                 not: unlisted_remove()
 */
#ifndef HOOKS_UNLISTED_H
#define HOOKS_UNLISTED_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/conf.h"
#include "base/err.h"
#include "haproxy/crtlist.h"

/* The lines of one store on one list. */
struct unlisted_line {
	char *list, *path, *crt_base, *store; /* as in struct item_store */
	struct buf taken; /* as crtlist_file_del() has them */
};

/* Those of one lineage. */
struct unlisted {
	struct unlisted_line *items;
	size_t count;
};

/* Adds lines (copied). ERR_NOMEM, ERR_INVALID (a name with a line break). */
int unlisted_add(struct unlisted *unlisted, const char *list,
    const struct crtlist_file *file, const char *store, const struct buf *taken,
    struct err *err) MUST_CHECK;

/* Keeps them for the lineage `name`, durably. ERR_PERM, ERR_IO, ERR_UNSAFE. */
int unlisted_save(const struct conf *conf, const char *name,
    const struct unlisted *unlisted, struct err *err) MUST_CHECK;

/* What is kept for it; nothing is no error. `ret` is owned. ERR_SYNTAX. */
int unlisted_read(const struct conf *conf, const char *name,
    struct unlisted *ret, struct err *err) MUST_CHECK;

void unlisted_remove(const struct conf *conf, const char *name);

/*
 * Puts back what a killed run took out of the lists and left so (with
 * `look_only` nothing). True: lines of some lineage are kept, or were.
 */
bool unlisted_sweep(const struct conf *conf, bool look_only);

void unlisted_free(struct unlisted *unlisted);

#endif
