/*
 * test_discovery_binds.c: which bind lines have a bundle beside what else, and
 * which of those for https have none of them.
 */
#include "haproxy/discovery.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/scratch.h"

static const char other[] = "/v.pem [alpn h2] a.test\n/w.pem\n/x.pem b.test\n";

/*
 * `lines` behind defaults of mode http; LIST has the bundle of c.example, OTHER
 * has others' certificates.
 */
static struct discovery *
load(void **state, const char *lines)
{
	const char *path = scratch_path(state, "haproxy.cfg");
	struct discovery *discovery = NULL;
	struct err err = ERR_INIT;
	char text[2048];
	int n;

	scratch_write(state, "list", "/d/ssl/c.pem\n", 13, 0644);
	scratch_write(state, "other", other, sizeof(other) - 1, 0644);
	n = snprintf(text, sizeof(text),
	    "global\n setenv LIST %s\n setenv OTHER %s\n"
	    "defaults\n mode http\n%s",
	    scratch_path(state, "list"), scratch_path(state, "other"), lines);
	assert_true(n > 0 && (size_t)n < sizeof(text));
	scratch_write(state, "haproxy.cfg", text, (size_t)n, 0644);
	if (discovery_load(&path, 1, NULL, "/d/ssl", "", &discovery, &err) < 0)
		fail_msg("%s: %s", err.on, err.detail);
	return discovery;
}

/* Each bind line as "-" or, where it is passed by, "p". */
static void
expect_passed(void **state, const char *lines, const char *wanted)
{
	struct discovery *discovery = load(state, lines);
	size_t count = discovery_hacfg(discovery)->bind_count;
	char seen[16] = "";

	assert_true(count < sizeof(seen));
	for (size_t i = 0; i < count; i++)
		seen[i] = discovery_passes(discovery, i) ? 'p' : '-';
	assert_string_equal(seen, wanted);
	discovery_free(discovery);
}

static void
those_for_https_without_bundles_are_passed(void **state)
{
	expect_passed(state,
	    "frontend a\n bind :443 ssl crt /x crt /d/ssl\n"
	    "frontend b\n bind 192.0.2.1:443 ssl crt /x\n"
	    " bind quic4@:443 ssl crt /x\n bind :80\n"
	    "frontend c\n bind :8443 ssl crt /x strict-sni\n",
	    "-pp-p");
	/* Mail, and what only this machine comes to. */
	expect_passed(state,
	    "frontend a\n bind :443 ssl crt /d/ssl/\n"
	    "listen mail\n mode tcp\n bind :993 ssl crt /x\n"
	    "listen raw\n mode tcp\n bind :443 ssl crt /x\n"
	    "listen own\n bind 127.0.0.1:8443 ssl crt /x\n"
	    "listen in\n bind abns@in ssl crt /x\n",
	    "--p--");
	/* ... unless all comes in by another process. */
	expect_passed(state,
	    "listen own\n bind 127.0.0.1:8443 ssl crt /x\n"
	    "listen in\n bind abns@in ssl crt /x\n",
	    "pp");
	/* One bundle by its file, or on a list, is chosen by hand. */
	expect_passed(state,
	    "frontend a\n bind :443 ssl crt /d/ssl/a.pem\n"
	    "frontend b\n bind :444 ssl crt-list \"$LIST\"\n"
	    "frontend c\n bind :445 ssl crt /x\n",
	    "--p");
}

static void
two_bundles_meet_on_one_line_alone(void **state)
{
	struct discovery *discovery;

	discovery = load(state,
	    "frontend a\n bind :443 ssl crt /d/ssl/a.pem crt /d/ssl/b.pem\n"
	    "frontend b\n bind :444 ssl crt-list \"$LIST\"\n"
	    "frontend c\n bind :80 crt /d/ssl\n");
	assert_true(discovery_meet(discovery, "a.pem", "b.pem"));
	assert_false(discovery_meet(discovery, "a.pem", "c.pem"));
	discovery_free(discovery);
	discovery = load(state,
	    "frontend a\n bind :443 ssl crt /d/ssl crt-list \"$LIST\"\n");
	assert_true(discovery_meet(discovery, "a.pem", "c.pem"));
	discovery_free(discovery);
}

static void
another_store_meets_a_bundle(void **state)
{
	struct discovery *discovery;
	bool sure;

	discovery = load(state,
	    "frontend a\n bind :443 ssl crt /x/dir/ crt /d/ssl\n"
	    "frontend b\n bind :444 ssl crt /y.pem\n"
	    "backend s\n server s 192.0.2.1:443 ssl crt /client.pem\n");
	assert_true(discovery_holds(discovery, 0, "/x/dir/x.pem"));
	assert_false(discovery_holds(discovery, 0, "/x/dir/deeper/x.pem"));
	assert_false(discovery_holds(discovery, 0, "/x/directory.pem"));
	assert_true(discovery_may_meet(
	    discovery, "a.pem", "/x/dir/x.pem", "a.test", &sure));
	assert_true(sure);
	assert_false(
	    discovery_may_meet(discovery, "a.pem", "/y.pem", "a.test", &sure));
	assert_false(discovery_may_meet(
	    discovery, "a.pem", "/client.pem", "a.test", &sure));
	/* haproxy.cfg had it when HAProxy read it. */
	assert_true(
	    discovery_may_meet(discovery, "a.pem", "/z.pem", "a.test", &sure));
	assert_false(sure);
	discovery_free(discovery);
	discovery = load(state,
	    "frontend a\n bind :443 ssl crt /d/ssl\n"
	    "frontend b\n bind :444 ssl crt-list \"$LIST\"\n");
	assert_false(
	    discovery_may_meet(discovery, "a.pem", "/y.pem", "a.test", &sure));
	discovery_free(discovery);
}

static void
one_on_a_list_meets_a_bundle_for_its_names(void **state)
{
	struct discovery *discovery;
	bool sure;

	discovery = load(state,
	    "frontend a\n bind :443 ssl crt /d/ssl crt-list \"$OTHER\"\n");
	for (const char *const *store =
		 (const char *const[]){"/v.pem", "/w.pem", NULL};
	     *store != NULL; store++) {
		assert_true(discovery_may_meet(
		    discovery, "a.pem", *store, "a.test", &sure));
		assert_true(sure);
	}
	assert_false(
	    discovery_may_meet(discovery, "a.pem", "/x.pem", "a.test", &sure));
	/* The list may have been changed since it was loaded. */
	assert_true(
	    discovery_may_meet(discovery, "a.pem", "/z.pem", "a.test", &sure));
	assert_false(sure);
	discovery_free(discovery);
	discovery = load(state,
	    "frontend a\n bind :443 ssl crt /d/ssl\n"
	    "frontend b\n bind :444 ssl crt-list \"$OTHER\"\n");
	assert_false(
	    discovery_may_meet(discovery, "a.pem", "/w.pem", "a.test", &sure));
	discovery_free(discovery);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(those_for_https_without_bundles_are_passed),
	    cmocka_unit_test(two_bundles_meet_on_one_line_alone),
	    cmocka_unit_test(another_store_meets_a_bundle),
	    cmocka_unit_test(one_on_a_list_meets_a_bundle_for_its_names),
	};

	return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
