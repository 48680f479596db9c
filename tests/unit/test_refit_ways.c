/*
 * test_refit_ways.c: what init adds holds where the file has habits of its
 * own: a backend that serves more than the challenge, defaults that are named,
 * that have rules, or that say things of servers, and proxies of mode tcp.
 */
#include "wrapper/refit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/refit_rig.h"

#define COND "{ path_beg /.well-known/acme-challenge/ }"
#define WAY "use_backend acme if " COND "\n"
#define F                                                                      \
	"frontend f\n bind :80\n acl le path_beg "                             \
	"/.well-known/acme-challenge/\n"
#define HEAD "defaults\n mode http\n option idle-close-on-response\n" F

/* Port and address of a site's server are not to become the challenge's. */
static void
a_backend_with_more_to_do_stays_as_it_is(void **state)
{
	static const char *const cases[] = {
	    /* What uses it besides. */
	    " use_backend web if le\nfrontend g\n bind :443\n"
	    " default_backend web\nbackend web\n server s 127.0.0.1:8080\n",
	    " use_backend web if le\n use_backend web if { path /x }\n"
	    "backend web\n server s 127.0.0.1:8080\n",
	    " use_backend web if le or { path /x }\n"
	    "backend web\n server s 127.0.0.1:8080\n",
	    " use_backend web if le { path_beg "
	    "/.well-known/acme-challenge/ /x }\n"
	    "backend web\n server s 127.0.0.1:8080\n",
	    " acl le path /x\n use_backend web if le\n"
	    "backend web\n server s 127.0.0.1:8080\n",
	    " acl le hdr(host) -i x\n use_backend web if le\n"
	    "backend web\n server s 127.0.0.1:8080\n",
	    " use_backend web if le\n use_backend %[path]\n"
	    "backend web\n server s 127.0.0.1:8080\n",
	    " use_backend web if le\n"
	    "listen web\n bind :8081\n server s 127.0.0.1:8080\n",
	    " use_backend web if le\nbackend web\n"
	    " server s 127.0.0.1:8080\n server t 127.0.0.1:8081\n",
	    " use_backend web if le\nbackend web\n"
	    " server s 127.0.0.1:8080\n server t 127.0.0.1:2031\n",
	    " use_backend web if le\nbackend web\n"
	    " server-template s 1-3 127.0.0.1:8080\n default_backend web\n",
	};
	char text[1024];

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		(void)snprintf(text, sizeof(text), HEAD "%s", cases[i]);
		refit_rig_expect(state, REFIT_STANDALONE, text,
		    " " WAY " use_backend web if le", "challenge.port");
		refit_rig_expect(state, REFIT_STANDALONE, text,
		    "server acme_client 127.0.0.1:2031 maxconn 4\n",
		    "into that line");
		refit_rig_expect(state, REFIT_STANDALONE, text,
		    "leads challenges to backend web, which serves more", NULL);
	}
	/* Of two listeners' backends it is the one that is led to. */
	refit_rig_expect(state, REFIT_STANDALONE,
	    HEAD " use_backend le if le\nbackend x\n server s 127.0.0.1:2031\n"
		 "backend le\n server s 127.0.0.1:2031\n",
	    NULL, "# ");
	/* A site that answers its own, and the listener for all others. */
	refit_rig_expect(state, REFIT_STANDALONE,
	    HEAD " use_backend web if { hdr(host) -i x } le\n"
		 " use_backend acme if { path_beg "
		 "/.well-known/acme-challenge/ }\n"
		 "backend web\n server s 127.0.0.1:8080\n"
		 "backend acme\n server s 127.0.0.1:2031\n",
	    NULL, "# ");
	/* What is not for the challenge leads it nowhere. */
	refit_rig_expect(state, REFIT_STANDALONE,
	    HEAD " use_backend web if !le\nbackend web\n"
		 " server s 127.0.0.1:8080\n",
	    " " WAY " use_backend web", "challenge.port");
}

