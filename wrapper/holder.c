/*
 * holder.c: which process listens on a port, as the kernel tells it: the
 * socket's inode, then whoever has that open. For the preflight's words.
 */
#include "wrapper/holder.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fs.h"
#include "base/limits.h"
#include "base/text.h"

enum { STATE_LISTEN = 0x0a };

/* The columns of a line of /proc/net/tcp (proc(5)). */
enum { COLUMN_LOCAL = 1, COLUMN_STATE = 3, COLUMN_INODE = 9 };

/* Where column `i` of the line begins. */
static const char *
column(const char *line, unsigned i)
{
	line += strspn(line, " ");
	while (i-- > 0) {
		line += strcspn(line, " \n");
		line += strspn(line, " ");
	}
	return line;
}

/* Zero where the line is not a listener on `port`. */
static unsigned long
inode_of(const char *line, long port)
{
	const char *local = column(line, COLUMN_LOCAL);
	const char *colon = local + strcspn(local, ": \n");

	/* ADDRESS:PORT, and the state, are hexadecimal. */
	if (*colon != ':' || strtol(colon + 1, NULL, 16) != port ||
	    strtol(column(line, COLUMN_STATE), NULL, 16) != STATE_LISTEN)
		return 0;
	return strtoul(column(line, COLUMN_INODE), NULL, 10);
}

static unsigned long
find_inode(const char *table, long port)
{
	struct buf text = BUF_INIT(LIMIT_REPLY_BYTES);
	struct err ignored = ERR_INIT;
	unsigned long inode = 0;
	const char *line;

	if (fs_read(AT_FDCWD, table, FS_TRUST_ANY, &text, NULL, &ignored) == 0)
		line = text.data;
	else
		line = NULL;
	while (line != NULL && inode == 0) {
		inode = inode_of(line, port);
		line = strchr(line, '\n');
		line = line == NULL ? NULL : line + 1;
	}
	buf_free(&text);
	return inode;
}

/* Has process `pid` the socket open? */
static bool
has_open(const char *pid, unsigned long inode)
{
	char path[64 + NAME_MAX], wanted[64], target[64];
	struct dirent *entry;
	bool found = false;
	ssize_t len;
	DIR *dir;

	(void)snprintf(wanted, sizeof(wanted), "socket:[%lu]", inode);
	(void)snprintf(path, sizeof(path), "/proc/%.32s/fd", pid);
	dir = opendir(path);
	while (dir != NULL && !found && (entry = readdir(dir)) != NULL) {
		len = readlinkat(
		    dirfd(dir), entry->d_name, target, sizeof(target) - 1);
		target[len < 0 ? 0 : len] = '\0';
		found = strcmp(target, wanted) == 0;
	}
	if (dir != NULL)
		(void)closedir(dir);
	return found;
}

static void
describe(const char *pid, char *ret, size_t size)
{
	struct buf name = BUF_INIT(4096);
	struct err ignored = ERR_INIT;
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/%.32s/comm", pid);
	if (fs_read(AT_FDCWD, path, FS_TRUST_ANY, &name, NULL, &ignored) == 0)
		text_clean(name.data);
	(void)snprintf(ret, size, "%.32s (pid %.32s)",
	    name.len == 0 ? "a process" : buf_text(&name), pid);
	buf_free(&name);
}

static unsigned long
find_listener(long port)
{
	unsigned long inode = find_inode("/proc/net/tcp", port);

	return inode != 0 ? inode : find_inode("/proc/net/tcp6", port);
}

bool
holder_is_there(long port)
{
	return find_listener(port) != 0;
}

void
holder_of_port(long port, char *ret, size_t size)
{
	struct dirent *entry;
	unsigned long inode;
	DIR *proc;

	(void)snprintf(ret, size, "another process");
	inode = find_listener(port);
	proc = inode == 0 ? NULL : opendir("/proc");
	while (proc != NULL && (entry = readdir(proc)) != NULL) {
		if (!isdigit((unsigned char)entry->d_name[0]) ||
		    !has_open(entry->d_name, inode))
			continue;
		describe(entry->d_name, ret, size);
		break;
	}
	if (proc != NULL)
		(void)closedir(proc);
}
