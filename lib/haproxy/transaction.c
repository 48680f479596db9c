/*
 * transaction.c: set, commit, abort: a store's replacement in HAProxy's
 * memory. The set before the rename on disk, the commit after it; both in two
 * halves. What a reply means is read by transaction_reply.c; what is in memory,
 * and the stores themselves, are transaction_store.c's.
 */
#include "haproxy/transaction.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "haproxy/command.h"
#include "haproxy/transaction_reply.h"

static const char setting[] = "setting the certificate in HAProxy's memory";
static const char committing[] = "committing the certificate in HAProxy";
static const char aborting[] = "aborting HAProxy's transaction";

enum {
	ABORTS_MOST = 8, /* transactions of others that we end for one set */
	FOREIGN_PAUSE_MS = 50,
};

struct transaction {
	const struct process *process;
	char *store;
	const struct buf *pem; /* NULL for a commit */
	struct socket_call *call; /* the answer that is due */
	unsigned locked, aborts;
	int64_t foreign_until_ms; /* 0: no foreign transaction was met yet */
};

/* Everything but the socket's call, which socket_finish() frees. */
static void
transaction_free(struct transaction *transaction)
{
	if (transaction == NULL)
		return;
	free(transaction->store);
	free(transaction);
}

static int
transaction_make(const struct process *process, const char *store,
    struct transaction **ret, struct err *err)
{
	struct transaction *transaction = NULL;
	size_t len = strlen(store);
	int rc;

	rc = command_check_word(store, err);
	if (rc < 0)
		return rc;
	if (len >= LIMIT_PATH_BYTES || store[len - 1] == '.')
		return err_set(err, ERR_INVALID, setting, store,
		    "the name of a store is at most %d bytes and does not end "
		    "in a dot (HAProxy's answers would be ambiguous)",
		    LIMIT_PATH_BYTES - 1);
	transaction = calloc(1, sizeof(*transaction));
	if (transaction == NULL)
		return err_nomem(err, setting);
	transaction->process = process;
	transaction->store = strdup(store);
	if (transaction->store == NULL) {
		transaction_free(transaction);
		return err_nomem(err, setting);
	}
	*ret = transaction;
	return 0;
}

/* `COMMAND STORE` to its answer, tried again while locked. */
static int
ask_about(const struct process *process, const char *command, const char *store,
    struct buf *ret, struct err *err)
{
	struct buf line = BUF_INIT(LIMIT_COMMAND_BYTES);
	int rc;

	rc = command_check_word(store, err);
	if (rc == 0)
		rc = buf_printf(&line, err, "%s %s", command, store);
	if (rc == 0)
		rc = command_ask(
		    process, line.data, command_answer_ms(process), ret, err);
	buf_free(&line);
	return rc;
}

int
transaction_abort(
    const struct process *process, const char *store, struct err *err)
{
	struct buf reply = BUF_INIT(LIMIT_REPLY_BYTES);
	struct transaction_reply said;
	int rc;

	rc = ask_about(process, "abort ssl cert", store, &reply, err);
	if (rc < 0)
		goto out;
	transaction_reply_read(buf_text(&reply), &said);
	/* Another's is open: nothing is open for this one. */
	if (said.said != TRANSACTION_SAID_NOTHING_OPEN &&
	    said.said != TRANSACTION_SAID_FOREIGN &&
	    (said.said != TRANSACTION_SAID_ABORTED ||
		strcmp(said.store, store) != 0))
		rc = command_refused(aborting, store, buf_text(&reply), err);
out:
	buf_free(&reply);
	return rc;
}

/* Nothing of ours is to be left open; why we are here matters more. */
static void
abort_quietly(const struct process *process, const char *store)
{
	struct err ignored = ERR_INIT;

	(void)!transaction_abort(process, store, &ignored);
}

/*
 * A blank line would end the payload, and 2.6 would run the rest, the key
 * included, as commands, whose text it may log.
 */
