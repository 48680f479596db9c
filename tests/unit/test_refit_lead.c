/*
 * test_refit_lead.c: what leads challenges somewhere already is seen, in
 * whatever words, and goes on: nothing of ours comes in front of it.
 */
#include "wrapper/refit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/refit_rig.h"
#include "tests/unit/scratch.h"

#define COND "{ path_beg /.well-known/acme-challenge/ }"
#define HEAD                                                                   \
	"defaults\n mode http\n option idle-close-on-response\n"               \
	"frontend f\n bind :80\n"
#define OWN "backend le\n server s 127.0.0.1:8888\n"
#define WEB "backend web\n server s 127.0.0.1:8080\n"

static void
a_path_above_the_challenge_leads_it(void **state)
{
	static const struct {
		const char *path;
		bool leads;
	} cases[] = {
	    {"path_beg /.well-known/", true},
	    {"path_beg /.well-known", true},
	    {"path_beg /.well-known/acme", true},
	    {"path_dir .well-known", true},
	    {"path_dir /.well-known/", true},
	    {"path_reg ^/\\.well-known/", true},
	    {"path_reg '^/\\.well-known/.*'", true},
	    {"path_beg /.well-known/carddav", false},
	    {"path_beg /app/.well-known/", false},
	    {"path_beg /.w", false},
	    {"path_beg /x", false},
	};
	char text[512];

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const char *way = "\n use_backend acme if " COND "\n";
		const char *note = ", set challenge.port to 8888 in";
		bool leads = cases[i].leads;

		(void)snprintf(text, sizeof(text),
		    HEAD " acl wk %s\n use_backend le if wk\n" OWN,
		    cases[i].path);
		refit_rig_expect(state, REFIT_STANDALONE, text,
		    leads ? note : way, leads ? way : note);
	}
}

static void
a_condition_on_something_else_stops_no_search(void **state)
{
	static const char *const others[] = {
	    "{ path_beg /api }",
	    "{ path /x /y } !{ src 192.0.2.1 }",
	    "{ path_dir -i /x } { hdr(host) -i x }",
	    "api",
	};
	static const char *const unknown[] = {"{ hdr(host) -i x }",
	    "{ path_beg / }", "!{ path_beg /api }", "! { path_beg /api }",
	    "! api", "{ path_beg /api } or { hdr(host) -i x }",
	    "{ path_end x }"};
	char text[512];

	for (size_t i = 0; i < COUNT_OF(others) + COUNT_OF(unknown); i++) {
		bool is_other = i < COUNT_OF(others);
		const char *condition =
		    is_other ? others[i] : unknown[i - COUNT_OF(others)];

		(void)snprintf(text, sizeof(text),
		    HEAD " acl api path_beg /api\n use_backend web if %s\n"
			 " use_backend le if " COND "\n" WEB OWN,
		    condition);
		refit_rig_expect(state, REFIT_STANDALONE, text,
		    ", set challenge.port to 8888 in", "use_backend acme");
		/* The listener that is ours already. */
		(void)snprintf(text, sizeof(text),
		    HEAD " acl api path_beg /api\n use_backend web if %s\n"
			 " use_backend acme if " COND "\n" WEB
			 "backend acme\n server s 127.0.0.1:2031\n",
		    condition);
		refit_rig_expect(state, REFIT_STANDALONE, text,
		    is_other ? NULL
			     : " use_backend acme if " COND
			       "\n use_backend web if",
		    is_other ? " use_backend acme if " COND
			       "\n use_backend web if"
			     : NULL);
	}
	/* One that takes all is the end of it. */
	refit_rig_expect(state, REFIT_STANDALONE,
	    HEAD " use_backend web\n use_backend le if " COND "\n" WEB OWN,
	    " use_backend acme if " COND "\n use_backend web\n", NULL);
}

