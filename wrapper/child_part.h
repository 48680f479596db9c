/*
 * child_part.h: the two streams of a child that is watched; child.c's.
 */
#ifndef WRAPPER_CHILD_PART_H
#define WRAPPER_CHILD_PART_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "wrapper/child.h"

enum { CHILD_STDOUT, CHILD_STDERR, CHILD_STREAMS };

struct child_stream {
	int read_fd, write_fd; /* -1: none (any more) */
	int to; /* where its lines go */
	struct buf line; /* what has come of a line so far */
};

void child_streams_init(struct child_stream *streams);

/* A pipe for each; `name` is for the message. ERR_IO. */
int child_streams_open(
    struct child_stream *streams, const char *name, struct err *err) MUST_CHECK;

/* The child has its ends: closes ours of them. */
void child_streams_started(struct child_stream *streams);

/*
 * Takes what is in the pipe, and passes on each whole line as `watch` wants
 * it. At the end of the pipe read_fd becomes -1. ERR_NOMEM.
 */
int child_stream_take(struct child_stream *stream,
    const struct child_watch *watch, struct err *err) MUST_CHECK;

/* Passes on what has no newline behind it. */
int child_streams_end(struct child_stream *streams,
    const struct child_watch *watch, struct err *err) MUST_CHECK;
void child_streams_close(struct child_stream *streams);

#endif
