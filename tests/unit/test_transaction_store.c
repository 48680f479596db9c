/*
 * test_transaction_store.c: what is read from `show ssl cert`, whether a bundle
 * would fit, making a store and deleting it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "haproxy/transaction.h"
#include "tests/unit/fakeproxy.h"
#include "tests/unit/transaction_words.h"

/* The answers of 2.6.12, byte for byte. */
#define SHA1_HEX "3B0F6471D7AA2D3135D3CEAA3E1DB46EE79AB1DB"
#define SHOWN_HEAD(p)                                                          \
	"Filename: " p "\nStatus: Used\n"                                      \
	"Serial: 53E0C15F590FA8A12DEF70C65B66958561CBB770\n"                   \
	"notBefore: Nov 23 21:09:41 2026 GMT\n"                                \
	"notAfter: Dec 23 21:09:41 2026 GMT\n"                                 \
	"Subject Alternative Name: DNS:a.example"
#define SHOWN(p)                                                               \
	SHOWN_HEAD(p)                                                          \
	"\nAlgorithm: EC256\nSHA1 FingerPrint: " SHA1_HEX "\n"                 \
	"Subject: /CN=a.example\nIssuer: /CN=a.example\n"                      \
	"OCSP Response Key: \n\n"
#define ABSENT                                                                 \
	"Can't display the certificate: Not found or the certificate is a "    \
	"bundle!\n\n"
#define SHOW_A "show ssl cert " A
#define SHOW_B "show ssl cert " B

static const char *const both[] = {A, B};

static int
show_both(
    const struct fake *fake, struct transaction_store ret[2], struct err *err)
{
	struct process process = fake_process(fake);

	return transaction_show(&process, both, 2, ret, err);
}

static void
stores_of_one_line_are_told_apart(void **state)
{
	static const struct fake_step step = STEP(SHOW_A
	    ";" SHOW_B ";show ssl cert /c;show ssl cert /d\n",
	    SHOWN(A) ABSENT "Filename: /c\nStatus: Empty\nOCSP Response Key: "
			    "\n\n"
			    "Filename: /d\nX-New: 1\nStatus: Unused\nSerial: "
			    "0a1b\nOCSP Response Key: \n\n\n");
	static const char *const stores[] = {A, B, "/c", "/d"};
	static const unsigned char none[20];
	struct process process = fake_process(fake_start(state, &step, 1));
	struct transaction_store seen[4];
	struct err err = ERR_INIT;

	memset(seen, 0xff, sizeof(seen));
	assert_int_equal(transaction_show(&process, stores, 4, seen, &err), 0);
	assert_int_equal(seen[0].status, TRANSACTION_USED);
	assert_string_equal(
	    seen[0].serial, "53E0C15F590FA8A12DEF70C65B66958561CBB770");
	assert_int_equal(seen[0].sha1[0], 0x3b);
	assert_int_equal(seen[0].sha1[19], 0xdb);
	/* date -ud '2026-12-23 21:09:41' +%s */
	assert_int_equal(seen[0].not_after_s, 1798060181);
	assert_int_equal(seen[1].not_after_s, 0);
	assert_int_equal(seen[1].status, TRANSACTION_ABSENT);
	assert_string_equal(seen[1].serial, "");
	assert_int_equal(seen[2].status, TRANSACTION_EMPTY);
	assert_memory_equal(seen[2].sha1, none, 20);
	assert_int_equal(seen[3].status, TRANSACTION_UNUSED);
	assert_string_equal(seen[3].serial, "0A1B");
}

/* Some 390 names fill tune.bufsize: the answer ends there, the chain not. */
static void
an_answer_cut_at_bufsize_keeps_what_it_has(void **state)
{
	static const struct fake_step steps[] = {
	    STEP(NULL, SHOWN_HEAD(A) ", DNS:b.exa\n\n" SHOWN(B)),
	    STEP(NULL, SHOWN_HEAD(A) "\nSHA1 FingerPrint: 3B0F\n" SHOWN(B)),
	};
	static const unsigned char none[20];
	struct fake *fake = fake_start(state, steps, 2);
	struct transaction_store seen[2];
	struct err err = ERR_INIT;

	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(show_both(fake, seen, &err), 0);
		assert_int_equal(seen[0].status, TRANSACTION_USED);
		assert_memory_equal(seen[0].sha1, none, 20);
		assert_int_equal(seen[0].serial[0], '5');
		assert_int_equal(seen[1].sha1[0], 0x3b);
	}
}

