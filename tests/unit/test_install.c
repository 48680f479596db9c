/*
 * test_install.c: the crt directory has the old bundle or the new one, with
 * the policy's owner, and nothing of anybody else's is followed or replaced.
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

static void
stage_is_a_dot_file_with_the_owner_and_publish_renames_it(void **state)
{
	struct install_dirs *dirs = *state;
	struct install_staged staged = {0};
	struct install_state seen = {0};
	struct stat st;
	char path[512];

	assert_return_code(
	    install_dirs_stage(dirs, "a.example", "new\n", &staged), 0);
	assert_memory_equal(
	    staged.tmp, FS_STAGE_PREFIX, strlen(FS_STAGE_PREFIX));
	assert_false(staged.kept);
	install_dirs_expect(dirs->bundles, "a.example.pem", NULL);
	(void)snprintf(path, sizeof(path), "%s/%s", dirs->bundles, staged.tmp);
	assert_return_code(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(st.st_gid, dirs->policy.owner.gid);

	assert_return_code(
	    install_publish(dirs->install, &staged, &dirs->err), 0);
	assert_string_equal(staged.tmp, "");
	install_dirs_expect(dirs->bundles, "a.example.pem", "new\n");
	assert_int_equal(install_dirs_count(dirs->bundles), 1);
	assert_return_code(
	    install_stat(dirs->install, "a.example", &seen, &dirs->err), 0);
	assert_true(seen.exists);
	assert_int_equal(seen.ident.ino, st.st_ino);
	assert_true(install_owner_ok(dirs->install, &seen));
	seen.owner.mode = 0644;
	assert_false(install_owner_ok(dirs->install, &seen));
}

static void
absent_is_a_state_and_to_read_it_an_error(void **state)
{
	struct install_dirs *dirs = *state;
	struct install_state seen = {.exists = true};
	struct buf pem = BUF_INIT(1024);

	assert_return_code(
	    install_stat(dirs->install, "a.example", &seen, &dirs->err), 0);
	assert_false(seen.exists);
	assert_false(install_owner_ok(dirs->install, &seen));
	assert_int_equal(
	    install_read(dirs->install, "a.example", &pem, &dirs->err),
	    ERR_NOENT);
	assert_non_null(strstr(dirs->err.on, "/ssl/a.example.pem"));
}

static void
read_gives_the_bytes_as_a_secret(void **state)
{
	struct install_dirs *dirs = *state;
	struct install_staged staged = {0};
	struct buf pem = BUF_INIT(1024);

	install_dirs_deploy(dirs, "a.example", "bundle\n", &staged);
	assert_return_code(
	    install_read(dirs->install, "a.example", &pem, &dirs->err), 0);
	assert_string_equal(buf_text(&pem), "bundle\n");
	assert_true(pem.secret);
	buf_free(&pem);
	pem.max_bytes = 3;
	assert_int_equal(
	    install_read(dirs->install, "a.example", &pem, &dirs->err),
	    ERR_LIMIT);
	buf_free(&pem);
}

/* Each call that would look at, replace or move NAME.pem. */
static void
expect_refused(struct install_dirs *dirs, const char *name, int code)
{
	struct install_staged staged = {0};
	struct install_state seen = {0};
	struct buf pem = BUF_SECRET(1024);

	assert_int_equal(
	    install_dirs_stage(dirs, name, "new\n", &staged), code);
	assert_int_equal(
	    install_read(dirs->install, name, &pem, &dirs->err), code);
	assert_int_equal(
	    install_hide(dirs->install, name, &staged, &dirs->err), code);
	assert_int_equal(
	    install_stat(dirs->install, name, &seen, &dirs->err), code);
	buf_free(&pem);
}

static void
a_symlink_is_never_followed_and_the_error_says_what_to_do(void **state)
{
	struct install_dirs *dirs = *state;
	char link[512], target[512];

	install_dirs_put(dirs->root, "target", "theirs\n");
	(void)snprintf(link, sizeof(link), "%s/a.example.pem", dirs->bundles);
	(void)snprintf(target, sizeof(target), "%s/target", dirs->root);
	assert_return_code(symlink(target, link), 0);
	expect_refused(dirs, "a.example", ERR_SYNTAX);
	assert_string_equal(dirs->err.on, link);
	assert_non_null(strstr(dirs->err.detail, "symbolic link"));
	assert_non_null(strstr(dirs->err.detail, "remove it"));
	install_dirs_expect(dirs->root, "target", "theirs\n");
	assert_int_equal(install_dirs_count(dirs->bundles), 1);
	assert_int_equal(install_dirs_count(dirs->generations), 0);
}

