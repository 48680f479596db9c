/*
 * responder.c: just as much HTTP as a validation needs: one request line, one
 * answer, goodbye. The CA's half of challenge.c.
 */
#include "acme/responder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/limits.h"

static const char doing[] = "answering http-01 challenges";
/* certbot's, to whom a proxy's check of its server's health has got used. */
static const char greeting[] = "ACME client standalone challenge solver";
static const char prefix[] = "/.well-known/acme-challenge/";

enum {
	READ_BYTES = 1024,
	RESPONSE_BYTES = LIMIT_KEYAUTH_BYTES + 256,
	AT_ONCE = 4, /* connections that are accepted in one go */
};

struct answer {
	char token[LIMIT_TOKEN_BYTES + 1];
	char text[LIMIT_KEYAUTH_BYTES];
	bool fetched;
};

struct connection {
	struct responder *responder;
	struct loop_watch *watch;
	int fd;
	struct buf request; /* its head */
	char response[RESPONSE_BYTES];
	size_t len, sent; /* of the response; 0: not yet */
};

struct responder {
	struct loop *loop;
	struct loop_watch *watches[LIMIT_LISTENERS];
	size_t watch_count;
	struct answer *answers; /* owned */
	size_t answer_count;
	/* The oldest first. */
	struct connection *connections[LIMIT_RESPONDER_CONNECTIONS];
	size_t connection_count;
	unsigned served;
	struct loop_timer *quiet; /* runs out some time after the last fetch */
	bool settled;
};

