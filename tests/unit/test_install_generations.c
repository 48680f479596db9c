/*
 * test_install_generations.c: the bundle that was replaced is kept, once, and
 * comes back as it was.
 */
#include "cert/install.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/install_dirs.h"

static const char name[] = "a.example";
static const char file[] = "a.example.pem";

/* The folder of the one lineage, made where it is not there. */
static const char *
folder_of(const struct install_dirs *dirs)
{
	static char folder[512];

	(void)snprintf(
	    folder, sizeof(folder), "%s/%s", dirs->generations, name);
	(void)mkdir(folder, 0700);
	return folder;
}

static void
stat_in(const char *dir, const char *entry, struct stat *ret)
{
	char path[1024];

	(void)snprintf(path, sizeof(path), "%s/%s", dir, entry);
	assert_return_code(lstat(path, ret), 0);
}

/* Exactly the generations whose numbers are given, newest first. */
static void
expect_numbers(struct install_dirs *dirs, size_t count, const long *expected)
{
	long found[LIMIT_GENERATIONS];

	assert_int_equal(install_generations(dirs->install, name, found,
			     COUNT_OF(found), &dirs->err),
	    count);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(found[i], expected[i]);
}

#define EXPECT_NUMBERS(dirs, ...)                                              \
	expect_numbers(dirs, COUNT_OF(((const long[]){__VA_ARGS__})),          \
	    (const long[]){__VA_ARGS__})

static void
the_old_inode_is_the_generation(void **state)
{
	struct install_dirs *dirs = *state;
	struct install_staged staged = {0};
	struct buf pem = BUF_INIT(1024);
	struct stat before, after;

	install_dirs_deploy(dirs, name, "one\n", &staged);
	assert_false(staged.kept);
	stat_in(dirs->bundles, file, &before);
	install_dirs_deploy(dirs, name, "two\n", &staged);
	assert_true(staged.kept);
	stat_in(folder_of(dirs), "1.pem", &after);
	assert_int_equal(before.st_ino, after.st_ino);
	assert_int_equal(after.st_nlink, 1);
	assert_return_code(
	    install_generation_read(dirs->install, name, 1, &pem, &dirs->err),
	    0);
	assert_string_equal(buf_text(&pem), "one\n");
	assert_true(pem.secret);
	for (long number = -1; number < 3; number++) {
		if (number == 1)
			continue;
		assert_int_equal(install_generation_read(dirs->install, name,
				     number, &pem, &dirs->err),
		    ERR_NOENT);
	}
	buf_free(&pem);
}

static void
numbers_grow_and_only_the_newest_are_kept(void **state)
{
	struct install_dirs *dirs = *state;
	struct install_staged staged = {0};
	char text[32];
	long two[2];

	for (int i = 0; i < 8; i++) {
		(void)snprintf(text, sizeof(text), "bundle %d\n", i);
		install_dirs_deploy(dirs, name, text, &staged);
	}
	EXPECT_NUMBERS(dirs, 7, 6, 5);
	install_dirs_expect(folder_of(dirs), "5.pem", "bundle 4\n");
	assert_int_equal(
	    install_generations(dirs->install, name, two, 2, &dirs->err), 2);
	assert_int_equal(two[1], 6);
	dirs->policy.generations = 0;
	install_dirs_reopen(dirs);
	install_dirs_deploy(dirs, name, "last\n", &staged);
	EXPECT_NUMBERS(dirs, 8);
}

static void
what_is_not_named_as_a_generation_is_none(void **state)
{
	static const char *const strays[] = {"01.pem", "0.pem", "1.pem.bak",
	    "100000000.pem", "a.pem", ".pem", "-1.pem", "1"};
	struct install_dirs *dirs = *state;
	struct install_staged staged = {0};

	for (size_t i = 0; i < COUNT_OF(strays); i++)
		install_dirs_put(folder_of(dirs), strays[i], "stray\n");
	install_dirs_deploy(dirs, name, "one\n", &staged);
	install_dirs_deploy(dirs, name, "two\n", &staged);
	EXPECT_NUMBERS(dirs, 1);
	assert_return_code(install_forget(dirs->install, name, &dirs->err), 0);
	assert_int_equal(install_dirs_count(folder_of(dirs)), COUNT_OF(strays));
}

static void
after_the_last_number_nothing_is_staged(void **state)
{
	struct install_dirs *dirs = *state;
	struct install_staged staged = {0};

	install_dirs_put(folder_of(dirs), "99999999.pem", "last\n");
	install_dirs_deploy(dirs, name, "one\n", &staged);
	assert_int_equal(
	    install_dirs_stage(dirs, name, "two\n", &staged), ERR_LIMIT);
	assert_int_equal(install_dirs_count(dirs->bundles), 1);
	install_dirs_expect(dirs->bundles, file, "one\n");
}

