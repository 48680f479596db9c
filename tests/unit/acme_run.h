/*
 * acme_run.h: one job of the client, between the scripted CA and the fake
 * broker.
 */
#ifndef TESTS_UNIT_ACME_RUN_H
#define TESTS_UNIT_ACME_RUN_H

#include "acme/job.h"
#include "tests/unit/fakebroker.h"

struct acme_run {
	const char *scene; /* of scriptedca_scenes.py, or "plain" */
	struct job job; /* acme_run_begin() fills what is usual */
	int port; /* where the CA finds http-01's answers; 0: it does not look */
	struct fakebroker_script script;
	struct fakebroker *broker;
	struct err err;
	const char *lines; /* what the broker was asked */
};

/*
 * A job for `names` (NULL-terminated) at the scene's CA, whose account is
 * known, with http-01 answered by the broker.
 */
void acme_run_begin(void *const *state, struct acme_run *run, const char *scene,
    const char *const *names);

/* Carries it out; returns what client_run() does. */
int acme_run_go(void *const *state, struct acme_run *run);

/* As acme_run_go(), which must end well; the CA saw `requests` (0: any). */
void acme_run_well(void *const *state, struct acme_run *run, unsigned requests);

/* ... must fail so: the code, words in the error's line. */
void acme_run_fails(
    void *const *state, struct acme_run *run, int code, const char *words);

void acme_run_end(struct acme_run *run);

#endif
