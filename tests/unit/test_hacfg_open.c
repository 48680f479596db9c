/*
 * test_hacfg_open.c: what an `.if` leaves open: values of variables, and bases.
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

static char x_is[] = "X=big", *variables[] = {x_is, NULL};

/* The directory has haproxy.cfg, and no other file. */
static void
a_crt_base_that_is_uncertain_has_the_file(void **state)
{
	struct hacfg *hacfg;
	char text[4096];

	(void)snprintf(text, sizeof(text),
	    "global\ncrt-base /1\n"
	    ".if defined(X)\ncrt-base %s\n.elif defined(Y)\ncrt-base /2\n"
	    ".else\ncrt-base /3\n.endif\n"
	    "frontend f\n"
	    "bind :1 ssl crt haproxy.cfg crt a.pem crt /b.pem crt @c/d\n"
	    "backend b\nserver s :1 ssl crt haproxy.cfg\n"
	    "global\ncrt-base /4\n"
	    "frontend g\nbind :2 ssl crt haproxy.cfg\n",
	    (const char *)*state);
	hacfg = hacfg_rig_read(state, text);
	assert_int_equal(hacfg->binds[0].source_count, 4);
	assert_string_equal(hacfg->binds[0].sources[0].name,
	    scratch_path(state, "haproxy.cfg"));
	assert_string_equal(hacfg->binds[0].sources[1].name, "/3/a.pem");
	assert_string_equal(hacfg->binds[0].sources[2].name, "/b.pem");
	assert_string_equal(hacfg->binds[0].sources[3].name, "@c/d");
	assert_string_equal(
	    hacfg->servers[0].name, scratch_path(state, "haproxy.cfg"));
	assert_string_equal(hacfg->binds[1].sources[0].name, "/4/haproxy.cfg");
	hacfg_free(hacfg);
}

/* Which certificates a line may load. */
static void
all_values_that_are_left_open_count(void **state)
{
	static const char *const names[] = {
	    "/c/x", "/a/x", "/b/x", "/d", "/a/e"};
	static const char *const addresses[] = {":1", ":1", ":11", ":2"};
	const struct conf_environment known = {
	    .variables = variables, .decides = true};
	struct hacfg *hacfg;

	hacfg = hacfg_rig_read_in(state,
	    "global\n setenv D /0\n setenv D /c\n"
	    ".if defined(HAPROXY_A)\n setenv D /a\n setenv P 1\n"
	    ".elif defined(HAPROXY_B)\n setenv D /b\n.endif\n"
	    "frontend f\n bind :1$P ssl crt \"$D/x\"\n"
	    "global\n setenv D /d\nfrontend g\n bind :2 ssl crt \"$D\"\n"
	    ".if !defined(X)\n setenv D /z\n.endif\n"
	    "backend b\n server s :1 ssl crt \"$D\"\n"
	    "global\n setenv E /a\n"
	    ".if defined(HAPROXY_A)\n setenv E \"$E/e\"\n.endif\n"
	    "crt-store\n load crt \"$E\"\n",
	    &known);
	assert_int_equal(hacfg->bind_count, 4);
	for (size_t i = 0; i < hacfg->bind_count; i++) {
		assert_int_equal(hacfg->binds[i].source_count, 1);
		assert_string_equal(hacfg->binds[i].sources[0].name, names[i]);
		assert_int_equal(
		    hacfg->binds[i].when, i < 3 ? HACFG_MAYBE : HACFG_ALWAYS);
		assert_string_equal(hacfg->binds[i].addresses[0], addresses[i]);
	}
	assert_int_equal(hacfg->server_count, 1);
	assert_int_equal(hacfg->servers[0].when, HACFG_ALWAYS);
	assert_int_equal(hacfg->load_count, 2);
	assert_string_equal(hacfg->loads[1].crt, names[4]);
	assert_string_equal(hacfg->loads[0].crt, "/a");
	assert_int_equal(hacfg->loads[0].when, HACFG_MAYBE);
	hacfg_free(hacfg);
}

