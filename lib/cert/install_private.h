/*
 * install_private.h: what the files of install share. Nobody else includes
 * it.
 *
 * All work is done relative to the two descriptors; paths are only made for
 * messages.
 */
#ifndef CERT_INSTALL_PRIVATE_H
#define CERT_INSTALL_PRIVATE_H

#include <dirent.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "cert/install.h"

enum {
	/* NAME.pem, with its end. */
	INSTALL_FILE_BYTES = LIMIT_LINEAGE_NAME_BYTES + sizeof(".pem"),
	/* N.pem or original-N.pem, with its end. */
	INSTALL_GENERATION_BYTES = sizeof("original-9.pem"),
};
_Static_assert(LIMIT_LINEAGE_GENERATION == 99999999 && LIMIT_ORIGINALS == 9,
    "INSTALL_GENERATION_BYTES is for the highest N");

_Static_assert(
    sizeof(INSTALL_HIDDEN_PREFIX) + INSTALL_FILE_BYTES <= NAME_MAX + 2,
    "a hidden bundle's name does not fit");

struct install {
	struct install_policy policy;
	int bundles_fd, generations_fd;
	bool one_fs; /* one syncfs reaches both */
	bool folder_made; /* in generations_dir, and not synced yet */
	bool marked; /* by install_mark(): the file is there */
	bool left; /* what a sweep could not mend, so the mark stays */
	bool hid; /* what may be hidden still when it is closed */
};

/*
 * Before a file gets a name in the crt directory that only we know: a mark that
 * stays behind where we are killed (install_was_killed()). ERR_PERM, ERR_IO.
 */
int install_mark(struct install *install, struct err *err) MUST_CHECK;

/* None of them is left, unless a sweep left one. */
void install_unmark(struct install *install);

/*
 * NAME.pem into `ret`: the boundary that no name passes that could leave a
 * directory. ERR_USAGE.
 */
int install_file(
    const char *name, char ret[INSTALL_FILE_BYTES], struct err *err) MUST_CHECK;

/*
 * lstat of `file` in the crt directory; ERR_SYNTAX where it is not a regular
 * file. `ret` is set where it exists.
 */
int install_look(const struct install *install, const char *file,
    struct stat *ret, bool *ret_exists, struct err *err) MUST_CHECK;

/* As err_sys() for `file` in the crt directory; errno is read first. */
int install_fail(const struct install *install, const char *file,
    const char *call, struct err *err);

/*
 * Makes `file` (NAME.pem, whose stat is `st`) the newest generation; sets
 * staged->kept, and staged->number where one was made.
 */
int install_generations_keep(struct install *install, const char *file,
    const struct stat *st, struct install_staged *staged,
    struct err *err) MUST_CHECK;

/* Takes back what keep did. */
void install_generations_unkeep(
    struct install *install, const struct install_staged *staged);

/* fsync of the folder of `name`, and of the one above if that is news. */
int install_generations_sync(
    struct install *install, const char *name, struct err *err) MUST_CHECK;

/* Removes the generations of `name` that are too many or kept twice. */
void install_generations_prune(struct install *install, const char *name);

/*
 * Moves the newest generation of `name` to `file`, durable. ERR_NOENT: there
 * is none.
 */
int install_generations_restore(struct install *install, const char *name,
    const char *file, struct err *err) MUST_CHECK;

/* N.pem into `ret`. */
void install_folder_file(long number, char ret[INSTALL_GENERATION_BYTES]);

/* original.pem, or original-N.pem, into `ret`. */
void install_folder_original(long number, char ret[INSTALL_GENERATION_BYTES]);

/* As err_sys() for generation `file` ("": the folder) of `name`. */
int install_folder_fail(const struct install *install, const char *name,
    const char *file, const char *call, struct err *err);

/*
 * Opens the folder of `name`; the caller closes it. ERR_NOENT, ERR_PERM. The
 * second makes it where it is not there.
 */
int install_folder_open(const struct install *install, const char *name,
    DIR **ret, struct err *err) MUST_CHECK;
int install_folder_make(struct install *install, const char *name, DIR **ret,
    struct err *err) MUST_CHECK;

/*
 * Lists the newest `most` generations of a folder, newest first, and returns
 * how many there are. With `prune` those past them are removed, and so is what
 * a killed run left staged.
 */
int install_folder_scan(const struct install *install, const char *name,
    DIR *dir, long *list, size_t most, bool prune, struct err *err) MUST_CHECK;

#endif
