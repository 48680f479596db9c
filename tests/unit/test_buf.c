/*
 * test_buf.c: a buffer keeps its bound, its NUL and its secrets.
 */
#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

static void
an_empty_buffer_reads_as_an_empty_string(void **state)
{
	struct buf buf = BUF_INIT(10);

	(void)state;
	assert_string_equal(buf_text(&buf), "");
	buf_reset(&buf);
	buf_free(&buf);
	buf_free(NULL);
	assert_string_equal(buf_text(&buf), "");
}

static void
what_is_added_stands_in_order_before_a_nul(void **state)
{
	struct buf buf = BUF_INIT(100000);
	struct err err = ERR_INIT;
	char expected[16];

	(void)state;
	for (int i = 0; i < 10000; i++) {
		assert_int_equal(buf_printf(&buf, &err, "%05d", i), 0);
		assert_int_equal(buf.len, 5 * (i + 1));
		assert_int_equal(buf.data[buf.len], '\0');
		assert_true(buf.cap >= buf.len);
	}
	for (int i = 0; i < 10000; i += 777) {
		(void)snprintf(expected, sizeof(expected), "%05d", i);
		assert_memory_equal(buf.data + 5 * i, expected, 5);
	}
	buf_free(&buf);
}

static void
the_maximum_is_reached_and_not_passed(void **state)
{
	struct buf buf = BUF_INIT(8);
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(buf_puts(&buf, "12345", &err), 0);
	assert_int_equal(buf_puts(&buf, "6789", &err), ERR_LIMIT);
	assert_int_equal(err.code, ERR_LIMIT);
	assert_int_equal(buf_printf(&buf, &err, "%d", 6789), ERR_LIMIT);
	assert_null(buf_room(&buf, 4, &err));
	assert_null(buf_room(&buf, SIZE_MAX, &err));
	assert_string_equal(buf_text(&buf), "12345");
	assert_int_equal(buf_puts(&buf, "678", &err), 0);
	assert_string_equal(buf_text(&buf), "12345678");
	assert_int_equal(buf_puts(&buf, "", &err), 0);
	assert_int_equal(buf_puts(&buf, "9", &err), ERR_LIMIT);
	buf_free(&buf);
}

static void
nul_bytes_are_bytes(void **state)
{
	struct buf buf = BUF_INIT(8);
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(buf_add(&buf, "a\0b", 3, &err), 0);
	assert_int_equal(buf_puts(&buf, "c", &err), 0);
	assert_int_equal(buf.len, 4);
	assert_memory_equal(buf.data, "a\0bc", 5);
	buf_free(&buf);
}

static void
room_is_behind_the_text_and_ends_with_a_nul(void **state)
{
	struct buf buf = BUF_INIT(1000);
	struct err err = ERR_INIT;
	char *at = NULL;

	(void)state;
	assert_int_equal(buf_puts(&buf, "abc", &err), 0);
	at = buf_room(&buf, 600, &err);
	assert_non_null(at);
	assert_ptr_equal(at, buf.data + 3);
	memset(at, 'x', 600);
	assert_int_equal(buf.data[603], '\0');
	buf.len += 2;
	at = buf_room(&buf, 10, &err);
	assert_non_null(at);
	assert_string_equal(buf_text(&buf), "abcxx");
	buf_free(&buf);
}

static void
reset_empties_and_keeps_the_memory(void **state)
{
	struct buf buf = BUF_INIT(1000);
	struct err err = ERR_INIT;
	char *before = NULL;

	(void)state;
	assert_int_equal(buf_puts(&buf, "abc", &err), 0);
	before = buf.data;
	buf_reset(&buf);
	assert_int_equal(buf.len, 0);
	assert_string_equal(buf_text(&buf), "");
	assert_int_equal(buf_puts(&buf, "de", &err), 0);
	assert_ptr_equal(buf.data, before);
	assert_string_equal(buf_text(&buf), "de");
	buf_free(&buf);
}

static void
a_secret_is_wiped_by_reset(void **state)
{
	struct buf buf = BUF_SECRET(1000);
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(buf_puts(&buf, "very secret", &err), 0);
	buf_reset(&buf);
	for (size_t i = 0; i <= buf.cap; i++)
		assert_int_equal(buf.data[i], 0);
	buf_free(&buf);
}

static void
a_secret_survives_growing(void **state)
{
	struct buf buf = BUF_SECRET(100000);
	struct err err = ERR_INIT;

	(void)state;
	for (int i = 0; i < 20000; i++)
		assert_int_equal(buf_puts(&buf, "k", &err), 0);
	assert_int_equal(strspn(buf_text(&buf), "k"), 20000);
	buf_free(&buf);
}

static void
wipe_overwrites_what_it_is_given(void **state)
{
	char data[] = "0123456789";

	(void)state;
	buf_wipe(data + 2, 4);
	assert_memory_equal(data,
	    "01\0\0\0\0"
	    "6789",
	    sizeof(data));
	buf_wipe(NULL, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_empty_buffer_reads_as_an_empty_string),
	    cmocka_unit_test(what_is_added_stands_in_order_before_a_nul),
	    cmocka_unit_test(the_maximum_is_reached_and_not_passed),
	    cmocka_unit_test(nul_bytes_are_bytes),
	    cmocka_unit_test(room_is_behind_the_text_and_ends_with_a_nul),
	    cmocka_unit_test(reset_empties_and_keeps_the_memory),
	    cmocka_unit_test(a_secret_is_wiped_by_reset),
	    cmocka_unit_test(a_secret_survives_growing),
	    cmocka_unit_test(wipe_overwrites_what_it_is_given),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