static int
set_nonblocking(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	return flags < 0 ? flags : fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

static void
connection_free(struct connection *connection)
{
	loop_watch_free(connection->watch);
	(void)close(connection->fd);
	buf_free(&connection->request);
	free(connection);
}

static void
hang_up(struct responder *responder, size_t i)
{
	struct connection **at = &responder->connections[i];

	connection_free(*at);
	responder->connection_count--;
	memmove(at, at + 1, (responder->connection_count - i) * sizeof(*at));
}

static struct answer *
find(struct responder *responder, const char *token, size_t len)
{
	for (size_t i = 0; i < responder->answer_count; i++) {
		struct answer *answer = &responder->answers[i];

		if (strlen(answer->token) == len &&
		    memcmp(answer->token, token, len) == 0)
			return answer;
	}
	return NULL;
}

/* What is behind "GET " or "HEAD "; or NULL. */
static const char *
path_of(const char *head, bool *ret_head)
{
	*ret_head = strncmp(head, "HEAD ", 5) == 0;
	if (*ret_head)
		return head + 5;
	return strncmp(head, "GET ", 4) == 0 ? head + 4 : NULL;
}

static bool
is_index(const char *path)
{
	return path != NULL && strncmp(path, "/ HTTP/1.", 9) == 0;
}

/* The token of "/.well-known/acme-challenge/TOKEN HTTP/1.1"; or NULL. */
static struct answer *
asked_for(struct responder *responder, const char *path)
{
	size_t len;

	if (path == NULL || strncmp(path, prefix, sizeof(prefix) - 1) != 0)
		return NULL;
	path += sizeof(prefix) - 1;
	len = strcspn(path, " ?\r\n");
	if (strncmp(path + len, " HTTP/1.", 8) != 0)
		return NULL;
	return find(responder, path, len);
}

static void
is_quiet(void *context)
{
	struct responder *responder = context;
	size_t fetched = 0;

	for (size_t i = 0; i < responder->answer_count; i++)
		fetched += responder->answers[i].fetched;
	responder->settled = fetched > 0 && fetched == responder->answer_count;
}

static void
note_fetch(struct responder *responder, struct answer *answer)
{
	struct err unused = ERR_INIT;

	answer->fetched = true;
	responder->served++;
	/* Without the timer the CA is asked a little later. */
	if (loop_timer_set(
		responder->quiet, LIMIT_RESPONDER_QUIET_MS, &unused) < 0)
		responder->settled = false;
}

static void
respond(struct connection *connection)
{
	bool head = false;
	const char *path = path_of(buf_text(&connection->request), &head);
	struct answer *answer = asked_for(connection->responder, path);
	bool index = is_index(path);
	const char *text = answer != NULL ? answer->text
	    : index                       ? greeting
					  : "no such token\n";
	int len;

	len = snprintf(connection->response, sizeof(connection->response),
	    "HTTP/1.1 %s\r\nServer: certhaul-acme\r\n"
	    "Content-Type: text/plain\r\nContent-Length: %zu\r\n"
	    "Connection: close\r\n\r\n%s",
	    answer != NULL || index ? "200 OK" : "404 Not Found", strlen(text),
	    head ? "" : text);
	/* It fits: see RESPONSE_BYTES. */
	connection->len = len > 0 ? (size_t)len : 0;
	if (answer != NULL)
		note_fetch(connection->responder, answer);
}

enum step { WAIT, GO_ON, STOP };

/* Reads as much of the head as there is. */
static enum step
receive(struct connection *connection)
{
	struct buf *request = &connection->request;
	struct err unused = ERR_INIT;
	char chunk[READ_BYTES];
	ssize_t n;

	n = recv(connection->fd, chunk, sizeof(chunk), 0);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? WAIT : STOP;
	/* A NUL would end the text early: the rest is not looked at anyway. */
	if (n == 0 || buf_add(request, chunk, (size_t)n, &unused) < 0)
		return STOP;
	if (strstr(buf_text(request), "\r\n\r\n") == NULL &&
	    strstr(buf_text(request), "\n\n") == NULL)
		return WAIT;
	return GO_ON;
}

static enum step
send_rest(struct connection *connection)
{
	ssize_t n;

	n = send(connection->fd, connection->response + connection->sent,
	    connection->len - connection->sent, MSG_NOSIGNAL);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? WAIT : STOP;
	connection->sent += (size_t)n;
	return connection->sent == connection->len ? STOP : WAIT;
}

static size_t
index_of(const struct connection *connection)
{
	const struct responder *responder = connection->responder;
	size_t i = 0;

	/* It is there: it is taken off the list when it is freed. */
	while (responder->connections[i] != connection)
		i++;
	return i;
}

static void
ready(void *context, int fd, int got)
{
	struct connection *connection = context;
	struct err unused = ERR_INIT;
	enum step step = GO_ON;

	(void)fd;
	(void)got;
	if (connection->len == 0) {
		step = receive(connection);
		if (step == GO_ON)
			respond(connection);
	}
	if (step == GO_ON)
		step = send_rest(connection);
	/* What is not sent in one go waits for room. */
	if (step == WAIT && connection->len > 0 &&
	    loop_watch_change(connection->watch, LOOP_WRITE, &unused) < 0)
		step = STOP;
	if (step == STOP)
		hang_up(connection->responder, index_of(connection));
}

/* Takes `fd`; what cannot be had is not answered. */
static void
begin(struct responder *responder, int fd)
{
	struct connection *connection = NULL;
	struct err unused = ERR_INIT;

	if (responder->connection_count == LIMIT_RESPONDER_CONNECTIONS)
		hang_up(responder, 0);
	connection = calloc(1, sizeof(*connection));
	if (connection == NULL) {
		(void)close(fd);
		return;
	}
	connection->responder = responder;
	connection->fd = fd;
	connection->request =
	    (struct buf)BUF_INIT(LIMIT_RESPONDER_REQUEST_BYTES);
	if (set_nonblocking(fd) < 0 ||
	    loop_watch_new(responder->loop, fd, LOOP_READ, ready, connection,
		&connection->watch, &unused) < 0)
		connection_free(connection);
	else
		responder->connections[responder->connection_count++] =
		    connection;
}

static void
on_listener(void *context, int listener, int got)
{
	struct responder *responder = context;

	(void)got;
	for (int i = 0; i < AT_ONCE; i++) {
		int fd = accept(listener, NULL, NULL);

		if (fd >= 0) {
			begin(responder, fd);
			continue;
		}
		/* Out of descriptors: the oldest makes room for the next. */
		if ((errno == EMFILE || errno == ENFILE) &&
		    responder->connection_count > 0)
			hang_up(responder, 0);
		return;
	}
}

int
responder_new(struct loop *loop, const int *listeners, size_t count,
    struct responder **ret, struct err *err)
{
	struct responder *responder = NULL;
	int rc = 0;

	if (count == 0 || count > LIMIT_LISTENERS)
		return err_set(err, ERR_LIMIT, doing, NULL,
		    "%zu sockets to listen on, 1 to %d are allowed", count,
		    LIMIT_LISTENERS);
	responder = calloc(1, sizeof(*responder));
	if (responder == NULL)
		return err_nomem(err, doing);
	responder->loop = loop;
	rc = loop_timer_new(loop, is_quiet, responder, &responder->quiet, err);
	for (size_t i = 0; rc == 0 && i < count; i++) {
		if (set_nonblocking(listeners[i]) < 0) {
			rc = err_sys(err, doing, NULL, "fcntl");
			break;
		}
		rc = loop_watch_new(loop, listeners[i], LOOP_READ, on_listener,
		    responder, &responder->watches[i], err);
		if (rc == 0)
			responder->watch_count++;
	}
	if (rc < 0)
		responder_free(responder);
	else
		*ret = responder;
	return rc;
}

void
responder_free(struct responder *responder)
{
	if (responder == NULL)
		return;
	for (size_t i = 0; i < responder->connection_count; i++)
		connection_free(responder->connections[i]);
	for (size_t i = 0; i < responder->watch_count; i++)
		loop_watch_free(responder->watches[i]);
	loop_timer_free(responder->quiet);
	free(responder->answers);
	free(responder);
}

int
responder_add(struct responder *responder, const char *token, const char *text,
    struct err *err)
{
	struct answer *longer = NULL, *answer;

	if (responder->answer_count >= LIMIT_AUTHORIZATIONS ||
	    strlen(token) >= sizeof(answer->token) ||
	    strlen(text) >= sizeof(answer->text))
		return err_set(err, ERR_LIMIT, doing, NULL,
		    "more than %d tokens, or one that is too long",
		    LIMIT_AUTHORIZATIONS);
	longer = realloc(responder->answers,
	    (responder->answer_count + 1) * sizeof(*longer));
	if (longer == NULL)
		return err_nomem(err, doing);
	responder->answers = longer;
	answer = &longer[responder->answer_count++];
	memcpy(answer->token, token, strlen(token) + 1);
	memcpy(answer->text, text, strlen(text) + 1);
	answer->fetched = false;
	return 0;
}

void
responder_remove(struct responder *responder, const char *token)
{
	for (size_t i = 0; i < responder->answer_count; i++) {
		if (strcmp(responder->answers[i].token, token) != 0)
			continue;
		/* The last takes its place. */
		responder->answers[i] =
		    responder->answers[--responder->answer_count];
		return;
	}
}

unsigned
responder_served(const struct responder *responder)
{
	return responder->served;
}

const bool *
responder_settled(const struct responder *responder)
{
	return &responder->settled;
}
