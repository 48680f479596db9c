/*
 * issue.h: a job carried out by two processes.
 *
 *	front ── job, holdings ──► issue_run()
 *	                             │
 *	      broker (root) ◄────── ipc ──────► client (nobody) ◄──► CA
 *
 * The client is split off before a key is read, so that none was ever in its
 * memory; then it shuts itself in and waits for jobs. It may not open a file
 * below the configuration directory, not exec, not become anybody. The broker
 * half (broker.h) serves a table of operations and checks each again.
 */
#ifndef ACME_ISSUE_H
#define ACME_ISSUE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

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
	/* All names (without `*.`) whose challenges follow; or NULL. */
	int (*turns)(void *context, const char *const *names, size_t count,
	    struct err *err);
	/* Puts a challenge up (webroot, auth hook), and takes it down. */
	int (*publish)(void *context, const struct issue_challenge *challenge,
	    struct err *err);
	/* All are up, and the CA has not been told; `what` of http-01 with -v,
	 * in lines. Or NULL. */
	int (*up)(void *context, const char *what, struct err *err);
	int (*withdraw)(void *context, const struct issue_challenge *challenge,
	    struct err *err);
	/* The key for the CSR as PEM, made (and on disk) or an old one. NULL
	 * where the CSR is given. */
	int (*key)(void *context, struct buf *ret, struct err *err);
	/* The CA gets the CSR next, and may issue from then on. Or NULL. */
	int (*finalize)(void *context, struct err *err);
	/* Waits until the client's `fd` can be read, for `timeout_ms` at most
	 * (that is no error): ERR_STOPPED ends the job. NULL: without such an
	 * end. */
	int (*wait)(void *context, int fd, long timeout_ms, struct err *err);
	/* How long the client may say nothing; 0: as long as an honest one
	 * does at most. */
	long silence_ms;
	/* How long it may take in all, what is done here aside; 0: as above. */
	long most_ms;
	/* A line for the operator and the log. */
	void (*say)(void *context, const char *line);
	/* A line for the log: a request, and what came of it. */
	void (*note)(void *context, const char *line);
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
	bool useless; /* it failed as the chain can never be used */
	bool early; /* ... as it is not valid yet, by our clock */
	bool resumed; /* the CA was to be asked for the job's order */
	enum job_outlook outlook; /* where it failed, says the client */
	/* By position in the job's names: the CA does not believe it. */
	bool refused[LIMIT_AUTHORIZATIONS];
	bool ended; /* the client told the end: it waits for the next job */
};

struct issue; /* a client that waits for jobs */

/* What the client may still reach, once it has shut itself in. */
struct issue_policy {
	const char *user; /* whom it becomes; "": stays who we are */
	const char *ca_file; /* as the system's is; or "" */
	/* What the command line and its files say (hooks, the CA's secret), to
	 * their NULL: wiped in it, as it must not have that; or NULL. */
	char *const *words, *const *memory;
	bool insist; /* without Landlock it is an error */
};

/*
 * Splits the client off; call it before any key is read. It shuts itself in
 * while the caller goes on, and gets no job before it has said so: where it
 * could not (ERR_NOENT: no such user; ERR_PERM), issue_run() fails. Returns
 * owned.
 */
int issue_start(const struct issue_policy *policy, struct issue **ret,
    struct err *err) MUST_CHECK;

/*
 * Hands it a job and serves it until it is done. The error is the client's, or
 * the broker's own (ERR_UNSAFE: the client asked for what it may not have).
 * ERR_CHILD: the client died, said nothing for too long, or came to no end.
 * Where it did not tell the end itself (it died, was refused, or ERR_STOPPED)
 * it is gone after this; the next job gets another one, as shut in, that is
 * started by exec and has nothing of this process. So it does where a file that
 * it may read has been replaced since it was shut in.
 */
int issue_run(struct issue *issue, const struct job *job,
    const struct issue_holdings *holdings, const struct issue_front *front,
    struct issue_result *ret, struct err *err) MUST_CHECK;
/*
 * Has a file that the client may read been replaced since it was shut in? Then
 * a job that ended with ERR_DOWN may fare better with the next one.
 */
bool issue_is_outdated(const struct issue *issue) MUST_CHECK;
void issue_result_free(struct issue_result *result);

/*
 * Lets the client go and waits for it, not for long: one that does not end by
 * itself is killed. NULL is a no-op.
 */
void issue_stop(struct issue *issue);

/*
 * main()'s part of that: is this process to be such a client? Then it is, and
 * returns its exit status.
 */
bool issue_is_client(int argc, char **argv);
int issue_be_client(char **argv) MUST_CHECK;

/* Ours of the pair: while the client waits for us it is readable where the
 * client has died. */
int issue_fd(const struct issue *issue);

/* The client's process, for tests that look at what it may do. */
pid_t issue_pid(const struct issue *issue);

#endif
