/*
 * test_map.c: one key of a map: set once, replaced, removed; in a map that is
 * known by its text, or only by its file.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <unistd.h>

#include "haproxy/map.h"
#include "tests/unit/fakeproxy.h"

#define M "/etc/haproxy/acme.map"
#define K "/.well-known/acme-challenge/tok"
#define NOT_FOUND "entry not found.\n\n"
#define KEY_NOT_FOUND "Key not found.\n\n"
#define UNKNOWN "Unknown map identifier. Please use #<id> or <file>.\n\n"
#define STEP(expect, reply)                                                    \
	{                                                                      \
		expect, reply, FAKE_ANSWER, 0                                  \
	}

static void
a_key_is_set_where_it_is_and_added_where_it_is_not(void **state)
{
	static const struct fake_step steps[] = {
	    STEP("set map " M " " K " tok.thumb\n", "\n"),
	    STEP("set map " M " " K " tok.thumb\n", NOT_FOUND),
	    STEP("add map " M " " K " tok.thumb\n", "\n"),
	    STEP("@1 set map " M " " K " v\n", NOT_FOUND),
	    STEP("@1 add map " M " " K " v\n", "\n"),
	};
	struct fake *fake = fake_start(state, steps, COUNT_OF(steps));
	struct process process = fake_process(fake);
	struct process master = fake_master(fake);
	struct err err = ERR_INIT;

	assert_int_equal(map_set(&process, M, K, "tok.thumb", &err), 0);
	assert_int_equal(map_set(&process, M, K, "tok.thumb", &err), 0);
	assert_int_equal(map_set(&master, M, K, "v", &err), 0);
	fake_played(fake);
}

static void
a_key_is_removed_and_an_absent_one_is_well(void **state)
{
	static const struct fake_step steps[] = {
	    STEP("del map " M " " K "\n", "\n"),
	    STEP("del map " M " " K "\n", KEY_NOT_FOUND),
	    STEP("@1 del map " M " " K "\n", "\n"),
	};
	struct fake *fake = fake_start(state, steps, COUNT_OF(steps));
	struct process process = fake_process(fake);
	struct process master = fake_master(fake);
	struct err err = ERR_INIT;

	assert_int_equal(map_del(&process, M, K, &err), 0);
	assert_int_equal(map_del(&process, M, K, &err), 0);
	assert_int_equal(map_del(&master, M, K, &err), 0);
	fake_played(fake);
}

/* The configuration spells the file in another way: a link to it. */
static void
a_map_is_found_by_its_file_where_its_text_is_unknown(void **state)
{
	static char shown[1000], set[400], del[400];
	static const struct fake_step steps[] = {
	    STEP(set, UNKNOWN),
	    STEP("show map\n", shown),
	    STEP("set map #12 k v\n", NOT_FOUND),
	    STEP("add map #12 k v\n", "\n"),
	    STEP(del, UNKNOWN),
	    STEP("show map\n", shown),
	    STEP("del map #12 k\n", "\n"),
	};
	const char *path = fake_file(state, "acme.map");
	const char *link = fake_file(state, "link.map");
	FILE *file = fopen(path, "w");
	struct err err = ERR_INIT;
	struct process process;
	struct fake *fake;

	assert_non_null(file);
	fclose(file);
	assert_int_equal(symlink(path, link), 0);
	snprintf(shown, sizeof(shown),
	    "# id (file) description\n"
	    "-1 (x) y\n7 ()\n8 (/dev/null) pattern loaded\n9 nothing\n"
	    "10 (unclosed\n11 (relative/none) pattern\n"
	    "12 (%s) pattern loaded from file '%s' used by map\n\n",
	    link, link);
	snprintf(set, sizeof(set), "set map %s k v\n", path);
	snprintf(del, sizeof(del), "del map %s k\n", path);
	fake = fake_start(state, steps, COUNT_OF(steps));
	process = fake_process(fake);
	assert_int_equal(map_set(&process, path, "k", "v", &err), 0);
	assert_int_equal(map_del(&process, path, "k", &err), 0);
	fake_played(fake);
}

