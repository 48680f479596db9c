/*
 * test_ipc.c: frames between the two halves: what is put is got, and nothing
 * that the other half could send is believed.
 */
#include "acme/ipc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int
pair_setup(void **state)
{
	int *ends = calloc(2, sizeof(*ends));

	if (ends == NULL ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
		return -1;
	*state = ends;
	return 0;
}

static int
pair_teardown(void **state)
{
	int *ends = *state;

	for (int i = 0; i < 2; i++) {
		if (ends[i] >= 0)
			(void)close(ends[i]);
	}
	free(ends);
	return 0;
}

static void
what_is_put_is_got(void **state)
{
	const int *ends = *state;
	struct buf out = BUF_INIT(LIMIT_IPC_BYTES);
	struct buf in = BUF_INIT(LIMIT_IPC_BYTES);
	struct buf bytes = BUF_INIT(LIMIT_IPC_BYTES);
	struct err err = ERR_INIT, told = ERR_INIT, got = ERR_INIT;
	struct ipc_reader reader;
	enum ipc_op op;
	uint32_t number;
	char text[8];

	(void)err_set(&told, ERR_REFUSED_INPUT, "ordering", "a.example", "no");
	told.retry_after_s = 86400;
	assert_int_equal(ipc_put_number(&out, UINT32_MAX, &err), 0);
	assert_int_equal(ipc_put_text(&out, "seven..", &err), 0);
	assert_int_equal(ipc_put_bytes(&out, "\0\xff", 2, &err), 0);
	assert_int_equal(ipc_put_bytes(&out, NULL, 0, &err), 0);
	assert_int_equal(ipc_put_err(&out, &told, &err), 0);
	assert_int_equal(ipc_send(ends[0], IPC_CHAIN, &out, &err), 0);
	assert_int_equal(ipc_receive(ends[1], 0, &op, &in, &reader, &err), 0);
	assert_int_equal(op, IPC_CHAIN);
	assert_int_equal(ipc_get_number(&reader, &number, &err), 0);
	assert_int_equal(number, UINT32_MAX);
	assert_int_equal(ipc_get_text(&reader, text, sizeof(text), &err), 0);
	assert_string_equal(text, "seven..");
	assert_int_equal(ipc_get_bytes(&reader, 2, &bytes, &err), 0);
	assert_int_equal(bytes.len, 2);
	assert_memory_equal(bytes.data, "\0\xff", 2);
	assert_int_equal(ipc_get_bytes(&reader, 0, &bytes, &err), 0);
	assert_int_equal(bytes.len, 0);
	assert_int_equal(ipc_get_end(&reader, &err), ERR_SYNTAX);
	err_clear(&err);
	assert_int_equal(ipc_get_err(&reader, &got, &err), 0);
	assert_memory_equal(&got, &told, sizeof(got));
	assert_int_equal(ipc_get_end(&reader, &err), 0);
	buf_free(&out);
	buf_free(&in);
	buf_free(&bytes);
}

static void
the_largest_frame_goes_through(void **state)
{
	const int *ends = *state;
	struct buf out = BUF_INIT(2 * LIMIT_IPC_BYTES);
	struct buf in = BUF_INIT(LIMIT_IPC_BYTES);
	struct err err = ERR_INIT;
	struct ipc_reader reader;
	enum ipc_op op;

	assert_non_null(buf_room(&out, LIMIT_IPC_BYTES - 4, &err));
	out.len = LIMIT_IPC_BYTES - 4;
	assert_int_equal(ipc_send(ends[0], IPC_SAY, &out, &err), 0);
	assert_int_equal(ipc_receive(ends[1], 0, &op, &in, &reader, &err), 0);
	assert_int_equal(reader.left, LIMIT_IPC_BYTES - 4);
	out.len++;
	out.max_bytes++;
	assert_int_equal(ipc_send(ends[0], IPC_SAY, &out, &err), ERR_LIMIT);
	/* And one that was sent all the same is not received. */
	assert_non_null(buf_room(&out, 16, &err));
	assert_int_equal(send(ends[0], out.data, LIMIT_IPC_BYTES + 1, 0),
	    LIMIT_IPC_BYTES + 1);
	assert_int_equal(
	    ipc_receive(ends[1], 0, &op, &in, &reader, &err), ERR_LIMIT);
	buf_free(&out);
	buf_free(&in);
}

/* Whole datagrams, as a half that was taken over could send them. */
static void
hostile_frames_are_refused(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
	} rows[] = {
	    {"\0", 1},
	    {"\0\0\0", 3},
	    {"\0\0\0\xff", 4},
	    {"\xff\xff\xff\xff", 4},
	    {"\1\0\0\0", 4},
	};
	const int *ends = *state;
	struct buf in = BUF_INIT(LIMIT_IPC_BYTES);
	struct ipc_reader reader;
	enum ipc_op op;

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct err err = ERR_INIT;

		assert_int_equal(
		    send(ends[0], rows[i].bytes, rows[i].len, 0), rows[i].len);
		assert_int_equal(
		    ipc_receive(ends[1], 0, &op, &in, &reader, &err),
		    ERR_SYNTAX);
	}
	buf_free(&in);
}

