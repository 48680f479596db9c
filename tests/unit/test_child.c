/*
 * test_child.c: a child speaks where we speak, ends as we say it ended, is told
 * to end where we are, and is always waited for.
 */
#include "wrapper/child.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/hold.h"
#include "tests/unit/scratch.h"

/* Runs a script; with `watch`, what it passes on is in the files out, err. */
static int
run(void **state, const char *script, const struct child_watch *watch,
    int *ret_status, struct err *err)
{
	static const char *const names[] = {"out", "err"};
	char text[1000];
	const char *argv[2] = {NULL, NULL};
	int before[2], fd, rc;

	(void)snprintf(text, sizeof(text), "#!/bin/sh\n%s\n", script);
	scratch_write(state, "script", text, strlen(text), 0755);
	argv[0] = scratch_path(state, "script");
	assert_int_equal(chdir(scratch_path(state, "")), 0);
	(void)fflush(stdout);
	for (int i = 0; i < 2; i++) {
		before[i] = dup(i + 1);
		fd = open(names[i], O_WRONLY | O_CREAT | O_TRUNC, 0600);
		assert_true(before[i] >= 0 && fd >= 0);
		assert_int_equal(dup2(fd, i + 1), i + 1);
		(void)close(fd);
	}
	(void)alarm(60); /* what is waited for in vain ends the test */
	rc = child_run(argv, watch, ret_status, err);
	(void)alarm(0);
	for (int i = 0; i < 2; i++) {
		(void)dup2(before[i], i + 1);
		(void)close(before[i]);
	}
	/* Nobody is left to be waited for. */
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
	return rc;
}

static void
is_file(void **state, const char *name, const char *wanted)
{
	struct buf text = BUF_INIT(1024 * 1024);
	struct err err = ERR_INIT;

	assert_int_equal(fs_read(AT_FDCWD, scratch_path(state, name),
			     FS_TRUST_ANY, &text, NULL, &err),
	    0);
	assert_string_equal(buf_text(&text), wanted);
	buf_free(&text);
}

struct seen {
	char lines[200];
	size_t passed;
};

static bool
see_line(void *context, const char *line)
{
	struct seen *seen = context;
	size_t used = strlen(seen->lines);

	(void)snprintf(
	    seen->lines + used, sizeof(seen->lines) - used, "%.9s|", line);
	return strcmp(line, "hidden") != 0;
}

static void
see_passed(void *context)
{
	((struct seen *)context)->passed++;
}

static void
its_exit_status_is_told(void **state)
{
	const struct child_watch watch = {.line = NULL};

	for (int i = 0; i < 2; i++) {
		struct err err = ERR_INIT;
		int status = -1;

		assert_int_equal(run(state, "echo a; echo b >&2; exit 7",
				     i == 0 ? NULL : &watch, &status, &err),
		    0);
		assert_int_equal(status, 7);
		is_file(state, "out", "a\n");
		is_file(state, "err", "b\n");
	}
}

static void
lines_are_seen_and_kept_back(void **state)
{
	struct seen seen = {"", 0};
	struct child_watch watch = {
	    .line = see_line, .passed = see_passed, .context = &seen};
	struct err err = ERR_INIT;
	int status = -1;

	assert_int_equal(
	    run(state, "echo a; echo hidden; echo; printf 'no newline'", &watch,
		&status, &err),
	    0);
	assert_string_equal(seen.lines, "a|hidden||no newlin|");
	assert_int_equal(seen.passed, 3);
	is_file(state, "out", "a\n\nno newline");
	watch.quiet = true;
	assert_int_equal(
	    run(state, "echo a; echo b >&2", &watch, &status, &err), 0);
	is_file(state, "out", "");
	is_file(state, "err", "b\n");
}

static void
a_line_without_end_comes_in_parts(void **state)
{
	const struct child_watch watch = {.line = NULL};
	struct err err = ERR_INIT;
	struct stat st;
	int status = -1;

	assert_int_equal(
	    run(state, "head -c 200000 /dev/zero | tr '\\0' x; echo", &watch,
		&status, &err),
	    0);
	assert_int_equal(stat(scratch_path(state, "out"), &st), 0);
	assert_int_equal(st.st_size, 200001);
}

static void
what_it_leaves_behind_is_not_waited_for(void **state)
{
	const struct child_watch watch = {.line = NULL};
	struct err err = ERR_INIT;
	char text[32] = "";
	int status = -1, fd;
	long pid;

	assert_int_equal(
	    run(state, "sleep 600 & echo $! >pid; echo done; exit 3", &watch,
		&status, &err),
	    0);
	assert_int_equal(status, 3);
	is_file(state, "out", "done\n");
	fd = open(scratch_path(state, "pid"), O_RDONLY);
	assert_true(read(fd, text, sizeof(text) - 1) > 0);
	(void)close(fd);
	pid = strtol(text, NULL, 10);
	assert_true(pid > 1);
	assert_int_equal(kill((pid_t)pid, SIGKILL), 0);
}

