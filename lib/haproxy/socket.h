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
 * Several may be under way at once (one a process). Each remembers which of
 * the four signals it had to block itself, and finishing unblocks just those:
 * so finish in the REVERSE order of sending, and nothing is unblocked before
 * the last answer is in. (There is no counter that could do better: it would
 * be a mutable global.)
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

/* One piece of a command; sent from where it lies, so a key is not copied. */
struct socket_part {
	const void *data;
	size_t len; /* bytes */
};

/*
 * Connects and sends the `count` parts (at most SOCKET_PARTS_MOST; borrowed
 * until this returns) as they are, then half-closes. Blocks the signals until
 * socket_finish(). `timeout_ms` holds for sending, and again for the answer.
 * A peer that hangs up while we send is no error here: what it had to say is
 * read by socket_finish(). Errors: ERR_DOWN (nothing listens: ENOENT,
 * ECONNREFUSED), ERR_PERM (path, right, user), ERR_UNSAFE (who listens is
 * neither root nor us, by SO_PEERCRED; not a byte was sent), ERR_TIMEOUT (a
 * full backlog, too), ERR_LIMIT (the path is longer than a UNIX socket's can
 * be), ERR_IO. Returns owned.
 */
int socket_send_parts(const struct socket_peer *peer,
    const struct socket_part *parts, size_t count, long timeout_ms,
    struct socket_call **ret, struct err *err) MUST_CHECK;

enum { SOCKET_PARTS_MOST = 8 };

/*
 * The same for one `command` (one line, or a line, `<<\n` and a payload:
 * `len` bytes as they are; a newline is added where there is none at the end).
 * On a master each command of the line needs "@1 ": socket_ask() does that.
 */
int socket_send(const struct socket_peer *peer, const char *command, size_t len,
    long timeout_ms, struct socket_call **ret, struct err *err) MUST_CHECK;

/*
 * The pid of who listens there, as the kernel noted it (SO_PEERCRED): of the
 * process that called listen(), which may be gone; 0: not of our pid namespace.
 */
long socket_listener(const struct socket_call *call);

/*
 * The same of `path`, where nothing is said and nothing waited for: ERR_DOWN,
 * ERR_PERM, ERR_UNSAFE, ERR_TIMEOUT (a full backlog).
 */
int socket_whom(const char *path, long *ret, struct err *err) MUST_CHECK;

/*
 * Reads the reply to EOF into `ret` (reset first; a NUL in it becomes a space,
 * so that it is text to its end), closes, unblocks the signals, frees the call
 * (also on failure; NULL is ERR_IO). An empty reply is 0 (`reload` on 2.6)
 * unless the command could not be sent whole. ERR_TIMEOUT, ERR_LIMIT (read to
 * EOF all the same), ERR_IO (a reset, or a reply that does not end in a
 * newline: HAProxy hung up in the middle).
 */
int socket_finish(
    struct socket_call *call, struct buf *ret, struct err *err) MUST_CHECK;

/*
 * One command without payload, from sending to EOF. `;` may chain commands
 * that only read. "@1 " is put in front of each where `peer` is a master.
 * An answer "Permission denied" (the socket's level is too low) is ERR_PERM
 * and tells the level that is needed; "Unknown command" is ERR_HAPROXY.
 */
int socket_ask(const struct socket_peer *peer, const char *command,
    long timeout_ms, struct buf *ret, struct err *err) MUST_CHECK;

/* The same, and who listens there: into `*ret_listener` (NULL: never mind). */
int socket_ask_whom(const struct socket_peer *peer, const char *command,
    long timeout_ms, struct buf *ret, long *ret_listener,
    struct err *err) MUST_CHECK;

/*
 * Judges the reply to `command` as socket_ask() does: 0, ERR_PERM, ERR_HAPROXY
 * ("Unknown command"), ERR_DOWN (a master without a worker).
 */
int socket_check_reply(const struct socket_peer *peer, const char *command,
    const char *reply, struct err *err) MUST_CHECK;

/* The last line of `reply` that is not empty, into `line`; "" if none. */
void socket_last_line(const char *reply, char *line, size_t size);

/* All lines of `reply` that are not empty, as one: "a; b; c". */
void socket_words(const char *reply, char *line, size_t size);

#endif
