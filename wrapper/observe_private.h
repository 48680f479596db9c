/*
 * observe_private.h: what the files of observe share. Nobody else includes it.
 */
#ifndef WRAPPER_OBSERVE_PRIVATE_H
#define WRAPPER_OBSERVE_PRIVATE_H

#include "cert/lineage.h"
#include "cert/record.h"
#include "haproxy/discovery.h"
#include "haproxy/process.h"
#include "wrapper/observe.h"

/* One configured socket. */
struct observe_process {
	bool up; /* it answers, and tells what it has loaded */
	bool low; /* it answers, and its level is too low for that */
	bool mute; /* it takes the question and gives no answer in time */
	const char *path;
	struct process process;
	char **lists; /* crtlist_names() */
	char why[OBSERVE_WHY_BYTES]; /* where it is not up */
};

/* What all lineages are looked at with; opened once. */
struct observe_site {
	const struct conf *conf; /* borrowed */
	bool builtin; /* the engine is certhaul-acme */
	bool untold; /* haproxy.update is "none": others tell HAProxy */
	struct record_store *records; /* NULL: none, or not for us to read */
	int bundles_fd; /* -1: see bundles_why */
	char bundles_why[OBSERVE_WHY_BYTES];
	struct discovery *discovery; /* NULL: see discovery_why */
	char discovery_why[OBSERVE_WHY_BYTES];
	struct observe_process processes[LIMIT_SOCKETS];
	size_t process_count, up_count;
	size_t twin_count; /* low, and another socket's worker is up */
	char workers[LIMIT_IDENTITY_BYTES]; /* "" with none */
	struct discovery_stores *stores; /* room for one answer */
	struct discovery_targets *targets; /* the same */
	struct record record; /* of the lineage that is looked at */
	char account[LIMIT_PATH_BYTES]; /* the last that was looked for: */
	bool no_account; /* it is not there */
	/* Addresses that gave no answer in time: they are not waited for again,
	 * however many lineages there are. */
	char silent[LIMIT_LOOK_TARGETS]
		   [sizeof(((struct discovery_target *)0)->text)];
	size_t silent_count;
};

/* One lineage while it is looked at. */
struct observe_look {
	struct observation *item; /* borrowed */
	struct lineage_ref ref;
	struct pki_cert *cert; /* the lineage's; NULL: cannot be read */
	struct pki_cert *held; /* what the bundle holds in its place; or NULL */
	size_t first_store; /* in what is asked of the processes */
};

/*
 * Its configuration and its sockets; where others tell HAProxy the former
 * alone, and that for a `live` look, which needs addresses.
 */
void observe_open_haproxy(struct observe_site *site, bool live);

/* Which of the sockets answer by now, and why the others do not. */
void observe_tell_haproxy(
    const struct observe_site *site, struct observe_haproxy *ret);

/* Lineage, record, renewal conf and bundle; ERR_NOMEM alone is an error. */
int observe_disk(struct observe_site *site, struct observe_look *look,
    struct err *err) MUST_CHECK;

/* What the renewal conf says of its next renewal. (observe_renewal.c) */
void observe_renewal(struct observe_site *site, const struct lineage_ref *ref,
    struct observation *item);

/* There is no live/NAME: certbot still goes by the conf that it has. */
void observe_left_conf(const struct lineage_ref *ref, struct observation *item);

/* Has `certhaul renew` failed on it, and nobody has renewed it since? */
void observe_unrenewed(const struct observe_site *site,
    const struct lineage_ident *ident, struct observation *item);

/* Memory, of all at once: few answers, whatever their number. ERR_NOMEM. */
int observe_memory(struct observe_site *site, struct observe_look *looks,
    size_t count, struct err *err) MUST_CHECK;

/* The wire as the record has it; call it while site->record is its. */
void observe_wire_proved(
    const struct observe_site *site, struct observe_look *look);

/* The wire, now: a handshake for each name and target, bounded. */
void observe_wire_live(struct observe_site *site, struct observe_look *look);

/* Adds those whose names are no lineage names, in their places. ERR_NOMEM. */
int observe_odd(const struct conf *conf, struct observed *observed,
    struct err *err) MUST_CHECK;

/* Sets verdict and why. */
void observe_at_set(struct observe_at *at, enum observe_verdict verdict,
    const char *fmt, ...) PRINTF_LIKE(3, 4);

/* The reason of `err` alone, for a why. */
void observe_why(const struct err *err, char *ret, size_t size);

#endif
