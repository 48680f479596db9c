/*
 * test_proc.c: children inherit nothing, hold nothing and end in time.
 */
#include "base/proc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "tests/unit/scratch.h"

enum { LONG_MS = 60000 };

/* Runs a script of sh(1): the shell is the tested program here. */
static int
run_script(const char *script, long timeout_ms, struct proc_result *ret,
    struct err *err)
{
	const char *const argv[] = {"/bin/sh", "-c", script, NULL};

	return proc_run(argv, timeout_ms, ret, err);
}

static void
says(const char *script, int exit_status, const char *output)
{
	struct proc_result result;
	struct err err = ERR_INIT;

	assert_int_equal(run_script(script, LONG_MS, &result, &err), 0);
	assert_string_equal(buf_text(&result.output), output);
	assert_int_equal(result.exit_status, exit_status);
	assert_int_equal(result.signal, 0);
	assert_false(result.cut);
	proc_result_free(&result);
}

static void
output_and_status_come_back(void **state)
{
	(void)state;
	says("echo out; echo err >&2; exit 3", 3, "out\nerr\n");
	says("exit 0", 0, "");
	says("exit 255", 255, "");
}

static void
a_signal_is_told_from_a_status(void **state)
{
	struct proc_result result;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(
	    run_script("kill -USR1 $$", LONG_MS, &result, &err), 0);
	assert_int_equal(result.exit_status, -1);
	assert_int_equal(result.signal, SIGUSR1);
	proc_result_free(&result);
}

static void
words_are_passed_as_they_are(void **state)
{
	const char *const argv[] = {
	    "printf", "%s|", "a b", "$HOME;*", "", "\"'", NULL};
	struct proc_result result;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(proc_run(argv, LONG_MS, &result, &err), 0);
	assert_string_equal(buf_text(&result.output), "a b|$HOME;*||\"'|");
	proc_result_free(&result);
}

static void
the_environment_is_fixed(void **state)
{
	const char *const argv[] = {"env", NULL};
	struct proc_result result;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(setenv("LEAK", "1", 1), 0);
	assert_int_equal(setenv("LD_LIBRARY_PATH", "/nowhere", 1), 0);
	assert_int_equal(proc_run(argv, LONG_MS, &result, &err), 0);
	assert_string_equal(buf_text(&result.output),
	    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:"
	    "/bin\nLANG=C.UTF-8\n");
	assert_int_equal(unsetenv("LD_LIBRARY_PATH"), 0);
	proc_result_free(&result);
}

static void
an_operator_s_command_has_what_it_is_given(void **state)
{
	const char *const argv[] = {
	    "/bin/sh", "-c", "env; cat; echo err >&2; ps -o pgid= $$", NULL};
	const char *const environment[] = {"PATH=/usr/bin:/bin", "X=a b", NULL};
	const struct proc_options options = {
	    0, environment, .attended = true, .apart = true};
	char wanted[64];
	struct proc_result result;
	struct err err = ERR_INIT;
	int kept = dup(STDIN_FILENO), ends[2];

	(void)state;
	assert_true(kept >= 0);
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], "typed\n", 6), 6);
	assert_int_equal(close(ends[1]), 0);
	assert_true(dup2(ends[0], STDIN_FILENO) >= 0);
	assert_int_equal(close(ends[0]), 0);
	assert_int_equal(proc_run_as(argv, &options, &result, &err), 0);
	assert_true(dup2(kept, STDIN_FILENO) >= 0);
	assert_int_equal(close(kept), 0);
	assert_non_null(strstr(buf_text(&result.output), "X=a b\n"));
	assert_null(strstr(buf_text(&result.output), "LANG="));
	assert_non_null(strstr(buf_text(&result.output), "typed\n"));
	assert_string_equal(buf_text(&result.errors), "err\n");
	(void)snprintf(wanted, sizeof(wanted), "%ld\n", (long)getpgrp());
	assert_non_null(strstr(buf_text(&result.output), wanted));
	proc_result_free(&result);
}

static void
the_caller_s_path_is_not_searched(void **state)
{
	const char *const argv[] = {"certhaul-trap", NULL};
	char *before = strdup(getenv("PATH"));
	struct proc_result result;
	struct err err = ERR_INIT;

	scratch_write(
	    state, "certhaul-trap", "#!/bin/sh\necho caught\n", 22, 0700);
	assert_int_equal(setenv("PATH", *state, 1), 0);
	assert_int_equal(proc_run(argv, LONG_MS, &result, &err), ERR_NOENT);
	assert_int_equal(setenv("PATH", before, 1), 0);
	proc_result_free(&result);
	free(before);
}

