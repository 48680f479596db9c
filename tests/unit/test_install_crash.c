/*
 * test_install_crash.c: the crash table of install.h, step by step; and what a
 * user without the rights is told. (tests/fault kills the real program.)
 */
#include "cert/install.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/install_dirs.h"

static const char name[] = "a.example";
static const char file[] = "a.example.pem";

enum step { STAGED, SYNCED, PUBLISHED, SETTLED, STEPS };

/* As far as `last`; then nothing is tidied up, as in a killed run. */
static void
run_until(struct install_dirs *dirs, enum step last, bool batch)
{
	struct install_staged staged = {0};
	struct install *install = dirs->install;

	assert_return_code(install_dirs_stage(dirs, name, "new\n", &staged), 0);
	if (last >= SYNCED)
		assert_return_code(
		    install_sync(install, batch ? NULL : &staged, &dirs->err),
		    0);
	if (last >= PUBLISHED)
		assert_return_code(
		    install_publish(install, &staged, &dirs->err), 0);
	if (last >= SETTLED)
		assert_return_code(install_settle(install, &dirs->err), 0);
	install_dirs_reopen(dirs);
}

static void
expect_history(struct install_dirs *dirs, const char *newest, int count)
{
	struct buf pem = BUF_SECRET(1024);
	long numbers[8];

	assert_int_equal(
	    install_generations(dirs->install, name, numbers, 8, &dirs->err),
	    count);
	assert_return_code(install_generation_read(dirs->install, name,
			       numbers[0], &pem, &dirs->err),
	    0);
	assert_string_equal(buf_text(&pem), newest);
	buf_free(&pem);
}

static void
killed_after_any_step_the_next_run_ends_it(void **state)
{
	struct install_dirs *dirs = *state;
	struct install_staged staged = {0};

	for (int i = 0; i < 2 * STEPS; i++) {
		enum step last = (enum step)(i / 2);
		bool published = last >= PUBLISHED;

		assert_return_code(
		    install_forget(dirs->install, name, &dirs->err), 0);
		install_dirs_deploy(dirs, name, "older\n", &staged);
		assert_return_code(
		    install_forget(dirs->install, name, &dirs->err), 0);
		install_dirs_deploy(dirs, name, "old\n", &staged);
		run_until(dirs, last, i % 2 != 0);

		install_dirs_expect(
		    dirs->bundles, file, published ? "new\n" : "old\n");
		expect_history(dirs, "old\n", 2);
		assert_int_equal(
		    install_sweep(dirs->install), published ? 0 : 1);
		assert_int_equal(install_dirs_count(dirs->bundles), 1);
		if (!published)
			install_dirs_deploy(dirs, name, "new\n", &staged);
		install_dirs_expect(dirs->bundles, file, "new\n");
		expect_history(dirs, "old\n", 2);
	}
}

static void
a_first_bundle_is_there_or_not(void **state)
{
	struct install_dirs *dirs = *state;

	run_until(dirs, SYNCED, false);
	install_dirs_expect(dirs->bundles, file, NULL);
	assert_int_equal(install_sweep(dirs->install), 1);
	assert_int_equal(install_dirs_count(dirs->bundles), 0);
	run_until(dirs, PUBLISHED, false);
	install_dirs_expect(dirs->bundles, file, "new\n");
}

static void
a_hidden_bundle_comes_back(void **state)
{
	struct install_dirs *dirs = *state;
	struct install_staged hidden = {0};

	install_dirs_deploy(dirs, name, "old\n", &hidden);
	assert_return_code(
	    install_hide(dirs->install, name, &hidden, &dirs->err), 0);
	install_dirs_reopen(dirs);
	assert_int_equal(install_sweep(dirs->install), 1);
	install_dirs_expect(dirs->bundles, file, "old\n");
	assert_int_equal(install_dirs_count(dirs->bundles), 1);
	assert_int_equal(install_sweep(dirs->install), 0);
}

static void
a_hidden_bundle_gives_way_to_a_new_one(void **state)
{
	struct install_dirs *dirs = *state;
	struct install_staged hidden = {0}, staged = {0};

	install_dirs_deploy(dirs, name, "old\n", &hidden);
	assert_return_code(
	    install_hide(dirs->install, name, &hidden, &dirs->err), 0);
	install_dirs_deploy(dirs, name, "new\n", &staged);
	assert_int_equal(install_sweep(dirs->install), 1);
	install_dirs_expect(dirs->bundles, file, "new\n");
	assert_int_equal(install_dirs_count(dirs->bundles), 1);
}

