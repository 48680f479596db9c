/*
 * stop.c: see stop.h. What was told is not read from the descriptor before the
 * very end, so it stays readable: whoever waits next ends, too.
 */
#include "acme/stop.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <sys/signalfd.h>
#include <unistd.h>

static const char doing[] = "getting a certificate";

static const int told_by[] = {SIGINT, SIGTERM, SIGHUP};

static bool
is_ignored(int number)
{
	struct sigaction action;

	return sigaction(number, NULL, &action) == 0 &&
	    action.sa_handler == SIG_IGN;
}

static void
fill(sigset_t *ret, bool all)
{
	(void)sigemptyset(ret);
	for (size_t i = 0; i < COUNT_OF(told_by); i++) {
		if (all || !is_ignored(told_by[i]))
			(void)sigaddset(ret, told_by[i]);
	}
}

int
stop_hold(int *ret_fd, struct err *err)
{
	sigset_t held;
	int fd;

	fill(&held, false);
	fd = signalfd(-1, &held, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		return err_sys(err, doing, NULL, "signalfd");
	(void)sigprocmask(SIG_BLOCK, &held, NULL);
	*ret_fd = fd;
	return 0;
}

int
stop_wait(int stop_fd, int fd, int timeout_ms, struct err *err)
{
	return stop_wait_either(stop_fd, fd, -1, timeout_ms, err);
}

int
stop_wait_either(
    int stop_fd, int fd, int other_fd, int timeout_ms, struct err *err)
{
	struct pollfd pfds[] = {{.fd = stop_fd, .events = POLLIN},
	    {.fd = fd, .events = POLLIN}, {.fd = other_fd, .events = POLLIN}};
	int n;

	/* Nothing interrupts it but what is in `stop_fd`, or a debugger. */
	do
		n = poll(pfds, COUNT_OF(pfds), timeout_ms);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_sys(err, doing, NULL, "poll");
	if (pfds[0].revents != 0)
		return err_set(err, ERR_STOPPED, doing, NULL,
		    "a signal told us to end; the next run goes on with it");
	return 0;
}

int
stop_check(int stop_fd, struct err *err)
{
	return stop_wait(stop_fd, -1, 0, err);
}

int
stop_signal(int stop_fd)
{
	struct signalfd_siginfo info;

	return stop_fd >= 0 &&
		read(stop_fd, &info, sizeof(info)) == (ssize_t)sizeof(info)
	    ? (int)info.ssi_signo
	    : 0;
}

void
stop_die(int number)
{
	sigset_t it;

	if (number == 0 || number == SIGINT)
		return;
	(void)signal(number, SIG_DFL);
	(void)sigemptyset(&it);
	(void)sigaddset(&it, number);
	(void)raise(number);
	(void)sigprocmask(SIG_UNBLOCK, &it, NULL);
}

void
stop_leave(void)
{
	sigset_t held;

	for (size_t i = 0; i < COUNT_OF(told_by); i++)
		(void)signal(told_by[i], SIG_IGN);
	fill(&held, true);
	(void)sigprocmask(SIG_UNBLOCK, &held, NULL);
}
