/*
 * test_status_machine.c: what monitors and scripts read: the metrics and the
 * plugin's line byte by byte, JSON by its values.
 */
#include "wrapper/status.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "tests/unit/observations.h"

enum { DAY_S = OBSERVATIONS_DAY_S };

static void
expect_nagios(
    const struct observations_view *made, int status, const char *wanted)
{
	struct buf text = BUF_INIT(100000);
	struct err err = ERR_INIT;
	int seen = -1;

	assert_int_equal(status_nagios(&made->view, &text, &seen, &err), 0);
	assert_string_equal(buf_text(&text), wanted);
	assert_int_equal(seen, status);
	buf_free(&text);
}

static void
the_plugin_has_one_line_and_a_status(void **state)
{
	struct observation two[] = {
	    observations_well("a.example"), observations_well("b.example")};
	struct observations_view made;

	(void)state;
	observations_left(&two[1], 45L * DAY_S);
	observations_view(&made, two, 2, 0);
	expect_nagios(&made, 0,
	    "CERTHAUL OK - 2 lineages, next to expire is b.example in 45 d | "
	    "lineages=2;;;0 warning=0;;;0 critical=0;;;0 days=45\n");
	made.items[0].reload_due = true;
	expect_nagios(&made, 1,
	    "CERTHAUL WARNING - 2 lineages, next to expire is b.example in "
	    "45 d; a.example: installed; waits for a reload (\"certhaul "
	    "deploy\") | lineages=2;;;0 warning=1;;;0 critical=0;;;0 "
	    "days=45\n");
	made.items[1].failures = 1;
	(void)snprintf(
	    made.items[1].failure, sizeof(made.items[1].failure), "a|b");
	expect_nagios(&made, 2,
	    "CERTHAUL CRITICAL - 2 lineages, next to expire is b.example in "
	    "45 d; b.example: failed 1 time: a/b; a.example: installed; waits "
	    "for a reload (\"certhaul deploy\") | lineages=2;;;0 warning=1;;;0 "
	    "critical=1;;;0 days=45\n");
}

/* --problems shows fewer; there are as many, as --json's summary has it. */
static void
the_plugin_counts_those_that_are_not_shown(void **state)
{
	struct observation two[] = {
	    observations_well("a.example"), observations_well("b.example")};
	struct observations_view made;

	(void)state;
	observations_left(&two[0], 45L * DAY_S);
	two[1].reload_due = true;
	observations_view(&made, two, 2, 0);
	made.shown[0] = &made.items[1];
	made.view.count = 1;
	expect_nagios(&made, 1,
	    "CERTHAUL WARNING - 2 lineages, next to expire is a.example in "
	    "45 d; b.example: installed; waits for a reload (\"certhaul "
	    "deploy\") | lineages=2;;;0 warning=1;;;0 critical=0;;;0 "
	    "days=45\n");
}

static void
a_socket_that_is_silent_is_critical(void **state)
{
	struct observations_view made;

	(void)state;
	observations_view(&made, NULL, 0, 0);
	made.observed.haproxy.up = 0;
	(void)snprintf(made.observed.haproxy.why,
	    sizeof(made.observed.haproxy.why), "connect: refused");
	expect_nagios(&made, 2,
	    "CERTHAUL CRITICAL - 0 lineages; 0 of 1 sockets answer: connect: "
	    "refused | lineages=0;;;0 warning=0;;;0 critical=1;;;0\n");
	made.observed.haproxy.low = 1;
	expect_nagios(&made, 1,
	    "CERTHAUL WARNING - 0 lineages; 0 of 1 sockets answer: connect: "
	    "refused | lineages=0;;;0 warning=1;;;0 critical=0;;;0\n");
}

/* What clients get may end before what certbot has. */
static void
the_first_to_expire_is_what_is_served(void **state)
{
	struct observation two[] = {
	    observations_well("a.example"), observations_well("b.example")};
	struct observations_view made;

	(void)state;
	two[1].at[OBSERVE_WIRE].verdict = OBSERVE_OTHER;
	two[1].at[OBSERVE_WIRE].not_after_s = OBSERVATIONS_NOW_S + 3L * DAY_S;
	observations_view(&made, two, 2, 0);
	expect_nagios(&made, 2,
	    "CERTHAUL CRITICAL - 2 lineages, next to expire is b.example in "
	    "3 d; b.example: the handshake has an older certificate | "
	    "lineages=2;;;0 warning=0;;;0 critical=1;;;0 days=3\n");
}

