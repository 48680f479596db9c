/*
 * issue.h: a job carried out by two processes.
 *
 *	front ── job, holdings ──► issue_run()
 *	                             │ fork
 *	      broker (root) ◄── ipc ──► client (nobody, sandboxed) ◄──► CA
 *
 * The client half (client.h) may not open a file below the configuration
 * directory, not exec, not become anybody; the broker half (broker.h) serves
 * a table of operations and checks each again.
 */
#ifndef ACME_ISSUE_H
#define ACME_ISSUE_H

#include <stdbool.h>
#include <stddef.h>

#include "acme/csr.h"
#include "acme/job.h"
#include "acme/jws.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"

/* One challenge that the broker answers. */
struct issue_challenge {
	const char *name; /* without `*.` */
	bool wildcard;
	const char *token;
	const char *validation; /* key authorization, or the TXT record */
	unsigned left; /* how many follow it */
};

/* What the front does for the broker: it knows disk and hooks. */
struct issue_front {
	void *context;
	/* The account's URL came to be known: regr.json. */
	int (*account)(void *context, const char *url, struct err *err);
	/* An order was made: keep URL and key, so that a killed run resumes. */
	int (*order)(void *context, const char *url, struct err *err);
	/* Puts a challenge up (webroot, auth hook), and takes it down. */
	int (*publish)(void *context, const struct issue_challenge *challenge,
	    struct err *err);
	int (*withdraw)(void *context, const struct issue_challenge *challenge,
	    struct err *err);
	/* The key for the CSR as PEM, made (and on disk) or an old one. NULL
	 * where the CSR is given. */
	int (*key)(void *context, struct buf *ret, struct err *err);
	/* A line for the operator and the log. */
	void (*say)(void *context, const char *line);
	/* The account as the CA has it (JOB_SHOW). */
	void (*show)(void *context, const char *status,
	    const char *const *contacts, size_t count);
};

/* What the broker signs with, and what it puts into payloads. */
struct issue_holdings {
	const struct jws_key *key; /* the account's */
	const char *const *contacts; /* "mailto:..." */
	size_t contact_count;
	const char *eab_kid, *eab_key, *eab_alg; /* or NULL */
	const struct buf *csr; /* DER, of --csr; else made with front->key */
	bool must_staple;
	const char *preferred_chain; /* the topmost issuer's CN; or NULL */
	/* JOB_REVOKE */
	const struct buf *certificate; /* DER */
	int reason;
	const struct jws_key *certificate_key; /* NULL: the account's */
};

struct issue_result {
	struct buf chain; /* leaf and the rest, PEM; JOB_ISSUE */
	long retry_after_s;
};

/*
 * Forks, serves until the client has ended, waits for it. The error is the
 * client's or the broker's own. ERR_CHILD: the client died. `user` is whom the
 * client becomes; "" stays who we are (not root: tests). `config_dir` is closed
 * to the client by Landlock too, where the kernel has it.
 */
int issue_run(const struct job *job, const struct issue_holdings *holdings,
    const struct issue_front *front, const char *user, struct issue_result *ret,
    struct err *err) MUST_CHECK;
void issue_result_free(struct issue_result *result);

#endif
