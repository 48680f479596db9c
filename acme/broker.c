/*
 * broker.c: the table of what the client may ask, and the loop that serves it.
 *
 * The client talks to the whole network. So each frame is read as if it came
 * from there: which operations a job allows, and how often, is a table; what
 * is in them is checked by the operation itself.
 */
#include "acme/broker.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acme/broker_private.h"
#include "base/clock.h"
#include "base/text.h"

enum {
	/* Which kinds of job an operation belongs to, as bits. */
	ISSUE = 1 << JOB_ISSUE,
	ACCOUNTS = 1 << JOB_REGISTER | 1 << JOB_UPDATE | 1 << JOB_DEACTIVATE |
	    1 << JOB_SHOW,
	SHOW = 1 << JOB_SHOW | 1 << JOB_REGISTER | 1 << JOB_UPDATE,
	ANY = ISSUE | ACCOUNTS | 1 << JOB_REVOKE,

	/*
	 * The longest an honest client is silent: a request that runs into its
	 * timeout, the longest pause between two looks, then a nonce that is
	 * cut off each time; and some more. A grace of curl's is in each.
	 */
	REQUEST_MS = LIMIT_HTTP_TIMEOUT_MS + 2000,
	SILENCE_MS = (2 + LIMIT_CUT_RETRIES) * REQUEST_MS +
	    LIMIT_RETRY_AFTER_S * 1000 + 15 * 1000,
	/* What a job asks of a CA at most, and a name of it: as above. */
	JOB_REQUESTS = 16,
	NAME_REQUESTS = 8,
	/* Lines for the operator, and of a name: what the CA says of it (4),
	 * and what is not taken down or not given up. */
	JOB_LINES = 1000,
	NAME_LINES = 8,
};

int
broker_refuse(struct err *err, const char *fmt, ...)
{
	char why[LIMIT_ERR_DETAIL_BYTES];
	va_list args;

	va_start(args, fmt);
	if (vsnprintf(why, sizeof(why), fmt, args) < 0)
		why[0] = '\0';
	va_end(args);
	return err_set(err, ERR_UNSAFE, BROKER_DOING, NULL,
	    "the network half asked for what it may not have (%s); it was "
	    "stopped",
	    why);
}

int
broker_fields_end(const struct ipc_reader *fields, int rc, struct err *err)
{
	if (rc == 0)
		rc = ipc_get_end(fields, err);
	return rc == ERR_SYNTAX ? broker_refuse(err, "a message that is none")
				: rc;
}

/* --- small operations ----------------------------------------------------- */

static int
get_url(const struct broker *broker, struct ipc_reader *fields, char *ret,
    struct err *err)
{
	int rc = ipc_get_text(fields, ret, LIMIT_URL_BYTES, err);

	rc = broker_fields_end(fields, rc, err);
	if (rc == 0 && !text_is_url(ret, job_is_plain(broker->job)))
		rc = broker_refuse(err, "no https URL");
	return rc;
}

static int
serve_account(struct broker *broker, struct ipc_reader *fields,
    struct buf *reply, struct err *err)
{
	char url[LIMIT_URL_BYTES];
	int rc = get_url(broker, fields, url, err);

	(void)reply;
	/* It is on disk, and an honest client has not asked for it. */
	if (rc == 0 && broker->job->account_url[0] != '\0')
		rc = broker_refuse(err, "another account");
	if (rc < 0)
		return rc;
	memcpy(broker->account_url, url, strlen(url) + 1);
	return broker->front->account(broker->front->context, url, err);
}

static int
serve_order(struct broker *broker, struct ipc_reader *fields, struct buf *reply,
    struct err *err)
{
	char url[LIMIT_URL_BYTES];
	int rc = get_url(broker, fields, url, err);

	(void)reply;
	return rc < 0 ? rc
		      : broker->front->order(broker->front->context, url, err);
}

static int
serve_end(struct broker *broker, struct ipc_reader *fields, struct buf *reply,
    struct err *err)
{
	uint32_t outlook = JOB_OVER;
	int rc = ipc_get_err(fields, &broker->outcome, err);

