/*
 * test_crtlist.c: a store onto the bind lines and off them, in memory, by every
 * reply that HAProxy was seen to give.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "haproxy/crtlist.h"
#include "tests/unit/fakeproxy.h"

#define P "/etc/ssl/p.pem"
#define LIST "/nowhere/list.txt"
#define SHOW "show ssl crt-list " LIST "\n"
#define ADD "add ssl crt-list " LIST " " P "\n"
#define DEL "del ssl crt-list " LIST " " P "\n"
#define ADDED(list)                                                            \
	"Inserting certificate '" P "' in crt-list '" list "'..\nSuccess!\n\n"
#define DELETED "Entry '" P "' deleted in crtlist '" LIST "'!\n\n"
#define LOCKED "Operations on certificates are currently locked!\n\n"
#define CANNOT_ADD "Can't edit the crt-list: "
#define CANNOT_DEL "Can't delete the entry: "
#define STEP(expect, reply)                                                    \
	{                                                                      \
		expect, reply, FAKE_ANSWER, 0                                  \
	}

static void
a_file_list_is_looked_at_before_it_gets_an_entry(void **state)
{
	static const struct fake_step steps[] = {
	    STEP(SHOW, "# " LIST "\n/etc/ssl/p.pem.rsa\n/x " P "\n\n"),
	    STEP(ADD, ADDED(LIST)),
	    STEP(SHOW, "# " LIST "\n/x\n" P " [alpn h2] a.example\n\n"),
	    STEP(SHOW, "# " LIST "\n" P "\n\n"),
	    STEP("@1 " SHOW, "# " LIST "\n\n"),
	    STEP("@1 " ADD, LOCKED),
	    STEP("@1 " ADD, ADDED(LIST)),
	};
	struct fake *fake = fake_start(state, steps, COUNT_OF(steps));
	struct process process = fake_process(fake);
	struct process master = fake_master(fake);
	struct err err = ERR_INIT;

	for (size_t i = 0; i < 3; i++)
		assert_int_equal(crtlist_add(&process, LIST, P, &err), 0);
	assert_int_equal(crtlist_add(&master, LIST, P, &err), 0);
	fake_played(fake);
}

/* A directory says itself that an entry is there, and is named without /. */
static void
a_directory_gets_its_entry_at_once(void **state)
{
	static const struct fake_step steps[] = {
	    STEP("add ssl crt-list /tmp " P "\n", ADDED("/tmp")),
	    STEP("add ssl crt-list /tmp " P "\n",
		CANNOT_ADD "file already exists in this directory!\n\n"),
	};
	struct fake *fake = fake_start(state, steps, COUNT_OF(steps));
	struct process process = fake_process(fake);
	struct err err = ERR_INIT;

	assert_int_equal(crtlist_add(&process, "/tmp//", P, &err), 0);
	assert_int_equal(crtlist_add(&process, "/tmp", P, &err), 0);
	fake_played(fake);
}

static void
an_entry_that_is_refused_is_an_error_in_haproxys_words(void **state)
{
	static const char *const words[] = {
	    "crt-list '" LIST "' does not exist!",
	    "certificate '" P "' is empty!",
	    "'/tmp' is a directory, certificate path '" P
	    "' must contain the directory path",
	    "Failed!",
	};
	static const struct fake_step steps[] = {
	    STEP(SHOW, "didn't find the specified filename\n\n"),
	    STEP(ADD, CANNOT_ADD "crt-list '" LIST "' does not exist!\n\n"),
	    STEP(SHOW, "# " LIST "\n\n"),
	    STEP(ADD, CANNOT_ADD "certificate '" P "' is empty!\n\n"),
	    STEP(SHOW, "# " LIST "\n\n"),
	    STEP(ADD,
		CANNOT_ADD "'/tmp' is a directory, certificate path '" P
			   "' must contain the directory path\n\n"),
	    STEP(SHOW, "# " LIST "\n\n"),
	    STEP(ADD,
		"Inserting certificate '" P "' in crt-list '" LIST
		"'.\nno memory\nFailed!\n\n"),
	};
	struct fake *fake = fake_start(state, steps, COUNT_OF(steps));
	struct process process = fake_process(fake);

	for (size_t i = 0; i < COUNT_OF(words); i++) {
		struct err err = ERR_INIT;

		assert_int_equal(
		    crtlist_add(&process, LIST, P, &err), ERR_HAPROXY);
		assert_non_null(strstr(err.detail, words[i]));
	}
	fake_played(fake);
}

