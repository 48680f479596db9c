/*
 * brokerpair.h: a broker at work for a client that a test plays, in a process
 * of its own, over the real pair.
 */
#ifndef TESTS_UNIT_BROKERPAIR_H
#define TESTS_UNIT_BROKERPAIR_H

#include <stddef.h>

#include "acme/issue.h"
#include "acme/ipc.h"
#include "acme/job.h"

struct brokerpair {
	struct job job;
	struct issue_holdings holdings;
	const char *names[4];
	struct jws_key *key;
	struct buf certificate_key; /* what the front gives as key */
	struct issue_result result;
	struct err err; /* how it ended */
	/* What the front was asked for. */
	unsigned accounts, orders, published, withdrawn, keys, said;
	long silence_ms; /* how long the client may be silent; 0: long */
	long most_ms; /* how long it may talk; 0: long */
	unsigned stop_after; /* so many challenges; 0: never */
	char last[256]; /* a URL, a validation or a line */
};

/* A job of `kind` for a.example and *.b.example; the account is known. */
void brokerpair_begin(struct brokerpair *pair, enum job_kind kind);
void brokerpair_end(struct brokerpair *pair);

/*
 * Serves `client`, which runs in a child and gets its end of the pair; what it
 * returns is the child's exit status. The broker's own result is returned.
 */
int brokerpair_serve(
    struct brokerpair *pair, int (*client)(int fd), int *ret_client_status);

/* A child's exit status for a code: what it was refused with, made small. */
int brokerpair_status(int rc);

/*
 * Serves `client` in a job of `kind` and expects: both sides are told
 * ERR_UNSAFE, and why with `word`; the front was asked for nothing.
 */
void brokerpair_refuses(
    enum job_kind kind, int (*client)(int fd), const char *word);

/* For the client: one request; the reply's code (0, or the err's). */
int brokerpair_ask(int fd, enum ipc_op op, const struct buf *fields);

/* A request to sign; the code. */
int brokerpair_sign(
    int fd, unsigned purpose, const char *url, const char *nonce);

/* IPC_END with no error. */
int brokerpair_finish(int fd);

#endif