static void
answers_that_do_not_match_the_questions_are_refused(void **state)
{
	static const char *const replies[] = {
	    SHOWN(A),
	    SHOWN(B) SHOWN(A),
	    SHOWN(A) SHOWN("*" B),
	    SHOWN(A) SHOWN(B) SHOWN(B),
	    SHOWN(A) ABSENT ABSENT,
	    SHOWN(A) "Filename: " B "\n",
	    SHOWN(A) "Filename: " B "\nStatus: Odd\n\n",
	    "hello\n",
	    "",
	};
	struct fake_step steps[COUNT_OF(replies)];
	struct fake *fake;

	for (size_t i = 0; i < COUNT_OF(replies); i++)
		steps[i] = (struct fake_step)STEP(SHOW_A, replies[i]);
	fake = fake_start(state, steps, COUNT_OF(steps));
	for (size_t i = 0; i < COUNT_OF(replies); i++) {
		struct transaction_store seen[2];
		struct err err = ERR_INIT;

		assert_int_equal(show_both(fake, seen, &err), ERR_SYNTAX);
	}
	fake_played(fake);
}

static void
a_lock_anywhere_in_the_answers_asks_all_again(void **state)
{
	static const struct fake_step steps[] = {
	    STEP(SHOW_A ";" SHOW_B "\n", SHOWN(A) LOCKED("Can't show!")),
	    STEP(SHOW_A ";" SHOW_B "\n", SHOWN(A) SHOWN(B)),
	};
	struct fake *fake = fake_start(state, steps, 2);
	struct transaction_store seen[2];
	struct err err = ERR_INIT;

	assert_int_equal(show_both(fake, seen, &err), 0);
	assert_int_equal(seen[1].status, TRANSACTION_USED);
	fake_played(fake);
}

static void
a_show_that_breaks_off_is_an_error(void **state)
{
	static const struct fake_step steps[] = {
	    {SHOW_A, SHOWN(A), FAKE_CUT, 40},
	    {SHOW_A, NULL, FAKE_RESET, 0},
	    {SHOW_A, NULL, FAKE_STALL, 0},
	    STEP(SHOW_A, "Permission denied\n\nPermission denied\n\n"),
	};
	static const int codes[] = {ERR_IO, ERR_IO, ERR_TIMEOUT, ERR_PERM};
	struct process process = fake_process(fake_start(state, steps, 4));

	process.patience.answer_ms = FAKE_PATIENCE_MS;
	for (size_t i = 0; i < COUNT_OF(codes); i++) {
		struct transaction_store seen[2];
		struct err err = ERR_INIT;

		assert_int_equal(
		    transaction_show(&process, both, 2, seen, &err), codes[i]);
	}
}

/* Appends an answer about `name` to a text of `size` bytes. */
static void
add_answer(char *text, size_t size, const char *name, size_t serial)
{
	size_t used = strlen(text);
	int n = snprintf(text + used, size - used,
	    "Filename: %s\nStatus: Used\nSerial: %zu\n\n", name, serial);

	assert_in_range(n, 1, size - used - 1);
}

static void
many_stores_go_by_the_batch(void **state)
{
	static char names[70][8], answers[3][4000];
	static const char *stores[70];
	static const struct fake_step steps[] = {
	    STEP("show ssl cert /0;", answers[0]),
	    STEP("show ssl cert /32;", answers[1]),
	    STEP("show ssl cert /64;", answers[2]),
	};
	struct transaction_store seen[70];
	struct err err = ERR_INIT;
	struct process process;
	struct fake *fake;

	for (size_t i = 0; i < 70; i++) {
		snprintf(names[i], sizeof(names[i]), "/%zu", i % 100);
		stores[i] = names[i];
		add_answer(answers[i / 32], sizeof(answers[0]), names[i], i);
	}
	fake = fake_start(state, steps, 3);
	process = fake_process(fake);
	assert_int_equal(transaction_show(&process, stores, 70, seen, &err), 0);
	for (size_t i = 0; i < 70; i++)
		assert_int_equal(strtoul(seen[i].serial, NULL, 10), i);
	fake_played(fake);
	stores[1] = "/a b";
	assert_int_equal(
	    transaction_show(&process, stores, 70, seen, &err), ERR_INVALID);
	fake_played(fake);
}

/* Names of 2,900 bytes: two to a line. */
static void
long_names_make_shorter_batches(void **state)
{
	static char names[5][2901], answers[3][8000];
	const char *stores[5];
	static const struct fake_step steps[] = {
	    STEP("show ssl cert /0", answers[0]),
	    STEP("show ssl cert /2", answers[1]),
	    STEP("show ssl cert /4", answers[2]),
	};
	struct transaction_store seen[5];
	struct err err = ERR_INIT;
	struct process process;
	struct fake *fake;

	for (size_t i = 0; i < 5; i++) {
		memset(names[i], 'x', 2900);
		names[i][0] = '/';
		names[i][1] = (char)('0' + i);
		stores[i] = names[i];
		add_answer(answers[i / 2], sizeof(answers[0]), names[i], i);
	}
	fake = fake_start(state, steps, 3);
	process = fake_process(fake);
	assert_int_equal(transaction_show(&process, stores, 5, seen, &err), 0);
	assert_string_equal(seen[4].serial, "4");
	for (size_t i = 0; i < 3; i++)
		assert_in_range(fake_received_len(fake, i), 2900, 8192);
	fake_played(fake);
}

