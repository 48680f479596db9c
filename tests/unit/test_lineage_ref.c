/*
 * test_lineage_ref.c: no name and no path from outside leads anywhere but to a
 * lineage, and nothing is called gone that may be there.
 */
#include "cert/lineage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/scratch.h"

static void
a_name_becomes_a_path(void **state)
{
	struct err err = ERR_INIT;
	struct lineage_ref ref;

	(void)state;
	assert_int_equal(lineage_ref_from_name(
			     "/etc/letsencrypt", "a.example-0001", &ref, &err),
	    0);
	assert_string_equal(ref.name, "a.example-0001");
	assert_string_equal(ref.dir, "/etc/letsencrypt/live/a.example-0001");
	assert_int_equal(
	    lineage_ref_from_name("/etc//letsencrypt/", "a", &ref, &err), 0);
	assert_string_equal(ref.dir, "/etc/letsencrypt/live/a");
}

static void
refuses_names_that_are_none(void **state)
{
	static const char *const names[] = {"", ".", "..", "../x", "a/b",
	    ".hidden", "-rf", "a b", "a;b", "a\nb", "*.example", "\xc3\xa4"};
	char name[LIMIT_LINEAGE_NAME_BYTES + 2];
	struct err err = ERR_INIT;
	struct lineage_ref ref;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(names); i++)
		assert_int_equal(
		    lineage_ref_from_name("/c", names[i], &ref, &err),
		    ERR_USAGE);
	memset(name, 'a', sizeof(name));
	name[LIMIT_LINEAGE_NAME_BYTES + 1] = '\0';
	assert_int_equal(
	    lineage_ref_from_name("/c", name, &ref, &err), ERR_USAGE);
	name[LIMIT_LINEAGE_NAME_BYTES] = '\0';
	assert_int_equal(lineage_ref_from_name("/c", name, &ref, &err), 0);
}

static void
refuses_a_path_that_is_too_long(void **state)
{
	char dir[LIMIT_PATH_BYTES + 10];
	struct err err = ERR_INIT;
	struct lineage_ref ref;

	(void)state;
	memset(dir, 'd', sizeof(dir));
	dir[0] = '/';
	dir[sizeof(dir) - 1] = '\0';
	assert_int_equal(lineage_ref_from_path(dir, &ref, &err), ERR_USAGE);
	dir[LIMIT_PATH_BYTES - 3] = '\0';
	assert_int_equal(
	    lineage_ref_from_name(dir, "a", &ref, &err), ERR_USAGE);
}

static void
takes_the_paths_that_certbot_gives(void **state)
{
	static const struct {
		const char *path, *name, *dir;
	} rows[] = {
	    {"/etc/letsencrypt/live/a.example", "a.example",
		"/etc/letsencrypt/live/a.example"},
	    {"/etc/letsencrypt/live/a.example///", "a.example",
		"/etc/letsencrypt/live/a.example"},
	    {"//etc//le/live/a", "a", "/etc/le/live/a"},
	    {"/live/a", "a", "/live/a"},
	    {"/x..y/live/a..b", "a..b", "/x..y/live/a..b"},
	};
	struct err err = ERR_INIT;
	struct lineage_ref ref;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		assert_int_equal(
		    lineage_ref_from_path(rows[i].path, &ref, &err), 0);
		assert_string_equal(ref.name, rows[i].name);
		assert_string_equal(ref.dir, rows[i].dir);
	}
}

static void
refuses_paths_that_lead_elsewhere(void **state)
{
	static const struct {
		const char *path, *word;
	} rows[] = {
	    {"", "not absolute"},
	    {"etc/live/a", "not absolute"},
	    {"/etc/live/../shadow", ".."},
	    {"/etc/live/a/..", ".."},
	    {"/etc/../live/a", ".."},
	    {"/etc/./live/a", ".."},
	    {"/", "lineage's name"},
	    {"/etc/live/a b", "lineage's name"},
	    {"/etc/live/.a", "lineage's name"},
	    {"/etc/archive/a", "live/"},
	    {"/etc/xlive/a", "live/"},
	    {"/a", "live/"},
	};
	struct lineage_ref ref;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct err err = ERR_INIT;

		assert_int_equal(
		    lineage_ref_from_path(rows[i].path, &ref, &err), ERR_USAGE);
		assert_non_null(strstr(err.detail, rows[i].word));
	}
}

static void
make_dir(void **state, const char *name)
{
	assert_int_equal(mkdir(scratch_path(state, name), 0755), 0);
}

/* A lineage, as far as its files' names go. */
static void
make_lineage(void **state, const char *dir)
{
	char file[LIMIT_PATH_BYTES];

	make_dir(state, dir);
	(void)snprintf(file, sizeof(file), "%s/privkey.pem", dir);
	assert_int_equal(symlink("away", scratch_path(state, file)), 0);
}

