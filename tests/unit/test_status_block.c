/*
 * test_status_block.c: all that is known of one lineage.
 */
#include "wrapper/status.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/observations.h"

static void
expect_block(const struct observation *item, const char *wanted)
{
	struct buf text = BUF_INIT(100000);
	struct observations_view made;
	struct err err = ERR_INIT;

	/* Nothing is cut, however narrow the terminal. */
	observations_view(&made, item, 1, 40);
	assert_int_equal(status_blocks(&made.view, &text, &err), 0);
	assert_string_equal(buf_text(&text), wanted);
	buf_free(&text);
}

static void
a_block_has_names_places_and_sockets(void **state)
{
	struct observation item = observations_well("a.example");

	(void)state;
	expect_block(&item,
	    "a.example\n"
	    "  names     a.example www.a.example shop.a.example\n"
	    "  issuer    Lab E1, key P-256\n"
	    "  valid     2026-12-16T08:00:00Z to 2027-03-16T08:00:00Z, 60 d "
	    "left █████▎░░\n"
	    "  renewal   about 2027-02-14T08:00:00Z (30 d)\n"
	    "  lineage   ● same, until 2027-03-16T08:00:00Z, serial 0A1B\n"
	    "  bundle    ● same, until 2027-03-16T08:00:00Z, serial 0A1B, "
	    "installed 2027-01-13T08:00:00Z\n"
	    "  memory    ● same, until 2027-03-16T08:00:00Z, serial 0A1B\n"
	    "            /etc/haproxy/ssl/a.example.pem on "
	    "/run/haproxy/admin.sock: ● same, until 2027-03-16T08:00:00Z, "
	    "serial 0A1B\n"
	    "  wire      ● same, until 2027-03-16T08:00:00Z, serial 0A1B, "
	    "proved 2027-01-14T08:00:00Z\n"
	    "1 lineage, 0 with a problem; HAProxy 2.…\n"
	    "engine certbot /usr/bin/certbot\n");
}

static void
a_block_says_what_is_wrong(void **state)
{
	struct observation item = observations_well("a.example");

	(void)state;
	item.autorenew = false;
	item.store_count = 0;
	item.wire_live = true;
	item.failures = 1;
	item.failed_s = OBSERVATIONS_NOW_S;
	(void)snprintf(item.failure, sizeof(item.failure), "its words");
	item.at[OBSERVE_BUNDLE] =
	    (struct observe_at){.verdict = OBSERVE_BROKEN, .why = "no key"};
	expect_block(&item,
	    "a.example\n"
	    "  names     a.example www.a.example shop.a.example\n"
	    "  issuer    Lab E1, key P-256\n"
	    "  valid     2026-12-16T08:00:00Z to 2027-03-16T08:00:00Z, 60 d "
	    "left █████▎░░\n"
	    "  renewal   off (autorenew = False in its renewal configuration)\n"
	    "  lineage   ● same, until 2027-03-16T08:00:00Z, serial 0A1B\n"
	    "  bundle    ✗ broken: no key, installed 2027-01-13T08:00:00Z\n"
	    "  memory    ● same, until 2027-03-16T08:00:00Z, serial 0A1B\n"
	    "  wire      ● same, until 2027-03-16T08:00:00Z, serial 0A1B, "
	    "shaken hands now\n"
	    "  failure   1 time, last 2027-01-15T08:00:00Z: its words\n"
	    "  problem   failed 1 time: its words\n"
	    "1 lineage, 1 with a problem; HAProxy 2.…\n"
	    "engine certbot /usr/bin/certbot\n");
}

static void
a_long_cause_is_whole(void **state)
{
	struct observation item = observations_well("a.example");
	struct buf text = BUF_INIT(100000);
	struct observations_view made;
	struct err err = ERR_INIT;
	const char *at;

	(void)state;
	item.failures = 12;
	memset(item.failure, 'x', sizeof(item.failure) - 4);
	memcpy(item.failure + sizeof(item.failure) - 4, "end", 4);
	observations_view(&made, &item, 1, 40);
	assert_int_equal(status_blocks(&made.view, &text, &err), 0);
	at = strstr(buf_text(&text), "xend\n");
	assert_non_null(at);
	assert_non_null(strstr(at + 1, "xend\n"));
	buf_reset(&text);
	made.view.width = 0;
	assert_int_equal(status_lines(&made.view, &text, &err), 0);
	assert_non_null(strstr(buf_text(&text), "xend\n"));
	buf_free(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_block_has_names_places_and_sockets),
	    cmocka_unit_test(a_block_says_what_is_wrong),
	    cmocka_unit_test(a_long_cause_is_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