/* HAProxy runs elsewhere: its relative name is resolved from there. */
static void
a_relative_name_is_that_of_the_worker(void **state)
{
	static char set[400], shown[400];
	static const struct fake_step steps[] = {
	    STEP(set, UNKNOWN),
	    STEP("show map\n", shown),
	    STEP("set map #0 k v\n", "\n"),
	};
	const char *path = fake_file(state, "acme.map");
	FILE *file = fopen(path, "w");
	struct err err = ERR_INIT;
	struct process process;
	char cwd[200];

	assert_non_null(file);
	fclose(file);
	/* We stand in for the worker: its directory is ours. */
	assert_non_null(getcwd(cwd, sizeof(cwd)));
	assert_int_equal(chdir("/"), 0);
	snprintf(set, sizeof(set), "set map %s k v\n", path);
	snprintf(shown, sizeof(shown), "0 (%s) pattern\n\n", path + 1);
	process = fake_process(fake_start(state, steps, COUNT_OF(steps)));
	process.pid = getpid();
	assert_int_equal(map_set(&process, path, "k", "v", &err), 0);
	assert_int_equal(chdir(cwd), 0);
}

static void
a_map_that_is_not_loaded_tells_what_the_configuration_needs(void **state)
{
	static const struct fake_step steps[] = {
	    STEP("set map " M, UNKNOWN),
	    STEP("show map\n", "# id (file) description\n\n"),
	    STEP("del map /dev/null", UNKNOWN),
	    STEP("show map\n", "0 (/dev/zero) x\n\n"),
	};
	struct fake *fake = fake_start(state, steps, COUNT_OF(steps));
	struct process process = fake_process(fake);
	struct err err = ERR_INIT;

	assert_int_equal(map_set(&process, M, K, "v", &err), ERR_NOENT);
	assert_non_null(strstr(err.detail, "map(" M ") -m found"));
	assert_int_equal(map_del(&process, "/dev/null", K, &err), ERR_NOENT);
	fake_played(fake);
}

static void
refusals_and_breaks_are_errors(void **state)
{
	static const struct fake_step steps[] = {
	    STEP(NULL,
		"'set map' expects three parameters: map identifier, "
		"key and value.\n\n"),
	    STEP("set", NOT_FOUND),
	    STEP("add", "'add map' expects three parameters\n\n"),
	    STEP(NULL, "Permission denied\n\n"),
	    {NULL, NOT_FOUND, FAKE_CUT, 5},
	    {NULL, NULL, FAKE_RESET, 0},
	    {NULL, NULL, FAKE_CLOSE, 0},
	    {NULL, NULL, FAKE_STALL, 0},
	};
	static const int codes[] = {ERR_HAPROXY, ERR_HAPROXY, ERR_PERM, ERR_IO,
	    ERR_IO, ERR_HAPROXY, ERR_TIMEOUT};
	struct fake *fake = fake_start(state, steps, COUNT_OF(steps));
	struct process process = fake_process(fake);
	struct err err = ERR_INIT;

	process.patience.answer_ms = FAKE_PATIENCE_MS;
	for (size_t i = 0; i < COUNT_OF(codes); i++)
		assert_int_equal(map_set(&process, M, K, "v", &err), codes[i]);
	fake_played(fake);
}

static void
what_is_not_one_word_is_not_sent(void **state)
{
	static const struct {
		const char *map, *key, *value;
	} rows[] = {
	    {M, "a b", "v"},
	    {M, K, "v;shutdown"},
	    {M, K, "v\nshutdown"},
	    {M, K, ""},
	    {M, "", "v"},
	    {"/a b", K, "v"},
	    {M, K, "a\\;b"},
	    {M, K, "<<"},
	};
	struct fake *fake = fake_start(state, NULL, 0);
	struct process process = fake_process(fake);

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct err err = ERR_INIT;

		assert_int_equal(map_set(&process, rows[i].map, rows[i].key,
				     rows[i].value, &err),
		    ERR_INVALID);
	}
	fake_played(fake);
}

int
main(void)
{
#define LAB(test)                                                              \
	cmocka_unit_test_setup_teardown(test, fake_setup, fake_teardown)
	const struct CMUnitTest tests[] = {
	    LAB(a_key_is_set_where_it_is_and_added_where_it_is_not),
	    LAB(a_key_is_removed_and_an_absent_one_is_well),
	    LAB(a_map_is_found_by_its_file_where_its_text_is_unknown),
	    LAB(a_relative_name_is_that_of_the_worker),
	    LAB(a_map_that_is_not_loaded_tells_what_the_configuration_needs),
	    LAB(refusals_and_breaks_are_errors),
	    LAB(what_is_not_one_word_is_not_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