	(void)reply;
	if (rc == 0)
		rc = ipc_get_number(fields, &outlook, err);
	if (rc == 0 && outlook >= JOB_OUTLOOKS)
		rc = broker_refuse(err, "outlook %u", (unsigned)outlook);
	rc = broker_fields_end(fields, rc, err);
	if (rc == 0)
		broker->result->outlook = (enum job_outlook)outlook;
	broker->ended = rc == 0;
	return rc;
}

/* --- the table ------------------------------------------------------------ */

struct operation_row {
	broker_operation serve; /* NULL: not for the client */
	unsigned kinds;
	unsigned most; /* how often in one job */
};

static const struct operation_row operations[] = {
    [IPC_OK] = {NULL, 0, 0},
    [IPC_ERR] = {NULL, 0, 0},
    [IPC_SIGN] = {broker_sign, ANY, LIMIT_IPC_FRAMES},
    [IPC_ACCOUNT] = {serve_account, ACCOUNTS, 1},
    [IPC_ORDER] = {serve_order, ISSUE, 4},
    [IPC_PREPARE] = {broker_prepare, ISSUE, 1},
    [IPC_TURNS] = {broker_turns, ISSUE, 1},
    [IPC_REFUSED] = {broker_refused, ISSUE, 1},
    [IPC_PUBLISH] = {broker_publish, ISSUE, LIMIT_AUTHORIZATIONS},
    [IPC_UP] = {broker_up, ISSUE, 1},
    [IPC_WITHDRAW] = {broker_withdraw, ISSUE, LIMIT_AUTHORIZATIONS},
    [IPC_CHAIN] = {broker_chain, ISSUE, LIMIT_ALTERNATES + 1},
    [IPC_SAY] = {broker_say, ANY, JOB_LINES},
    [IPC_NOTE] = {broker_note, ANY, LIMIT_IPC_FRAMES},
    [IPC_SHOW] = {broker_show, SHOW, 1},
    [IPC_END] = {serve_end, ANY, 1},
    [IPC_JOB] = {NULL, 0, 0},
};
_Static_assert(COUNT_OF(operations) == IPC_OPS, "a row for each operation");

static int64_t
patience_ms(const struct job *job)
{
	return 1000 *
	    (int64_t)(job->patience_s > 0 ? job->patience_s
					  : LIMIT_ISSUANCE_TIMEOUT_S);
}

int64_t
broker_most_looks(const struct job *job)
{
	/* For a proof and for the certificate; the order and its names. */
	int64_t polls = 2 * patience_ms(job) / LIMIT_POLL_MOST_MS;

	return LIMIT_IPC_FRAMES + polls * (1 + (int64_t)job->name_count);
}

static int64_t
most_of(const struct job *job, enum ipc_op op)
{
	int64_t most = operations[op].most;

	if (op == IPC_SIGN)
		return broker_most_looks(job);
	/* One for a request, and one for the nonce that it may want. */
	if (op == IPC_NOTE)
		return 2 * broker_most_looks(job);
	if (op == IPC_SAY)
		most += NAME_LINES * (int64_t)job->name_count;
	return most;
}

static int
serve(struct broker *broker, enum ipc_op op, struct ipc_reader *fields,
    struct buf *reply, struct err *err)
{
	const struct operation_row *row = &operations[op];

	if (row->serve == NULL || (row->kinds & 1U << broker->job->kind) == 0)
		return broker_refuse(
		    err, "operation %d is not of this job", (int)op);
	if (broker->served[op]++ == most_of(broker->job, op))
		return broker_refuse(err, "operation %d too often", (int)op);
	return row->serve(broker, fields, reply, err);
}

/* `rc` of a frame to or from the client, in words. */
static int
judge_frame(int rc, struct err *err)
{
	return rc == ERR_NOENT
	    ? err_set(err, ERR_CHILD, BROKER_DOING, NULL,
		  "the network half of certhaul-acme has died")
	    : rc;
}

/* How long an honest client has us wait in all: its proofs, the issuance. */
static int64_t
most_of_job_ms(const struct broker *broker)
{
	const struct job *job = broker->job;
	int64_t requests =
	    JOB_REQUESTS + NAME_REQUESTS * (int64_t)job->name_count;

	if (broker->front->most_ms > 0)
		return broker->front->most_ms;
	return 2 * patience_ms(job) + SILENCE_MS + requests * REQUEST_MS;
}

