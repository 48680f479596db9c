/*
 * install.h: bundles onto the disk, so that at every instant, and after a
 * kill at any instant, the crt directory holds the old bundle or the new one.
 *
 *   stage    .certhaul-XXXX in the crt directory; owner, group and mode on
 *            the descriptor before a byte (HAProxy skips dot files)
 *   sync     fsync of the one file, or one syncfs for a batch
 *   keep     the old bundle becomes the newest generation, outside
 *   publish  rename over NAME.pem
 *   settle   fsync of the crt directory, once a batch
 *
 * The crash table; "memory" is HAProxy's (see haproxy/transaction.h):
 *
 *   killed after     disk  memory             the next converge
 *   stage            old   old                sweeps the dot file, starts anew
 *   sync             old   old                the same
 *   set ssl cert     old   old, transaction   aborts the transaction, anew
 *   keep             old   old, transaction   the same; generation is reused
 *   publish          new   old, transaction   aborts; set, commit, verify
 *   settle           new   old, transaction   the same
 *   commit ssl cert  new   new                compares, verifies, records
 *   verify           new   new                writes the record
 *
 * After a loss of power the directory has the old or the new entry and either
 * file is whole, because data is synced before it is renamed; HAProxy's memory
 * is gone then, and it starts from the disk.
 */
#ifndef CERT_INSTALL_H
#define CERT_INSTALL_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"

struct install; /* an open crt directory and its generations */

struct install_policy {
	const char *bundle_dir; /* borrowed for the life of the install */
	const char *generations_dir; /* made 0700; one folder a lineage */
	struct fs_owner owner; /* of a bundle */
	long generations; /* how many earlier bundles are kept */
};

/* A bundle on its way. */
struct install_staged {
	char name[LIMIT_LINEAGE_NAME_BYTES + 1]; /* the lineage's */
	char tmp[NAME_MAX + 1]; /* "" when not staged (any more) */
	bool kept; /* the old bundle is a generation now */
};

/* The file of `name` in the crt directory. */
struct install_state {
	bool exists;
	struct fs_ident ident;
	struct fs_owner owner; /* as it is, to compare with the policy's */
};

/*
 * Opens both directories (the crt directory must exist and be private to its
 * owner: ERR_NOENT, ERR_UNSAFE, ERR_PERM). Returns owned.
 */
int install_open(const struct install_policy *policy, struct install **ret,
    struct err *err) MUST_CHECK;
void install_close(struct install *install);

/* Removes what killed runs left staged; returns how many. Lock held. */
unsigned install_sweep(struct install *install);

/* "bundle_dir/NAME.pem" into `ret` of `size` bytes. ERR_LIMIT. */
int install_path(const struct install *install, const char *name, char *ret,
    size_t size, struct err *err) MUST_CHECK;

/* What is there for `name`; absent is no error. ERR_SYNTAX: not a file. */
int install_stat(const struct install *install, const char *name,
    struct install_state *ret, struct err *err) MUST_CHECK;

/* Does the file have the policy's owner, group and mode? */
bool install_owner_ok(const struct install *install,
    const struct install_state *state);

/* Appends the installed bundle to `ret` (secret). ERR_NOENT, ERR_LIMIT. */
int install_read(const struct install *install, const char *name,
    struct buf *ret, struct err *err) MUST_CHECK;

/* Writes `pem` (borrows) to a dot file; not yet synced. */
int install_stage(struct install *install, const char *name,
    const struct buf *pem, struct install_staged *ret, struct err *err)
    MUST_CHECK;

/*
 * Makes what was staged durable: the one file where `only` is not NULL,
 * otherwise everything with one syncfs.
 */
int install_sync(struct install *install, const struct install_staged *only,
    struct err *err) MUST_CHECK;

/*
 * Keeps the old bundle, if there is one, as the newest generation (a hard
 * link, or a synced copy on another file system; the same bundle is not kept
 * twice), then renames the staged file over it. The rename is the last step,
 * so failure means: nothing changed.
 */
int install_publish(struct install *install, struct install_staged *staged,
    struct err *err) MUST_CHECK;

/* fsync of the crt directory. */
int install_settle(struct install *install, struct err *err) MUST_CHECK;

/* Removes a staged file that will not be published. */
void install_discard(struct install *install, struct install_staged *staged);

/*
 * Puts the bundle back that publish replaced (durable): the newest
 * generation where staged->kept; where there was none before, the file is
 * removed. The generation is taken out of the history again.
 */
int install_restore(struct install *install, const struct install_staged *staged,
    struct err *err) MUST_CHECK;

/*
 * Hides NAME.pem (renamed to a dot file, told in `ret`), so that HAProxy's
 * configuration can be checked without it; then install_discard() removes it
 * for good or install_unhide() brings it back.
 */
int install_hide(struct install *install, const char *name,
    struct install_staged *ret, struct err *err) MUST_CHECK;
int install_unhide(struct install *install, struct install_staged *hidden,
    struct err *err) MUST_CHECK;

/* Removes all generations of `name`. */
int install_forget(struct install *install, const char *name,
    struct err *err) MUST_CHECK;

/*
 * The numbers of the generations that are kept, newest first, at most `most`;
 * returns how many were written to `ret`, or a negative code.
 */
int install_generations(const struct install *install, const char *name,
    long *ret, size_t most, struct err *err) MUST_CHECK;

/* Appends generation `number` of `name` to `ret` (secret). ERR_NOENT. */
int install_generation_read(const struct install *install, const char *name,
    long number, struct buf *ret, struct err *err) MUST_CHECK;

#endif
