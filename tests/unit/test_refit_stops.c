/*
 * test_refit_stops.c: rules that come ahead of any use_backend: which of them
 * keep challenges from a listener, and which are about something else.
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
#define HEAD                                                                   \
	"defaults\n mode http\n option idle-close-on-response\n"               \
	"frontend f\n bind :80\n acl dots path_beg /.\n acl h hdr(host) x\n"   \
	" acl le path_beg /.well-known/acme-challenge/\n http-request "

struct rule {
	const char *rule, *note; /* NULL: none */
};

static void
expect_notes(void **state, const struct rule *rules, size_t count)
{
	char text[512];

	for (size_t i = 0; i < count; i++) {
		const struct rule *rule = &rules[i];

		(void)snprintf(text, sizeof(text), HEAD "%s\n", rule->rule);
		refit_rig_expect(state, REFIT_ALL, text, rule->note,
		    rule->note == NULL ? "# /" : NULL);
		refit_rig_expect(
		    state, REFIT_STANDALONE, text, NULL, ", in frontend f, ");
	}
}

static void
rules_that_stop_challenges_are_noted(void **state)
{
#define ALL "cfg:9, in frontend f, decides on challenges, and none comes"
#define MOST "cfg:9, in frontend f, stops all requests but some"
#define ANSWERS "cfg:9, in frontend f, answers challenges itself"
	static const struct rule rules[] = {
	    /* No condition. */
	    {"deny", ALL},
	    {"return status 404", ALL},
	    {"use-service prometheus-exporter", ALL},
	    {"allow if le\n http-request deny", NULL},
	    {"redirect scheme https", NULL},
	    {"set-header X y", NULL},
	    /* One that a challenge's path is enough for. */
	    {"deny if { path_beg /. }", ALL},
	    {"deny if { path -m beg /x / }", ALL},
	    {"deny if { path_sub -i /.WELL /. }", ALL},
	    {"silent-drop if { path_reg ^/\\\\. }", ALL},
	    {"tarpit if { url_reg -i ^/\\\\.WELL }", ALL},
	    {"deny if h or dots", ALL},
	    {"deny if { path_beg /.well-known/ }", ALL},
	    {"auth if le", ALL},
	    {"return status 200 if le", ANSWERS},
	    {"return status 200 unless !le", ANSWERS},
	    {"use-service lua.acme if h or le", ANSWERS},
	    /* ... and one that is not. */
	    {"deny unless !h", NULL},
	    {"deny unless h or !{ method GET }", NULL},
	    {"deny if dots h", NULL},
	    {"deny if { path_beg /.git }", NULL},
	    {"deny if { path_end .php }", NULL},
	    {"deny if { path_beg -f /etc/paths }", NULL},
	    {"deny if { path_reg ^/\\\\.(?!well-known) }", NULL},
	    /* \w is PCRE's. */
	    {"deny if { path_reg [^\\\\w/.-] }", NULL},
	    {"deny if { path / }", NULL},
	    {"deny if { hdr(x) / }", NULL},
	    {"deny if !dots h", NULL},
	    {"return status 200 if le h", NULL},
	    {"deny unless { path_beg /api }", ALL},
	    /* All but some, but for the challenge or not. */
	    {"deny if !h or { path /x }", MOST},
	    {"deny if dots !h", MOST},
	    {"deny unless le h", MOST},
	    {"deny if !h !le", NULL},
	    {"deny if !h !" COND, NULL},
	    {"deny unless h or le", NULL},
	    {"deny if !dots", NULL},
	};

	expect_notes(state, rules, COUNT_OF(rules));
#undef ALL
#undef MOST
#undef ANSWERS
}

/* No condition on the path holds behind them. */
static void
rules_that_change_the_path_are_noted(void **state)
{
#define CHANGES "cfg:9, in frontend f, changes the path of challenges"
	static const struct rule rules[] = {
	    {"set-path /app%[path]", CHANGES},
	    {"set-path %[path].x", CHANGES},
	    {"set-pathq /app%[pathq] unless { path_beg /app }", CHANGES},
	    {"set-uri /x if le", CHANGES},
	    {"replace-path (.*) /app\\\\1", CHANGES},
	    {"replace-uri ^/(.*) /app/\\\\1", CHANGES},
	    {"replace-path ^/old/(.*) /\\\\1", NULL},
	    {"set-path %[path,regsub(^/old/,/)]", NULL},
	    {"set-path %[path]", NULL},
	    {"set-pathq %[path]?lang=en", NULL},
	    {"set-pathq %[pathq]&x=1", NULL},
	    {"set-uri http://%[req.hdr(host)]%[pathq]", NULL},
	    {"set-path /app%[path] if h", NULL},
	    {"set-path /app%[path] if !le", NULL},
	    {"set-path /app%[path] if { path / }", NULL},
	};

	expect_notes(state, rules, COUNT_OF(rules));
#undef CHANGES
}

/* The map's rule is to come first. */
static void
what_stops_challenges_stops_the_map(void **state)
{
#define RULE                                                                   \
	"http-request return status 200 content-type text/plain lf-string "    \
	"\"%[path,map(/m.map)]\" if { path,map(/m.map) -m found }\n"
	refit_rig_expect(state, REFIT_MAP, HEAD "deny if dots\n " RULE,
	    " " RULE " http-request deny if dots\n " RULE, NULL);
	refit_rig_expect(state, REFIT_MAP, HEAD "deny if h\n " RULE,
	    "challenge/\n http-request deny if h\n " RULE, NULL);
#undef RULE
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rules_that_stop_challenges_are_noted),
	    cmocka_unit_test(rules_that_change_the_path_are_noted),
	    cmocka_unit_test(what_stops_challenges_stops_the_map),
	};

	return cmocka_run_group_tests(
	    tests, refit_rig_setup, refit_rig_teardown);
}
