/*
 * test_record_text.c: every value of a record is checked where it is read, and
 * what is not whole is no record.
 */
#include "cert/record_private.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char name[] = "a.example";

#define HEAD "certhaul-record 1\nname a.example\n"
#define TAIL "reload-due yes\nend\n"

static bool
read_text(const char *text, struct record *ret)
{
	return record_text_read(text, strlen(text), name, ret);
}

/* Each with TAIL behind it, which would show if it were read. */
static const char *const broken[] = {"", "\n", "certhaul-record 1",
    "certhaul-record 2\nname a.example\n", "name a.example\n",
    "certhaul-record 1\n", "certhaul-record 1\nname b.example\n",
    HEAD "installed\n", HEAD "installed no\n", HEAD "installed yes \n",
    HEAD "held\n", HEAD "held no\n", HEAD "installed yes\ninstalled yes\n",
    HEAD "end\n", HEAD "lineage a\n", HEAD "lineage /a\tb\n",
    HEAD "digest 00\n", HEAD "\n",
    HEAD "leaf-sha1 0123456789012345678901234567890123456g89\n",
    HEAD "leaf-sha1 ABCDEFABCDABCDEFABCDABCDEFABCDABCDEFABCD\n",
    HEAD "not-after -1\n", HEAD "not-after 253402300800\n",
    HEAD "not-after 1.5\n", HEAD "not-after  1\n",
    HEAD "not-after 99999999999999999999\n", HEAD "not-after \n",
    HEAD "source-generation 100000000\n", HEAD "bundle 1 2 3 4\n",
    HEAD "bundle 1 2 3 4 5 6\n", HEAD "bundle -1 2 3 4 5\n",
    HEAD "bundle 18446744073709551616 2 3 4 5\n", HEAD "bundle 1 2 3 4 5 \n",
    HEAD "proved-by \xff\n", HEAD "proved-by \x1b[1m\n", HEAD "failed-code 0\n",
    HEAD "failed-code 14\n", HEAD "failed-attempts -1\n",
    HEAD "failed-attempts 4294967296\n", HEAD "failed-text \n",
    HEAD "failed-text tail \n"};

static void
each_value_has_its_validator(void **state)
{
	struct record read;
	char text[256];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(broken); i++) {
		(void)snprintf(text, sizeof(text), "%s" TAIL, broken[i]);
		if (read_text(text, &read))
			fail_msg("was read: %s", text);
	}
}

static void
the_last_value_within_bounds_is_read(void **state)
{
	struct record read;

	(void)state;
	assert_true(read_text(HEAD "not-after 253402300799\nfailed-code -19\n"
				   "failed-attempts 4294967295\n"
				   "source-generation 99999999\n" TAIL,
	    &read));
	assert_int_equal(read.not_after_s, 253402300799);
	assert_int_equal(read.failure.code, -19);
	assert_int_equal(read.failure.attempts, UINT_MAX);
	assert_int_equal(read.source.generation, LIMIT_LINEAGE_GENERATION);
	assert_true(read.reload_due);
}

static void
a_key_of_a_later_version_is_passed_over(void **state)
{
	struct record read;

	(void)state;
	assert_true(read_text(
	    HEAD "colour blue and green\ninstalled yes\n" TAIL, &read));
	assert_true(read.installed);
	assert_true(read.reload_due);
}

static void
what_has_lost_its_end_or_has_a_zero_byte_is_no_record(void **state)
{
	static const char whole[] = HEAD "lineage /l/a.example\n"
					 "not-after 1795000000\n" TAIL;
	struct record read;
	char text[sizeof(whole)];

	(void)state;
	assert_true(read_text(whole, &read));
	for (size_t i = 0; i < strlen(whole); i++) {
		memcpy(text, whole, sizeof(whole));
		text[i] = '\0';
		assert_false(read_text(text, &read));
		assert_false(
		    record_text_read(text, strlen(whole), name, &read));
	}
	assert_false(record_text_read(whole, strlen(whole), "b", &read));
	/* The zero byte that ends the text counted in. */
	assert_false(record_text_read(whole, sizeof(whole), name, &read));
}

static void
a_line_too_long_for_any_value_is_refused(void **state)
{
	const size_t size = LIMIT_RECORD_BYTES;
	char *text = calloc(1, size);
	struct record read;
	size_t at;

	(void)state;
	assert_non_null(text);
	memcpy(text, HEAD "lineage /", sizeof(HEAD "lineage /"));
	at = strlen(text);
	memset(text + at, 'a', LIMIT_PATH_BYTES - 2);
	memcpy(text + at + LIMIT_PATH_BYTES - 2, "\n" TAIL, sizeof("\n" TAIL));
	assert_true(read_text(text, &read));
	memcpy(
	    text + at + LIMIT_PATH_BYTES - 2, "a\n" TAIL, sizeof("a\n" TAIL));
	assert_false(read_text(text, &read));
	memset(text + at, 'a', LIMIT_PATH_BYTES + 2000);
	memcpy(
	    text + at + LIMIT_PATH_BYTES + 2000, "\n" TAIL, sizeof("\n" TAIL));
	assert_false(read_text(text, &read));
	free(text);
}

static void
equal_records_are_equal_bytes_and_none_is_two_lines(void **state)
{
	struct buf first = BUF_INIT(LIMIT_RECORD_BYTES);
	struct buf second = BUF_INIT(LIMIT_RECORD_BYTES);
	struct err err = ERR_INIT;
	struct record record = {0};

	(void)state;
	memcpy(record.lineage.name, name, sizeof(name));
	assert_return_code(record_text_write(&record, &first, &err), 0);
	assert_string_equal(buf_text(&first), HEAD "end\n");
	/* What stands behind a string's end is not part of it. */
	memset(record.proved_by, 'x', sizeof(record.proved_by));
	record.proved_by[0] = '\0';
	memset(record.lineage.name + sizeof(name), 'x', 4);
	assert_return_code(record_text_write(&record, &second, &err), 0);
	assert_string_equal(buf_text(&first), buf_text(&second));
	buf_free(&first);
	second.max_bytes = 40;
	buf_reset(&second);
	assert_int_equal(record_text_write(&record, &second, &err), 0);
	record.reload_due = true;
	buf_reset(&second);
	assert_int_equal(record_text_write(&record, &second, &err), ERR_LIMIT);
	buf_free(&second);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_value_has_its_validator),
	    cmocka_unit_test(the_last_value_within_bounds_is_read),
	    cmocka_unit_test(a_key_of_a_later_version_is_passed_over),
	    cmocka_unit_test(
		what_has_lost_its_end_or_has_a_zero_byte_is_no_record),
	    cmocka_unit_test(a_line_too_long_for_any_value_is_refused),
	    cmocka_unit_test(
		equal_records_are_equal_bytes_and_none_is_two_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