static void
a_generation_that_a_killed_run_made_is_reused(void **state)
{
	struct install_dirs *dirs = *state;
	struct install_staged staged = {0};

	install_dirs_deploy(dirs, name, "one\n", &staged);
	assert_return_code(install_dirs_stage(dirs, name, "two\n", &staged), 0);
	install_dirs_reopen(dirs);
	assert_int_equal(install_sweep(dirs->install), 1);
	install_dirs_deploy(dirs, name, "two\n", &staged);
	EXPECT_NUMBERS(dirs, 1);

	/* The same bytes, but another inode: a copy that was made. */
	install_dirs_put(folder_of(dirs), "2.pem", "two\n");
	install_dirs_deploy(dirs, name, "three\n", &staged);
	assert_true(staged.kept);
	EXPECT_NUMBERS(dirs, 2, 1);
}

static void
the_same_bundle_is_not_kept_twice(void **state)
{
	struct install_dirs *dirs = *state;
	struct install_staged staged = {0};

	install_dirs_deploy(dirs, name, "one\n", &staged);
	install_dirs_deploy(dirs, name, "two\n", &staged);
	install_dirs_deploy(dirs, name, "one\n", &staged);
	EXPECT_NUMBERS(dirs, 2, 1);
	install_dirs_deploy(dirs, name, "tri\n", &staged);
	EXPECT_NUMBERS(dirs, 3, 2);
	install_dirs_expect(folder_of(dirs), "3.pem", "one\n");
	install_dirs_expect(folder_of(dirs), "2.pem", "two\n");
}

static void
restore_brings_back_bundle_and_history(void **state)
{
	struct install_dirs *dirs = *state;
	struct install_staged staged = {0};
	struct stat before, after;

	install_dirs_deploy(dirs, name, "one\n", &staged);
	install_dirs_deploy(dirs, name, "two\n", &staged);
	stat_in(dirs->bundles, file, &before);
	dirs->policy.owner.mode = 0600;
	install_dirs_reopen(dirs);
	install_dirs_deploy(dirs, name, "three\n", &staged);
	assert_return_code(
	    install_restore(dirs->install, &staged, &dirs->err), 0);
	install_dirs_expect(dirs->bundles, file, "two\n");
	stat_in(dirs->bundles, file, &after);
	assert_int_equal(after.st_ino, before.st_ino);
	assert_int_equal(after.st_mode & 07777, 0640);
	EXPECT_NUMBERS(dirs, 1);
	assert_int_equal(install_dirs_count(dirs->bundles), 1);
}

static void
restore_removes_what_had_nothing_before_it(void **state)
{
	struct install_dirs *dirs = *state;
	struct install_staged staged = {0};

	install_dirs_deploy(dirs, name, "one\n", &staged);
	assert_return_code(
	    install_restore(dirs->install, &staged, &dirs->err), 0);
	assert_return_code(
	    install_restore(dirs->install, &staged, &dirs->err), 0);
	assert_int_equal(install_dirs_count(dirs->bundles), 0);
}

static void
a_later_run_restores_by_name_alone(void **state)
{
	struct install_dirs *dirs = *state;
	struct install_staged staged = {0}, later = {.kept = true};

	install_dirs_deploy(dirs, name, "one\n", &staged);
	install_dirs_deploy(dirs, name, "two\n", &staged);
	install_dirs_reopen(dirs);
	memcpy(later.name, name, sizeof(name));
	assert_return_code(
	    install_restore(dirs->install, &later, &dirs->err), 0);
	install_dirs_expect(dirs->bundles, file, "one\n");
	assert_int_equal(
	    install_restore(dirs->install, &later, &dirs->err), ERR_NOENT);
	install_dirs_expect(dirs->bundles, file, "one\n");
}

static void
restore_before_publish_changes_only_the_history(void **state)
{
	struct install_dirs *dirs = *state;
	struct install_staged staged = {0};

	install_dirs_deploy(dirs, name, "one\n", &staged);
	assert_return_code(install_dirs_stage(dirs, name, "two\n", &staged), 0);
	assert_return_code(
	    install_restore(dirs->install, &staged, &dirs->err), 0);
	install_dirs_expect(dirs->bundles, file, "one\n");
	assert_int_equal(install_dirs_count(folder_of(dirs)), 0);
	install_discard(dirs->install, &staged);
}

static void
on_another_file_system_a_copy_is_kept_and_comes_back(void **state)
{
	struct install_dirs *dirs = *state;
	struct install_staged staged = {0};
	struct stat st;

	if (dirs == NULL) {
		skip();
		return; /* for the analyzer: skip() does not return */
	}
	install_dirs_deploy(dirs, name, "one\n", &staged);
	dirs->policy.owner.mode = 0600;
	install_dirs_reopen(dirs);
	install_dirs_deploy(dirs, name, "two\n", &staged);
	stat_in(folder_of(dirs), "1.pem", &st);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(st.st_gid, dirs->policy.owner.gid);
	install_dirs_expect(folder_of(dirs), "1.pem", "one\n");
	assert_int_equal(install_dirs_count(folder_of(dirs)), 1);

	assert_return_code(
	    install_restore(dirs->install, &staged, &dirs->err), 0);
	install_dirs_expect(dirs->bundles, file, "one\n");
	stat_in(dirs->bundles, file, &st);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(install_dirs_count(folder_of(dirs)), 0);
	assert_int_equal(install_dirs_count(dirs->bundles), 1);

	/* Killed after stage: the copy has the same bytes and is reused. */
	assert_return_code(install_dirs_stage(dirs, name, "two\n", &staged), 0);
	install_dirs_reopen(dirs);
	install_dirs_deploy(dirs, name, "two\n", &staged);
	EXPECT_NUMBERS(dirs, 1);
	assert_return_code(install_sync(dirs->install, NULL, &dirs->err), 0);
}

