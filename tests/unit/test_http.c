/*
 * test_http.c: replies as bytes on the wire, from a server of words: what is
 * kept of them, and that they are bounded in size and in time.
 */
#include "acme/http.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "acme/http_private.h"
#include "base/clock.h"

/* Answers each connection's first request with `reply`, then `stalls`. */
static pid_t
start_server(const char *reply, bool stalls, int *ret_port)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t len = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM, 0), fd;
	char request[4096];
	pid_t pid;

	assert_true(listener >= 0);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(
	    bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(listener, 4), 0);
	assert_int_equal(
	    getsockname(listener, (struct sockaddr *)&address, &len), 0);
	*ret_port = ntohs(address.sin_port);
	pid = fork();
	assert_true(pid >= 0);
	if (pid > 0) {
		assert_int_equal(close(listener), 0);
		return pid;
	}
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		fd = accept(listener, NULL, NULL);
		if (fd < 0 || recv(fd, request, sizeof(request), 0) < 0)
			_exit(1);
		(void)send(fd, reply, strlen(reply), MSG_NOSIGNAL);
		if (!stalls)
			(void)close(fd);
	}
}

struct rig {
	struct loop *loop;
	struct http *http;
	pid_t server;
	char url[64];
	struct http_reply reply;
	struct err err;
};

static void
rig_begin(struct rig *rig, const char *reply, bool stalls)
{
	const struct http_policy policy = {.user_agent = "test",
	    .ca_file = "",
	    .verify_ssl = true,
	    .allow_plain = true,
	    .timeout_ms = 700};
	int port;

	memset(rig, 0, sizeof(*rig));
	rig->server = start_server(reply, stalls, &port);
	(void)snprintf(
	    rig->url, sizeof(rig->url), "http://127.0.0.1:%d/a/b", port);
	assert_int_equal(loop_new(&rig->loop, &rig->err), 0);
	assert_int_equal(
	    http_new(rig->loop, &policy, &rig->http, &rig->err), 0);
}

static void
rig_end(struct rig *rig)
{
	int status;

	http_reply_free(&rig->reply);
	http_free(rig->http);
	loop_free(rig->loop);
	assert_int_equal(kill(rig->server, SIGKILL), 0);
	assert_int_equal(waitpid(rig->server, &status, 0), rig->server);
}

static int
rig_get(struct rig *rig)
{
	return http_get(rig->http, rig->url, &rig->reply, &rig->err);
}

static void
keeps_what_is_valid_of_a_head(void **state)
{
	struct rig rig;

	(void)state;
	rig_begin(&rig,
	    "HTTP/1.1 100 Continue\r\nReplay-Nonce: early\r\n\r\n"
	    "HTTP/1.1 201 Created\r\nReplay-Nonce:  oFvnlFP1wIhRlYS2jTaXbA \r\n"
	    "LOCATION: ../order/1\r\nRetry-After: 120\r\n"
	    "Link: <https://a.example/x>;rel=\"index\", "
	    "</c/1>; title=\"a,b;rel=x\"; rel=alternate,<c2> ; "
	    "Rel=\"up ALTERNATE\"\r\n"
	    "Link: <https://a.example/terms>;rel=\"terms-of-service\"\r\n"
	    "Link: <no end;rel=\"alternate\"\r\n"
	    "Link: <>;rel\r\n"
	    "Content-Type: application/pem-certificate-chain; a=b\r\n"
	    "Content-Length: 5\r\n\r\nhello",
	    false);
	if (rig_get(&rig) != 0)
		fail_msg("%s", rig.err.detail);
	assert_int_equal(rig.reply.status, 201);
	assert_string_equal(buf_text(&rig.reply.body), "hello");
	assert_string_equal(rig.reply.replay_nonce, "oFvnlFP1wIhRlYS2jTaXbA");
	assert_int_equal(rig.reply.retry_after_s, 120);
	assert_non_null(strstr(rig.reply.location, "http://127.0.0.1:"));
	assert_non_null(strstr(rig.reply.location, "/order/1"));
	assert_null(strstr(rig.reply.location, ".."));
	assert_int_equal(rig.reply.alternate_count, 2);
	assert_non_null(strstr(rig.reply.alternates[0].url, "/c/1"));
	assert_non_null(strstr(rig.reply.alternates[1].url, "/a/c2"));
	assert_string_equal(rig.reply.terms, "https://a.example/terms");
	assert_string_equal(
	    rig.reply.content_type, "application/pem-certificate-chain");
	assert_int_equal(http_requests(rig.http), 1);
	rig_end(&rig);
}

static void
a_head_that_is_hostile_is_no_head(void **state)
{
	char reply[LIMIT_NONCE_BYTES + LIMIT_URL_BYTES + 512];
	struct rig rig;

	(void)state;
	(void)snprintf(reply, sizeof(reply),
	    "HTTP/1.1 200 OK\r\nReplay-Nonce: %0*d\r\nLocation: "
	    "https://a.example/%0*d\r\nRetry-After: soon\r\n"
	    "Content-Length: 0\r\n\r\n",
	    LIMIT_NONCE_BYTES, 0, LIMIT_URL_BYTES, 0);
	rig_begin(&rig, reply, false);
	if (rig_get(&rig) != 0)
		fail_msg("%s", rig.err.detail);
	assert_string_equal(rig.reply.replay_nonce, "");
	assert_string_equal(rig.reply.location, "");
	assert_int_equal(rig.reply.retry_after_s, -1);
	rig_end(&rig);
}

