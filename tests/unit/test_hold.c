/*
 * test_hold.c: what tells us to end waits, and is taken or comes later.
 */
#include "base/hold.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <unistd.h>

static void
one_that_waits_is_taken(void **state)
{
	sigset_t before, after;

	(void)state;
	hold_begin(&before);
	assert_int_equal(hold_taken(), 0);
	assert_int_equal(kill(getpid(), SIGTERM), 0);
	assert_int_equal(hold_taken(), SIGTERM);
	assert_int_equal(hold_taken(), 0);
	hold_end(&before);
	assert_int_equal(sigprocmask(SIG_BLOCK, NULL, &after), 0);
	assert_int_equal(sigismember(&after, SIGTERM), 0);
}

/* nohup, and what a shell starts in the background. */
static void
what_is_ignored_is_not_waited_for(void **state)
{
	sigset_t before;

	(void)state;
	assert_true(signal(SIGHUP, SIG_IGN) != SIG_ERR);
	hold_begin(&before);
	assert_int_equal(kill(getpid(), SIGHUP), 0);
	assert_int_equal(hold_taken(), 0);
	hold_end(&before);
	assert_true(signal(SIGHUP, SIG_DFL) != SIG_ERR);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(one_that_waits_is_taken),
	    cmocka_unit_test(what_is_ignored_is_not_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
