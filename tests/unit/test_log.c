/*
 * test_log.c: what reaches stderr, and in which form.
 */
#include "base/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/*
 * stderr as a socket of packets: so it shows how many writes there were. The
 * real one is put back by heard().
 */
static int kept_fd = -1, hear_fd = -1;

static void
listen_up(void)
{
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	kept_fd = dup(STDERR_FILENO);
	assert_true(kept_fd >= 0);
	assert_int_equal(dup2(pair[1], STDERR_FILENO), STDERR_FILENO);
	(void)close(pair[1]);
	hear_fd = pair[0];
}

/* Puts stderr back; `text` gets the packets, each behind a `|`. */
static void
heard(char *text, size_t size)
{
	size_t used = 0;
	ssize_t got;

	assert_int_equal(dup2(kept_fd, STDERR_FILENO), STDERR_FILENO);
	(void)close(kept_fd);
	for (;;) {
		assert_true(used + 2 < size);
		got = recv(hear_fd, text + used + 1, size - used - 2, 0);
		if (got <= 0)
			break;
		text[used] = '|';
		used += 1 + (size_t)got;
	}
	text[used] = '\0';
	(void)close(hear_fd);
}

static void
errors_and_warnings_are_marked(void **state)
{
	char text[512];

	(void)state;
	log_open("certhaul-hook", LOG_LEVEL_DEBUG, false);
	listen_up();
	log_say(LOG_LEVEL_ERROR, "one %d", 1);
	log_say(LOG_LEVEL_WARN, "two");
	log_say(LOG_LEVEL_INFO, "three");
	log_say(LOG_LEVEL_DEBUG, "four");
	heard(text, sizeof(text));
	assert_string_equal(text,
	    "|certhaul-hook: error: one 1\n"
	    "|certhaul-hook: warning: two\n"
	    "|three\n"
	    "|four\n");
}

static void
the_level_holds_back_what_is_above_it(void **state)
{
	char text[512];

	(void)state;
	log_open("x", LOG_LEVEL_WARN, false);
	listen_up();
	log_say(LOG_LEVEL_ERROR, "one");
	log_say(LOG_LEVEL_WARN, "two");
	log_say(LOG_LEVEL_INFO, "three");
	log_say(LOG_LEVEL_DEBUG, "four");
	heard(text, sizeof(text));
	assert_string_equal(text, "|x: error: one\n|x: warning: two\n");
}

static void
a_line_is_one_line_and_holds_no_key(void **state)
{
	char text[512];

	(void)state;
	log_open("x", LOG_LEVEL_INFO, false);
	listen_up();
	log_say(LOG_LEVEL_INFO, "a\nx: error: forged\x1b[31m \xff %s",
	    "-----BEGIN PRIVATE KEY-----S-----END PRIVATE KEY-----");
	heard(text, sizeof(text));
	assert_string_equal(text, "|a x: error: forged [31m ? [key]\n");
}

static void
a_long_line_is_cut(void **state)
{
	char text[2 * LIMIT_LOG_LINE_BYTES], line[2 * LIMIT_LOG_LINE_BYTES];

	(void)state;
	memset(line, 'x', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\0';
	log_open("x", LOG_LEVEL_INFO, false);
	listen_up();
	log_say(LOG_LEVEL_ERROR, "%s", line);
	heard(text, sizeof(text));
	assert_memory_equal(text, "|x: error: xxx", 14);
	assert_int_equal(strspn(text + 11, "x"), LIMIT_LOG_LINE_BYTES - 1);
	assert_string_equal(text + 11 + LIMIT_LOG_LINE_BYTES - 1, "\n");
}

static void
a_failure_is_one_line(void **state)
{
	struct err err = ERR_INIT;
	char text[512];

	(void)state;
	log_open("x", LOG_LEVEL_INFO, false);
	(void)err_set(&err, ERR_IO, "reading", "/f", "read: bad");
	listen_up();
	log_err(LOG_LEVEL_ERROR, "", &err);
	log_err(LOG_LEVEL_WARN, "a.example: ", &err);
	heard(text, sizeof(text));
	assert_string_equal(text,
	    "|x: error: reading /f: read: bad\n"
	    "|x: warning: a.example: reading /f: read: bad\n");
}

static void
a_machine_without_syslog_is_no_error(void **state)
{
	char text[512];

	(void)state;
	log_open("certhaul-test", LOG_LEVEL_ERROR, true);
	listen_up();
	log_say(LOG_LEVEL_DEBUG, "neither here nor there");
	log_say(LOG_LEVEL_ERROR, "here");
	log_close();
	log_close();
	log_say(LOG_LEVEL_ERROR, "still here");
	heard(text, sizeof(text));
	assert_string_equal(text,
	    "|certhaul-test: error: here\n"
	    "|certhaul-test: error: still here\n");
}

static void
a_line_that_moves_makes_way(void **state)
{
	struct term_progress progress = {.drawn = true};
	char text[512];

	(void)state;
	log_open("x", LOG_LEVEL_INFO, false);
	log_progress(&progress);
	listen_up();
	progress.fd = STDERR_FILENO;
	log_say(LOG_LEVEL_INFO, "one");
	log_say(LOG_LEVEL_DEBUG, "not said");
	progress.drawn = true;
	log_make_way();
	log_progress(NULL);
	progress.drawn = true;
	log_say(LOG_LEVEL_INFO, "two");
	heard(text, sizeof(text));
	assert_string_equal(text, "|\r\033[K|one\n|\r\033[K|two\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(errors_and_warnings_are_marked),
	    cmocka_unit_test(the_level_holds_back_what_is_above_it),
	    cmocka_unit_test(a_line_is_one_line_and_holds_no_key),
	    cmocka_unit_test(a_long_line_is_cut),
	    cmocka_unit_test(a_failure_is_one_line),
	    cmocka_unit_test(a_line_that_moves_makes_way),
	    cmocka_unit_test(a_machine_without_syslog_is_no_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