static void
an_answer_that_breaks_off_is_an_error(void **state)
{
	static const struct fake_step steps[] = {
	    {NULL, ADDED("/tmp"), FAKE_CUT, 30},
	    {NULL, NULL, FAKE_RESET, 0},
	    {NULL, NULL, FAKE_STALL, 0},
	    {NULL, NULL, FAKE_CLOSE, 0},
	    STEP(NULL, "Permission denied\n\n"),
	    {NULL, DELETED, FAKE_CUT, 10},
	};
	static const int codes[] = {
	    ERR_IO, ERR_IO, ERR_TIMEOUT, ERR_HAPROXY, ERR_PERM};
	struct fake *fake = fake_start(state, steps, COUNT_OF(steps));
	struct process process = fake_process(fake);
	struct err err = ERR_INIT;
	bool deleted = false;

	process.patience.commit_ms = FAKE_PATIENCE_MS;
	for (size_t i = 0; i < COUNT_OF(codes); i++)
		assert_int_equal(
		    crtlist_add(&process, "/tmp", P, &err), codes[i]);
	assert_int_equal(
	    crtlist_del(&process, LIST, P, &deleted, &err), ERR_IO);
	assert_int_equal(crtlist_add(&process, "/a b", P, &err), ERR_INVALID);
	assert_int_equal(
	    crtlist_del(&process, LIST, "x;y", &deleted, &err), ERR_INVALID);
	fake_played(fake);
}

static void
an_entry_is_deleted_however_often_it_is_there(void **state)
{
	static const struct fake_step steps[] = {
	    STEP(DEL, DELETED),
	    STEP(DEL,
		CANNOT_DEL "found the certificate '" P
			   "' in several entries, please specify a line number "
			   "preceded by colons (2, 3)!\n\n"),
	    STEP("del ssl crt-list " LIST " " P ":2\n", DELETED),
	    STEP(DEL, LOCKED),
	    STEP(DEL, DELETED),
	    STEP(DEL,
		CANNOT_DEL "certificate '" P "' can't be found in crt-list "
			   "'" LIST "'!\n\n"),
	    STEP(DEL, CANNOT_DEL "certificate '" P "' does not exist!\n\n"),
	    STEP(DEL, CANNOT_DEL "crt-list '" LIST "' does not exist!\n\n"),
	    STEP(DEL, CANNOT_DEL "certificate '" P "' is empty!\n\n"),
	    STEP("del ssl crt-list /tmp " P "\n", DELETED),
	};
	struct fake *fake = fake_start(state, steps, COUNT_OF(steps));
	struct process process = fake_process(fake);
	struct err err = ERR_INIT;
	bool deleted = false;

	for (size_t i = 0; i < 6; i++)
		assert_int_equal(
		    crtlist_del(&process, LIST, P, &deleted, &err), 0);
	assert_int_equal(crtlist_del(&process, "/tmp/", P, &deleted, &err), 0);
	fake_played(fake);
}

static void
a_default_certificate_stays_and_its_frontends_are_said(void **state)
{
	static const struct fake_step steps[] = {
	    STEP(DEL,
		CANNOT_DEL "certificate '" P
			   "' cannot be deleted, it is used as default "
			   "certificate by the following frontends:\n"
			   "\t- h.cfg:12\n\t- h.cfg:13\n\n\n"),
	    STEP(DEL, "in several entries, please specify\n\n"),
	    STEP(DEL, "\n"),
	};
	struct fake *fake = fake_start(state, steps, COUNT_OF(steps));
	struct process process = fake_process(fake);
	struct err err = ERR_INIT;
	bool deleted = false;

	assert_int_equal(
	    crtlist_del(&process, LIST, P, &deleted, &err), ERR_HAPROXY);
	assert_non_null(strstr(err.detail, "h.cfg:12"));
	assert_non_null(strstr(err.detail, "h.cfg:13"));
	assert_int_equal(
	    crtlist_del(&process, LIST, P, &deleted, &err), ERR_HAPROXY);
	assert_int_equal(
	    crtlist_del(&process, LIST, P, &deleted, &err), ERR_HAPROXY);
	fake_played(fake);
}

int
main(void)
{
#define LAB(test)                                                              \
	cmocka_unit_test_setup_teardown(test, fake_setup, fake_teardown)
	const struct CMUnitTest tests[] = {
	    LAB(a_file_list_is_looked_at_before_it_gets_an_entry),
	    LAB(a_directory_gets_its_entry_at_once),
	    LAB(an_entry_that_is_refused_is_an_error_in_haproxys_words),
	    LAB(an_answer_that_breaks_off_is_an_error),
	    LAB(an_entry_is_deleted_however_often_it_is_there),
	    LAB(a_default_certificate_stays_and_its_frontends_are_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
