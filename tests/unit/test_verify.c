/*
 * test_verify.c: what is shown, what is shown instead, and what cannot be
 * seen, over a real TLS server on loopback.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include <netinet/in.h>
#include <signal.h>
#include <unistd.h>

#include "base/clock.h"
#include "haproxy/verify.h"
#include "tests/unit/verifyworld.h"

/* Starts the plan and asks for `identity` there. */
static int
ask(struct world *world, const struct tls_plan *plan,
    const struct tls_identity *identity)
{
	struct pki_facts facts;

	tls_server_start(&world->server, plan);
	tls_identity_facts(identity, &facts);
	world->policy =
	    (struct verify_policy){2, 0, 5000, facts.key.type, NULL, NULL};
	world->targets->count = 1;
	world->targets->items[0] = world->server.target;
	err_clear(&world->err);
	return verify_names(
	    world->targets, &facts, &world->policy, &world->seen, &world->err);
}

static void
the_shown_certificate_is_proved(void **state)
{
	struct world *world = *state;
	const struct tls_identity *all[] = {world->rsa, world->ec, world->ed};
	struct tls_plan plan = {.way = TLS_SERVE};
	size_t i;
	int tls12;

	for (i = 0; i < 3; i++) {
		for (tls12 = 0; tls12 < 2; tls12++) {
			plan.only_tls12 = tls12;
			plan.defaults[0] = all[i];
			if (ask(world, &plan, all[i]) < 0)
				fail_msg("%s", world->err.detail);
			tls_server_stop(&world->server);
		}
	}
}

static void
another_certificate_is_a_mismatch_that_says_what(void **state)
{
	struct world *world = *state;
	struct tls_plan plan = {.way = TLS_SERVE, .defaults = {world->other}};
	struct pki_facts facts;

	assert_int_equal(ask(world, &plan, world->ec), ERR_MISMATCH);
	tls_identity_facts(world->other, &facts);
	assert_memory_equal(world->seen.sha256, facts.sha256, 32);
	assert_string_equal(world->seen.serial, facts.serial);
	assert_in_range(world->seen.not_after_s, time(NULL), time(NULL) + 3600);
	assert_string_equal(world->seen.subject, "CN=other.example");
	assert_non_null(strstr(world->err.on, "a.example at 127.0.0.1:"));
	assert_non_null(strstr(world->err.detail, facts.serial));
	assert_non_null(strstr(world->err.detail, "2 of 2 handshakes"));
}

static void
a_stray_process_on_the_port_is_seen(void **state)
{
	struct world *world = *state;
	struct tls_plan plan = {
	    .way = TLS_ALTERNATE, .defaults = {world->ec, world->other}};

	assert_int_equal(ask(world, &plan, world->ec), ERR_MISMATCH);
	assert_non_null(strstr(world->err.detail, "1 of 2 handshakes"));
}

static void
a_pair_of_kinds_is_told_apart(void **state)
{
	struct world *world = *state;
	struct tls_plan plan = {
	    .way = TLS_SERVE, .defaults = {world->rsa, world->ec}};
	int tls12;

	for (tls12 = 0; tls12 < 2; tls12++) {
		plan.only_tls12 = tls12;
		assert_int_equal(ask(world, &plan, world->rsa), 0);
		tls_server_stop(&world->server);
		assert_int_equal(ask(world, &plan, world->ec), 0);
		tls_server_stop(&world->server);
	}
}

static void
another_kind_of_key_is_a_mismatch_too(void **state)
{
	struct world *world = *state;
	struct tls_plan plan = {.way = TLS_SERVE, .defaults = {world->rsa}};
	struct pki_facts facts;
	int tls12;

	tls_identity_facts(world->rsa, &facts);
	for (tls12 = 0; tls12 < 2; tls12++) {
		plan.only_tls12 = tls12;
		assert_int_equal(ask(world, &plan, world->ec), ERR_MISMATCH);
		assert_memory_equal(world->seen.sha256, facts.sha256, 32);
		tls_server_stop(&world->server);
	}
}

