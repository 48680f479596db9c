/*
 * fuzz_crtlist.c: a crt-list on disk: what is taken out and put back leaves
 * every byte as it was.
 */
#include "tests/fuzz/fuzz.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "haproxy/crtlist.h"

static const char store[] = "/ssl/a.pem";
static char dir[] = "/tmp/fuzz_crtlist.XXXXXX", path[64];

static void
tidy(void)
{
	(void)unlink(path);
	(void)rmdir(dir);
}

static void
write_list(const uint8_t *data, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	FUZZ_HOLDS(fd >= 0);
	FUZZ_HOLDS(write(fd, data, size) == (ssize_t)size);
	(void)close(fd);
}

/* Is it `data`, with the newline that a last line needs? */
static bool
is_list(const uint8_t *data, size_t size)
{
	struct buf text = BUF_INIT(LIMIT_CRTLIST_BYTES);
	struct err err = ERR_INIT;
	size_t more;
	bool same;

	FUZZ_HOLDS(
	    fs_read(AT_FDCWD, path, FS_TRUST_ANY, &text, NULL, &err) == 0);
	more = text.len - size;
	same = text.len >= size && more <= 1 &&
	    (size == 0 || memcmp(text.data, data, size) == 0) &&
	    (more == 0 || text.data[size] == '\n');
	buf_free(&text);
	return same;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct crtlist_file file = {path, ""};
	struct buf taken = BUF_INIT(LIMIT_CRTLIST_BYTES);
	struct err err = ERR_INIT;
	bool added = false, deleted = false, again = false;

	if (path[0] == '\0') {
		FUZZ_HOLDS(mkdtemp(dir) != NULL && atexit(tidy) == 0);
		(void)snprintf(path, sizeof(path), "%s/list", dir);
	}
	write_list(data, size);
	if (crtlist_file_add(&file, store, &added, &err) < 0)
		goto out;
	FUZZ_HOLDS(crtlist_file_add(&file, store, &again, &err) == 0 && !again);
	FUZZ_HOLDS(crtlist_file_del(&file, store, &taken, &deleted, &err) == 0);
	FUZZ_HOLDS(deleted);
	if (!added)
		FUZZ_HOLDS(
		    crtlist_file_return(&file, store, &taken, &err) == 0);
	FUZZ_HOLDS(is_list(data, size));
out:
	buf_free(&taken);
	return 0;
}