static void
only_what_differs_is_named(void **state)
{
	static const struct {
		const char *server, *wanted, *unwanted;
	} cases[] = {
	    {"127.0.0.1:8888",
		", set challenge.port to 8888 in certhaul.conf, else put "
		"127.0.0.1:2031 into",
		"challenge.address"},
	    {"localhost:8888", ", set challenge.port to 8888 in",
		"challenge.address"},
	    {"[::1]:2031", ", set challenge.address to \"::1\" in",
		"challenge.port"},
	    {"ipv6@::1:2031", ", set challenge.address to \"::1\" in",
		"challenge.port"},
	    {"127.0.0.2:81",
		", set challenge.address to \"127.0.0.2\" and challenge.port "
		"to 81 in",
		NULL},
	    {"192.0.2.1:2031", "put 127.0.0.1:2031 into that line",
		"challenge."},
	    {"web.example:81", "put 127.0.0.1:2031 into that line",
		"challenge."},
	    {"unix@/run/x", "put 127.0.0.1:2031 into that line", "challenge."},
	};
	char text[512];

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		(void)snprintf(text, sizeof(text),
		    HEAD " use_backend le if le\nbackend le\n server s %s\n",
		    cases[i].server);
		refit_rig_expect(state, REFIT_STANDALONE, text, cases[i].wanted,
		    cases[i].unwanted);
		refit_rig_expect(state, REFIT_STANDALONE, text, NULL, WAY);
	}
}

/* HAProxy refuses to have defaults used by name and by position at once. */
static void
new_sections_build_on_defaults_by_name(void **state)
{
#define RULE "defaults fe\n mode http\n http-request set-header A b\n"
	static const char base[] =
	    "defaults base\n mode http\n option idle-close-on-response\n"
	    "defaults mail\n mode tcp\n" RULE;

	refit_rig_expect(state, REFIT_STANDALONE,
	    "defaults one\n mode http\ndefaults base\n mode http\n" RULE
	    "frontend f from fe\n bind :80\n default_backend web\n"
	    "backend other from one\nbackend web from base\n",
	    "\nbackend acme from base\n", "defaults certhaul");
	refit_rig_expect(state, REFIT_ALL, base, "\nbackend acme from base\n",
	    "defaults certhaul");
	refit_rig_expect(state, REFIT_ALL,
	    "defaults base\n mode http\nbackend web from base\n",
	    "\nbackend acme from base\n", "defaults certhaul");
	refit_rig_expect(state, REFIT_ALL,
	    "defaults base\n mode http\nbackend web from base\n",
	    "\nfrontend http from base\n", NULL);
	refit_rig_expect(state, REFIT_ALL,
	    "defaults base\n mode http\nbackend web from base\n",
	    "\nfrontend https from base\n", NULL);
	/* None is without rules: ours, and once. */
	refit_rig_expect(state, REFIT_ALL,
	    RULE "frontend f from fe\n bind :80\n",
	    "\ndefaults certhaul\n\tmode http\n\ttimeout connect 5s\n"
	    "\ttimeout client 30s\n\ttimeout server 30s\n"
	    "\nbackend acme from certhaul\n",
	    "\tserver acme_client 127.0.0.1:2031 maxconn 4\n"
	    "\ndefaults");
	/* One that some use by position, and one that nobody names. */
	refit_rig_expect(state, REFIT_STANDALONE,
	    "defaults base\n mode http\nbackend b\n" RULE
	    "frontend f from fe\n bind :80\n",
	    "\nbackend acme from certhaul\n", NULL);
	refit_rig_expect(state, REFIT_STANDALONE,
	    RULE "frontend f from fe\n bind :80\ndefaults\n mode http\n",
	    "\nbackend acme\n", "certhaul");
	/* Where no section names any, none of ours does. */
	refit_rig_expect(state, REFIT_STANDALONE,
	    "defaults base\n mode http\nfrontend f\n bind :80\n",
	    "\nbackend acme\n", "from");
#undef RULE
}