static void
names_are_sent_and_wildcards_made_up(void **state)
{
	struct world *world = *state;
	struct tls_plan plan = {.way = TLS_SERVE,
	    .defaults = {world->other},
	    .named = {world->ec, world->wild}};

	assert_int_equal(ask(world, &plan, world->ec), 0);
	tls_server_stop(&world->server);
	assert_int_equal(ask(world, &plan, world->wild), 0);
}

static void
a_server_that_wants_our_certificate_has_shown_its_own(void **state)
{
	struct world *world = *state;
	struct tls_plan plan = {.way = TLS_SERVE, .wants_client = true};
	const struct tls_identity *all[] = {world->rsa, world->ec};
	size_t i;
	int tls12;

	for (i = 0; i < 2; i++) {
		for (tls12 = 0; tls12 < 2; tls12++) {
			plan.only_tls12 = tls12;
			plan.defaults[0] = all[i];
			if (ask(world, &plan, all[i]) < 0)
				fail_msg("TLS 1.%d: %s", tls12 ? 2 : 3,
				    world->err.detail);
			tls_server_stop(&world->server);
		}
	}
}

static void
a_proxy_line_goes_first(void **state)
{
	struct world *world = *state;
	struct tls_plan plan = {
	    .way = TLS_SERVE, .defaults = {world->ec}, .wants_proxy = true};

	assert_int_equal(ask(world, &plan, world->ec), 0);
}

static void
a_unix_socket_with_a_short_backlog_will_do(void **state)
{
	struct world *world = *state;
	char dir[] = "/tmp/certhaul-unit-XXXXXX", path[64];
	struct tls_plan plan = {
	    .way = TLS_SERVE, .defaults = {world->ec}, .path = path};
	int rc;

	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/s", dir);
	tls_server_start(&world->server, &plan);
	tls_identity_facts(world->ec, &world->ec_facts);
	world->policy =
	    (struct verify_policy){20, 0, 5000, PKI_KEY_EC, NULL, NULL};
	world->targets->count = 1;
	world->targets->items[0] = world->server.target;
	rc = verify_names(world->targets, &world->ec_facts, &world->policy,
	    &world->seen, &world->err);
	unlink(path);
	rmdir(dir);
	assert_int_equal(rc, 0);
}

/* Of the two in turn one handshake shows the first, more of them both. */
static void
an_address_has_its_least(void **state)
{
	struct world *world = *state;
	struct tls_plan plan = {
	    .way = TLS_ALTERNATE, .defaults = {world->ec, world->other}};
	char name[] = "a.example", *names[] = {name, name, name};

	tls_server_start(&world->server, &plan);
	tls_identity_facts(world->ec, &world->ec_facts);
	world->policy =
	    (struct verify_policy){1, 0, 20000, PKI_KEY_EC, NULL, NULL};
	world->targets->count = 1;
	world->targets->items[0] = world->server.target;
	assert_int_equal(verify_names(world->targets, &world->ec_facts,
			     &world->policy, &world->seen, &world->err),
	    0);
	world->policy.least = 9;
	for (size_t count = 1; count <= 3; count += 2) {
		if (count > 1)
			world->ec_facts.names = names;
		world->ec_facts.name_count = count;
		assert_int_equal(verify_names(world->targets, &world->ec_facts,
				     &world->policy, &world->seen, &world->err),
		    ERR_MISMATCH);
		assert_non_null(strstr(world->err.detail, " of 9 handshakes"));
	}
	/* What is asked for nothing there comes to an end. */
	world->targets->items[0].filters = "!*";
	assert_int_equal(verify_names(world->targets, &world->ec_facts,
			     &world->policy, &world->seen, &world->err),
	    ERR_UNPROVED);
}

static void
silence_ends_at_the_timeout(void **state)
{
	struct world *world = *state;
	struct tls_plan plan = {.way = TLS_STALL};
	int64_t began_ms;

	tls_server_start(&world->server, &plan);
	world->policy =
	    (struct verify_policy){1, 0, 150, PKI_KEY_EC, NULL, NULL};
	began_ms = clock_mono_ms();
	assert_int_equal(verify_handshake(&world->server.target, "a.example",
			     &world->policy, &world->seen, &world->err),
	    ERR_UNPROVED);
	assert_true(clock_mono_ms() - began_ms >= 150);
	assert_true(clock_mono_ms() - began_ms < 5000);
	assert_non_null(strstr(world->err.detail, "no answer in 150 ms"));
}

