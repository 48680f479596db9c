/*
 * conf_scan.h: private to conf: what libconfig would get wrong in silence.
 */
#ifndef BASE_CONF_SCAN_H
#define BASE_CONF_SCAN_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"

/*
 * Looks through the text of the file `file`, before libconfig does: a NUL byte
 * (it would end the text early), @include, and whole numbers that it would
 * cut to 32 bits. ERR_CONF with file and line.
 */
int conf_scan(
    const struct buf *text, const char *file, struct err *err) MUST_CHECK;

#endif
