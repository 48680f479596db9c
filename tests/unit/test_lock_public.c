/*
 * test_lock_public.c: where everybody may make files (/run/lock), nobody keeps
 * us from our lock, nothing that he chose is touched, and there is one holder.
 */
#include "base/lock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "tests/unit/scratch.h"

enum { THEM = 4711, ROUNDS = 100, RACERS = 4 };

static int
setup(void **state)
{
	if (scratch_setup(state) != 0)
		return -1;
	return chmod(*state, 01777);
}

static void
plant_file(void *const *state, const char *path)
{
	scratch_write(state, "lock", "1\n", 2, 0666);
	assert_int_equal(chown(path, THEM, THEM), 0);
}

static void
plant_link(void *const *state, const char *path)
{
	(void)state;
	assert_int_equal(symlink("victim", path), 0);
	assert_int_equal(lchown(path, THEM, THEM), 0);
}

static void
plant_dangling_link(void *const *state, const char *path)
{
	(void)state;
	assert_int_equal(symlink("nowhere", path), 0);
	assert_int_equal(lchown(path, THEM, THEM), 0);
}

static void
plant_hard_link(void *const *state, const char *path)
{
	assert_int_equal(link(scratch_path(state, "victim"), path), 0);
}

static void
plant_fifo(void *const *state, const char *path)
{
	(void)state;
	assert_int_equal(mkfifo(path, 0666), 0);
	assert_int_equal(chown(path, THEM, THEM), 0);
}

static void
plant_directory(void *const *state, const char *path)
{
	(void)state;
	assert_int_equal(mkdir(path, 0777), 0);
	assert_int_equal(chown(path, THEM, THEM), 0);
}

static void
plant_full_directory(void *const *state, const char *path)
{
	plant_directory(state, path);
	scratch_write(state, "lock/full", "", 0, 0644);
}

/* What the directory has in it. */
static unsigned
count_names(void *const *state)
{
	DIR *dir = opendir(*state);
	unsigned count = 0;

	assert_non_null(dir);
	while (readdir(dir) != NULL)
		count++;
	(void)closedir(dir);
	return count - 2;
}

static void
what_others_laid_there_does_not_stop_us(void **state)
{
	static void (*const plant[])(void *const *, const char *) = {plant_file,
	    plant_link, plant_dangling_link, plant_hard_link, plant_fifo,
	    plant_directory, plant_full_directory};
	const char *path = scratch_path(state, "lock");
	struct lock *lock = NULL, *other = NULL;
	struct err err = ERR_INIT;
	struct stat st;

	if (geteuid() != 0)
		skip();
	scratch_write(state, "victim", "precious", 8, 0644);
	for (size_t i = 0; i < COUNT_OF(plant); i++) {
		plant[i](state, path);
		/* To look changes nothing. */
		assert_int_equal(lock_probe(path, &err), 0);
		assert_int_equal(count_names(state), 2);
		assert_int_equal(lock_take(path, 0, &lock, &err), 0);
		assert_int_equal(err.code, 0);
		assert_int_equal(lock_take(path, 0, &other, &err), ERR_LOCKED);
		assert_int_equal(lstat(path, &st), 0);
		assert_true(S_ISREG(st.st_mode));
		assert_int_equal(st.st_uid, geteuid());
		assert_int_equal(st.st_mode & 07777, 0600);
		lock_release(lock);
		assert_int_equal(unlink(path), 0);
		/* Of theirs nothing is left, but a directory that is full. */
		assert_int_equal(count_names(state),
		    plant[i] == plant_full_directory ? 2 : 1);
		err_clear(&err);
	}
	assert_int_equal(stat(scratch_path(state, "victim"), &st), 0);
	assert_int_equal(st.st_size, 8);
	assert_int_equal(st.st_nlink, 1);
	assert_int_equal(access(scratch_path(state, "nowhere"), F_OK), -1);
}

static void
a_file_of_ours_that_is_open_to_others_is_refused_all_the_same(void **state)
{
	const char *path = scratch_path(state, "lock");
	struct err err = ERR_INIT;
	struct lock *lock = NULL;

	scratch_write(state, "lock", "", 0, 0666);
	assert_int_equal(lock_take(path, 0, &lock, &err), ERR_UNSAFE);
	assert_non_null(strstr(err.detail, "chmod"));
	assert_int_equal(lock_probe(path, &err), ERR_UNSAFE);
}

/* Once `start` closes: takes the lock, and is alone in what it guards. */
static void
race(int start, const char *path, const char *inside)
{
	struct err err = ERR_INIT;
	struct lock *lock = NULL;
	char byte;
	int fd;

	(void)!read(start, &byte, 1);
	if (lock_take(path, 60000, &lock, &err) < 0)
		_exit(1);
	fd = open(inside, O_CREAT | O_EXCL | O_WRONLY, 0600);
	if (fd < 0)
		_exit(2);
	clock_pause_ms(1);
	if (unlink(inside) != 0)
		_exit(3);
	lock_release(lock);
	_exit(0);
}

static void
all_who_put_it_out_of_the_way_at_once_hold_one_after_the_other(void **state)
{
	char *path = NULL, *inside = NULL;
	pid_t pids[RACERS];
	int start[2], status;

	if (geteuid() != 0)
		skip();
	/* To outlive the many paths of the rounds. */
	path = strdup(scratch_path(state, "lock"));
	inside = strdup(scratch_path(state, "inside"));
	assert_non_null(path);
	assert_non_null(inside);
	for (int round = 0; round < ROUNDS; round++) {
		plant_file(state, path);
		assert_int_equal(pipe(start), 0);
		for (int i = 0; i < RACERS; i++) {
			pids[i] = fork();
			assert_true(pids[i] >= 0);
			if (pids[i] == 0) {
				(void)close(start[1]);
				race(start[0], path, inside);
			}
		}
		(void)close(start[0]);
		(void)close(start[1]);
		for (int i = 0; i < RACERS; i++) {
			assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
			assert_int_equal(status, 0);
		}
		assert_int_equal(unlink(path), 0);
		assert_int_equal(count_names(state), 0);
	}
	free(path);
	free(inside);
}

#define HERE(test)                                                             \
	cmocka_unit_test_setup_teardown(test, setup, scratch_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    HERE(what_others_laid_there_does_not_stop_us),
	    HERE(a_file_of_ours_that_is_open_to_others_is_refused_all_the_same),
	    HERE(
		all_who_put_it_out_of_the_way_at_once_hold_one_after_the_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
