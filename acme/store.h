/*
 * store.h: certbot's lineages on disk: archive/NAME, live/NAME,
 * renewal/NAME.conf, byte for byte as certbot lays them out (contract
 * certbot.md, "On disk").
 *
 * A generation is written archive first, links last. After a kill:
 *
 *   killed after          on disk                      the next run
 *   some of archive N+1   links on N                   writes N+2 (N+1 is the
 *                                                      highest of any kind)
 *   all of archive N+1    links on N                   store_repair(): on to
 *                                                      N+1, as certbot does
 *   some links            mixed, with all of           the same; back to the
 *                         previous_KIND.pem (certbot   newest that is whole
 *                         goes back by them); of its   where N+1 is not
 *                         switch one may be missing
 *   all links             links on N+1; NAME.order     the deploy hooks
 *                         says that they came of it
 *
 * A new lineage is made aside, in .certhaul-NAME below archive/ and live/, and
 * comes to be by three renames, the conf's the last. One that is deleted goes
 * the other way. While renewal/.NAME.conf.certhaul is there and NAME.conf is
 * not, what archive/NAME and live/NAME hold is nobody's: the next
 * store_create() or store_delete() removes it.
 */
#ifndef ACME_STORE_H
#define ACME_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "cert/renewal.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "cert/lineage.h"
#include "cert/pki.h"

struct store_dirs {
	const char *config_dir, *work_dir, *logs_dir;
};

/* The four files of a generation. `privkey` is secret. */
struct store_files {
	const struct buf *cert, *chain, *fullchain, *privkey;
};

/* What there is of one lineage, as `certificates` and renew want it. */
struct store_lineage {
	struct lineage_ref ref;
	char conf_path[LIMIT_PATH_BYTES];
	struct renewal *conf; /* owned */
	long generation; /* the least that a link points at */
	bool mixed; /* the links differ: store_repair() */
	struct pki_cert *leaf; /* of the link to cert.pem; owned */
	struct err broken; /* why it cannot be used; code 0: it can */
};

/*
 * A lineage's name, as certbot takes it: a file's name, 1 to
 * LIMIT_LINEAGE_NAME_BYTES, without control bytes, and no dot first. HAProxy's
 * command line takes less (text_is_lineage_name()): certhaul-hook tells of it.
 */
bool store_is_name(const char *name) MUST_CHECK;

/* config_dir/live/NAME, whether it is there or not. ERR_USAGE: no such name. */
int store_ref(const struct store_dirs *dirs, const char *name,
    struct lineage_ref *ret, struct err *err) MUST_CHECK;

/*
 * Makes config, work and logs directories and the hooks' with certbot's modes.
 * The rest needs the locks (certlock.h).
 */
int store_prepare(const struct store_dirs *dirs, struct err *err) MUST_CHECK;

/*
 * All renewal/NAME.conf, sorted as certbot sorts them: by the file's name.
 * What is no lineage's name is among them; store_read() says so.
 * `*ret` is owned: lineage_names_free().
 */
int store_names(const struct store_dirs *dirs, char ***ret, size_t *ret_count,
    struct err *err) MUST_CHECK;

/*
 * Reads one lineage. What is wrong with it (certbot would say "could not be
 * parsed") is in ret->broken, not an error. ERR_NOENT: no such conf.
 */
int store_read(const struct store_dirs *dirs, const char *name,
    struct store_lineage *ret, struct err *err) MUST_CHECK;
void store_lineage_free(struct store_lineage *lineage);

/* ERR_NOENT, in certbot's words: there is no lineage `name`. */
void store_none(const struct store_dirs *dirs, const char *name,
    const char *doing, struct err *err);

/*
 * The name for a new lineage: `wanted`, or wanted-0001 and so on, where
 * renewal/wanted.conf is there.
 */
int store_new_name(const struct store_dirs *dirs, const char *wanted, char *ret,
    size_t size, struct err *err) MUST_CHECK;

/*
 * A new lineage: directories (live/README, live/NAME/README), generation 1,
 * links, then `conf` with certbot's own top-level keys in it. Once it is on its
 * way to be, and not before, that is noted with its order. ERR_EXISTS: a live
 * or archive directory of that name is there and has something in it (certbot
 * refuses too), or a conf.
 */
int store_create(const struct store_dirs *dirs, const char *name,
    const struct store_files *files, struct renewal *conf,
    struct err *err) MUST_CHECK;

/* Was a run killed while the lineage came to be, or went? */
bool store_is_half_made(
    const struct store_dirs *dirs, const char *name) MUST_CHECK;

/*
 * Generation N+1 of a lineage that is there; the new key takes group and mode
 * from the old one (0600 | old & 0074). Before that it is noted with the order,
 * and then the links are switched, the conf is written, and what is older than
 * the newest and five whole ones before it is removed.
 */
int store_renew(const struct store_dirs *dirs, const char *name,
    const struct store_files *files, struct renewal *conf, long *ret_generation,
    struct err *err) MUST_CHECK;

/*
 * Mends links that a killed switch (certbot's too) left mixed or missing, and
 * goes on to a later generation that is whole but not live. `*ret_mended`: live
 * is another one than before, which no hook has been told. ERR_NOENT: no such
 * conf; ERR_SYNTAX: the conf or the links are not certbot's, or no generation
 * is whole. What else a kill has left lying is removed.
 */
int store_repair(const struct store_dirs *dirs, const char *name,
    bool *ret_mended, struct err *err) MUST_CHECK;

