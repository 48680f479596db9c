/*
 * unread.h: what HAProxy was started with and certhaul does not read: whatever
 * is said of haproxy.cfg is not the whole of it then.
 */
#ifndef WRAPPER_UNREAD_H
#define WRAPPER_UNREAD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/conf.h"
#include "haproxy/process.h"

/* What is said of such a file, behind its name. */
#define UNREAD_WORDS                                                           \
	"HAProxy was started with this file, too, and certhaul does not read " \
	"it, so it cannot know what is missing: have haproxy.config in "       \
	"certhaul.conf name all of its files"

/*
 * Shows `take` each file of configuration that this HAProxy was started with
 * and that haproxy.config does not name; none where it does not tell.
 * One with a relative name is looked for where this HAProxy works; where that
 * cannot be seen it goes by the name without its directory.
 */
void unread_each(const struct conf *conf, const struct process *process,
    void (*take)(
	void *context, const struct process *process, const char *path),
    void *context);

/* The first such file of this HAProxy into `ret`; "": none. */
void unread_first_of(const struct conf *conf, const struct process *process,
    char *ret, size_t size);

/* The first such file of any HAProxy that answers; false: none. */
bool unread_first(const struct conf *conf, char *ret, size_t size);

#endif