/* Those of other names have no way yet, and these go on. */
static void
what_takes_those_of_some_names_is_no_lead(void **state)
{
	static const char *const servers[] = {
	    "127.0.0.1:2031", "127.0.0.1:8888", "192.0.2.1:80"};
	char text[512];

	for (size_t i = 0; i < COUNT_OF(servers); i++) {
		(void)snprintf(text, sizeof(text),
		    HEAD " acl p path_beg /.well-known/acme-challenge/\n"
			 " acl h hdr(host) b\n use_backend acme if p h\n"
			 " default_backend web\n" WEB
			 "backend acme\n server s %s\n",
		    servers[i]);
		refit_rig_expect(state, REFIT_STANDALONE, text,
		    i == 0 ? " use_backend acme if p h\n"
			     " use_backend acme if " COND "\n"
			   : " use_backend acme if p h\n"
			     " use_backend acme_certhaul if " COND "\n",
		    "challenge.port");
	}
#define ACLS                                                                   \
	HEAD " acl p path_beg /.well-known/acme-challenge/\n"                  \
	     " acl h hdr(host) b\n"
	/* By what it does not take. */
	refit_rig_expect(state, REFIT_STANDALONE,
	    ACLS " use_backend web unless p h\n use_backend acme if p\n" WEB
		 "backend acme\n server s 127.0.0.1:2031\n",
	    " use_backend acme if " COND "\n use_backend web unless p h\n",
	    NULL);
	/* What does not take them loses none. */
	refit_rig_expect(state, REFIT_ALL,
	    ACLS " use_backend web if p h\n use_backend web if !p\n"
		 " use_backend web if { path_beg /x }\n"
		 " use_backend web if h\n" WEB,
	    "names but those of /", NULL);
	refit_rig_expect(state, REFIT_ALL,
	    ACLS " use_backend web if p h\n use_backend web if !p\n"
		 " use_backend web if { path_beg /x }\n"
		 " use_backend web if h\n" WEB,
	    "cfg:11) and the like", NULL);
	refit_rig_expect(state, REFIT_ALL,
	    ACLS " redirect scheme https\n use_backend web if h\n" WEB, NULL,
	    "no more to web");
#undef ACLS
}

/* HAProxy warns of rules behind a use_backend, and that may be an error. */
static void
the_way_comes_behind_the_rules(void **state)
{
	refit_rig_expect(state, REFIT_STANDALONE,
	    HEAD " default_backend web\n http-request set-header A b\n"
		 " redirect scheme https if !" COND
		 "\n # more\n log global\n" WEB,
	    " redirect scheme https if !" COND "\n use_backend acme if " COND
	    "\n # more\n",
	    NULL);
}

static void
a_frontend_has_a_timeout(void **state)
{
	refit_rig_expect(state, REFIT_ALL, "global\n daemon\n",
	    "\toption idle-close-on-response\n\ttimeout client 30s\n\tbind :",
	    NULL);
	refit_rig_expect(state, REFIT_ALL, "global\n daemon\n",
	    "\ttimeout client 30s\n\tbind :", NULL);
	refit_rig_expect(state, REFIT_ALL,
	    "defaults\n mode http\n timeout client 5s\n", "\nfrontend https\n",
	    "client 30s");
}

static void
a_redirect_of_challenges_is_noted(void **state)
{
	static const char words[] =
	    "cfg:6, in frontend f, redirects challenges";

	refit_rig_expect(state, REFIT_ALL,
	    HEAD " http-request redirect prefix http://x.example if " COND "\n",
	    words, NULL);
	refit_rig_expect(state, REFIT_ALL,
	    HEAD " http-request redirect scheme https if !" COND "\n", NULL,
	    words);
	refit_rig_expect(state, REFIT_ALL,
	    HEAD " http-request redirect scheme https if ! " COND "\n", NULL,
	    words);
}

/* What lets challenges of some names pass leaves the others out. */
static void
an_unless_is_to_have_a_part_for_all_challenges(void **state)
{
	static const struct {
		const char *condition;
		bool all;
	} cases[] = {
	    {"le", true},
	    {"{ ssl_fc } or le", true},
	    {"le || h", true},
	    {COND " !certhaul_elsewhere", true},
	    {"le h", false},
	    {"h le or { ssl_fc }", false},
	    {COND " { ssl_fc }", false},
	    {"le !h", false},
	    /* Somebody's will. */
	    {"!le", true},
	    {"! " COND, true},
	};
	char text[512], wanted[512];

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		(void)snprintf(text, sizeof(text),
		    HEAD " acl certhaul_elsewhere always_false\n"
			 " acl le path_beg /.well-known/acme-challenge/\n"
			 " acl h hdr(host) b\n redirect scheme https unless "
			 "%s\n",
		    cases[i].condition);
		(void)snprintf(wanted, sizeof(wanted), "unless %s%s\n",
		    cases[i].condition,
		    cases[i].all ? "" : " or " COND " !certhaul_elsewhere");
		refit_rig_expect(state, REFIT_STANDALONE, text, wanted, NULL);
	}
}

/* HAProxy takes 64, and would refuse all that is added with one of more. */
static void
a_line_of_too_many_words_is_left(void **state)
{
	char names[256] = "", text[512];

	for (size_t i = 0; i < 54; i++) {
		bool fits = i < 53;

		memcpy(&names[2 * i], " h", 3);
		if (i < 52)
			continue;
		(void)snprintf(text, sizeof(text),
		    HEAD " redirect scheme https if { hdr(host)%s }\n"
			 " default_backend web\n" WEB,
		    names);
		refit_rig_expect(state, REFIT_ALL, text,
		    fits ? "h } !" COND "\n" : "h }\n use_backend acme if",
		    fits ? "HAProxy takes" : "stay here now");
		refit_rig_expect(state, REFIT_ALL, text,
		    fits ? "stay here now" : "more than the 64 words that",
		    NULL);
	}
}

