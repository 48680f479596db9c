/*
 * test_responder.c: http-01's answers, to a CA that asks from several places
 * at once, and to everybody else on the internet. With it the loop, which
 * serves them while something else is waited for.
 */
#include "acme/responder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"

#define PATH "/.well-known/acme-challenge/"
#define TOKEN_A "evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA"
#define TOKEN_B "LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0"

enum { LOOP_TICK_MS = 10 };

struct rig {
	struct loop *loop;
	struct responder *responder;
	int listeners[2]; /* IPv4, IPv6 */
	struct sockaddr_storage addresses[2];
	socklen_t lens[2];
};

static void
listen_at(struct rig *rig, int i, int family)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
	struct sockaddr_storage *address = &rig->addresses[i];
	int fd = socket(family, SOCK_STREAM, 0);

	v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	v6.sin6_addr = in6addr_loopback;
	rig->lens[i] = family == AF_INET ? sizeof(v4) : sizeof(v6);
	memcpy(address, family == AF_INET ? (void *)&v4 : (void *)&v6,
	    rig->lens[i]);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)address, rig->lens[i]), 0);
	assert_int_equal(listen(fd, 64), 0);
	assert_int_equal(
	    getsockname(fd, (struct sockaddr *)address, &rig->lens[i]), 0);
	rig->listeners[i] = fd;
}

static int
rig_setup(void **state)
{
	struct rig *rig = calloc(1, sizeof(*rig));
	struct err err = ERR_INIT;

	assert_non_null(rig);
	listen_at(rig, 0, AF_INET);
	listen_at(rig, 1, AF_INET6);
	assert_int_equal(loop_new(&rig->loop, &err), 0);
	assert_int_equal(
	    responder_new(rig->loop, rig->listeners, 2, &rig->responder, &err),
	    0);
	assert_int_equal(
	    responder_add(rig->responder, TOKEN_A, TOKEN_A ".thumb", &err), 0);
	*state = rig;
	return 0;
}

static int
rig_teardown(void **state)
{
	struct rig *rig = *state;

	responder_free(rig->responder);
	loop_free(rig->loop);
	assert_int_equal(
	    close(rig->listeners[0]) + close(rig->listeners[1]), 0);
	free(rig);
	return 0;
}

static int
dial(const struct rig *rig, int i)
{
	int fd = socket(rig->addresses[i].ss_family, SOCK_STREAM, 0);

	assert_true(fd >= 0);
	assert_int_equal(
	    connect(
		fd, (const struct sockaddr *)&rig->addresses[i], rig->lens[i]),
	    0);
	return fd;
}

