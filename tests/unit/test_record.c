/*
 * test_record.c: what is saved is what is loaded, and what somebody else wrote
 * into the store is no record.
 */
#include "cert/record.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/scratch.h"

static const char name[] = "a.example";

struct store_dir {
	void *scratch;
	struct record_store *store;
	struct err err;
};

static int
make(void **state)
{
	struct store_dir *dir = calloc(1, sizeof(*dir));

	assert_non_null(dir);
	assert_return_code(scratch_setup(&dir->scratch), 0);
	assert_return_code(record_store_open(scratch_path(&dir->scratch, "s"),
			       &dir->store, &dir->err),
	    0);
	*state = dir;
	return 0;
}

static int
clear(void **state)
{
	struct store_dir *dir = *state;
	int rc;

	record_store_close(dir->store);
	rc = scratch_teardown(&dir->scratch);
	free(dir);
	return rc;
}

static const char *
path_of(const struct store_dir *dir, const char *file)
{
	char path[300];

	(void)snprintf(path, sizeof(path), "s/lineages/%s", file);
	return scratch_path(&dir->scratch, path);
}

static void
put(const struct store_dir *dir, const char *file, const char *text)
{
	char path[300];

	(void)snprintf(path, sizeof(path), "s/lineages/%s", file);
	scratch_write(&dir->scratch, path, text, strlen(text), 0600);
}

/* A record with something in every field. */
static void
fill(struct record *record)
{
	memset(record, 0, sizeof(*record));
	(void)snprintf(
	    record->lineage.name, sizeof(record->lineage.name), "%s", name);
	(void)snprintf(record->lineage.dir, sizeof(record->lineage.dir),
	    "/etc/let s\xc3\xa9ncrypt/live/%s", name);
	record->installed = true;
	memset(record->digest, 0x0a, sizeof(record->digest));
	memset(record->replaced, 0xff, sizeof(record->replaced));
	memset(record->leaf_sha1, 0x10, sizeof(record->leaf_sha1));
	memset(record->leaf_sha256, 0x01, sizeof(record->leaf_sha256));
	record->not_after_s = 1795000000;
	record->source.generation = LIMIT_LINEAGE_GENERATION;
	for (int i = 0; i < LINEAGE_KINDS; i++)
		record->source.files[i] = (struct fs_ident){
		    65026, 77U + i, 1234, 1795000000123456789 + i, -5};
	record->bundle = (struct fs_ident){
	    ULLONG_MAX, ULLONG_MAX, ULLONG_MAX, LLONG_MAX, LLONG_MIN};
	record->proved = true;
	record->proved_s = 1795000001;
	(void)snprintf(record->proved_by, sizeof(record->proved_by), "%s",
	    "4711:1795000000,4712:1795000002");
	record->held = record->out = record->revoked = true;
	(void)snprintf(record->begun, sizeof(record->begun), "delete");
	record->reload_due = true;
	record->pending = true;
	record->replaced_ours = record->replaced_out = true;
	memset(record->intent, 0x5a, sizeof(record->intent));
	memcpy(record->leaf_serial, "0A1B2C", sizeof("0A1B2C"));
	record->failure.present = true;
	record->failure.first_s = 1795000003;
	record->failure.last_s = 1795000004;
	record->failure.attempts = UINT_MAX;
	record->failure.code = ERR_HAPROXY;
	(void)snprintf(record->failure.text, sizeof(record->failure.text), "%s",
	    "Can't commit /etc/haproxy/ssl/a.example.pem!");
	memset(record->taken.config, 0x3c, sizeof(record->taken.config));
	memset(record->taken.digest, 0xa5, sizeof(record->taken.digest));
	memset(
	    record->taken.leaf_sha256, 0x33, sizeof(record->taken.leaf_sha256));
	(void)snprintf(record->taken.path, sizeof(record->taken.path), "%s",
	    "/etc/haproxy/ssl/b.example.pem");
}

static void
save(struct store_dir *dir, const struct record *record)
{
	assert_return_code(record_save(dir->store, record, true, &dir->err), 0);
}

/* Loads `name` into `ret`, which is full of rubbish before. */
static void
load(struct store_dir *dir, struct record *ret)
{
	memset(ret, 0xa5, sizeof(*ret));
	assert_return_code(record_load(dir->store, name, ret, &dir->err), 0);
	assert_int_equal(dir->err.code, 0);
}

static void
expect_none(struct store_dir *dir)
{
	struct record loaded, none = {0};

	memcpy(none.lineage.name, name, sizeof(name));
	load(dir, &loaded);
	assert_memory_equal(&loaded, &none, sizeof(none));
}

