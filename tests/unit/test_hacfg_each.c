/*
 * test_hacfg_each.c: what hacfg_each() shows of each line, and which bind
 * lines are of `mode http`.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "haproxy/hacfg.h"
#include "tests/unit/hacfg_rig.h"
#include "tests/unit/scratch.h"

/* Keeps "line section[+]: first word" of each line. */
static int
keep_seen(void *context, const struct hacfg_seen *seen, struct err *err)
{
	char *text = context;
	size_t len = strlen(text);

	(void)err;
	snprintf(text + len, 512 - len, "%u %s%s: %s %zu\n", seen->line,
	    seen->section, seen->begins ? "+" : "", seen->words[0],
	    seen->word_count);
	return strcmp(seen->words[0], "stop") == 0 ? 7 : 0;
}

static void
each_line_is_seen_with_its_section(void **state)
{
	static const char text[] = "# nothing\nglobal\n daemon\n\n"
				   ".if defined(X)\n"
				   "frontend a b # c\n bind :80\n stop\n no\n";
	const char *path = scratch_path(state, "haproxy.cfg");
	struct err err = ERR_INIT;
	char seen[512] = "";

	scratch_write(state, "haproxy.cfg", text, sizeof(text) - 1, 0644);
	assert_int_equal(hacfg_each(&path, 1, NULL, keep_seen, seen, &err), 7);
	assert_string_equal(seen,
	    "2 global+: global 1\n3 global: daemon 1\n"
	    "6 frontend a+: frontend 3\n7 frontend a: bind 2\n"
	    "8 frontend a: stop 1\n");
}

static void
the_mode_is_the_sections_or_its_defaults(void **state)
{
	static const bool wanted[] = {
	    false, true, false, true, true, false, true};
	struct hacfg *hacfg = hacfg_rig_read(state,
	    "frontend early\n bind :1\n"
	    "defaults\n mode http\n"
	    "frontend a\n bind :2\n"
	    "frontend b\n bind :3\n mode tcp\n"
	    "listen c\n mode http\n bind :4\n"
	    "defaults web\n mode http\n"
	    "frontend d\n bind :5 accept-proxy\n"
	    "defaults plain\n"
	    "frontend e\n bind :6\n"
	    "frontend f from web\n bind :7\n");

	assert_int_equal(hacfg->bind_count, COUNT_OF(wanted));
	for (size_t i = 0; i < hacfg->bind_count; i++) {
		if (hacfg->binds[i].http != wanted[i])
			fail_msg("bind :%zu", i + 1);
		assert_false(hacfg->binds[i].ssl);
	}
	assert_true(hacfg->binds[4].accept_proxy);
	hacfg_free(hacfg);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_line_is_seen_with_its_section),
	    cmocka_unit_test(the_mode_is_the_sections_or_its_defaults),
	};

	return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
