/*
 * test_process.c: who answers on a socket, and whether it is still the same;
 * what is asked of it, and how its refusals are said.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <unistd.h>

#include "base/clock.h"
#include "haproxy/process.h"
#include "tests/unit/fakeproxy.h"

#define UNKNOWN                                                                \
	"Unknown command, but maybe one of the following ones is a better "    \
	"match:\n  show info [desc|json|typed|float]* : report\n\n"
#define INFO(version)                                                          \
	"Name: HAProxy\nVersion: " version "\nRelease_date: 2026/10/17\n"      \
	"Nbthread: 2\nPid: 10404\nUptime: 0d 0h00m29s\nUptime_sec: 29\n\n"

static int
probe(const struct fake *fake, struct process *ret, struct err *err)
{
	struct process process = fake_process(fake);

	return process_probe_patient(
	    process.peer.path, &process.patience, ret, err);
}

static void
a_worker_does_not_know_at_one_and_is_asked_again(void **state)
{
	static const struct fake_step steps[] = {
	    {"@1 show info\n", UNKNOWN, FAKE_ANSWER, 0},
	    {"show info\n", INFO("2.6.12-1+deb12u4"), FAKE_ANSWER, 0},
	};
	struct fake *fake = fake_start(state, steps, 2);
	struct process process;
	struct err err = ERR_INIT;

	clock_set(1000000);
	assert_int_equal(probe(fake, &process, &err), 0);
	clock_set(0);
	assert_false(process.peer.master);
	assert_int_equal(process.version[0], 2);
	assert_int_equal(process.version[1], 6);
	assert_int_equal(process.version[2], 12);
	assert_int_equal(process.pid, 10404);
	assert_int_equal(process.start_s, 1000000 - 29);
	assert_int_equal(process.patience.pause_ms, 1);
	assert_int_equal(err.code, 0);
	fake_played(fake);
}

static void
its_own_word_for_its_start_is_exact_unless_the_clock_was_set(void **state)
{
#define TOLD(start) INFO("2.6.12") "Start_time_sec: " start "\n"
	static const struct {
		const char *info;
		long start_s, off_s;
	} cases[] = {
	    {INFO("2.6.12"), 1000000 - 29, 1},
	    {TOLD("999970"), 999970, 0},
	    {TOLD("999972"), 999972, 0},
	    {TOLD("999973"), 1000000 - 29, 1},
	    {TOLD("100"), 1000000 - 29, 1},
	    {TOLD("x"), 1000000 - 29, 1},
	};
	struct process process;
	struct err err = ERR_INIT;

	clock_set(1000000);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const struct fake_step step = {
		    "@1 show info\n", cases[i].info, FAKE_ANSWER, 0};
		struct fake *fake;

		assert_int_equal(fake_teardown(state), 0);
		assert_int_equal(fake_setup(state), 0);
		fake = fake_start(state, &step, 1);
		assert_int_equal(probe(fake, &process, &err), 0);
		assert_int_equal(process.start_s, cases[i].start_s);
		assert_int_equal(process.start_off_s, cases[i].off_s);
		fake_played(fake);
	}
	clock_set(0);
}

static void
its_buffers_tell_its_bufsize(void **state)
{
	static const struct fake_step steps[] = {
	    {"show pools\n",
		"Dumping pools usage. Use SIGQUIT to flush them.\n"
		"  - Pool buffer (40000 bytes) : 2 allocated (80000 bytes)\n"
		"  - Pool trash (40032 bytes) : 1 allocated (40032 bytes)\n",
		FAKE_ANSWER, 0},
	    {"show pools\n", "  - Pool trash (40032 bytes)\n", FAKE_ANSWER, 0},
	    {"show pools\n", "  - Pool buffer (-1 bytes)\n", FAKE_ANSWER, 0},
	    {"show pools\n", "Permission denied\n", FAKE_ANSWER, 0},
	};
	struct fake *fake = fake_start(state, steps, COUNT_OF(steps));
	struct process process = fake_process(fake);

	process_learn_bufsize(&process);
	assert_int_equal(process.bufsize, 40000);
	for (size_t i = 1; i < COUNT_OF(steps); i++) {
		process_learn_bufsize(&process);
		assert_int_equal(process.bufsize, 0);
	}
	fake_played(fake);
}

static void
a_master_hands_on_to_its_worker(void **state)
{
	static const struct fake_step step = {
	    "@1 show info\n", INFO("3.5-dev3"), FAKE_ANSWER, 0};
	struct fake *fake = fake_start(state, &step, 1);
	struct process process;
	struct err err = ERR_INIT;

	assert_int_equal(probe(fake, &process, &err), 0);
	assert_true(process.peer.master);
	assert_true(process_at_least(&process, 3, 5));
	assert_true(process_at_least(&process, 2, 9));
	assert_false(process_at_least(&process, 3, 6));
	assert_false(process_at_least(&process, 4, 0));
	assert_int_equal(process.version[2], 0);
	fake_played(fake);
}

static void
answers_that_are_not_haproxys_are_refused(void **state)
{
	static const char *const answers[] = {
	    "220 mail.example ESMTP\n",
	    "\n",
	    "",
	    "Name: HAProxy\nVersion: 2\nPid: 1\nUptime_sec: 1\n\n",
	    "Name: HAProxy\nVersion: x.y\nPid: 1\nUptime_sec: 1\n\n",
	    "Name: HAProxy\nVersion: 99999999.1\nPid: 1\nUptime_sec: 1\n\n",
	    "Name: HAProxy\nVersion: 2.6.1\nPid: 0\nUptime_sec: 1\n\n",
	    "Name: HAProxy\nVersion: 2.6.1\nPid: 12x\nUptime_sec: 1\n\n",
	    ("Name: HAProxy\nVersion: 2.6.1\nPid: 99999999999999999999\n"
	     "Uptime_sec: 1\n\n"),
	    "Name: HAProxy\nVersion: 2.6.1\nPid: 12\nUptime_sec: -1\n\n",
	    "Name: HAProxy\nVersion: 2.6.1\nPid: 12\n\n",
	    "Name: HAProxy\nPid: 12\nUptime_sec: 1\n\n",
	};
	struct fake_step steps[COUNT_OF(answers)];
	struct fake *fake;

	for (size_t i = 0; i < COUNT_OF(answers); i++)
		steps[i] = (struct fake_step){
		    "@1 show info\n", answers[i], FAKE_ANSWER, 0};
	fake = fake_start(state, steps, COUNT_OF(steps));
	for (size_t i = 0; i < COUNT_OF(answers); i++) {
		struct process process = {.pid = 77};
		struct err err = ERR_INIT;

		assert_int_equal(probe(fake, &process, &err), ERR_SYNTAX);
		assert_int_equal(process.pid, 77);
	}
	fake_played(fake);
}

static void
what_keeps_a_probe_from_its_answer_is_told_apart(void **state)
{
	static const struct fake_step steps[] = {
	    {NULL, "Permission denied\n\n", FAKE_ANSWER, 0},
	    {NULL, "Can't find the target PID matching the prefix '@1'\n",
		FAKE_ANSWER, 0},
	    {NULL, "Can't connect to the target CLI!\n", FAKE_ANSWER, 0},
	    {NULL, "Name: HAP", FAKE_ANSWER, 0},
	    {NULL, NULL, FAKE_RESET, 0},
	    {NULL, NULL, FAKE_STALL, 0},
	};
	static const int codes[] = {
	    ERR_PERM, ERR_DOWN, ERR_DOWN, ERR_IO, ERR_IO, ERR_TIMEOUT};
	struct fake *fake = fake_start(state, steps, COUNT_OF(steps));
	struct process process = fake_process(fake);
	struct err err = ERR_INIT;

	process.patience.answer_ms = FAKE_PATIENCE_MS;
	for (size_t i = 0; i < COUNT_OF(codes); i++) {
		struct process seen;

		assert_int_equal(process_probe_patient(process.peer.path,
				     &process.patience, &seen, &err),
		    codes[i]);
	}
	fake_played(fake);
	assert_int_equal(
	    process_probe(fake_file(state, "none"), &process, &err), ERR_DOWN);
}

static void
each_command_of_a_line_gets_the_masters_prefix(void **state)
{
	static const struct fake_step steps[] = {
	    {"@1 show ssl cert /a;@1 show ssl cert /b\n", "\n\n", FAKE_ANSWER,
		0},
	    {"@1 add map /m k a\\;b;@1 show map\n", "\n\n", FAKE_ANSWER, 0},
	    {"show a; show b\n", "\n\n", FAKE_ANSWER, 0},
	};
	struct fake *fake = fake_start(state, steps, COUNT_OF(steps));
	struct process master = fake_master(fake), worker = fake_process(fake);
	struct buf reply = BUF_INIT(1000);
	struct err err = ERR_INIT;

	assert_int_equal(
	    socket_ask(&master.peer, "show ssl cert /a; show ssl cert /b", 2000,
		&reply, &err),
	    0);
	assert_int_equal(socket_ask(&master.peer, "add map /m k a\\;b;show map",
			     2000, &reply, &err),
	    0);
	assert_int_equal(
	    socket_ask(&worker.peer, "show a; show b", 2000, &reply, &err), 0);
	assert_int_equal(
	    socket_ask(&worker.peer, "show a\nshutdown", 2000, &reply, &err),
	    ERR_INVALID);
	fake_played(fake);
	buf_free(&reply);
}

static void
a_level_that_is_too_low_is_named(void **state)
{
	static const struct {
		const char *command, *level;
	} rows[] = {
	    {"new ssl cert /a", "level admin"},
	    {"show ssl crt-list", "level admin"},
	    {"show ssl cert /a", "level operator"},
	    {"show env X", "level operator"},
	};
	struct fake_step steps[COUNT_OF(rows)];
	struct buf reply = BUF_INIT(1000);
	struct process process;

	for (size_t i = 0; i < COUNT_OF(rows); i++)
		steps[i] = (struct fake_step){
		    rows[i].command, "Permission denied\n\n", FAKE_ANSWER, 0};
	process = fake_process(fake_start(state, steps, COUNT_OF(rows)));
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct err err = ERR_INIT;

		assert_int_equal(socket_ask(&process.peer, rows[i].command,
				     2000, &reply, &err),
		    ERR_PERM);
		assert_non_null(strstr(err.detail, rows[i].level));
	}
	buf_free(&reply);
}

static void
lines_and_words_are_found_in_any_reply(void **state)
{
	char line[12], words[20];

	(void)state;
	socket_last_line("a\nSuccess!\r\n\n \n", line, sizeof(line));
	assert_string_equal(line, "Success!");
	socket_last_line("\n\n", line, sizeof(line));
	assert_string_equal(line, "");
	socket_last_line("", line, sizeof(line));
	assert_string_equal(line, "");
	socket_last_line("a line that is long", line, sizeof(line));
	assert_string_equal(line, "a line that");
	socket_words("one\n\n\t- two\n\n\n", words, sizeof(words));
	assert_string_equal(words, "one; - two");
	socket_words("\n", words, sizeof(words));
	assert_string_equal(words, "");
	socket_words("0123456789\n0123456789\nx", words, sizeof(words));
	assert_string_equal(words, "0123456789; 0123456");
}

static void
workers_are_told_apart_by_pid_and_start(void **state)
{
	struct process processes[] = {
	    {.pid = 10, .start_s = 1000},
	    {.pid = 10, .start_s = 1001},
	    {.pid = 11, .start_s = 2000},
	    /* Of another container. */
	    {.pid = 11, .start_s = 2000, .peer.path = "/run/b.sock"},
	};
	char text[64];

	(void)state;
	process_identity(processes, 3, text, sizeof(text));
	assert_string_equal(text, "10:1000,11:2000");
	assert_true(process_identity_equal(text, "10:1002,11:1998"));
	assert_false(process_identity_equal(text, "10:1003,11:2000"));
	assert_false(process_identity_equal(text, "10:1000,12:2000"));
	assert_false(process_identity_equal(text, "10:1000"));
	assert_false(process_identity_equal("10:1000", text));
	assert_false(process_identity_equal(text, "10:1000,11:2000,12:1"));
	assert_false(process_identity_equal(text, "10:1000;11:2000"));
	assert_false(process_identity_equal("10", "10"));
	assert_false(process_identity_equal("", ""));
	process_identity(processes, 3, text, 12);
	assert_string_equal(text, "");
	process_identity(processes, 4, text, sizeof(text));
	assert_string_equal(text, "10:1000,11:2000,11:2000");
	assert_false(process_identity_equal(text, "10:1000,11:2000"));
	process_identity(processes, 0, text, sizeof(text));
	assert_string_equal(text, "");
}