/* Fields alone: a text of at most 7 bytes is asked for. */
static void
hostile_fields_are_refused(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		int code;
	} rows[] = {
	    {"", 0, ERR_SYNTAX},
	    {"\0\0\0", 3, ERR_SYNTAX},
	    {"\0\0\0\1", 4, ERR_SYNTAX}, /* ends before its byte */
	    {"\0\0\0\2a", 5, ERR_SYNTAX},
	    {"\xff\xff\xff\xff"
	     "a",
		5, ERR_SYNTAX},
	    {"\x80\0\0\0"
	     "a",
		5, ERR_SYNTAX},
	    {"\0\0\0\3a\0b", 7, ERR_SYNTAX}, /* a NUL */
	    {"\0\0\0\10abcdefgh", 12, ERR_SYNTAX}, /* longer than asked */
	    {"\0\0\0\7abcdefg", 11, 0},
	    {"\0\0\0\0", 4, 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct ipc_reader reader = {
		    (const unsigned char *)rows[i].bytes, rows[i].len};
		struct ipc_reader before = reader;
		struct err err = ERR_INIT;
		char text[8];

		assert_int_equal(
		    ipc_get_text(&reader, text, sizeof(text), &err),
		    rows[i].code);
		/* What fails takes nothing. */
		if (rows[i].code != 0)
			assert_memory_equal(&reader, &before, sizeof(before));
	}
}

static void
errors_of_the_other_half_are_cleaned(void **state)
{
	static const char frame[] =
	    "\0\0\0\1\0\0\0\1d\0\0\0\0\0\0\0\3a\nb\0\0\0\0";
	static const struct {
		const char *bytes;
		size_t len;
	} rows[] = {
	    {"\0\0\0\x7f\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20},
	    {"\x7f\xff\xff\xff\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20},
	    {"\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0\0\xff\xff\xff\xff", 20},
	    {"\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0\0", 16},
	};
	struct err err = ERR_INIT, got = ERR_INIT;
	struct ipc_reader reader = {
	    (const unsigned char *)frame, sizeof(frame) - 1};

	(void)state;
	assert_int_equal(ipc_get_err(&reader, &got, &err), 0);
	assert_int_equal(got.code, ERR_USAGE);
	assert_string_equal(got.detail, "a b");
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		reader.at = (const unsigned char *)rows[i].bytes;
		reader.left = rows[i].len;
		assert_int_equal(ipc_get_err(&reader, &got, &err), ERR_SYNTAX);
		assert_int_equal(got.code, ERR_USAGE);
	}
}

static void
a_call_has_one_reply(void **state)
{
	static const struct {
		enum ipc_op op;
		int code, result;
	} rows[] = {
	    {IPC_OK, 0, 0}, {IPC_ERR, ERR_UNSAFE, ERR_UNSAFE},
	    {IPC_ERR, 0, ERR_SYNTAX}, /* a refusal without a reason */
	    {IPC_SIGN, 0, ERR_SYNTAX}, /* no reply */
	};
	int *ends = *state;
	struct buf out = BUF_INIT(LIMIT_IPC_BYTES);
	struct buf in = BUF_INIT(LIMIT_IPC_BYTES);
	struct ipc_reader reader;

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct err err = ERR_INIT, no = ERR_INIT;

		no.code = rows[i].code;
		buf_reset(&out);
		assert_int_equal(ipc_put_err(&out, &no, &err), 0);
		assert_int_equal(ipc_send(ends[1], rows[i].op, &out, &err), 0);
		assert_int_equal(
		    ipc_call(ends[0], IPC_PREPARE, NULL, &in, &reader, &err),
		    rows[i].result);
	}
	buf_free(&out);
	buf_free(&in);
}

static void
silence_and_the_end_are_told_apart(void **state)
{
	int *ends = *state;
	struct buf in = BUF_INIT(LIMIT_IPC_BYTES);
	struct err err = ERR_INIT;
	struct ipc_reader reader;
	enum ipc_op op;

	assert_int_equal(
	    ipc_receive(ends[0], 30, &op, &in, &reader, &err), ERR_TIMEOUT);
	/* It goes with something unread: that is no other end. */
	assert_int_equal(ipc_send(ends[0], IPC_PREPARE, NULL, &err), 0);
	assert_int_equal(close(ends[1]), 0);
	ends[1] = -1;
	assert_int_equal(
	    ipc_receive(ends[0], -1, &op, &in, &reader, &err), ERR_NOENT);
	assert_int_equal(ipc_send(ends[0], IPC_PREPARE, NULL, &err), ERR_NOENT);
	buf_free(&in);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		what_is_put_is_got, pair_setup, pair_teardown),
	    cmocka_unit_test_setup_teardown(
		the_largest_frame_goes_through, pair_setup, pair_teardown),
	    cmocka_unit_test_setup_teardown(
		hostile_frames_are_refused, pair_setup, pair_teardown),
	    cmocka_unit_test(hostile_fields_are_refused),
	    cmocka_unit_test(errors_of_the_other_half_are_cleaned),
	    cmocka_unit_test_setup_teardown(
		a_call_has_one_reply, pair_setup, pair_teardown),
	    cmocka_unit_test_setup_teardown(
		silence_and_the_end_are_told_apart, pair_setup, pair_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
