/*
 * verify_listen.c: does anybody listen at an address? Asked of those where it
 * is not known that HAProxy does, before handshakes.
 */
#include "haproxy/verify.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNECT_MS = 1000 };

bool
verify_listens(const struct discovery_target *target)
{
	const struct sockaddr *address =
	    (const struct sockaddr *)(const void *)&target->address;
	int fd = socket(
	    address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct pollfd wait = {.fd = fd, .events = POLLOUT};
	int error = 0;
	socklen_t len = sizeof(error);
	bool taken;

	if (fd < 0)
		return false;
	taken = connect(fd, address, target->address_len) == 0;
	if (!taken && (errno == EINPROGRESS || errno == EAGAIN))
		taken = poll(&wait, 1, CONNECT_MS) <= 0 ||
		    (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) == 0 &&
			error == 0);
	(void)close(fd);
	return taken;
}

void
verify_drop_closed(struct discovery_targets *targets, bool all)
{
	size_t kept = 0;

	for (size_t i = 0; i < targets->count; i++) {
		struct discovery_target *target = &targets->items[i];

		if ((!target->maybe && !all) || verify_listens(target))
			targets->items[kept++] = *target;
		else if (targets->closed++ == 0)
			(void)snprintf(targets->closed_at,
			    sizeof(targets->closed_at), "%s", target->text);
	}
	targets->count = kept;
}
