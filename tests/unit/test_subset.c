/*
 * test_subset.c: which names are left out after a failed order.
 */
#include "acme/subset.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "acme/authorization.h"

static const bool none[3];
static const char *const all[] = {"a.example", "b.example", "www.a.example"};

static void
fill(const char **names, size_t *count)
{
	for (size_t i = 0; i < 3; i++)
		names[i] = all[i];
	*count = 3;
}

/* Those that the failure names, whole, and no other. */
static void
leaves_out_what_failed(void **state)
{
	const char *names[3];
	struct err err = ERR_INIT;
	size_t count;

	(void)state;
	fill(names, &count);
	(void)err_set(
	    &err, ERR_REFUSED_INPUT, AUTHORIZATION_PROVING, "a.example", "no");
	assert_true(subset_leave_out(&err, none, names, &count));
	assert_int_equal(count, 2);
	assert_string_equal(names[0], "b.example");
	assert_string_equal(names[1], "www.a.example");
	(void)err_set(&err, ERR_REFUSED_CA, AUTHORIZATION_PROVING,
	    "x.example www.a.example", "no");
	assert_true(subset_leave_out(&err, none, names, &count));
	assert_int_equal(count, 1);
	assert_string_equal(names[0], "b.example");
}

/* An order that is refused for some of its names, by its subproblems. */
static void
leaves_out_what_is_not_issued_for(void **state)
{
	const char *names[3];
	struct err err = ERR_INIT;
	size_t count;

	(void)state;
	fill(names, &count);
	(void)err_set(&err, ERR_REFUSED_INPUT, "ordering a certificate",
	    "b.example a.example", "no");
	assert_true(subset_leave_out(&err, none, names, &count));
	assert_int_equal(count, 1);
	assert_string_equal(names[0], "www.a.example");
}

/* Those that are not in the text, for it is cut. */
static void
leaves_out_by_position(void **state)
{
	static const bool refused[] = {true, false, false};
	static const bool every[] = {true, true, true};
	const char *names[3];
	struct err err = ERR_INIT;
	size_t count;

	(void)state;
	fill(names, &count);
	(void)err_set(
	    &err, ERR_REFUSED_CA, AUTHORIZATION_PROVING, "www.a.example", "no");
	assert_false(subset_leave_out(&err, every, names, &count));
	assert_true(subset_leave_out(&err, refused, names, &count));
	assert_int_equal(count, 1);
	assert_string_equal(names[0], "b.example");
}

/* Nothing left, nothing known, or another failure: the names stay. */
static void
stays_where_it_is_a_failure(void **state)
{
	const char *names[3];
	struct err err = ERR_INIT;
	size_t count;

	(void)state;
	fill(names, &count);
	(void)err_set(&err, ERR_REFUSED_CA, AUTHORIZATION_PROVING,
	    "a.example b.example www.a.example", "no");
	assert_false(subset_leave_out(&err, none, names, &count));
	(void)err_set(
	    &err, ERR_REFUSED_CA, AUTHORIZATION_PROVING, "example", "no");
	assert_false(subset_leave_out(&err, none, names, &count));
	(void)err_set(&err, ERR_REFUSED_CA, "ordering a certificate",
	    "https://ca.example/new-order", "no");
	assert_false(subset_leave_out(&err, none, names, &count));
	(void)err_set(
	    &err, ERR_TIMEOUT, AUTHORIZATION_PROVING, "a.example", "no");
	assert_false(subset_leave_out(&err, none, names, &count));
	assert_int_equal(count, 3);
	for (size_t i = 0; i < 3; i++)
		assert_ptr_equal(names[i], all[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(leaves_out_what_failed),
	    cmocka_unit_test(leaves_out_what_is_not_issued_for),
	    cmocka_unit_test(leaves_out_by_position),
	    cmocka_unit_test(stays_where_it_is_a_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
