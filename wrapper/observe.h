/*
 * observe.h: the four places of a certificate, looked at and not touched:
 * lineage, bundle, HAProxy's memory, the wire. For status and check.
 *
 * Takes no lock, makes no file: a status works while a deploy is under way,
 * and for whoever may read.
 */
#ifndef WRAPPER_OBSERVE_H
#define WRAPPER_OBSERVE_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "base/attr.h"
#include "base/conf.h"
#include "base/err.h"
#include "cert/pki.h"
#include "cert/record.h"

enum observe_place {
	OBSERVE_LINEAGE,
	OBSERVE_BUNDLE,
	OBSERVE_MEMORY,
	OBSERVE_WIRE,
	OBSERVE_PLACES
};

enum observe_verdict {
	OBSERVE_UNKNOWN, /* not looked at, or could not be (see `why`) */
	OBSERVE_ABSENT, /* looked, and there is none */
	OBSERVE_SAME, /* the lineage's certificate */
	OBSERVE_OTHER, /* another one: not_after_s, serial tell which */
	OBSERVE_BROKEN, /* there, but cannot be read as one (see `why`) */
	OBSERVE_VERDICTS
};

/* Room for all of an error: on what, and what of it. */
enum { OBSERVE_WHY_BYTES = LIMIT_ERR_ON_BYTES + LIMIT_ERR_DETAIL_BYTES + 4 };

/* What one place holds. */
struct observe_at {
	enum observe_verdict verdict;
	time_t not_after_s; /* 0: not known */
	char serial[PKI_SERIAL_BYTES]; /* "" where not known */
	char why[OBSERVE_WHY_BYTES]; /* "" where there is nothing to say */
};

/* What one HAProxy holds in one of the bundle's stores. */
struct observe_store {
	char *socket, *name; /* owned; HAProxy's name of it */
	enum observe_verdict verdict;
	time_t not_after_s;
	char serial[PKI_SERIAL_BYTES];
};

struct observation {
	char name[LIMIT_LINEAGE_NAME_BYTES + 1];
	char **names; /* of the certificate; owned */
	size_t name_count;
	char issuer[128]; /* its CN, else its organisation, else all of it */
	char key[32]; /* "P-256" */
	time_t not_before_s, not_after_s; /* of the lineage */
	time_t renew_s; /* when the engine is expected to renew; 0: unknown */
	bool autorenew; /* false: its renewal conf says autorenew = False */
	/* Why the engine cannot renew it, or that it failed to; "" */
	char obstacle[OBSERVE_WHY_BYTES];
	bool failing; /* it is that: an attempt was made */
	bool odd; /* no name that certhaul takes: all else is unknown */
	bool gone; /* a record or bundle of ours without a lineage */
	bool held; /* rolled back by hand; stays until it is renewed: */
	char held_serial[PKI_SERIAL_BYTES]; /* this one; "": not known */
	bool out; /* detached by hand; stays out until then ... */
	bool revoked; /* ... and for longer: the CA has revoked it */
	/* ... or it was for a "revoke" or "delete" that broke off; "" */
	char begun[RECORD_BEGUN_BYTES];
	struct observe_at at[OBSERVE_PLACES];
	struct observe_store *stores; /* owned; memory in detail */
	size_t store_count;
	bool wire_live; /* shaken hands now; else as the last proof has it */
	time_t proved_s; /* that proof; 0: none */
	/* Memory is not read: was this very certificate the last that was
	 * proved, or should it have been? Neither where HAProxy is down. */
	bool vouched, unproved;
	time_t deployed_s; /* the bundle's file was put there; 0: none */
	bool reload_due;
	bool untold; /* others are to tell HAProxy, and may not have yet */
	unsigned failures; /* attempts of the failure that is kept; 0: none */
	time_t failed_s; /* the last of them */
	char failure[LIMIT_ERR_DETAIL_BYTES]; /* its words */
};

struct observe_options {
	const char *const *names; /* these lineages; none: all */
	size_t name_count;
	bool live; /* shake hands now for each */
	bool disk; /* the first two places alone: HAProxy is not asked */
	bool odd; /* of all: those that certhaul cannot take, too */
	/* Told before each lineage that takes its time; or NULL. */
	void (*progress)(
	    void *context, size_t done, size_t total, const char *name);
	void *context;
};

struct observe_haproxy {
	size_t sockets, up; /* configured, and answering */
	size_t low; /* of those that are not up: a reload stands in for them */
	size_t mute; /* of those, too: they take a question, and that is all */
	char version[32]; /* of the first that answers; "" */
	char why[OBSERVE_WHY_BYTES]; /* why a socket does not answer; "" */
	bool needed; /* haproxy.update is not "none" */
};

struct observed {
	struct observation *items; /* owned; sorted by name, bytewise */
	size_t count;
	struct observe_haproxy haproxy;
};

/*
 * Looks at everything. A place that cannot be looked at is UNKNOWN with its
 * why; errors are those that leave nothing to show: ERR_NOENT (certbot's
 * config_dir is not there; or a name that is no lineage and was never ours,
 * with the nearest that is), ERR_USAGE (no lineage name), ERR_NOMEM.
 */
int observe(const struct conf *conf, const struct observe_options *options,
    struct observed *ret, struct err *err) MUST_CHECK;
void observed_free(struct observed *observed);

enum observe_gravity {
	OBSERVE_WELL,
	OBSERVE_WARNING, /* served, but somebody should look at it */
	OBSERVE_CRITICAL, /* not served as it should be, or soon not */
	OBSERVE_GRAVITIES
};

/* Is it as it should be: all places SAME (or not looked at), none pending? */
bool observation_ok(const struct observation *item, time_t now_s);

/* Room for the longest: why it is, and a phrase around that. */
enum { OBSERVE_PROBLEM_BYTES = OBSERVE_WHY_BYTES + 128 };

/*
 * What is off with it: of the gravest the first, which the rest follows from,
 * as a phrase; "" where it is well.
 */
void observation_problem(
    const struct observation *item, time_t now_s, char *ret, size_t size);

/* How grave that is. */
enum observe_gravity observation_gravity(
    const struct observation *item, time_t now_s);

/*
 * The same of its life alone, whatever is served: has it run out, is it late,
 * can the engine renew it at all? `ret` is the phrase, "" with OBSERVE_WELL.
 */
enum observe_gravity observation_life(
    const struct observation *item, time_t now_s, char *ret, size_t size);

/* Does the place have the other certificate that an operator went back to? */
bool observation_is_held_at(
    const struct observation *item, const struct observe_at *at);

/*
 * Is it only a renewal conf, of which no certificate is left anywhere? Each
 * run of the engine's renew fails on it.
 */
bool observation_is_stub(const struct observation *item);

/*
 * Is the lineage's certificate what clients get: HAProxy's memory and the last
 * handshake have it, or the one of them that is known? Where neither is: is it
 * `vouched`, and in the bundle?
 */
bool observation_served(const struct observation *item);

/* Is all of it well, and does HAProxy answer on every socket? */
bool observed_ok(const struct observed *observed, time_t now_s);

/* Names for people and machines: "lineage", "same"; static storage. */
const char *observe_place_name(enum observe_place place);
const char *observe_verdict_name(enum observe_verdict verdict);
const char *observe_gravity_name(enum observe_gravity gravity);

#endif