static void
what_is_no_file_is_left_alone(void **state)
{
	struct install_dirs *dirs = *state;
	char path[512];

	(void)snprintf(path, sizeof(path), "%s/a.example.pem", dirs->bundles);
	assert_return_code(mkdir(path, 0755), 0);
	expect_refused(dirs, "a.example", ERR_SYNTAX);
	assert_non_null(strstr(dirs->err.detail, "not a regular file"));
	assert_int_equal(install_dirs_count(dirs->bundles), 1);
}

static void
a_name_that_leaves_the_directory_is_refused_everywhere(void **state)
{
	static const char *const names[] = {
	    "../a", "", ".", "a/b", "-a", "a\n"};
	struct install_dirs *dirs = *state;
	struct install_staged staged = {0};
	struct buf pem = BUF_SECRET(1024);
	char path[512];
	long numbers[1];

	for (size_t i = 0; i < COUNT_OF(names); i++) {
		expect_refused(dirs, names[i], ERR_USAGE);
		(void)snprintf(
		    staged.name, sizeof(staged.name), "%s", names[i]);
		assert_int_equal(
		    install_publish(dirs->install, &staged, &dirs->err),
		    ERR_USAGE);
		assert_int_equal(
		    install_restore(dirs->install, &staged, &dirs->err),
		    ERR_USAGE);
		assert_int_equal(
		    install_forget(dirs->install, names[i], &dirs->err),
		    ERR_USAGE);
		assert_int_equal(install_generations(dirs->install, names[i],
				     numbers, 1, &dirs->err),
		    ERR_USAGE);
		assert_int_equal(install_generation_read(dirs->install,
				     names[i], 1, &pem, &dirs->err),
		    ERR_USAGE);
		assert_int_equal(install_path(dirs->install, names[i], path,
				     sizeof(path), &dirs->err),
		    ERR_USAGE);
	}
}

static void
the_longest_name_has_room_in_every_form(void **state)
{
	struct install_dirs *dirs = *state;
	char name[LIMIT_LINEAGE_NAME_BYTES + 2];
	struct install_staged staged = {0};
	char path[512];

	memset(name, 'a', sizeof(name));
	name[LIMIT_LINEAGE_NAME_BYTES] = '\0';
	install_dirs_deploy(dirs, name, "one\n", &staged);
	install_dirs_deploy(dirs, name, "two\n", &staged);
	assert_return_code(
	    install_hide(dirs->install, name, &staged, &dirs->err), 0);
	assert_return_code(
	    install_unhide(dirs->install, &staged, &dirs->err), 0);
	assert_return_code(
	    install_path(dirs->install, name, path, sizeof(path), &dirs->err),
	    0);
	assert_return_code(access(path, R_OK), 0);
	assert_int_equal(
	    install_path(dirs->install, name, path, 100, &dirs->err),
	    ERR_LIMIT);
	name[LIMIT_LINEAGE_NAME_BYTES] = 'a';
	name[LIMIT_LINEAGE_NAME_BYTES + 1] = '\0';
	expect_refused(dirs, name, ERR_USAGE);
}

static void
no_bytes_are_no_bundle(void **state)
{
	struct install_dirs *dirs = *state;
	struct install_staged staged = {0};

	assert_int_equal(
	    install_dirs_stage(dirs, "a.example", "", &staged), ERR_INVALID);
	assert_int_equal(install_dirs_count(dirs->bundles), 0);
}

static void
a_directory_that_others_may_write_is_refused_with_the_chmod(void **state)
{
	struct install_dirs *dirs = *state;
	struct install *install = NULL;
	char detail[512];

	(void)snprintf(detail, sizeof(detail), "chmod go-w %s", dirs->bundles);
	assert_return_code(chmod(dirs->bundles, 0775), 0);
	assert_int_equal(
	    install_open(&dirs->policy, &install, &dirs->err), ERR_UNSAFE);
	assert_non_null(strstr(dirs->err.detail, detail));
	assert_return_code(chmod(dirs->bundles, 01777), 0);
	assert_int_equal(
	    install_open(&dirs->policy, &install, &dirs->err), ERR_UNSAFE);
	assert_return_code(chmod(dirs->bundles, 0755), 0);
	assert_return_code(chmod(dirs->generations, 0707), 0);
	assert_int_equal(
	    install_open(&dirs->policy, &install, &dirs->err), ERR_UNSAFE);
	assert_string_equal(dirs->err.on, dirs->generations);
	assert_return_code(chmod(dirs->generations, 0700), 0);
	assert_null(install);
	install_dirs_reopen(dirs);
}

static void
somebody_elses_directory_is_refused_with_the_chown(void **state)
{
	struct install_dirs *dirs = *state;
	struct install *install = NULL;

	if (geteuid() != 0)
		skip();
	assert_return_code(chown(dirs->bundles, 65534, 65534), 0);
	assert_int_equal(
	    install_open(&dirs->policy, &install, &dirs->err), ERR_UNSAFE);
	assert_non_null(strstr(dirs->err.detail, "uid 65534"));
	assert_non_null(strstr(dirs->err.detail, "chown root"));
}

