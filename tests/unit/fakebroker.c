/*
 * fakebroker.c: see fakebroker.h. A child of the test that dies with it; the
 * lines are in memory that both share.
 */
#include "tests/unit/fakebroker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LINES_BYTES = 64 * 1024, PATIENCE_S = 120 };

struct fakebroker {
	pid_t pid;
	int fd; /* the client's end */
	char *lines; /* shared */
};

static const char *const purposes[] = {
    [IPC_NEW_ACCOUNT] = "new-account",
    [IPC_FIND_ACCOUNT] = "find",
    [IPC_UPDATE_ACCOUNT] = "update",
    [IPC_DEACTIVATE_ACCOUNT] = "deactivate",
    [IPC_NEW_ORDER] = "new-order",
    [IPC_NEW_ORDER_PLAIN] = "new-order-plain",
    [IPC_POST_AS_GET] = "get",
    [IPC_CHALLENGE] = "challenge",
    [IPC_DEACTIVATE_AUTHORIZATION] = "forget",
    [IPC_FINALIZE] = "finalize",
    [IPC_REVOKE] = "revoke",
};
_Static_assert(COUNT_OF(purposes) == IPC_PURPOSES, "a purpose has no word");

static void note(char *lines, const char *fmt, ...) PRINTF_LIKE(2, 3);

static void
note(char *lines, const char *fmt, ...)
{
	size_t len = strlen(lines);
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(lines + len, LINES_BYTES - len, fmt, args);
	va_end(args);
}

/* What is wrong with a frame ends the broker, which the client notices. */
static void
must(int rc)
{
	if (rc != 0)
		_exit(3);
}

static void
sign(struct ipc_reader *reader, struct buf *reply)
{
	char url[LIMIT_URL_BYTES], nonce[LIMIT_NONCE_BYTES];
	struct buf jws = BUF_INIT(LIMIT_IPC_BYTES);
	struct err err = ERR_INIT;
	uint32_t purpose;

	must(ipc_get_number(reader, &purpose, &err));
	must(ipc_get_text(reader, url, sizeof(url), &err));
	must(ipc_get_text(reader, nonce, sizeof(nonce), &err));
	must(purpose < IPC_PURPOSES ? 0 : -1);
	must(buf_printf(&jws, &err,
	    "{\"purpose\":\"%s\",\"nonce\":\"%s\",\"url\":\"%s\"}",
	    purposes[purpose], nonce, url));
	must(ipc_put_bytes(reply, jws.data, jws.len, &err));
	buf_free(&jws);
}

/* One text after a word; NULL: it is not written down. */
static void
text(struct ipc_reader *reader, const char *word, char *lines)
{
	char got[LIMIT_LOG_LINE_BYTES];
	struct err err = ERR_INIT;

	must(ipc_get_text(reader, got, sizeof(got), &err));
	if (word != NULL)
		note(lines, "%s %s\n", word, got);
}

static void
challenge(struct ipc_reader *reader, enum ipc_op op, char *lines)
{
	char name[300], token[300];
	struct err err = ERR_INIT;
	uint32_t wildcard, left = 0;

	must(ipc_get_text(reader, name, sizeof(name), &err));
	must(ipc_get_number(reader, &wildcard, &err));
	must(ipc_get_text(reader, token, sizeof(token), &err));
	if (op == IPC_PUBLISH) {
		must(ipc_get_number(reader, &left, &err));
		note(lines, "publish %s %u %s %u\n", name, wildcard, token,
		    left);
	} else {
		note(lines, "withdraw %s %u %s\n", name, wildcard, token);
	}
}

/* For hooks, which there are none of. */
static void
turns(struct ipc_reader *reader)
{
	struct err err = ERR_INIT;
	char name[LIMIT_DNS_NAME_BYTES + 1];
	uint32_t count = 0;

	must(ipc_get_number(reader, &count, &err));
	for (uint32_t i = 0; i < count; i++)
		must(ipc_get_text(reader, name, sizeof(name), &err));
}

static void
chain(struct ipc_reader *reader, const struct fakebroker_script *script,
    struct buf *reply, char *lines)
{
	struct buf pem = BUF_INIT(LIMIT_IPC_BYTES);
	struct err err = ERR_INIT;
	uint32_t index;

	must(ipc_get_number(reader, &index, &err));
	must(ipc_get_bytes(reader, LIMIT_IPC_BYTES, &pem, &err));
	note(lines, "chain %u %s\n", index, buf_text(&pem));
	must(ipc_put_number(reply, index >= script->enough_at ? 1 : 0, &err));
	buf_free(&pem);
}

static void
up(struct ipc_reader *reader, char *lines)
{
	struct buf what = BUF_INIT(LIMIT_IPC_BYTES);
	struct err err = ERR_INIT;

	must(ipc_get_bytes(reader, LIMIT_IPC_BYTES, &what, &err));
	note(lines, "up\n");
	buf_free(&what);
}

