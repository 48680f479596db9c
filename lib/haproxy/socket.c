/*
 * socket.c: one command on one connection: connect, send, half-close, read to
 * EOF, with the signals held off. Everything that we say to HAProxy goes
 * through here; what replies mean is for socket_reply.c and the callers.
 */
#define _GNU_SOURCE /* struct ucred */
#include "haproxy/socket.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"

static const char doing[] = "talking to HAProxy";

/* What would end us by default and leave HAProxy with a client gone (H2). */
static const int held_signals[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};

enum {
	READ_BYTES = 16 * 1024,
	BACKLOG_PAUSE_MS = 5, /* between two tries to connect */
};

struct socket_call {
	int fd;
	long timeout_ms;
	size_t total, sent; /* bytes of the command */
	long listener; /* pid */
	bool hung_up; /* by HAProxy, while we were sending */
	bool held[COUNT_OF(held_signals)]; /* blocked by us, not before */
	char path[LIMIT_ERR_ON_BYTES]; /* for messages */
};

/* Blocks the four and notes which of them were not blocked before. */
static void
hold_signals(struct socket_call *call)
{
	sigset_t wanted, before;

	sigemptyset(&wanted);
	for (size_t i = 0; i < COUNT_OF(held_signals); i++)
		sigaddset(&wanted, held_signals[i]);
	sigemptyset(&before);
	if (pthread_sigmask(SIG_BLOCK, &wanted, &before) != 0)
		return;
	for (size_t i = 0; i < COUNT_OF(held_signals); i++)
		call->held[i] = sigismember(&before, held_signals[i]) == 0;
}

/* Closes before it unblocks: a signal that waited may end us right here. */
static void
call_free(struct socket_call *call)
{
	sigset_t ours;

	if (call == NULL)
		return;
	if (call->fd >= 0)
		close(call->fd);
	sigemptyset(&ours);
	for (size_t i = 0; i < COUNT_OF(held_signals); i++) {
		if (call->held[i])
			sigaddset(&ours, held_signals[i]);
	}
	free(call);
	pthread_sigmask(SIG_UNBLOCK, &ours, NULL);
}

/* Waits for `events` until `deadline_ms` of the monotonic clock. */
static int
wait_for(const struct socket_call *call, short events, int64_t deadline_ms,
    struct err *err)
{
	struct pollfd pfd = {.fd = call->fd, .events = events};

	for (;;) {
		int64_t left = deadline_ms - clock_mono_ms();
		int n;

		n = poll(&pfd, 1, left > 0 ? (int)left : 0);
		if (n > 0)
			return 0;
		if (n < 0 && errno != EINTR)
			return err_sys(err, doing, call->path, "poll");
		if (n == 0 && left <= 0)
			return err_set(err, ERR_TIMEOUT, doing, call->path,
			    "no answer within %ld ms", call->timeout_ms);
	}
}

static int
connect_failed(const struct socket_call *call, int error, struct err *err)
{
	if (error == ENOENT || error == ECONNREFUSED || error == ENOTDIR)
		return err_set(err, ERR_DOWN, doing, call->path,
		    "HAProxy does not listen there (connect: %s); is it "
		    "running, with a `stats socket` of that path?",
		    strerror(error));
	errno = error;
	return err_sys(err, doing, call->path, "connect");
}

/*
 * Private keys go over it: whoever may write the socket's directory could put
 * a socket of his own there. HAProxy listens before it drops root, so what
 * the kernel noted then is root, or us where HAProxy never was root.
 */
static int
check_listener(struct socket_call *call, struct err *err)
{
	struct ucred listener = {.uid = (uid_t)-1};
	socklen_t len = sizeof(listener);

	if (getsockopt(call->fd, SOL_SOCKET, SO_PEERCRED, &listener, &len) < 0)
		return err_sys(err, doing, call->path, "getsockopt");
	call->listener = listener.pid;
	if (listener.uid == 0 || listener.uid == geteuid())
		return 0;
	return err_set(err, ERR_UNSAFE, doing, call->path,
	    "uid %lu listens there, HAProxy would as root: it gets no key; "
	    "see who put that socket there (fuser -v), remove it, keep others "
	    "from writing its directory, and let root start HAProxy",
	    (unsigned long)listener.uid);
}

