/*
 * listen.c: see listen.h. The client gets these sockets and could bind none.
 */
#include "acme/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/limits.h"

static const char doing[] = "listening for challenges";

enum { BACKLOG = 128 };

static int
failed(const struct addrinfo *info, const char *where, struct err *err)
{
	(void)info;
	if (errno == EADDRINUSE)
		return err_set(err, ERR_EXISTS, doing, where,
		    "somebody else listens there (ss -ltnp tells who); stop "
		    "it, or give --http-01-port another port that HAProxy "
		    "passes challenges on to");
	return err_sys(err, doing, where, "bind");
}

/* One socket, listening. -1: this family is not to be had, which is fine. */
static int
open_one(
    const struct addrinfo *info, const char *where, int *ret, struct err *err)
{
	int on = 1, rc = 0;
	int fd = socket(
	    info->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	*ret = -1;
	if (fd < 0)
		return errno == EAFNOSUPPORT
		    ? 0
		    : err_sys(err, doing, where, "socket");
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	/* IPv4 has a socket of its own. */
	if (info->ai_family == AF_INET6)
		(void)setsockopt(
		    fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (bind(fd, info->ai_addr, info->ai_addrlen) < 0 ||
	    listen(fd, BACKLOG) < 0)
		rc = errno == EADDRNOTAVAIL && info->ai_family == AF_INET6
		    ? 0
		    : failed(info, where, err);
	else
		*ret = fd;
	if (*ret < 0)
		(void)close(fd);
	return rc;
}

int
listen_open(const char *address, long port, int *ret, size_t *ret_count,
    struct err *err)
{
	struct addrinfo hints = {.ai_family = AF_UNSPEC,
	    .ai_socktype = SOCK_STREAM,
	    .ai_flags = AI_PASSIVE | AI_NUMERICSERV | AI_NUMERICHOST};
	struct addrinfo *infos = NULL;
	char service[16], where[LIMIT_ERR_ON_BYTES];
	int rc = 0, why;

	*ret_count = 0;
	(void)snprintf(service, sizeof(service), "%ld", port);
	(void)snprintf(where, sizeof(where), "%s port %ld",
	    address[0] != '\0' ? address : "every address,", port);
	why = getaddrinfo(
	    address[0] != '\0' ? address : NULL, service, &hints, &infos);
	if (why != 0)
		return err_set(
		    err, ERR_USAGE, doing, where, "%s", gai_strerror(why));
	for (struct addrinfo *info = infos;
	     rc == 0 && info != NULL && *ret_count < LIMIT_LISTENERS;
	     info = info->ai_next) {
		rc = open_one(info, where, &ret[*ret_count], err);
		if (rc == 0 && ret[*ret_count] >= 0)
			++*ret_count;
	}
	freeaddrinfo(infos);
	if (rc == 0 && *ret_count == 0)
		rc = err_set(
		    err, ERR_IO, doing, where, "no address to listen on");
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
