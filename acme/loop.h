/*
 * loop.h: the client's one event loop (libevent): curl's sockets, the
 * responder's, and timers. No thread.
 */
#ifndef ACME_LOOP_H
#define ACME_LOOP_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"

struct loop;
struct loop_watch;
struct loop_timer;

enum loop_want { LOOP_READ = 1, LOOP_WRITE = 2 };

int loop_new(struct loop **ret, struct err *err) MUST_CHECK;
void loop_free(struct loop *loop);

/* Calls `ready` with LOOP_* bits each time until loop_watch_free(). */
int loop_watch_new(struct loop *loop, int fd, int want,
    void (*ready)(void *context, int fd, int got), void *context,
    struct loop_watch **ret, struct err *err) MUST_CHECK;
int loop_watch_change(
    struct loop_watch *watch, int want, struct err *err) MUST_CHECK;
void loop_watch_free(struct loop_watch *watch);

/* A timer that is set and set again; not running when made. */
int loop_timer_new(struct loop *loop, void (*due)(void *context), void *context,
    struct loop_timer **ret, struct err *err) MUST_CHECK;
int loop_timer_set(struct loop_timer *timer, long ms,
    struct err *err) MUST_CHECK; /* <0: off */
void loop_timer_free(struct loop_timer *timer);

/*
 * Runs events until `*done`, at most `timeout_ms`. ERR_TIMEOUT; `doing` is for
 * the message.
 */
int loop_run(struct loop *loop, const bool *done, long timeout_ms,
    const char *doing, struct err *err) MUST_CHECK;

/* Serves events for `ms` milliseconds: a pause that does not sleep. */
int loop_pause(struct loop *loop, long ms, struct err *err) MUST_CHECK;

/* ... or until `*over`, whichever comes first. */
int loop_pause_until(
    struct loop *loop, const bool *over, long ms, struct err *err) MUST_CHECK;

#endif
