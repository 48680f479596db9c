/*
 * record.h: what certhaul remembers of one lineage: state_dir/lineages/NAME.
 *
 * A record never decides what is true (the four observations do); it tells
 * what can be skipped because nothing moved, which bundles are ours to
 * remove, what is still to be done (a reload, a retry), and what failed.
 *
 * A small text file, mode 0600, replaced whole: "certhaul-record 1", then
 * `key value` a line, then "end". What is zero, false or empty is left out; a
 * key that is not known is passed over; a value that its validator refuses
 * makes the whole file no record.
 */
#ifndef CERT_RECORD_H
#define CERT_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/fs.h"
#include "cert/lineage.h"
#include "cert/pki.h"

/* A failure that waits for a later run to mend it. */
struct record_failure {
	bool present;
	time_t first_s, last_s;
	unsigned attempts;
	int code; /* enum err_code */
	char text[LIMIT_ERR_DETAIL_BYTES]; /* one line (cleaned when saved) */
};

/* A bundle went back, as another file has one of its names (hazard H4). */
struct record_taken {
	unsigned char digest[PKI_SHA256_BYTES]; /* that bundle; zero: none */
	char path[LIMIT_ERR_DETAIL_BYTES]; /* of the other file ... */
	unsigned char leaf_sha256[PKI_SHA256_BYTES]; /* ... and its leaf */
	/* HAProxy's configuration as it was: its files and their versions. */
	unsigned char config[PKI_SHA256_BYTES];
};

enum { RECORD_BEGUN_BYTES = sizeof("revoke") }; /* or "delete" */

struct record {
	struct lineage_ref lineage; /* the name is needed, the rest may be "" */
	bool installed; /* a bundle of ours is on disk: */
	unsigned char digest[PKI_SHA256_BYTES]; /* ... this one */
	/* What a run set out to publish, until its end is known; zero: none. */
	unsigned char intent[PKI_SHA256_BYTES];
	/* Published and never proved since: where it turns out not to be
	 * served, `replaced` comes back (zero: there was none). */
	bool pending;
	unsigned char replaced[PKI_SHA256_BYTES];
	bool replaced_ours; /* that one was ours, too */
	bool replaced_out; /* there was none, and the version was out */
	unsigned char leaf_sha1[PKI_SHA1_BYTES];
	unsigned char leaf_sha256[PKI_SHA256_BYTES];
	char leaf_serial[PKI_SERIAL_BYTES];
	time_t not_after_s;
	struct lineage_ident source; /* the version it was made from */
	/* An operator went back to an earlier bundle: the version `source` of
	 * the lineage is held back, and `intent`, else `digest`, is what is to
	 * be there in place of it. */
	bool held;
	/* An operator took it out: the version `source` of the lineage stays
	 * out of HAProxy until it is asked for by name. */
	bool out;
	bool revoked; /* ... or, as the CA has revoked it, even then */
	/* It was for a "revoke" or a "delete" of which the end is not known;
	 * "": it was for itself, or that has come to its end. */
	char begun[RECORD_BEGUN_BYTES];
	struct fs_ident bundle; /* the file that was published */

	bool proved; /* a handshake showed leaf_sha256 ... */
	time_t proved_s; /* ... then ... */
	/* ... of these workers (process_identity()) */
	char proved_by[LIMIT_IDENTITY_BYTES];
	/* What was wrong then where HAProxy may not listen; "": nothing. */
	char proved_but[LIMIT_ERR_DETAIL_BYTES];

	bool reload_due; /* on disk, and a reload must bring it to memory */
	struct record_failure failure;
	struct record_taken taken;
};

/* Did a run set out to publish something, whose end is not known? */
bool record_has_intent(const struct record *record);

/*
 * Is this the version of the lineage that the record holds back? Another
 * generation is not, nor one of the same number with other bytes; one whose
 * files merely moved or had their owner changed still is.
 */
bool record_is_held(
    const struct record *record, const struct lineage_ident *now);

/* Is this the version that was taken out? As above. */
bool record_is_out(
    const struct record *record, const struct lineage_ident *now);

/* Nothing is out any more. */
void record_take_in(struct record *record);

struct record_store; /* an open state_dir/lineages */

/*
 * Opens `state_dir`/lineages, making both 0700. ERR_UNSAFE: others may write
 * there. ERR_PERM, ERR_IO. Returns owned.
 */
int record_store_open(const char *state_dir, struct record_store **ret,
    struct err *err) MUST_CHECK;

/*
 * The same for who only looks: nothing is made, and nothing that a killed run
 * left is removed. ERR_NOENT: there are no records yet. To be called then:
 * record_load(), record_names(), record_store_close().
 */
int record_store_open_look(const char *state_dir, struct record_store **ret,
    struct err *err) MUST_CHECK;
void record_store_close(struct record_store *store);

/*
 * Loads the record of `name`; where there is none (or what is there cannot be
 * read as one: state is never trusted over observation) `ret` is zeroed but
 * for the name. ERR_PERM, ERR_IO.
 */
int record_load(struct record_store *store, const char *name,
    struct record *ret, struct err *err) MUST_CHECK;

/*
 * Saves it, replacing the file whole by rename; `durable`: synced at once, else
 * it takes its place at the next record_sync() (or when the store is closed).
 * A record equal to the one on disk is not written.
 */
int record_save(struct record_store *store, const struct record *record,
    bool durable, struct err *err) MUST_CHECK;

/*
 * Notes what a run sets out to do: `record` is loaded in place of what is
 * saved, until that is saved anew or removed. Durable at the next
 * record_sync_intents(), with one file for all of a batch. To be called for
 * the name that was loaded last. Errors as record_save().
 */
int record_intend(struct record_store *store, const struct record *record,
    struct err *err) MUST_CHECK;
int record_sync_intents(struct record_store *store, struct err *err) MUST_CHECK;

/* Removes it; absent is no error. */
int record_remove(
    struct record_store *store, const char *name, struct err *err) MUST_CHECK;

/*
 * All names that have a record, sorted bytewise; lineage_names_free(). What
 * runs that were killed an hour ago or more left staged is removed on the way.
 */
int record_names(struct record_store *store, char ***ret, size_t *ret_count,
    struct err *err) MUST_CHECK;

/* One sync for all that was saved without, then each takes its place. */
int record_sync(struct record_store *store, struct err *err) MUST_CHECK;

#endif
