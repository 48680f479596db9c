/*
 * test_engine.c: the program that issues is found where it should be looked
 * for, and nowhere else; its version is read or refused.
 */
#include "wrapper/engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/scratch.h"

static const char *
program(void **state, const char *name, const char *text)
{
	scratch_write(state, name, text, strlen(text), 0755);
	return scratch_path(state, name);
}

static void
finds_certbot_in_path(void **state)
{
	const struct conf conf = {
	    .engine = CONF_ENGINE_AUTO, .engine_program = ""};
	const char *certbot = program(state, "certbot", "#!/bin/sh\n");
	char path[LIMIT_PATH_BYTES];
	struct err err = ERR_INIT;
	struct engine engine;

	/* A relative directory would be whoever's. */
	(void)snprintf(
	    path, sizeof(path), ".::/nowhere:%s", scratch_path(state, ""));
	assert_int_equal(setenv("PATH", path, 1), 0);
	assert_int_equal(engine_find(&conf, &engine, &err), 0);
	assert_int_equal(engine.kind, CONF_ENGINE_CERTBOT);
	assert_string_equal(engine.why, "found in PATH");
	/* The directory was given with a slash at its end. */
	(void)snprintf(
	    path, sizeof(path), "%s/certbot", scratch_path(state, ""));
	assert_string_equal(engine.path, path);
	(void)certbot;
}

static void
what_is_configured_is_taken(void **state)
{
	static const struct {
		const char *name;
		int engine;
		enum conf_engine kind;
	} rows[] = {
	    {"certbot", CONF_ENGINE_AUTO, CONF_ENGINE_CERTBOT},
	    {"my-certbot", CONF_ENGINE_AUTO, CONF_ENGINE_CERTBOT},
	    {"certhaul-acme", CONF_ENGINE_AUTO, CONF_ENGINE_BUILTIN},
	    {"certhaul-acme", CONF_ENGINE_CERTBOT, CONF_ENGINE_CERTBOT},
	    {"other", CONF_ENGINE_BUILTIN, CONF_ENGINE_BUILTIN},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct conf conf = {
		    .engine = rows[i].engine,
		    .engine_program =
			program(state, rows[i].name, "#!/bin/sh\n"),
		};
		struct err err = ERR_INIT;
		struct engine engine;

		assert_int_equal(engine_find(&conf, &engine, &err), 0);
		assert_int_equal(engine.kind, rows[i].kind);
		assert_string_equal(engine.path, conf.engine_program);
		assert_string_equal(engine.why, "configured");
	}
}

static void
what_is_configured_and_no_program_is_refused(void **state)
{
	const char *const paths[] = {
	    scratch_path(state, "absent"),
	    scratch_path(state, "plain"),
	    scratch_path(state, ""),
	};

	scratch_write(state, "plain", "x", 1, 0644);
	for (size_t i = 0; i < COUNT_OF(paths); i++) {
		const struct conf conf = {
		    .engine = CONF_ENGINE_AUTO, .engine_program = paths[i]};
		struct err err = ERR_INIT;
		struct engine engine;

		assert_int_equal(engine_find(&conf, &engine, &err), ERR_NOENT);
		assert_string_equal(err.on, paths[i]);
		assert_non_null(strstr(err.detail, "engine_program"));
	}
}

static void
without_a_builtin_one_it_is_said_what_to_do(void **state)
{
	const struct conf conf = {
	    .engine = CONF_ENGINE_BUILTIN, .engine_program = ""};
	struct err err = ERR_INIT;
	struct engine engine;

	assert_int_equal(setenv("PATH", scratch_path(state, "none"), 1), 0);
	assert_int_equal(engine_find(&conf, &engine, &err), ERR_NOENT);
	assert_non_null(strstr(err.detail, "install"));
}

static void
reads_the_version(void **state)
{
	static const struct {
		const char *says;
		int rc;
		int version[3];
	} rows[] = {
	    {"echo certbot 2.1.0", 0, {2, 1, 0}},
	    {"echo certbot 5.10.123", 0, {5, 10, 123}},
	    {"echo certbot 4.1.0.dev0", 0, {4, 1, 0}},
	    {"echo 'a warning of Python' >&2; echo certbot 3.0.1", 0,
		{3, 0, 1}},
	    {"echo certbot 2.1", ERR_SYNTAX, {0}},
	    {"echo certbot two.one.zero", ERR_SYNTAX, {0}},
	    {"echo certbot 99999999999999999999.1.0", ERR_SYNTAX, {0}},
	    {"echo", ERR_SYNTAX, {0}},
	    {"exit 0", ERR_SYNTAX, {0}},
	    {"echo certbot 2.1.0; exit 1", ERR_CHILD, {0}},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		int version[3] = {-1, -1, -1};
		struct engine engine = {CONF_ENGINE_CERTBOT, "", ""};
		struct err err = ERR_INIT;
		char text[200];

		(void)snprintf(
		    text, sizeof(text), "#!/bin/sh\n%s\n", rows[i].says);
		(void)snprintf(engine.path, sizeof(engine.path), "%s",
		    program(state, "certbot", text));
		assert_int_equal(
		    engine_version(&engine, version, &err), rows[i].rc);
		if (rows[i].rc == 0)
			assert_memory_equal(
			    version, rows[i].version, sizeof(version));
		else
			assert_int_equal(version[0], -1);
	}
}

static void
a_link_to_the_snap_is_the_snap(void **state)
{
#define UP "../../../../../../../../.."
	static const struct {
		const char *link;
		bool snap;
	} rows[] = {
	    {"/snap/bin/certbot", true},
	    {UP "/snap/bin/certbot", true},
	    {UP "/./usr//../snap/bin/certbot", true},
	    {"/var/lib/snapd/snap/bin/certbot", true},
	    {UP "/var/lib/snapd/snap/bin/certbot", true},
	    {"to-snap", true},
	    {"./x/../to-snap", true},
	    {UP "/opt/snap/bin/certbot", false},
	    {"/snap.d/certbot", false},
	    {"snap/bin/certbot", false},
	    {"certbot", false},
	};

	assert_int_equal(
	    symlink("/snap/bin/certbot", scratch_path(state, "to-snap")), 0);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct engine engine = {CONF_ENGINE_CERTBOT, "", ""};

		(void)snprintf(engine.path, sizeof(engine.path), "%s",
		    scratch_path(state, "certbot"));
		(void)unlink(engine.path);
		assert_int_equal(symlink(rows[i].link, engine.path), 0);
		if (engine_is_snap(&engine) != rows[i].snap)
			fail_msg("%s", rows[i].link);
	}
#undef UP
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		finds_certbot_in_path, scratch_setup, scratch_teardown),
	    cmocka_unit_test_setup_teardown(
		what_is_configured_is_taken, scratch_setup, scratch_teardown),
	    cmocka_unit_test_setup_teardown(
		what_is_configured_and_no_program_is_refused, scratch_setup,
		scratch_teardown),
	    cmocka_unit_test_setup_teardown(
		without_a_builtin_one_it_is_said_what_to_do, scratch_setup,
		scratch_teardown),
	    cmocka_unit_test_setup_teardown(
		reads_the_version, scratch_setup, scratch_teardown),
	    cmocka_unit_test_setup_teardown(a_link_to_the_snap_is_the_snap,
		scratch_setup, scratch_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
