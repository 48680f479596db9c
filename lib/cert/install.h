/*
 * install.h: bundles onto the disk, so that at every instant, and after a
 * kill at any instant, the crt directory holds the old bundle or the new one.
 *
 *   stage    .certhaul-XXXX in the crt directory; owner, group and mode on
 *            the descriptor before a byte (HAProxy skips dot files); then
 *   keep     the old bundle becomes the newest generation, outside: a second
 *            link to its inode, so it costs no byte
 *   sync     fsync of the staged file and of the generation's folder; for a
 *            batch one syncfs has both (one more where the generations are on
 *            another file system)
 *   publish  rename over NAME.pem, which takes from the old inode the one name
 *            it had in the crt directory; then the generations are pruned
 *   settle   fsync of the crt directory, once a batch
 *
 * The old bundle is kept by stage and not by publish, so that the sync that
 * lies between them makes its new name durable before the rename drops the
 * old one, in a batch too and at no cost. A staged file that is discarded
 * takes its generation with it.
 *
 * The crash table; "memory" is HAProxy's (see haproxy/transaction.h):
 *
 *   killed after     disk  memory             the next converge
 *   stage            old   old                sweeps the dot file, starts anew
 *   keep             old   old                the same; the newest generation
 *                                             is the old bundle's own inode
 *                                             (or equal bytes): it is reused
 *   sync             old   old                the same
 *   set ssl cert     old   old, transaction   the same; aborts the transaction
 *   publish          new   old, transaction   aborts; set, commit, verify
 *   settle           new   old, transaction   the same
 *   commit ssl cert  new   new                compares, verifies, records
 *   verify           new   new                writes the record
 *   restore          old   as it was          a generation left over is reused
 *   hide             none  as it was          install_sweep() brings it back
 *
 * After a loss of power HAProxy's memory is gone and it starts from the disk:
 *
 *   lost before      the crt directory has    the old bundle is
 *   sync             old                      in the crt directory; what was
 *                                             staged may be a dot file of any
 *                                             length: swept
 *   publish          old                      there and, durable, a generation
 *   settle           old or new, each whole   a generation, durable
 *   (later)          new                      the same
 *
 * Only the pruning is never synced: an older generation may come back, and
 * the next publish prunes it again.
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

/*
 * The start of the name of a hidden bundle, ".certhaul~NAME.pem". It is no
 * FS_STAGE_PREFIX: a staged file that a killed run left is rubbish, a hidden
 * one is the only copy of what HAProxy serves.
 */
#define INSTALL_HIDDEN_PREFIX ".certhaul~"

struct install; /* an open crt directory and its generations */

struct install_policy {
	const char *bundle_dir; /* borrowed for the life of the install */
	const char *generations_dir; /* made 0700, not bundle_dir; NAME/N.pem */
	struct fs_owner owner; /* of a bundle */
	bool look_only; /* make nothing; only what reads will be called; no
	    generations_dir is then no error */
	long generations; /* how many earlier bundles are kept; at least the
	    one that install_restore() needs is, LIMIT_GENERATIONS at most */
};

/* A bundle on its way. */
struct install_staged {
	char name[LIMIT_LINEAGE_NAME_BYTES + 1]; /* the lineage's */
	char tmp[NAME_MAX + 1]; /* "" when not staged (any more) */
	bool kept; /* the old bundle is the newest generation */
	long number; /* the generation that stage made, 0: none or reused */
	long original; /* what install_keep_original() made, 0: nothing */
};

/* The file of `name` in the crt directory. */
struct install_state {
	bool exists;
	struct fs_ident ident;
	struct fs_owner owner; /* as it is, to compare with the policy's */
};

/*
 * Opens both directories. They must be ours or root's and not writable by
 * group or others (ERR_UNSAFE says which chown or chmod mends it), and we must
 * be able to write into them (ERR_PERM names path and user; ERR_IO where the
 * file system is read-only). ERR_NOENT: no crt directory. ERR_CONF: the two
 * are one. Returns owned.
 *
 * In all calls below ERR_USAGE means that `name` is no lineage's name; nothing
 * was touched then.
 */
int install_open(const struct install_policy *policy, struct install **ret,
    struct err *err) MUST_CHECK;
void install_close(struct install *install);

/*
 * Mends what killed runs left in the crt directory; returns how many files
 * that were. A staged file is removed. A hidden bundle is brought back (and
 * that is durable), unless there is a NAME.pem again: then it is removed. One
 * pass over the directory; lock held.
 */
unsigned install_sweep(struct install *install);

/*
 * Is there something to be swept, for what is known? A killed run leaves a mark
 * in generations_dir, so that who deploys one bundle need not look at all. (A
 * machine that crashed may have lost a mark, and kept what was staged: for who
 * looks at all.)
 */
bool install_was_killed(const struct install *install);

/* "bundle_dir/NAME.pem" into `ret` of `size` bytes. ERR_LIMIT. */
int install_path(const struct install *install, const char *name, char *ret,
    size_t size, struct err *err) MUST_CHECK;

/*
 * What is there for `name`; absent is no error. ERR_SYNTAX: a symbolic link
 * (never followed, never replaced) or no regular file; the detail has what to
 * do about it. install_read(), install_stage() and install_hide() refuse the
 * same.
 */
