/*
 * socket.h: one command, one connection, the whole reply.
 *
 * HAProxy's runtime API on its UNIX sockets (management guide, 9.3): connect,
 * send the command, half-close, read to EOF. Never hang up before EOF: a
 * client that leaves while a commit yields kills the worker (hazard H2). So
 * SIGINT, SIGTERM, SIGHUP and SIGPIPE are blocked from connect to EOF, and
 * a timeout is counted in tens of seconds where a commit is under way.
 *
 * A call has two halves, so that the caller can work while HAProxy does.
 */
#ifndef HAPROXY_SOCKET_H
#define HAPROXY_SOCKET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"

/* Where commands go: a worker's socket, or a master's with "@1 " in front. */
struct socket_peer {
	char path[LIMIT_PATH_BYTES];
	bool master;
};

struct socket_call; /* a command that was sent */

/*
 * Connects and sends `command` (one line, or a line, `<<\n` and a payload:
 * `len` bytes as they are; a newline is added where there is none at the end),
 * then half-closes. On a master each command of the line gets "@1 " by the
 * caller's use of socket_ask(). Blocks the signals until socket_finish().
 * Errors: ERR_DOWN (nothing listens: ENOENT, ECONNREFUSED), ERR_PERM (path,
 * right, user), ERR_TIMEOUT, ERR_LIMIT, ERR_IO. Returns owned.
 */
int socket_send(const struct socket_peer *peer, const char *command,
    size_t len, long timeout_ms, struct socket_call **ret, struct err *err)
    MUST_CHECK;

/*
 * Reads the reply to EOF into `ret` (reset first), closes, unblocks the
 * signals, frees the call (also on failure). ERR_TIMEOUT, ERR_LIMIT, ERR_IO
 * (a reset or a cut: HAProxy hung up).
 */
int socket_finish(struct socket_call *call, struct buf *ret, struct err *err)
    MUST_CHECK;

/*
 * One command without payload, from sending to EOF. `;` may chain commands
 * that only read. "@1 " is put in front of each where `peer` is a master.
 * An answer "Permission denied" (the socket's level is too low) is ERR_PERM
 * and tells the level that is needed; "Unknown command" is ERR_HAPROXY.
 */
int socket_ask(const struct socket_peer *peer, const char *command,
    long timeout_ms, struct buf *ret, struct err *err) MUST_CHECK;

/* The last line of `reply` that is not empty, into `line`; "" if none. */
void socket_last_line(const char *reply, char *line, size_t size);

#endif