static void
say(int fd, const char *text)
{
	assert_int_equal(
	    send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* Serves until the other side has hung up; what it said. */
static const char *
hear(const struct rig *rig, int fd)
{
	static char text[4096];
	int64_t until_ms = clock_mono_ms() + 20 * 1000;
	struct err err = ERR_INIT;
	size_t len = 0;

	for (;;) {
		ssize_t n =
		    recv(fd, text + len, sizeof(text) - 1 - len, MSG_DONTWAIT);

		if (n == 0)
			break;
		if (n > 0)
			len += (size_t)n;
		assert_true(clock_mono_ms() < until_ms);
		assert_int_equal(loop_pause(rig->loop, 1, &err), 0);
	}
	text[len] = '\0';
	assert_int_equal(close(fd), 0);
	return text;
}

static void
answers_for_its_tokens_and_no_others(void **state)
{
	static const struct {
		const char *request;
		bool known;
	} rows[] = {
	    {"GET " PATH TOKEN_A " HTTP/1.1\r\nHost: a.example\r\n\r\n", true},
	    {"GET " PATH TOKEN_A " HTTP/1.0\n\n", true},
	    {"HEAD " PATH TOKEN_A " HTTP/1.1\r\n\r\n", true},
	    {"GET " PATH TOKEN_B " HTTP/1.1\r\n\r\n", false},
	    {"GET " PATH TOKEN_A "x HTTP/1.1\r\n\r\n", false},
	    {"GET " PATH TOKEN_A "/../x HTTP/1.1\r\n\r\n", false},
	    {"GET " PATH " HTTP/1.1\r\n\r\n", false},
	    {"GET /x HTTP/1.1\r\n\r\n", false},
	    {"GET " PATH "../../../etc/passwd HTTP/1.1\r\n\r\n", false},
	    {"POST " PATH TOKEN_A " HTTP/1.1\r\n\r\n", false},
	    {"GET " PATH TOKEN_A "\r\n\r\n", false},
	    {"\x16\x03\x01\x02 hello \r\n\r\n", false},
	    {"\r\n\r\n", false},
	};
	struct rig *rig = *state;
	unsigned known = 0;

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		int fd = dial(rig, (int)(i % 2));
		const char *text;

		say(fd, rows[i].request);
		text = hear(rig, fd);
		assert_non_null(strstr(text,
		    rows[i].known ? "HTTP/1.1 200 OK\r\n"
				  : "HTTP/1.1 404 Not Found\r\n"));
		assert_int_equal(strstr(text, ".thumb") != NULL,
		    rows[i].known && rows[i].request[0] == 'G');
		known += rows[i].known;
	}
	assert_int_equal(responder_served(rig->responder), known);
}

/* `option httpchk GET /` of a proxy that had certbot there before. */
static void
the_index_is_certbots(void **state)
{
	struct rig *rig = *state;
	int fd = dial(rig, 0);
	const char *text;

	say(fd, "GET / HTTP/1.0\r\n\r\n");
	text = hear(rig, fd);
	assert_non_null(strstr(text, "HTTP/1.1 200 OK\r\n"));
	assert_non_null(
	    strstr(text, "\r\n\r\nACME client standalone challenge solver"));
	fd = dial(rig, 1);
	say(fd, "HEAD / HTTP/1.1\r\n\r\n");
	text = hear(rig, fd);
	assert_non_null(strstr(text, "HTTP/1.1 200 OK\r\n"));
	assert_null(strstr(text, "solver"));
	assert_int_equal(responder_served(rig->responder), 0);
	assert_false(*responder_settled(rig->responder));
}

static void
several_ask_at_once_and_slowly(void **state)
{
	struct rig *rig = *state;
	struct err err = ERR_INIT;
	int fds[8];

	assert_int_equal(
	    responder_add(rig->responder, TOKEN_B, TOKEN_B ".thumb", &err), 0);
	for (int i = 0; i < 8; i++) {
		fds[i] = dial(rig, i % 2);
		say(fds[i], "GET " PATH);
	}
	assert_int_equal(loop_pause(rig->loop, 20, &err), 0);
	for (int i = 0; i < 8; i++)
		say(fds[i],
		    i % 2 == 0 ? TOKEN_A " HTTP/1.1\r\nA: b\r\n"
			       : TOKEN_B " HTTP/1.1\r\nA: b\r\n");
	assert_int_equal(loop_pause(rig->loop, 20, &err), 0);
	for (int i = 0; i < 8; i++) {
		const char *text;

		say(fds[i], "\r\n");
		text = hear(rig, fds[i]);
		assert_non_null(strstr(
		    text, i % 2 == 0 ? TOKEN_A ".thumb" : TOKEN_B ".thumb"));
	}
	responder_remove(rig->responder, TOKEN_A);
	responder_remove(rig->responder, "of nobody");
	for (int i = 0; i < 2; i++) {
		fds[i] = dial(rig, 0);
		say(fds[i],
		    i == 0 ? "GET " PATH TOKEN_A " HTTP/1.1\r\n\r\n"
			   : "GET " PATH TOKEN_B " HTTP/1.1\r\n\r\n");
		assert_int_equal(
		    strstr(hear(rig, fds[i]), " 200 ") != NULL, i == 1);
	}
}

static void
the_silent_cannot_keep_others_out(void **state)
{
	enum { MANY = LIMIT_RESPONDER_CONNECTIONS + 8 };
	struct rig *rig = *state;
	struct err err = ERR_INIT;
	static int fds[MANY];
	char byte;
	int fd;

	for (int i = 0; i < MANY; i++) {
		fds[i] = dial(rig, 0);
		assert_int_equal(loop_pause(rig->loop, 0, &err), 0);
	}
	fd = dial(rig, 1);
	say(fd, "GET " PATH TOKEN_A " HTTP/1.1\r\n\r\n");
	assert_non_null(strstr(hear(rig, fd), TOKEN_A ".thumb"));
	/* The oldest had to go, the newest may stay. */
	assert_int_equal(recv(fds[0], &byte, 1, 0), 0);
	assert_int_equal(recv(fds[MANY - 1], &byte, 1, MSG_DONTWAIT), -1);
	for (int i = 0; i < MANY; i++)
		assert_int_equal(close(fds[i]), 0);
}

static void
an_endless_request_is_cut(void **state)
{
	struct rig *rig = *state;
	struct err err = ERR_INIT;
	char line[1024];
	int fd = dial(rig, 0);
	ssize_t sent = 0;

	memset(line, 'a', sizeof(line));
	for (int i = 0; i < 64 && sent >= 0; i++) {
		sent =
		    send(fd, line, sizeof(line), MSG_NOSIGNAL | MSG_DONTWAIT);
		assert_int_equal(loop_pause(rig->loop, 1, &err), 0);
	}
	assert_int_equal(sent, -1);
	assert_int_equal(close(fd), 0);
}

static void
there_is_a_limit_to_tokens(void **state)
{
	struct rig *rig = *state;
	char token[LIMIT_TOKEN_BYTES + 2];
	struct err err = ERR_INIT;

	memset(token, 'a', sizeof(token));
	token[sizeof(token) - 1] = '\0';
	assert_int_equal(
	    responder_add(rig->responder, token, "x", &err), ERR_LIMIT);
	for (int i = 1; i < LIMIT_AUTHORIZATIONS; i++) {
		(void)snprintf(token, sizeof(token), "token-%d", i);
		assert_int_equal(
		    responder_add(rig->responder, token, "x", &err), 0);
	}
	assert_int_equal(
	    responder_add(rig->responder, "more", "x", &err), ERR_LIMIT);
}

static void
set(void *context)
{
	*(bool *)context = true;
}

static void
the_loop_ends_when_done_or_late(void **state)
{
	struct rig *rig = *state;
	struct loop_timer *timer = NULL;
	struct err err = ERR_INIT;
	bool done = false;
	int64_t begun_ms = clock_mono_ms();

	assert_int_equal(
	    loop_timer_new(rig->loop, set, &done, &timer, &err), 0);
	assert_int_equal(
	    loop_run(rig->loop, &done, 30, "waiting", &err), ERR_TIMEOUT);
	assert_true(clock_mono_ms() - begun_ms >= 29);
	assert_int_equal(loop_timer_set(timer, 10, &err), 0);
	assert_int_equal(loop_run(rig->loop, &done, -1, "waiting", &err), 0);
	assert_true(done);
	/* Done before it began: nothing is waited for. */
	assert_int_equal(loop_run(rig->loop, &done, -1, "waiting", &err), 0);
	done = false;
	assert_int_equal(loop_timer_set(timer, 10, &err), 0);
	assert_int_equal(loop_timer_set(timer, -1, &err), 0);
	assert_int_equal(loop_pause(rig->loop, 30, &err), 0);
	assert_false(done);
	loop_timer_free(timer);
}

static void
fetch(const struct rig *rig, const char *request)
{
	int fd = dial(rig, 0);

	say(fd, request);
	assert_non_null(strstr(hear(rig, fd), "200 OK"));
}

/* When every answer was fetched, and nobody comes for one any more. */
static void
it_tells_when_all_was_fetched(void **state)
{
	struct rig *rig = *state;
	const bool *settled = responder_settled(rig->responder);
	struct err err = ERR_INIT;
	int64_t begun_ms;

	assert_int_equal(
	    responder_add(rig->responder, TOKEN_B, TOKEN_B ".thumb", &err), 0);
	fetch(rig, "GET " PATH TOKEN_A " HTTP/1.1\r\n\r\n");
	assert_int_equal(loop_run(rig->loop, settled,
			     3 * LIMIT_RESPONDER_QUIET_MS, "", &err),
	    ERR_TIMEOUT);
	begun_ms = clock_mono_ms();
	fetch(rig, "GET " PATH TOKEN_B " HTTP/1.1\r\n\r\n");
	assert_int_equal(loop_run(rig->loop, settled, -1, "", &err), 0);
	/* The loop's clock is a coarse one: a tick of the kernel's. */
	assert_true(clock_mono_ms() - begun_ms >=
	    LIMIT_RESPONDER_QUIET_MS - LOOP_TICK_MS);
}

#define CASE(test)                                                             \
	cmocka_unit_test_setup_teardown(test, rig_setup, rig_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(answers_for_its_tokens_and_no_others),
	    CASE(the_index_is_certbots),
	    CASE(several_ask_at_once_and_slowly),
	    CASE(the_silent_cannot_keep_others_out),
	    CASE(an_endless_request_is_cut),
	    CASE(there_is_a_limit_to_tokens),
	    CASE(the_loop_ends_when_done_or_late),
	    CASE(it_tells_when_all_was_fetched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
