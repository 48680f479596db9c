/*
 * test_record_batch.c: records that are saved without a sync of their own take
 * their places at the sync of all, or when the store is closed.
 */
#include "cert/record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/scratch.h"

enum { MANY = LIMIT_BATCH + 3 };

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
save(struct record_store *store, int number, time_t not_after_s)
{
	struct record record = {.installed = true, .not_after_s = not_after_s};
	struct err err = ERR_INIT;

	(void)snprintf(record.lineage.name, sizeof(record.lineage.name),
	    "n%d.example", number);
	(void)snprintf(record.lineage.dir, sizeof(record.lineage.dir),
	    "/etc/letsencrypt/live/n%d.example", number);
	assert_return_code(record_save(store, &record, false, &err), 0);
}

static time_t
load(struct record_store *store, int number)
{
	struct err err = ERR_INIT;
	struct record record;
	char name[32];

	(void)snprintf(name, sizeof(name), "n%d.example", number);
	assert_return_code(record_load(store, name, &record, &err), 0);
	return record.not_after_s;
}

static void
they_take_their_places_at_the_sync(void **state)
{
	struct record_store *store = open_store(state);
	struct err err = ERR_INIT;

	save(store, 1, 100);
	assert_int_equal(load(store, 1), 0);
	assert_return_code(record_sync(store, &err), 0);
	assert_int_equal(load(store, 1), 100);
	record_store_close(store);
}

static void
the_last_of_two_saves_wins(void **state)
{
	struct record_store *store = open_store(state);
	struct err err = ERR_INIT;

	save(store, 1, 100);
	save(store, 1, 200);
	assert_return_code(record_sync(store, &err), 0);
	assert_int_equal(load(store, 1), 200);
	record_store_close(store);
}

static void
a_save_of_what_is_on_disk_ends_one_that_waits(void **state)
{
	struct record_store *store = open_store(state);
	struct err err = ERR_INIT;

	save(store, 1, 100);
	assert_return_code(record_sync(store, &err), 0);
	save(store, 1, 200);
	save(store, 1, 100);
	assert_return_code(record_sync(store, &err), 0);
	assert_int_equal(load(store, 1), 100);
	record_store_close(store);
}

static void
closing_the_store_loses_none(void **state)
{
	struct record_store *store = open_store(state);

	for (int i = 0; i < MANY; i++)
		save(store, i, 1000 + i);
	record_store_close(store);
	store = open_store(state);
	for (int i = 0; i < MANY; i++)
		assert_int_equal(load(store, i), 1000 + i);
	record_store_close(store);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(they_take_their_places_at_the_sync,
		scratch_setup, scratch_teardown),
	    cmocka_unit_test_setup_teardown(
		the_last_of_two_saves_wins, scratch_setup, scratch_teardown),
	    cmocka_unit_test_setup_teardown(
		a_save_of_what_is_on_disk_ends_one_that_waits, scratch_setup,
		scratch_teardown),
	    cmocka_unit_test_setup_teardown(
		closing_the_store_loses_none, scratch_setup, scratch_teardown),
	};

	return cmocka_run_group_tests_name("record_batch", tests, NULL, NULL);
}