/* 2015-10-21T07:28:00Z is the date. */
static void
retry_after_comes_in_two_forms(void **state)
{
	static const struct {
		const char *value;
		time_t now_s;
		long seconds;
	} rows[] = {
	    {"0", 0, 0},
	    {"86400", 0, 86400},
	    {"99999999999999999999", 0, 366L * 24 * 3600},
	    {"Wed, 21 Oct 2015 07:28:00 GMT", 1445412480 - 90, 90},
	    {"Wed, 21 Oct 2015 07:28:00 GMT", 1445412480 + 90, 0},
	    {"Wed, 21 Oct 2099 07:28:00 GMT", 1445412480, 366L * 24 * 3600},
	    {"12 parsecs", 0, -1},
	    {"1.5", 0, -1},
	    {"-5", 0, -1},
	    {"", 0, -1},
	};
	char reply[256];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct rig rig;

		(void)snprintf(reply, sizeof(reply),
		    "HTTP/1.1 503 Busy\r\nRetry-After: %s\r\n"
		    "Content-Length: 0\r\n\r\n",
		    rows[i].value);
		rig_begin(&rig, reply, false);
		clock_set(rows[i].now_s);
		assert_int_equal(rig_get(&rig), 0);
		clock_set(0);
		assert_int_equal(rig.reply.status, 503);
		assert_int_equal(rig.reply.retry_after_s, rows[i].seconds);
		rig_end(&rig);
	}
}

static void
what_does_not_come_is_not_waited_for(void **state)
{
	static const char *const replies[] = {"", "HTTP/1.1 200 OK\r\n",
	    "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nslow"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(replies); i++) {
		int64_t begun_ms = clock_mono_ms();
		struct rig rig;

		rig_begin(&rig, replies[i], true);
		assert_int_equal(rig_get(&rig), ERR_TIMEOUT);
		assert_string_equal(rig.err.on, rig.url);
		assert_true(clock_mono_ms() - begun_ms >= 650);
		assert_true(clock_mono_ms() - begun_ms < 20 * 1000);
		rig_end(&rig);
	}
}

static void
what_is_no_http_is_refused(void **state)
{
	static const struct {
		const char *reply;
		int code;
	} rows[] = {
	    {"", ERR_DOWN},
	    {"SSH-2.0-OpenSSH_9.2\r\n", ERR_SYNTAX},
	    {"HTTP/1.1 200 OK\r\nno colon\r\n\r\n", ERR_SYNTAX},
	    {"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\ncut", ERR_DOWN},
	    {"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", ERR_SYNTAX},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct rig rig;

		rig_begin(&rig, rows[i].reply, false);
		assert_int_equal(rig_get(&rig), rows[i].code);
		rig_end(&rig);
	}
}

static void
only_https_is_spoken(void **state)
{
	const struct http_policy policy = {.user_agent = "test",
	    .ca_file = "",
	    .verify_ssl = true,
	    .timeout_ms = 700};
	static const char *const urls[] = {"http://127.0.0.1/", "file:///etc",
	    "", "https:///", "https://a.example/ x", "http://ca.example/"};
	struct http_reply reply;
	struct http *http = NULL;
	struct loop *loop = NULL;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(loop_new(&loop, &err), 0);
	assert_int_equal(http_new(loop, &policy, &http, &err), 0);
	for (size_t i = 0; i < COUNT_OF(urls); i++) {
		assert_int_equal(
		    http_get(http, urls[i], &reply, &err), ERR_USAGE);
		http_reply_free(&reply);
	}
	assert_int_equal(http_requests(http), 0);
	/* Nobody listens at port 1. */
	assert_int_equal(
	    http_head(http, "https://127.0.0.1:1/", &reply, &err), ERR_DOWN);
	http_reply_free(&reply);
	http_free(http);
	loop_free(loop);
}

static void
what_is_plain_stays_here(void **state)
{
	static const struct {
		int family;
		const char *address;
		bool here;
	} rows[] = {
	    {AF_INET, "127.0.0.1", true},
	    {AF_INET, "127.255.255.254", true},
	    {AF_INET, "128.0.0.1", false},
	    {AF_INET, "1.0.0.127", false},
	    {AF_INET, "0.0.0.0", false},
	    {AF_INET6, "::1", true},
	    {AF_INET6, "::2", false},
	    {AF_INET6, "2001:db8::1", false},
	    {AF_INET6, "::", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct sockaddr_storage at = {
		    .ss_family = (sa_family_t)rows[i].family};
		struct sockaddr_in *in = (void *)&at;
		struct sockaddr_in6 *in6 = (void *)&at;

		assert_int_equal(
		    inet_pton(rows[i].family, rows[i].address,
			rows[i].family == AF_INET ? (void *)&in->sin_addr
						  : (void *)&in6->sin6_addr),
		    1);
		assert_int_equal(http_is_here((const void *)&at), rows[i].here);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(keeps_what_is_valid_of_a_head),
	    cmocka_unit_test(a_head_that_is_hostile_is_no_head),
	    cmocka_unit_test(retry_after_comes_in_two_forms),
	    cmocka_unit_test(what_does_not_come_is_not_waited_for),
	    cmocka_unit_test(what_is_no_http_is_refused),
	    cmocka_unit_test(only_https_is_spoken),
	    cmocka_unit_test(what_is_plain_stays_here),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
