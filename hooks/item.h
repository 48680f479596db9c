/*
 * item.h: one lineage on its way: what was observed, what is to be done, how
 * it ended.
 */
#ifndef HOOKS_ITEM_H
#define HOOKS_ITEM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"
#include "cert/bundle.h"
#include "cert/install.h"
#include "cert/record.h"
#include "haproxy/transaction.h"
#include "hooks/site.h"

/* How one lineage ended; a higher one is graver and wins the exit status. */
enum item_outcome {
	ITEM_NOTHING, /* all four observations agree */
	ITEM_HELD, /* so too; in a summary: held back by a rollback, */
	ITEM_OUT, /* ... and detached */
	ITEM_DEPLOYED, /* brought to agreement and proved */
	ITEM_QUEUED, /* on disk; the reload is left to post */
	ITEM_REMOVED, /* the lineage is gone, its bundle too */
	ITEM_BEGUN, /* out, and what it was taken out for is not done */
	ITEM_FAILED, /* could not be done; nothing changed */
	ITEM_REFUSED, /* by our validation; nothing changed */
	ITEM_ROLLED_BACK, /* refused by HAProxy or by the handshake */
	ITEM_NOT_SERVED, /* installed, but not proved to be served */
	ITEM_OUTCOMES
};

/* One store of HAProxy's that is, or would be, made from the bundle. */
struct item_store {
	char *name, *list; /* list is "" with none */
	const char *path, *crt_base; /* of a crt-list; borrowed of the site */
	enum discovery_way way;
	bool listed;
	size_t lines; /* how many the list's file has */
	bool is_default; /* of a bind line: HAProxy may not let go of it */
	bool entered; /* by us, in this run: a bare line, nobody else's */
	struct buf taken; /* its lines of a crt-list file, while they are out */
	struct transaction_store seen[LIMIT_SOCKETS]; /* by process */
	bool touched[LIMIT_SOCKETS]; /* changed in this run */
	bool joined[LIMIT_SOCKETS]; /* put on its list in this run */
};

struct item {
	struct lineage_ref ref;
	bool named; /* asked for by name: its wire is always looked at */
	const char *const *expected; /* RENEWED_DOMAINS, borrowed; or NULL */
	bool forced; /* what is known to fail is tried all the same */
	bool freed; /* this run changes the bundle that had a name of it */

	/* lineage and bundle */
	struct record record;
	bool gone; /* the lineage is not there any more ... */
	bool detach; /* ... or is to be as if it were not, by name */
	bool revoked; /* ... as the CA has revoked it */
	const char *removal; /* ... to be gone behind that; borrowed, or NULL */
	bool out; /* it was, and this version is to stay so */
	struct lineage_ident source;
	bool hold; /* an earlier bundle, and the lineage held back: ... */
	long generation; /* ... this one, asked for now; 0: before */
	struct install_state installed;
	bool clean; /* lineage and bundle are as the record has them */
	struct bundle bundle; /* made from its source; empty while clean */
	unsigned char leaf_sha1[PKI_SHA1_BYTES];
	char leaf_serial[PKI_SERIAL_BYTES];
	unsigned char old_digest[PKI_SHA256_BYTES]; /* of what was installed */
	/* What comes back where the bundle is not served: the last one that
	 * was proved; zero: none was there. */
	unsigned char fallback[PKI_SHA256_BYTES];
	bool fallback_ours, fallback_out; /* out: the lineage stays so then */
	bool pending; /* an earlier run published what is there, unproved */
	unsigned char old_leaf[PKI_SHA256_BYTES]; /* its leaf; zero: none */
	struct install_staged staged;
	bool changed; /* what is there is another than HAProxy may have read,
	    be its leaf the same: every store gets it anew */

	/* memory */
	struct item_store *stores;
	size_t store_count;
	bool agreed; /* some were taken to be on their list (site_agrees()) */
	bool unseen; /* and no address shows it (discovery_is_unseen()) */
	bool maybe; /* and HAProxy may not load it (discovery_is_maybe()) */

	/* the plan */
	bool publish; /* the file in the crt directory must change */
	bool enter; /* the file of a crt-list lacks it */
	bool memory; /* a store must change */
	bool reload; /* ... and only a reload can do it; `reason` says why */
	bool verify; /* shake hands */
	char reason[256];

	/* how it ended */
	bool published; /* in this run */
	bool rolled_back, stranded; /* the fallback is there; could not be */
	bool listed_now; /* entered into a crt-list file in this run */
	bool recalled; /* lines of it are kept by unlisted.h */
	bool mended; /* a failure of an earlier run is over */
	enum item_outcome outcome;
	struct err err; /* what went wrong; code 0: nothing */
};

/* A new item for `ref`. NULL with `err` filled: ERR_NOMEM. Returns owned. */
struct item *item_new(
    const struct lineage_ref *ref, struct err *err) MUST_CHECK;

/* Wipes and frees; what is still staged is discarded. NULL is a no-op. */
void item_free(struct item *item, struct site *site);

/* One store more, not seen anywhere yet. ERR_NOMEM, ERR_LIMIT. */
int item_add_store(struct item *item, const struct discovery_store *found,
    struct err *err) MUST_CHECK;

/*
 * All that the configuration makes of its bundle, `found` being room for it,
 * and whether HAProxy shows and reads them. ERR_NOMEM, ERR_LIMIT.
 */
int item_find_stores(struct item *item, struct site *site,
    struct discovery_stores *found, struct err *err) MUST_CHECK;

/* Notes that the item ended as `outcome` because of `err` (copied). */
void item_end(
    struct item *item, enum item_outcome outcome, const struct err *err);

/* Is there still something to do for it: nothing went wrong so far? */
bool item_is_open(const struct item *item);

/* The file in the crt directory, "NAME.pem", into `ret`. */
void item_file_name(const struct item *item, char *ret, size_t size);

/*
 * Does process `p` hold another leaf than the bundle's in store `s`? Or, for
 * all that can be told from a leaf, another bundle?
 */
bool item_store_differs(const struct item *item, size_t s, size_t p);
bool item_store_is_due(const struct item *item, size_t s, size_t p);

/* Makes item->bundle from the installed file, where it is not made yet. */
int item_load_installed(
    struct item *item, struct site *site, struct err *err) MUST_CHECK;

#endif
