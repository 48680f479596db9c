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
	    "%s %s %u%s %s\n", file->name, file->path, file->line,
	    file->first ? " first" : "",
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
	assert_false(loaded_each(&source, visit, &seen));
	assert_string_equal(seen.text,
	    "/a.pem /a.pem 2 first -\n"
	    "/base/b.pem /base/b.pem 4 *.b.test !x.b.test\r\n"
	    "/base/c.pem /base/c.pem 5 -\n"
	    "@store/d /dir/@store/d 6 d.test\n"
	    "/e.pem /e.pem 7 e.test\n");
	source.crt_base = none;
	seen = (struct seen){.text = "", .last = "b.pem"};
	assert_true(loaded_each(&source, visit, &seen));
	assert_string_equal(seen.text,
	    "/a.pem /a.pem 2 first -\n"
	    "b.pem /dir/b.pem 4 *.b.test !x.b.test\r\n");
	(void)text_of(path, "/nowhere/list");
	assert_false(loaded_each(&source, visit, &seen));
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
	assert_false(loaded_each(&source, visit, &seen));
	(void)snprintf(wanted, sizeof(wanted),
	    "certs/sub/x.pem %s/x.pem 0 first -\n", path);
	assert_string_equal(seen.text, wanted);
	seen = (struct seen){.text = "", .last = "certs/sub"};
	(void)text_of(path, "/a/file");
	assert_true(loaded_each(&source, visit, &seen));
	assert_string_equal(seen.text, "certs/sub /a/file 0 first -\n");
	/* "@...": of a crt-store. */
	*path = '\0';
	assert_false(loaded_each(&source, visit, &seen));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_entry_of_a_list_is_visited),
	    cmocka_unit_test(a_file_and_those_of_a_directory_are_visited),
	};

	return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
