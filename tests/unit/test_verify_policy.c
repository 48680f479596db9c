/*
 * test_verify_policy.c: the default certificate, the names of a crt-list line
 * and the chain: what is asked for, and what is compared.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <netinet/in.h>

#include "tests/unit/verifyworld.h"

static void
the_default_must_not_show_what_was_replaced(void **state)
{
	struct world *world = *state;
	struct tls_plan plan = {.way = TLS_SERVE, .defaults = {world->other}};
	struct pki_facts replaced;

	tls_server_start(&world->server, &plan);
	tls_identity_facts(world->other, &replaced);
	tls_identity_facts(world->ec, &world->ec_facts);
	world->policy =
	    (struct verify_policy){2, 0, 20000, PKI_KEY_EC, NULL, NULL};
	world->targets->count = 1;
	world->targets->items[0] = world->server.target;
	/* Not the default there: nothing is asked. */
	assert_int_equal(
	    verify_default(world->targets, &world->ec_facts, replaced.sha256,
		&world->policy, &world->seen, &world->err),
	    0);
	world->targets->items[0].is_default = true;
	assert_int_equal(
	    verify_default(world->targets, &world->ec_facts, replaced.sha256,
		&world->policy, &world->seen, &world->err),
	    ERR_MISMATCH);
	assert_non_null(strstr(world->err.on, "no name"));
	/* Neither the old nor the new one: told, and no error. */
	tls_identity_facts(world->rsa, &replaced);
	assert_int_equal(
	    verify_default(world->targets, &world->ec_facts, replaced.sha256,
		&world->policy, &world->seen, &world->err),
	    0);
	assert_non_null(strstr(world->seen.subject, "other.example"));
	assert_non_null(strstr(world->seen.at, "no name"));
	/* Its own: nothing to tell. */
	tls_identity_facts(world->other, &world->ec_facts);
	assert_int_equal(
	    verify_default(world->targets, &world->ec_facts, replaced.sha256,
		&world->policy, &world->seen, &world->err),
	    0);
	assert_true(pki_sha256_is_none(world->seen.sha256));
}

/* Names of a crt-list line: they are asked for, and no others. */
static void
only_what_a_filter_admits_is_asked_for(void **state)
{
	struct world *world = *state;
	struct tls_plan plan = {.way = TLS_SERVE,
	    .defaults = {world->other},
	    .named = {world->ec, world->wild}};
	char own[] = "a.example", more[] = "b.example", *names[] = {own, more};

	tls_server_start(&world->server, &plan);
	tls_identity_facts(world->ec, &world->ec_facts);
	world->ec_facts.names = names;
	world->ec_facts.name_count = 2;
	world->policy =
	    (struct verify_policy){2, 0, 20000, PKI_KEY_EC, NULL, NULL};
	world->targets->count = 1;
	world->targets->items[0] = world->server.target;
	assert_int_equal(verify_names(world->targets, &world->ec_facts,
			     &world->policy, &world->seen, &world->err),
	    ERR_MISMATCH);
	world->targets->items[0].filters = "A.example *.c.example !x";
	assert_int_equal(verify_names(world->targets, &world->ec_facts,
			     &world->policy, &world->seen, &world->err),
	    ERR_MISMATCH);
	assert_non_null(strstr(world->seen.at, ".c.example at "));
	world->targets->items[0].filters = "a.example !b.example";
	assert_int_equal(verify_names(world->targets, &world->ec_facts,
			     &world->policy, &world->seen, &world->err),
	    0);
	/* A name of its own that a wildcard lets through may be another line's
	 * by itself: it is not asked for. */
	world->targets->items[0].filters = "*.example";
	assert_int_equal(verify_names(world->targets, &world->ec_facts,
			     &world->policy, &world->seen, &world->err),
	    ERR_MISMATCH);
	assert_non_null(strstr(world->seen.at, ".example at "));
	assert_int_not_equal(strncmp(world->seen.at, "a.example ", 10), 0);
	assert_int_not_equal(strncmp(world->seen.at, "b.example ", 10), 0);
	/* For no name at all: the default it is, or nothing is proved. */
	world->targets->items[0].filters = "!*";
	assert_int_equal(verify_names(world->targets, &world->ec_facts,
			     &world->policy, &world->seen, &world->err),
	    ERR_UNPROVED);
	world->targets->items[0].is_default = true;
	assert_int_equal(verify_names(world->targets, &world->ec_facts,
			     &world->policy, &world->seen, &world->err),
	    ERR_MISMATCH);
	assert_non_null(strstr(world->seen.at, "no name"));
}