static void
every_field_comes_back(void **state)
{
	struct store_dir *dir = *state;
	struct record record, loaded;

	fill(&record);
	save(dir, &record);
	load(dir, &loaded);
	assert_memory_equal(&loaded, &record, sizeof(record));

	memset(&record, 0, sizeof(record));
	memcpy(record.lineage.name, name, sizeof(name));
	save(dir, &record);
	expect_none(dir);
}

static void
no_file_is_an_empty_record(void **state)
{
	expect_none(*state);
}

static void
files_are_for_us_alone(void **state)
{
	struct store_dir *dir = *state;
	struct record record;
	struct stat st;

	fill(&record);
	save(dir, &record);
	assert_return_code(stat(path_of(dir, name), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_return_code(stat(path_of(dir, "."), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
}

static void
an_equal_record_is_not_written_and_another_one_is(void **state)
{
	struct store_dir *dir = *state;
	struct record record;
	struct stat before, after;
	int fd;

	fill(&record);
	save(dir, &record);
	/* Held open, so that its inode's number is not given again. */
	fd = open(path_of(dir, name), O_RDONLY | O_CLOEXEC);
	assert_return_code(fd, 0);
	assert_return_code(fstat(fd, &before), 0);
	save(dir, &record);
	assert_return_code(stat(path_of(dir, name), &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	record.failure.attempts--;
	assert_return_code(
	    record_save(dir->store, &record, true, &dir->err), 0);
	assert_return_code(stat(path_of(dir, name), &after), 0);
	assert_int_not_equal(before.st_ino, after.st_ino);
	assert_return_code(close(fd), 0);
}

static void
a_failure_is_one_clean_line_without_a_key(void **state)
{
	struct store_dir *dir = *state;
	struct record record, loaded;

	fill(&record);
	(void)snprintf(record.failure.text, sizeof(record.failure.text), "%s",
	    "one\ninstalled yes\r\n\x1b[31m\xff "
	    "-----BEGIN PRIVATE KEY-----\nMIIsecret\n"
	    "-----END PRIVATE KEY-----\n\n");
	save(dir, &record);
	load(dir, &loaded);
	assert_true(loaded.failure.present);
	assert_memory_equal(loaded.failure.text, "one installed yes", 17);
	assert_null(strpbrk(loaded.failure.text, "\n\r\x1b"));
	assert_null(strstr(loaded.failure.text, "secret"));
	memset(record.failure.text, 'x', sizeof(record.failure.text));
	record.failure.text[sizeof(record.failure.text) - 1] = '\0';
	save(dir, &record);
	load(dir, &loaded);
	assert_string_equal(loaded.failure.text, record.failure.text);
}

static void
what_would_not_come_back_is_not_saved(void **state)
{
	struct store_dir *dir = *state;
	struct record record;

	fill(&record);
	memcpy(record.lineage.dir, "/a\nb", 5);
	assert_int_equal(
	    record_save(dir->store, &record, true, &dir->err), ERR_INVALID);
	memcpy(record.lineage.dir, "a", 2);
	assert_int_equal(
	    record_save(dir->store, &record, true, &dir->err), ERR_INVALID);
	memcpy(record.lineage.name, "../a", 5);
	assert_int_equal(
	    record_save(dir->store, &record, true, &dir->err), ERR_USAGE);
	assert_int_equal(
	    record_load(dir->store, "../a", &record, &dir->err), ERR_USAGE);
	assert_int_equal(
	    record_remove(dir->store, "../a", &dir->err), ERR_USAGE);
}

static void
a_file_that_others_may_write_or_that_is_huge_is_none(void **state)
{
	struct store_dir *dir = *state;
	struct record record;

	fill(&record);
	save(dir, &record);
	assert_return_code(chmod(path_of(dir, name), 0602), 0);
	expect_none(dir);
	save(dir, &record);
	assert_return_code(truncate(path_of(dir, name), 20000000), 0);
	expect_none(dir);
	assert_return_code(unlink(path_of(dir, name)), 0);
	assert_return_code(mkdir(path_of(dir, name), 0700), 0);
	expect_none(dir);
}

static void
garbage_is_none_and_the_next_save_mends_it(void **state)
{
	struct store_dir *dir = *state;
	struct record record, loaded;

	put(dir, name, "certhaul-record 1\nwhatever");
	expect_none(dir);
	fill(&record);
	save(dir, &record);
	load(dir, &loaded);
	assert_memory_equal(&loaded, &record, sizeof(record));
}

static void
a_store_that_others_may_write_is_refused(void **state)
{
	struct store_dir *dir = *state;
	struct record_store *store = NULL;

	assert_return_code(chmod(path_of(dir, "."), 0707), 0);
	assert_int_equal(record_store_open(scratch_path(&dir->scratch, "s"),
			     &store, &dir->err),
	    ERR_UNSAFE);
	assert_null(store);
}

static void
a_state_directory_that_others_may_write_is_refused(void **state)
{
	struct store_dir *dir = *state;
	struct record_store *store = NULL;
	const char *path = scratch_path(&dir->scratch, "s");

	assert_return_code(chmod(path, 01777), 0);
	assert_int_equal(
	    record_store_open(path, &store, &dir->err), ERR_UNSAFE);
	assert_string_equal(dir->err.on, path);
	assert_non_null(strstr(dir->err.detail, "chmod"));
	assert_null(store);
	assert_return_code(chmod(path, 0755), 0);
	assert_return_code(record_store_open(path, &store, &dir->err), 0);
	record_store_close(store);
}

/* What it points to might be ours, but was not chosen by us. */
static void
a_link_is_no_store_and_no_record(void **state)
{
	struct store_dir *dir = *state;
	struct record_store *store = NULL;
	const char *path = scratch_path(&dir->scratch, "s");
	struct record record;

	fill(&record);
	save(dir, &record);
	assert_return_code(rename(path_of(dir, name), path_of(dir, "b")), 0);
	assert_return_code(symlink("b", path_of(dir, name)), 0);
	expect_none(dir);
	assert_return_code(rename(scratch_path(&dir->scratch, "s/lineages"),
			       scratch_path(&dir->scratch, "t")),
	    0);
	assert_return_code(
	    symlink("../t", scratch_path(&dir->scratch, "s/lineages")), 0);
	assert_int_equal(
	    record_store_open(path, &store, &dir->err), ERR_UNSAFE);
	assert_null(store);
}

static void
names_are_sorted_and_only_records(void **state)
{
	static const char *const saved[] = {"b", "a.example", "B", "a-z", "c"};
	static const char *const sorted[] = {"B", "a-z", "a.example", "c"};
	const struct timeval old[2] = {{1000000000, 0}, {1000000000, 0}};
	struct store_dir *dir = *state;
	struct record record = {0};
	char **names = NULL;
	size_t count = 99;

	assert_return_code(
	    record_names(dir->store, &names, &count, &dir->err), 0);
	assert_int_equal(count, 0);
	lineage_names_free(names, count);
	for (size_t i = 0; i < COUNT_OF(saved); i++) {
		memcpy(record.lineage.name, saved[i], strlen(saved[i]) + 1);
		save(dir, &record);
	}
	assert_return_code(record_remove(dir->store, "b", &dir->err), 0);
	assert_return_code(record_remove(dir->store, "b", &dir->err), 0);
	put(dir, FS_STAGE_PREFIX "new", "half");
	put(dir, FS_STAGE_PREFIX "old", "half");
	assert_return_code(utimes(path_of(dir, FS_STAGE_PREFIX "old"), old), 0);
	assert_return_code(
	    record_names(dir->store, &names, &count, &dir->err), 0);
	assert_int_equal(count, COUNT_OF(sorted));
	for (size_t i = 0; i < count; i++)
		assert_string_equal(names[i], sorted[i]);
	lineage_names_free(names, count);
	assert_int_equal(access(path_of(dir, FS_STAGE_PREFIX "old"), F_OK), -1);
	assert_int_equal(access(path_of(dir, FS_STAGE_PREFIX "new"), F_OK), 0);
}

#define WITH_STORE(test) cmocka_unit_test_setup_teardown(test, make, clear)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_STORE(every_field_comes_back),
	    WITH_STORE(no_file_is_an_empty_record),
	    WITH_STORE(files_are_for_us_alone),
	    WITH_STORE(an_equal_record_is_not_written_and_another_one_is),
	    WITH_STORE(a_failure_is_one_clean_line_without_a_key),
	    WITH_STORE(what_would_not_come_back_is_not_saved),
	    WITH_STORE(a_file_that_others_may_write_or_that_is_huge_is_none),
	    WITH_STORE(garbage_is_none_and_the_next_save_mends_it),
	    WITH_STORE(a_store_that_others_may_write_is_refused),
	    WITH_STORE(a_state_directory_that_others_may_write_is_refused),
	    WITH_STORE(a_link_is_no_store_and_no_record),
	    WITH_STORE(names_are_sorted_and_only_records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
