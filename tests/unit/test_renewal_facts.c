/*
 * test_renewal_facts.c: what certbot's renewal conf says, as certbot reads it.
 */
#include "cert/renewal_facts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/scratch.h"

enum { DAY_S = 24 * 60 * 60 };

static const char usual[] = "# renew_before_expiry = 30 days\n"
			    "version = 2.1.0\n"
			    "archive_dir = /etc/letsencrypt/archive/a\n"
			    "# Options used in the renewal process\n"
			    "[renewalparams]\n"
			    "account = 0123\n"
			    "server = https://acme.example/directory\n"
			    "authenticator = standalone\n"
			    "key_type = ecdsa\n";

static void
the_usual_file_is_renewed_by_itself(void **state)
{
	struct renewal_facts renewal;

	(void)state;
	renewal_facts_parse(usual, &renewal);
	assert_true(renewal.autorenew);
	assert_int_equal(renewal.before_s, 0);
	assert_string_equal(renewal.authenticator, "standalone");
	assert_string_equal(renewal.server, "https://acme.example/directory");
	assert_string_equal(renewal.challenges, "");
	assert_true(renewal_facts_is_http(&renewal));
}

static void
autorenew_is_read_where_certbot_reads_it(void **state)
{
	static const struct {
		const char *text;
		bool autorenew;
	} rows[] = {
	    {"[renewalparams]\nautorenew = False\n", false},
	    {"[renewalparams]\n  autorenew=no  # for now\n", false},
	    {"[renewalparams]\nautorenew = \"off\"\r\n", false},
	    {"[renewalparams]\nautorenew = '0'\n", false},
	    {"[renewalparams]\nautorenew = True", true},
	    {"[renewalparams]\n# autorenew = False\n", true},
	    {"autorenew = False\n[renewalparams]\n", true},
	    {"[renewalparams]\n[[webroot_map]]\nautorenew = False\n", true},
	    {"[renewalparams]\nx = '''\nautorenew = False\n'''\n", true},
	    {"[renewalparams]\nx = \"\"\"a\"\"\"\nautorenew = False\n", false},
	    {"[acme_renewal_info]\nautorenew = False\n", true},
	    {"[renewalparams]\nautorenew\n", true},
	    {"", true},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct renewal_facts renewal;

		renewal_facts_parse(rows[i].text, &renewal);
		assert_int_equal(renewal.autorenew, rows[i].autorenew);
	}
}

static void
the_time_before_the_end_has_a_unit(void **state)
{
	static const struct {
		const char *value;
		long before_s;
	} rows[] = {
	    {"30 days", 30L * DAY_S},
	    {"1 day", DAY_S},
	    {"2 weeks", 14L * DAY_S},
	    {"12 hours", DAY_S / 2},
	    {"30", 0},
	    {"30 dayss", 0},
	    {"-3 days", 0},
	    {"soon", 0},
	    {"99999999999999999999 days", 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct renewal_facts renewal;
		char text[200];

		(void)snprintf(text, sizeof(text),
		    "renew_before_expiry = %s\n[renewalparams]\n",
		    rows[i].value);
		renewal_facts_parse(text, &renewal);
		assert_int_equal(renewal.before_s, rows[i].before_s);
	}
}

static void
certbots_rule_says_when_it_is_due(void **state)
{
	struct renewal_facts renewal = {.autorenew = true};

	(void)state;
	assert_int_equal(
	    renewal_facts_before_s(&renewal, 90L * DAY_S), 30L * DAY_S);
	assert_int_equal(
	    renewal_facts_before_s(&renewal, 6L * DAY_S), 3L * DAY_S);
	renewal.before_s = 45L * DAY_S;
	assert_int_equal(
	    renewal_facts_before_s(&renewal, 90L * DAY_S), 45L * DAY_S);
}

static void
dns_needs_no_port_80(void **state)
{
	struct renewal_facts renewal;

	(void)state;
	renewal_facts_parse(
	    "[renewalparams]\nauthenticator = dns-cloudflare\n", &renewal);
	assert_false(renewal_facts_is_http(&renewal));
	renewal_facts_parse(
	    "[renewalparams]\nauthenticator = manual\npref_challs = dns-01,\n",
	    &renewal);
	assert_string_equal(renewal.challenges, "dns-01,");
	assert_false(renewal_facts_is_http(&renewal));
}

static void
the_file_is_found_from_the_lineage(void **state)
{
	static const char text[] = "[renewalparams]\nautorenew = False\n";
	struct lineage_ref ref;
	struct renewal_facts renewal;
	struct err err = ERR_INIT;

	assert_int_equal(lineage_ref_from_name(scratch_path(state, "le"),
			     "a.example", &ref, &err),
	    0);
	assert_int_equal(renewal_facts_read(&ref, &renewal, &err), ERR_NOENT);
	assert_true(renewal.autorenew);
	err_clear(&err);
	assert_int_equal(
	    fs_mkdirs(scratch_path(state, "le/renewal"), 0755, &err), 0);
	scratch_write(
	    state, "le/renewal/a.example.conf", text, strlen(text), 0644);
	assert_int_equal(renewal_facts_read(&ref, &renewal, &err), 0);
	assert_false(renewal.autorenew);
	(void)snprintf(ref.dir, sizeof(ref.dir), "/a.example");
	assert_int_equal(renewal_facts_read(&ref, &renewal, &err), ERR_NOENT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_usual_file_is_renewed_by_itself),
	    cmocka_unit_test(autorenew_is_read_where_certbot_reads_it),
	    cmocka_unit_test(the_time_before_the_end_has_a_unit),
	    cmocka_unit_test(certbots_rule_says_when_it_is_due),
	    cmocka_unit_test(dns_needs_no_port_80),
	    cmocka_unit_test_setup_teardown(the_file_is_found_from_the_lineage,
		scratch_setup, scratch_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
