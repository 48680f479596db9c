/*
 * site.h: everything that one run works on, opened once: the configuration,
 * the lock, the disk, the running HAProxy processes and what haproxy.cfg says.
 *
 * The cost of opening does not depend on the number of certificates.
 */
#ifndef HOOKS_SITE_H
#define HOOKS_SITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/lock.h"
#include "cert/install.h"
#include "cert/record.h"
#include "haproxy/crtlist.h"
#include "haproxy/discovery.h"
#include "haproxy/process.h"
#include "hooks/agreed.h"

/* One configured socket: who answers there, and the crt-lists it has. */
struct site_process {
	/* Somebody answers, and no socket before it leads to the same worker;
	 * else nothing below is to be used. */
	bool up;
	bool low; /* somebody answers, and its level is too low */
	bool twin; /* ... or its worker is one that is up */
	struct process process;
	char **lists; /* NULL-terminated; a directory is a list too */
	struct crtlist_dump *dumps; /* by position in lists, once asked for */
};

struct site {
	const struct conf *conf; /* borrowed */
	struct lock *lock;
	bool look_only, doubt; /* as site_open() and site_doubt() were told */
	bool unlisted; /* lines of crt-lists are kept (unlisted.h) */
	char generations_dir[LIMIT_PATH_BYTES];
	struct install *install;
	struct record_store *records; /* NULL: none yet, in a dry run */
	struct agreed *agreed; /* lists that need not be asked; NULL: none */
	struct discovery *discovery; /* NULL where update is "none" */
	struct site_process processes[LIMIT_SOCKETS];
	size_t process_count; /* one for each configured socket, in order */
	size_t up_count, twin_count; /* of the latter, an earlier one is up */
	bool looked; /* site_look() came to its end */
	/* Why a configured socket does not answer, or not to us beside others
	 * that do; code 0. */
	struct err down;
	struct err low; /* the only HAProxy's level is too low, and a reload
	    stands in for it; code 0: it is not */
	struct err unsure; /* none does, and what HAProxy starts with is in
	    doubt (environment_require()); code 0: it is not */
	const char *gone; /* site_find_gone() */
	/* process_identity() of all; "" with none */
	char workers[LIMIT_IDENTITY_BYTES];
	int64_t patience_ms; /* what is left for handshakes to come right ... */
	int64_t settle_ms; /* ... and for reloads to come to an end */
	/* Where handshakes of this run have told that nobody else is there:
	 * as text, and whether by a bundle that is new. */
	struct {
		char target[300];
		bool by_new;
	} sound[LIMIT_TARGETS];
	size_t sound_count;
};

/*
 * Takes the lock, opens the directories, removes what killed runs left
 * staged, asks each socket who it is and reads HAProxy's configuration; with
 * `look_only` (a dry run) nothing is made or removed. A run over all bundles
 * (`all`) takes nothing for known that is a look at many of them: what may be
 * staged, which lists agree. A socket that does not answer is told in `down`
 * and is no failure here; nor is one of too low a level: where a reload may
 * stand in for it (reload_stands_in()) it is told in `low`, beside other
 * HAProxys in `down`; else that is ERR_PERM.
 * Errors: ERR_LOCKED, ERR_UNPROVED (by its variables, HAProxy's configuration
 * is not what we read) and whatever opening any of it gives. `ret` is owned:
 * site_close(), to be called after a failure too.
 */
int site_open(const struct conf *conf, bool look_only, bool all,
    struct site *ret, struct err *err) MUST_CHECK;
void site_close(struct site *site);

/*
 * Asks the sockets again who they are: after a reload, or to see whether one
 * happened meanwhile (hazard H4). Errors as site_open(), for the lists.
 */
int site_look(struct site *site, struct err *err) MUST_CHECK;

/*
 * Reads HAProxy's configuration and the crt-lists again: they were edited, by
 * us or by others. Nothing that was borrowed of the discovery lives on.
 */
int site_reread(struct site *site, struct err *err) MUST_CHECK;

/*
 * Did a reload happen since the last look? Waits for one that is under way, in
 * all LIMIT_SETTLE_MS a run, looks again, and compares who answers now.
 * Where nobody does, HAProxy has ended, and that is no reload.
 */
int site_moved(struct site *site, bool *ret, struct err *err) MUST_CHECK;

/*
 * Looks, once for the run, for a directory of haproxy.cfg with a file that a
 * process was started with and that is gone: that leaves no time behind which
 * is not any other file's, too. Borrowed in site->gone; NULL: none.
 */
void site_find_gone(struct site *site);

/*
 * Which file of haproxy.cfg was changed since one of the processes has read it,
 * or which directory has lost one? NULL: none. (Of crt-lists it is not asked:
 * we edit them, too.)
 */
const char *site_is_behind(const struct site *site);

/* Is none of them one that a process may not have read? */
bool site_has_read_all(const struct site *site);

/*
 * Does process `p` take a payload of `bytes` about the store (or list) `name`?
 * Where it does not tell, haproxy.cfg is its word as far as it has certainly
 * read it (hazard H3).
 */
bool site_fits(
    const struct site *site, size_t p, const char *name, size_t bytes);

/*
 * The files of haproxy.cfg and their crt-lists, in their order, and which
 * version of each: into `ret` of PKI_SHA256_BYTES.
 */
void site_version(const struct site *site, unsigned char *ret);

/* The record of `name`; an empty one where there are no records yet. */
int site_record(struct site *site, const char *name, struct record *ret,
    struct err *err) MUST_CHECK;

/* Is the bundle of `name` in `text`: in a complaint of HAProxy's? */
bool site_names_bundle(
    const struct site *site, const char *name, const char *text);

/*
 * The entries of `list` in the memory of process `p`, asked for once a look:
 * into `*ret` (borrowed); NULL: it has no such list. ERR_* as crtlist_dump().
 */
int site_dump(struct site *site, size_t p, const char *list,
    const struct crtlist_dump **ret, struct err *err) MUST_CHECK;

/*
 * Is `list` known to be in the memory of process `p` as it is in its file, for
 * the bundles that have one line there? site_doubt(): nothing is known any
 * more, and each list is to be asked.
 */
bool site_agrees(const struct site *site, size_t p, const char *list);
void site_doubt(struct site *site);

/* Has this process the crt-list (or directory) `list`? */
bool site_has_list(const struct site_process *process, const char *list);

#endif
