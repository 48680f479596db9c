/*
 * test_record_intent.c: what a batch sets out to do is one file, and counts
 * only until the records that it was made over are saved anew.
 */
#include "cert/record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/scratch.h"

enum { MANY = LIMIT_INTENTS + 3 };

static const char intents[] = "s/lineages/.intents";

static struct record_store *
open_store(void **state)
{
	struct record_store *store = NULL;
	struct err err = ERR_INIT;

	assert_return_code(
	    record_store_open(scratch_path(state, "s"), &store, &err), 0);
	return store;
}

static void
load(struct record_store *store, int number, struct record *ret)
{
	struct err err = ERR_INIT;
	char name[32];

	(void)snprintf(name, sizeof(name), "n%d.example", number);
	assert_return_code(record_load(store, name, ret, &err), 0);
}

static time_t
time_in(struct record_store *store, int number)
{
	struct record record;

	load(store, number, &record);
	return record.not_after_s;
}

/* A run loads the record, and sets out to make it another. */
static void
intend(struct record_store *store, int number, time_t not_after_s)
{
	struct err err = ERR_INIT;
	struct record record;

	load(store, number, &record);
	record.installed = true;
	record.not_after_s = not_after_s;
	assert_return_code(record_intend(store, &record, &err), 0);
}

static void
save(struct record_store *store, int number, time_t not_after_s)
{
	struct err err = ERR_INIT;
	struct record record;

	load(store, number, &record);
	record.not_after_s = not_after_s;
	assert_return_code(record_save(store, &record, false, &err), 0);
	assert_return_code(record_sync(store, &err), 0);
}

static void
sync_intents(struct record_store *store)
{
	struct err err = ERR_INIT;

	assert_return_code(record_sync_intents(store, &err), 0);
}

static bool
is_there(void **state, const char *file)
{
	return access(scratch_path(state, file), F_OK) == 0;
}

/* A run that is killed: what it has on disk is what the next one finds. */
static struct record_store *
killed(void **state)
{
	return open_store(state);
}

static void
they_outlive_a_run_that_is_killed(void **state)
{
	struct record_store *store = open_store(state), *next = NULL;
	struct stat st;

	save(store, 1, 100);
	intend(store, 1, 200);
	intend(store, 2, 300);
	sync_intents(store);
	assert_return_code(stat(scratch_path(state, intents), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	next = killed(state);
	assert_int_equal(time_in(next, 1), 200);
	assert_int_equal(time_in(next, 2), 300);
	assert_int_equal(time_in(next, 3), 0);
	record_store_close(next);
	assert_true(is_there(state, intents));
	record_store_close(store);
}

static void
a_record_that_is_saved_ends_them(void **state)
{
	struct record_store *store = open_store(state), *next = NULL;

	save(store, 1, 100);
	intend(store, 1, 200);
	intend(store, 2, 200);
	sync_intents(store);
	save(store, 1, 400);
	/* The file has it yet, and it is not believed any more. */
	next = killed(state);
	assert_int_equal(time_in(next, 1), 400);
	assert_int_equal(time_in(next, 2), 200);
	record_store_close(next);
	save(store, 2, 500);
	record_store_close(store);
	assert_false(is_there(state, intents));
	store = open_store(state);
	assert_int_equal(time_in(store, 1), 400);
	assert_int_equal(time_in(store, 2), 500);
	record_store_close(store);
}

static void
one_who_only_looks_leaves_the_file(void **state)
{
	struct record_store *store = open_store(state), *next = NULL;

	intend(store, 1, 200);
	sync_intents(store);
	save(store, 1, 400);
	next = killed(state);
	assert_int_equal(time_in(next, 1), 400);
	record_store_close(next);
	assert_true(is_there(state, intents));
	record_store_close(store);
}

static void
names_are_those_of_intents_too(void **state)
{
	struct record_store *store = open_store(state), *next = NULL;
	struct err err = ERR_INIT;
	char **names = NULL;
	size_t count = 0;

	save(store, 1, 100);
	intend(store, 1, 200);
	intend(store, 0, 200);
	sync_intents(store);
	next = killed(state);
	assert_return_code(record_names(next, &names, &count, &err), 0);
	assert_int_equal(count, 2);
	assert_string_equal(names[0], "n0.example");
	assert_string_equal(names[1], "n1.example");
	lineage_names_free(names, count);
	/* Removed for good: a kill brings back neither record nor intent. */
	assert_return_code(record_remove(next, "n0.example", &err), 0);
	assert_return_code(record_remove(next, "n1.example", &err), 0);
	record_store_close(store);
	store = killed(state);
	assert_return_code(record_names(store, &names, &count, &err), 0);
	assert_int_equal(count, 0);
	lineage_names_free(names, count);
	record_store_close(store);
	record_store_close(next);
}

static void
a_damaged_file_is_none(void **state)
{
	struct record_store *store = open_store(state);
	char text[4096];
	size_t len;
	FILE *file;

	intend(store, 1, 200);
	intend(store, 2, 300);
	sync_intents(store);
	file = fopen(scratch_path(state, intents), "re");
	assert_non_null(file);
	len = fread(text, 1, sizeof(text), file);
	assert_in_range(len, 100, sizeof(text) - 1);
	(void)fclose(file);
	record_store_close(store);
	for (size_t cut = 0; cut < len; cut += 7) {
		scratch_write(state, intents, text, cut, 0600);
		store = open_store(state);
		assert_int_equal(time_in(store, 1), 0);
		assert_int_equal(time_in(store, 2), 0);
		record_store_close(store);
	}
	scratch_write(state, intents, text, len, 0600);
	store = open_store(state);
	assert_int_equal(time_in(store, 1), 200);
	record_store_close(store);
	/* Others may write it. */
	scratch_write(state, intents, text, len, 0666);
	store = open_store(state);
	assert_int_equal(time_in(store, 1), 0);
	record_store_close(store);
}

static void
those_past_the_last_place_are_saved_themselves(void **state)
{
	struct record_store *store = open_store(state), *next = NULL;

	for (int i = 0; i < MANY; i++)
		intend(store, i, 1000 + i);
	sync_intents(store);
	next = killed(state);
	for (int i = 0; i < MANY; i++)
		assert_int_equal(time_in(next, i), 1000 + i);
	record_store_close(next);
	record_store_close(store);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(they_outlive_a_run_that_is_killed,
		scratch_setup, scratch_teardown),
	    cmocka_unit_test_setup_teardown(a_record_that_is_saved_ends_them,
		scratch_setup, scratch_teardown),
	    cmocka_unit_test_setup_teardown(one_who_only_looks_leaves_the_file,
		scratch_setup, scratch_teardown),
	    cmocka_unit_test_setup_teardown(names_are_those_of_intents_too,
		scratch_setup, scratch_teardown),
	    cmocka_unit_test_setup_teardown(
		a_damaged_file_is_none, scratch_setup, scratch_teardown),
	    cmocka_unit_test_setup_teardown(
		those_past_the_last_place_are_saved_themselves, scratch_setup,
		scratch_teardown),
	};

	return cmocka_run_group_tests_name("record_intent", tests, NULL, NULL);
}
