/*
 * test_socket_signals.c: nothing may end us between connect and EOF (hazard
 * H2), and afterwards the caller's signals are as they were.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "haproxy/socket.h"
#include "tests/unit/fakeproxy.h"

static const int held[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};
static const struct fake_step one_step = {NULL, "\n", FAKE_ANSWER, 0};

static volatile sig_atomic_t caught, listener_fd = -1, accepted_fd = -1;

static void
count_signal(int number)
{
	(void)number;
	caught++;
}

/* Makes room in a backlog that is full. */
static void
accept_one(int number)
{
	int fd = accept((int)listener_fd, NULL, NULL);

	(void)number;
	if (fd >= 0 && accepted_fd < 0)
		accepted_fd = fd;
	else if (fd >= 0)
		close(fd);
}

static void
on_signal(int number, void (*handler)(int))
{
	struct sigaction action = {.sa_handler = handler};

	sigemptyset(&action.sa_mask);
	assert_int_equal(sigaction(number, &action, NULL), 0);
}

static void
every_ms(long ms)
{
	struct itimerval timer = {{0, ms * 1000}, {0, ms * 1000}};

	assert_int_equal(setitimer(ITIMER_REAL, &timer, NULL), 0);
}

static bool
is_blocked(int number)
{
	sigset_t mask;

	assert_int_equal(sigprocmask(SIG_BLOCK, NULL, &mask), 0);
	return sigismember(&mask, number) == 1;
}

static void
assert_all(bool blocked)
{
	for (size_t i = 0; i < COUNT_OF(held); i++)
		assert_int_equal(is_blocked(held[i]), blocked);
}

static struct socket_call *
begin(const struct process *process)
{
	struct socket_call *call = NULL;
	struct err err = ERR_INIT;

	assert_int_equal(
	    socket_send(&process->peer, "x", 1, 2000, &call, &err), 0);
	return call;
}

static void
end(struct socket_call *call, int expected)
{
	struct buf reply = BUF_INIT(1000);
	struct err err = ERR_INIT;

	assert_int_equal(socket_finish(call, &reply, &err), expected);
	buf_free(&reply);
}

static void
signals_wait_from_sending_until_the_answer_is_in(void **state)
{
	struct process process = fake_process(fake_start(state, &one_step, 1));
	struct socket_call *call;

	for (size_t i = 0; i < COUNT_OF(held); i++)
		on_signal(held[i], count_signal);
	caught = 0;
	assert_all(false);
	call = begin(&process);
	assert_all(true);
	for (size_t i = 0; i < COUNT_OF(held); i++)
		raise(held[i]);
	assert_int_equal(caught, 0);
	end(call, 0);
	assert_int_equal(caught, COUNT_OF(held));
	assert_all(false);
}

static void
a_failure_gives_the_signals_back(void **state)
{
	static const struct fake_step steps[] = {
	    {NULL, NULL, FAKE_STALL, 0}, {NULL, "cut", FAKE_ANSWER, 0}};
	struct process process = fake_process(fake_start(state, steps, 2));
	struct socket_call *call = NULL;
	struct err err = ERR_INIT;

	assert_int_equal(
	    socket_send(&process.peer, "x", 1, 30, &call, &err), 0);
	assert_all(true);
	end(call, ERR_TIMEOUT);
	assert_all(false);
	end(begin(&process), ERR_IO);
	assert_all(false);
	process.peer.path[0] = '\0';
	assert_int_equal(
	    socket_send(&process.peer, "x", 1, 30, &call, &err), ERR_LIMIT);
	assert_all(false);
}

static void
what_the_caller_had_blocked_stays_blocked(void **state)
{
	struct process process = fake_process(fake_start(state, &one_step, 1));
	sigset_t before;

	sigemptyset(&before);
	sigaddset(&before, SIGTERM);
	sigaddset(&before, SIGUSR1);
	assert_int_equal(sigprocmask(SIG_BLOCK, &before, NULL), 0);
	end(begin(&process), 0);
	assert_true(is_blocked(SIGTERM));
	assert_true(is_blocked(SIGUSR1));
	assert_false(is_blocked(SIGINT));
	assert_false(is_blocked(SIGHUP));
	assert_false(is_blocked(SIGPIPE));
	assert_int_equal(sigprocmask(SIG_UNBLOCK, &before, NULL), 0);
}

static void
calls_that_overlap_unblock_with_the_last_one(void **state)
{
	struct process first = fake_process(fake_start(state, &one_step, 1));
	struct process second = fake_process(fake_start(state, &one_step, 1));
	struct process third = fake_process(fake_start(state, &one_step, 1));
	struct socket_call *calls[3];

	calls[0] = begin(&first);
	calls[1] = begin(&second);
	calls[2] = begin(&third);
	end(calls[2], 0);
	assert_all(true);
	end(calls[1], 0);
	assert_all(true);
	end(calls[0], 0);
	assert_all(false);
}

