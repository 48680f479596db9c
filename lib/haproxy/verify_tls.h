/*
 * verify_tls.h: handshakes, several at once; the part of verify.c that speaks
 * OpenSSL. Nobody else includes it.
 */
#ifndef HAPROXY_VERIFY_TLS_H
#define HAPROXY_VERIFY_TLS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"
#include "haproxy/verify.h"

enum {
	VERIFY_PARALLEL = 16, /* handshakes at once */
	VERIFY_PROXY_BYTES = 64, /* of a PROXY protocol line */
};

/* One handshake that is wanted. */
struct verify_job {
	size_t target; /* index into the targets */
	size_t name; /* index into the leaf's names, for the caller */
	char sni[LIMIT_DNS_NAME_BYTES + 1]; /* "": none */
};

/* What came of it. */
struct verify_result {
	bool shown; /* seen is filled and the server has proved its key */
	struct verify_seen seen;
	bool late; /* not shown by policy->timeout_ms */
	char why[256]; /* where not shown: OpenSSL's or the system's words */
};

/* Where jobs come from, and where results go. */
struct verify_plan {
	/* The next job into `ret`; false: no more (not asked again). */
	bool (*next)(void *arg, struct verify_job *ret);
	void (*done)(void *arg, const struct verify_job *job,
	    const struct verify_result *result);
	void *arg;
};

/*
 * Runs the jobs of `plan`, VERIFY_PARALLEL at once, each at most
 * policy->timeout_ms long. Fails only for itself: ERR_NOMEM, ERR_CRYPTO,
 * ERR_IO; what a server did is a result.
 */
int verify_tls_run(const struct discovery_target *targets,
    const struct verify_policy *policy, const struct verify_plan *plan,
    struct err *err) MUST_CHECK;

/* --- verify_conn.c: one connection ------------------------------------ */

struct verify_context; /* what all handshakes of a run share */
struct verify_conn;

/* Returns owned. ERR_CRYPTO, ERR_NOMEM. */
int verify_context_new(enum pki_key_type key_type, struct verify_context **ret,
    struct err *err) MUST_CHECK;
void verify_context_free(struct verify_context *context);

enum verify_wants {
	VERIFY_WANTS_READ,
	VERIFY_WANTS_WRITE,
	VERIFY_WANTS_PAUSE, /* the backlog of a UNIX socket is full */
	VERIFY_WANTS_NOTHING, /* it is over */
};

/*
 * A connection to `target` that will ask for `sni` ("": none); with `wide`
 * any kind of key is asked for, else that of the context. ERR_CRYPTO,
 * ERR_NOMEM. Returns owned.
 */
int verify_conn_new(struct verify_context *context,
    const struct discovery_target *target, const char *sni, bool wide,
    struct verify_conn **ret, struct err *err) MUST_CHECK;
void verify_conn_free(struct verify_conn *conn);

/* Goes on as far as it can without waiting; fills `result` at the end. */
enum verify_wants verify_conn_step(
    struct verify_conn *conn, struct verify_result *result);

int verify_conn_fd(const struct verify_conn *conn);

/* Did the server refuse what this handshake offered? Then `wide` may tell. */
bool verify_conn_refused(const struct verify_conn *conn);

#endif
