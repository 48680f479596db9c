/*
 * err.h: one failure, said once, where it is seen.
 *
 * A fallible function returns 0 or one of the negative codes below and takes
 * a `struct err *` as its last argument (never NULL). Whoever sees the failure
 * first fills it; everybody above passes it on untouched. Libraries do not
 * log: main turns a struct err into one line and an exit status.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stddef.h>

#include "base/attr.h"
#include "base/limits.h"

enum err_code {
	ERR_USAGE = -1, /* the command line or the environment is wrong */
	ERR_CONF = -2, /* certhaul.conf is wrong */
	ERR_NOMEM = -3, /* out of memory */
	ERR_IO = -4, /* the operating system refused; detail has errno */
	ERR_NOENT = -5, /* a thing that must be there is not */
	ERR_EXISTS = -6, /* a thing that must not be there is */
	ERR_PERM = -7, /* a right is missing: path, right and user in detail */
	ERR_UNSAFE = -8, /* others could have written what we must trust */
	ERR_LIMIT = -9, /* larger than limits.h allows */
	ERR_SYNTAX = -10, /* a file or a reply is not of its format */
	ERR_TIMEOUT = -11, /* no answer in time */
	ERR_LOCKED = -12, /* another certhaul holds the lock */
	ERR_INVALID = -13, /* refused by our validation */
	ERR_HAPROXY = -14, /* refused by HAProxy, in its own words */
	ERR_DOWN = -15, /* HAProxy does not listen on its socket */
	ERR_MISMATCH = -16, /* a handshake showed another certificate */
	ERR_UNPROVED = -17, /* no handshake could be made */
	ERR_CRYPTO = -18, /* OpenSSL refused; detail has its words */
	ERR_CHILD = -19, /* a program that we started failed */
	ERR_STOPPED = -20, /* a signal told us to end */
	ERR_REFUSED_CA = -21, /* by the CA, in its own words */
	ERR_REFUSED_INPUT = -22, /* ... and only the operator can mend it */
	ERR_LAST = ERR_REFUSED_INPUT, /* of these */
};

struct err {
	int code; /* 0 or an enum err_code */
	char doing[LIMIT_ERR_DOING_BYTES]; /* "reading the lineage" */
	char on[LIMIT_ERR_ON_BYTES]; /* a path, a name, an address */
	char detail[LIMIT_ERR_DETAIL_BYTES]; /* why, and what to do */
	long retry_after_s; /* 0, or what the other side asked for */
};

#define ERR_INIT                                                               \
	{                                                                      \
		0, "", "", "", 0                                               \
	}

/*
 * Fills `err` (borrows all strings, copies and cuts them) and returns `code`,
 * so that a failure reads `return err_set(err, ERR_LIMIT, ...)`. `on` may be
 * NULL. Text that is not UTF-8 or not printable is made so.
 */
int err_set(struct err *err, int code, const char *doing, const char *on,
    const char *fmt, ...) PRINTF_LIKE(5, 6);

/*
 * As err_set() for a failed system call: the code is chosen from errno
 * (EACCES, EPERM -> ERR_PERM; ENOENT -> ERR_NOENT; EEXIST -> ERR_EXISTS;
 * ENOMEM -> ERR_NOMEM; else ERR_IO) and the detail is `call: strerror`; for
 * ERR_PERM it also names the effective user. errno is read first.
 */
int err_sys(
    struct err *err, const char *doing, const char *on, const char *call);

/* As err_set(ERR_NOMEM, ...). */
int err_nomem(struct err *err, const char *doing);

/* Forgets what `err` says. */
void err_clear(struct err *err);

/*
 * Writes "doing on: detail" as one line of UTF-8, without a newline, into
 * `line` of `size` bytes; always terminated. Returns `line`.
 */
const char *err_text(const struct err *err, char *line, size_t size);

/* The code's name for a machine ("lock", "invalid"); static storage. */
const char *err_name(int code);

#endif