/*
 * Points the links at the archive that the conf says, each at the generation
 * that it had: certbot's update_symlinks. ERR_NOENT; ERR_SYNTAX, and nothing is
 * changed: one is no link of certbot's, or what it is to lead to is not there.
 */
int store_relink(const struct store_dirs *dirs, const char *name,
    struct err *err) MUST_CHECK;

/* conf, links, README, live directory if empty, archive: certbot's delete. */
int store_delete(const struct store_dirs *dirs, const char *name,
    struct err *err) MUST_CHECK;

/*
 * Splits a chain as the CA sends it into cert and the rest, each block written
 * anew. ERR_SYNTAX: no certificate follows the first, or a block is none (RFC
 * 8555, 11.4).
 */
int store_split_chain(const struct buf *fullchain, struct buf *ret_cert,
    struct buf *ret_chain, struct err *err) MUST_CHECK;

/*
 * Opens work_dir/certhaul, where what is ours alone is kept from run to run
 * (0700); made where `make`. `ret_path` has LIMIT_PATH_BYTES. ERR_NOENT: it is
 * not there; ERR_UNSAFE: it is somebody else's, or others may write there.
 */
int store_folder(const struct store_dirs *dirs, bool make, int *ret_fd,
    char *ret_path, struct err *err) MUST_CHECK;

/*
 * An order that is under way: its URL and its key, in a file of our own below
 * work_dir (0600, directory 0700), so that a killed run resumes it. The key
 * may be "": it is made while the CA validates. ERR_NOENT: none.
 */
enum { STORE_LIVE_BYTES = PKI_SERIAL_BYTES + 256 };
struct store_pending {
	char order_url[LIMIT_URL_BYTES];
	char server[LIMIT_URL_BYTES], account_url[LIMIT_URL_BYTES];
	char wish_digest[65]; /* SHA-256 of what is wanted, hexadecimal */
	time_t begun_s;
	unsigned failures; /* of runs that went on with it; see pending.c */
	bool reused; /* the key is an earlier certificate's */
	/* When an order that gave nothing of use was given up for this one; 0:
	 * none was. */
	time_t replaced_s;
	/* What the lineage had when the order was begun, as of
	 * store_pending_describe(); "": not known (an older file). */
	char live[STORE_LIVE_BYTES];
	/* Likewise, what the order gave, once that is to be stored; "": not
	 * yet. Where it is live, not all its deploy hooks have run: that is
	 * all that is kept then (store_pending_stored()). */
	char got[STORE_LIVE_BYTES];
	/* The names that it is without, as the CA had refused them, with spaces
	 * between, once the CA may have issued it; owned. */
	struct buf without;
	struct buf key; /* PEM; secret; owned */
};
int store_pending_write(const struct store_dirs *dirs, const char *name,
    const struct store_pending *pending, struct err *err) MUST_CHECK;
int store_pending_read(const struct store_dirs *dirs, const char *name,
    struct store_pending *ret, struct err *err) MUST_CHECK;
int store_pending_remove(const struct store_dirs *dirs, const char *name,
    struct err *err) MUST_CHECK;
/*
 * Which certificate `live` is (serial and issuer), or that there is none
 * (NULL), into `ret` of STORE_LIVE_BYTES.
 */
void store_pending_describe(const struct pki_cert *live, char *ret);
/*
 * Notes with the order of `name`, before it is stored, that it gave `cert`
 * (PEM). Where there is no order any more there is nothing to note.
 */
int store_pending_note(const struct store_dirs *dirs, const char *name,
    const struct buf *cert, struct err *err) MUST_CHECK;
/*
 * What the order of `name` gave is in the store, and there are hooks to be run
 * (else it is removed at once): keeps that these are owed, and neither the
 * order's URL nor the key. Whoever deletes the lineage, or revokes it, need not
 * know of us: nothing may bring them back. Where that cannot be kept the order
 * is removed.
 */
int store_pending_stored(const struct store_dirs *dirs, const char *name,
    struct err *err) MUST_CHECK;
/* Is that all that is kept, so that there is no order to go on with? */
bool store_pending_is_debt(const struct store_pending *pending) MUST_CHECK;
/*
 * `*ret_owed`: what the order of lineage `name` gave is live, and its deploy
 * hooks have not all run: they are to be run, and then the order be removed.
 * By then it is as store_pending_stored() leaves it.
 *
 * Else removes the order where hooks were owed of what is live no more, and
 * where the live certificate is another one than when
 * the order was begun: it is its own (of an earlier version's run, which did
 * not note it), or somebody has put one there meanwhile. It must not be taken
 * up again, or a renewal would store the same certificate once more, or an
 * older one. Where that is not known it counts whether the live one has the
 * order's key, or is valid since after its beginning.
 */
int store_pending_settle(const struct store_dirs *dirs, const char *name,
    bool *ret_owed, struct err *err) MUST_CHECK;

/*
 * Removes each order that was begun before `oldest_s`, of whatever name; not
 * where its lineage is there and deploy hooks may be owed. Where only those are
 * and there is no lineage any more it goes at once. What cannot be read, or not
 * removed, stays: it is no failure.
 */
void store_pending_sweep(const struct store_dirs *dirs, time_t oldest_s);

/*
 * The first certificate of `pem`. ERR_SYNTAX: there is none; `origin` says of
 * what. Returns owned.
 */
int store_leaf(const struct buf *pem, const char *origin, struct pki_cert **ret,
    struct err *err) MUST_CHECK;
void store_pending_free(struct store_pending *pending);

#endif
