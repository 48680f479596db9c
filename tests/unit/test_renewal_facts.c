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

#include "cert/renewal.h"
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

/* The facts of `text`; the defaults where it cannot be read. */
static struct renewal_facts
facts_of(const char *text)
{
	struct renewal_facts facts = {.autorenew = true};
	struct renewal *renewal = NULL;
	struct err err = ERR_INIT;

	if (renewal_parse("a.conf", text, &renewal, &err) == 0)
		renewal_facts_take(renewal, &facts);
	renewal_free(renewal);
	return facts;
}

static void
the_usual_file_is_renewed_by_itself(void **state)
{
	struct renewal_facts renewal = facts_of(usual);

	(void)state;
	assert_true(renewal.autorenew);
	assert_string_equal(renewal.before_expiry, "");
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
		struct renewal_facts renewal = facts_of(rows[i].text);

		assert_int_equal(renewal.autorenew, rows[i].autorenew);
	}
}

static void
the_conf_says_how_long_before_the_end(void **state)
{
	static const time_t end_s = 90L * DAY_S;
	static const struct {
		const char *value;
		long before_s;
	} rows[] = {
	    {"45 days", 45L * DAY_S},
	    {"1 day", DAY_S},
	    {"2 weeks", 14L * DAY_S},
	    {"12 hours", DAY_S / 2},
	    {"20", 20L * DAY_S},
	    {"'3 days, 12 hours'", 7L * DAY_S / 2},
	    /* What makes no sense is as good as absent. */
	    {"30 dayss", 30L * DAY_S},
	    {"-3 days", 30L * DAY_S},
	    {"soon", 30L * DAY_S},
	    {"99999999999999999999 days", 30L * DAY_S},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct renewal_facts renewal;
		char text[200];

		(void)snprintf(text, sizeof(text),
		    "renew_before_expiry = %s\n[renewalparams]\n",
		    rows[i].value);
		renewal = facts_of(text);
		assert_int_equal(
		    end_s - renewal_facts_due_s(&renewal, false, 0, end_s),
		    rows[i].before_s);
	}
}

static void
certbots_rule_says_when_it_is_due(void **state)
{
	struct renewal_facts renewal = {.autorenew = true};

	(void)state;
	assert_int_equal(
	    renewal_facts_due_s(&renewal, false, 0, 90L * DAY_S), 60L * DAY_S);
	assert_int_equal(
	    renewal_facts_due_s(&renewal, false, DAY_S, 7L * DAY_S),
	    4L * DAY_S);
}

static void
certbot_before_4_has_30_days(void **state)
{
	static const struct {
		const char *version;
		long due; /* of 45 days */
	} rows[] = {
	    {"version = 2.1.0\n", 15},
	    {"version = 3.3.0\n", 15},
	    {"version = 4.0.0\n", 30},
	    {"version = 40.0\n", 30},
	    {"", 30},
	    {"version = 2.1.0\nrenew_before_expiry = 10 days\n", 35},
	};
	struct renewal_facts renewal;
	char text[200];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		(void)snprintf(
		    text, sizeof(text), "%s[renewalparams]\n", rows[i].version);
		renewal = facts_of(text);
		assert_int_equal(
		    renewal_facts_due_s(&renewal, false, 0, 45L * DAY_S),
		    rows[i].due * DAY_S);
	}
	renewal = facts_of(usual);
	assert_int_equal(
	    renewal_facts_due_s(&renewal, true, 0, 45L * DAY_S), 30L * DAY_S);
	assert_int_equal(renewal_facts_due_s(&renewal, false, 0, 365L * DAY_S),
	    335L * DAY_S);
	assert_int_equal(
	    renewal_facts_due_s(&renewal, false, DAY_S, 20L * DAY_S), DAY_S);
}

static void
where_standalone_listens_is_read(void **state)
{
	static const struct {
		const char *text;
		long port;
		const char *address;
		bool in_proxy;
	} rows[] = {
	    {"", 80, "", false},
	    {"http01_port = 2031\nhttp01_address = 127.0.0.1\n", 2031,
		"127.0.0.1", false},
	    {"http01_port = x\n", 0, "", false},
	    {"http01_port = 70000\n", 0, "", false},
	    {"manual_auth_hook = /usr/sbin/certhaul-hook auth\n", 80, "", true},
	    {"manual_auth_hook = /usr/local/bin/auth\n", 80, "", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct renewal_facts renewal;
		char text[200];

		(void)snprintf(
		    text, sizeof(text), "[renewalparams]\n%s", rows[i].text);
		renewal = facts_of(text);
		assert_int_equal(renewal.http_port, rows[i].port);
		assert_string_equal(renewal.http_address, rows[i].address);
		assert_int_equal(renewal.in_proxy, rows[i].in_proxy);
	}
}

static void
dns_needs_no_port_80(void **state)
{
	static const struct {
		const char *text;
		bool http;
	} rows[] = {
	    {"authenticator = dns-cloudflare\n", false},
	    {"authenticator = manual\npref_challs = dns-01,\n", false},
	    {"authenticator = manual\npref_challs = http-01,\n", true},
	    {"authenticator = manual\npref_challs = dns-01, http-01\n", true},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct renewal_facts renewal;
		char text[200];

		(void)snprintf(
		    text, sizeof(text), "[renewalparams]\n%s", rows[i].text);
		renewal = facts_of(text);
		assert_int_equal(renewal_facts_is_http(&renewal), rows[i].http);
	}
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
	    cmocka_unit_test(the_conf_says_how_long_before_the_end),
	    cmocka_unit_test(certbots_rule_says_when_it_is_due),
	    cmocka_unit_test(certbot_before_4_has_30_days),
	    cmocka_unit_test(where_standalone_listens_is_read),
	    cmocka_unit_test(dns_needs_no_port_80),
	    cmocka_unit_test_setup_teardown(the_file_is_found_from_the_lineage,
		scratch_setup, scratch_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
