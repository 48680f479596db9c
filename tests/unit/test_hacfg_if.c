/*
 * test_hacfg_if.c: does HAProxy listen on a bind line: `.if` blocks as far as
 * they are certain, and sections that are disabled.
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

/* For each bind line that counts its port, and: on, off, maybe. */
static const char *
states_in(
    void **state, const char *text, const struct conf_environment *environment)
{
	struct hacfg *hacfg = hacfg_rig_read_in(state, text, environment);
	static char ret[64];

	assert_true(hacfg->bind_count * 2 < sizeof(ret));
	for (size_t i = 0; i < hacfg->bind_count; i++) {
		const struct hacfg_bind *bind = &hacfg->binds[i];

		ret[2 * i] = bind->addresses[0][1];
		ret[2 * i + 1] = hacfg_is_off(bind) ? '-'
		    : bind->when == HACFG_MAYBE     ? '~'
						    : '+';
	}
	ret[2 * hacfg->bind_count] = '\0';
	hacfg_free(hacfg);
	return ret;
}

static const char *
states(void **state, const char *text)
{
	return states_in(state, text, NULL);
}

static void
numbers_are_certain(void **state)
{
	assert_string_equal(states(state,
				"frontend f\n"
				"bind :1\n"
				".if 0\nbind :2\n.else\nbind :3\n.endif\n"
				".if 1\nbind :4\n.else\nbind :5\n.endif\n"
				".if !0 # on\nbind :6\n.endif\n"
				".if\nbind :7\n.endif\n"
				"  .if 00\t\nbind :8\n  .endif\n"
				"bind :9\n"),
	    "1+3+4+6+9+");
}

static void
all_else_is_not(void **state)
{
	assert_string_equal(states(state,
				"frontend f\n"
				".if defined(X)\nbind :1\n"
				".elif 1\nbind :2\n"
				".else\nbind :3\n.endif\n"
				".if \"$X\"\nbind :4\n.endif\n"
				".if 0\nbind :5\n.elif defined(X)\nbind :6\n"
				".else\nbind :7\n.endif\n"
				".if 1 && defined(X)\nbind :8\n.endif\n"
				"bind :9\n"),
	    "1~2~4~6~7~8~9+");
}

static char x_is[] = "X=big", *variables[] = {x_is, NULL};

static void
known_variables_are_certain(void **state)
{
	const struct conf_environment known = {
	    .variables = variables, .decides = true};

	assert_string_equal(states_in(state,
				"global\n setenv Y 0\n unsetenv Z\n"
				"frontend f\n"
				".if defined(X)\nbind :1\n"
				".else\nbind :2\n.endif\n"
				".if !defined(W)\nbind :3\n.endif\n"
				".if \"$Y\"\nbind :4\n.endif\n"
				".if defined(Z)\nbind :5\n.endif\n"
				".if defined(HAPROXY_MWORKER)\nbind :6\n"
				".elif defined( X )\nbind :7\n.endif\n",
				&known),
	    "1+3+6~7~");
}

static void
what_is_made_of_unknown_ones_is_unknown(void **state)
{
	const struct conf_environment unknown = {.decides = true};

	assert_string_equal(states_in(state,
				"global\n setenv A 1\n setenv B \"${X}0\"\n"
				" presetenv C 0\n setenv D \"$A\"\n"
				".if defined(X)\n setenv A 0\n"
				" setenv E 1\n unsetenv D\n.endif\n"
				"frontend f\n"
				".if \"$A\"\nbind :1\n.endif\n"
				".if \"$B\"\nbind :2\n.endif\n"
				".if \"$C\"\nbind :3\n.endif\n"
				".if \"$D\"\nbind :4\n.endif\n"
				".if defined(E)\nbind :5\n.endif\n"
				"global\n setenv F 0\n resetenv F E\n"
				"frontend g\n"
				".if \"$F\"\nbind :6\n.endif\n"
				".if defined(E)\nbind :7\n.endif\n"
				".if defined(X)\nbind :8\n.endif\n",
				&unknown),
	    "1~2~3~4~5~7~");
}

/* "+", "~" or "-" for each condition of 2.6.12's, X=big. */
static const char *
holds_each(void **state, const char *const *conditions, const int *version)
{
	struct conf_environment known = {.variables = variables, true};
	static char ret[64];
	size_t count = 0;

	memcpy(known.version, version, sizeof(known.version));
	for (; conditions[count] != NULL; count++) {
		char text[256];
		const char *said;

		(void)snprintf(text, sizeof(text),
		    "frontend f\n.if %s\nbind :1\n.endif\n", conditions[count]);
		said = states_in(state, text, &known);
		ret[count] = *said == '\0' ? '-' : said[1];
	}
	ret[count] = '\0';
	return ret;
}

