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
 *   all of archive N+1    links on N                   the same
 *   some links            mixed: previous_KIND.pem     store_repair(): on to
 *                         tell the switch              N+1 where all four of
 *                                                      N+1 are whole, else back
 *   all links             links on N+1                 nothing
 */
#ifndef ACME_STORE_H
#define ACME_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "acme/renewal.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "cert/lineage.h"

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
	long generation;
	struct pki_cert *leaf; /* owned */
	struct err broken; /* why it cannot be used; code 0: it can */
};

/* Makes config, work and logs directories with certbot's modes. */
int store_prepare(const struct store_dirs *dirs, struct err *err) MUST_CHECK;

/* All renewal/NAME.conf, sorted as certbot sorts them; names owned. */
int store_names(const struct store_dirs *dirs, char ***ret, size_t *ret_count,
    struct err *err) MUST_CHECK;

/*
 * Reads one lineage. What is wrong with it (certbot would say "could not be
 * parsed") is in ret->broken, not an error. ERR_NOENT: no such conf.
 */
int store_read(const struct store_dirs *dirs, const char *name,
    struct store_lineage *ret, struct err *err) MUST_CHECK;
void store_lineage_free(struct store_lineage *lineage);

/*
 * The name for a new lineage: `wanted`, or wanted-0001 and so on, where
 * renewal/wanted.conf is there.
 */
int store_new_name(const struct store_dirs *dirs, const char *wanted, char *ret,
    size_t size, struct err *err) MUST_CHECK;

/*
 * A new lineage: directories (live/README, live/NAME/README), generation 1,
 * links, then `conf` with certbot's own top-level keys in it. ERR_EXISTS: a
 * live or archive directory of that name is there (certbot refuses too).
 */
int store_create(const struct store_dirs *dirs, const char *name,
    const struct store_files *files, struct renewal *conf,
    struct err *err) MUST_CHECK;

/*
 * Generation N+1 of a lineage that is there; the new key takes group and mode
 * from the old one (0600 | old & 0074). Then the links are switched, the conf
 * is written, and what is older than the newest and five before it is removed.
 */
int store_renew(const struct store_dirs *dirs, const char *name,
    const struct store_files *files, struct renewal *conf, long *ret_generation,
    struct err *err) MUST_CHECK;

/* Mends links that a killed switch (certbot's too) left mixed. */
int store_repair(const struct store_dirs *dirs, const char *name,
    bool *ret_mended, struct err *err) MUST_CHECK;

/* conf, links, README, live directory if empty, archive: certbot's delete. */
int store_delete(const struct store_dirs *dirs, const char *name,
    struct err *err) MUST_CHECK;

/* Splits a chain as the CA sends it into cert and the rest. ERR_SYNTAX. */
int store_split_chain(const struct buf *fullchain, struct buf *ret_cert,
    struct buf *ret_chain, struct err *err) MUST_CHECK;

/*
 * An order that is under way: its URL and its key, in a file of our own below
 * work_dir (0600, directory 0700), so that a killed run resumes it. `ret_key`
 * secret. ERR_NOENT: none.
 */
struct store_pending {
	char order_url[LIMIT_URL_BYTES];
	char server[LIMIT_URL_BYTES], account_url[LIMIT_URL_BYTES];
	char names_digest[65]; /* SHA-256 of the sorted names, hexadecimal */
	time_t begun_s;
	struct buf key; /* PEM; secret; owned */
};
int store_pending_write(const struct store_dirs *dirs, const char *name,
    const struct store_pending *pending, struct err *err) MUST_CHECK;
int store_pending_read(const struct store_dirs *dirs, const char *name,
    struct store_pending *ret, struct err *err) MUST_CHECK;
int store_pending_remove(const struct store_dirs *dirs, const char *name,
    struct err *err) MUST_CHECK;
void store_pending_free(struct store_pending *pending);

#endif