static void
a_dead_address_is_not_asked_for_every_name(void **state)
{
	struct world *world = *state;
	struct tls_plan plan = {.way = TLS_HANG_UP};
	char name[] = "a.example", *names[500];
	struct pki_facts facts;
	size_t i;

	tls_server_start(&world->server, &plan);
	tls_identity_facts(world->ec, &facts);
	for (i = 0; i < 500; i++)
		names[i] = name;
	facts.names = names;
	facts.name_count = 500;
	world->policy =
	    (struct verify_policy){20, 0, 20000, PKI_KEY_EC, NULL, NULL};
	world->targets->count = 1;
	world->targets->items[0] = world->server.target;
	assert_int_equal(verify_names(world->targets, &facts, &world->policy,
			     &world->seen, &world->err),
	    ERR_UNPROVED);
	assert_non_null(strstr(world->err.detail, "the rest was not tried"));
}

static void
a_mismatch_counts_for_more_than_silence(void **state)
{
	struct world *world = *state;
	struct tls_plan plan = {.way = TLS_SERVE, .defaults = {world->other}};
	struct tls_plan dead = {.way = TLS_HANG_UP};
	struct tls_server second;

	tls_server_start(&second, &dead);
	tls_server_start(&world->server, &plan);
	tls_identity_facts(world->ec, &world->ec_facts);
	world->policy =
	    (struct verify_policy){1, 0, 20000, PKI_KEY_EC, NULL, NULL};
	world->targets->count = 2;
	world->targets->items[0] = second.target;
	world->targets->items[1] = world->server.target;
	assert_int_equal(verify_names(world->targets, &world->ec_facts,
			     &world->policy, &world->seen, &world->err),
	    ERR_MISMATCH);
	tls_server_stop(&second);
}

static void
nowhere_and_nameless_are_unproved(void **state)
{
	struct world *world = *state;
	struct tls_plan plan = {.way = TLS_SERVE, .defaults = {world->ec}};
	char ip[] = "192.0.2.1", *names[] = {ip};

	tls_server_start(&world->server, &plan);
	tls_identity_facts(world->ec, &world->ec_facts);
	world->policy =
	    (struct verify_policy){1, 0, 20000, PKI_KEY_EC, NULL, NULL};
	world->targets->count = 0;
	assert_int_equal(verify_names(world->targets, &world->ec_facts,
			     &world->policy, &world->seen, &world->err),
	    ERR_UNPROVED);
	world->targets->count = 1;
	world->targets->items[0] = world->server.target;
	world->ec_facts.names = names;
	assert_int_equal(verify_names(world->targets, &world->ec_facts,
			     &world->policy, &world->seen, &world->err),
	    ERR_UNPROVED);
	/* Only IP addresses: it is seen where it is the default. */
	world->targets->items[0].is_default = true;
	assert_int_equal(verify_names(world->targets, &world->ec_facts,
			     &world->policy, &world->seen, &world->err),
	    0);
}

#define TEST(name) cmocka_unit_test_teardown(name, world_stop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(the_shown_certificate_is_proved),
	    TEST(another_certificate_is_a_mismatch_that_says_what),
	    TEST(a_stray_process_on_the_port_is_seen),
	    TEST(a_pair_of_kinds_is_told_apart),
	    TEST(another_kind_of_key_is_a_mismatch_too),
	    TEST(names_are_sent_and_wildcards_made_up),
	    TEST(a_server_that_wants_our_certificate_has_shown_its_own),
	    TEST(a_proxy_line_goes_first),
	    TEST(a_unix_socket_with_a_short_backlog_will_do),
	    TEST(an_address_has_its_least),
	    TEST(silence_ends_at_the_timeout),
	    TEST(a_dead_address_is_not_asked_for_every_name),
	    TEST(a_mismatch_counts_for_more_than_silence),
	    TEST(nowhere_and_nameless_are_unproved),
	};

	return cmocka_run_group_tests(tests, world_setup, world_teardown);
}
