/*
 * who.h: users and groups, in words.
 */
#ifndef WRAPPER_WHO_H
#define WRAPPER_WHO_H

#include <stddef.h>
#include <sys/types.h>

enum { WHO_BYTES = 48 };

/* "user www", "group adm" into `ret`; the number where it has no name. */
void who_user(uid_t uid, char *ret, size_t size);
void who_group(gid_t gid, char *ret, size_t size);

#endif