static void
no_descriptor_is_inherited(void **state)
{
	int fds[3];

	(void)state;
	for (int i = 0; i < 3; i++) {
		fds[i] = open("/dev/null", O_RDONLY);
		assert_true(fds[i] >= 0);
	}
	assert_int_equal(fcntl(fds[0], F_DUPFD, 200), 200);
	/* ls itself has the directory open, as 3. */
	says("ls /proc/self/fd; readlink /proc/self/fd/0", 0,
	    "0\n1\n2\n3\n/dev/null\n");
	assert_int_equal(close(200), 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(close(fds[i]), 0);
}

static void
closed_standard_descriptors_do_no_harm(void **state)
{
	struct proc_result result;
	struct err err = ERR_INIT;
	int kept[3], rc;

	(void)state;
	for (int i = 0; i < 3; i++)
		kept[i] = fcntl(i, F_DUPFD_CLOEXEC, 100);
	for (int i = 0; i < 3; i++)
		(void)close(i);
	rc = run_script("echo well; echo too >&2; ls /proc/self/fd", LONG_MS,
	    &result, &err);
	for (int i = 0; i < 3; i++) {
		(void)dup2(kept[i], i);
		(void)close(kept[i]);
	}
	assert_int_equal(rc, 0);
	assert_string_equal(
	    buf_text(&result.output), "well\ntoo\n0\n1\n2\n3\n");
	proc_result_free(&result);
}

static void
signals_start_as_if_new(void **state)
{
	struct sigaction ignore, before_pipe, before_chld;
	sigset_t all, before;

	(void)state;
	memset(&ignore, 0, sizeof(ignore));
	ignore.sa_handler = SIG_IGN;
	assert_int_equal(sigaction(SIGPIPE, &ignore, &before_pipe), 0);
	assert_int_equal(sigaction(SIGCHLD, &ignore, &before_chld), 0);
	assert_int_equal(sigfillset(&all), 0);
	assert_int_equal(sigprocmask(SIG_SETMASK, &all, &before), 0);
	/* 32 and 33 are the C library's own: make's posix_spawn leaves them
	 * ignored, and nobody can change that. */
	says("sed -n 's/0000000180000000$/0000000000000000/; "
	     "/^Sig[BI][lg][kn]:/p' /proc/self/status; exit 5",
	    5, "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
	assert_int_equal(sigaction(SIGCHLD, NULL, &ignore), 0);
	assert_true(ignore.sa_handler == SIG_IGN);
	assert_int_equal(sigprocmask(SIG_SETMASK, &before, NULL), 0);
	assert_int_equal(sigaction(SIGPIPE, &before_pipe, NULL), 0);
	assert_int_equal(sigaction(SIGCHLD, &before_chld, NULL), 0);
}

static void
programs_that_are_not_there_are_named(void **state)
{
	static const char *const names[] = {
	    "no-such-program-here", "/no/such/program", ""};
	const char *argv[] = {NULL, NULL};
	struct proc_result result;
	struct err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		argv[0] = names[i];
		assert_int_equal(
		    proc_run(argv, LONG_MS, &result, &err), ERR_NOENT);
		assert_string_equal(err.on, names[i]);
		assert_int_equal(result.exit_status, -1);
		proc_result_free(&result);
	}
	argv[0] = names[2];
	assert_true(proc_run(argv, LONG_MS, &result, &err) < 0);
	proc_result_free(&result);
	argv[0] = "/etc";
	assert_int_equal(proc_run(argv, LONG_MS, &result, &err), ERR_PERM);
	proc_result_free(&result);
	argv[0] = NULL;
	assert_int_equal(proc_run(argv, LONG_MS, &result, &err), ERR_LIMIT);
	proc_result_free(&result);
}

static void
too_much_output_is_cut_and_read_on(void **state)
{
	struct proc_result result;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(run_script("head -c 1000000 /dev/zero | tr '\\0' x;"
				    "exit 4",
			     LONG_MS, &result, &err),
	    0);
	assert_true(result.cut);
	assert_int_equal(result.exit_status, 4);
	assert_int_equal(result.output.len, LIMIT_PROC_OUTPUT_BYTES);
	assert_int_equal(
	    strspn(buf_text(&result.output), "x"), LIMIT_PROC_OUTPUT_BYTES);
	proc_result_free(&result);
}

/* The process whose number stands in `text` behind "pid=" has ended. */
static bool
has_gone(const char *text)
{
	const char *at = strstr(text, "pid=");
	long pid = at != NULL ? strtol(at + 4, NULL, 10) : 0;
	int64_t until_ms = clock_mono_ms() + LONG_MS;
	char path[64], state = '?';
	FILE *file = NULL;

	assert_true(pid > 1);
	(void)snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
	while (clock_mono_ms() < until_ms) {
		file = fopen(path, "r");
		if (file == NULL)
			return true;
		if (fscanf(file, "%*d (%*[^)]) %c", &state) != 1)
			state = 'X';
		(void)fclose(file);
		/* Whoever adopted it may not have reaped it yet. */
		if (state == 'Z' || state == 'X')
			return true;
		clock_pause_ms(5);
	}
	return false;
}

static void
past_its_time_the_whole_group_ends(void **state)
{
	struct proc_result result;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(
	    run_script("sleep 1000 & echo pid=$!; wait", 200, &result, &err),
	    ERR_TIMEOUT);
	assert_string_equal(err.on, "/bin/sh");
	assert_true(has_gone(buf_text(&result.output)));
	assert_int_equal(result.signal, SIGTERM);
	proc_result_free(&result);
}

static void
who_ignores_sigterm_gets_sigkill(void **state)
{
	struct proc_result result;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(run_script("trap '' TERM; sleep 1000 & echo pid=$!;"
				    "wait; while :; do sleep 1000; done",
			     200, &result, &err),
	    ERR_TIMEOUT);
	assert_true(has_gone(buf_text(&result.output)));
	assert_int_equal(result.signal, SIGKILL);
	proc_result_free(&result);
}

static void
a_daemon_left_behind_is_not_waited_for(void **state)
{
	struct proc_result result;
	struct err err = ERR_INIT;
	int64_t began = clock_mono_ms();
	long pid;

	(void)state;
	assert_int_equal(run_script("sleep 1000 & echo pid=$!; exit 6", LONG_MS,
			     &result, &err),
	    0);
	assert_true(clock_mono_ms() - began < LONG_MS);
	assert_int_equal(result.exit_status, 6);
	pid = strtol(buf_text(&result.output) + 4, NULL, 10);
	assert_true(pid > 1);
	/* It was let live, too. */
	assert_int_equal(kill((pid_t)pid, SIGKILL), 0);
	proc_result_free(&result);
}

static void
a_daemon_that_talks_is_not_listened_to_forever(void **state)
{
	struct proc_result result;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(run_script("yes & yes & yes & yes & exit 6", LONG_MS,
			     &result, &err),
	    0);
	assert_int_equal(result.exit_status, 6);
	proc_result_free(&result);
}

static void
who_closes_its_output_is_still_waited_for(void **state)
{
	(void)state;
	says("exec >&- 2>&-; i=0; while [ $i -lt 5000 ]; do i=$((i+1)); done;"
	     "exit 7",
	    7, "");
}

#define HERE(test)                                                             \
	cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(output_and_status_come_back),
	    cmocka_unit_test(a_signal_is_told_from_a_status),
	    cmocka_unit_test(words_are_passed_as_they_are),
	    cmocka_unit_test(the_environment_is_fixed),
	    cmocka_unit_test(an_operator_s_command_has_what_it_is_given),
	    HERE(the_caller_s_path_is_not_searched),
	    cmocka_unit_test(no_descriptor_is_inherited),
	    cmocka_unit_test(closed_standard_descriptors_do_no_harm),
	    cmocka_unit_test(signals_start_as_if_new),
	    cmocka_unit_test(programs_that_are_not_there_are_named),
	    cmocka_unit_test(too_much_output_is_cut_and_read_on),
	    cmocka_unit_test(past_its_time_the_whole_group_ends),
	    cmocka_unit_test(who_ignores_sigterm_gets_sigkill),
	    cmocka_unit_test(a_daemon_left_behind_is_not_waited_for),
	    cmocka_unit_test(a_daemon_that_talks_is_not_listened_to_forever),
	    cmocka_unit_test(who_closes_its_output_is_still_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
