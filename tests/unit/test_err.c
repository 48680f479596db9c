/*
 * test_err.c: a failure is said whole, clean and in bounds.
 */
#include "base/err.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

static void
set_fills_everything_and_returns_the_code(void **state)
{
	struct err err = ERR_INIT;
	char line[256];

	(void)state;
	err.retry_after_s = 7;
	assert_int_equal(
	    err_set(&err, ERR_LIMIT, "reading", "/etc/x", "%d bytes", 5),
	    ERR_LIMIT);
	assert_int_equal(err.code, ERR_LIMIT);
	assert_string_equal(err.doing, "reading");
	assert_string_equal(err.on, "/etc/x");
	assert_string_equal(err.detail, "5 bytes");
	assert_int_equal(err.retry_after_s, 0);
	assert_string_equal(
	    err_text(&err, line, sizeof(line)), "reading /etc/x: 5 bytes");
}

static void
text_leaves_out_what_is_empty(void **state)
{
	struct err err = ERR_INIT;
	char line[64];

	(void)state;
	assert_string_equal(err_text(&err, line, sizeof(line)), "");
	(void)err_set(&err, ERR_IO, "waiting", NULL, "late");
	assert_string_equal(
	    err_text(&err, line, sizeof(line)), "waiting: late");
	(void)err_set(&err, ERR_IO, "waiting", "here", "%s", "");
	assert_string_equal(err_text(&err, line, sizeof(line)), "waiting here");
}

static void
text_never_passes_its_size(void **state)
{
	struct err err = ERR_INIT;
	char line[16];

	(void)state;
	(void)err_set(&err, ERR_IO, "waiting", NULL, "a long while");
	for (size_t size = 1; size < sizeof(line); size++) {
		memset(line, 'X', sizeof(line));
		(void)err_text(&err, line, size);
		assert_true(strlen(line) < size);
		assert_int_equal(line[size], 'X');
	}
	memset(line, 'X', sizeof(line));
	assert_ptr_equal(err_text(&err, line, 0), line);
	assert_int_equal(line[0], 'X');
}

static void
detail_may_be_made_of_itself(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	(void)err_set(&err, ERR_IO, "reading", "/x", "inner");
	(void)err_set(
	    &err, ERR_CHILD, err.doing, err.on, "outer: %s", err.detail);
	assert_string_equal(err.detail, "outer: inner");
	assert_string_equal(err.on, "/x");
}

static void
a_cut_keeps_whole_characters(void **state)
{
	struct err err = ERR_INIT;
	char on[LIMIT_ERR_ON_BYTES + 64];

	(void)state;
	for (size_t shift = 0; shift < 4; shift++) {
		memset(on, 'a', shift);
		for (size_t i = shift; i + 4 < sizeof(on); i += 3)
			memcpy(on + i, "\xe2\x82\xac", 4);
		(void)err_set(&err, ERR_IO, "reading", on, "%s", on);
		assert_true(strlen(err.on) < sizeof(err.on));
		assert_true(strlen(err.on) > sizeof(err.on) - 8);
		assert_null(strchr(err.on, '?'));
		assert_null(strchr(err.detail, '?'));
	}
}

static void
keys_and_control_characters_do_not_get_through(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	(void)err_set(&err, ERR_HAPROXY, "sending\x1b[2J", "a\nb", "%s",
	    "got -----BEGIN PRIVATE KEY-----\nSECRET\n"
	    "-----END PRIVATE KEY-----\n and \xff");
	assert_string_equal(err.doing, "sending [2J");
	assert_string_equal(err.on, "a b");
	assert_string_equal(err.detail, "got [key]  and ?");
}

static void
a_key_whose_end_is_cut_off_is_hidden(void **state)
{
	char pem[LIMIT_ERR_DETAIL_BYTES + 512];
	struct err err = ERR_INIT;

	(void)state;
	memset(pem, 'S', sizeof(pem) - 1);
	pem[sizeof(pem) - 1] = '\0';
	memcpy(pem, "-----BEGIN EC PRIVATE KEY-----", 30);
	(void)err_set(&err, ERR_HAPROXY, "sending", NULL, "%s", pem);
	assert_string_equal(err.detail, "[key]");
}

static void
system_errors_get_their_code(void **state)
{
	static const struct {
		int number, code;
	} cases[] = {
	    {EACCES, ERR_PERM},
	    {EPERM, ERR_PERM},
	    {ENOENT, ERR_NOENT},
	    {EEXIST, ERR_EXISTS},
	    {ENOMEM, ERR_NOMEM},
	    {ENOSPC, ERR_IO},
	};
	struct err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		errno = cases[i].number;
		assert_int_equal(
		    err_sys(&err, "reading", "/x", "open"), cases[i].code);
		assert_memory_equal(err.detail, "open: ", 6);
		assert_non_null(strstr(err.detail, strerror(cases[i].number)));
	}
}

static void
a_missing_right_names_the_user(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	errno = EACCES;
	(void)err_sys(&err, "reading", "/x", "open");
	assert_non_null(strstr(err.detail, "as user "));
	if (geteuid() == 0)
		assert_non_null(strstr(err.detail, "user root, uid 0"));
}

static void
each_code_has_a_name_of_its_own(void **state)
{
	(void)state;
	for (int code = 0; code >= ERR_LAST; code--) {
		assert_non_null(err_name(code));
		assert_string_not_equal(err_name(code), "unknown");
		for (int other = 0; other > code; other--)
			assert_string_not_equal(
			    err_name(code), err_name(other));
	}
	assert_string_equal(err_name(1), "unknown");
	assert_string_equal(err_name(ERR_LAST - 1), "unknown");
	assert_string_equal(err_name(ERR_LOCKED), "lock");
	assert_string_equal(err_name(ERR_INVALID), "invalid");
}

static void
clear_forgets(void **state)
{
	struct err err = ERR_INIT, empty = ERR_INIT;

	(void)state;
	assert_int_equal(err_nomem(&err, "reading"), ERR_NOMEM);
	assert_string_equal(err.detail, "out of memory");
	err_clear(&err);
	assert_memory_equal(&err, &empty, sizeof(err));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(set_fills_everything_and_returns_the_code),
	    cmocka_unit_test(text_leaves_out_what_is_empty),
	    cmocka_unit_test(text_never_passes_its_size),
	    cmocka_unit_test(detail_may_be_made_of_itself),
	    cmocka_unit_test(a_cut_keeps_whole_characters),
	    cmocka_unit_test(keys_and_control_characters_do_not_get_through),
	    cmocka_unit_test(a_key_whose_end_is_cut_off_is_hidden),
	    cmocka_unit_test(system_errors_get_their_code),
	    cmocka_unit_test(a_missing_right_names_the_user),
	    cmocka_unit_test(each_code_has_a_name_of_its_own),
	    cmocka_unit_test(clear_forgets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
