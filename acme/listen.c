/*
 * listen.c: see listen.h. The client gets these sockets and could bind none.
 */
#include "acme/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/limits.h"

static const char doing[] = "listening for challenges";

enum { BACKLOG = 128, PORT_MOST = 65535 };

static int
is_taken(const char *where, struct err *err)
{
	if (errno == EADDRINUSE)
		return err_set(err, ERR_EXISTS, doing, where,
		    "somebody else listens there (ss -ltnp tells who); stop "
		    "it, or give --http-01-port another port that HAProxy "
		    "passes challenges on to");
	return err_sys(err, doing, where, "bind");
}

/* One socket, listening. -1: this family is not to be had, which is fine. */
static int
open_one(const struct addrinfo *info, const char *where, bool every, int *ret,
    struct err *err)
{
	int on = 1, only_v6 = every, rc = 0;
	int fd = socket(
	    info->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	*ret = -1;
	if (fd < 0)
		return errno == EAFNOSUPPORT
		    ? 0
		    : err_sys(err, doing, where, "socket");
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	/* On every address IPv4 has a socket of its own; `::` by itself is for
	 * both, as with certbot, whatever the system's default is. */
	if (info->ai_family == AF_INET6)
		(void)setsockopt(
		    fd, IPPROTO_IPV6, IPV6_V6ONLY, &only_v6, sizeof(only_v6));
	if (bind(fd, info->ai_addr, info->ai_addrlen) < 0 ||
	    listen(fd, BACKLOG) < 0)
		rc = errno == EADDRNOTAVAIL && info->ai_family == AF_INET6
		    ? 0
		    : is_taken(where, err);
	else
		*ret = fd;
	if (*ret < 0)
		(void)close(fd);
	return rc;
}

/*
 * All that can be had, for as with certbot one of several will do; but whoever
 * has IPv4's port on every address would be asked in our place.
 */
static int
open_all(const struct addrinfo *infos, const char *where, bool every, int *ret,
    size_t *ret_count, struct err *err)
{
	struct err failed = ERR_INIT;
	bool lost = false;

	for (; infos != NULL && *ret_count < LIMIT_LISTENERS;
	     infos = infos->ai_next) {
		struct err one = ERR_INIT;
		int rc = open_one(infos, where, every, &ret[*ret_count], &one);

		if (rc == 0) {
			*ret_count += ret[*ret_count] >= 0;
			continue;
		}
		if (failed.code == 0 || infos->ai_family == AF_INET)
			failed = one;
		lost = lost || (every && infos->ai_family == AF_INET);
	}
	if (*ret_count > 0 && !lost)
		return 0;
	if (failed.code == 0)
		return err_set(
		    err, ERR_IO, doing, where, "no address to listen on");
	*err = failed;
	return err->code;
}

int
listen_open(const char *address, long port, int *ret, size_t *ret_count,
    struct err *err)
{
	struct addrinfo hints = {.ai_family = AF_UNSPEC,
	    .ai_socktype = SOCK_STREAM,
	    .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
	struct addrinfo *infos = NULL;
	char service[16], where[LIMIT_ERR_ON_BYTES];
	bool every = address[0] == '\0';
	int rc, why;

	*ret_count = 0;
	if (port < 0 || port > PORT_MOST)
		return err_set(err, ERR_INVALID, doing, "--http-01-port",
		    "%ld is no port: they end at %d", port, PORT_MOST);
	(void)snprintf(service, sizeof(service), "%ld", port);
	(void)snprintf(where, sizeof(where), "%s port %ld",
	    every ? "every address," : address, port);
	why = getaddrinfo(every ? NULL : address, service, &hints, &infos);
	if (why != 0)
		return err_set(
		    err, ERR_USAGE, doing, where, "%s", gai_strerror(why));
	rc = open_all(infos, where, every, ret, ret_count, err);
	freeaddrinfo(infos);
	if (rc < 0)
		listen_close(ret, ret_count);
	return rc;
}

void
listen_close(int *sockets, size_t *count)
{
	for (size_t i = 0; i < *count; i++)
		(void)close(sockets[i]);
	*count = 0;
}
