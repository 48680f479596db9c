/*
 * test_crtlist_names.c: which lists and directories a HAProxy has loaded.
 */
#include "haproxy/crtlist.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/fakeproxy.h"

static void
each_line_is_a_list(void **state)
{
	static const struct fake_step steps[] = {
	    {"show ssl crt-list\n", "/etc/haproxy/ssl\n/etc/list.txt\n\n",
		FAKE_ANSWER, 0},
	    {"@1 show ssl crt-list\n", "\n", FAKE_ANSWER, 0},
	    {"show ssl crt-list\n", "Permission denied\n\n", FAKE_ANSWER, 0},
	};
	struct fake *fake = fake_start(state, steps, COUNT_OF(steps));
	struct process process = fake_process(fake);
	struct process master = fake_master(fake);
	struct err err = ERR_INIT;
	char **names = NULL;

	assert_int_equal(crtlist_names(&process, &names, &err), 0);
	assert_true(crtlist_has_name(names, "/etc/haproxy/ssl"));
	assert_true(crtlist_has_name(names, "/etc/list.txt"));
	assert_false(crtlist_has_name(names, "/etc/haproxy"));
	assert_null(names[2]);
	crtlist_names_free(names);

	assert_int_equal(crtlist_names(&master, &names, &err), 0);
	assert_null(names[0]);
	assert_false(crtlist_has_name(names, "/etc/haproxy/ssl"));
	crtlist_names_free(names);

	names = NULL;
	assert_int_equal(crtlist_names(&process, &names, &err), ERR_PERM);
	assert_null(names);
	assert_false(crtlist_has_name(NULL, "/etc/haproxy/ssl"));
	crtlist_names_free(NULL);
	fake_played(fake);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		each_line_is_a_list, fake_setup, fake_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