/* The file is below both. */
static void
two_crt_bases_that_have_the_file_count(void **state)
{
	const struct conf_environment unknown = {.decides = true};
	struct hacfg *hacfg;
	char text[4096];

	(void)snprintf(text, sizeof(text),
	    "global\ncrt-base %s/.\n"
	    ".if defined(X)\ncrt-base %s\n.endif\n"
	    "backend b\nserver s :1 ssl crt haproxy.cfg\n"
	    "server t :1 ssl crt /a\nserver u :1 ssl crt b\n",
	    (const char *)*state, (const char *)*state);
	hacfg = hacfg_rig_read(state, text);
	assert_int_equal(hacfg->server_count, 3);
	hacfg_free(hacfg);
	hacfg = hacfg_rig_read_in(state, text, &unknown);
	assert_int_equal(hacfg->server_count, 4);
	assert_string_equal(
	    hacfg->servers[0].name, scratch_path(state, "haproxy.cfg"));
	assert_string_equal(
	    hacfg->servers[1].name, scratch_path(state, "./haproxy.cfg"));
	assert_int_equal(hacfg->servers[0].when, HACFG_MAYBE);
	assert_int_equal(hacfg->servers[1].when, HACFG_MAYBE);
	assert_int_equal(hacfg->servers[2].when, HACFG_ALWAYS);
	assert_string_equal(hacfg->servers[3].name, scratch_path(state, "b"));
	hacfg_free(hacfg);
}

/* Each as "/NAME?", where it may be, or "/NAME". */
static const char *
servers_in(void **state, const char *text)
{
	static char ret[256];
	const struct conf_environment known = {
	    .variables = variables, .decides = true};
	struct hacfg *hacfg = hacfg_rig_read_in(state, text, &known);

	ret[0] = '\0';
	for (size_t i = 0; i < hacfg->server_count; i++)
		(void)snprintf(ret + strlen(ret), sizeof(ret) - strlen(ret),
		    "%s%s", hacfg->servers[i].name,
		    hacfg->servers[i].when == HACFG_MAYBE ? "?" : "");
	hacfg_free(hacfg);
	return ret;
}

static void
the_environments_value_counts_behind_an_if(void **state)
{
	const struct conf_environment known = {
	    .variables = variables, .decides = true};
	const char *text = "global\n.if defined(HAPROXY_A)\n"
			   " setenv X a\n setenv W a\n.endif\n"
			   "backend b\n server s :1 ssl crt \"/$X\"\n"
			   " server t :1 ssl crt \"/${W-w}\"\n";
	struct hacfg *hacfg;

	assert_string_equal(servers_in(state, text), "/big?/a?/w?/a?");
	hacfg = hacfg_rig_read_in(state, text, &known);
	assert_int_equal(hacfg->deciding_count, 2);
	assert_string_equal(hacfg->deciding[0].name, "X");
	assert_int_equal(hacfg->deciding[0].count, 2);
	assert_string_equal(hacfg->deciding[0].values[0], "a");
	assert_string_equal(hacfg->deciding[0].values[1], "big");
	assert_int_equal(hacfg->deciding[1].count, 2);
	assert_null(hacfg->deciding[1].values[1]);
	hacfg_free(hacfg);
}

static void
a_value_that_is_preset_stands_for_none(void **state)
{
	assert_string_equal(
	    servers_in(state,
		"global\n.if defined(HAPROXY_A)\n setenv P a\n"
		" setenv X a\n unsetenv Q\n presetenv R a\n.endif\n"
		" presetenv P p\n presetenv X p\n presetenv Q p\n"
		"backend b\n server s :1 ssl crt \"/$P\"\n"
		" server t :1 ssl crt \"/$X\"\n"
		" server u :1 ssl crt \"/$Q\"\n"
		" server v :1 ssl crt \"/$R\"\n"),
	    "/p?/a?/big?/a?/p/?/a?");
}

