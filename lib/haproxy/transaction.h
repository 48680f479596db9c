/*
 * transaction.h: one certificate store in HAProxy's memory: what it holds,
 * and its replacement.
 *
 * HAProxy up to 3.0.0 has one global transaction (hazard H1): `set` on B
 * while A's is open answers "Transaction updated for certificate A!" and a
 * commit of A would serve B. So every reply must name exactly our store, and
 * `updated` where `created` was due is a failure: the open transaction is
 * aborted and the set is sent again. Our lock tells us that no certhaul is at
 * work: one that is open for our store, or for a store in the same directory,
 * was left behind by an earlier run and is aborted at once. A foreign one gets
 * a while (process_patience) to end, where HAProxy refused our set (3.0.1 and
 * later); where it was `updated`, it holds OUR certificate now and its owner's
 * commit would serve it, so it is aborted at once.
 *
 * `pem` must be free of blank lines: 2.6 runs what follows one as commands.
 *
 * Several may be under way at once, one a process: wait for them in the
 * reverse order of sending (socket.h).
 *
 * H3: line + payload + terminator must fit into tune.bufsize - 1 (16383 by
 * default); transaction_fits() tells beforehand.
 */
#ifndef HAPROXY_TRANSACTION_H
#define HAPROXY_TRANSACTION_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "haproxy/process.h"

struct pki_facts; /* cert/pki.h */

enum transaction_status {
	TRANSACTION_ABSENT, /* HAProxy has no such store */
	TRANSACTION_EMPTY, /* made by `new`, nothing in it */
	TRANSACTION_UNUSED, /* filled, but on no bind line */
	TRANSACTION_USED, /* on a bind line */
};

/*
 * What a store holds: `show ssl cert STORE`. HAProxy cuts the answer at
 * tune.bufsize: a certificate with some 390 names or more has a status and a
 * serial, but its SHA1 is not in the answer.
 */
struct transaction_store {
	enum transaction_status status;
	unsigned char sha1[20]; /* of the leaf; zero where none, or cut off */
	char serial[64]; /* upper-case hexadecimal, "" where none */
	time_t not_after_s; /* 0 where none */
};

/*
 * Looks at `count` stores of one process at once, LIMIT_SHOW_BATCH to a
 * command line; ret[i] is for stores[i]. Reads by key, so that keys of later
 * versions do no harm. Here and below ERR_INVALID: a name that is not one word
 * of a command. ERR_DOWN, ERR_PERM, ERR_TIMEOUT, ERR_SYNTAX, ERR_HAPROXY.
 */
int transaction_show(const struct process *process, const char *const *stores,
    size_t count, struct transaction_store *ret, struct err *err) MUST_CHECK;

/*
 * Is it that certificate? By the serial alone where the SHA1 was cut off.
 */
bool transaction_store_has(
    const struct transaction_store *store, const struct pki_facts *facts);

/*
 * Would `set ssl cert` of `store` with a payload of `pem_len` bytes fit?
 * `bufsize` is tune.bufsize, for a process that did not tell its own,
 * `payload_max` tune.cli.max-payload-size (3.4+), each 0 for the default.
 */
bool transaction_fits(const struct process *process, const char *store,
    size_t pem_len, size_t bufsize, size_t payload_max);

/* `new ssl cert`; a store that exists already is no error. */
int transaction_new(const struct process *process, const char *store,
    struct err *err) MUST_CHECK;

struct transaction; /* a set that was sent */

/*
 * Sends `set ssl cert STORE` with `pem` and `process` (borrowed until the wait
 * is over). ERR_INVALID: `pem` holds a blank line, a CR or a NUL.
 */
int transaction_set_send(const struct process *process, const char *store,
    const struct buf *pem, struct transaction **ret,
    struct err *err) MUST_CHECK;

/*
 * Waits for the answer and frees `transaction` (also on failure). On success
 * a transaction of exactly this store is open and nothing is live yet. Where
 * another was open: see above. Locked: tried again with back-off. ERR_HAPROXY
 * with HAProxy's words (no transaction is left behind), ERR_TIMEOUT, ERR_IO.
 */
int transaction_set_wait(
    struct transaction *transaction, struct err *err) MUST_CHECK;

/*
 * Commits in two halves. Success is "Success!" on the last line and our store
 * in "Committing STORE". On refusal the transaction, which HAProxy keeps, is
 * aborted and HAProxy's words are the error's detail. ERR_NOENT: it knows of no
 * transaction; it is another process by now, or somebody aborted it.
 */
int transaction_commit_send(const struct process *process, const char *store,
    struct transaction **ret, struct err *err) MUST_CHECK;
int transaction_commit_wait(
    struct transaction *transaction, struct err *err) MUST_CHECK;

/* Aborts whatever is open for `store`; nothing open is no error. */
int transaction_abort(const struct process *process, const char *store,
    struct err *err) MUST_CHECK;

/* `del ssl cert`; a store that is not there is no error. ERR_HAPROXY: used. */
int transaction_delete(const struct process *process, const char *store,
    struct err *err) MUST_CHECK;

#endif
