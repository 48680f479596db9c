/*
 * ipc.c: the frames between the two halves, written and read by both.
 *
 *	frame := op field*      field := number | length bytes
 *
 * op, number and length are 32 bits, the highest byte first. One frame is one
 * datagram, so neither half can leave the other waiting in the middle of one.
 */
#include "acme/ipc.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"

static const char doing[] = "talking to the other half of certhaul-acme";

enum { WORD_BYTES = 4 };

static void
word_write(unsigned char *to, uint32_t value)
{
	for (int i = 0; i < WORD_BYTES; i++)
		to[i] = (unsigned char)(value >> (24 - 8 * i));
}

static uint32_t
word_read(const unsigned char *from)
{
	uint32_t value = 0;

	for (int i = 0; i < WORD_BYTES; i++)
		value = value << 8 | from[i];
	return value;
}

int
ipc_put_number(struct buf *frame, uint32_t value, struct err *err)
{
	unsigned char word[WORD_BYTES];

	word_write(word, value);
	return buf_add(frame, word, sizeof(word), err);
}

int
ipc_put_bytes(struct buf *frame, const void *data, size_t len, struct err *err)
{
	int rc;

	if (len > LIMIT_IPC_BYTES)
		return err_set(err, ERR_LIMIT, doing, NULL,
		    "a field of %zu bytes, %d are allowed", len,
		    LIMIT_IPC_BYTES);
	rc = ipc_put_number(frame, (uint32_t)len, err);
	return rc < 0 ? rc : buf_add(frame, data, len, err);
}

int
ipc_put_text(struct buf *frame, const char *text, struct err *err)
{
	return ipc_put_bytes(frame, text, strlen(text), err);
}

int
ipc_put_err(struct buf *frame, const struct err *what, struct err *err)
{
	long wait_s = what->retry_after_s;
	int rc;

	if (wait_s < 0)
		wait_s = 0;
	if (wait_s > INT32_MAX)
		wait_s = INT32_MAX;
	/* The codes are negative, the numbers of a frame are not. */
	rc = ipc_put_number(frame, (uint32_t)-what->code, err);
	if (rc == 0)
		rc = ipc_put_text(frame, what->doing, err);
	if (rc == 0)
		rc = ipc_put_text(frame, what->on, err);
	if (rc == 0)
		rc = ipc_put_text(frame, what->detail, err);
	if (rc == 0)
		rc = ipc_put_number(frame, (uint32_t)wait_s, err);
	return rc;
}

static int
bad_frame(const char *why, struct err *err)
{
	return err_set(
	    err, ERR_SYNTAX, doing, NULL, "refused a message: %s", why);
}

int
ipc_get_number(struct ipc_reader *reader, uint32_t *ret, struct err *err)
{
	if (reader->left < WORD_BYTES)
		return bad_frame("it ends before a number", err);
	*ret = word_read(reader->at);
	reader->at += WORD_BYTES;
	reader->left -= WORD_BYTES;
	return 0;
}

/* The bytes of the next field, in the frame itself; at most `most`. */
static int
take_field(struct ipc_reader *reader, size_t most, const unsigned char **ret,
    size_t *ret_len, struct err *err)
{
	struct ipc_reader rest = *reader;
	uint32_t len = 0;
	int rc;

	rc = ipc_get_number(&rest, &len, err);
	if (rc < 0)
		return rc;
	if (len > rest.left)
		return bad_frame("a field is longer than its frame", err);
	if (len > most)
		return bad_frame("a field is longer than allowed", err);
	*ret = rest.at;
	*ret_len = len;
	rest.at += len;
	rest.left -= len;
	*reader = rest;
	return 0;
}

int
ipc_get_text(struct ipc_reader *reader, char *ret, size_t size, struct err *err)
{
	const unsigned char *data = NULL;
	struct ipc_reader rest = *reader;
	size_t len = 0;
	int rc;

	rc = take_field(&rest, size - 1, &data, &len, err);
	if (rc < 0)
		return rc;
	if (memchr(data, '\0', len) != NULL)
		return bad_frame("a text holds a NUL", err);
	memcpy(ret, data, len);
	ret[len] = '\0';
	*reader = rest;
	return 0;
}

int
ipc_get_bytes(
    struct ipc_reader *reader, size_t most, struct buf *ret, struct err *err)
{
	const unsigned char *data = NULL;
	struct ipc_reader rest = *reader;
	size_t len = 0;
	int rc;

	rc = take_field(&rest, most, &data, &len, err);
	if (rc < 0)
		return rc;
	buf_reset(ret);
	rc = buf_add(ret, data, len, err);
	if (rc == 0)
		*reader = rest;
	return rc;
}

int
ipc_get_err(struct ipc_reader *reader, struct err *ret, struct err *err)
{
	struct err made = ERR_INIT, got = ERR_INIT;
	uint32_t code = 0, wait_s = 0;
	int rc;

	rc = ipc_get_number(reader, &code, err);
	if (rc == 0 && code > (uint32_t)-ERR_LAST)
		rc = bad_frame("no such error", err);
	if (rc == 0)
		rc = ipc_get_text(reader, got.doing, sizeof(got.doing), err);
	if (rc == 0)
		rc = ipc_get_text(reader, got.on, sizeof(got.on), err);
	if (rc == 0)
		rc = ipc_get_text(reader, got.detail, sizeof(got.detail), err);
	if (rc == 0)
		rc = ipc_get_number(reader, &wait_s, err);
	if (rc == 0 && wait_s > INT32_MAX)
		rc = bad_frame("no such time to wait", err);
	if (rc < 0)
		return rc;
	if (code != 0) {
		/* Cleaned again: the other half is not trusted with a line. */
		(void)err_set(
		    &made, -(int)code, got.doing, got.on, "%s", got.detail);
		made.retry_after_s = (long)wait_s;
	}
	*ret = made;
	return 0;
}