static void
words_of_default_server_are_taken_back(void **state)
{
	refit_rig_expect(state, REFIT_STANDALONE,
	    "defaults\n mode http\n default-server check inter 1s\n"
	    " default-server ssl verify none send-proxy-v2\n"
	    "frontend f\n bind :80\n",
	    "maxconn 4 no-check no-ssl no-send-proxy-v2\n", NULL);
	refit_rig_expect(state, REFIT_STANDALONE,
	    "defaults a\n default-server check send-proxy\n"
	    "defaults b from a\n mode http\n default-server no-check\n"
	    "frontend f from b\n bind :80\nbackend w from b\n",
	    "maxconn 4 no-send-proxy\n", NULL);
	refit_rig_expect(state, REFIT_STANDALONE,
	    "defaults\n mode http\n default-server proto h2 disabled\n"
	    "frontend f\n bind :80\n",
	    "maxconn 4 enabled proto h1\n", NULL);
	refit_rig_expect(state, REFIT_STANDALONE,
	    "defaults\n mode http\n default-server proto h1\n"
	    "frontend f\n bind :80\n",
	    "maxconn 4\n", NULL);
	refit_rig_expect(state, REFIT_STANDALONE,
	    HEAD " use_backend le if le\nbackend le\n"
		 " server s 127.0.0.1:2031 proto h2\n",
	    "take `proto` off: an ACME client there speaks HTTP/1", NULL);
	/* Those of a backend that is there. */
	refit_rig_expect(state, REFIT_STANDALONE,
	    "defaults\n mode http\n default-server check\n"
	    "frontend f\n bind :80\n default_backend le\n"
	    "backend le\n default-server ssl\n server s 127.0.0.1:2031\n",
	    "cfg:9: put `no-check` behind this server, for which `check` of "
	    "default-server (",
	    NULL);
	refit_rig_expect(state, REFIT_STANDALONE,
	    "defaults\n mode http\n default-server check\n"
	    "frontend f\n bind :80\n default_backend le\n"
	    "backend le\n default-server ssl\n server s 127.0.0.1:2031\n",
	    "`no-ssl`", NULL);
	refit_rig_expect(state, REFIT_STANDALONE,
	    "defaults\n mode http\n default-server check ssl\n"
	    "frontend f\n bind :80\n default_backend le\nbackend le\n"
	    " default-server no-ssl\n server s 127.0.0.1:2031 no-check\n"
	    " default-server ssl\n",
	    NULL, "`");
}

/* No line of the frontend comes ahead of what its defaults say. */
static void
rules_of_defaults_are_looked_into(void **state)
{
#define HELD "defaults fe\n mode http\n http-request "
#define TAIL                                                                   \
	"defaults b\n mode http\nfrontend f from fe\n bind :80\n"              \
	"frontend g from fe\n bind :80\nbackend w from b\n"
	refit_rig_expect(state, REFIT_STANDALONE,
	    HELD "redirect scheme https unless { ssl_fc }\n" TAIL,
	    HELD "redirect scheme https unless { ssl_fc } or " COND "\n", NULL);
	refit_rig_expect(state, REFIT_MAP,
	    HELD "redirect scheme https unless { ssl_fc }\n" TAIL,
	    HELD "redirect scheme https unless { ssl_fc } or " COND "\n", NULL);
	refit_rig_expect(state, REFIT_ALL, HELD "redirect scheme https\n" TAIL,
	    "defaults fe: challenges for all names stay here now, and go no",
	    "acl certhaul");
	refit_rig_expect(state, REFIT_MAP, HELD "deny\n" TAIL,
	    "cfg:3, in defaults fe, decides ahead of every rule of frontend f "
	    "(",
	    NULL);
	refit_rig_expect(
	    state, REFIT_ALL, HELD "deny if { path /x }\n" TAIL, NULL, "ahead");
	refit_rig_expect(state, REFIT_ALL,
	    HELD "deny unless { src 192.0.2.1 }\n" TAIL,
	    "decides ahead of every rule of frontend f", NULL);
	/* The map's rule may be there, and first. */
	refit_rig_expect(state, REFIT_MAP,
	    HELD "return status 200 lf-string \"%[path,map(/m.map)]\" if { "
		 "path,map(/m.map) -m found }\n http-request deny\n" TAIL,
	    NULL, "ahead");
	refit_rig_expect(state, REFIT_MAP,
	    HELD "return status 200 lf-string \"%[path,map(/m.map)]\" if { "
		 "path,map(/m.map) -m found }\n http-request deny\n" TAIL,
	    "frontend f from fe\n bind :80\nfrontend g", NULL);
#undef TAIL
#undef HELD
}

