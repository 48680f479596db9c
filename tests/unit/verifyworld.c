/*
 * verifyworld.c: made once for a group of tests.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/verifyworld.h"

int
world_setup(void **state)
{
	struct world *world = calloc(1, sizeof(*world));

	assert_non_null(world);
	world->targets = calloc(1, sizeof(*world->targets));
	assert_non_null(world->targets);
	world->rsa = tls_identity_new("a.example", PKI_KEY_RSA);
	world->ec = tls_identity_new("a.example", PKI_KEY_EC);
	world->ed = tls_identity_new("a.example", PKI_KEY_ED25519);
	world->other = tls_identity_new("other.example", PKI_KEY_EC);
	world->wild = tls_identity_new("*.wild.example", PKI_KEY_EC);
	*state = world;
	return 0;
}

int
world_teardown(void **state)
{
	struct world *world = *state;

	tls_identity_free(world->rsa);
	tls_identity_free(world->ec);
	tls_identity_free(world->ed);
	tls_identity_free(world->other);
	tls_identity_free(world->wild);
	free(world->targets);
	free(world);
	return 0;
}

int
world_stop(void **state)
{
	struct world *world = *state;

	tls_server_stop(&world->server);
	return 0;
}
