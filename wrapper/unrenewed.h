/*
 * unrenewed.h: which lineages the engine was last asked to renew in vain: an
 * empty file state_dir/unrenewed/NAME each, of the time when that was. certbot
 * keeps it in a log alone, and somebody has to be told.
 */
#ifndef WRAPPER_UNRENEWED_H
#define WRAPPER_UNRENEWED_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/conf.h"
#include "base/err.h"

/*
 * Notes that it failed now, or that it did not. ERR_UNSAFE: others may write
 * in state_dir; ERR_PERM, ERR_IO, ERR_LIMIT.
 */
int unrenewed_note(const struct conf *conf, const char *name, bool failed,
    struct err *err) MUST_CHECK;

/*
 * Takes away the notes of those of which `is_gone` says so. ERR_PERM, ERR_IO,
 * ERR_LIMIT.
 */
int unrenewed_sweep(const struct conf *conf,
    bool (*is_gone)(const void *context, const char *name), const void *context,
    struct err *err) MUST_CHECK;

/*
 * When it failed, in nanoseconds since the epoch; 0: it did not. A lineage
 * whose certificate is newer than that has been renewed since.
 */
long long unrenewed_since_ns(const struct conf *conf, const char *name);

#endif