/* HAProxy warns of the option for a proxy of mode tcp, or refuses it. */
static void
defaults_of_a_tcp_proxy_are_left_alone(void **state)
{
	static const char option[] =
	    "bind :80\n option idle-close-on-response\n";

	refit_rig_expect(state, REFIT_ALL,
	    "defaults\n mode http\n option httplog\nfrontend f\n bind :80\n"
	    "frontend t\n mode tcp\n bind :25\n",
	    "bind :80\n option idle-close-on-response\n",
	    "httplog\n option idle");
	refit_rig_expect(state, REFIT_ALL,
	    "defaults a\n mode http\ndefaults b from a\nfrontend f from a\n"
	    " bind :80\nlisten t from b\n mode tcp\n bind :25\n",
	    "bind :80\n option idle-close-on-response\n",
	    "defaults a\n mode http\n option idle");
	refit_rig_expect(state, REFIT_ALL,
	    "defaults\n mode http\nfrontend f\n bind :80\n"
	    "frontend g\n bind :81\ndefaults\n mode tcp\nlisten t\n bind :25\n",
	    "defaults\n mode http\n option idle-close-on-response\nfrontend f",
	    option);
}

/* The CA is seldom among those whom such a rule lets pass. */
static void
a_rule_for_all_but_some_is_noted(void **state)
{
	static const struct {
		const char *rule;
		bool noted;
	} cases[] = {
	    {"auth unless { http_auth(u) }", true},
	    {"deny unless { src 192.0.2.0/24 }", true},
	    {"deny if !{ src 192.0.2.0/24 } !office", true},
	    {"deny if { path /admin } !office", false},
	    {"deny if { src 192.0.2.0/24 }", false},
	    {"auth unless le or { http_auth(u) }", false},
	    {"allow if le\n http-request deny unless office", false},
	};
	static const char words[] = "cfg:7, in frontend f, stops all requests "
				    "but some";
	char text[512];

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		(void)snprintf(text, sizeof(text), HEAD " http-request %s\n",
		    cases[i].rule);
		refit_rig_expect(state, REFIT_ALL, text,
		    cases[i].noted ? words : NULL,
		    cases[i].noted ? NULL : "stops all requests");
		refit_rig_expect(
		    state, REFIT_STANDALONE, text, NULL, "stops all");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_backend_with_more_to_do_stays_as_it_is),
	    cmocka_unit_test(only_what_differs_is_named),
	    cmocka_unit_test(new_sections_build_on_defaults_by_name),
	    cmocka_unit_test(words_of_default_server_are_taken_back),
	    cmocka_unit_test(rules_of_defaults_are_looked_into),
	    cmocka_unit_test(defaults_of_a_tcp_proxy_are_left_alone),
	    cmocka_unit_test(a_rule_for_all_but_some_is_noted),
	};

	return cmocka_run_group_tests(
	    tests, refit_rig_setup, refit_rig_teardown);
}
