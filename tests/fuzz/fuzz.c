/*
 * fuzz.c: an input as its parser wants it.
 */
#define _GNU_SOURCE /* memfd_create() */

#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/err.h"

int
fuzz_file(const uint8_t *data, size_t size, char path[FUZZ_PATH_BYTES])
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	FUZZ_HOLDS(fd >= 0);
	FUZZ_HOLDS(write(fd, data, size) == (ssize_t)size);
	(void)snprintf(path, FUZZ_PATH_BYTES, "/proc/self/fd/%d", fd);
	return fd;
}

char *
fuzz_text(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	FUZZ_HOLDS(text != NULL);
	memcpy(text, data, size);
	text[size] = '\0';
	return text;
}

struct buf
fuzz_buf(const uint8_t *data, size_t size)
{
	struct buf buf = BUF_INIT(size + 1);
	struct err err = ERR_INIT;

	FUZZ_HOLDS(buf_add(&buf, data, size, &err) == 0);
	return buf;
}
