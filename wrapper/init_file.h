/*
 * init_file.h: one of the operator's files that init changes, and keeps a copy
 * of. Shared by init_write.c and init_conf.c.
 */
#ifndef WRAPPER_INIT_FILE_H
#define WRAPPER_INIT_FILE_H

#include <limits.h>
#include <stdbool.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "wrapper/init.h"

struct init_file {
	char path[LIMIT_PATH_BYTES]; /* as it is configured */
	char real[LIMIT_PATH_BYTES]; /* without links */
	char staged[LIMIT_PATH_BYTES]; /* "" where it is not changed */
	char tmp[NAME_MAX + 1];
	bool replaced;
	int dir_fd; /* -1: not open */
	struct fs_owner owner; /* while it is staged */
	mode_t mode;
	nlink_t links; /* the names that it has */
	char lost[LIMIT_LOG_LINE_BYTES]; /* attributes, "a, b" */
	struct fs_ident ident;
	struct buf text; /* the old one */
};

/* What is behind the last slash. */
const char *init_file_base(const char *path);

/* Begins with `path`, open to nothing; init_file_close() in the end. */
void init_file_name(struct init_file *file, const char *path);
void init_file_close(struct init_file *file);

/*
 * Removes what killed runs have staged beside `path` (in it, where it is a
 * directory): from a directory that only root or we may write to, while the
 * lock is held, as other files are staged there under it.
 */
void init_file_sweep(struct init *init, const char *path);

/* The old text, and where it really is: a link is not to be replaced. */
int init_file_open(struct init_file *file, struct err *err) MUST_CHECK;

/*
 * The new text beside it, with owner, mode and attributes of the old, which
 * goes away with init_file_close().
 */
int init_file_stage(
    struct init_file *file, const struct buf *text, struct err *err) MUST_CHECK;

/* The old text as `name` beside it, or in its own place again. */
int init_file_restore(
    struct init_file *file, const char *name, struct err *err) MUST_CHECK;

/*
 * Keeps a copy, and puts the new text in place. ERR_EXISTS: somebody else has
 * changed it since it was opened.
 */
int init_file_replace(
    struct init *init, struct init_file *file, struct err *err) MUST_CHECK;

#endif
