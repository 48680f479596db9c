/*
 * test_needs.c: which bundles HAProxy does not start without.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <unistd.h>

#include "haproxy/discovery.h"
#include "tests/unit/discovery_rig.h"
#include "tests/unit/scratch.h"

static bool
needs(const struct discovery *discovery, const char *file_name,
    const char *reason)
{
	char text[512] = "";
	bool needed = discovery_needs(discovery, file_name, text, sizeof(text));

	if (needed && strstr(text, reason) == NULL)
		fail_msg("'%s' lacks '%s'", text, reason);
	return needed;
}

static void
what_haproxy_needs_to_start_is_known(void **state)
{
	struct discovery *discovery = discovery_rig_load(state,
	    "frontend f\n bind :1 ssl crt %D/ssl/a.pem crt %D/ssl\n", "");

	assert_true(needs(discovery, "a.pem", "haproxy.cfg:2 (frontend f)"));
	assert_false(needs(discovery, "b.pem", ""));
	discovery_free(discovery);
	discovery = discovery_rig_load(
	    state, "frontend f\n bind :1 ssl crt %D/ssl\n", "");
	/* b.key, a dot file and a directory are no certificates. */
	discovery_rig_write(state, "ssl/.certhaul-x", "staged");
	assert_false(needs(discovery, "a.pem", ""));
	assert_int_equal(unlink(scratch_path(state, "ssl/b.pem")), 0);
	assert_true(needs(discovery, "a.pem", "last certificate"));
	discovery_free(discovery);
	discovery = discovery_rig_load(
	    state, "frontend f\n bind :1 ssl strict-sni crt %D/ssl\n", "");
	assert_false(needs(discovery, "a.pem", ""));
	discovery_free(discovery);
	discovery_rig_write(state, "list", "other/x.pem\n");
	discovery = discovery_rig_load(state,
	    "global\n crt-base %D\nfrontend f\n bind :1 ssl crt-list %D/list\n"
	    "crt-store s\n load crt ssl/b.pem\n",
	    "");
	assert_true(needs(discovery, "a.pem", "/list, as `"));
	assert_true(needs(discovery, "b.pem", "@s/ssl/b.pem"));
	discovery_free(discovery);
}

static void
the_certificates_of_others_are_needed_too(void **state)
{
	struct discovery *discovery = discovery_rig_load(state,
	    "global\n ca-base %D/ssl\nbackend b\n server s 127.0.0.1:1 ssl\n"
	    " server t 127.0.0.1:1 ssl verify required ca-file a.pem\n"
	    "frontend f\n bind :1 ssl crt %D/other crl-file %D/ssl/b.pem\n",
	    "");

	assert_true(needs(discovery, "a.pem", "haproxy.cfg:5 names it by ca-"));
	assert_true(needs(discovery, "b.pem", "crl-file"));
	assert_false(needs(discovery, "c.pem", ""));
	discovery_free(discovery);
	discovery_rig_write(state, "list",
	    "# of others\n"
	    "other/x.pem [verify optional ca-file a.pem] x.example ca-file\n"
	    "other/x.pem [alpn h2 crl-file\tb.pem]\n"
	    "other/x.pem ca-file c.pem\n"
	    "other/x.pem [ca-file] c.pem\n");
	discovery = discovery_rig_load(state,
	    "global\n ca-base %D/ssl\n crt-base %D\n"
	    "frontend f\n bind :1 ssl crt-list %D/list\n",
	    "");
	assert_true(needs(discovery, "a.pem", "list:2 names it by ca-file"));
	assert_true(needs(discovery, "b.pem", "list:3 names it by crl-file"));
	assert_false(needs(discovery, "c.pem", ""));
	discovery_free(discovery);
	discovery = discovery_rig_load(state,
	    "global\n ca-base %D\n httpclient.ssl.ca-file %D/ssl/a.pem\n", "");
	assert_true(needs(discovery, "a.pem", "by httpclient.ssl.ca-file"));
	discovery_free(discovery);
}

static void
what_is_loaded_beside_one_is_needed_too(void **state)
{
	char list[4096];
	struct discovery *discovery = discovery_rig_load(state,
	    "global\n crt-base %D/ssl\n key-base %D/other\n"
	    "crt-store s\n load crt /x.pem key %D/ssl/a.pem\n"
	    " load crt /x.pem key c.pem issuer b.pem alias y\n"
	    "crt-store t\n crt-base /\n key-base %D/ssl\n"
	    " load crt x.pem sctl c.pem key d.pem\n",
	    "");

	assert_true(needs(discovery, "a.pem", "haproxy.cfg:5 names it by key"));
	assert_true(needs(discovery, "b.pem", "haproxy.cfg:6 names it by iss"));
	assert_false(needs(discovery, "c.pem", ""));
	assert_true(
	    needs(discovery, "d.pem", "haproxy.cfg:10 names it by key"));
	discovery_free(discovery);
	(void)snprintf(list, sizeof(list),
	    "/x.pem [ocsp ssl/c.pem key %s/ssl/b.pem ocsp /b.pem]\n",
	    (const char *)*state);
	discovery_rig_write(state, "list", list);
	discovery = discovery_rig_load(state,
	    "global\n crt-base %D\n key-base %D/ssl\n"
	    "frontend f\n bind :1 ssl crt-list %D/list\n"
	    " ssl-f-use crt /x.pem key %D/ssl/a.pem\n",
	    "");
	assert_true(needs(discovery, "a.pem", "haproxy.cfg:6 names it by key"));
	assert_true(needs(discovery, "b.pem", "list:1 names it by key"));
	assert_false(needs(discovery, "c.pem", ""));
	discovery_free(discovery);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		what_haproxy_needs_to_start_is_known, discovery_rig_setup,
		scratch_teardown),
	    cmocka_unit_test_setup_teardown(
		the_certificates_of_others_are_needed_too, discovery_rig_setup,
		scratch_teardown),
	    cmocka_unit_test_setup_teardown(
		what_is_loaded_beside_one_is_needed_too, discovery_rig_setup,
		scratch_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