static int
is_too_long(bool silent, int64_t most_ms, struct err *err)
{
	return err_set(err, ERR_CHILD, BROKER_DOING, NULL,
	    "the network half of certhaul-acme has %s for %lld s; it was "
	    "stopped",
	    silent ? "said nothing" : "come to no end",
	    (long long)most_ms / 1000);
}

/*
 * The next request. A client that is silent, or talks for ever, must not hold
 * certbot's locks; what we do for it meanwhile (hooks) is not its time.
 */
static int
receive(int fd, struct broker *broker, enum ipc_op *ret_op, struct buf *frame,
    struct ipc_reader *ret_fields, struct err *err)
{
	const struct issue_front *front = broker->front;
	int64_t silence_ms =
	    front->silence_ms > 0 ? front->silence_ms : SILENCE_MS;
	int64_t job_ms = most_of_job_ms(broker);
	int64_t begun_ms = clock_mono_ms(), most_ms, left_ms;
	bool silent = silence_ms < job_ms - broker->waited_ms;
	int rc = 0;

	most_ms = silent ? silence_ms : job_ms - broker->waited_ms;
	if (most_ms <= 0)
		return is_too_long(false, job_ms, err);
	if (front->wait != NULL)
		rc = front->wait(front->context, fd, (long)most_ms, err);
	if (rc < 0)
		return rc;
	left_ms = begun_ms + most_ms - clock_mono_ms();
	rc = ipc_receive(fd, left_ms > 0 ? (long)left_ms : 0, ret_op, frame,
	    ret_fields, err);
	broker->waited_ms += clock_mono_ms() - begun_ms;
	if (rc != ERR_TIMEOUT)
		return judge_frame(rc, err);
	return is_too_long(silent, silent ? silence_ms : job_ms, err);
}

/* One request and its reply; a refusal ends the job. */
static int
serve_one(int fd, struct broker *broker, struct buf *frame, struct buf *reply,
    struct err *err)
{
	struct err why = ERR_INIT;
	struct ipc_reader fields;
	enum ipc_op op = IPC_OPS;
	int rc;

	rc = receive(fd, broker, &op, frame, &fields, err);
	if (rc < 0)
		return rc;
	buf_reset(reply);
	rc = serve(broker, op, &fields, reply, &why);
	if (rc == 0)
		return judge_frame(ipc_send(fd, IPC_OK, reply, err), err);
	buf_reset(reply);
	rc = ipc_put_err(reply, &why, err);
	if (rc == 0)
		rc = ipc_send(fd, IPC_ERR, reply, err);
	if (why.code != ERR_UNSAFE)
		return judge_frame(rc, err);
	*err = why;
	return why.code;
}

int
broker_serve(int fd, const struct job *job,
    const struct issue_holdings *holdings, const struct issue_front *front,
    struct issue_result *ret, struct err *err)
{
	struct broker broker = {.job = job,
	    .holdings = holdings,
	    .front = front,
	    .result = ret,
	    .csr = BUF_INIT(LIMIT_PEM_FILE_BYTES)};
	struct buf frame = BUF_INIT(LIMIT_IPC_BYTES);
	struct buf reply = BUF_INIT(LIMIT_IPC_BYTES);
	int rc = 0;

	memcpy(
	    broker.account_url, job->account_url, sizeof(broker.account_url));
	broker.published =
	    calloc(job->name_count + 1, sizeof(*broker.published));
	if (broker.published == NULL)
		return err_nomem(err, BROKER_DOING);
	while (rc == 0 && !broker.ended)
		rc = serve_one(fd, &broker, &frame, &reply, err);
	broker_withdraw_all(&broker);
	if (rc == 0 && broker.outcome.code != 0) {
		*err = broker.outcome;
		rc = err->code;
	}
	ret->retry_after_s = broker.outcome.retry_after_s;
	ret->ended = broker.ended;
	if (rc == 0 && job->kind == JOB_ISSUE && ret->chain.len == 0)
		rc = broker_refuse(err, "an end without a certificate");
	free(broker.published);
	buf_free(&broker.csr);
	buf_free(&reply);
	buf_free(&frame);
	return rc;
}
