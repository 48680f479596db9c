/*
 * test_loaded.c: which files a bind line has HAProxy load, ours or not.
 */
#include "haproxy/loaded.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/limits.h"
#include "tests/unit/scratch.h"

static const struct hacfg hacfg; /* without a crt-store */

/* What was visited, a line each. */
struct seen {
	char text[2048];
	const char *last; /* ends at this name */
};

static bool
visit(void *context, const struct loaded *file)
{
	struct seen *seen = context;
	size_t len = strlen(seen->text);

	(void)snprintf(seen->text + len, sizeof(seen->text) - len,
	    "%s %s %u%s%s %s\n", file->name, file->path, file->line,
	    file->first ? " first" : "", file->acme ? " acme" : "",
	    file->filters == NULL ? "-" : file->filters);
	return seen->last != NULL && strcmp(file->name, seen->last) == 0;
}

static char *
text_of(char *ret, const char *text)
{
	(void)snprintf(ret, LIMIT_PATH_BYTES, "%s", text);
	return ret;
}

static void
each_entry_of_a_list_is_visited(void **state)
{
	static const char list[] = "# /no.pem\n"
				   "/a.pem\n"
				   "\n"
				   "b.pem [alpn h2 ocsp-update on] *.b.test "
				   "!x.b.test\r\n"
				   "  c.pem[alpn h2]\n"
				   "@store/d d.test\n"
				   "/e.pem e.test";
	char path[LIMIT_PATH_BYTES], name[] = "list", base[] = "/base",
				     none[] = "", dir[] = "/dir";
	struct hacfg_source source = {.kind = HACFG_CRT_LIST,
	    .name = name,
	    .path = path,
	    .crt_base = base,
	    .dir = dir};
	struct seen seen = {.text = ""};

	scratch_write(state, "list", list, sizeof(list) - 1, 0644);
	(void)text_of(path, scratch_path(state, "list"));
	assert_false(loaded_each(&hacfg, &source, visit, &seen));
	assert_string_equal(seen.text,
	    "/a.pem /a.pem 2 first -\n"
	    "/base/b.pem /base/b.pem 4 *.b.test !x.b.test\r\n"
	    "/base/c.pem /base/c.pem 5 -\n"
	    "@store/d /dir/@store/d 6 d.test\n"
	    "/e.pem /e.pem 7 e.test\n");
	source.crt_base = none;
	seen = (struct seen){.text = "", .last = "b.pem"};
	assert_true(loaded_each(&hacfg, &source, visit, &seen));
	assert_string_equal(seen.text,
	    "/a.pem /a.pem 2 first -\n"
	    "b.pem /dir/b.pem 4 *.b.test !x.b.test\r\n");
	(void)text_of(path, "/nowhere/list");
	assert_false(loaded_each(&hacfg, &source, visit, &seen));
}

static void
a_file_and_those_of_a_directory_are_visited(void **state)
{
	char path[LIMIT_PATH_BYTES], name[] = "certs/sub";
	struct hacfg_source source = {
	    .kind = HACFG_CRT, .name = name, .path = path};
	struct seen seen = {.text = ""};
	char wanted[2 * LIMIT_PATH_BYTES];

	(void)text_of(path, scratch_path(state, "dir"));
	assert_int_equal(mkdir(path, 0700), 0);
	scratch_write(state, "dir/x.pem", "", 0, 0600);
	scratch_write(state, "dir/x.pem.key", "", 0, 0600);
	scratch_write(state, "dir/.y.pem", "", 0, 0600);
	assert_false(loaded_each(&hacfg, &source, visit, &seen));
	(void)snprintf(wanted, sizeof(wanted),
	    "certs/sub/x.pem %s/x.pem 0 first -\n", path);
	assert_string_equal(seen.text, wanted);
	seen = (struct seen){.text = "", .last = "certs/sub"};
	(void)text_of(path, "/a/file");
	assert_true(loaded_each(&hacfg, &source, visit, &seen));
	assert_string_equal(seen.text, "certs/sub /a/file 0 first -\n");
	/* "@...": of a crt-store. */
	*path = '\0';
	assert_false(loaded_each(&hacfg, &source, visit, &seen));
}

/* By the line of a bind, and of a crt-list. */
static void
a_store_is_the_file_that_it_loads(void **state)
{
	char a[] = "@s/a", b[] = "@s/b.pem", path[] = "/dir/a.pem",
	     path_b[] = "/dir/b.pem", none[] = "";
	struct hacfg_load loads[] = {{.store = a, .path = path},
	    {.store = b, .path = path_b, .acme = true}};
	const struct hacfg with = {.loads = loads, .load_count = 2};
	struct hacfg_source source = {
	    .kind = HACFG_CRT, .name = a, .path = none};
	static const char list[] = "@s/a x.test\n@s/b.pem\n";
	struct seen seen = {.text = ""};
	char of_list[LIMIT_PATH_BYTES];

	assert_false(loaded_each(&with, &source, visit, &seen));
	assert_string_equal(seen.text, "@s/a /dir/a.pem 0 first -\n");
	scratch_write(state, "list", list, sizeof(list) - 1, 0644);
	source = (struct hacfg_source){.kind = HACFG_CRT_LIST,
	    .name = none,
	    .path = text_of(of_list, scratch_path(state, "list")),
	    .crt_base = none,
	    .dir = none};
	seen = (struct seen){.text = ""};
	assert_false(loaded_each(&with, &source, visit, &seen));
	assert_string_equal(seen.text,
	    "@s/a /dir/a.pem 1 first x.test\n@s/b.pem /dir/b.pem 2 acme -\n");
}

/* Where there is no x.pem. */
static void
one_of_several_keys_is_a_file_of_its_own(void **state)
{
	char path[LIMIT_PATH_BYTES], name[] = "x.pem";
	struct hacfg_source source = {
	    .kind = HACFG_CRT, .name = name, .path = path};
	struct seen seen = {.text = ""};
	char wanted[4 * LIMIT_PATH_BYTES];

	assert_int_equal(mkdir(scratch_path(state, "pair"), 0700), 0);
	scratch_write(state, "pair/x.pem.rsa", "", 0, 0600);
	scratch_write(state, "pair/x.pem.ecdsa", "", 0, 0600);
	(void)text_of(path, scratch_path(state, "pair/x.pem"));
	assert_int_equal(loaded_kinds_of(path), 2);
	assert_false(loaded_each(&hacfg, &source, visit, &seen));
	(void)snprintf(wanted, sizeof(wanted),
	    "x.pem.ecdsa %s.ecdsa 0 first -\nx.pem.rsa %s.rsa 0 -\n", path,
	    path);
	assert_string_equal(seen.text, wanted);
	scratch_write(state, "pair/x.pem", "", 0, 0600);
	assert_int_equal(loaded_kinds_of(path), 0);
	seen = (struct seen){.text = ""};
	assert_false(loaded_each(&hacfg, &source, visit, &seen));
	(void)snprintf(wanted, sizeof(wanted), "x.pem %s 0 first -\n", path);
	assert_string_equal(seen.text, wanted);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_entry_of_a_list_is_visited),
	    cmocka_unit_test(a_file_and_those_of_a_directory_are_visited),
	    cmocka_unit_test(a_store_is_the_file_that_it_loads),
	    cmocka_unit_test(one_of_several_keys_is_a_file_of_its_own),
	};

	return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
