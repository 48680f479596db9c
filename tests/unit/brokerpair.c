/*
 * brokerpair.c: see brokerpair.h.
 */
#include "tests/unit/brokerpair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "acme/broker.h"

void
brokerpair_begin(struct brokerpair *pair, enum job_kind kind)
{
	memset(pair, 0, sizeof(*pair));
	pair->certificate_key = (struct buf)BUF_SECRET(LIMIT_PEM_FILE_BYTES);
	pair->names[0] = "a.example";
	pair->names[1] = "*.b.example";
	pair->job.kind = kind;
	pair->job.server = "https://ca.example/dir";
	pair->job.names = pair->names;
	pair->job.name_count = 2;
	pair->job.challenge = JOB_DNS_01;
	pair->job.answer = JOB_BROKER;
	memcpy(pair->job.account_url, "https://ca.example/acct/1", 26);
	assert_int_equal(jws_key_make("P-256", &pair->key, &pair->err), 0);
	pair->holdings.key = pair->key;
}

void
brokerpair_end(struct brokerpair *pair)
{
	jws_key_free(pair->key);
	buf_free(&pair->certificate_key);
	issue_result_free(&pair->result);
}

/* --- the front ------------------------------------------------------------ */

static void
note(struct brokerpair *pair, const char *text)
{
	(void)snprintf(pair->last, sizeof(pair->last), "%s", text);
}

static int
on_account(void *context, const char *url, struct err *err)
{
	struct brokerpair *pair = context;

	(void)err;
	pair->accounts++;
	note(pair, url);
	return 0;
}

static int
on_order(void *context, const char *url, struct err *err)
{
	struct brokerpair *pair = context;

	(void)err;
	pair->orders++;
	note(pair, url);
	return 0;
}

static int
on_publish(
    void *context, const struct issue_challenge *challenge, struct err *err)
{
	struct brokerpair *pair = context;

	(void)err;
	pair->published++;
	note(pair, challenge->validation);
	return 0;
}

static int
on_withdraw(
    void *context, const struct issue_challenge *challenge, struct err *err)
{
	struct brokerpair *pair = context;

	(void)err;
	(void)challenge;
	pair->withdrawn++;
	return 0;
}

static int
on_key(void *context, struct buf *ret, struct err *err)
{
	static const struct csr_key_kind p256 = {0, "P-256"};
	struct brokerpair *pair = context;
	int rc = 0;

	pair->keys++;
	if (pair->certificate_key.len == 0)
		rc = csr_key_make(&p256, &pair->certificate_key, err);
	return rc < 0 ? rc
		      : buf_add(ret, pair->certificate_key.data,
			    pair->certificate_key.len, err);
}

/* A signal that comes while the client works. */
static int
on_wait(void *context, int fd, long timeout_ms, struct err *err)
{
	struct brokerpair *pair = context;

	(void)fd;
	(void)timeout_ms;
	if (pair->stop_after == 0 || pair->stop_after > pair->published)
		return 0;
	return err_set(err, ERR_STOPPED, "waiting", NULL, "told to end");
}

static void
on_say(void *context, const char *line)
{
	struct brokerpair *pair = context;

	pair->said++;
	note(pair, line);
}

static void
on_show(void *context, const char *status, const char *const *contacts,
    size_t count)
{
	struct brokerpair *pair = context;

	(void)contacts;
	(void)count;
	note(pair, status);
}

/* --- both ends ------------------------------------------------------------ */

int
brokerpair_serve(
    struct brokerpair *pair, int (*client)(int fd), int *ret_client_status)
{
	const struct issue_front front = {.context = pair,
	    .account = on_account,
	    .order = on_order,
	    .publish = on_publish,
	    .withdraw = on_withdraw,
	    .key = on_key,
	    .wait = on_wait,
	    .silence_ms = pair->silence_ms,
	    .most_ms = pair->most_ms,
	    .say = on_say,
	    .note = on_say,
	    .show = on_show};
	int ends[2], status = 0, rc;
	pid_t child;

	pair->result.chain.max_bytes = LIMIT_PEM_FILE_BYTES;
	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		(void)close(ends[0]);
		_exit(client(ends[1]));
	}
	(void)close(ends[1]);
	err_clear(&pair->err);
	rc = broker_serve(ends[0], &pair->job, &pair->holdings, &front,
	    &pair->result, &pair->err);
	(void)close(ends[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	*ret_client_status = WEXITSTATUS(status);
	return rc;
}

int
brokerpair_ask(int fd, enum ipc_op op, const struct buf *fields)
{
	struct buf reply = BUF_INIT(LIMIT_IPC_BYTES);
	struct ipc_reader reader;
	struct err err = ERR_INIT;
	int rc = ipc_call(fd, op, fields, &reply, &reader, &err);

	buf_free(&reply);
	return rc;
}

int
brokerpair_sign(int fd, unsigned purpose, const char *url, const char *nonce)
{
	struct buf fields = BUF_INIT(LIMIT_IPC_BYTES);
	struct err err = ERR_INIT;
	int rc = ipc_put_number(&fields, purpose, &err);

	if (rc == 0)
		rc = ipc_put_text(&fields, url, &err);
	if (rc == 0)
		rc = ipc_put_text(&fields, nonce, &err);
	if (rc == 0)
		rc = brokerpair_ask(fd, IPC_SIGN, &fields);
	buf_free(&fields);
	return rc;
}

int
brokerpair_finish(int fd)
{
	struct buf fields = BUF_INIT(LIMIT_IPC_BYTES);
	struct err well = ERR_INIT, err = ERR_INIT;
	int rc = ipc_put_err(&fields, &well, &err);

	if (rc == 0)
		rc = ipc_put_number(&fields, false, &err);
	if (rc == 0)
		rc = brokerpair_ask(fd, IPC_END, &fields);
	buf_free(&fields);
	return rc;
}

int
brokerpair_status(int rc)
{
	return -rc & 127;
}

void
brokerpair_refuses(enum job_kind kind, int (*client)(int fd), const char *word)
{
	struct brokerpair pair;
	int status = 0;

	brokerpair_begin(&pair, kind);
	assert_int_equal(brokerpair_serve(&pair, client, &status), ERR_UNSAFE);
	assert_int_equal(status, brokerpair_status(ERR_UNSAFE));
	assert_non_null(strstr(pair.err.detail, word));
	assert_int_equal(pair.published + pair.orders + pair.accounts, 0);
	brokerpair_end(&pair);
}
