/*
 * fs_attributes.c: what a file has beside its text: who may read it by an ACL,
 * a label, an operator's note. For a file that takes another's place.
 */
#include "base/fs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>

#include "base/limits.h"

static const char acl[] = "system.posix_acl_access";

/* These are sums over a text, and wrong for any other. */
static bool
is_of_text(const char *name)
{
	return strcmp(name, "security.ima") == 0 ||
	    strcmp(name, "security.evm") == 0;
}

static void
lose(const char *name, char *ret_lost, size_t size)
{
	size_t len = strlen(ret_lost);

	(void)snprintf(
	    ret_lost + len, size - len, "%s%s", len > 0 ? ", " : "", name);
}

void
fs_copy_attributes(int from, int to, char *ret_lost, size_t size)
{
	char *names = malloc(LIMIT_XATTR_BYTES);
	char *value = malloc(LIMIT_XATTR_BYTES);
	ssize_t len = -1, got;

	*ret_lost = '\0';
	/* The one that the directory gives to what is made in it. */
	(void)fremovexattr(to, acl);
	if (names != NULL && value != NULL)
		len = flistxattr(from, names, LIMIT_XATTR_BYTES);
	if (len < 0 && errno != ENOTSUP)
		lose("attributes", ret_lost, size);
	for (ssize_t at = 0; at < len; at += (ssize_t)strlen(names + at) + 1) {
		if (is_of_text(names + at))
			continue;
		got = fgetxattr(from, names + at, value, LIMIT_XATTR_BYTES);
		if (got < 0 ||
		    fsetxattr(to, names + at, value, (size_t)got, 0) != 0)
			lose(names + at, ret_lost, size);
	}
	free(names);
	free(value);
}
