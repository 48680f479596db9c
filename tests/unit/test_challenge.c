/*
 * test_challenge.c: which lineages go on being renewed behind HAProxy, by what
 * their renewal confs say.
 */
#include "wrapper/challenge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "wrapper/refit.h"

static const struct conf conf = {
    .challenge = {.address = "127.0.0.1", .port = 2031},
};

static const struct refit_led led = {
    .port = 8001, .servers = {8001, 8002}, .server_count = 2};
static const struct refit_led alone = {.alone = true};

static const struct row {
	struct renewal_facts facts;
	enum challenge_way way;
	enum challenge_outlook outlook;
	bool others;
} rows[] = {
    {{.authenticator = "standalone",
	 .http_port = 2031,
	 .http_address = "127.0.0.1"},
	CHALLENGE_BEHIND, CHALLENGE_WELL, false},
    /* On all addresses, that one too. */
    {{.authenticator = "standalone", .http_port = 2031}, CHALLENGE_BEHIND,
	CHALLENGE_WELL, false},
    {{.authenticator = "standalone",
	 .http_port = 2031,
	 .http_address = "192.0.2.1"},
	CHALLENGE_ELSEWHERE, CHALLENGE_FAILS, true},
    {{.authenticator = "standalone", .http_port = 80}, CHALLENGE_PORT_80,
	CHALLENGE_FAILS, false},
    /* They may stop HAProxy and start it again. */
    {{.authenticator = "standalone", .http_port = 80, .hooked = true},
	CHALLENGE_STOPPED, CHALLENGE_UNSURE, false},
    {{.authenticator = "standalone", .http_port = 8888}, CHALLENGE_ELSEWHERE,
	CHALLENGE_FAILS, true},
    {{.authenticator = "standalone", .http_port = 8001}, CHALLENGE_LED,
	CHALLENGE_WELL, true},
    {{.authenticator = "standalone", .http_port = 8002}, CHALLENGE_OWN,
	CHALLENGE_UNSURE, true},
    {{.authenticator = "manual", .in_proxy = true}, CHALLENGE_IN_PROXY,
	CHALLENGE_WELL, false},
    {{.authenticator = "manual"}, CHALLENGE_HOOKS, CHALLENGE_UNSURE, true},
    {{.authenticator = "manual", .challenges = "dns-01,"}, CHALLENGE_NONE,
	CHALLENGE_WELL, false},
    {{.authenticator = "webroot", .http_port = 80}, CHALLENGE_WEBROOT,
	CHALLENGE_UNSURE, true},
    {{.authenticator = "nginx", .http_port = 80}, CHALLENGE_WEB_SERVER,
	CHALLENGE_UNSURE, true},
    {{.authenticator = "dns-cloudflare", .http_port = 80}, CHALLENGE_NONE,
	CHALLENGE_WELL, false},
    {{.authenticator = ""}, CHALLENGE_NONE, CHALLENGE_WELL, false},
};

static void
each_way_is_told_apart(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		enum challenge_way way =
		    challenge_way_of(&conf, &led, &rows[i].facts);

		assert_int_equal(way, rows[i].way);
		assert_int_equal(challenge_outlook_of(way), rows[i].outlook);
		if (strcmp(rows[i].facts.authenticator, "standalone") == 0 &&
		    rows[i].facts.http_port == 80)
			assert_int_equal(
			    challenge_way_of(&conf, &alone, &rows[i].facts),
			    CHALLENGE_ALONE);
		assert_int_equal(*challenge_words(way) == '\0',
		    rows[i].outlook == CHALLENGE_WELL);
		assert_int_equal(challenge_is_of_others(way), rows[i].others);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_way_is_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