static void
show(struct ipc_reader *reader, char *lines)
{
	struct err err = ERR_INIT;
	uint32_t count;

	text(reader, "show", lines);
	must(ipc_get_number(reader, &count, &err));
	for (uint32_t i = 0; i < count; i++)
		text(reader, "contact", lines);
}

static void
answer(const struct fakebroker_script *script, enum ipc_op op,
    struct ipc_reader *reader, struct buf *reply, char *lines)
{
	struct err err = ERR_INIT, told = ERR_INIT;
	uint32_t outlook = 0;

	switch (op) {
	case IPC_SIGN: sign(reader, reply); break;
	case IPC_ACCOUNT: text(reader, "account", lines); break;
	case IPC_ORDER: text(reader, "order", lines); break;
	case IPC_PREPARE: note(lines, "prepare\n"); break;
	case IPC_UP: up(reader, lines); break;
	case IPC_PUBLISH:
	case IPC_WITHDRAW: challenge(reader, op, lines); break;
	case IPC_CHAIN: chain(reader, script, reply, lines); break;
	case IPC_SAY: text(reader, "say", lines); break;
	case IPC_NOTE:
		text(reader, script->notes ? "note" : NULL, lines);
		break;
	case IPC_SHOW: show(reader, lines); break;
	case IPC_END:
		must(ipc_get_err(reader, &told, &err));
		must(ipc_get_number(reader, &outlook, &err));
		note(lines, "end %d %ld\n", told.code, told.retry_after_s);
		break;
	case IPC_TURNS:
	case IPC_REFUSED: turns(reader); break;
	case IPC_OK:
	case IPC_ERR:
	case IPC_JOB:
	case IPC_OPS: _exit(3);
	}
	must(ipc_get_end(reader, &err));
}

/* Is it a signature that the script does not give? */
static bool
declines(const struct fakebroker_script *script, enum ipc_op op,
    struct ipc_reader reader)
{
	struct err err = ERR_INIT;
	uint32_t purpose;

	if (op != IPC_SIGN || script->decline == IPC_NEW_ACCOUNT)
		return false;
	must(ipc_get_number(&reader, &purpose, &err));
	return purpose == script->decline;
}

static _Noreturn void
serve(int fd, const struct fakebroker_script *script, char *lines)
{
	struct buf request = BUF_INIT(LIMIT_IPC_BYTES);
	struct buf reply = BUF_INIT(LIMIT_IPC_BYTES);
	struct err err = ERR_INIT, no = ERR_INIT, declined = ERR_INIT;
	struct ipc_reader reader;
	enum ipc_op op = IPC_OK, said;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)alarm(PATIENCE_S);
	(void)err_set(&no, ERR_UNSAFE, "serving", "the client", "not this");
	(void)err_set(&declined, ERR_INVALID, "serving", "it", "not that one");
	while (op != IPC_END) {
		must(ipc_receive(fd, -1, &op, &request, &reader, &err));
		buf_reset(&reply);
		if (script->die_at != IPC_OK && op == script->die_at)
			_exit(0);
		said = IPC_OK;
		if (script->refuse != IPC_OK && op == script->refuse) {
			said = IPC_ERR;
			must(ipc_put_err(&reply, &no, &err));
		} else if (declines(script, op, reader)) {
			said = IPC_ERR;
			must(ipc_put_err(&reply, &declined, &err));
		} else {
			answer(script, op, &reader, &reply, lines);
		}
		must(ipc_send(fd, said, &reply, &err));
	}
	buf_free(&request);
	buf_free(&reply);
	_exit(0);
}

struct fakebroker *
fakebroker_start(const struct fakebroker_script *script, int *ret_fd)
{
	struct fakebroker *broker = calloc(1, sizeof(*broker));
	int ends[2];

	assert_non_null(broker);
	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
	broker->lines = mmap(NULL, LINES_BYTES, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(broker->lines, MAP_FAILED);
	broker->pid = fork();
	assert_true(broker->pid >= 0);
	if (broker->pid == 0) {
		(void)close(ends[0]);
		serve(ends[1], script, broker->lines);
	}
	assert_int_equal(close(ends[1]), 0);
	broker->fd = ends[0];
	*ret_fd = ends[0];
	return broker;
}

const char *
fakebroker_end(struct fakebroker *broker)
{
	int status;

	assert_int_equal(close(broker->fd), 0);
	assert_int_equal(waitpid(broker->pid, &status, 0), broker->pid);
	assert_int_equal(status, 0);
	return broker->lines;
}

void
fakebroker_free(struct fakebroker *broker)
{
	assert_int_equal(munmap(broker->lines, LINES_BYTES), 0);
	free(broker);
}
