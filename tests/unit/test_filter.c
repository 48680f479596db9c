/*
 * test_filter.c: the names that a crt-list line is for.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "haproxy/filter.h"

static void
without_filters_the_certificate_decides(void **state)
{
	char name[LIMIT_DNS_NAME_BYTES + 1];

	(void)state;
	assert_true(filter_admits(NULL, "a.test"));
	assert_int_equal(filter_count(NULL), 0);
	assert_false(filter_name(NULL, 0, name));
}

static void
a_name_is_for_itself(void **state)
{
	(void)state;
	assert_true(filter_admits("a.test", "a.test"));
	assert_true(filter_admits(" b.test\tA.Test\r", "a.test"));
	assert_false(filter_admits("a.test", "b.a.test"));
	assert_false(filter_admits("a.test", "a.tes"));
	assert_false(filter_admits("b.a.test", "a.test"));
	assert_false(filter_admits("", "a.test"));
}

static void
a_name_is_a_word_or_not(void **state)
{
	(void)state;
	assert_true(filter_has(NULL, "a.test"));
	assert_true(filter_has("b.test A.Test", "a.test"));
	assert_true(filter_has("*.test", "*.test"));
	assert_false(filter_has("*.test !a.test", "a.test"));
	assert_false(filter_has("", "a.test"));
}

static void
a_wildcard_is_for_one_label_more(void **state)
{
	(void)state;
	assert_true(filter_admits("*.a.test", "b.a.test"));
	assert_true(filter_admits("*.A.test", "B.a.test"));
	assert_false(filter_admits("*.a.test", "a.test"));
	assert_false(filter_admits("*.a.test", "c.b.a.test"));
	assert_false(filter_admits("*", "a.test"));
	assert_false(filter_admits("*.a.test", "test"));
}

static void
an_exclusion_takes_a_name_out_of_a_wildcard(void **state)
{
	(void)state;
	assert_false(filter_admits("*.a.test !b.a.test", "b.a.test"));
	assert_false(filter_admits("!B.a.test *.a.test", "b.a.test"));
	assert_true(filter_admits("*.a.test !b.a.test", "c.a.test"));
	/* Alone they are for nothing, the certificate's names neither. */
	assert_false(filter_admits("!*", "a.test"));
	assert_false(filter_admits("!b.test", "a.test"));
}

static void
names_are_counted_without_exclusions(void **state)
{
	char name[LIMIT_DNS_NAME_BYTES + 1], words[400] = "!x a.test ";

	(void)state;
	memset(words + 10, 'y', 300);
	strcpy(words + 310, " *.b.test !z");
	assert_int_equal(filter_count(words), 2);
	assert_true(filter_name(words, 0, name));
	assert_string_equal(name, "a.test");
	assert_true(filter_name(words, 1, name));
	assert_string_equal(name, "*.b.test");
	assert_false(filter_name(words, 2, name));
	assert_int_equal(filter_count("!*"), 0);
}

static void
the_same_words_are_equal(void **state)
{
	(void)state;
	assert_true(filter_equal(NULL, NULL));
	assert_false(filter_equal(NULL, "a"));
	assert_false(filter_equal("a", NULL));
	assert_true(filter_equal("a.test  !B.test", " A.test\t!b.test\r\n"));
	assert_false(filter_equal("a.test b.test", "a.test"));
	assert_false(filter_equal("a.test", "a.test b.test"));
	assert_false(filter_equal("a.test b.test", "b.test a.test"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(without_filters_the_certificate_decides),
	    cmocka_unit_test(a_name_is_for_itself),
	    cmocka_unit_test(a_name_is_a_word_or_not),
	    cmocka_unit_test(a_wildcard_is_for_one_label_more),
	    cmocka_unit_test(an_exclusion_takes_a_name_out_of_a_wildcard),
	    cmocka_unit_test(the_same_words_are_equal),
	    cmocka_unit_test(names_are_counted_without_exclusions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
