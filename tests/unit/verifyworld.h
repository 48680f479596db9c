/*
 * verifyworld.h: a TLS server and certificates for the tests of verify.
 */
#ifndef TESTS_UNIT_VERIFYWORLD_H
#define TESTS_UNIT_VERIFYWORLD_H

#include "haproxy/verify.h"
#include "tests/unit/tlsserver.h"

/* What tests share: keys are slow to make. */
struct world {
	struct tls_identity *rsa, *ec, *ed, *other, *wild;
	struct pki_facts rsa_facts, ec_facts;
	struct tls_server server;
	struct discovery_targets *targets;
	struct verify_policy policy;
	struct verify_seen seen;
	struct err err;
};

/* For a group of tests: *state is the world. */
int world_setup(void **state);
int world_teardown(void **state);

/* After each test: its server ends. */
int world_stop(void **state);

#endif
