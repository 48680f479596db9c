/*
 * crtlist_part.h: what crtlist.c shares with crtlist_line.c. Nobody else
 * includes it.
 */
#ifndef HAPROXY_CRTLIST_PART_H
#define HAPROXY_CRTLIST_PART_H

#include <stdbool.h>
#include <stddef.h>

#include "haproxy/crtlist.h"

/* `list` as HAProxy names it in memory: no slash at its end. */
int crtlist_list_name(
    const char *list, char *ret, size_t size, struct err *err) MUST_CHECK;

/*
 * A list that is a file takes the same store any number of times, so it is
 * looked at first. A directory refuses a second time by itself, and need not
 * be listed: that would cost more the more certificates there are.
 */
int crtlist_is_listed(const struct process *process, const char *list,
    const char *store, bool *ret, struct err *err) MUST_CHECK;

#endif