static void
sweep_touches_nothing_that_is_not_ours(void **state)
{
	static const char *const theirs[] = {"README", "b.example.pem",
	    ".hidden", ".certhaul", INSTALL_HIDDEN_PREFIX "-b.pem",
	    INSTALL_HIDDEN_PREFIX ".pem", INSTALL_HIDDEN_PREFIX "b.example",
	    INSTALL_HIDDEN_PREFIX "b;c.pem"};
	struct install_dirs *dirs = *state;

	for (size_t i = 0; i < COUNT_OF(theirs); i++)
		install_dirs_put(dirs->bundles, theirs[i], "theirs\n");
	install_dirs_put(dirs->bundles, FS_STAGE_PREFIX "0123", "ours\n");
	assert_int_equal(install_sweep(dirs->install), 1);
	for (size_t i = 0; i < COUNT_OF(theirs); i++)
		install_dirs_expect(dirs->bundles, theirs[i], "theirs\n");
	assert_int_equal(install_dirs_count(dirs->bundles), COUNT_OF(theirs));
}

static void
a_killed_run_is_known_by_its_mark(void **state)
{
	struct install_dirs *dirs = *state;
	struct install_staged staged = {0};
	struct install *other = NULL;

	assert_false(install_was_killed(dirs->install));
	assert_return_code(install_dirs_stage(dirs, name, "new\n", &staged), 0);
	assert_return_code(install_open(&dirs->policy, &other, &dirs->err), 0);
	assert_true(install_was_killed(other));
	assert_int_equal(install_sweep(other), 1);
	assert_false(install_was_killed(other));
	install_close(other);
	/* One that may be hidden still. */
	install_dirs_reopen(dirs);
	install_dirs_deploy(dirs, name, "old\n", &staged);
	install_dirs_reopen(dirs);
	assert_false(install_was_killed(dirs->install));
	assert_return_code(
	    install_hide(dirs->install, name, &staged, &dirs->err), 0);
	install_dirs_reopen(dirs);
	assert_true(install_was_killed(dirs->install));
}

