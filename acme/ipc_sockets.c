/*
 * ipc_sockets.c: the responder's sockets on their way to the client, which has
 * no right to bind them itself (SCM_RIGHTS, unix(7)).
 */
#include "acme/ipc.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char doing[] = "handing over the responder's sockets";

union control {
	struct cmsghdr head; /* for its alignment */
	char room[CMSG_SPACE(LIMIT_LISTENERS * sizeof(int))];
};

int
ipc_send_sockets(int fd, const int *sockets, size_t count, struct err *err)
{
	union control control = {.room = {0}};
	char byte = (char)count;
	struct iovec part = {.iov_base = &byte, .iov_len = 1};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
	ssize_t n;

	if (count > LIMIT_LISTENERS)
		return err_set(err, ERR_LIMIT, doing, NULL,
		    "%zu of them, %d are allowed", count, LIMIT_LISTENERS);
	if (count > 0) {
		struct cmsghdr *head;

		message.msg_control = control.room;
		message.msg_controllen = CMSG_SPACE(count * sizeof(int));
		head = CMSG_FIRSTHDR(&message);
		head->cmsg_level = SOL_SOCKET;
		head->cmsg_type = SCM_RIGHTS;
		head->cmsg_len = CMSG_LEN(count * sizeof(int));
		memcpy(CMSG_DATA(head), sockets, count * sizeof(int));
	}
	do
		n = sendmsg(fd, &message, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n < 0 ? err_sys(err, doing, NULL, "sendmsg") : 0;
}

/* The descriptors that came, all of them, so that none is lost open. */
static size_t
take_sockets(struct msghdr *message, int *ret)
{
	size_t count = 0;

	for (struct cmsghdr *head = CMSG_FIRSTHDR(message); head != NULL;
	     head = CMSG_NXTHDR(message, head)) {
		size_t bytes = head->cmsg_len - CMSG_LEN(0);

		if (head->cmsg_level != SOL_SOCKET ||
		    head->cmsg_type != SCM_RIGHTS)
			continue;
		memcpy(ret + count, CMSG_DATA(head), bytes);
		count += bytes / sizeof(int);
	}
	return count;
}

int
ipc_receive_sockets(
    int fd, int *ret, size_t most, size_t *ret_count, struct err *err)
{
	union control control = {.room = {0}};
	int sockets[LIMIT_LISTENERS];
	char byte = 0;
	struct iovec part = {.iov_base = &byte, .iov_len = 1};
	struct msghdr message = {.msg_iov = &part,
	    .msg_iovlen = 1,
	    .msg_control = control.room,
	    .msg_controllen = sizeof(control.room)};
	size_t count;
	ssize_t n;

	do
		n = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_sys(err, doing, NULL, "recvmsg");
	count = take_sockets(&message, sockets);
	if (n != 1 || (size_t)(unsigned char)byte != count || count > most ||
	    (message.msg_flags & MSG_CTRUNC) != 0) {
		for (size_t i = 0; i < count; i++)
			(void)close(sockets[i]);
		return err_set(err, ERR_SYNTAX, doing, NULL,
		    "refused a message: not the sockets that were announced");
	}
	memcpy(ret, sockets, count * sizeof(int));
	*ret_count = count;
	return 0;
}
