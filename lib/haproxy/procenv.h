/*
 * procenv.h: the environment that a running HAProxy was started with, and its
 * command line, as the kernel has them.
 *
 * HAProxy itself is not asked: a worker that was taken over may still answer on
 * the socket that root had opened. A process that is root has the environment
 * that root gave it; one that has become somebody else may have written over
 * it, as over all of its memory. The root of a container (of other namespaces
 * of users or of processes) is another root.
 */
#ifndef HAPROXY_PROCENV_H
#define HAPROXY_PROCENV_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"

/*
 * Of process `pid` (which may be told by anybody), or of the one that started
 * it: of the first that is root, by all of its user ids (or us, where we are
 * not root), and runs `program` or another one that is called haproxy. Into
 * `ret`, emptied first: "NAME=value", each with a NUL behind it. ERR_NOENT:
 * neither is; ERR_PERM: we may not look; ERR_LIMIT.
 */
int procenv_read(
    long pid, const char *program, struct buf *ret, struct err *err) MUST_CHECK;

/* The same of its command line: each word with a NUL behind it. */
int procenv_words(
    long pid, const char *program, struct buf *ret, struct err *err) MUST_CHECK;

#endif