static void
a_signal_that_kills_it_is_told(void **state)
{
	struct err err = ERR_INIT;
	int status = -1;

	assert_int_equal(
	    run(state, "kill -KILL $$", NULL, &status, &err), ERR_CHILD);
	assert_non_null(strstr(err.detail, "signal 9"));
	assert_int_equal(status, -1);
}

/* The child sends it to us; it comes back, and the child can clean up. */
static void
what_tells_us_to_end_tells_it(void **state)
{
	static const struct {
		const char *name;
		int number;
	} rows[] = {{"TERM", SIGTERM}, {"INT", SIGINT}, {"HUP", SIGHUP}};
	char script[200];

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct sigaction before, after;
		struct err err = ERR_INIT;
		int status = -1;

		assert_int_equal(sigaction(rows[i].number, NULL, &before), 0);
		(void)snprintf(script, sizeof(script),
		    "trap 'echo clean; exit 0' %s\nkill -%s $PPID\n"
		    "while :; do sleep 0.01; done",
		    rows[i].name, rows[i].name);
		assert_int_equal(
		    run(state, script, NULL, &status, &err), ERR_STOPPED);
		is_file(state, "out", "clean\n");
		assert_int_equal(sigaction(rows[i].number, NULL, &after), 0);
		assert_ptr_equal(before.sa_handler, after.sa_handler);
	}
}

static void
what_is_ignored_stays_ignored(void **state)
{
	void (*before)(int) = signal(SIGHUP, SIG_IGN);
	struct err err = ERR_INIT;
	int status = -1;

	assert_int_equal(
	    run(state, "kill -HUP $PPID; kill -HUP $$; echo on; exit 4", NULL,
		&status, &err),
	    0);
	(void)signal(SIGHUP, before);
	assert_int_equal(status, 4);
	is_file(state, "out", "on\n");
}

/* What is to finish is not told, by whoever; it reaches any other child. */
static void
what_is_held_back_waits(void **state)
{
	const struct child_watch finish = {.finish = true};
	struct err err = ERR_INIT;
	sigset_t before;
	int status = -1;

	hold_begin(&before);
	assert_int_equal(run(state, "kill -TERM $PPID; echo on; exit 4",
			     &finish, &status, &err),
	    0);
	assert_int_equal(status, 4);
	is_file(state, "out", "on\n");
	assert_int_equal(hold_taken(), SIGTERM);
	status = -1;
	assert_int_equal(
	    run(state, "kill -TERM $$; exit 4", &finish, &status, &err), 0);
	assert_int_equal(status, 4);
	assert_int_equal(
	    run(state, "kill -TERM $$; exit 4", NULL, &status, &err),
	    ERR_CHILD);
	assert_int_equal(run(state, "kill -TERM $PPID; exec tail -f /dev/null",
			     NULL, &status, &err),
	    ERR_STOPPED);
	hold_end(&before);
}

/* certbot's files are others' to read, but for the keys. */
static void
it_has_the_umask_and_the_signals_of_a_shell(void **state)
{
	void (*before)(int) = signal(SIGPIPE, SIG_IGN);
	mode_t mask = umask(077);
	struct err err = ERR_INIT;
	int status = -1;

	assert_int_equal(
	    run(state,
		"umask; sed -n 's/^Sig[IB][gl][nk]:.*\\([0-9a-f]\\{4\\}\\)$/"
		"\\1/p' /proc/self/status",
		NULL, &status, &err),
	    0);
	assert_int_equal(umask(mask), 077);
	(void)signal(SIGPIPE, before);
	is_file(state, "out", "0022\n0000\n0000\n");
}

static void
what_cannot_be_run_is_told(void **state)
{
	const char *argv[] = {scratch_path(state, "absent"), NULL};
	struct err err = ERR_INIT;
	int status = -1;

	assert_int_equal(child_run(argv, NULL, &status, &err), ERR_NOENT);
	scratch_write(state, "plain", "x", 1, 0644);
	argv[0] = scratch_path(state, "plain");
	assert_int_equal(child_run(argv, NULL, &status, &err), ERR_PERM);
	assert_int_equal(status, -1);
}

#define ROW(test)                                                              \
	cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    ROW(its_exit_status_is_told),
	    ROW(lines_are_seen_and_kept_back),
	    ROW(a_line_without_end_comes_in_parts),
	    ROW(what_it_leaves_behind_is_not_waited_for),
	    ROW(a_signal_that_kills_it_is_told),
	    ROW(what_tells_us_to_end_tells_it),
	    ROW(what_is_held_back_waits),
	    ROW(what_is_ignored_stays_ignored),
	    ROW(it_has_the_umask_and_the_signals_of_a_shell),
	    ROW(what_cannot_be_run_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
