/*
 * fs.h: files that are read with care and replaced whole.
 *
 * Every file of ours is written by stage (a dot file beside it, owner and
 * mode set on the descriptor before the first byte), sync, rename, sync of
 * the directory. A reader sees the old file or the new one, never a part.
 */
#ifndef BASE_FS_H
#define BASE_FS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"

/* The start of the name of every staged file: ".certhaul-". */
#define FS_STAGE_PREFIX ".certhaul-"

struct fs_owner {
	uid_t uid;
	gid_t gid;
	mode_t mode; /* permission bits, at most 0777 */
};

/* What tells one version of a file from every other. */
struct fs_ident {
	unsigned long long dev, ino, size;
	long long mtime_ns, ctime_ns;
};

enum fs_trust {
	FS_TRUST_ANY, /* whoever may write it */
	FS_TRUST_PRIVATE, /* ours or root's, not writable by group or others */
};

/*
 * Reads the regular file `path` below `dirfd` (AT_FDCWD will do) through its
 * links into `ret` (appended), at most ret->max_bytes. `ret_ident` may be
 * NULL. Errors: ERR_NOENT, ERR_PERM, ERR_LIMIT, ERR_UNSAFE (`trust` not met:
 * the detail says who may write), ERR_SYNTAX (not a regular file), ERR_IO.
 */
int fs_read(int dirfd, const char *path, enum fs_trust trust, struct buf *ret,
    struct fs_ident *ret_ident, struct err *err) MUST_CHECK;

/*
 * The same of the one file `name` in `dirfd`, which may not be a link:
 * ERR_UNSAFE. `ret_stat` (may be NULL) is of the file that was read.
 */
int fs_read_here(int dirfd, const char *name, enum fs_trust trust,
    struct buf *ret, struct stat *ret_stat, struct err *err) MUST_CHECK;

/*
 * Refuses `path` with ERR_UNSAFE unless it is a directory, ours or root's, and
 * not writable by others (a sticky one like /tmp is not enough).
 */
int fs_check_dir(const char *path, struct err *err) MUST_CHECK;

/* The same of the directory that `fd` is; `path` is for the message. */
int fs_check_dir_fd(int fd, const char *path, struct err *err) MUST_CHECK;

/* The identity in `st`. */
void fs_ident_from(const struct stat *st, struct fs_ident *ret);

/* Is it the same version of the same file? */
bool fs_ident_equal(const struct fs_ident *a, const struct fs_ident *b);

/*
 * Turns names into numbers: `user`, `group` (names or numbers) and `mode`
 * (octal text, at most 0777). ERR_CONF names the one that does not exist.
 */
int fs_owner_resolve(const char *user, const char *group, const char *mode,
    struct fs_owner *ret, struct err *err) MUST_CHECK;

/* `mode` without what the umask takes: for files as open() would make them. */
mode_t fs_masked(mode_t mode);

/*
 * Makes the directory `path` and its missing parents with `mode`; one that
 * is there is left as it is. ERR_PERM, ERR_IO, ERR_SYNTAX (not a directory).
 */
int fs_mkdirs(const char *path, mode_t mode, struct err *err) MUST_CHECK;

/* Opens a directory for the *at calls into `ret_fd`. ERR_NOENT, ERR_PERM. */
int fs_open_dir(const char *path, int *ret_fd, struct err *err) MUST_CHECK;

/*
 * Writes `data` into a new dot file in `dirfd`; `ret_tmp` (NAME_MAX + 1
 * bytes) gets its name. Opened O_EXCL with mode 0; owner and mode are set
 * on the descriptor before a byte is written. fsynced where `sync`. Nothing
 * is left behind on failure. ERR_IO, ERR_PERM, ERR_NOMEM.
 */
int fs_stage(int dirfd, const struct fs_owner *owner, const void *data,
    size_t len, bool sync, char *ret_tmp, struct err *err) MUST_CHECK;

/*
 * Stages with sync, renames over `name`, syncs the directory. An error is on
 * `name` in the directory that `dirfd` is.
 */
int fs_replace(int dirfd, const char *name, const struct fs_owner *owner,
    const void *data, size_t len, struct err *err) MUST_CHECK;

/*
 * Gives the open file `to` the extended attributes of `from`, its ACL among
 * them (set the mode after that). `ret_lost` of `size` bytes gets the names of
 * those that cannot be set, "" where all could. (fs_attributes.c)
 */
void fs_copy_attributes(int from, int to, char *ret_lost, size_t size);

/* Renames `from` to `to` within `dirfd`. `dir` is for the message. */
int fs_rename(int dirfd, const char *dir, const char *from, const char *to,
    struct err *err) MUST_CHECK;

/* fsync of a directory or file; `path` is for the message. */
int fs_sync(int fd, const char *path, struct err *err) MUST_CHECK;

/* syncfs of the file system that `fd` is on. */
int fs_sync_all(int fd, const char *path, struct err *err) MUST_CHECK;

/* Removes staged files that a killed run left in `dirfd`; returns how many. */
unsigned fs_sweep(int dirfd);

/* Bytes that are free to us on the file system of `path`. ERR_IO. */
int fs_free_bytes(
    const char *path, unsigned long long *ret, struct err *err) MUST_CHECK;

/*
 * Joins `dir` and `name` with one slash into `ret` of `size` bytes.
 * ERR_LIMIT where it does not fit.
 */
int fs_join(char *ret, size_t size, const char *dir, const char *name,
    struct err *err) MUST_CHECK;

/* `path` behind the working directory; a copy. NULL: no memory. Owned. */
char *fs_absolute(const char *path) MUST_CHECK;

#endif
