/*
 * test_lock.c: one holder at a time, and no trap in a public directory.
 */
#include "base/lock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "tests/unit/scratch.h"

/* A process that holds the lock until its `go` is closed or it is killed. */
struct holder {
	pid_t pid;
	int go;
};

static struct holder
hold_elsewhere(const char *path)
{
	struct holder holder = {-1, -1};
	struct err err = ERR_INIT;
	struct lock *lock = NULL;
	int go[2], ready[2];
	char byte = 0;

	assert_int_equal(pipe(go), 0);
	assert_int_equal(pipe(ready), 0);
	holder.pid = fork();
	assert_true(holder.pid >= 0);
	if (holder.pid == 0) {
		(void)close(go[1]);
		if (lock_take(path, 0, &lock, &err) < 0 ||
		    write(ready[1], "r", 1) != 1)
			_exit(1);
		(void)!read(go[0], &byte, 1);
		lock_release(lock);
		_exit(0);
	}
	(void)close(go[0]);
	(void)close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	(void)close(ready[0]);
	holder.go = go[1];
	return holder;
}

static void
let_go(struct holder holder)
{
	int status;

	(void)close(holder.go);
	assert_int_equal(waitpid(holder.pid, &status, 0), holder.pid);
}

static void
it_is_held_until_released(void **state)
{
	const char *path = scratch_path(state, "lock");
	struct lock *lock = NULL, *other = NULL;
	struct err err = ERR_INIT;

	assert_int_equal(lock_take(path, 0, &lock, &err), 0);
	assert_int_equal(lock_take(path, 0, &other, &err), ERR_LOCKED);
	assert_null(other);
	assert_int_equal(lock_probe(path, &err), ERR_LOCKED);
	lock_release(lock);
	assert_int_equal(lock_probe(path, &err), 0);
	assert_int_equal(lock_take(path, 0, &other, &err), 0);
	lock_release(other);
	lock_release(NULL);
}