int
ipc_get_end(const struct ipc_reader *reader, struct err *err)
{
	if (reader->left > 0)
		return bad_frame("bytes follow its last field", err);
	return 0;
}

int
ipc_send(int fd, enum ipc_op op, const struct buf *fields, struct err *err)
{
	unsigned char word[WORD_BYTES];
	struct iovec parts[2] = {{.iov_base = word, .iov_len = sizeof(word)}};
	struct msghdr message = {.msg_iov = parts, .msg_iovlen = 1};
	ssize_t n;

	word_write(word, (uint32_t)op);
	if (fields != NULL && fields->len > 0) {
		if (fields->len > LIMIT_IPC_BYTES - sizeof(word))
			return err_set(err, ERR_LIMIT, doing, NULL,
			    "a message of %zu bytes, %d are allowed",
			    fields->len, LIMIT_IPC_BYTES);
		parts[1].iov_base = fields->data;
		parts[1].iov_len = fields->len;
		message.msg_iovlen = 2;
	}
	do
		n = sendmsg(fd, &message, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	if (n < 0 && (errno == EPIPE || errno == ECONNRESET))
		return err_set(err, ERR_NOENT, doing, NULL, "it has ended");
	return n < 0 ? err_sys(err, doing, NULL, "sendmsg") : 0;
}

/* Until there is something to read, the end included. */
static int
wait_readable(int fd, long timeout_ms, struct err *err)
{
	struct pollfd pfd = {.fd = fd, .events = POLLIN};
	int64_t until_ms = clock_mono_ms() + timeout_ms;

	for (;;) {
		int64_t left_ms = until_ms - clock_mono_ms();
		int n;

		if (left_ms < 0)
			left_ms = 0;
		n = poll(&pfd, 1,
		    timeout_ms < 0                   ? -1
			: left_ms > (int64_t)INT_MAX ? INT_MAX
						     : (int)left_ms);
		if (n > 0)
			return 0;
		if (n < 0 && errno != EINTR)
			return err_sys(err, doing, NULL, "poll");
		if (n == 0 && timeout_ms >= 0 && left_ms == 0)
			return err_set(err, ERR_TIMEOUT, doing, NULL,
			    "no word within %ld ms", timeout_ms);
	}
}

static ssize_t
receive(int fd, void *data, size_t len, int flags)
{
	ssize_t n;

	do
		n = recv(fd, data, len, flags | MSG_TRUNC);
	while (n < 0 && errno == EINTR);
	/* It went away with something of ours unread: the same to us. */
	return n < 0 && errno == ECONNRESET ? 0 : n;
}

int
ipc_receive(int fd, long timeout_ms, enum ipc_op *ret_op, struct buf *ret,
    struct ipc_reader *ret_reader, struct err *err)
{
	char *room = NULL, first;
	uint32_t op;
	ssize_t n;
	int rc;

	buf_reset(ret);
	rc = wait_readable(fd, timeout_ms, err);
	if (rc < 0)
		return rc;
	/* Its size first, or room for the largest would be held for each. */
	n = receive(fd, &first, sizeof(first), MSG_PEEK);
	if (n < 0)
		return err_sys(err, doing, NULL, "recv");
	if (n == 0)
		return err_set(err, ERR_NOENT, doing, NULL, "it has ended");
	if (n > LIMIT_IPC_BYTES)
		return err_set(err, ERR_LIMIT, doing, NULL,
		    "refused a message of %zd bytes, %d are allowed", n,
		    LIMIT_IPC_BYTES);
	room = buf_room(ret, (size_t)n, err);
	if (room == NULL)
		return err->code;
	if (receive(fd, room, (size_t)n, 0) != n)
		return bad_frame("its size has changed", err);
	ret->len = (size_t)n;
	if (ret->len < WORD_BYTES)
		return bad_frame("it has no operation", err);
	op = word_read((const unsigned char *)ret->data);
	if (op >= IPC_OPS)
		return bad_frame("no such operation", err);
	*ret_op = (enum ipc_op)op;
	ret_reader->at = (const unsigned char *)ret->data + WORD_BYTES;
	ret_reader->left = ret->len - WORD_BYTES;
	return 0;
}

int
ipc_reply(
    int fd, struct buf *ret, struct ipc_reader *ret_reader, struct err *err)
{
	struct err refused = ERR_INIT;
	enum ipc_op op = IPC_ERR;
	int rc;

	rc = ipc_receive(fd, -1, &op, ret, ret_reader, err);
	if (rc < 0 || op == IPC_OK)
		return rc;
	if (op != IPC_ERR)
		return bad_frame("it is no reply", err);
	rc = ipc_get_err(ret_reader, &refused, err);
	if (rc == 0)
		rc = ipc_get_end(ret_reader, err);
	if (rc == 0 && refused.code == 0)
		rc = bad_frame("a refusal without an error", err);
	if (rc < 0)
		return rc;
	*err = refused;
	return err->code;
}

int
ipc_call(int fd, enum ipc_op op, const struct buf *fields, struct buf *ret,
    struct ipc_reader *ret_reader, struct err *err)
{
	int rc;

	rc = ipc_send(fd, op, fields, err);
	return rc < 0 ? rc : ipc_reply(fd, ret, ret_reader, err);
}
