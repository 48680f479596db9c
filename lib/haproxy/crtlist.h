/*
 * crtlist.h: which stores are on which bind lines, in memory and on disk.
 *
 * In HAProxy's memory a directory (`crt /dir/`) is a crt-list named /dir.
 */
#ifndef HAPROXY_CRTLIST_H
#define HAPROXY_CRTLIST_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "haproxy/process.h"

/*
 * The crt-lists, and directories, that the bind lines of a process load: `show
 * ssl crt-list`. `*ret` ends with a NULL: crtlist_names_free(). ERR_DOWN,
 * ERR_PERM (the socket's level is not admin), ERR_TIMEOUT, ERR_NOMEM.
 */
int crtlist_names(
    const struct process *process, char ***ret, struct err *err) MUST_CHECK;
void crtlist_names_free(char **names);

/* Is `list` one of them? */
bool crtlist_has_name(char *const *names, const char *list);

/*
 * `add ssl crt-list LIST STORE`: on every bind line that loads LIST, with or
 * without a slash at its end. A STORE that is there already is no error (and
 * is not added twice: HAProxy itself would, to a LIST that is a file).
 * ERR_HAPROXY with its words ("crt-list ... does not exist": LIST is not on
 * this process). ERR_INVALID: not one word of a command. Yields: see H2.
 */
int crtlist_add(const struct process *process, const char *list,
    const char *store, struct err *err) MUST_CHECK;

/*
 * `del ssl crt-list LIST STORE`, all of them where LIST has it several times;
 * an entry that is not there is no error, nor is a LIST that is not, nor a
 * STORE that is empty (2.6 says so of one that is only `new`);
 * `*ret_deleted` tells whether it had one.
 * ERR_HAPROXY: it is a default certificate (the words name the frontends).
 */
int crtlist_del(const struct process *process, const char *list,
    const char *store, bool *ret_deleted, struct err *err) MUST_CHECK;

/*
 * Puts STORE on LIST in memory with the options and filters of its lines, as
 * crtlist_file_lines() and crtlist_file_del() tell them (`taken`), or, where
 * there are none (a directory), as crtlist_add(). Errors as there.
 */
int crtlist_return(const struct process *process, const char *list,
    const char *store, const struct buf *taken, struct err *err) MUST_CHECK;

/* The entries of one list in memory, sorted by their stores. */
struct crtlist_dump {
	struct buf text;
	struct crtlist_line *lines;
	size_t count;
};

struct crtlist_line {
	const char *store; /* in text */
	const char *filters; /* "": none */
	size_t number; /* where it stands */
};

/* `show ssl crt-list LIST`; `ret` is owned. ERR_* as crtlist_names(). */
int crtlist_dump(const struct process *process, const char *list,
    struct crtlist_dump *ret, struct err *err) MUST_CHECK;
void crtlist_dump_free(struct crtlist_dump *dump);

/* The first line of `store`, `*ret_count` of them; NULL: it is not on it. */
const struct crtlist_line *crtlist_dump_find(
    const struct crtlist_dump *dump, const char *store, size_t *ret_count);

/* A crt-list file and what HAProxy makes of a relative name in it. */
struct crtlist_file {
	const char *path;
	const char *crt_base; /* "": names stand as they are */
};

/*
 * Adds the line `store` to the file, unless an entry for it is there: whole
 * file replaced (through a symlink), owner and mode and every other byte kept.
 * Entries are read as HAProxy reads them (configuration manual, 5.1, crt-list):
 * the first word, up to white space or a bracket, with no escapes; a comment
 * has its # in column one; the last line needs its newline, so it gets one.
 * Compared as text, a relative one also behind crt_base. `*ret_changed` tells.
 * ERR_NOENT, ERR_PERM, ERR_LIMIT, ERR_IO, ERR_INVALID (`store` cannot be an
 * entry), ERR_UNSAFE (the directory that the file itself is in may be written
 * by others than root and us).
 */
int crtlist_file_add(const struct crtlist_file *file, const char *store,
    bool *ret_changed, struct err *err) MUST_CHECK;

/*
 * Removes every entry whose first word is `store`; as above. `ret_taken` (NULL,
 * or a buffer of at most LIMIT_CRTLIST_BYTES) gets what crtlist_file_return()
 * puts back: the lines, their options included, and their places.
 */
int crtlist_file_del(const struct crtlist_file *file, const char *store,
    struct buf *ret_taken, bool *ret_changed, struct err *err) MUST_CHECK;
/* Those lines as they stand there; nothing is changed. */
int crtlist_file_lines(const struct crtlist_file *file, const char *store,
    struct buf *ret_taken, struct err *err) MUST_CHECK;
int crtlist_file_return(const struct crtlist_file *file, const char *store,
    const struct buf *taken, struct err *err) MUST_CHECK;

#endif
