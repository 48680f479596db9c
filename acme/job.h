/*
 * job.h: one piece of work at the CA, as the two halves share it.
 *
 * The front (certbot's command line) makes a job and hands it to the client
 * (issue.h), which has the network. A job holds no secret, and no path but that
 * of the CA certificates.
 */
#ifndef ACME_JOB_H
#define ACME_JOB_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"

enum job_kind {
	JOB_ISSUE, /* order and fetch a certificate */
	JOB_REVOKE,
	JOB_REGISTER, /* make sure that there is an account */
	JOB_UPDATE, /* its contacts */
	JOB_DEACTIVATE,
	JOB_SHOW, /* what the CA has of it */
	JOB_KINDS
};

enum job_challenge { JOB_HTTP_01, JOB_DNS_01, JOB_CHALLENGES };

/* Who answers a challenge. */
enum job_answer {
	JOB_STANDALONE, /* the client's responder, on bound sockets */
	JOB_BROKER, /* the broker: a webroot, or manual hooks */
};

/* What may still come of a job that failed, as the client sees it. */
enum job_outlook {
	JOB_OVER, /* nothing, or nobody knows */
	JOB_PASSING, /* why it failed may pass by itself */
	JOB_UNDER_WAY, /* the CA says that it is still at the order */
	JOB_GONE, /* the CA has the certificate, or the only order, no more */
	JOB_OUTLOOKS
};

struct job {
	enum job_kind kind;
	const char *server; /* the directory's URL */
	char account_url[LIMIT_URL_BYTES]; /* "" where not known yet */
	char thumbprint[LIMIT_THUMBPRINT_BYTES]; /* RFC 7638, base64url */
	bool agree_tos; /* ... of a new account */
	bool eab; /* the broker has an external account's key */

	/* JOB_ISSUE */
	const char *const *names; /* identifiers; a leading `*.` is kept */
	size_t name_count;
	enum job_challenge challenge;
	enum job_answer answer;
	/* The same in certbot's word, for what is told of refused names; "":
	 * that is not told. */
	const char *authenticator;
	const char *hint; /* ... and what to look at then; "": nothing */
	int listeners[LIMIT_LISTENERS]; /* bound and listening */
	size_t listener_count;
	char order_url[LIMIT_URL_BYTES]; /* resume this one; "" for a new */
	long order_age_s; /* that it has */
	bool no_other; /* where it leads nowhere, none is made in its place */
	const char *profile; /* to ask for; "" for none */
	bool profile_required; /* else only where it is advertised */
	bool alternates; /* a preferred chain: fetch the others too */
	bool dry_run; /* prove all anew: what was proved says nothing of now */

	/* How to speak to the server. */
	const char *user_agent;
	const char *ca_file; /* or a directory; "" for the system's */
	/* The client's own: what is in that file, where it may not open it. */
	const struct buf *ca_text;
	bool verify_ssl;
	long patience_s; /* --issuance-timeout: for each wait */
	long debug; /* -v: what is up is told to the broker */
};

/*
 * A job that came over the pair: its texts are in memory of its own. Frees
 * that memory, and closes its listeners.
 */
struct job_memory {
	struct job job;
	char *texts[LIMIT_AUTHORIZATIONS + 9]; /* owned */
	size_t text_count;
	const char *names[LIMIT_AUTHORIZATIONS + 1];
};
void job_memory_free(struct job_memory *memory);

/*
 * Is the CA's directory no https URL? Then it may be http on this machine, as
 * of a test's CA, and so may what it leads to; no other CA may lead there.
 */
bool job_is_plain(const struct job *job);

/* Sends it, sockets and all; ERR_LIMIT, ERR_IO. */
int job_send(int fd, const struct job *job, struct err *err) MUST_CHECK;

/*
 * Receives the next one. ERR_NOENT: there will be none. ERR_SYNTAX, ERR_LIMIT,
 * ERR_NOMEM. `ret` is owned.
 */
int job_receive(int fd, struct job_memory *ret, struct err *err) MUST_CHECK;

#endif