static void
what_a_killed_copy_left_goes_with_the_next_publish(void **state)
{
	struct install_dirs *dirs = *state;
	struct install_staged staged = {0};

	install_dirs_deploy(dirs, name, "one\n", &staged);
	install_dirs_put(folder_of(dirs), FS_STAGE_PREFIX "0", "ha");
	install_dirs_deploy(dirs, name, "two\n", &staged);
	assert_int_equal(install_dirs_count(folder_of(dirs)), 1);
}

static void
forget_removes_all_generations_and_the_folder(void **state)
{
	struct install_dirs *dirs = *state;
	struct install_staged staged = {0};
	long numbers[1];

	assert_return_code(install_forget(dirs->install, name, &dirs->err), 0);
	install_dirs_deploy(dirs, name, "one\n", &staged);
	install_dirs_deploy(dirs, name, "two\n", &staged);
	install_dirs_deploy(dirs, name, "three\n", &staged);
	assert_return_code(install_forget(dirs->install, name, &dirs->err), 0);
	install_dirs_reopen(dirs);
	assert_int_equal(install_dirs_count(dirs->generations), 0);
	assert_int_equal(
	    install_generations(dirs->install, name, numbers, 1, &dirs->err),
	    0);
	install_dirs_expect(dirs->bundles, file, "three\n");
}

/* Somebody else's bundle, with what may be the only copy of its key. */
static void
an_original_is_neither_pruned_nor_forgotten(void **state)
{
	struct install_dirs *dirs = *state;
	struct install_staged staged = {0};
	char path[LIMIT_PATH_BYTES];

	assert_false(install_original(dirs->install, name, path, sizeof(path)));
	for (int round = 0; round < 2; round++) {
		install_dirs_put(
		    dirs->bundles, file, round == 0 ? "bought\n" : "again\n");
		/* What is discarded takes it back; what is there stays. */
		for (int i = 0; i < 3; i++) {
			assert_return_code(
			    install_dirs_stage(dirs, name, "ours\n", &staged),
			    0);
			assert_return_code(install_keep_original(dirs->install,
					       &staged, &dirs->err),
			    0);
			assert_int_equal(staged.original, round + 1);
			if (i < 2)
				install_discard(dirs->install, &staged);
		}
		assert_return_code(
		    install_publish(dirs->install, &staged, &dirs->err), 0);
	}
	assert_true(install_original(dirs->install, name, path, sizeof(path)));
	for (int i = 0; i < 9; i++)
		install_dirs_deploy(
		    dirs, name, i % 2 == 0 ? "a\n" : "b\n", &staged);
	assert_return_code(install_forget(dirs->install, name, &dirs->err), 0);
	assert_int_equal(install_dirs_count(folder_of(dirs)), 2);
	install_dirs_expect(folder_of(dirs), "original.pem", "bought\n");
	install_dirs_expect(folder_of(dirs), "original-2.pem", "again\n");
	/* The same once more is there. */
	install_dirs_put(dirs->bundles, file, "again\n");
	assert_return_code(
	    install_dirs_stage(dirs, name, "ours\n", &staged), 0);
	assert_return_code(
	    install_keep_original(dirs->install, &staged, &dirs->err), 0);
	assert_int_equal(staged.original, 0);
	install_discard(dirs->install, &staged);
	assert_int_equal(install_dirs_count(folder_of(dirs)), 2);
}

#define WITH_DIRS(test)                                                        \
	cmocka_unit_test_setup_teardown(                                       \
	    test, install_dirs_make, install_dirs_remove)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_DIRS(the_old_inode_is_the_generation),
	    WITH_DIRS(numbers_grow_and_only_the_newest_are_kept),
	    WITH_DIRS(what_is_not_named_as_a_generation_is_none),
	    WITH_DIRS(after_the_last_number_nothing_is_staged),
	    WITH_DIRS(a_generation_that_a_killed_run_made_is_reused),
	    WITH_DIRS(the_same_bundle_is_not_kept_twice),
	    WITH_DIRS(restore_brings_back_bundle_and_history),
	    WITH_DIRS(restore_removes_what_had_nothing_before_it),
	    WITH_DIRS(a_later_run_restores_by_name_alone),
	    WITH_DIRS(restore_before_publish_changes_only_the_history),
	    cmocka_unit_test_setup_teardown(
		on_another_file_system_a_copy_is_kept_and_comes_back,
		install_dirs_make_apart, install_dirs_remove),
	    WITH_DIRS(what_a_killed_copy_left_goes_with_the_next_publish),
	    WITH_DIRS(forget_removes_all_generations_and_the_folder),
	    WITH_DIRS(an_original_is_neither_pruned_nor_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