static void
an_environment_that_may_be_reset_counts(void **state)
{
	assert_string_equal(
	    servers_in(state,
		"global\n setenv P p\n setenv Q q\n"
		".if defined(HAPROXY_A)\n resetenv Q\n.endif\n"
		"backend b\n server s :1 ssl crt \"/$P\"\n"
		" server t :1 ssl crt \"/$Q\"\n"
		".if defined(X)\n server u :1 ssl crt /u\n.endif\n"
		"global\n resetenv P\n"
		"backend c\n server s :1 ssl crt \"/$P\"\n"
		" server t :1 ssl crt \"/$Q\"\n"),
	    "/p?/?/q/u?/p?/?/");
}

static void
a_value_that_is_set_twice_counts_once(void **state)
{
	assert_string_equal(
	    servers_in(state,
		"global\n setenv P p\n"
		".if defined(HAPROXY_A)\n setenv P p\n setenv X big\n.endif\n"
		"backend b\n server s :1 ssl crt \"/$P\"\n"
		" server t :1 ssl crt \"/$X\"\n"),
	    "/p/big");
}

static void
a_value_made_of_open_ones_is_no_other(void **state)
{
	assert_string_equal(
	    servers_in(state,
		"global\n setenv P p\n setenv X 0\n setenv Y y\n"
		".if defined(HAPROXY_A)\n setenv P q\n.endif\n"
		" setenv X \"/$P\"\n presetenv Y \"/$P\"\n"
		" setenv P \"$P/$P\"\n"
		"backend b\n server s :1 ssl crt \"$X\"\n"
		" server t :1 ssl crt \"/$Y\"\n"
		" server u :1 ssl crt \"/$P\"\n"),
	    "/p?/q?/y/p/p?/q/q?");
}

/* Of a line that sets one value. */
static void
the_last_value_is_the_one_that_is_set(void **state)
{
	const struct conf_environment known = {
	    .variables = variables, .decides = true};
	struct hacfg *hacfg;

	hacfg = hacfg_rig_read_in(state,
	    "global\n setenv M tcp\n setenv D /a\n"
	    ".if defined(HAPROXY_A)\n setenv M http\n setenv D /b\n.endif\n"
	    " default-path origin \"$D\"\n unix-bind prefix \"$D\"\n"
	    " key-base \"$D\"\n"
	    "crt-store\n crt-base \"$D\"\n load crt c key k\n"
	    "frontend f\n mode \"$M\"\n bind /s ssl crt f\n",
	    &known);
	assert_int_equal(hacfg->bind_count, 1);
	assert_true(hacfg->binds[0].http);
	assert_string_equal(hacfg->binds[0].addresses[0], "unix@/b/s");
	assert_string_equal(hacfg->binds[0].sources[0].path, "/b/f");
	assert_int_equal(hacfg->load_count, 1);
	assert_string_equal(hacfg->loads[0].crt, "/b/c");
	assert_int_equal(hacfg->trust_count, 1);
	assert_string_equal(hacfg->trusts[0].path, "/b/k");
	hacfg_free(hacfg);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_crt_base_that_is_uncertain_has_the_file),
	    cmocka_unit_test(all_values_that_are_left_open_count),
	    cmocka_unit_test(two_crt_bases_that_have_the_file_count),
	    cmocka_unit_test(the_environments_value_counts_behind_an_if),
	    cmocka_unit_test(a_value_that_is_preset_stands_for_none),
	    cmocka_unit_test(an_environment_that_may_be_reset_counts),
	    cmocka_unit_test(a_value_that_is_set_twice_counts_once),
	    cmocka_unit_test(a_value_made_of_open_ones_is_no_other),
	    cmocka_unit_test(the_last_value_is_the_one_that_is_set),
	};

	return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