static void
the_file_is_private_and_names_us(void **state)
{
	const char *path = scratch_path(state, "lock");
	struct buf text = BUF_INIT(64);
	struct err err = ERR_INIT;
	struct lock *lock = NULL;
	char expected[32];
	struct stat st;

	scratch_write(state, "lock", "99999999999999999999\n", 21, 0600);
	assert_int_equal(lock_take(path, 0, &lock, &err), 0);
	assert_int_equal(
	    fs_read(AT_FDCWD, path, FS_TRUST_PRIVATE, &text, NULL, &err), 0);
	(void)snprintf(expected, sizeof(expected), "%ld\n", (long)getpid());
	assert_string_equal(buf_text(&text), expected);
	lock_release(lock);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(lock_take(path, 0, &lock, &err), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	lock_release(lock);
	assert_int_equal(stat(path, &st), 0);
	buf_free(&text);
}

static void
the_holder_is_named(void **state)
{
	const char *path = scratch_path(state, "lock");
	struct holder holder = hold_elsewhere(path);
	struct err err = ERR_INIT;
	struct lock *lock = NULL;
	char expected[32];

	(void)snprintf(
	    expected, sizeof(expected), "process %ld holds", (long)holder.pid);
	assert_int_equal(lock_take(path, 20, &lock, &err), ERR_LOCKED);
	assert_non_null(strstr(err.detail, expected));
	assert_int_equal(lock_probe(path, &err), ERR_LOCKED);
	assert_non_null(strstr(err.detail, expected));
	let_go(holder);
	assert_int_equal(lock_probe(path, &err), 0);
}

static void
waiting_lasts_as_long_as_asked(void **state)
{
	const char *path = scratch_path(state, "lock");
	struct holder holder = hold_elsewhere(path);
	int64_t began = clock_mono_ms();
	struct err err = ERR_INIT;
	struct lock *lock = NULL;

	assert_int_equal(lock_take(path, 150, &lock, &err), ERR_LOCKED);
	assert_true(clock_mono_ms() - began >= 149);
	let_go(holder);
}

static void
waiting_ends_when_it_is_given_back(void **state)
{
	const char *path = scratch_path(state, "lock");
	struct holder holder = hold_elsewhere(path);
	struct err err = ERR_INIT;
	struct lock *lock = NULL;
	int status;
	pid_t pid;

	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		(void)close(holder.go);
		_exit(lock_take(path, 60000, &lock, &err) == 0 ? 0 : 1);
	}
	/* Whether it waits already or not yet, it must get the lock. */
	let_go(holder);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void
it_ends_with_the_process(void **state)
{
	const char *path = scratch_path(state, "lock");
	struct holder holder = hold_elsewhere(path);
	struct err err = ERR_INIT;
	struct lock *lock = NULL;

	assert_int_equal(kill(holder.pid, SIGKILL), 0);
	let_go(holder);
	assert_int_equal(lock_take(path, 0, &lock, &err), 0);
	lock_release(lock);
}

static void
a_program_that_we_exec_does_not_inherit_it(void **state)
{
	const char *path = scratch_path(state, "lock");
	struct err err = ERR_INIT;
	struct lock *lock = NULL;
	struct pollfd ended = {-1, POLLIN, 0};
	int input[2], output[2], status;
	char byte;
	pid_t pid;

	assert_int_equal(lock_take(path, 0, &lock, &err), 0);
	assert_int_equal(pipe(input), 0);
	assert_int_equal(pipe(output), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		(void)dup2(input[0], 0);
		(void)dup2(output[1], 1);
		(void)close(input[1]);
		(void)execlp("cat", "cat", (char *)NULL);
		_exit(127);
	}
	/* It has been exec'd once it answers. */
	assert_int_equal(write(input[1], "x", 1), 1);
	assert_int_equal(read(output[0], &byte, 1), 1);
	lock_release(lock);
	assert_int_equal(lock_probe(path, &err), 0);
	(void)close(input[1]);
	(void)close(input[0]);
	(void)close(output[1]);
	ended.fd = output[0];
	assert_int_equal(poll(&ended, 1, 60000), 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	(void)close(output[0]);
}

static void
a_removed_file_is_made_anew(void **state)
{
	const char *path = scratch_path(state, "lock");
	struct lock *first = NULL, *second = NULL, *third = NULL;
	struct err err = ERR_INIT;

	assert_int_equal(lock_take(path, 0, &first, &err), 0);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(lock_take(path, 0, &second, &err), 0);
	lock_release(first);
	assert_int_equal(lock_take(path, 0, &third, &err), ERR_LOCKED);
	lock_release(second);
}

/* Has the process `pid` the file `path` open? */
static bool
has_open(pid_t pid, const char *path)
{
	char dir_path[64], target[4096];
	struct dirent *entry = NULL;
	bool found = false;
	DIR *dir = NULL;
	ssize_t len;

	(void)snprintf(dir_path, sizeof(dir_path), "/proc/%ld/fd", (long)pid);
	dir = opendir(dir_path);
	assert_non_null(dir);
	while (!found && (entry = readdir(dir)) != NULL) {
		len = readlinkat(
		    dirfd(dir), entry->d_name, target, sizeof(target) - 1);
		target[len > 0 ? len : 0] = '\0';
		found = strcmp(target, path) == 0;
	}
	(void)closedir(dir);
	return found;
}

static void
a_file_removed_while_we_wait_is_not_locked(void **state)
{
	const char *path = scratch_path(state, "lock");
	struct holder holder = hold_elsewhere(path);
	int64_t until_ms = clock_mono_ms() + 60000;
	struct err err = ERR_INIT;
	struct lock *lock = NULL;
	int status;
	pid_t pid;

	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		(void)close(holder.go);
		if (lock_take(path, 60000, &lock, &err) < 0)
			_exit(1);
		/* What we hold must be what the others will find. */
		_exit(lock_probe(path, &err) == ERR_LOCKED ? 0 : 2);
	}
	while (!has_open(pid, path) && clock_mono_ms() < until_ms)
		clock_pause_ms(1);
	assert_int_equal(unlink(path), 0);
	let_go(holder);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void
traps_are_refused(void **state)
{
	static const char *const traps[] = {
	    "link", "dang", "hard", "fifo", "open"};
	const char *path = NULL;
	struct err err = ERR_INIT;
	struct lock *lock = NULL;
	struct stat st;

	scratch_write(state, "victim", "precious", 8, 0600);
	assert_int_equal(symlink("victim", scratch_path(state, "link")), 0);
	assert_int_equal(symlink("nowhere", scratch_path(state, "dang")), 0);
	assert_int_equal(
	    link(scratch_path(state, "victim"), scratch_path(state, "hard")),
	    0);
	assert_int_equal(mkfifo(scratch_path(state, "fifo"), 0600), 0);
	scratch_write(state, "open", "", 0, 0666);
	for (size_t i = 0; i < COUNT_OF(traps); i++) {
		path = scratch_path(state, traps[i]);
		assert_int_equal(lock_take(path, 0, &lock, &err), ERR_UNSAFE);
		assert_int_equal(lock_probe(path, &err), ERR_UNSAFE);
	}
	assert_int_equal(stat(scratch_path(state, "victim"), &st), 0);
	assert_int_equal(st.st_size, 8);
	assert_int_equal(stat(scratch_path(state, "nowhere"), &st), -1);
}

static void
a_file_of_somebody_else_is_refused(void **state)
{
	const char *path = scratch_path(state, "theirs");
	struct err err = ERR_INIT;
	struct lock *lock = NULL;

	if (geteuid() != 0)
		skip();
	scratch_write(state, "theirs", "", 0, 0600);
	assert_int_equal(chown(path, 4711, 4711), 0);
	/* Root put it here; and in a directory of his he is the master. */
	for (int theirs = 0; theirs < 2; theirs++) {
		assert_int_equal(chmod(*state, theirs ? 01777 : 0755), 0);
		assert_int_equal(chown(*state, theirs ? 4711 : 0, 0), 0);
		assert_int_equal(lock_take(path, 0, &lock, &err), ERR_UNSAFE);
		assert_non_null(strstr(err.detail, "4711"));
		assert_int_equal(lock_probe(path, &err), ERR_UNSAFE);
	}
}

static void
probing_makes_no_file(void **state)
{
	struct err err = ERR_INIT;
	struct lock *lock = NULL;

	assert_int_equal(lock_probe(scratch_path(state, "lock"), &err), 0);
	assert_int_equal(access(scratch_path(state, "lock"), F_OK), -1);
	assert_int_equal(
	    lock_take(scratch_path(state, "no/dir"), 0, &lock, &err),
	    ERR_NOENT);
}

#define HERE(test)                                                             \
	cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    HERE(it_is_held_until_released),
	    HERE(the_file_is_private_and_names_us),
	    HERE(the_holder_is_named),
	    HERE(waiting_lasts_as_long_as_asked),
	    HERE(waiting_ends_when_it_is_given_back),
	    HERE(it_ends_with_the_process),
	    HERE(a_program_that_we_exec_does_not_inherit_it),
	    HERE(a_removed_file_is_made_anew),
	    HERE(a_file_removed_while_we_wait_is_not_locked),
	    HERE(traps_are_refused),
	    HERE(a_file_of_somebody_else_is_refused),
	    HERE(probing_makes_no_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
