/*
 * ask.c: the client's questions, in frames of ipc.c.
 */
#include "acme/ask.h"

#include <stdlib.h>

static const char doing[] = "asking the half that has the keys";

struct ask {
	struct loop *loop;
	int fd;
	bool answered;
	struct buf fields, reply;
	struct ipc_reader reader; /* of the reply */
};

int
ask_new(struct loop *loop, int fd, struct ask **ret, struct err *err)
{
	struct ask *ask = NULL;

	ask = calloc(1, sizeof(*ask));
	if (ask == NULL)
		return err_nomem(err, doing);
	ask->loop = loop;
	ask->fd = fd;
	ask->fields = (struct buf)BUF_INIT(LIMIT_IPC_BYTES);
	ask->reply = (struct buf)BUF_INIT(LIMIT_IPC_BYTES);
	*ret = ask;
	return 0;
}

void
ask_free(struct ask *ask)
{
	if (ask == NULL)
		return;
	buf_free(&ask->fields);
	buf_free(&ask->reply);
	free(ask);
}

static void
answered(void *context, int fd, int got)
{
	struct ask *ask = context;

	(void)fd;
	(void)got;
	ask->answered = true;
}

/* Sends what ask->fields holds and waits for the reply, as long as it takes. */
static int
call(struct ask *ask, enum ipc_op op, struct err *err)
{
	struct loop_watch *watch = NULL;
	int rc;

	ask->answered = false;
	rc = ipc_send(ask->fd, op, &ask->fields, err);
	if (rc == 0)
		rc = loop_watch_new(
		    ask->loop, ask->fd, LOOP_READ, answered, ask, &watch, err);
	if (rc == 0)
		rc = loop_run(ask->loop, &ask->answered, -1, doing, err);
	loop_watch_free(watch);
	if (rc == 0)
		rc = ipc_reply(ask->fd, &ask->reply, &ask->reader, err);
	return rc;
}

/* As call(), where the reply says no more than that it is done. */
static int
call_plain(struct ask *ask, enum ipc_op op, struct err *err)
{
	int rc;

	rc = call(ask, op, err);
	return rc < 0 ? rc : ipc_get_end(&ask->reader, err);
}

/* Begins the fields anew with a text. */
static int
begin_text(struct ask *ask, const char *text, struct err *err)
{
	buf_reset(&ask->fields);
	return ipc_put_text(&ask->fields, text, err);
}

/* ... with a number. */
static int
begin_number(struct ask *ask, uint32_t number, struct err *err)
{
	buf_reset(&ask->fields);
	return ipc_put_number(&ask->fields, number, err);
}

int
ask_sign(struct ask *ask, enum ipc_purpose purpose, const char *url,
    const char *nonce, struct buf *ret, struct err *err)
{
	int rc;

	rc = begin_number(ask, purpose, err);
	if (rc == 0)
		rc = ipc_put_text(&ask->fields, url, err);
	if (rc == 0)
		rc = ipc_put_text(&ask->fields, nonce, err);
	if (rc == 0)
		rc = call(ask, IPC_SIGN, err);
	if (rc == 0)
		rc = ipc_get_bytes(&ask->reader, LIMIT_IPC_BYTES, ret, err);
	return rc < 0 ? rc : ipc_get_end(&ask->reader, err);
}

int
ask_account(struct ask *ask, const char *url, struct err *err)
{
	int rc;

	rc = begin_text(ask, url, err);
	return rc < 0 ? rc : call_plain(ask, IPC_ACCOUNT, err);
}

int
ask_order(struct ask *ask, const char *url, struct err *err)
{
	int rc;

	rc = begin_text(ask, url, err);
	return rc < 0 ? rc : call_plain(ask, IPC_ORDER, err);
}

int
ask_prepare(struct ask *ask, struct err *err)
{
	buf_reset(&ask->fields);
	return call_plain(ask, IPC_PREPARE, err);
}

int
ask_up(struct ask *ask, const char *what, struct err *err)
{
	int rc;

	rc = begin_text(ask, what, err);
	return rc < 0 ? rc : call_plain(ask, IPC_UP, err);
}

