/*
 * responder.c: one path, one answer, on the port that the http-01 client will
 * have. Its connections share one epoll descriptor, which the preflight polls
 * beside its own requests: no thread, no child.
 */
#define _GNU_SOURCE /* accept4() */
#include "wrapper/responder.h"

#include <errno.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/limits.h"

static const char doing[] = "listening for the preflight";

enum { EVENTS = 16, BACKLOG = 128 };

/* A request that is coming in; only its first line counts. */
struct client {
	int fd; /* -1: free */
	size_t len;
	char head[LIMIT_PREFLIGHT_HEAD_BYTES];
};

struct responder {
	int epoll_fd, listen_fd;
	const char *path, *body;
	struct client clients[LIMIT_PREFLIGHT_CLIENTS];
};

static int
listen_on(const struct addrinfo *where, const char *text, int *ret_fd,
    struct err *err)
{
	int fd, on = 1, rc = 0;

	fd = socket(
	    where->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return err_sys(err, doing, text, "socket");
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, where->ai_addr, where->ai_addrlen) < 0 ||
	    listen(fd, BACKLOG) < 0) {
		if (errno == EADDRINUSE)
			rc = err_set(err, ERR_EXISTS, doing, text,
			    "another process listens there");
		else if (errno == EADDRNOTAVAIL)
			rc = err_set(err, ERR_CONF, doing, text,
			    "challenge.address is no address of this machine");
		else
			rc = err_sys(err, doing, text, "bind");
		(void)close(fd);
		return rc;
	}
	*ret_fd = fd;
	return 0;
}

static int
watch(const struct responder *responder, int fd)
{
	struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};

	return epoll_ctl(responder->epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

int
responder_open(const char *address, long port, const char *path,
    const char *body, struct responder **ret, struct err *err)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
	    .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE};
	struct addrinfo *where = NULL;
	struct responder *made;
	char service[16], text[LIMIT_ERR_ON_BYTES];
	int rc = 0;

	(void)snprintf(service, sizeof(service), "%ld", port);
	(void)snprintf(text, sizeof(text), "%.400s port %ld", address, port);
	if (getaddrinfo(address, service, &hints, &where) != 0)
		return err_set(err, ERR_CONF, doing, text,
		    "challenge.address is no IP address");
	made = calloc(1, sizeof(*made));
	if (made == NULL) {
		freeaddrinfo(where);
		return err_nomem(err, doing);
	}
	made->path = path;
	made->body = body;
	made->listen_fd = -1;
	for (size_t i = 0; i < COUNT_OF(made->clients); i++)
		made->clients[i].fd = -1;
	made->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (made->epoll_fd < 0)
		rc = err_sys(err, doing, text, "epoll_create1");
	if (rc == 0)
		rc = listen_on(where, text, &made->listen_fd, err);
	if (rc == 0 && watch(made, made->listen_fd) < 0)
		rc = err_sys(err, doing, text, "epoll_ctl");
	freeaddrinfo(where);
	if (rc < 0)
		responder_close(made);
	else
		*ret = made;
	return rc;
}

static void
drop(struct client *client)
{
	(void)close(client->fd);
	client->fd = -1;
}

void
responder_close(struct responder *responder)
{
	if (responder == NULL)
		return;
	for (size_t i = 0; i < COUNT_OF(responder->clients); i++) {
		if (responder->clients[i].fd >= 0)
			drop(&responder->clients[i]);
	}
	if (responder->listen_fd >= 0)
		(void)close(responder->listen_fd);
	if (responder->epoll_fd >= 0)
		(void)close(responder->epoll_fd);
	free(responder);
}

int
responder_fd(const struct responder *responder)
{
	return responder == NULL ? -1 : responder->epoll_fd;
}

static void
answer(const struct responder *responder, struct client *client)
{
	size_t path = strlen(responder->path);
	bool known = strncmp(client->head, "GET ", 4) == 0 &&
	    strncmp(client->head + 4, responder->path, path) == 0 &&
	    client->head[4 + path] == ' ';
	const char *body = known ? responder->body : "";
	char text[LIMIT_KEYAUTH_BYTES + 256];
	int len;

	len = snprintf(text, sizeof(text),
	    "HTTP/1.1 %s\r\nContent-Type: text/plain\r\nContent-Length: %zu\r\n"
	    "Connection: close\r\n\r\n%.*s",
	    known ? "200 OK" : "404 Not Found", strlen(body),
	    LIMIT_KEYAUTH_BYTES, body);
	/* It fits into any socket's buffer; who is gone has no answer. */
	if (len > 0 && send(client->fd, text, (size_t)len, MSG_NOSIGNAL) > 0)
		(void)shutdown(client->fd, SHUT_WR);
	drop(client);
}

static void
take(const struct responder *responder, struct client *client)
{
	size_t room = sizeof(client->head) - 1 - client->len;
	ssize_t got;

	got = recv(client->fd, client->head + client->len, room, 0);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got <= 0) {
		drop(client);
		return;
	}
	client->len += (size_t)got;
	client->head[client->len] = '\0';
	if (strstr(client->head, "\r\n\r\n") != NULL)
		answer(responder, client);
	else if (client->len == sizeof(client->head) - 1)
		drop(client);
}

static void
welcome(struct responder *responder)
{
	struct sockaddr_storage from;
	socklen_t from_len = sizeof(from);
	int fd;

	fd = accept4(responder->listen_fd, (void *)&from, &from_len,
	    SOCK_CLOEXEC | SOCK_NONBLOCK);
	for (size_t i = 0; fd >= 0 && i < COUNT_OF(responder->clients); i++) {
		struct client *client = &responder->clients[i];

		if (client->fd < 0 && watch(responder, fd) == 0) {
			client->fd = fd;
			client->len = 0;
			return;
		}
	}
	if (fd >= 0)
		(void)close(fd);
}

void
responder_turn(struct responder *responder)
{
	struct epoll_event events[EVENTS];
	int count;

	if (responder == NULL)
		return;
	count = epoll_wait(responder->epoll_fd, events, EVENTS, 0);
	for (int i = 0; i < count; i++) {
		if (events[i].data.fd == responder->listen_fd) {
			welcome(responder);
			continue;
		}
		for (size_t j = 0; j < COUNT_OF(responder->clients); j++) {
			if (responder->clients[j].fd == events[i].data.fd)
				take(responder, &responder->clients[j]);
		}
	}
}