static void
a_bundle_fits_below_the_buffer_of_haproxy(void **state)
{
	struct process old = {.version = {2, 6, 12}};
	struct process new = {.version = {3, 4, 0}};
	size_t line = strlen("@1 set ssl cert " A " <<\n\n");

	(void)state;
	/* Two bytes to spare of what 2.6.12 was seen to take: 16,383. */
	assert_true(transaction_fits(&old, A, 16381 - line, 0, 0));
	assert_false(transaction_fits(&old, A, 16384 - line, 0, 0));
	assert_false(transaction_fits(&old, A, 16383, 0, 0));
	assert_false(transaction_fits(&old, A, SIZE_MAX, 0, 0));
	assert_true(transaction_fits(&old, A, 30000, 32768, 0));
	assert_false(transaction_fits(&old, A, 5000, 4096, 0));
	assert_false(transaction_fits(&old, A, 5000, 10, 0));
	assert_false(transaction_fits(&old, A, 30000, 0, 131072));
	old.bufsize = 8192;
	assert_false(transaction_fits(&old, A, 10000, 32768, 0));
	old.bufsize = 32768;
	assert_true(transaction_fits(&old, A, 30000, 0, 0));
	assert_true(transaction_fits(&new, A, 130000, 0, 0));
	assert_false(transaction_fits(&new, A, 131072, 0, 0));
	assert_true(transaction_fits(&new, A, 200000, 0, 262144));
	assert_false(transaction_fits(&new, A, 10000, 0, 8192));
}

static void
a_store_is_made_once_and_deleted_once(void **state)
{
	static const struct fake_step steps[] = {
	    STEP("new ssl cert " A "\n",
		"New empty certificate store '" A "'!\n\n"),
	    STEP("new ssl cert " A "\n",
		"Certificate '" A "' already exists!\n\n"),
	    STEP("new ssl cert " A "\n", LOCKED("Can't create a certificate!")),
	    STEP("new ssl cert " A "\n",
		"New empty certificate store '" B "'!\n\n"),
	    STEP("del ssl cert " A "\n", "Certificate '" A "' deleted!\n\n"),
	    STEP("del ssl cert " A "\n",
		"Can't remove the certificate: certificate '" A
		"' doesn't exist!\n\n\n"),
	    STEP("del ssl cert " A "\n",
		"Can't remove the certificate: certificate '" A
		"' in use, can't be deleted!\n\n\n"),
	    STEP("del ssl cert " A "\n",
		"Can't remove the certificate: ongoing transaction for the "
		"certificate '" A "'\n\n"),
	    {"del ssl cert " A "\n", "Certificate '", FAKE_ANSWER, 0},
	};
	struct fake *fake = fake_start(state, steps, COUNT_OF(steps));
	struct process process = fake_process(fake);
	struct err err = ERR_INIT;

	assert_int_equal(transaction_new(&process, A, &err), 0);
	assert_int_equal(transaction_new(&process, A, &err), 0);
	assert_int_equal(transaction_new(&process, A, &err), ERR_HAPROXY);
	assert_int_equal(transaction_delete(&process, A, &err), 0);
	assert_int_equal(transaction_delete(&process, A, &err), 0);
	assert_int_equal(transaction_delete(&process, A, &err), ERR_HAPROXY);
	assert_non_null(strstr(err.detail, "in use, can't be deleted!"));
	assert_int_equal(transaction_delete(&process, A, &err), ERR_HAPROXY);
	assert_non_null(strstr(err.detail, "ongoing transaction"));
	assert_int_equal(transaction_delete(&process, A, &err), ERR_IO);
	assert_int_equal(transaction_new(&process, "a;b", &err), ERR_INVALID);
	assert_int_equal(
	    transaction_delete(&process, "a b", &err), ERR_INVALID);
	fake_played(fake);
}

int
main(void)
{
#define LAB(test)                                                              \
	cmocka_unit_test_setup_teardown(test, fake_setup, fake_teardown)
	const struct CMUnitTest tests[] = {
	    LAB(stores_of_one_line_are_told_apart),
	    LAB(an_answer_cut_at_bufsize_keeps_what_it_has),
	    LAB(answers_that_do_not_match_the_questions_are_refused),
	    LAB(a_lock_anywhere_in_the_answers_asks_all_again),
	    LAB(a_show_that_breaks_off_is_an_error),
	    LAB(many_stores_go_by_the_batch),
	    LAB(long_names_make_shorter_batches),
	    cmocka_unit_test(a_bundle_fits_below_the_buffer_of_haproxy),
	    LAB(a_store_is_made_once_and_deleted_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
