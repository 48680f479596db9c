/*
 * who.c: users and groups, in words: for what is said of who may read or write
 * something.
 */
#include "wrapper/who.h"

#include <grp.h>
#include <pwd.h>
#include <stdio.h>

enum { NAME_SPACE_BYTES = 16 * 1024 }; /* a group has many members */

void
who_user(uid_t uid, char *ret, size_t size)
{
	char space[NAME_SPACE_BYTES];
	struct passwd entry, *found = NULL;

	if (getpwuid_r(uid, &entry, space, sizeof(space), &found) == 0 &&
	    found != NULL)
		(void)snprintf(ret, size, "user %.32s", found->pw_name);
	else
		(void)snprintf(ret, size, "user %u", (unsigned)uid);
}

void
who_group(gid_t gid, char *ret, size_t size)
{
	char space[NAME_SPACE_BYTES];
	struct group entry, *found = NULL;

	if (getgrgid_r(gid, &entry, space, sizeof(space), &found) == 0 &&
	    found != NULL)
		(void)snprintf(ret, size, "group %.32s", found->gr_name);
	else
		(void)snprintf(ret, size, "group %u", (unsigned)gid);
}