static void
conditions_are_as_haproxy_has_them(void **state)
{
	static const char *const conditions[] = {"streq(a,a)", "streq(a,b)",
	    "!streq(\"$X\",big) # no", "strneq(,a)", "streq(,)", "streq(a, a)",
	    "1 && 0 || 1", "1||0&&0", "!(0||0) && (1)", "0x10", "-0", "!! 1",
	    "defined(X)&&!defined(Y)", "defined( X )", "feature(A)",
	    "feature(A) || 1", "feature(A) && 0", "!feature(A)", "enabled(B)",
	    "streq(a)", "strneq(a,b,c)", "defined (X)", "1 1", "(1", "1)", "&&",
	    "\"streq('a',a)\"", "streq(a(b,a(b)",
	    "defined(HAPROXY_X) || streq(a,a)", "\"$HAPROXY_X\" || 1", NULL};
	static const int none[3];

	assert_string_equal(holds_each(state, conditions, none),
	    "+--++~++++-++~~+-~~~~~~~~~~++~");
}

static void
versions_are_compared_where_one_is_known(void **state)
{
	static const char *const conditions[] = {"version_atleast(2.6.12)",
	    "version_atleast(2.6.13)", "version_atleast(2.6)",
	    "version_before(2.6)", "version_atleast(3)",
	    "version_before(3.0.0)", "version_atleast(2.5-dev5)",
	    "version_atleast(2.6-dev5)", "version_atleast(2.6.12-1)",
	    "version_before(2.10.1)", NULL};
	static const char *const dev[] = {"version_atleast(3.5)",
	    "version_before(3.5-dev3)", "version_before(3.5.1)",
	    "version_atleast(3.4.9)", NULL};
	static const int stable[] = {2, 6, 12}, of_dev[] = {3, 5, 0}, none[3];

	assert_string_equal(
	    holds_each(state, conditions, stable), "+-+--+++~+");
	assert_string_equal(holds_each(state, dev, of_dev), "~~++");
	assert_string_equal(holds_each(state, dev, none), "~~~~");
}

static void
the_version_is_asked_for_where_it_decides(void **state)
{
	static const struct {
		const char *text;
		bool asks;
	} rows[] = {
	    {".if version_atleast(2.6)\n.endif\n", true},
	    {".if 0\n.elif 0\n.elif version_before(2.6)\n.endif\n", true},
	    {".if 0\n.if version_atleast(2.6)\n.endif\n.endif\n", false},
	    {".if 0\n.if 0\n.elif version_atleast(2.6)\n.endif\n.endif\n",
		false},
	    {".if 1\n.elif version_atleast(2.6)\n.endif\n", false},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct hacfg *hacfg = hacfg_rig_read(state, rows[i].text);

		assert_int_equal(hacfg->asks_version, rows[i].asks);
		hacfg_free(hacfg);
	}
}

static void
blocks_stand_in_one_another(void **state)
{
	assert_string_equal(states(state,
				"frontend f\n"
				".if 0\n.if 1\nbind :1\n.endif\n"
				"bind :2\n.endif\n"
				".if defined(X)\n.if 1\nbind :3\n.endif\n"
				".if 0\nbind :4\n.endif\nbind :5\n.endif\n"
				".endif\n.else\nbind :6\n"),
	    "3~5~6+");
}

static void
deep_blocks_are_uncertain(void **state)
{
	char text[1024] = "frontend f\n";
	const size_t size = sizeof(text);

	for (int i = 0; i < 20; i++)
		(void)snprintf(
		    text + strlen(text), size - strlen(text), ".if 1\n");
	(void)snprintf(text + strlen(text), size - strlen(text), "bind :1\n");
	for (int i = 0; i < 20; i++)
		(void)snprintf(
		    text + strlen(text), size - strlen(text), ".endif\n");
	(void)snprintf(text + strlen(text), size - strlen(text), "bind :2\n");
	assert_string_equal(states(state, text), "1~2+");
}

