/*
 * verify_tls.c: many handshakes, some at once. Takes jobs from verify.c, runs
 * them over verify_conn.c with one poll(), gives back results.
 *
 * A server that refuses what only one kind of key can answer is asked again
 * for any kind: what it shows then tells the operator what is served instead.
 */
#include "haproxy/verify_tls.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"

enum { PAUSE_MS = 5 };

/* A handshake under way; conn NULL: the slot is free. */
struct slot {
	struct verify_conn *conn;
	struct verify_job job;
	struct verify_result result;
	enum verify_wants wants;
	int64_t deadline_ms;
	bool wide;
	char refusal[256]; /* what the narrow handshake ended with */
};

struct run {
	const struct discovery_target *targets;
	const struct verify_policy *policy;
	const struct verify_plan *plan;
	struct verify_context *context;
	struct slot slots[VERIFY_PARALLEL];
	size_t busy;
	bool dry; /* the plan has no more jobs */
};

static void
finish(struct run *run, struct slot *slot)
{
	verify_conn_free(slot->conn);
	slot->conn = NULL;
	run->busy--;
	/* The second try failed like the first: the first says more. */
	if (slot->wide && !slot->result.shown)
		(void)snprintf(slot->result.why, sizeof(slot->result.why), "%s",
		    slot->refusal);
	run->plan->done(run->plan->arg, &slot->job, &slot->result);
}

static int
start(struct run *run, struct slot *slot, bool wide, struct err *err)
{
	slot->wide = wide;
	slot->wants = VERIFY_WANTS_WRITE;
	slot->deadline_ms = clock_mono_ms() + run->policy->timeout_ms;
	memset(&slot->result, 0, sizeof(slot->result));
	return verify_conn_new(run->context, &run->targets[slot->job.target],
	    slot->job.sni, wide, &slot->conn, err);
}

/* Goes on with one handshake, and ends it where it is over or too late. */
static int
advance(struct run *run, struct slot *slot, struct err *err)
{
	slot->wants = verify_conn_step(slot->conn, &slot->result);
	if (slot->wants != VERIFY_WANTS_NOTHING)
		return 0;
	if (!slot->result.shown && !slot->wide &&
	    verify_conn_refused(slot->conn)) {
		memcpy(slot->refusal, slot->result.why, sizeof(slot->refusal));
		verify_conn_free(slot->conn);
		slot->conn = NULL;
		run->busy--;
		if (start(run, slot, true, err) < 0)
			return err->code;
		run->busy++;
		slot->wants = verify_conn_step(slot->conn, &slot->result);
	}
	if (slot->wants == VERIFY_WANTS_NOTHING)
		finish(run, slot);
	return 0;
}

/* Fills the free slots; a handshake that ends at once frees its own again. */
static int
fill(struct run *run, struct err *err)
{
	struct slot *slot;
	size_t i;

	for (i = 0; i < VERIFY_PARALLEL; i++) {
		slot = &run->slots[i];
		while (slot->conn == NULL && !run->dry) {
			if (!run->plan->next(run->plan->arg, &slot->job)) {
				run->dry = true;
				break;
			}
			if (start(run, slot, false, err) < 0)
				return err->code;
			run->busy++;
			if (advance(run, slot, err) < 0)
				return err->code;
		}
	}
	return 0;
}

/* How long poll() may wait: to the first deadline, or a short pause. */
static int
patience_ms(const struct run *run, int64_t now_ms)
{
	int64_t least_ms = run->policy->timeout_ms, left_ms;
	size_t i;

	for (i = 0; i < VERIFY_PARALLEL; i++) {
		if (run->slots[i].conn == NULL)
			continue;
		left_ms = run->slots[i].deadline_ms - now_ms;
		if (run->slots[i].wants == VERIFY_WANTS_PAUSE &&
		    left_ms > PAUSE_MS)
			left_ms = PAUSE_MS;
		if (left_ms < least_ms)
			least_ms = left_ms;
	}
	return least_ms < 0 ? 0 : (int)least_ms;
}

static int
turn(struct run *run, struct err *err)
{
	struct pollfd fds[VERIFY_PARALLEL];
	struct slot *slot;
	int64_t now_ms;
	size_t i;
	int rc = 0;

	for (i = 0; i < VERIFY_PARALLEL; i++) {
		slot = &run->slots[i];
		fds[i].fd = -1;
		fds[i].revents = 0;
		fds[i].events =
		    slot->wants == VERIFY_WANTS_READ ? POLLIN : POLLOUT;
		if (slot->conn != NULL && slot->wants != VERIFY_WANTS_PAUSE)
			fds[i].fd = verify_conn_fd(slot->conn);
	}
	if (poll(fds, VERIFY_PARALLEL, patience_ms(run, clock_mono_ms())) < 0 &&
	    errno != EINTR)
		return err_sys(err, "waiting for TLS handshakes", NULL, "poll");
	now_ms = clock_mono_ms();
	for (i = 0; i < VERIFY_PARALLEL && rc == 0; i++) {
		slot = &run->slots[i];
		if (slot->conn == NULL)
			continue;
		if (fds[i].revents != 0 || slot->wants == VERIFY_WANTS_PAUSE)
			rc = advance(run, slot, err);
		if (rc == 0 && slot->conn != NULL &&
		    now_ms >= slot->deadline_ms) {
			slot->result.late = true;
			(void)snprintf(slot->result.why,
			    sizeof(slot->result.why), "no answer in %ld ms",
			    run->policy->timeout_ms);
			finish(run, slot);
		}
	}
	return rc;
}

/*
 * OpenSSL writes with write(): a server that hangs up would kill us. Returns
 * whether SIGPIPE was let through before.
 */
static bool
hold_sigpipe(void)
{
	sigset_t set, old;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGPIPE);
	(void)pthread_sigmask(SIG_BLOCK, &set, &old);
	return sigismember(&old, SIGPIPE) == 0;
}

static void
drop_sigpipe(void)
{
	const struct timespec none = {0, 0};
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGPIPE);
	while (sigtimedwait(&set, NULL, &none) == SIGPIPE)
		;
	(void)pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

int
verify_tls_run(const struct discovery_target *targets,
    const struct verify_policy *policy, const struct verify_plan *plan,
    struct err *err)
{
	struct run *run;
	bool held;
	size_t i;
	int rc;

	run = calloc(1, sizeof(*run));
	if (run == NULL)
		return err_nomem(err, "preparing TLS handshakes");
	run->targets = targets;
	run->policy = policy;
	run->plan = plan;
	held = hold_sigpipe();
	rc = verify_context_new(policy->key_type, &run->context, err);
	if (rc == 0)
		rc = fill(run, err);
	while (rc == 0 && run->busy > 0) {
		rc = turn(run, err);
		if (rc == 0)
			rc = fill(run, err);
	}
	for (i = 0; i < VERIFY_PARALLEL; i++)
		verify_conn_free(run->slots[i].conn);
	verify_context_free(run->context);
	if (held)
		drop_sigpipe();
	free(run);
	return rc;
}
