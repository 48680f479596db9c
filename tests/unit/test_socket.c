/*
 * test_socket.c: bytes to HAProxy and back, over a peer that behaves well and
 * over one that does not. Signals have a test of their own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "haproxy/socket.h"
#include "tests/unit/fakeproxy.h"

enum { BIG_BYTES = 1024 * 1024 };

static struct socket_peer
peer_of(const char *path)
{
	struct socket_peer peer = {.master = false};

	snprintf(peer.path, sizeof(peer.path), "%s", path);
	return peer;
}

/* One command through the two halves. */
static int
exchange(const struct fake *fake, const char *command, size_t len,
    long timeout_ms, struct buf *reply, struct err *err)
{
	struct process process = fake_process(fake);
	struct socket_call *call = NULL;
	int rc;

	rc = socket_send(&process.peer, command, len, timeout_ms, &call, err);
	return rc < 0 ? rc : socket_finish(call, reply, err);
}

static int
one(void **state, const struct fake_step *step, long timeout_ms,
    struct buf *reply, struct err *err)
{
	return exchange(
	    fake_start(state, step, 1), "show info", 9, timeout_ms, reply, err);
}

static void
sends_a_line_half_closes_and_reads_to_eof(void **state)
{
	static const struct fake_step steps[] = {
	    {"show info\n", "Name: HAProxy\nPid: 1\n\n", FAKE_ANSWER, 0},
	    {"show info\n", "Name: HAProxy\nPid: 2\n\n", FAKE_ANSWER, 0},
	};
	struct fake *fake = fake_start(state, steps, 2);
	struct buf reply = BUF_INIT(1000);
	struct err err = ERR_INIT;

	assert_int_equal(exchange(fake, "show info", 9, 2000, &reply, &err), 0);
	assert_string_equal(reply.data, "Name: HAProxy\nPid: 1\n\n");
	assert_int_equal(
	    exchange(fake, "show info\n", 10, 2000, &reply, &err), 0);
	assert_string_equal(reply.data, "Name: HAProxy\nPid: 2\n\n");
	assert_string_equal(fake_received(fake, 0), "show info\n");
	assert_string_equal(fake_received(fake, 1), "show info\n");
	fake_played(fake);
	buf_free(&reply);
}

static void
sends_parts_in_their_order_without_adding_a_byte(void **state)
{
	static const struct fake_step step = {NULL, "\n", FAKE_ANSWER, 0};
	static const struct socket_part parts[] = {
	    {"set x ", 6}, {"", 0}, {"<<\n", 3}, {"body\n", 5}, {"\n", 1}};
	struct fake *fake = fake_start(state, &step, 1);
	struct process process = fake_process(fake);
	struct buf reply = BUF_INIT(1000);
	struct socket_call *call = NULL;
	struct err err = ERR_INIT;

	assert_int_equal(socket_send_parts(&process.peer, parts,
			     COUNT_OF(parts), 2000, &call, &err),
	    0);
	assert_int_equal(socket_finish(call, &reply, &err), 0);
	assert_string_equal(fake_received(fake, 0), "set x <<\nbody\n\n");
	buf_free(&reply);
}

static void
reads_a_reply_that_comes_byte_by_byte(void **state)
{
	static const struct fake_step step = {
	    NULL, "Committing /a.pem..\nSuccess!\n\n", FAKE_DRIBBLE, 1};
	struct buf reply = BUF_INIT(1000);
	struct err err = ERR_INIT;

	assert_int_equal(one(state, &step, 5000, &reply, &err), 0);
	assert_string_equal(reply.data, step.reply);
	buf_free(&reply);
}

static void
a_silent_peer_is_a_timeout(void **state)
{
	static const struct fake_step step = {NULL, NULL, FAKE_STALL, 0};
	struct buf reply = BUF_INIT(1000);
	struct err err = ERR_INIT;
	int64_t start_ms = clock_mono_ms();

	assert_int_equal(one(state, &step, 60, &reply, &err), ERR_TIMEOUT);
	assert_true(clock_mono_ms() - start_ms >= 60);
	assert_int_equal(err.code, ERR_TIMEOUT);
	assert_non_null(strstr(err.detail, "60 ms"));
	buf_free(&reply);
}

static void
a_reply_that_never_ends_is_a_timeout_in_all(void **state)
{
	static char text[4000];
	struct fake_step step = {NULL, text, FAKE_DRIBBLE, 5};
	struct buf reply = BUF_INIT(10000);
	struct err err = ERR_INIT;

	memset(text, '.', sizeof(text) - 1);
	assert_int_equal(one(state, &step, 80, &reply, &err), ERR_TIMEOUT);
	buf_free(&reply);
}