/* A full backlog answers EAGAIN and cannot be polled for. */
static int
connect_call(struct socket_call *call, const char *path, int64_t deadline_ms,
    struct err *err)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t len = strlen(path);

	if (len == 0 || len >= sizeof(address.sun_path))
		return err_set(err, ERR_LIMIT, doing, path,
		    "a UNIX socket's path has 1 to %zu bytes, this one %zu",
		    sizeof(address.sun_path) - 1, len);
	memcpy(address.sun_path, path, len + 1);
	call->fd =
	    socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (call->fd < 0)
		return err_sys(err, doing, call->path, "socket");
	while (connect(call->fd, (const struct sockaddr *)&address,
		   sizeof(address)) < 0) {
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN)
			return connect_failed(call, errno, err);
		if (clock_mono_ms() >= deadline_ms)
			return err_set(err, ERR_TIMEOUT, doing, call->path,
			    "HAProxy accepted no connection within %ld ms",
			    call->timeout_ms);
		clock_pause_ms(BACKLOG_PAUSE_MS);
	}
	return check_listener(call, err);
}

int
socket_whom(const char *path, long *ret, struct err *err)
{
	struct socket_call call = {.fd = -1};
	int rc;

	memccpy(call.path, path, '\0', sizeof(call.path) - 1);
	rc = connect_call(&call, path, clock_mono_ms(), err);
	if (call.fd >= 0)
		(void)close(call.fd);
	if (rc == 0)
		*ret = call.listener;
	return rc;
}

/* Drops the first `n` bytes of the message. */
static void
advance(struct msghdr *message, size_t n)
{
	while (n > 0 && message->msg_iovlen > 0) {
		struct iovec *first = message->msg_iov;
		size_t step = n < first->iov_len ? n : first->iov_len;

		first->iov_base = (char *)first->iov_base + step;
		first->iov_len -= step;
		n -= step;
		if (first->iov_len == 0) {
			message->msg_iov++;
			message->msg_iovlen--;
		}
	}
}

static int
send_all(struct socket_call *call, struct iovec *iov, size_t count,
    int64_t deadline_ms, struct err *err)
{
	struct msghdr message = {.msg_iov = iov, .msg_iovlen = count};
	int rc;

	while (call->sent < call->total) {
		ssize_t n = sendmsg(call->fd, &message, MSG_NOSIGNAL);

		if (n >= 0) {
			call->sent += (size_t)n;
			advance(&message, (size_t)n);
			continue;
		}
		if (errno == EINTR)
			continue;
		if (errno == EPIPE || errno == ECONNRESET) {
			/* Its answer may be waiting for us all the same. */
			call->hung_up = true;
			return 0;
		}
		if (errno != EAGAIN)
			return err_sys(err, doing, call->path, "sendmsg");
		rc = wait_for(call, POLLOUT, deadline_ms, err);
		if (rc < 0)
			return rc;
	}
	if (shutdown(call->fd, SHUT_WR) < 0 && errno != ENOTCONN)
		return err_sys(err, doing, call->path, "shutdown");
	return 0;
}

int
socket_send_parts(const struct socket_peer *peer,
    const struct socket_part *parts, size_t count, long timeout_ms,
    struct socket_call **ret, struct err *err)
{
	struct iovec iov[SOCKET_PARTS_MOST];
	struct socket_call *call = NULL;
	int64_t deadline_ms;
	int rc;

