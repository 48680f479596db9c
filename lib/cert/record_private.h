/*
 * record_private.h: a record as text, for record.c alone.
 */
#ifndef CERT_RECORD_PRIVATE_H
#define CERT_RECORD_PRIVATE_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "cert/record.h"

/*
 * Appends `record` as text; equal records give equal bytes. ERR_INVALID where
 * it has what could not be read back (a path that is not absolute or has a
 * control character in it), ERR_LIMIT, ERR_NOMEM.
 */
int record_text_write(
    const struct record *record, struct buf *ret, struct err *err) MUST_CHECK;

/*
 * Reads `text` (NUL-terminated, `len` bytes without that) as the record of
 * `name`. False where any line of it is not what record_text_write() makes;
 * a key that is not known (a later certhaul's) is passed over.
 */
bool record_text_read(const char *text, size_t len, const char *name,
    struct record *ret) MUST_CHECK;

#endif