/* A run over all bundles that is killed with one hidden, else staged. */
static void
sweep_and_be_killed(struct install_dirs *dirs, bool hide)
{
	struct install_staged staged = {0};
	struct install *install = NULL;
	int status = -1;
	pid_t child;

	child = fork();
	assert_return_code(child, errno);
	if (child == 0) {
		if (install_open(&dirs->policy, &install, &dirs->err) < 0)
			_exit(1);
		(void)install_sweep(install);
		dirs->install = install;
		if ((hide ? install_hide(install, name, &staged, &dirs->err)
			  : install_dirs_stage(dirs, name, "new\n", &staged)) ==
		    0)
			(void)raise(SIGKILL);
		_exit(1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
}

static void
one_that_swept_first_leaves_its_mark_too(void **state)
{
	struct install_dirs *dirs = *state;
	struct install_staged staged = {0};

	/* The second finds the mark of the first, and makes its own. */
	for (int i = 0; i < 2; i++) {
		sweep_and_be_killed(dirs, false);
		assert_true(install_was_killed(dirs->install));
	}
	assert_int_equal(install_sweep(dirs->install), 1);
	assert_false(install_was_killed(dirs->install));
	install_dirs_deploy(dirs, name, "old\n", &staged);
	install_dirs_reopen(dirs);
	sweep_and_be_killed(dirs, true);
	assert_true(install_was_killed(dirs->install));
	assert_int_equal(install_sweep(dirs->install), 1);
	install_dirs_expect(dirs->bundles, file, "old\n");
	assert_false(install_was_killed(dirs->install));
}

/* It is a directory, which nobody unlinks. */
static void
a_mark_stays_where_something_is_left(void **state)
{
	struct install_dirs *dirs = *state;
	struct install_staged staged = {0};
	char path[PATH_MAX];

	(void)snprintf(
	    path, sizeof(path), "%s/%s0123", dirs->bundles, FS_STAGE_PREFIX);
	assert_return_code(mkdir(path, 0700), errno);
	sweep_and_be_killed(dirs, false);
	assert_int_equal(install_sweep(dirs->install), 1);
	install_dirs_deploy(dirs, name, "new\n", &staged);
	install_dirs_reopen(dirs);
	assert_true(install_was_killed(dirs->install));
	assert_return_code(rmdir(path), errno);
	assert_int_equal(install_sweep(dirs->install), 0);
	assert_false(install_was_killed(dirs->install));
}

/* What a child that is nobody found. */
struct verdict {
	int code;
	struct err err;
};

enum { NOBODY = 65534 };

/*
 * Opens and stages as nobody, in a child: there is no way back from setuid().
 * The verdict comes through a pipe.
 */
static struct verdict
stage_as_nobody(struct install_dirs *dirs)
{
	struct verdict verdict = {0};
	int ends[2], status = -1;
	pid_t pid;

	assert_return_code(pipe(ends), 0);
	pid = fork();
	assert_return_code(pid, 0);
	if (pid == 0) {
		struct install_staged staged = {0};

		if (setgroups(0, NULL) < 0 || setgid(NOBODY) < 0 ||
		    setuid(NOBODY) < 0)
			_exit(1);
		install_close(dirs->install);
		dirs->install = NULL;
		dirs->policy.owner.uid = NOBODY;
		verdict.code =
		    install_open(&dirs->policy, &dirs->install, &dirs->err);
		if (verdict.code == 0)
			verdict.code =
			    install_dirs_stage(dirs, name, "new\n", &staged);
		verdict.err = dirs->err;
		install_close(dirs->install);
		if (write(ends[1], &verdict, sizeof(verdict)) !=
		    (ssize_t)sizeof(verdict))
			_exit(2);
		_exit(0);
	}
	assert_return_code(close(ends[1]), 0);
	assert_int_equal(
	    read(ends[0], &verdict, sizeof(verdict)), sizeof(verdict));
	assert_return_code(close(ends[0]), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	return verdict;
}

static void
expect_denied(struct install_dirs *dirs, const char *on)
{
	struct verdict verdict = stage_as_nobody(dirs);

	assert_int_equal(verdict.code, ERR_PERM);
	assert_string_equal(verdict.err.on, on);
	assert_non_null(strstr(verdict.err.detail, "nobody"));
	install_dirs_expect(dirs->bundles, file, "old\n");
	assert_int_equal(install_dirs_count(dirs->bundles), 1);
}

static void
without_a_right_nothing_changes_and_path_and_user_are_named(void **state)
{
	struct install_dirs *dirs = *state;
	struct install_staged staged = {0};
	char path[512];

	if (geteuid() != 0)
		skip();
	install_dirs_deploy(dirs, name, "old\n", &staged);
	assert_return_code(chmod(dirs->root, 0755), 0);
	expect_denied(dirs, dirs->bundles);

	assert_return_code(chown(dirs->bundles, NOBODY, NOBODY), 0);
	(void)snprintf(path, sizeof(path), "%s/%s", dirs->bundles, file);
	assert_return_code(chown(path, NOBODY, NOBODY), 0);
	(void)snprintf(path, sizeof(path), "%s/state", dirs->root);
	assert_return_code(chmod(path, 0755), 0);
	expect_denied(dirs, dirs->generations);

	assert_return_code(chown(dirs->generations, NOBODY, NOBODY), 0);
	(void)snprintf(path, sizeof(path), "%s/%s", dirs->generations, name);
	assert_return_code(mkdir(path, 0755), 0);
	(void)snprintf(
	    path, sizeof(path), "%s/%s/1.pem", dirs->generations, name);
	expect_denied(dirs, path);

	(void)snprintf(path, sizeof(path), "%s/%s", dirs->generations, name);
	assert_return_code(chown(path, NOBODY, NOBODY), 0);
	assert_int_equal(stage_as_nobody(dirs).code, 0);
}

#define WITH_DIRS(test)                                                        \
	cmocka_unit_test_setup_teardown(                                       \
	    test, install_dirs_make, install_dirs_remove)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_DIRS(killed_after_any_step_the_next_run_ends_it),
	    WITH_DIRS(a_first_bundle_is_there_or_not),
	    WITH_DIRS(a_hidden_bundle_comes_back),
	    WITH_DIRS(a_killed_run_is_known_by_its_mark),
	    WITH_DIRS(one_that_swept_first_leaves_its_mark_too),
	    WITH_DIRS(a_mark_stays_where_something_is_left),
	    WITH_DIRS(a_hidden_bundle_gives_way_to_a_new_one),
	    WITH_DIRS(sweep_touches_nothing_that_is_not_ours),
	    WITH_DIRS(
		without_a_right_nothing_changes_and_path_and_user_are_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
