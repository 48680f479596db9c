/*
 * record_private.h: what the files of record share: the store, and a record
 * as text. Nobody else includes it.
 */
#ifndef CERT_RECORD_PRIVATE_H
#define CERT_RECORD_PRIVATE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "cert/record.h"

/* A record that was written and has not its name yet. */
struct waiting {
	char tmp[NAME_MAX + 1];
	char name[LIMIT_LINEAGE_NAME_BYTES + 1];
};

struct record_store {
	char path[LIMIT_PATH_BYTES];
	int fd;
	bool look_only; /* nothing is made or removed */
	struct waiting *waiting; /* room for LIMIT_BATCH */
	size_t waiting_count;
};

/* As err_sys() for the record `name`; errno is read first. */
int record_fail(const struct record_store *store, const char *doing,
    const char *name, const char *call, struct err *err);

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
