/*
 * stop.h: told to end in the middle: ^C, a service manager's SIGTERM, a
 * terminal that went away.
 *
 * Signals are held and looked at where the front waits. So what is being
 * written is written to its end, challenges are taken down and post hooks run,
 * as certbot does it; hooks themselves are given the signals as usual.
 */
#ifndef ACME_STOP_H
#define ACME_STOP_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"

/*
 * From here on SIGINT, SIGTERM and SIGHUP wait in `*ret_fd` (close it); those
 * that are ignored stay so. They are held until the process ends. ERR_IO.
 */
int stop_hold(int *ret_fd, struct err *err) MUST_CHECK;

/* The first that was told, which is taken out of `stop_fd`; 0: none was. */
int stop_signal(int stop_fd);

/*
 * The end of a run that signal `number` has ended: by that signal, so that
 * whoever started us sees it, as certbot does it; but ^C (SIGINT) and 0 return.
 */
void stop_die(int number);

/* Was one told? It stays so. ERR_STOPPED. */
int stop_check(int stop_fd, struct err *err) MUST_CHECK;

/*
 * Waits until `fd` can be read (-1: none), for `timeout_ms` at most (-1: for
 * ever); a timeout is no error. ERR_STOPPED, also where it was told before.
 */
int stop_wait(int stop_fd, int fd, int timeout_ms, struct err *err) MUST_CHECK;

/* The same with two descriptors, either of which will do. */
int stop_wait_either(int stop_fd, int fd, int other_fd, int timeout_ms,
    struct err *err) MUST_CHECK;

/* In a child that is not to hold them: as they were, and ignored. */
void stop_leave(void);

#endif