static void
lists_the_lineages_and_nothing_else(void **state)
{
	struct err err = ERR_INIT;
	char **names = NULL;
	size_t count = 1;

	assert_int_equal(lineage_list(*state, &names, &count, &err), ERR_NOENT);
	make_dir(state, "live");
	assert_int_equal(lineage_list(*state, &names, &count, &err), 0);
	assert_int_equal(count, 0);
	lineage_names_free(names, count);
	make_lineage(state, "live/b.example");
	make_lineage(state, "live/B.example");
	make_lineage(state, "live/a.example-0001");
	make_lineage(state, "live/.hidden");
	/* A renewal conf makes one of an empty directory; a lone file does
	 * not. */
	make_dir(state, "renewal");
	make_dir(state, "live/a.example");
	scratch_write(state, "renewal/a.example.conf", "x", 1, 0644);
	make_dir(state, "live/left.example");
	scratch_write(state, "live/left.example/haproxy.pem", "x", 1, 0600);
	make_dir(state, "live/a name");
	scratch_write(state, "live/README", "x", 1, 0644);
	assert_int_equal(
	    symlink("b.example", scratch_path(state, "live/linked")), 0);
	assert_int_equal(
	    symlink("README", scratch_path(state, "live/note")), 0);
	assert_int_equal(lineage_list(*state, &names, &count, &err), 0);
	assert_int_equal(count, 5);
	assert_string_equal(names[0], "B.example");
	assert_string_equal(names[1], "a.example");
	assert_string_equal(names[2], "a.example-0001");
	assert_string_equal(names[3], "b.example");
	assert_string_equal(names[4], "linked");
	lineage_names_free(names, count);
}

static void
lists_more_than_fit_at_first(void **state)
{
	char name[] = "live/n000";
	struct err err = ERR_INIT;
	char **names = NULL;
	size_t count = 0;

	make_dir(state, "live");
	for (int i = 0; i < 200; i++) {
		name[6] = (char)('0' + i / 100);
		name[7] = (char)('0' + i / 10 % 10);
		name[8] = (char)('0' + i % 10);
		make_lineage(state, name);
	}
	assert_int_equal(lineage_list(*state, &names, &count, &err), 0);
	assert_int_equal(count, 200);
	assert_string_equal(names[0], "n000");
	assert_string_equal(names[199], "n199");
	lineage_names_free(names, count);
}

static void
gone_is_only_what_is_certainly_gone(void **state)
{
	struct lineage_ref ref, nobody = {"", ""};
	struct err err = ERR_INIT;

	assert_int_equal(
	    lineage_ref_from_name(*state, "a.example", &ref, &err), 0);
	assert_false(lineage_is_gone(&nobody));
	/* Nothing at all is there: a file system that is not mounted. */
	assert_false(lineage_is_gone(&ref));
	make_dir(state, "live");
	assert_false(lineage_is_gone(&ref));
	make_dir(state, "renewal");
	assert_true(lineage_is_gone(&ref));
	scratch_write(state, "renewal/a.example.conf", "x", 1, 0644);
	assert_false(lineage_is_gone(&ref));
	make_lineage(state, "live/a.example");
	assert_false(lineage_is_gone(&ref));
	assert_int_equal(
	    unlink(scratch_path(state, "renewal/a.example.conf")), 0);
	assert_false(lineage_is_gone(&ref));
	/* What somebody has put beside the four does not make one. */
	scratch_write(state, "live/a.example/haproxy.pem", "x", 1, 0600);
	assert_int_equal(
	    unlink(scratch_path(state, "live/a.example/privkey.pem")), 0);
	assert_true(lineage_is_gone(&ref));
	assert_int_equal(
	    unlink(scratch_path(state, "live/a.example/haproxy.pem")), 0);
	assert_int_equal(rmdir(scratch_path(state, "live/a.example")), 0);
	assert_true(lineage_is_gone(&ref));
	/* A dangling link is somebody's lineage yet. */
	assert_int_equal(
	    symlink("away", scratch_path(state, "live/a.example")), 0);
	assert_false(lineage_is_gone(&ref));
	assert_int_equal(unlink(scratch_path(state, "live/a.example")), 0);
	assert_int_equal(rmdir(scratch_path(state, "renewal")), 0);
	scratch_write(state, "renewal", "x", 1, 0644);
	assert_false(lineage_is_gone(&ref));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_name_becomes_a_path),
	    cmocka_unit_test(refuses_names_that_are_none),
	    cmocka_unit_test(refuses_a_path_that_is_too_long),
	    cmocka_unit_test(takes_the_paths_that_certbot_gives),
	    cmocka_unit_test(refuses_paths_that_lead_elsewhere),
	    cmocka_unit_test_setup_teardown(lists_the_lineages_and_nothing_else,
		scratch_setup, scratch_teardown),
	    cmocka_unit_test_setup_teardown(
		lists_more_than_fit_at_first, scratch_setup, scratch_teardown),
	    cmocka_unit_test_setup_teardown(gone_is_only_what_is_certainly_gone,
		scratch_setup, scratch_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