static void
the_two_directories_must_be_two(void **state)
{
	struct install_dirs *dirs = *state;
	struct install_policy policy = dirs->policy;
	struct install *install = NULL;

	policy.generations_dir = policy.bundle_dir;
	assert_int_equal(install_open(&policy, &install, &dirs->err), ERR_CONF);
	policy.bundle_dir = "/nonexistent/ssl";
	assert_int_equal(
	    install_open(&policy, &install, &dirs->err), ERR_NOENT);
	assert_null(install);
}

static void
generations_are_for_us_alone(void **state)
{
	struct install_dirs *dirs = *state;
	struct install_staged staged = {0};
	struct stat st;
	char path[512];

	install_dirs_deploy(dirs, "a.example", "one\n", &staged);
	install_dirs_deploy(dirs, "a.example", "two\n", &staged);
	assert_return_code(stat(dirs->generations, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	(void)snprintf(path, sizeof(path), "%s/a.example", dirs->generations);
	assert_return_code(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
}

static void
discard_leaves_nothing_and_is_no_op_the_second_time(void **state)
{
	struct install_dirs *dirs = *state;
	struct install_staged staged = {0};
	char folder[512];

	install_dirs_deploy(dirs, "a.example", "old\n", &staged);
	assert_return_code(
	    install_dirs_stage(dirs, "a.example", "new\n", &staged), 0);
	assert_true(staged.kept);
	install_discard(dirs->install, &staged);
	install_discard(dirs->install, &staged);
	assert_false(staged.kept);
	install_dirs_expect(dirs->bundles, "a.example.pem", "old\n");
	assert_int_equal(install_dirs_count(dirs->bundles), 1);
	(void)snprintf(
	    folder, sizeof(folder), "%s/a.example", dirs->generations);
	assert_int_equal(install_dirs_count(folder), 0);

	install_dirs_deploy(dirs, "a.example", "new\n", &staged);
	install_discard(dirs->install, &staged);
	install_dirs_expect(dirs->bundles, "a.example.pem", "new\n");
	assert_int_equal(install_dirs_count(folder), 1);
}

static void
hidden_is_out_of_sight_until_it_is_brought_back_or_discarded(void **state)
{
	struct install_dirs *dirs = *state;
	struct install_staged hidden = {0};

	assert_int_equal(
	    install_hide(dirs->install, "a.example", &hidden, &dirs->err),
	    ERR_NOENT);
	install_dirs_deploy(dirs, "a.example", "old\n", &hidden);
	assert_return_code(
	    install_hide(dirs->install, "a.example", &hidden, &dirs->err), 0);
	install_dirs_expect(dirs->bundles, "a.example.pem", NULL);
	install_dirs_expect(dirs->bundles, hidden.tmp, "old\n");
	assert_int_equal(hidden.tmp[0], '.');
	assert_return_code(
	    install_unhide(dirs->install, &hidden, &dirs->err), 0);
	assert_return_code(
	    install_unhide(dirs->install, &hidden, &dirs->err), 0);
	install_dirs_expect(dirs->bundles, "a.example.pem", "old\n");
	assert_return_code(
	    install_hide(dirs->install, "a.example", &hidden, &dirs->err), 0);
	install_discard(dirs->install, &hidden);
	assert_int_equal(install_dirs_count(dirs->bundles), 0);
}

#define WITH_DIRS(test)                                                        \
	cmocka_unit_test_setup_teardown(                                       \
	    test, install_dirs_make, install_dirs_remove)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_DIRS(
		stage_is_a_dot_file_with_the_owner_and_publish_renames_it),
	    WITH_DIRS(absent_is_a_state_and_to_read_it_an_error),
	    WITH_DIRS(read_gives_the_bytes_as_a_secret),
	    WITH_DIRS(
		a_symlink_is_never_followed_and_the_error_says_what_to_do),
	    WITH_DIRS(what_is_no_file_is_left_alone),
	    WITH_DIRS(a_name_that_leaves_the_directory_is_refused_everywhere),
	    WITH_DIRS(the_longest_name_has_room_in_every_form),
	    WITH_DIRS(no_bytes_are_no_bundle),
	    WITH_DIRS(
		a_directory_that_others_may_write_is_refused_with_the_chmod),
	    WITH_DIRS(somebody_elses_directory_is_refused_with_the_chown),
	    WITH_DIRS(the_two_directories_must_be_two),
	    WITH_DIRS(generations_are_for_us_alone),
	    WITH_DIRS(discard_leaves_nothing_and_is_no_op_the_second_time),
	    WITH_DIRS(
		hidden_is_out_of_sight_until_it_is_brought_back_or_discarded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
