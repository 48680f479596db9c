/*
 * test_agreed.c: of whom it is noted that a crt-list agrees: one process, by
 * one socket, for one version of the file.
 */
#include "hooks/agreed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hooks/site.h"
#include "tests/unit/scratch.h"

static const struct fs_ident ident = {1, 2, 3, 4, 5}, newer = {1, 2, 3, 4, 6};

static void
it_is_noted_for_one_process_by_one_socket(void **state)
{
	static struct site site = {.process_count = 2};
	struct process *one = &site.processes[0].process;
	struct process *other = &site.processes[1].process;
	struct conf conf = {.state_dir = *state};
	struct agreed *agreed = NULL;
	struct err err = ERR_INIT;

	*one = (struct process){
	    .peer.path = "/run/a.sock", .pid = 1, .start_s = 1000};
	*other = *one;
	other->peer.path[5] = 'b';
	site.processes[0].up = site.processes[1].up = true;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(agreed_open(&conf, &agreed, &err), 0);
		if (i == 0)
			agreed_note(agreed, one, "/etc/a list", &ident);
		assert_true(agreed_holds(agreed, one, "/etc/a list", &ident));
		assert_false(agreed_holds(agreed, one, "/etc/a", &ident));
		assert_false(agreed_holds(agreed, one, "/etc/a list", &newer));
		assert_false(
		    agreed_holds(agreed, other, "/etc/a list", &ident));
		/* Nor is it taken from one by the other. */
		agreed_note(agreed, other, "/etc/a list", NULL);
		assert_true(agreed_holds(agreed, one, "/etc/a list", &ident));
		agreed_keep(agreed, &site);
		agreed_close(agreed);
	}
	assert_int_equal(agreed_open(&conf, &agreed, &err), 0);
	agreed_note(agreed, one, "/etc/a list", NULL);
	assert_false(agreed_holds(agreed, one, "/etc/a list", &ident));
	agreed_close(agreed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		it_is_noted_for_one_process_by_one_socket, scratch_setup,
		scratch_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
