/*
 * hold.c: signals held back around what must come to its end.
 */
#include "base/hold.h"

#include <errno.h>
#include <stdbool.h>
#include <time.h>

static bool
is_ignored(int number)
{
	struct sigaction action;

	return sigaction(number, NULL, &action) == 0 &&
	    action.sa_handler == SIG_IGN;
}

void
hold_set(sigset_t *ret)
{
	static const int told_by[] = {SIGINT, SIGTERM, SIGHUP};

	(void)sigemptyset(ret);
	for (size_t i = 0; i < COUNT_OF(told_by); i++) {
		if (!is_ignored(told_by[i]))
			(void)sigaddset(ret, told_by[i]);
	}
}

void
hold_begin(sigset_t *ret_before)
{
	sigset_t held;

	hold_set(&held);
	(void)sigprocmask(SIG_BLOCK, &held, ret_before);
}

int
hold_taken(void)
{
	const struct timespec at_once = {0, 0};
	sigset_t held;
	int number;

	hold_set(&held);
	do
		number = sigtimedwait(&held, NULL, &at_once);
	while (number < 0 && errno == EINTR);
	return number > 0 ? number : 0;
}

void
hold_end(const sigset_t *before)
{
	(void)sigprocmask(SIG_SETMASK, before, NULL);
}
