/*
 * ca_file.c: see ca_file.h. front.c opens it, issue.c hands it over, http.c
 * believes it.
 */
#include "acme/ca_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "acme/ipc.h"

static const char doing[] = "reading the certificates of the CA's server";

enum { READ_BYTES = 16 * 1024 };

int
ca_file_open(const char *path)
{
	struct stat st;
	int fd;

	if (path[0] == '\0')
		return -1;
	fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd >= 0 &&
	    (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) ||
		st.st_size > LIMIT_CA_FILE_BYTES)) {
		(void)close(fd);
		fd = -1;
	}
	return fd;
}

int
ca_file_send(int pair, int fd, struct err *err)
{
	return ipc_send_sockets(pair, &fd, fd >= 0 ? 1 : 0, err);
}

int
ca_file_receive(int pair, int *ret, struct err *err)
{
	size_t count = 0;

	*ret = -1;
	return ipc_receive_sockets(pair, ret, 1, &count, err);
}

/* From the beginning, whoever has read it before through this descriptor. */
static int
read_whole(int fd, const char *path, struct buf *ret, struct err *err)
{
	for (;;) {
		size_t room = ret->max_bytes - ret->len;
		char *at;
		ssize_t got;

		if (room == 0)
			return err_set(err, ERR_LIMIT, doing, path,
			    "it is larger than %d bytes", LIMIT_CA_FILE_BYTES);
		room = room < READ_BYTES ? room : READ_BYTES;
		at = buf_room(ret, room, err);
		if (at == NULL)
			return err->code;
		got = pread(fd, at, room, (off_t)ret->len);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_sys(err, doing, path, "pread");
		if (got == 0)
			return 0;
		ret->len += (size_t)got;
	}
}

int
ca_file_read(int fd, const char *path, struct buf *ret, struct err *err)
{
	int own, rc = 0;

	if (fd < 0)
		return 0;
	own = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (own < 0)
		rc = read_whole(fd, path, ret, err);
	else
		(void)close(own);
	(void)close(fd);
	return rc;
}