static void
metrics_have_help_type_and_escaped_labels(void **state)
{
	struct observation items[] = {observations_well("a.example"),
	    observations_well("q\"\\\nx"), observations_well("unknown")};
	struct buf text = BUF_INIT(100000);
	struct observations_view made;
	struct err err = ERR_INIT;
	static const char *const wanted[] = {
	    "# HELP certhaul_certificate_not_after_seconds When the ",
	    "# TYPE certhaul_certificate_not_after_seconds gauge\n"
	    "certhaul_certificate_not_after_seconds{name=\"a.example\",place="
	    "\"lineage\"} 1805184000\n"
	    "certhaul_certificate_not_after_seconds{name=\"a.example\",place="
	    "\"bundle\"} 1805184000\n"
	    "certhaul_certificate_not_after_seconds{name=\"a.example\",place="
	    "\"wire\"} 1805184000\n"
	    "certhaul_certificate_not_after_seconds{name=\"q\\\"\\\\\\nx\","
	    "place=\"lineage\"} 1805184000\n",
	    "\ncerthaul_certificate_served_ok{name=\"a.example\"} 0\n"
	    "certhaul_certificate_served_ok{name=\"q\\\"\\\\\\nx\"} 1\n"
	    /* As --json has it: not known to be is not. */
	    "certhaul_certificate_served_ok{name=\"unknown\"} 0\n",
	    "\ncerthaul_certificate_last_success_seconds{name=\"a.example\"} "
	    "1799913600\n",
	    "\ncerthaul_certificate_failures{name=\"a.example\"} 7\n",
	    "\ncerthaul_certificate_problem{name=\"a.example\"} 2\n",
	    "\ncerthaul_certificate_renewal_expected_seconds{name="
	    "\"a.example\"} 1802592000\n",
	    "\ncerthaul_lineages 3\n",
	    "\ncerthaul_haproxy_sockets 1\n",
	    "\ncerthaul_haproxy_sockets_up 1\n",
	    "\ncerthaul_up 1\n",
	};

	(void)state;
	items[0].failures = 7;
	items[0].at[OBSERVE_MEMORY].verdict = OBSERVE_ABSENT;
	items[0].at[OBSERVE_MEMORY].not_after_s = 0;
	items[1].autorenew = false;
	items[1].proved_s = 0;
	items[2].at[OBSERVE_MEMORY].verdict = OBSERVE_UNKNOWN;
	items[2].at[OBSERVE_WIRE].verdict = OBSERVE_UNKNOWN;
	observations_view(&made, items, 3, 0);
	assert_int_equal(status_prometheus(&made.view, &text, &err), 0);
	for (size_t i = 0; i < COUNT_OF(wanted); i++) {
		if (strstr(text.data, wanted[i]) == NULL)
			assert_string_equal(text.data, wanted[i]);
	}
	assert_null(strstr(text.data, "last_success_seconds{name=\"q"));
	assert_null(strstr(text.data, "renewal_expected_seconds{name=\"q"));
	buf_free(&text);
}

static const char *
text_at(json_t *of, const char *key)
{
	json_t *value = json_object_get(of, key);

	assert_true(json_is_string(value));
	return json_string_value(value);
}

static void
json_says_what_was_seen(void **state)
{
	struct observation items[] = {
	    observations_well("a.example"), observations_well("b.example")};
	struct buf text = BUF_INIT(100000);
	struct observations_view made;
	struct err err = ERR_INIT;
	json_t *all, *one, *place;

	(void)state;
	items[1].failures = 2;
	items[1].failed_s = OBSERVATIONS_NOW_S;
	/* What is no UTF-8 must not have all of it fail. */
	(void)snprintf(items[1].failure, sizeof(items[1].failure), "\"\xff\"");
	items[1].at[OBSERVE_WIRE] =
	    (struct observe_at){.verdict = OBSERVE_UNKNOWN, .why = "not asked"};
	observations_view(&made, items, 2, 0);
	assert_int_equal(status_json(&made.view, &text, &err), 0);
	all = json_loads(buf_text(&text), JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(all);
	assert_int_equal(
	    json_integer_value(json_object_get(all, "version")), 1);
	assert_string_equal(text_at(all, "generated"), "2027-01-15T08:00:00Z");
	assert_true(json_is_false(json_object_get(all, "ok")));
	one = json_array_get(json_object_get(all, "lineages"), 0);
	assert_string_equal(text_at(one, "name"), "a.example");
	assert_string_equal(text_at(one, "not_after"), "2027-03-16T08:00:00Z");
	assert_string_equal(text_at(one, "gravity"), "ok");
	assert_true(json_is_null(json_object_get(one, "problem")));
	assert_int_equal(json_array_size(json_object_get(one, "names")), 3);
	place = json_object_get(json_object_get(one, "places"), "memory");
	assert_string_equal(text_at(place, "verdict"), "same");
	one = json_array_get(json_object_get(all, "lineages"), 1);
	assert_string_equal(text_at(one, "problem"), "failed 2 times: \"?\"");
	assert_int_equal(json_integer_value(json_object_get(
			     json_object_get(one, "failure"), "attempts")),
	    2);
	place = json_object_get(json_object_get(one, "places"), "wire");
	assert_string_equal(text_at(place, "why"), "not asked");
	assert_true(json_is_null(json_object_get(place, "not_after")));
	json_decref(all);
	buf_free(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_plugin_has_one_line_and_a_status),
	    cmocka_unit_test(the_plugin_counts_those_that_are_not_shown),
	    cmocka_unit_test(a_socket_that_is_silent_is_critical),
	    cmocka_unit_test(the_first_to_expire_is_what_is_served),
	    cmocka_unit_test(metrics_have_help_type_and_escaped_labels),
	    cmocka_unit_test(json_says_what_was_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
