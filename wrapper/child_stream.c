/*
 * child_stream.c: what a watched child says, as lines: shown to who watches,
 * then passed on to where ours go.
 */
#define _GNU_SOURCE /* pipe2() */
#include "wrapper/child_part.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { CHUNK_BYTES = 4096 };

void
child_streams_init(struct child_stream *streams)
{
	const struct child_stream none = {
	    -1, -1, -1, BUF_INIT(LIMIT_CHILD_LINE_BYTES)};

	for (int i = 0; i < CHILD_STREAMS; i++)
		streams[i] = none;
	streams[CHILD_STDOUT].to = STDOUT_FILENO;
	streams[CHILD_STDERR].to = STDERR_FILENO;
}

int
child_streams_open(
    struct child_stream *streams, const char *name, struct err *err)
{
	int ends[2];

	for (int i = 0; i < CHILD_STREAMS; i++) {
		if (pipe2(ends, O_CLOEXEC) != 0)
			return err_sys(err, "running", name, "pipe2");
		streams[i].read_fd = ends[0];
		streams[i].write_fd = ends[1];
	}
	return 0;
}

static void
close_end(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

void
child_streams_started(struct child_stream *streams)
{
	for (int i = 0; i < CHILD_STREAMS; i++)
		close_end(&streams[i].write_fd);
}

/* Whoever reads our output may leave: the child is not to know. */
static void
put(int fd, const char *data, size_t len)
{
	ssize_t written;

	while (len > 0) {
		written = write(fd, data, len);
		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return;
		data += written;
		len -= (size_t)written;
	}
}

/* `end`: the newline, where there was one. */
static int
pass_on(struct child_stream *stream, const struct child_watch *watch,
    const char *end, struct err *err)
{
	bool wanted = watch->line == NULL ||
	    watch->line(watch->context, buf_text(&stream->line));
	int rc = 0;

	if (wanted && !(watch->quiet && stream->to == STDOUT_FILENO)) {
		rc = buf_puts(&stream->line, end, err);
		put(stream->to, buf_text(&stream->line), stream->line.len);
		if (watch->passed != NULL)
			watch->passed(watch->context);
	}
	buf_reset(&stream->line);
	return rc;
}

static int
take_bytes(struct child_stream *stream, const struct child_watch *watch,
    const char *data, size_t len, struct err *err)
{
	const char *newline;
	size_t part;
	int rc = 0;

	while (rc == 0 && len > 0) {
		newline = memchr(data, '\n', len);
		part = newline == NULL ? len : (size_t)(newline - data);
		/* A newline has to go in, too. */
		if (stream->line.len + part >= stream->line.max_bytes)
			rc = pass_on(stream, watch, "", err);
		if (rc == 0)
			rc = buf_add(&stream->line, data, part, err);
		if (rc == 0 && newline != NULL)
			rc = pass_on(stream, watch, "\n", err);
		part += newline != NULL;
		data += part;
		len -= part;
	}
	return rc;
}

int
child_stream_take(struct child_stream *stream, const struct child_watch *watch,
    struct err *err)
{
	char chunk[CHUNK_BYTES];
	ssize_t got;

	got = read(stream->read_fd, chunk, sizeof(chunk));
	if (got < 0 && (errno == EINTR || errno == EAGAIN))
		return 0;
	if (got <= 0) {
		close_end(&stream->read_fd);
		return 0;
	}
	return take_bytes(stream, watch, chunk, (size_t)got, err);
}

int
child_streams_end(struct child_stream *streams, const struct child_watch *watch,
    struct err *err)
{
	int rc = 0;

	for (int i = 0; rc == 0 && i < CHILD_STREAMS; i++) {
		if (streams[i].line.len > 0)
			rc = pass_on(&streams[i], watch, "", err);
	}
	return rc;
}

void
child_streams_close(struct child_stream *streams)
{
	for (int i = 0; i < CHILD_STREAMS; i++) {
		close_end(&streams[i].read_fd);
		close_end(&streams[i].write_fd);
		buf_free(&streams[i].line);
	}
}
