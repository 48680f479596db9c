/*
 * test_broker.c: the half that has the keys believes nothing that the other
 * half says. Each client below is one that was taken over: what it asks for is
 * refused, the job ends, and the front was asked for nothing.
 */
#include "acme/broker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/unit/brokerpair.h"

#define URL "https://ca.example/x"
#define NONCE "bm9uY2U"
#define TOKEN "abcdefghijklmnopqrstuvwxyz012345"

/* --- frames --------------------------------------------------------------- */

/* Sends these numbers, which are no request of that kind. */
static int
send_numbers(int fd, enum ipc_op op, const uint32_t *numbers, size_t count)
{
	struct buf fields = BUF_INIT(64);
	struct err err = ERR_INIT;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < count; i++)
		rc = ipc_put_number(&fields, numbers[i], &err);
	if (rc == 0)
		rc = brokerpair_status(brokerpair_ask(fd, op, &fields));
	buf_free(&fields);
	return rc;
}

static int
cut_frame(int fd)
{
	/* A length that is longer than what follows. */
	static const uint32_t numbers[] = {0, 1000};

	return send_numbers(fd, IPC_SIGN, numbers, COUNT_OF(numbers));
}

static int
trailing_bytes(int fd)
{
	static const uint32_t number = 7;

	return send_numbers(fd, IPC_PREPARE, &number, 1);
}

static int
job_of_its_own(int fd)
{
	return brokerpair_status(brokerpair_ask(fd, IPC_JOB, NULL));
}

static int
reply_as_request(int fd)
{
	return brokerpair_status(brokerpair_ask(fd, IPC_OK, NULL));
}

static void
test_frames_that_are_refused(void **state)
{
	(void)state;
	brokerpair_refuses(JOB_ISSUE, cut_frame, "message");
	brokerpair_refuses(JOB_ISSUE, trailing_bytes, "message");
	brokerpair_refuses(JOB_ISSUE, job_of_its_own, "operation");
	brokerpair_refuses(JOB_ISSUE, reply_as_request, "operation");
}

/* --- challenges ----------------------------------------------------------- */

static int
publish(int fd, enum ipc_op op, const char *name, unsigned wildcard,
    const char *token)
{
	struct buf fields = BUF_INIT(LIMIT_IPC_BYTES);
	struct err err = ERR_INIT;
	int rc = ipc_put_text(&fields, name, &err);

	if (rc == 0)
		rc = ipc_put_number(&fields, wildcard, &err);
	if (rc == 0)
		rc = ipc_put_text(&fields, token, &err);
	if (rc == 0 && op == IPC_PUBLISH)
		rc = ipc_put_number(&fields, 0, &err);
	if (rc == 0)
		rc = brokerpair_ask(fd, op, &fields);
	buf_free(&fields);
	return rc;
}

static int
publish_foreign_name(int fd)
{
	return brokerpair_status(
	    publish(fd, IPC_PUBLISH, "c.example", 0, TOKEN));
}

static int
name_foreign(int fd, enum ipc_op op)
{
	struct buf fields = BUF_INIT(LIMIT_IPC_BYTES);
	struct err err = ERR_INIT;
	int rc = ipc_put_number(&fields, 1, &err);

	if (rc == 0)
		rc = ipc_put_text(&fields, "c.example", &err);
	if (rc == 0)
		rc = brokerpair_ask(fd, op, &fields);
	buf_free(&fields);
	return brokerpair_status(rc);
}

static int
announce_foreign_name(int fd)
{
	return name_foreign(fd, IPC_TURNS);
}

static int
refuse_foreign_name(int fd)
{
	return name_foreign(fd, IPC_REFUSED);
}

static int
publish_wrong_wildcard(int fd)
{
	return brokerpair_status(
	    publish(fd, IPC_PUBLISH, "a.example", 1, TOKEN));
}

static int
withdraw_what_is_not_up(int fd)
{
	return brokerpair_status(
	    publish(fd, IPC_WITHDRAW, "a.example", 0, TOKEN));
}

static void
test_challenges_that_are_refused(void **state)
{
	(void)state;
	brokerpair_refuses(JOB_ISSUE, publish_foreign_name, "not ordered");
	brokerpair_refuses(JOB_ISSUE, announce_foreign_name, "not ordered");
	brokerpair_refuses(JOB_ISSUE, refuse_foreign_name, "not ordered");
	brokerpair_refuses(JOB_ISSUE, publish_wrong_wildcard, "not ordered");
	brokerpair_refuses(JOB_ISSUE, withdraw_what_is_not_up, "not up");
	brokerpair_refuses(JOB_REVOKE, publish_foreign_name, "operation");
}

/* A token that would leave the directory is the CA's fault, not the job's. */
static int
publish_bad_token(int fd)
{
	static const char *const bad[] = {"../../../../etc/cron.d/x0123456789",
	    "short", "abc def ghi jkl mno pqr stu vwx", ""};

	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		if (publish(fd, IPC_PUBLISH, "a.example", 0, bad[i]) !=
		    ERR_INVALID)
			return 1;
	}
	return publish(fd, IPC_PUBLISH, "a.example", 0, TOKEN) == 0 ? 0 : 2;
}

/* What is up when a client dies comes down; the validation is our own. */
static void
test_what_is_up_comes_down(void **state)
{
	struct brokerpair pair;
	int status = 1;

	(void)state;
	brokerpair_begin(&pair, JOB_ISSUE);
	assert_int_equal(
	    brokerpair_serve(&pair, publish_bad_token, &status), ERR_CHILD);
	assert_int_equal(status, 0);
	assert_int_equal(pair.published, 1);
	assert_int_equal(pair.withdrawn, 1);
	assert_int_equal(strlen(pair.last), 43); /* a SHA-256 */
	brokerpair_end(&pair);
}

