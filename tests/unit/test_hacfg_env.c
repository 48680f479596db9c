/*
 * test_hacfg_env.c: haproxy.cfg with another environment than our own, and
 * which variables it is told to use.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "haproxy/hacfg.h"
#include "tests/unit/scratch.h"

static char one[] = "T_ONE=theirs", empty[] = "T_EMPTY=";
static char *variables[] = {one, empty, NULL};
static const struct conf_environment environment = {.variables = variables};

static struct hacfg *
read_text(void **state, const char *text)
{
	const char *path = scratch_path(state, "haproxy.cfg");
	struct hacfg *hacfg = NULL;
	struct err err = ERR_INIT;

	scratch_write(state, "haproxy.cfg", text, strlen(text), 0644);
	assert_int_equal(hacfg_read(&path, 1, &environment, &hacfg, &err), 0);
	return hacfg;
}

static void
one_that_is_given_hides_our_own(void **state)
{
	struct hacfg *hacfg;

	assert_int_equal(setenv("T_ONE", "ours", 1), 0);
	assert_int_equal(setenv("T_TWO", "ours", 1), 0);
	hacfg = read_text(state,
	    "global\n presetenv T_TWO preset\n presetenv T_ONE preset\n"
	    "frontend f\n bind :1 ssl crt \"/$T_ONE\" crt \"/x$T_THREE\""
	    " crt \"/$T_TWO\" crt \"/x${T_EMPTY-unset}\"\n");
	assert_string_equal(hacfg->binds[0].sources[0].name, "/theirs");
	assert_string_equal(hacfg->binds[0].sources[1].name, "/x");
	assert_string_equal(hacfg->binds[0].sources[2].name, "/preset");
	assert_string_equal(hacfg->binds[0].sources[3].name, "/x");
	hacfg_free(hacfg);
}

static void
a_name_is_found_whole(void **state)
{
	(void)state;
	assert_string_equal(hacfg_env_outer(variables, "T_ONE"), "theirs");
	assert_string_equal(hacfg_env_outer(variables, "T_EMPTY"), "");
	assert_null(hacfg_env_outer(variables, "T_ON"));
	assert_null(hacfg_env_outer(variables, "T_ONE="));
	assert_string_equal(hacfg_env_outer(NULL, "T_ONE"), "ours");
}

static void
one_with_a_preset_is_looked_for(void **state)
{
	struct hacfg *hacfg = read_text(state,
	    "global\n setenv T_OWN x\n presetenv T_OWN y\n"
	    " presetenv T_PORT 9\n presetenv T_ONE 9\n"
	    "frontend f\n bind \":$T_PORT\"\n");

	assert_int_equal(hacfg->variable_count, 2);
	assert_string_equal(hacfg->variables[0], "T_PORT");
	assert_string_equal(hacfg->variables[1], "T_ONE");
	hacfg_free(hacfg);
}

static void
those_of_conditions_are_looked_for(void **state)
{
	static const char *const names[] = {
	    "T_A", "T_B", "T_C", "T_D", "T_E", "T_F", "T_G"};
	struct hacfg *hacfg = read_text(state,
	    "global\n setenv T_OWN x\n"
	    ".if defined(T_A) && !defined( T_B ) && defined(T_OWN)\n"
	    ".elif streq(\"$T_C\",x) || strneq(x,\"${T_D}\")\n"
	    ".elif !strstr(\"$T_E\",\"x\") && defined(\"T_F\")\n"
	    ".alert \"$T_G is wrong\"\n.endif\n"
	    "# defined(T_COMMENT)\n.if 0 # \n.endif\n.if defined(\n.endif\n");

	assert_int_equal(hacfg->variable_count, COUNT_OF(names));
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		bool found = false;

		for (size_t k = 0; k < hacfg->variable_count; k++)
			found |= strcmp(hacfg->variables[k], names[i]) == 0;
		assert_true(found);
	}
	hacfg_free(hacfg);
}

static void
those_decide_that_facts_are_from(void **state)
{
	static const struct {
		const char *name, *value;
	} rows[] = {
	    {"T_ONE", "theirs"},
	    {"T_NONE", NULL},
	    {"T_PRESET", "9"},
	    {"T_PORT", NULL},
	    {"T_CRT", NULL},
	    {"T_QUOTED", NULL},
	};
	struct hacfg *hacfg = read_text(state,
	    "global\n log \"$T_LOG\" local0\n stats socket \"$T_SOCK\"\n"
	    " ca-base \"$T_CA\"\n crt-base \"$T_ONE\"\n"
	    " setenv T_OTHER \"${T_NONE}x\"\n presetenv T_PRESET 9\n"
	    ".if streq(\"$T_IF\",x)\n.endif\n"
	    ".if 0\n crt-base \"$T_NEVER\"\n.endif\n"
	    "frontend f\n bind \":$T_PORT\"\n bind \":$T_PORT\"\n"
	    " http-request deny if { src,map(\"$T_MAP\") }\n"
	    " server s \"$T_SERVER\"\n server t :1 crt \"$T_CRT\"\n"
	    " b\"in\"d \":$T_QUOTED\"\n");

	assert_int_equal(hacfg->deciding_count, COUNT_OF(rows));
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		assert_string_equal(hacfg->deciding[i].name, rows[i].name);
		if (rows[i].value == NULL)
			assert_null(hacfg->deciding[i].values[0]);
		else
			assert_string_equal(
			    hacfg->deciding[i].values[0], rows[i].value);
	}
	hacfg_free(hacfg);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(one_that_is_given_hides_our_own),
	    cmocka_unit_test(a_name_is_found_whole),
	    cmocka_unit_test(one_with_a_preset_is_looked_for),
	    cmocka_unit_test(those_of_conditions_are_looked_for),
	    cmocka_unit_test(those_decide_that_facts_are_from),
	};

	return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
