/*
 * test_certlock.c: certbot's locks: taken without waiting, given back without a
 * trace. test_acme_store.sh holds them against certbot itself.
 */
#include "acme/certlock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/scratch.h"

static struct store_dirs dirs;

static int
setup(void **state)
{
	int rc = scratch_setup(state);

	/* scratch_path() serves eight calls before it takes one back. */
	dirs.config_dir = strdup(scratch_path(state, "c"));
	dirs.work_dir = strdup(scratch_path(state, "w"));
	dirs.logs_dir = strdup(scratch_path(state, "l"));
	return rc != 0 || mkdir(dirs.config_dir, 0755) != 0 ||
	    mkdir(dirs.work_dir, 0755) != 0 || mkdir(dirs.logs_dir, 0700) != 0;
}

static int
teardown(void **state)
{
	free((char *)(uintptr_t)dirs.config_dir);
	free((char *)(uintptr_t)dirs.work_dir);
	free((char *)(uintptr_t)dirs.logs_dir);
	return scratch_teardown(state);
}

/* What another process gets; record locks do not keep out one's own. */
static int
take_in_another(void)
{
	struct certlock *lock = NULL;
	struct err err = ERR_INIT;
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		int rc = certlock_take(&dirs, &lock, &err);

		certlock_release(lock);
		_exit(rc == 0 ? 0 : -rc);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return -WEXITSTATUS(status);
}

static void
there_is_one_holder_and_no_trace(void **state)
{
	const char *file = scratch_path(state, "l/.certbot.lock");
	struct certlock *lock = NULL;
	struct err err = ERR_INIT;
	struct stat st;

	assert_int_equal(certlock_take(&dirs, &lock, &err), 0);
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(
	    access(scratch_path(state, "c/.certbot.lock"), F_OK), 0);
	assert_int_equal(
	    access(scratch_path(state, "w/.certbot.lock"), F_OK), 0);
	assert_int_equal(take_in_another(), ERR_LOCKED);
	assert_int_equal(take_in_another(), ERR_LOCKED);
	certlock_release(lock);
	assert_int_not_equal(stat(file, &st), 0);
	assert_int_equal(take_in_another(), 0);
	assert_int_not_equal(stat(file, &st), 0);
	certlock_release(NULL);
}

static void
one_of_three_keeps_out(void **state)
{
	struct flock range = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int fd = open(
	    scratch_path(state, "w/.certbot.lock"), O_CREAT | O_RDWR, 0600);

	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_SETLK, &range), 0);
	assert_int_equal(take_in_another(), ERR_LOCKED);
	/* What it had taken before, it gave back. */
	assert_int_not_equal(
	    access(scratch_path(state, "l/.certbot.lock"), F_OK), 0);
	assert_int_equal(
	    access(scratch_path(state, "w/.certbot.lock"), F_OK), 0);
	(void)close(fd);
	assert_int_equal(take_in_another(), 0);
}

static void
one_directory_for_all_three_is_locked_once(void **state)
{
	static struct store_dirs kept; /* for the child, too: no leak */
	struct certlock *lock = NULL;
	struct err err = ERR_INIT;

	kept = dirs;
	assert_int_equal(symlink("c", scratch_path(state, "same")), 0);
	dirs.logs_dir = scratch_path(state, "c/");
	dirs.work_dir = scratch_path(state, "same");
	assert_int_equal(certlock_take(&dirs, &lock, &err), 0);
	assert_int_equal(take_in_another(), ERR_LOCKED);
	certlock_release(lock);
	assert_int_equal(take_in_another(), 0);
	dirs = kept;
}

static void
a_link_is_not_followed(void **state)
{
	struct certlock *lock = NULL;
	struct err err = ERR_INIT;

	assert_int_equal(
	    symlink("victim", scratch_path(state, "c/.certbot.lock")), 0);
	assert_int_equal(certlock_take(&dirs, &lock, &err), ERR_UNSAFE);
	assert_int_not_equal(access(scratch_path(state, "c/victim"), F_OK), 0);
	assert_int_equal(rmdir(dirs.work_dir), 0);
	assert_int_equal(unlink(scratch_path(state, "c/.certbot.lock")), 0);
	assert_int_equal(certlock_take(&dirs, &lock, &err), ERR_NOENT);
	assert_null(lock);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		there_is_one_holder_and_no_trace, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		one_of_three_keeps_out, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		one_directory_for_all_three_is_locked_once, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		a_link_is_not_followed, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