static void
sections_are_disabled(void **state)
{
	assert_string_equal(states(state,
				"defaults d\ndisabled\n"
				"frontend a\nbind :1\n"
				"frontend b\nbind :2\nenabled\nbind :3\n"
				"defaults e\n"
				"frontend c\nbind :4\n"
				"frontend d\nbind :5\ndisabled\nbind :6\n"
				"frontend e from d\nbind :7\n"
				"frontend f\nbind :8\n"
				".if defined(X)\ndisabled\n.endif\n"
				"frontend g\nbind :9\n"
				".if 0\ndisabled\n.endif\n"),
	    "1-2+3+4+5-6-7-8~9+");
}

static void
what_may_be_disabled_stays_so(void **state)
{
	assert_string_equal(states(state,
				"frontend a\n"
				".if defined(X)\ndisabled\n.endif\n"
				"bind :1\n"
				"enabled\nbind :2\n"
				"defaults\n"
				".if defined(X)\ndisabled\n.endif\n"
				"frontend b\nbind :3\ndisabled\nbind :4\n"
				"frontend c\nbind :5\n"),
	    "1~2+3-4-5~");
}

static void
peers_have_no_defaults(void **state)
{
	assert_string_equal(states(state,
				"defaults\ndisabled\n"
				"peers p\nbind :1\nserver me\n"
				"listen l\nbind :2\n"
				"peers q\ndisabled\nbind :3\n"),
	    "1+2-3-");
}

static void
a_limit_that_is_uncertain_is_only_lower(void **state)
{
	struct hacfg *hacfg;

	hacfg = hacfg_rig_read(state,
	    "global\n.if 0\ntune.bufsize 131072\n.endif\n"
	    ".if defined(X)\ntune.cli.max-payload-size 1m\n.endif\n");
	assert_int_equal(hacfg->bufsize, 0);
	assert_int_equal(hacfg->payload_max, 0);
	hacfg_free(hacfg);
	hacfg = hacfg_rig_read(state,
	    "global\n.if defined(X)\ntune.bufsize 131072\n.else\n"
	    "tune.bufsize 8192\n.endif\n"
	    "tune.cli.max-payload-size 1m\n"
	    ".if defined(X)\ntune.cli.max-payload-size 200k\n.endif\n");
	assert_int_equal(hacfg->bufsize, 8192);
	assert_int_equal(hacfg->payload_max, 200 * 1024);
	hacfg_free(hacfg);
	hacfg = hacfg_rig_read(state,
	    "global\ntune.bufsize 65536\n"
	    ".if defined(X)\ntune.bufsize 131072\n.endif\n");
	assert_int_equal(hacfg->bufsize, 65536);
	hacfg_free(hacfg);
}

static void
what_is_not_read_changes_nothing(void **state)
{
	struct hacfg *hacfg;

	hacfg = hacfg_rig_read(state,
	    "global\ncrt-base /certs\nsetenv PORT :1\n"
	    ".if 0\ncrt-base /nowhere\nsetenv PORT :2\nfrontend g\n.endif\n"
	    "stats socket /sock\n"
	    "frontend f\n bind \"$PORT\" ssl crt a.pem\n"
	    ".if 0\nfrontend g\n disabled\n.endif\n"
	    " bind :3\n");
	assert_int_equal(hacfg->socket_count, 1);
	assert_int_equal(hacfg->bind_count, 2);
	assert_string_equal(hacfg->binds[0].addresses[0], ":1");
	assert_string_equal(hacfg->binds[0].sources[0].name, "/certs/a.pem");
	assert_string_equal(hacfg->binds[1].section, "frontend f");
	assert_false(hacfg->binds[1].disabled);
	hacfg_free(hacfg);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(numbers_are_certain),
	    cmocka_unit_test(all_else_is_not),
	    cmocka_unit_test(known_variables_are_certain),
	    cmocka_unit_test(what_is_made_of_unknown_ones_is_unknown),
	    cmocka_unit_test(conditions_are_as_haproxy_has_them),
	    cmocka_unit_test(versions_are_compared_where_one_is_known),
	    cmocka_unit_test(the_version_is_asked_for_where_it_decides),
	    cmocka_unit_test(blocks_stand_in_one_another),
	    cmocka_unit_test(deep_blocks_are_uncertain),
	    cmocka_unit_test(sections_are_disabled),
	    cmocka_unit_test(what_may_be_disabled_stays_so),
	    cmocka_unit_test(peers_have_no_defaults),
	    cmocka_unit_test(a_limit_that_is_uncertain_is_only_lower),
	    cmocka_unit_test(what_is_not_read_changes_nothing),
	};

	return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
