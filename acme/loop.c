/*
 * loop.c: libevent's core behind our own names: curl's sockets, the
 * responder's and the broker's are served by one loop, so that a validation
 * is answered whatever else the client waits for.
 */
#include "acme/loop.h"

#include <event2/event.h>
#include <stdlib.h>

static const char doing[] = "waiting for events";

struct loop {
	struct event_base *base;
	struct event *deadline; /* ends a loop_run() that took too long */
	bool late;
};

struct loop_watch {
	struct event *event;
	struct event_base *base;
	int fd;
	void (*ready)(void *context, int fd, int got);
	void *context;
};

struct loop_timer {
	struct event *event;
	void (*due)(void *context);
	void *context;
};

static int
failed(const char *what, struct err *err)
{
	return err_set(err, ERR_IO, doing, NULL, "libevent: %s failed", what);
}

static void
deadline_passed(evutil_socket_t fd, short what, void *context)
{
	struct loop *loop = context;

	(void)fd;
	(void)what;
	loop->late = true;
}

int
loop_new(struct loop **ret, struct err *err)
{
	struct loop *loop = NULL;

	loop = calloc(1, sizeof(*loop));
	if (loop == NULL)
		return err_nomem(err, doing);
	loop->base = event_base_new();
	if (loop->base != NULL)
		loop->deadline =
		    event_new(loop->base, -1, 0, deadline_passed, loop);
	if (loop->deadline == NULL) {
		loop_free(loop);
		return failed("event_base_new", err);
	}
	*ret = loop;
	return 0;
}

void
loop_free(struct loop *loop)
{
	if (loop == NULL)
		return;
	if (loop->deadline != NULL)
		event_free(loop->deadline);
	if (loop->base != NULL)
		event_base_free(loop->base);
	free(loop);
}

static struct timeval
interval(long ms)
{
	struct timeval time = {ms / 1000, ms % 1000 * 1000};

	return time;
}

static void
watch_ready(evutil_socket_t fd, short what, void *context)
{
	const struct loop_watch *watch = context;
	int got = 0;

	if ((what & EV_READ) != 0)
		got |= LOOP_READ;
	if ((what & EV_WRITE) != 0)
		got |= LOOP_WRITE;
	watch->ready(watch->context, fd, got);
}

static short
wanted(int want)
{
	return (short)(EV_PERSIST | ((want & LOOP_READ) != 0 ? EV_READ : 0) |
	    ((want & LOOP_WRITE) != 0 ? EV_WRITE : 0));
}

int
loop_watch_new(struct loop *loop, int fd, int want,
    void (*ready)(void *context, int fd, int got), void *context,
    struct loop_watch **ret, struct err *err)
{
	struct loop_watch *watch = NULL;

	watch = calloc(1, sizeof(*watch));
	if (watch == NULL)
		return err_nomem(err, doing);
	watch->base = loop->base;
	watch->fd = fd;
	watch->ready = ready;
	watch->context = context;
	watch->event =
	    event_new(loop->base, fd, wanted(want), watch_ready, watch);
	if (watch->event == NULL || event_add(watch->event, NULL) != 0) {
		loop_watch_free(watch);
		return failed("event_add", err);
	}
	*ret = watch;
	return 0;
}

int
loop_watch_change(struct loop_watch *watch, int want, struct err *err)
{
	if (event_del(watch->event) != 0 ||
	    event_assign(watch->event, watch->base, watch->fd, wanted(want),
		watch_ready, watch) != 0 ||
	    event_add(watch->event, NULL) != 0)
		return failed("event_assign", err);
	return 0;
}

void
loop_watch_free(struct loop_watch *watch)
{
	if (watch == NULL)
		return;
	if (watch->event != NULL)
		event_free(watch->event);
	free(watch);
}

static void
timer_due(evutil_socket_t fd, short what, void *context)
{
	const struct loop_timer *timer = context;

	(void)fd;
	(void)what;
	timer->due(timer->context);
}

int
loop_timer_new(struct loop *loop, void (*due)(void *context), void *context,
    struct loop_timer **ret, struct err *err)
{
	struct loop_timer *timer = NULL;

	timer = calloc(1, sizeof(*timer));
	if (timer == NULL)
		return err_nomem(err, doing);
	timer->due = due;
	timer->context = context;
	timer->event = event_new(loop->base, -1, 0, timer_due, timer);
	if (timer->event == NULL) {
		loop_timer_free(timer);
		return failed("event_new", err);
	}
	*ret = timer;
	return 0;
}

int
loop_timer_set(struct loop_timer *timer, long ms, struct err *err)
{
	struct timeval time = interval(ms > 0 ? ms : 0);

	if (event_del(timer->event) != 0)
		return failed("event_del", err);
	if (ms >= 0 && event_add(timer->event, &time) != 0)
		return failed("event_add", err);
	return 0;
}

void
loop_timer_free(struct loop_timer *timer)
{
	if (timer == NULL)
		return;
	if (timer->event != NULL)
		event_free(timer->event);
	free(timer);
}

/* Serves events until `*done` or the deadline; which it was is loop->late. */
static int
serve(struct loop *loop, const bool *done, long timeout_ms, struct err *err)
{
	struct timeval time = interval(timeout_ms > 0 ? timeout_ms : 0);
	int rc = 0;

	loop->late = false;
	if (timeout_ms >= 0 && event_add(loop->deadline, &time) != 0)
		return failed("event_add", err);
	while (rc == 0 && !*done && !loop->late) {
		/* 1: there is no event left to wait for. */
		if (event_base_loop(loop->base, EVLOOP_ONCE) != 0)
			rc = failed("event_base_loop", err);
	}
	if (event_del(loop->deadline) != 0 && rc == 0)
		rc = failed("event_del", err);
	return rc;
}

int
loop_run(struct loop *loop, const bool *done, long timeout_ms, const char *what,
    struct err *err)
{
	int rc;

	rc = serve(loop, done, timeout_ms, err);
	if (rc == 0 && !*done)
		return err_set(err, ERR_TIMEOUT, what, NULL,
		    "nothing came within %ld ms", timeout_ms);
	return rc;
}

int
loop_pause(struct loop *loop, long ms, struct err *err)
{
	const bool never = false;

	return loop_pause_until(loop, &never, ms, err);
}

int
loop_pause_until(struct loop *loop, const bool *over, long ms, struct err *err)
{
	return serve(loop, over, ms > 0 ? ms : 0, err);
}