static void
a_worker_behind_two_sockets_is_one(void **state)
{
	const long self = getpid(), parent = getppid();
	struct process a = {.pid = 10,
	    .start_s = 1000,
	    .listener = self,
	    .peer.path = "/run/a.sock"};
	struct process b = a;
	struct process both[2];
	char text[64];

	(void)state;
	memcpy(b.peer.path, "/run/b.sock", sizeof("/run/b.sock"));
	assert_true(process_is_same(&a, &b));
	both[0] = a;
	both[1] = b;
	process_identity(both, 2, text, sizeof(text));
	assert_string_equal(text, "10:1000");
	/* The master's socket. */
	b.listener = parent;
	assert_true(process_is_same(&a, &b));
	assert_true(process_is_same(&b, &a));
	/* Of two containers, seen from the machine and from a third one. */
	b.listener = 1;
	a.listener = 1 << 30;
	assert_false(process_is_same(&a, &b));
	a.listener = b.listener = 0;
	assert_false(process_is_same(&a, &b));
	a.listener = b.listener = self;
	b.pid = 11;
	assert_false(process_is_same(&a, &b));
	b.pid = 10;
	b.start_s += 3;
	assert_false(process_is_same(&a, &b));
}

int
main(void)
{
#define LAB(test)                                                              \
	cmocka_unit_test_setup_teardown(test, fake_setup, fake_teardown)
	const struct CMUnitTest tests[] = {
	    LAB(a_worker_does_not_know_at_one_and_is_asked_again),
	    LAB(its_own_word_for_its_start_is_exact_unless_the_clock_was_set),
	    LAB(its_buffers_tell_its_bufsize),
	    LAB(a_master_hands_on_to_its_worker),
	    LAB(answers_that_are_not_haproxys_are_refused),
	    LAB(what_keeps_a_probe_from_its_answer_is_told_apart),
	    LAB(each_command_of_a_line_gets_the_masters_prefix),
	    LAB(a_level_that_is_too_low_is_named),
	    cmocka_unit_test(lines_and_words_are_found_in_any_reply),
	    cmocka_unit_test(workers_are_told_apart_by_pid_and_start),
	    cmocka_unit_test(a_worker_behind_two_sockets_is_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
