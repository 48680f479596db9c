/*
 * test_procenv.c: whose environment is believed: root's HAProxy's, or that of
 * the one that started it. A child of the test, which runs the same program,
 * stands for it.
 */
#define _GNU_SOURCE /* memmem(), unshare() */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include "haproxy/procenv.h"

#define OURS "/proc/self/exe"

enum { NOBODY = 65534 };

/* One that lives until `end` is closed. */
struct child {
	pid_t pid; /* the child's */
	pid_t last; /* and its own child's, or the same */
	int end;
};

static void
wait_for_end(int fd)
{
	char byte;

	while (read(fd, &byte, 1) > 0)
		continue;
	_exit(0);
}

enum who { OURSELVES, SOMEBODY, CONTAINED };

/* As that; and, with `deep`, one that it has started, as the same. */
static void
live(int fd, int told, enum who who, bool deep)
{
	pid_t pid = 0;

	if (who == SOMEBODY && setuid(NOBODY) != 0)
		_exit(1);
	if (who == CONTAINED && unshare(CLONE_NEWUSER) != 0)
		_exit(1);
	if (deep)
		pid = fork();
	if (pid == 0) {
		pid = getpid();
		if (write(told, &pid, sizeof(pid)) != sizeof(pid))
			_exit(1);
	}
	wait_for_end(fd);
}

static struct child
start(enum who who, bool deep)
{
	struct child child = {.end = -1};
	int held[2], told[2];

	assert_int_equal(pipe(held), 0);
	assert_int_equal(pipe(told), 0);
	child.pid = fork();
	assert_int_not_equal(child.pid, -1);
	if (child.pid == 0) {
		close(held[1]);
		live(held[0], told[1], who, deep);
	}
	close(held[0]);
	close(told[1]);
	assert_int_equal(
	    read(told[0], &child.last, sizeof(child.last)), sizeof(child.last));
	close(told[0]);
	child.end = held[1];
	return child;
}

static void
stop(const struct child *child)
{
	int status = 0;

	close(child->end);
	assert_int_equal(waitpid(child->pid, &status, 0), child->pid);
	assert_int_equal(status, 0);
}

static int
read_of(pid_t pid, const char *program, struct buf *ret)
{
	struct err err = ERR_INIT;
	int rc = procenv_read(pid, program, ret, &err);

	assert_int_equal(err.code, rc);
	return rc;
}

/* CERTHAUL_SRCDIR is what the tests are started with. */
static bool
has_ours(const struct buf *text)
{
	static const char wanted[] = "CERTHAUL_SRCDIR=";
	const char *at = buf_text(text), *end = at + text->len;

	for (; at < end; at += strlen(at) + 1) {
		if (strncmp(at, wanted, strlen(wanted)) == 0)
			return strcmp(at + strlen(wanted),
				   getenv("CERTHAUL_SRCDIR")) == 0;
	}
	return false;
}

static void
what_it_was_started_with_is_read(void **state)
{
	struct buf text = BUF_INIT(LIMIT_ENVIRON_BYTES);
	struct err err = ERR_INIT;
	struct child child;

	(void)state;
	/* Since then set: not what it was started with. */
	assert_int_equal(setenv("T_LATER", "1", 1), 0);
	child = start(OURSELVES, false);
	assert_int_equal(read_of(child.pid, OURS, &text), 0);
	assert_true(has_ours(&text));
	assert_null(memmem(buf_text(&text), text.len, "T_LATER", 7));
	assert_int_equal(procenv_words(child.pid, OURS, &text, &err), 0);
	assert_non_null(memmem(buf_text(&text), text.len, "test_procenv", 13));
	stop(&child);
	buf_free(&text);
}

static void
another_program_is_not_believed(void **state)
{
	struct buf text = BUF_INIT(LIMIT_ENVIRON_BYTES);
	struct child child = start(OURSELVES, false);

	(void)state;
	assert_int_equal(read_of(child.pid, "/bin/sh", &text), ERR_NOENT);
	assert_int_equal(read_of(child.pid, "/nowhere", &text), ERR_NOENT);
	assert_int_equal(read_of(0, OURS, &text), ERR_NOENT);
	assert_int_equal(read_of(-1, OURS, &text), ERR_NOENT);
	stop(&child);
	buf_free(&text);
}

static void
one_that_is_no_longer_root_is_not_believed(void **state)
{
	struct buf text = BUF_INIT(LIMIT_ENVIRON_BYTES);
	struct child child;

	(void)state;
	if (geteuid() != 0)
		skip();
	/* ... but who started it is: a master. */
	child = start(SOMEBODY, false);
	assert_int_equal(read_of(child.pid, OURS, &text), 0);
	assert_true(has_ours(&text));
	stop(&child);
	child = start(SOMEBODY, true);
	assert_int_not_equal(read_of(child.last, OURS, &text), 0);
	stop(&child);
	buf_free(&text);
}

static void
root_of_a_container_is_not_believed(void **state)
{
	struct buf text = BUF_INIT(LIMIT_ENVIRON_BYTES);
	struct child child;

	(void)state;
	if (geteuid() != 0)
		skip();
	child = start(CONTAINED, true);
	assert_int_not_equal(read_of(child.last, OURS, &text), 0);
	stop(&child);
	buf_free(&text);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_it_was_started_with_is_read),
	    cmocka_unit_test(another_program_is_not_believed),
	    cmocka_unit_test(one_that_is_no_longer_root_is_not_believed),
	    cmocka_unit_test(root_of_a_container_is_not_believed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