static int
check_payload(const char *store, const struct buf *pem, struct err *err)
{
	const char *text = buf_text(pem);

	if (pem->len == 0 || text[0] == '\n' || strlen(text) != pem->len ||
	    strstr(text, "\n\n") != NULL || strchr(text, '\r') != NULL)
		return err_set(err, ERR_INVALID, setting, store,
		    "the bundle is empty or holds a blank line, a carriage "
		    "return or a NUL byte: HAProxy would end it there");
	return 0;
}

static int
send_set(struct transaction *transaction, struct err *err)
{
	static const char word[] = "set ssl cert ", mark[] = " <<\n";
	const char *prefix = command_prefix(transaction->process);
	const struct buf *pem = transaction->pem;
	bool ended = pem->data[pem->len - 1] == '\n';
	struct socket_part parts[] = {
	    {prefix, strlen(prefix)},
	    {word, sizeof(word) - 1},
	    {transaction->store, strlen(transaction->store)},
	    {mark, sizeof(mark) - 1},
	    {pem->data, pem->len},
	    {"\n\n", ended ? 1 : 2},
	};

	return socket_send_parts(&transaction->process->peer, parts,
	    COUNT_OF(parts), command_answer_ms(transaction->process),
	    &transaction->call, err);
}

static int
send_commit(struct transaction *transaction, struct err *err)
{
	static const char word[] = "commit ssl cert ";
	const char *prefix = command_prefix(transaction->process);
	struct socket_part parts[] = {
	    {prefix, strlen(prefix)},
	    {word, sizeof(word) - 1},
	    {transaction->store, strlen(transaction->store)},
	    {"\n", 1},
	};

	return socket_send_parts(&transaction->process->peer, parts,
	    COUNT_OF(parts), command_commit_ms(transaction->process),
	    &transaction->call, err);
}

int
transaction_set_send(const struct process *process, const char *store,
    const struct buf *pem, struct transaction **ret, struct err *err)
{
	struct transaction *transaction = NULL;
	int rc;

	rc = check_payload(store, pem, err);
	if (rc == 0)
		rc = transaction_make(process, store, &transaction, err);
	if (rc < 0)
		return rc;
	transaction->pem = pem;
	rc = send_set(transaction, err);
	if (rc < 0) {
		transaction_free(transaction);
		return rc;
	}
	*ret = transaction;
	return 0;
}

/* The answer to what was sent; `word` is its command, for a message. */
static int
take_answer(struct transaction *transaction, const char *word,
    struct buf *reply, struct transaction_reply *said, struct err *err)
{
	struct socket_call *call = transaction->call;
	int rc;

	transaction->call = NULL;
	rc = socket_finish(call, reply, err);
	if (rc == 0)
		rc = socket_check_reply(
		    &transaction->process->peer, word, buf_text(reply), err);
	if (rc == 0)
		transaction_reply_read(buf_text(reply), said);
	return rc;
}

/* Ends the open transaction of `other`, which is in our way. */
static int
end_other(struct transaction *transaction, const char *other, struct err *err)
{
	if (transaction->aborts++ >= ABORTS_MOST)
		return err_set(err, ERR_HAPROXY, setting, transaction->store,
		    "another client opens transactions (now for %s) as fast "
		    "as they are aborted",
		    other);
	return transaction_abort(transaction->process, other, err);
}

/*
 * HAProxy refused our set because of another's transaction, which is whole
 * yet. Its owner may be about to commit, so it has some time for that.
 */
static int
wait_for_other(
    struct transaction *transaction, const char *other, struct err *err)
{
	int64_t now_ms = clock_mono_ms();

	if (transaction_same_directory(transaction->store, other))
		return end_other(transaction, other, err);
	if (transaction->foreign_until_ms == 0)
		transaction->foreign_until_ms =
		    now_ms + command_foreign_ms(transaction->process);
	if (now_ms >= transaction->foreign_until_ms)
		return end_other(transaction, other, err);
	clock_pause_ms(FOREIGN_PAUSE_MS);
	return 0;
}