/* The signal ends the client, but not before it has read to EOF. */
static void
a_client_told_to_end_leaves_after_the_answer(void **state)
{
	static const struct fake_step step = {
	    NULL, "Committing /a.pem....\nSuccess!\n\n", FAKE_DRIBBLE, 1};
	struct process process = fake_process(fake_start(state, &step, 1));
	int64_t start_ms = clock_mono_ms();
	int pipes[2], status = 0;
	char seen = 0;
	pid_t pid;

	assert_int_equal(pipe(pipes), 0);
	pid = fork();
	if (pid == 0) {
		struct buf reply = BUF_INIT(1000);
		struct socket_call *call = NULL;
		struct err err = ERR_INIT;

		on_signal(SIGTERM, SIG_DFL);
		if (socket_send(&process.peer, "x", 1, 5000, &call, &err) == 0)
			raise(SIGTERM);
		/* Dead before this line, were the signal not held. */
		(void)!write(pipes[1], "h", 1);
		(void)!socket_finish(call, &reply, &err);
		_exit(0);
	}
	close(pipes[1]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(read(pipes[0], &seen, 1), 1);
	close(pipes[0]);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGTERM);
	/* A millisecond a byte: it was there for all of them. */
	assert_true(clock_mono_ms() - start_ms >= (int64_t)strlen(step.reply));
}

static void
interrupted_calls_go_on(void **state)
{
	static const struct fake_step step = {
	    NULL, "Committing /a.pem....\nSuccess!\n\n", FAKE_DRIBBLE, 3};
	struct process process = fake_process(fake_start(state, &step, 1));
	struct buf reply = BUF_INIT(1000);
	struct err err = ERR_INIT;
	struct socket_call *call;
	int rc;

	on_signal(SIGALRM, count_signal);
	caught = 0;
	every_ms(1);
	call = begin(&process);
	rc = socket_finish(call, &reply, &err);
	every_ms(0);
	assert_int_equal(rc, 0);
	assert_string_equal(reply.data, step.reply);
	assert_true(caught > 5);
	buf_free(&reply);
}

/* A listener that accepts nothing, its backlog full. */
static struct socket_peer
full_backlog(void **state, int *clients, size_t count)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct socket_peer peer = {.master = false};
	int flags = SOCK_STREAM | SOCK_NONBLOCK;

	snprintf(
	    peer.path, sizeof(peer.path), "%s", fake_file(state, "full.sock"));
	snprintf(
	    address.sun_path, sizeof(address.sun_path), "%.100s", peer.path);
	listener_fd = socket(AF_UNIX, flags, 0);
	assert_int_equal(
	    bind((int)listener_fd, (const struct sockaddr *)&address,
		sizeof(address)),
	    0);
	assert_int_equal(listen((int)listener_fd, 0), 0);
	for (size_t i = 0; i < count; i++) {
		clients[i] = socket(AF_UNIX, flags, 0);
		(void)!connect(clients[i], (const struct sockaddr *)&address,
		    sizeof(address));
	}
	return peer;
}

static void
a_full_backlog_is_tried_again_until_the_timeout(void **state)
{
	int clients[3];
	struct socket_peer peer = full_backlog(state, clients, 3);
	struct socket_call *call = NULL;
	struct err err = ERR_INIT;

	assert_int_equal(
	    socket_send(&peer, "x", 1, 40, &call, &err), ERR_TIMEOUT);
	assert_non_null(strstr(err.detail, "accepted no connection"));
	on_signal(SIGALRM, accept_one);
	accepted_fd = -1;
	every_ms(20);
	err_clear(&err);
	assert_int_equal(socket_send(&peer, "x", 1, 4000, &call, &err), 0);
	every_ms(0);
	/* Nobody answers it: all are hung up on. */
	close((int)listener_fd);
	close((int)accepted_fd);
	end(call, ERR_IO);
	for (size_t i = 0; i < 3; i++)
		close(clients[i]);
}

int
main(void)
{
#define LAB(test)                                                              \
	cmocka_unit_test_setup_teardown(test, fake_setup, fake_teardown)
	const struct CMUnitTest tests[] = {
	    LAB(signals_wait_from_sending_until_the_answer_is_in),
	    LAB(a_failure_gives_the_signals_back),
	    LAB(what_the_caller_had_blocked_stays_blocked),
	    LAB(calls_that_overlap_unblock_with_the_last_one),
	    LAB(a_client_told_to_end_leaves_after_the_answer),
	    LAB(interrupted_calls_go_on),
	    LAB(a_full_backlog_is_tried_again_until_the_timeout),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