int install_stat(const struct install *install, const char *name,
    struct install_state *ret, struct err *err) MUST_CHECK;

/* Does the file have the policy's owner, group and mode? */
bool install_owner_ok(
    const struct install *install, const struct install_state *state);

/*
 * Appends the installed bundle to `ret` (made secret). ERR_NOENT, ERR_LIMIT,
 * ERR_SYNTAX.
 */
int install_read(const struct install *install, const char *name,
    struct buf *ret, struct err *err) MUST_CHECK;

/*
 * Writes `pem` (borrows) to a dot file and keeps the old bundle, if there is
 * one, as the newest generation: a hard link, or a synced copy with the old
 * owner and mode where the generations are on another file system; the same
 * bundle (same inode or same bytes) is not kept twice. The staged file and the
 * link are not synced yet. On failure nothing is left behind. ERR_INVALID (no
 * bytes: HAProxy would not start with such a file), ERR_SYNTAX, ERR_PERM,
 * ERR_IO, ERR_NOMEM.
 */
int install_stage(struct install *install, const char *name,
    const struct buf *pem, struct install_staged *ret,
    struct err *err) MUST_CHECK;

/*
 * To be called behind stage where the old bundle is somebody else's: it may be
 * the only copy of its key. It is kept in its folder a second time, under a
 * name that neither publish nor install_forget() removes: original.pem, then
 * original-2.pem and so on, each once; past LIMIT_ORIGINALS of them it is a
 * generation like others. Nothing is there: a no-op. ERR_PERM, ERR_IO.
 */
int install_keep_original(struct install *install,
    struct install_staged *staged, struct err *err) MUST_CHECK;

/* "generations_dir/NAME/original.pem" into `ret`; false: there is none. */
bool install_original(
    const struct install *install, const char *name, char *ret, size_t size);

/*
 * Makes what was staged and kept durable: of the one bundle where `only` is
 * not NULL, otherwise everything with one syncfs a file system. To be called
 * between stage and publish. ERR_IO: nothing may be published.
 */
int install_sync(struct install *install, const struct install_staged *only,
    struct err *err) MUST_CHECK;

/*
 * Renames the staged file over NAME.pem. The rename is the last step that can
 * fail, so failure means: nothing changed, and install_discard() is due. Then
 * generations past policy.generations, and earlier ones with the bytes of the
 * newest, are removed; where that fails, the next publish does it.
 */
int install_publish(struct install *install, struct install_staged *staged,
    struct err *err) MUST_CHECK;

/* fsync of the crt directory. */
int install_settle(struct install *install, struct err *err) MUST_CHECK;

/*
 * Removes a staged file that will not be published, with the generation that
 * its staging made, or a hidden bundle for good. After publish, and the second
 * time, a no-op.
 */
void install_discard(struct install *install, struct install_staged *staged);

/*
 * Puts the bundle back that publish replaced (durable): the newest
 * generation where staged->kept, with the owner and mode it had; where there
 * was none before, the file is removed. The generation is taken out of the
 * history again. Only `name` and `kept` are looked at, so a later run can
 * fill them (see record.h, `replaced`) to undo what a killed one published.
 * ERR_NOENT: kept, but there is no generation; nothing was changed.
 */
int install_restore(struct install *install,
    const struct install_staged *staged, struct err *err) MUST_CHECK;

/*
 * Hides NAME.pem (renamed to a dot file, told in `ret`), so that HAProxy's
 * configuration can be checked without it; then install_discard() removes it
 * for good (install_settle() makes that durable) or install_unhide() brings it
 * back. ERR_NOENT, ERR_SYNTAX.
 */
int install_hide(struct install *install, const char *name,
    struct install_staged *ret, struct err *err) MUST_CHECK;
int install_unhide(struct install *install, struct install_staged *hidden,
    struct err *err) MUST_CHECK;

/* Removes all generations of `name`, not its originals; none is no error. */
int install_forget(
    struct install *install, const char *name, struct err *err) MUST_CHECK;

/*
 * The numbers of the generations that are kept, newest first, at most `most`;
 * returns how many were written to `ret`, or a negative code. After a kill the
 * newest can have the bytes of what is installed: to go back, take the first
 * that differs.
 */
int install_generations(const struct install *install, const char *name,
    long *ret, size_t most, struct err *err) MUST_CHECK;

/*
 * The file of generation `number`: mtime is when it was installed (or, where
 * the generations are on another file system, replaced). ERR_NOENT.
 */
int install_generation_stat(const struct install *install, const char *name,
    long number, struct fs_ident *ret, struct err *err) MUST_CHECK;

/*
 * The newest generation of `name` whose bytes have this digest into `ret`
 * (secret); `*ret_number`: 0, where there is none.
 */
int install_generation_find(const struct install *install, const char *name,
    const unsigned char *digest, struct buf *ret, long *ret_number,
    struct err *err) MUST_CHECK;

/* Appends generation `number` of `name` to `ret` (secret). ERR_NOENT. */
int install_generation_read(const struct install *install, const char *name,
    long number, struct buf *ret, struct err *err) MUST_CHECK;

#endif
