/*
 * buf.h: a growing byte buffer with a maximum, wiped where it held a secret.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"

struct buf {
	char *data; /* NULL while empty; always followed by a NUL byte */
	size_t len; /* bytes, without that NUL */
	size_t cap;
	size_t max_bytes;
	bool secret; /* wiped when it grows, is reset or is freed */
};

#define BUF_INIT(max)                                                          \
	{                                                                      \
		NULL, 0, 0, (max), false                                       \
	}
#define BUF_SECRET(max)                                                        \
	{                                                                      \
		NULL, 0, 0, (max), true                                        \
	}

/*
 * Appends `len` bytes of `data` (borrows). ERR_LIMIT where max_bytes would be
 * passed (nothing is appended then), ERR_NOMEM.
 */
int buf_add(
    struct buf *buf, const void *data, size_t len, struct err *err) MUST_CHECK;

/* Appends the string `text`; errors as buf_add(). */
int buf_puts(struct buf *buf, const char *text, struct err *err) MUST_CHECK;

/* Appends formatted text; errors as buf_add(). */
int buf_printf(struct buf *buf, struct err *err, const char *fmt, ...)
    PRINTF_LIKE(3, 4) MUST_CHECK;

/*
 * Makes room for `more` bytes behind `len` and returns where they go, NULL
 * with `err` filled (ERR_LIMIT, ERR_NOMEM) where that cannot be. The caller
 * then adds to `len` what it wrote.
 */
char *buf_room(struct buf *buf, size_t more, struct err *err) MUST_CHECK;

/* The text, never NULL: "" while empty. */
const char *buf_text(const struct buf *buf);

/* Empties the buffer and keeps its memory; wiped first where secret. */
void buf_reset(struct buf *buf);

/* Frees and wipes; the buffer can be used again. NULL is no-op. */
void buf_free(struct buf *buf);

/* Overwrites `len` bytes at `data` in a way the compiler cannot drop. */
void buf_wipe(void *data, size_t len);

#endif
