/*
 * fakeproxy.h: a HAProxy of words only: a UNIX socket whose answers are a
 * script. A forked server takes one connection after the other; each step says
 * how the command must begin and what happens then. What came in is kept.
 */
#ifndef TESTS_UNIT_FAKEPROXY_H
#define TESTS_UNIT_FAKEPROXY_H

#include <stddef.h>
#include <sys/types.h>

#include "haproxy/process.h"

enum fake_way {
	FAKE_ANSWER, /* read to EOF, answer, close */
	FAKE_CUT, /* the same, but `amount` bytes of the answer only */
	FAKE_STALL, /* read to EOF, say nothing until the client is gone */
	FAKE_CLOSE, /* read to EOF, close without a word */
	FAKE_RESET, /* close with the command unread */
	FAKE_EARLY, /* answer after `amount` bytes, close, rest unread */
	FAKE_DRIBBLE, /* the answer byte by byte, `amount` ms apart */
};

struct fake_step {
	const char *expect; /* the command begins with it; NULL: any */
	const char *reply;
	enum fake_way way;
	size_t amount; /* see `way` */
};

enum {
	FAKE_MOST = 4, /* servers in one lab */
	FAKE_STEPS_MOST = 128,
	FAKE_KEPT_BYTES = 20000, /* of each command */
	/* For FAKE_STALL; what does answer must be there by then, also where
	 * valgrind and a busy machine make it slow. */
	FAKE_PATIENCE_MS = 1500,
};

struct fake;

/* cmocka's setup and teardown: *state is a lab, which ends its servers. */
int fake_setup(void **state);
int fake_teardown(void **state);

/* A file name in the lab's directory, of the lab's lifetime. */
const char *fake_file(void **state, const char *name);

/* Starts a server in the lab; `steps` must outlive it. Fails the test. */
struct fake *fake_start(
    void **state, const struct fake_step *steps, size_t count);

/* Its socket, as a process of 2.6.12 with little patience. */
struct process fake_process(const struct fake *fake);
struct process fake_master(const struct fake *fake);

/* Connection `i` as received: at most FAKE_KEPT_BYTES, NUL-terminated. */
const char *fake_received(const struct fake *fake, size_t i);
size_t fake_received_len(const struct fake *fake, size_t i);

/*
 * Fails the test unless each step was played, none more was asked for, and
 * every command began as its step says.
 */
void fake_played(const struct fake *fake);

#endif