/* HAProxy takes blanks behind it. */
static void
a_not_may_stand_alone(void **state)
{
	refit_rig_expect(state, REFIT_ALL,
	    HEAD " acl wk path_beg /.well-known/acme-challenge/\n"
		 " use_backend web if ! wk\n default_backend le\n" WEB OWN,
	    " use_backend acme if " COND "\n", NULL);
	refit_rig_expect(state, REFIT_ALL,
	    HEAD " acl ok src 192.0.2.1\n http-request deny if ! ok\n",
	    "cfg:7, in frontend f, stops all requests but some", NULL);
	refit_rig_expect(state, REFIT_ALL,
	    HEAD " acl wk path_beg /.well-known/acme-challenge/\n"
		 " redirect scheme https if ! wk\n",
	    "\n redirect scheme https if ! wk\n", NULL);
}

static void
a_template_is_as_many_servers(void **state)
{
#define TEMPLATE                                                               \
	HEAD " use_backend le if " COND "\nbackend le\n server-template s "
	static const char far[] =
	    "backend b\n server-template s 2 localhost:8001\n";
	struct refit_led led;
	struct err err = ERR_INIT;

	refit_rig_expect(state, REFIT_STANDALONE, TEMPLATE "1 127.0.0.1:2031\n",
	    NULL, "backend acme");
	refit_rig_expect(
	    state, REFIT_STANDALONE, TEMPLATE "1 127.0.0.1:2031\n", NULL, "# ");
	/* One is a listener's, and several are a site's. */
	refit_rig_expect(state, REFIT_STANDALONE, TEMPLATE "1 127.0.0.1:8888\n",
	    ", set challenge.port to 8888 in", "backend acme");
	refit_rig_expect(state, REFIT_STANDALONE,
	    TEMPLATE "4-4 127.0.0.1:8888\n", ", set challenge.port to 8888 in",
	    "backend acme");
	refit_rig_expect(state, REFIT_STANDALONE, TEMPLATE "2 127.0.0.1:8888\n",
	    " use_backend acme if " COND "\n", "challenge.port");
	refit_rig_expect(state, REFIT_STANDALONE,
	    TEMPLATE "3-4 _http._tcp.web.example\n",
	    " use_backend acme if " COND "\n", "challenge.port");
	/* What certbot answers on there is for check to know. */
	scratch_write(state, "haproxy.cfg", far, sizeof(far) - 1, 0644);
	assert_int_equal(refit_led(refit_rig_conf, &led, &err), 0);
	assert_true(refit_led_has(&led, 8001));
}

/* Beside a port 80 on one address, another server may have another. */
static void
port_80_is_all_of_haproxys_or_not(void **state)
{
	static const struct {
		const char *bind;
		bool everywhere;
	} cases[] = {
	    {":80", true},
	    {"*:80", true},
	    {":::80 v4v6", true},
	    {"0.0.0.0:79-81", true},
	    {"127.0.0.1:81,:80", true},
	    {":::80 v6only", false},
	    {"[::]:80 v6only", false},
	    {"ipv6@:80 v4v6 v6only", false},
	    {":::80 v6only\n bind :80", true},
	    {"[2001:db8::1]:80", false},
	    {"192.0.2.1:80", false},
	    {"127.0.0.1:80", false},
	    {":8080", false},
	    {"quic4@:80 ssl crt /x", false},
	};
	struct refit_led led;
	struct err err = ERR_INIT;
	char text[512];

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		(void)snprintf(text, sizeof(text), "frontend f\n bind %s\n",
		    cases[i].bind);
		scratch_write(state, "haproxy.cfg", text, strlen(text), 0644);
		assert_int_equal(refit_led(refit_rig_conf, &led, &err), 0);
		assert_int_equal(led.everywhere, cases[i].everywhere);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_path_above_the_challenge_leads_it),
	    cmocka_unit_test(a_condition_on_something_else_stops_no_search),
	    cmocka_unit_test(what_takes_those_of_some_names_is_no_lead),
	    cmocka_unit_test(the_way_comes_behind_the_rules),
	    cmocka_unit_test(a_frontend_has_a_timeout),
	    cmocka_unit_test(a_redirect_of_challenges_is_noted),
	    cmocka_unit_test(an_unless_is_to_have_a_part_for_all_challenges),
	    cmocka_unit_test(a_line_of_too_many_words_is_left),
	    cmocka_unit_test(a_not_may_stand_alone),
	    cmocka_unit_test(a_template_is_as_many_servers),
	    cmocka_unit_test(port_80_is_all_of_haproxys_or_not),
	};

	return cmocka_run_group_tests(
	    tests, refit_rig_setup, refit_rig_teardown);
}
