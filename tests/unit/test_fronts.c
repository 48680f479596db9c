/*
 * test_fronts.c: where plain http comes in: port 80 first, wildcards become
 * loopback, what a CA cannot reach is left out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "haproxy/discovery.h"
#include "tests/unit/scratch.h"

static struct hacfg *hacfg;
static struct discovery_fronts *fronts;

static int
setup(void **state)
{
	hacfg = NULL;
	fronts = calloc(1, sizeof(*fronts));
	return fronts == NULL ? -1 : scratch_setup(state);
}

static int
teardown(void **state)
{
	hacfg_free(hacfg);
	free(fronts);
	return scratch_teardown(state);
}

/* The fronts of `text` as "address[+proxy]@section ..." */
static void
expect(void **state, const char *text, const char *wanted)
{
	const char *path = scratch_path(state, "haproxy.cfg");
	struct buf seen = BUF_INIT(4096);
	struct err err = ERR_INIT;

	scratch_write(state, "haproxy.cfg", text, strlen(text), 0644);
	hacfg_free(hacfg);
	hacfg = NULL;
	assert_int_equal(hacfg_read(&path, 1, NULL, &hacfg, &err), 0);
	assert_int_equal(discovery_fronts(hacfg, NULL, 0, fronts, &err), 0);
	for (size_t i = 0; i < fronts->count; i++) {
		const struct discovery_front *front = &fronts->items[i];

		assert_int_equal(
		    buf_printf(&seen, &err, "%s%s@%s ", front->target.text,
			front->target.accept_proxy ? "+proxy" : "",
			front->bind->section),
		    0);
	}
	assert_string_equal(buf_text(&seen), wanted);
	buf_free(&seen);
}

static void
port_80_alone_where_there_is_one(void **state)
{
	expect(state,
	    "defaults\n mode http\n"
	    "listen stats\n bind :8404\n"
	    "frontend www\n bind :443 ssl crt /x\n bind *:80\n bind :80\n",
	    "127.0.0.1:80@frontend www ");
	expect(state,
	    "frontend raw\n mode tcp\n bind 127.0.0.1:80 accept-proxy\n",
	    "127.0.0.1:80+proxy@frontend raw ");
	expect(state,
	    "frontend other\n mode http\n bind :8080\n"
	    "frontend www\n mode http\n bind *:79-81,127.0.0.2:81-90\n",
	    "127.0.0.1:80@frontend www ");
	assert_int_equal(fronts->entrance, DISCOVERY_PORT_80);
}

static void
else_all_of_mode_http(void **state)
{
	expect(state,
	    "frontend a\n mode http\n bind :8080,127.0.0.2:8081\n"
	    "frontend b\n mode tcp\n bind :25\n"
	    "frontend c\n mode http\n bind :443 ssl crt /x\n"
	    " bind unix@/run/x.sock\n bind :90 interface eth9\n",
	    "127.0.0.1:8080@frontend a ");
	assert_int_equal(fronts->entrance, DISCOVERY_OTHER_PORT);
	expect(state, "global\n daemon\n", "");
}

static void
loopback_where_all_of_it_is(void **state)
{
	static const char *const open[] = {
	    ":443 ssl crt /x", "192.0.2.1:25", "[::]:443 interface eth9"};
	static const char *const closed[] = {"127.0.0.1:443 ssl crt /x",
	    "[::1]:25", "::ffff:127.0.0.1:25", "localhost:25", "unix@/run/x"};
	char text[256];

	for (size_t i = 0; i < COUNT_OF(open); i++) {
		(void)snprintf(text, sizeof(text),
		    "listen a\n mode http\n bind 127.0.0.1:80,127.0.0.2:81\n"
		    "listen b\n mode tcp\n bind %s\n",
		    open[i]);
		expect(state, text, "");
	}
	for (size_t i = 0; i < COUNT_OF(closed); i++) {
		(void)snprintf(text, sizeof(text),
		    "listen a\n mode http\n bind 127.0.0.1:82,127.0.0.2:81\n"
		    "listen b\n mode tcp\n bind %s\n",
		    closed[i]);
		expect(state, text,
		    "127.0.0.1:82@listen a 127.0.0.2:81@listen a ");
		assert_int_equal(fronts->entrance, DISCOVERY_LOOPBACK);
	}
}

static void
given_ones_take_their_line_from_the_file(void **state)
{
	static const char *const given[] = {"127.0.0.1:8080", "127.0.0.9:81"};
	static const char *const bad[] = {"127.0.0.1", ":80", "::1:80", "a:0"};
	struct err err = ERR_INIT;

	expect(state,
	    "frontend a\n mode http\n bind :8079-8081 accept-proxy\n bind "
	    ":80\n",
	    "127.0.0.1:80@frontend a ");
	assert_int_equal(discovery_fronts(hacfg, given, 2, fronts, &err), 0);
	assert_int_equal(fronts->count, 2);
	assert_int_equal(fronts->entrance, DISCOVERY_PORT_80);
	assert_true(fronts->items[0].target.accept_proxy);
	assert_int_equal(fronts->items[0].bind->line, 3);
	assert_null(fronts->items[1].bind);
	assert_int_equal(fronts->items[1].port, 81);
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_int_equal(
		    discovery_fronts(hacfg, &bad[i], 1, fronts, &err),
		    ERR_CONF);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(port_80_alone_where_there_is_one),
	    cmocka_unit_test(else_all_of_mode_http),
	    cmocka_unit_test(loopback_where_all_of_it_is),
	    cmocka_unit_test(given_ones_take_their_line_from_the_file),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