	if (count > SOCKET_PARTS_MOST)
		return err_set(err, ERR_LIMIT, doing, peer->path,
		    "a command of %zu parts", count);
	call = calloc(1, sizeof(*call));
	if (call == NULL)
		return err_nomem(err, doing);
	call->fd = -1;
	call->timeout_ms = timeout_ms;
	memccpy(call->path, peer->path, '\0', sizeof(call->path) - 1);
	for (size_t i = 0; i < count; i++) {
		/* sendmsg() only reads; its struct does not say so. */
		memcpy(&iov[i].iov_base, &parts[i].data, sizeof(void *));
		iov[i].iov_len = parts[i].len;
		call->total += parts[i].len;
	}
	hold_signals(call);
	deadline_ms = clock_mono_ms() + timeout_ms;
	rc = connect_call(call, peer->path, deadline_ms, err);
	if (rc == 0)
		rc = send_all(call, iov, count, deadline_ms, err);
	if (rc < 0) {
		call_free(call);
		return rc;
	}
	*ret = call;
	return 0;
}

int
socket_send(const struct socket_peer *peer, const char *command, size_t len,
    long timeout_ms, struct socket_call **ret, struct err *err)
{
	bool ended = len > 0 && command[len - 1] == '\n';
	struct socket_part parts[] = {
	    {command, len},
	    {"\n", ended ? 0 : 1},
	};

	return socket_send_parts(
	    peer, parts, COUNT_OF(parts), timeout_ms, ret, err);
}

/*
 * What EOF or a reset means: with a whole answer in hand (its last line is
 * ended) even a peer that did not read all we had to say has answered.
 */
static int
judge_end(const struct socket_call *call, const struct buf *reply, int error,
    struct err *err)
{
	if (reply->len > 0 && reply->data[reply->len - 1] == '\n')
		return 0;
	if (call->hung_up || call->sent < call->total)
		return err_set(err, ERR_IO, doing, call->path,
		    "HAProxy hung up after %zu of %zu bytes of the command "
		    "(a command over tune.bufsize?)",
		    call->sent, call->total);
	if (error != 0)
		return err_set(err, ERR_IO, doing, call->path,
		    "HAProxy hung up: %s (a command over tune.bufsize, or its "
		    "process ended?)",
		    strerror(error));
	if (reply->len == 0)
		return 0;
	return err_set(err, ERR_IO, doing, call->path,
	    "HAProxy hung up in the middle of its answer, after %zu bytes",
	    reply->len);
}

/*
 * Reads to EOF. An answer over the limit is read to its end and dropped: to
 * hang up in the middle is what must not be done.
 */
static int
read_all(struct socket_call *call, struct buf *ret, struct err *err)
{
	int64_t deadline_ms = clock_mono_ms() + call->timeout_ms;
	char chunk[READ_BYTES];
	int kept = 0, rc;

	for (;;) {
		ssize_t n = recv(call->fd, chunk, sizeof(chunk), 0);

		if (n > 0 && kept == 0)
			kept = buf_add(ret, chunk, (size_t)n, err);
		if (n == 0)
			return kept < 0 ? kept : judge_end(call, ret, 0, err);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == ECONNRESET || errno == EPIPE))
			return kept < 0 ? kept
					: judge_end(call, ret, errno, err);
		if (n < 0 && errno != EAGAIN)
			return err_sys(err, doing, call->path, "recv");
		rc = 0;
		if (n < 0)
			rc = wait_for(call, POLLIN, deadline_ms, err);
		else if (clock_mono_ms() >= deadline_ms)
			rc = err_set(err, ERR_TIMEOUT, doing, call->path,
			    "no end of the answer within %ld ms",
			    call->timeout_ms);
		if (rc < 0)
			return kept < 0 ? kept : rc;
	}
}

long
socket_listener(const struct socket_call *call)
{
	return call->listener;
}

int
socket_finish(struct socket_call *call, struct buf *ret, struct err *err)
{
	int rc;

	buf_reset(ret);
	if (call == NULL)
		return err_set(err, ERR_IO, doing, NULL, "no call");
	rc = read_all(call, ret, err);
	call_free(call);
	/* 2.6 prints the alpn of a crt-list's line with its NUL. */
	for (size_t i = 0; i < ret->len; i++) {
		if (ret->data[i] == '\0')
			ret->data[i] = ' ';
	}
	return rc;
}