static void
a_cut_reply_is_an_error_at_every_byte_of_a_line(void **state)
{
	static const char text[] = "Committing /a.pem\nSuccess!\n";
	struct fake_step steps[sizeof(text)];
	struct buf reply = BUF_INIT(1000);
	struct fake *fake;

	for (size_t i = 0; i < COUNT_OF(steps); i++)
		steps[i] = (struct fake_step){NULL, text, FAKE_CUT, i};
	fake = fake_start(state, steps, COUNT_OF(steps));
	for (size_t i = 0; i < COUNT_OF(steps); i++) {
		struct err err = ERR_INIT;
		bool whole = i == 0 || text[i - 1] == '\n';

		assert_int_equal(
		    exchange(fake, "commit", 6, 2000, &reply, &err),
		    whole ? 0 : ERR_IO);
		assert_int_equal(err.code, whole ? 0 : ERR_IO);
	}
	fake_played(fake);
	buf_free(&reply);
}

static void
a_peer_that_closes_without_a_word_gives_an_empty_reply(void **state)
{
	static const struct fake_step step = {NULL, NULL, FAKE_CLOSE, 0};
	struct buf reply = BUF_INIT(1000);
	struct err err = ERR_INIT;

	assert_int_equal(buf_puts(&reply, "old", &err), 0);
	assert_int_equal(one(state, &step, 2000, &reply, &err), 0);
	assert_int_equal(reply.len, 0);
	buf_free(&reply);
}

static void
a_reset_before_the_command_is_read_is_an_error(void **state)
{
	static const struct fake_step step = {NULL, NULL, FAKE_RESET, 0};
	struct buf reply = BUF_INIT(1000);
	struct err err = ERR_INIT;

	assert_int_equal(one(state, &step, 2000, &reply, &err), ERR_IO);
	assert_non_null(strstr(err.detail, "tune.bufsize"));
	buf_free(&reply);
}

static void
a_reset_while_a_large_payload_is_sent_is_an_error(void **state)
{
	static const struct fake_step steps[] = {
	    {NULL, NULL, FAKE_RESET, 0},
	    {NULL, NULL, FAKE_EARLY, 16384},
	};
	struct fake *fake = fake_start(state, steps, COUNT_OF(steps));
	struct buf reply = BUF_INIT(1000);
	char *big = malloc(BIG_BYTES);

	assert_non_null(big);
	memset(big, 'x', BIG_BYTES);
	for (size_t i = 0; i < COUNT_OF(steps); i++) {
		struct err err = ERR_INIT;

		assert_int_equal(
		    exchange(fake, big, BIG_BYTES, 2000, &reply, &err), ERR_IO);
		assert_non_null(strstr(err.detail, "tune.bufsize"));
		assert_null(strstr(err.detail, "xxx"));
	}
	fake_played(fake);
	free(big);
	buf_free(&reply);
}

static void
what_a_peer_says_before_it_hangs_up_on_a_payload_is_read(void **state)
{
	static const struct fake_step step = {
	    NULL, "Permission denied\n\n", FAKE_EARLY, 100};
	struct fake *fake = fake_start(state, &step, 1);
	struct buf reply = BUF_INIT(1000);
	struct err err = ERR_INIT;
	char *big = calloc(1, BIG_BYTES);

	assert_non_null(big);
	assert_int_equal(exchange(fake, big, BIG_BYTES, 2000, &reply, &err), 0);
	assert_string_equal(reply.data, "Permission denied\n\n");
	free(big);
	buf_free(&reply);
}

static void
a_payload_that_nobody_reads_is_a_timeout(void **state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const char *path = fake_file(state, "deaf.sock");
	struct socket_peer peer = peer_of(path);
	int listener = socket(AF_UNIX, SOCK_STREAM, 0);
	struct socket_call *call = NULL;
	struct err err = ERR_INIT;
	char *big = calloc(1, BIG_BYTES);

	assert_non_null(big);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	assert_int_equal(
	    bind(listener, (const struct sockaddr *)&address, sizeof(address)),
	    0);
	assert_int_equal(listen(listener, 4), 0);
	assert_int_equal(
	    socket_send(&peer, big, BIG_BYTES, 50, &call, &err), ERR_TIMEOUT);
	assert_null(call);
	close(listener);
	free(big);
}

static void
a_reply_over_the_limit_is_read_to_its_end_and_refused(void **state)
{
	static char text[40000];
	struct fake_step steps[] = {
	    {NULL, text, FAKE_ANSWER, 0}, {NULL, "\n", FAKE_ANSWER, 0}};
	struct fake *fake;
	struct buf reply = BUF_INIT(30000);
	struct err err = ERR_INIT;

	memset(text, 'y', sizeof(text) - 2);
	text[sizeof(text) - 2] = '\n';
	fake = fake_start(state, steps, 2);
	assert_int_equal(exchange(fake, "x", 1, 2000, &reply, &err), ERR_LIMIT);
	assert_int_equal(exchange(fake, "x", 1, 2000, &reply, &err), 0);
	fake_played(fake);
	buf_free(&reply);
}

