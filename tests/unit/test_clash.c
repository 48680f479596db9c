/*
 * test_clash.c: which lineages share a name is told once for each two of them,
 * whatever the order in which they were seen.
 */
#include "hooks/clash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void
see(struct clash *clash, const char *lineage, enum pki_key_type type,
    const char *const *names)
{
	char copies[4][32], *pointers[4];
	struct pki_facts facts = {.names = pointers};
	struct err err = ERR_INIT;

	for (; names[facts.name_count] != NULL; facts.name_count++) {
		size_t i = facts.name_count;

		assert_true(i < COUNT_OF(pointers));
		(void)snprintf(copies[i], sizeof(copies[i]), "%s", names[i]);
		pointers[i] = copies[i];
	}
	facts.key.type = type;
	assert_int_equal(clash_add(clash, lineage, &facts, &err), 0);
}

#define SEE(lineage, type, ...)                                                \
	see(&clash, lineage, type, (const char *const[]){__VA_ARGS__, NULL})

static void
names_of_one_lineage_are_no_clash(void **state)
{
	struct clash clash = {NULL, 0, 0};

	(void)state;
	assert_int_equal(clash_warn(&clash), 0);
	SEE("a.example", PKI_KEY_EC, "a.example", "a.example", "b.example");
	SEE("c.example", PKI_KEY_EC, "c.example", "*.example");
	assert_int_equal(clash_warn(&clash), 0);
	clash_free(&clash);
	clash_free(&clash);
}

static void
two_lineages_are_one_warning(void **state)
{
	struct clash clash = {NULL, 0, 0};

	(void)state;
	SEE("b", PKI_KEY_EC, "x.example", "y.example", "z.example");
	SEE("c", PKI_KEY_EC, "q.example");
	SEE("a", PKI_KEY_EC, "z.example", "x.example");
	assert_int_equal(clash_warn(&clash), 1);
	/* The third of one name stands next to the second. */
	SEE("d", PKI_KEY_EC, "x.example");
	assert_int_equal(clash_warn(&clash), 2);
	clash_free(&clash);
}

static void
a_pair_of_two_kinds_of_key_is_no_clash(void **state)
{
	struct clash clash = {NULL, 0, 0};

	(void)state;
	SEE("a-rsa", PKI_KEY_RSA, "x.example");
	SEE("a-ec", PKI_KEY_EC, "x.example");
	assert_int_equal(clash_warn(&clash), 0);
	SEE("b-rsa", PKI_KEY_RSA, "x.example");
	assert_int_equal(clash_warn(&clash), 1);
	clash_free(&clash);
}

static void
many_names_are_no_trouble(void **state)
{
	struct clash clash = {NULL, 0, 0};

	(void)state;
	for (int i = 0; i < 1000; i++)
		SEE(i % 2 == 0 ? "a" : "b", PKI_KEY_EC, "x", "y", "z");
	assert_int_equal(clash.count, 3000);
	assert_int_equal(clash_warn(&clash), 1);
	clash_free(&clash);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_of_one_lineage_are_no_clash),
	    cmocka_unit_test(two_lineages_are_one_warning),
	    cmocka_unit_test(a_pair_of_two_kinds_of_key_is_no_clash),
	    cmocka_unit_test(many_names_are_no_trouble),
	};

	return cmocka_run_group_tests_name("clash", tests, NULL, NULL);
}
