/*
 * test_refit_socket.c: who gets level admin by what init adds to haproxy.cfg:
 * certhaul, and nobody whom the operator gave less.
 */
#include "wrapper/refit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/refit_rig.h"

/* Whoever was let in as an operator must not become an admin by our hand. */
static void
a_socket_that_others_may_use_is_not_raised(void **state)
{
	static const char *const lines[] = {
	    "mode 666 level operator",
	    "mode 660 group monitoring level operator",
	    "mode 660 gid 4",
	    "user prometheus mode 600 level user",
	    /* Whose group it gets, its directory may say. */
	    "mode 660 level operator",
	    /* HAProxy takes the last. */
	    "mode 600 level operator mode 666",
	    "user root mode 600 user prometheus",
	};
	char text[256], wanted[512];

	for (size_t i = 0; i < COUNT_OF(lines); i++) {
		(void)snprintf(text, sizeof(text),
		    "global\n\tstats socket /s.sock %s\n", lines[i]);
		(void)snprintf(wanted, sizeof(wanted),
		    "%s\tstats socket /certhaul.sock mode 600 level admin\n",
		    text);
		refit_rig_expect(state, REFIT_ALL, text, wanted, NULL);
		refit_rig_expect(state, REFIT_ALL, text,
		    "haproxy.cfg:2) has not level admin, and others than root",
		    NULL);
		/* It is there, and certhaul.conf names it not yet. */
		refit_rig_expect(state, REFIT_ALL, wanted,
		    "set haproxy: { sockets = [ \"/certhaul.sock\" ]; };",
		    "has not level");
	}
}

/* ... nor is one of the operator's that is called as ours would be. */
static void
a_name_that_is_taken_is_passed_over(void **state)
{
	refit_rig_expect(state, REFIT_ALL,
	    "global\n\tstats socket /s.sock mode 666\n"
	    "\tstats socket /certhaul.sock mode 666\n",
	    "\tstats socket /certhaul-2.sock mode 600 level admin\n", NULL);
}

static void
one_socket_with_the_level_is_enough(void **state)
{
	static const char *two[] = {"/s.sock", "/t.sock"};
	static const char text[] =
	    "global\n\tstats socket /s.sock mode 666 level operator\n"
	    "\tstats socket /t.sock mode 600 level admin\n";
	struct conf_list *sockets = &refit_rig_conf->haproxy.sockets;
	struct conf_list before = *sockets;

	*sockets = (struct conf_list){two, COUNT_OF(two)};
	refit_rig_expect(state, REFIT_ALL, text, NULL, "certhaul.sock");
	*sockets = before;
}

static void
a_socket_of_root_alone_is_raised(void **state)
{
	static const struct {
		const char *line, *wanted;
	} cases[] = {
	    {"mode 600", "mode 600 level admin\n"},
	    {"level user mode 0600 expose-fd listeners",
		"level admin mode 0600 expose-fd listeners\n"},
	    {"mode 666 level admin level operator mode 600",
		"level admin level admin mode 600\n"},
	    {"user root group root mode 660",
		"user root group root mode 660 level admin\n"},
	    {"mode 640 group adm", "mode 640 group adm level admin\n"},
	    /* The umask may be another the next time. */
	    {"level operator", "level admin mode 600\n"},
	    {"", "level admin mode 600"},
	};
	char text[256];

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		(void)snprintf(text, sizeof(text),
		    "global\n\tstats socket /s.sock %s\n", cases[i].line);
		refit_rig_expect(
		    state, REFIT_ALL, text, cases[i].wanted, "certhaul.sock");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_socket_that_others_may_use_is_not_raised),
	    cmocka_unit_test(a_name_that_is_taken_is_passed_over),
	    cmocka_unit_test(one_socket_with_the_level_is_enough),
	    cmocka_unit_test(a_socket_of_root_alone_is_raised),
	};

	return cmocka_run_group_tests(
	    tests, refit_rig_setup, refit_rig_teardown);
}