static void
the_chain_is_compared_where_it_is_wanted(void **state)
{
	struct world *world = *state;
	struct tls_plan plan = {.way = TLS_SERVE, .defaults = {world->ec}};
	unsigned char none[PKI_SHA256_BYTES] = {0}, chain[PKI_SHA256_BYTES];

	tls_server_start(&world->server, &plan);
	tls_identity_facts(world->ec, &world->ec_facts);
	world->policy =
	    (struct verify_policy){2, 0, 20000, PKI_KEY_EC, none, NULL};
	world->targets->count = 1;
	world->targets->items[0] = world->server.target;
	assert_int_equal(verify_names(world->targets, &world->ec_facts,
			     &world->policy, &world->seen, &world->err),
	    0);
	memset(chain, 7, sizeof(chain));
	world->policy.chain = chain;
	assert_int_equal(verify_names(world->targets, &world->ec_facts,
			     &world->policy, &world->seen, &world->err),
	    ERR_UNPROVED);
	assert_true(world->seen.other_chain);
	assert_non_null(strstr(world->err.detail, "intermediate"));
}

static int
look(struct world *world)
{
	return verify_names(world->targets, &world->ec_facts, &world->policy,
	    &world->seen, &world->err);
}

/* What is wrong where HAProxy may not listen is told apart. */
static void
an_uncertain_address_counts_for_less(void **state)
{
	struct world *world = *state;
	struct tls_plan plan = {.way = TLS_SERVE, .defaults = {world->ec}};
	struct discovery_target *items = world->targets->items;

	tls_server_start(&world->server, &plan);
	tls_identity_facts(world->ec, &world->ec_facts);
	world->policy =
	    (struct verify_policy){2, 0, 20000, PKI_KEY_EC, NULL, NULL};
	world->targets->count = 2;
	items[0] = items[1] = world->server.target;
	/* Port 1 of this machine: nobody. */
	((struct sockaddr_in *)(void *)&items[1].address)->sin_port = htons(1);
	assert_int_equal(look(world), ERR_UNPROVED);
	assert_false(world->seen.maybe);
	items[1].maybe = true;
	assert_int_equal(look(world), ERR_UNPROVED);
	assert_true(world->seen.maybe && world->seen.served);
	/* Both may be somebody's; one of them is HAProxy's, by what it shows.
	 */
	items[0].maybe = true;
	assert_int_equal(look(world), ERR_UNPROVED);
	assert_true(world->seen.maybe && world->seen.served);
	tls_identity_facts(world->other, &world->ec_facts);
	assert_int_equal(look(world), ERR_MISMATCH);
	assert_true(world->seen.maybe);
	assert_false(world->seen.served);
	/* What is wrong at a certain one is what is told. */
	items[0].maybe = false;
	assert_int_equal(look(world), ERR_MISMATCH);
	assert_false(world->seen.maybe);
}

/* A certain address that shows it not, or was not asked, proves nothing. */
static void
served_is_what_an_address_has_shown(void **state)
{
	struct world *world = *state;
	struct tls_plan plan = {.way = TLS_SERVE, .defaults = {world->ec}};
	struct discovery_target *items = world->targets->items;
	struct verify_marks marks = {.right = {false}};
	struct pki_facts other = {.serial = ""};

	tls_server_start(&world->server, &plan);
	tls_identity_facts(world->ec, &world->ec_facts);
	tls_identity_facts(world->other, &other);
	world->policy = (struct verify_policy){
	    .attempts = 2, .timeout_ms = 20000, .marks = &marks};
	world->targets->count = 2;
	items[0] = items[1] = world->server.target;
	((struct sockaddr_in *)(void *)&items[1].address)->sin_port = htons(1);
	items[1].maybe = true;
	items[0].filters = "!*";
	assert_int_equal(look(world), ERR_UNPROVED);
	assert_true(world->seen.maybe);
	assert_false(world->seen.served);
	/* What the names have shown counts where none is asked for, too. */
	items[0].filters = NULL;
	marks = (struct verify_marks){.right = {false}};
	assert_int_equal(look(world), ERR_UNPROVED);
	assert_true(world->seen.served);
	items[1].is_default = true;
	assert_int_equal(
	    verify_default(world->targets, &world->ec_facts, other.sha256,
		&world->policy, &world->seen, &world->err),
	    ERR_UNPROVED);
	assert_true(world->seen.maybe && world->seen.served);
}

#define TEST(name) cmocka_unit_test_teardown(name, world_stop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(the_default_must_not_show_what_was_replaced),
	    TEST(only_what_a_filter_admits_is_asked_for),
	    TEST(the_chain_is_compared_where_it_is_wanted),
	    TEST(an_uncertain_address_counts_for_less),
	    TEST(served_is_what_an_address_has_shown),
	};

	return cmocka_run_group_tests(tests, world_setup, world_teardown);
}