static int
send_names(struct ask *ask, enum ipc_op op, const char *const *names,
    size_t count, struct err *err)
{
	int rc;

	rc = begin_number(ask, (uint32_t)count, err);
	for (size_t i = 0; rc == 0 && i < count; i++)
		rc = ipc_put_text(&ask->fields, names[i], err);
	return rc < 0 ? rc : call_plain(ask, op, err);
}

int
ask_turns(
    struct ask *ask, const char *const *names, size_t count, struct err *err)
{
	return send_names(ask, IPC_TURNS, names, count, err);
}

int
ask_refused(
    struct ask *ask, const char *const *names, size_t count, struct err *err)
{
	return send_names(ask, IPC_REFUSED, names, count, err);
}

/* name, wildcard, token: what IPC_PUBLISH and IPC_WITHDRAW begin with. */
static int
begin_challenge(struct ask *ask, const char *name, bool wildcard,
    const char *token, struct err *err)
{
	int rc;

	rc = begin_text(ask, name, err);
	if (rc == 0)
		rc = ipc_put_number(&ask->fields, wildcard ? 1 : 0, err);
	if (rc == 0)
		rc = ipc_put_text(&ask->fields, token, err);
	return rc;
}

int
ask_publish(struct ask *ask, const char *name, bool wildcard, const char *token,
    unsigned left, struct err *err)
{
	int rc;

	rc = begin_challenge(ask, name, wildcard, token, err);
	if (rc == 0)
		rc = ipc_put_number(&ask->fields, left, err);
	return rc < 0 ? rc : call_plain(ask, IPC_PUBLISH, err);
}

int
ask_withdraw(struct ask *ask, const char *name, bool wildcard,
    const char *token, struct err *err)
{
	int rc;

	rc = begin_challenge(ask, name, wildcard, token, err);
	return rc < 0 ? rc : call_plain(ask, IPC_WITHDRAW, err);
}

int
ask_chain(struct ask *ask, unsigned index, const struct buf *pem,
    bool *ret_enough, struct err *err)
{
	uint32_t enough = 0;
	int rc;

	rc = begin_number(ask, index, err);
	if (rc == 0)
		rc = ipc_put_bytes(&ask->fields, pem->data, pem->len, err);
	if (rc == 0)
		rc = call(ask, IPC_CHAIN, err);
	if (rc == 0)
		rc = ipc_get_number(&ask->reader, &enough, err);
	if (rc == 0)
		rc = ipc_get_end(&ask->reader, err);
	if (rc == 0)
		*ret_enough = enough != 0;
	return rc;
}

int
ask_say(struct ask *ask, const char *line, struct err *err)
{
	int rc;

	rc = begin_text(ask, line, err);
	return rc < 0 ? rc : call_plain(ask, IPC_SAY, err);
}

int
ask_note(struct ask *ask, const char *line, struct err *err)
{
	int rc;

	rc = begin_text(ask, line, err);
	return rc < 0 ? rc : call_plain(ask, IPC_NOTE, err);
}

int
ask_show(struct ask *ask, const struct wire_account *account, struct err *err)
{
	int rc;

	rc = begin_text(ask, wire_status_name(account->status), err);
	if (rc == 0)
		rc = ipc_put_number(
		    &ask->fields, (uint32_t)account->contact_count, err);
	for (size_t i = 0; rc == 0 && i < account->contact_count; i++)
		rc = ipc_put_text(&ask->fields, account->contacts[i], err);
	return rc < 0 ? rc : call_plain(ask, IPC_SHOW, err);
}

int
ask_end(struct ask *ask, const struct err *how, enum job_outlook outlook,
    struct err *err)
{
	int rc;

	buf_reset(&ask->fields);
	rc = ipc_put_err(&ask->fields, how, err);
	if (rc == 0)
		rc = ipc_put_number(&ask->fields, (uint32_t)outlook, err);
	return rc < 0 ? rc : call_plain(ask, IPC_END, err);
}