static void
no_listener_is_down_and_says_where(void **state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const char *path = fake_file(state, "dead.sock");
	struct socket_peer peer = peer_of(path);
	struct socket_call *call = NULL;
	struct err err = ERR_INIT;
	int listener;

	assert_int_equal(
	    socket_send(&peer, "x", 1, 100, &call, &err), ERR_DOWN);
	assert_string_equal(err.on, path);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	listener = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(
	    bind(listener, (const struct sockaddr *)&address, sizeof(address)),
	    0);
	close(listener);
	assert_int_equal(
	    socket_send(&peer, "x", 1, 100, &call, &err), ERR_DOWN);
	assert_null(call);
}

static void
a_socket_that_we_may_not_use_is_a_permission_error(void **state)
{
	static const struct fake_step step = {NULL, "\n", FAKE_ANSWER, 0};
	struct process process = fake_process(fake_start(state, &step, 1));
	struct socket_call *call = NULL;
	struct err err = ERR_INIT;
	int rc;

	/* Root may connect to anything, so be somebody else for a moment. */
	if (geteuid() != 0 || seteuid(65534) < 0)
		skip();
	rc = socket_send(&process.peer, "x", 1, 100, &call, &err);
	assert_int_equal(seteuid(0), 0);
	assert_int_equal(rc, ERR_PERM);
	assert_string_equal(err.on, process.peer.path);
}

/* What listen() notes is who it is called by: somebody else, for a moment. */
static int
listen_as(const char *path, uid_t uid)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	assert_int_equal(
	    bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(seteuid(uid), 0);
	assert_int_equal(listen(fd, 4), 0);
	assert_int_equal(seteuid(0), 0);
	return fd;
}

static void
a_listener_who_is_not_root_gets_not_a_byte(void **state)
{
	const char *path = fake_file(state, "theirs.sock");
	struct socket_peer peer = peer_of(path);
	struct socket_call *call = NULL;
	struct err err = ERR_INIT;
	int listener, fd;
	char byte;

	if (geteuid() != 0)
		skip();
	listener = listen_as(path, 4711);
	assert_int_equal(
	    socket_send(&peer, "a key", 5, 100, &call, &err), ERR_UNSAFE);
	assert_null(call);
	assert_string_equal(err.on, path);
	assert_non_null(strstr(err.detail, "uid 4711 "));
	fd = accept(listener, NULL, NULL);
	assert_true(fd >= 0);
	assert_int_equal(read(fd, &byte, 1), 0);
	close(fd);
	close(listener);
}

static void
a_path_longer_than_a_unix_socket_can_have_is_said(void **state)
{
	struct socket_peer peer = {.master = false};
	struct socket_call *call = NULL;
	struct err err = ERR_INIT;

	(void)state;
	memset(peer.path, '/', 108);
	assert_int_equal(
	    socket_send(&peer, "x", 1, 100, &call, &err), ERR_LIMIT);
	assert_non_null(strstr(err.detail, "107 bytes"));
}

int
main(void)
{
#define LAB(test)                                                              \
	cmocka_unit_test_setup_teardown(test, fake_setup, fake_teardown)
	const struct CMUnitTest tests[] = {
	    LAB(sends_a_line_half_closes_and_reads_to_eof),
	    LAB(sends_parts_in_their_order_without_adding_a_byte),
	    LAB(reads_a_reply_that_comes_byte_by_byte),
	    LAB(a_silent_peer_is_a_timeout),
	    LAB(a_reply_that_never_ends_is_a_timeout_in_all),
	    LAB(a_cut_reply_is_an_error_at_every_byte_of_a_line),
	    LAB(a_peer_that_closes_without_a_word_gives_an_empty_reply),
	    LAB(a_reset_before_the_command_is_read_is_an_error),
	    LAB(a_reset_while_a_large_payload_is_sent_is_an_error),
	    LAB(what_a_peer_says_before_it_hangs_up_on_a_payload_is_read),
	    LAB(a_payload_that_nobody_reads_is_a_timeout),
	    LAB(a_reply_over_the_limit_is_read_to_its_end_and_refused),
	    LAB(no_listener_is_down_and_says_where),
	    LAB(a_socket_that_we_may_not_use_is_a_permission_error),
	    LAB(a_listener_who_is_not_root_gets_not_a_byte),
	    LAB(a_path_longer_than_a_unix_socket_can_have_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
