/*
 * record_private.h: what the parts of record share: the open store, a record
 * as text, and the intents. Nobody else includes it.
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

struct record_waiting; /* a record that was written and has not its name yet */
struct record_intents;

struct record_store {
	char path[LIMIT_PATH_BYTES];
	int fd;
	bool look_only; /* nothing is made or removed */
	struct record_waiting *waiting; /* room for LIMIT_BATCH */
	size_t waiting_count;
	struct record_intents *intents;
	bool writes; /* something was changed: we are the one at work */
	/* The name that was loaded last, and what its file had; empty: none. */
	char loaded[LIMIT_LINEAGE_NAME_BYTES + 1];
	struct buf loaded_text;
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

/* `len` digits of lower-case hexadecimal into `size` bytes; false: not so. */
bool record_text_hex(
    const char *text, size_t len, unsigned char *ret, size_t size) MUST_CHECK;

/* Reads the intents that are on disk. ERR_NOMEM, ERR_PERM, ERR_IO. */
int record_intents_open(struct record_store *store, struct err *err) MUST_CHECK;
void record_intents_close(struct record_store *store);

/*
 * The record that `name`, which was loaded last, set out to become (borrowed);
 * NULL where there is none over what its file has.
 */
const char *record_intents_find(
    struct record_store *store, const char *name, size_t *ret_len);

/* False: the file of `name` certainly has other bytes than `text`. */
bool record_intents_allow(const struct record_store *store, const char *name,
    const struct buf *text) MUST_CHECK;

/* Its end is known: what the file has of it is out of date. */
void record_intents_end(struct record_store *store, const char *name);

/* The same where there will be no record: the file must not have it. */
int record_intents_forget(
    struct record_store *store, const char *name, struct err *err) MUST_CHECK;

/* Hands out the names that have an intent and no record. */
int record_intents_names(struct record_store *store,
    int (*add_name)(void *context, const char *name, struct err *err),
    void *context, struct err *err) MUST_CHECK;

#endif
