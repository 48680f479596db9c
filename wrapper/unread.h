/*
 * unread.h: what HAProxy was started with and certhaul does not read: whatever
 * is said of haproxy.cfg is not the whole of it then.
 */
#ifndef WRAPPER_UNREAD_H
#define WRAPPER_UNREAD_H

#include "base/conf.h"
#include "haproxy/process.h"

/*
 * Shows `take` each file of configuration that this HAProxy was started with
 * and that haproxy.config does not name; none where it does not tell.
 */
void unread_each(const struct conf *conf, const struct process *process,
    void (*take)(
	void *context, const struct process *process, const char *path),
    void *context);

#endif
