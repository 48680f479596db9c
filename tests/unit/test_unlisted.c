/*
 * test_unlisted.c: lines of crt-lists that are out: kept, read again, put back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <sys/stat.h>
#include <unistd.h>

#include "hooks/unlisted.h"
#include "tests/unit/scratch.h"

static struct conf conf;
static char bundles[1024];

static int
setup(void **state)
{
	if (scratch_setup(state) != 0)
		return -1;
	(void)snprintf(bundles, sizeof(bundles), "%s/ssl", (char *)*state);
	assert_int_equal(mkdir(bundles, 0700), 0);
	conf.state_dir = *state;
	conf.haproxy.bundle_dir = bundles;
	return 0;
}

/* What is kept in these tests: two lines of one list, one of another. */
static void
keep(void **state, const char *name)
{
	static const char two[] = "1 a.pem [alpn h2]\n3 a.pem x\n",
			  one[] = "0 a\n";
	const char *list = scratch_path(state, "list");
	const struct crtlist_file file = {list, "/base"}, other = {"/o", ""};
	struct unlisted lines = {NULL, 0};
	struct buf taken = BUF_INIT(1000);
	struct err err = ERR_INIT;

	assert_int_equal(buf_puts(&taken, two, &err), 0);
	assert_int_equal(
	    unlisted_add(&lines, "list", &file, "a.pem", &taken, &err), 0);
	buf_reset(&taken);
	assert_int_equal(buf_puts(&taken, one, &err), 0);
	assert_int_equal(
	    unlisted_add(&lines, "o", &other, "b.pem", &taken, &err), 0);
	assert_int_equal(unlisted_save(&conf, name, &lines, &err), 0);
	buf_free(&taken);
	unlisted_free(&lines);
}

static void
what_is_kept_is_read_again(void **state)
{
	struct unlisted lines = {NULL, 0};
	struct err err = ERR_INIT;
	struct stat st;

	assert_int_equal(unlisted_read(&conf, "a.example", &lines, &err), 0);
	assert_int_equal(lines.count, 0);
	keep(state, "a.example");
	assert_int_equal(
	    stat(scratch_path(state, "unlisted/a.example"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(unlisted_read(&conf, "a.example", &lines, &err), 0);
	assert_int_equal(lines.count, 2);
	assert_string_equal(lines.items[0].list, "list");
	assert_string_equal(lines.items[0].path, scratch_path(state, "list"));
	assert_string_equal(lines.items[0].crt_base, "/base");
	assert_string_equal(lines.items[0].store, "a.pem");
	assert_string_equal(
	    buf_text(&lines.items[0].taken), "1 a.pem [alpn h2]\n3 a.pem x\n");
	assert_string_equal(lines.items[1].crt_base, "");
	assert_string_equal(buf_text(&lines.items[1].taken), "0 a\n");
	unlisted_free(&lines);
	unlisted_remove(&conf, "a.example");
	assert_int_equal(unlisted_read(&conf, "a.example", &lines, &err), 0);
	assert_int_equal(lines.count, 0);
}

static void
another_form_is_refused(void **state)
{
	static const char *const texts[] = {"list\n", "list a\npath /b\n",
	    "list a\npath /b\nbase \nstore c\nbytes 9\nx\n",
	    "list a\npath /b\nbase \nstore c\nbytes -1\nx\n",
	    "list a\npath /b\nbase \nstore c\nbytes\n", "\n", "x"};
	struct unlisted lines = {NULL, 0};
	struct err err = ERR_INIT;

	keep(state, "a.example");
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		scratch_write(state, "unlisted/a.example", texts[i],
		    strlen(texts[i]), 0600);
		assert_int_equal(
		    unlisted_read(&conf, "a.example", &lines, &err),
		    ERR_SYNTAX);
		unlisted_free(&lines);
	}
	assert_int_equal(
	    chmod(scratch_path(state, "unlisted/a.example"), 0666), 0);
	assert_int_equal(
	    unlisted_read(&conf, "a.example", &lines, &err), ERR_UNSAFE);
	unlisted_free(&lines);
}

/* A sweep puts back what has its bundle, and keeps the rest. */
static void
a_sweep_puts_back_what_has_its_bundle(void **state)
{
	static const char text[] = "d.pem\nz.pem\n";
	const char *list = scratch_path(state, "list");
	const struct crtlist_file file = {list, ""};
	struct unlisted lines = {NULL, 0};
	struct buf taken = BUF_INIT(1000);
	struct err err = ERR_INIT;
	char back[100] = "";
	FILE *in;

	scratch_write(state, "list", text, strlen(text), 0600);
	assert_int_equal(buf_puts(&taken, "1,1 a.pem [alpn h2]\n", &err), 0);
	assert_int_equal(
	    unlisted_add(&lines, "list", &file, "a.pem", &taken, &err), 0);
	assert_int_equal(unlisted_save(&conf, "a", &lines, &err), 0);
	assert_true(unlisted_sweep(&conf, false));
	assert_int_equal(access(scratch_path(state, "unlisted/a"), F_OK), 0);
	scratch_write(state, "ssl/a.pem", "x", 1, 0600);
	assert_true(unlisted_sweep(&conf, true));
	assert_int_equal(access(scratch_path(state, "unlisted/a"), F_OK), 0);
	assert_true(unlisted_sweep(&conf, false));
	assert_int_not_equal(
	    access(scratch_path(state, "unlisted/a"), F_OK), 0);
	in = fopen(scratch_path(state, "list"), "r");
	assert_non_null(in);
	assert_true(fread(back, 1, sizeof(back) - 1, in) > 0);
	assert_int_equal(fclose(in), 0);
	assert_string_equal(back, "d.pem\na.pem [alpn h2]\nz.pem\n");
	assert_false(unlisted_sweep(&conf, false));
	buf_free(&taken);
	unlisted_free(&lines);
}

/* Since bundle_dir was moved, the line's file is somewhere that is no more. */
static void
a_sweep_puts_no_line_of_a_file_that_is_gone(void **state)
{
	static const char text[] = "d.pem\n";
	const char *list = scratch_path(state, "list");
	const struct crtlist_file file = {list, ""};
	struct unlisted lines = {NULL, 0};
	struct buf taken = BUF_INIT(1000);
	struct err err = ERR_INIT;
	struct stat st;

	scratch_write(state, "list", text, strlen(text), 0600);
	assert_int_equal(buf_puts(&taken, "1,1 /gone/a.pem\n", &err), 0);
	assert_int_equal(
	    unlisted_add(&lines, "list", &file, "/gone/a.pem", &taken, &err),
	    0);
	assert_int_equal(unlisted_save(&conf, "a", &lines, &err), 0);
	scratch_write(state, "ssl/a.pem", "x", 1, 0600);
	assert_true(unlisted_sweep(&conf, false));
	assert_int_equal(stat(scratch_path(state, "list"), &st), 0);
	assert_int_equal(st.st_size, strlen(text));
	buf_free(&taken);
	unlisted_free(&lines);
}

#define HERE(test)                                                             \
	cmocka_unit_test_setup_teardown(test, setup, scratch_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    HERE(what_is_kept_is_read_again),
	    HERE(another_form_is_refused),
	    HERE(a_sweep_puts_back_what_has_its_bundle),
	    HERE(a_sweep_puts_no_line_of_a_file_that_is_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