static const char other_token[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";

static int
publish_twice(int fd)
{
	if (publish(fd, IPC_PUBLISH, "a.example", 0, TOKEN) != 0)
		return 1;
	return brokerpair_status(
	    publish(fd, IPC_PUBLISH, "a.example", 0, other_token));
}

static int
publish_again(int fd)
{
	if (publish(fd, IPC_PUBLISH, "b.example", 1, TOKEN) != 0 ||
	    publish(fd, IPC_PUBLISH, "a.example", 0, TOKEN) != 0 ||
	    publish(fd, IPC_WITHDRAW, "a.example", 0, TOKEN) != 0)
		return 1;
	return brokerpair_status(
	    publish(fd, IPC_PUBLISH, "a.example", 0, TOKEN));
}

/* Each runs hooks of root's, for as long as they like. */
static void
test_one_challenge_for_a_name(void **state)
{
	static const struct {
		int (*client)(int fd);
		unsigned published;
	} rows[] = {{publish_twice, 1}, {publish_again, 2}};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct brokerpair pair;
		int status = 1;

		brokerpair_begin(&pair, JOB_ISSUE);
		assert_int_equal(
		    brokerpair_serve(&pair, rows[i].client, &status),
		    ERR_UNSAFE);
		assert_int_equal(status, brokerpair_status(ERR_UNSAFE));
		assert_non_null(strstr(pair.err.detail, "second challenge"));
		assert_int_equal(pair.published, rows[i].published);
		assert_int_equal(pair.withdrawn, rows[i].published);
		brokerpair_end(&pair);
	}
}

static int
publish_and_be_silent(int fd)
{
	char byte;

	if (publish(fd, IPC_PUBLISH, "a.example", 0, TOKEN) != 0)
		return 1;
	/* Until the broker has enough of it. */
	return read(fd, &byte, sizeof(byte)) == 0 ? 0 : 2;
}

/* It may be stopped, or taken over, and certbot's locks are held. */
static void
test_silence_ends_the_job(void **state)
{
	struct brokerpair pair;
	int status = 1;

	(void)state;
	brokerpair_begin(&pair, JOB_ISSUE);
	pair.silence_ms = 50;
	assert_int_equal(
	    brokerpair_serve(&pair, publish_and_be_silent, &status), ERR_CHILD);
	assert_int_equal(status, 0);
	assert_non_null(strstr(pair.err.detail, "has said nothing for"));
	assert_int_equal(pair.withdrawn, 1);
	assert_false(pair.result.ended);
	brokerpair_end(&pair);
}

/* Says what is permitted, little by little, until nobody listens. */
static int
talk_for_ever(int fd)
{
	struct buf line = BUF_INIT(64);
	struct err err = ERR_INIT;
	int rc = publish(fd, IPC_PUBLISH, "a.example", 0, TOKEN);

	if (rc == 0)
		rc = ipc_put_text(&line, "a line", &err);
	while (rc == 0) {
		(void)poll(NULL, 0, 10);
		rc = brokerpair_ask(fd, IPC_SAY, &line);
	}
	buf_free(&line);
	return 0;
}

static void
test_talk_ends(void **state)
{
	struct brokerpair pair;
	int status = 1;

	(void)state;
	brokerpair_begin(&pair, JOB_ISSUE);
	pair.most_ms = 100;
	assert_int_equal(
	    brokerpair_serve(&pair, talk_for_ever, &status), ERR_CHILD);
	assert_non_null(strstr(pair.err.detail, "has come to no end for"));
	assert_true(pair.said > 0 && pair.said < 20);
	assert_int_equal(pair.withdrawn, 1);
	assert_false(pair.result.ended);
	brokerpair_end(&pair);
}

static int
publish_and_go_on(int fd)
{
	int rc = publish(fd, IPC_PUBLISH, "a.example", 0, TOKEN);

	return rc == 0 ? brokerpair_status(brokerpair_finish(fd)) : 1;
}

/* A signal ends the job, and what is up comes down. */
static void
test_a_signal_ends_the_job(void **state)
{
	struct brokerpair pair;
	int status = 0;

	(void)state;
	brokerpair_begin(&pair, JOB_ISSUE);
	pair.stop_after = 1;
	assert_int_equal(
	    brokerpair_serve(&pair, publish_and_go_on, &status), ERR_STOPPED);
	assert_int_not_equal(status, 0);
	assert_int_equal(pair.withdrawn, 1);
	assert_false(pair.result.ended);
	brokerpair_end(&pair);
}

/* --- the end -------------------------------------------------------------- */

static int
end_at_once(int fd)
{
	return brokerpair_status(brokerpair_finish(fd));
}

static void
test_an_end_without_a_certificate(void **state)
{
	struct brokerpair pair;
	int status = 1;

	(void)state;
	brokerpair_begin(&pair, JOB_ISSUE);
	assert_int_equal(
	    brokerpair_serve(&pair, end_at_once, &status), ERR_UNSAFE);
	brokerpair_end(&pair);
	brokerpair_begin(&pair, JOB_REVOKE);
	assert_int_equal(brokerpair_serve(&pair, end_at_once, &status), 0);
	assert_int_equal(status, 0);
	brokerpair_end(&pair);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_frames_that_are_refused),
	    cmocka_unit_test(test_challenges_that_are_refused),
	    cmocka_unit_test(test_what_is_up_comes_down),
	    cmocka_unit_test(test_one_challenge_for_a_name),
	    cmocka_unit_test(test_silence_ends_the_job),
	    cmocka_unit_test(test_talk_ends),
	    cmocka_unit_test(test_a_signal_ends_the_job),
	    cmocka_unit_test(test_an_end_without_a_certificate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
