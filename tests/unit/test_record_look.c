/*
 * test_record_look.c: who only looks at the records makes nothing, and takes
 * nothing away.
 */
#include "cert/record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/scratch.h"

static void
without_records_there_are_none_and_none_are_made(void **state)
{
	const char *path = scratch_path(state, "none");
	struct record_store *store = NULL;
	struct err err = ERR_INIT;

	assert_int_equal(record_store_open_look(path, &store, &err), ERR_NOENT);
	assert_null(store);
	assert_int_equal(access(path, F_OK), -1);
}

static void
a_look_loads_lists_and_leaves_what_is_staged(void **state)
{
	const struct timeval old[2] = {{1000000000, 0}, {1000000000, 0}};
	const char *path = scratch_path(state, "s");
	struct record record = {.lineage.name = "a.example", .not_after_s = 7};
	struct record loaded;
	struct record_store *store = NULL;
	struct err err = ERR_INIT;
	const char *staged;
	char **names = NULL;
	size_t count = 0;

	assert_int_equal(record_store_open(path, &store, &err), 0);
	assert_int_equal(record_save(store, &record, true, &err), 0);
	record_store_close(store);
	scratch_write(
	    state, "s/lineages/" FS_STAGE_PREFIX "old", "half", 4, 0600);
	staged = scratch_path(state, "s/lineages/" FS_STAGE_PREFIX "old");
	assert_int_equal(utimes(staged, old), 0);

	assert_int_equal(record_store_open_look(path, &store, &err), 0);
	assert_int_equal(record_names(store, &names, &count, &err), 0);
	assert_int_equal(count, 1);
	assert_string_equal(names[0], "a.example");
	assert_int_equal(record_load(store, names[0], &loaded, &err), 0);
	assert_memory_equal(&loaded, &record, sizeof(record));
	lineage_names_free(names, count);
	record_store_close(store);
	assert_int_equal(access(staged, F_OK), 0);

	/* The next run at work does take it away. */
	assert_int_equal(record_store_open(path, &store, &err), 0);
	assert_int_equal(record_names(store, &names, &count, &err), 0);
	lineage_names_free(names, count);
	record_store_close(store);
	assert_int_equal(access(staged, F_OK), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		without_records_there_are_none_and_none_are_made, scratch_setup,
		scratch_teardown),
	    cmocka_unit_test_setup_teardown(
		a_look_loads_lists_and_leaves_what_is_staged, scratch_setup,
		scratch_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