/* Looks at one answer: 0 to send the set again, 1 when it is done. */
static int
judge_set(struct transaction *transaction, const struct buf *reply,
    const struct transaction_reply *said, struct err *err)
{
	const char *text = buf_text(reply);

	if (said->said == TRANSACTION_SAID_CREATED &&
	    strcmp(said->store, transaction->store) == 0)
		return 1;
	switch (said->said) {
	case TRANSACTION_SAID_CREATED:
	case TRANSACTION_SAID_UPDATED:
		/* It holds our certificate now, under whatever name. */
		return end_other(transaction, said->store, err);
	case TRANSACTION_SAID_FOREIGN:
		return wait_for_other(transaction, said->store, err);
	case TRANSACTION_SAID_LOCKED:
		if (command_pause(transaction->process, ++transaction->locked))
			return 0;
		break;
	case TRANSACTION_SAID_COMMITTED:
	case TRANSACTION_SAID_ABORTED:
	case TRANSACTION_SAID_NOTHING_OPEN:
	case TRANSACTION_SAID_REFUSED:
	case TRANSACTION_SAID_COUNT: break;
	}
	return command_refused(setting, transaction->store, text, err);
}

int
transaction_set_wait(struct transaction *transaction, struct err *err)
{
	struct buf reply = BUF_INIT(LIMIT_REPLY_BYTES);
	struct transaction_reply said;
	int rc;

	for (;;) {
		rc = take_answer(
		    transaction, "set ssl cert", &reply, &said, err);
		if (rc == 0)
			rc = judge_set(transaction, &reply, &said, err);
		if (rc != 0)
			break;
		rc = send_set(transaction, err);
		if (rc < 0)
			break;
	}
	if (rc == ERR_HAPROXY || rc == ERR_IO || rc == ERR_TIMEOUT)
		abort_quietly(transaction->process, transaction->store);
	buf_free(&reply);
	transaction_free(transaction);
	return rc > 0 ? 0 : rc;
}

int
transaction_commit_send(const struct process *process, const char *store,
    struct transaction **ret, struct err *err)
{
	struct transaction *transaction = NULL;
	int rc;

	rc = transaction_make(process, store, &transaction, err);
	if (rc < 0)
		return rc;
	rc = send_commit(transaction, err);
	if (rc < 0) {
		transaction_free(transaction);
		return rc;
	}
	*ret = transaction;
	return 0;
}

int
transaction_commit_wait(struct transaction *transaction, struct err *err)
{
	struct buf reply = BUF_INIT(LIMIT_REPLY_BYTES);
	struct transaction_reply said = {TRANSACTION_SAID_LOCKED, ""};
	int rc;

	for (;;) {
		rc = take_answer(
		    transaction, "commit ssl cert", &reply, &said, err);
		if (rc < 0 || said.said != TRANSACTION_SAID_LOCKED ||
		    !command_pause(transaction->process, ++transaction->locked))
			break;
		rc = send_commit(transaction, err);
		if (rc < 0)
			break;
	}
	if (rc == 0 &&
	    (said.said != TRANSACTION_SAID_COMMITTED ||
		strcmp(said.store, transaction->store) != 0))
		rc = command_refused(
		    committing, transaction->store, buf_text(&reply), err);
	if (rc == ERR_HAPROXY && said.said == TRANSACTION_SAID_NOTHING_OPEN)
		rc = err->code = ERR_NOENT;
	/* HAProxy keeps what it refused; after a cut nobody knows. Past the
	 * timeout the commit may be at work yet, and is left alone. */
	if (rc == ERR_HAPROXY || rc == ERR_IO)
		abort_quietly(transaction->process, transaction->store);
	buf_free(&reply);
	transaction_free(transaction);
	return rc;
}
