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
#include <string.h>

#include <cmocka.h>

#include "haproxy/hacfg.h"
#include "tests/unit/refit_rig.h"
#include "tests/unit/scratch.h"

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
	    {"deny unless h or !{ src 10.0.0.1 }", NULL},
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

/* No rule behind it is asked for challenges, be it by all of them. */
static void
an_allow_is_for_challenges_of_any_name(void **state)
{
#define BEHIND "cfg:10, in frontend f, decides on challenges, and none comes"
	static const struct rule rules[] = {
	    {"allow if dots\n http-request deny", NULL},
	    {"allow if le METH_GET\n http-request deny", NULL},
	    {"allow unless h\n http-request deny", NULL},
	    {"allow if h or le\n http-request deny", NULL},
	    {"allow if le h\n http-request deny", BEHIND},
	    {"allow if h\n http-request deny", BEHIND},
	};

	expect_notes(state, rules, COUNT_OF(rules));
#undef BEHIND
}

/* A challenge is a GET by HTTP/1.1, with a host. */
static void
what_each_challenge_is_counts(void **state)
{
#define ALL "cfg:9, in frontend f, decides on challenges, and none comes"
#define MOST "cfg:9, in frontend f, stops all requests but some"
	static const struct rule rules[] = {
	    {"deny if !METH_GET", NULL},
	    {"deny if ! METH_GET", NULL},
	    {"deny unless METH_GET", NULL},
	    {"deny unless METH_GET or METH_POST", NULL},
	    {"deny if !METH_GET !METH_POST !METH_HEAD", NULL},
	    {"deny if !{ method GET }", NULL},
	    {"deny if !{ method -m str -i post get }", NULL},
	    {"deny unless { method GET HEAD }", NULL},
	    {"deny if HTTP_1.0", NULL},
	    {"deny if !HTTP_1.1 or !HTTP", NULL},
	    {"deny unless { req.ver 1.1 2.0 }", NULL},
	    {"deny if !{ hdr(host) -m found }", NULL},
	    {"deny unless { req.hdr(Host) -m found }", NULL},
	    {"deny if { req.hdr_cnt(host) gt 1 } or { hdr_cnt(host) 0 }", NULL},
	    {"deny unless { req.hdr_cnt(host) eq 1 }", NULL},
	    {"deny if !{ req.hdr_cnt(host) ge 1 }", NULL},
	    {"deny unless { always_true } or h", NULL},
	    {"deny if FALSE", NULL},
	    {"set-path /x if !METH_GET", NULL},
	    {"deny if get !get\n acl get method GET\n acl get method HEAD",
		NULL},
	    {"deny if !get\n acl get method GET\n acl get method HEAD", NULL},
	    {"redirect scheme https if METH_POST or !METH_GET h", NULL},
	    /* ... for it as well as against it. */
	    {"deny if METH_GET", ALL},
	    {"deny if !METH_POST HTTP_1.1", ALL},
	    {"deny unless METH_POST", ALL},
	    {"deny if { method GET }", ALL},
	    {"deny if !{ req.hdr_cnt(host) lt 1 }", ALL},
	    {"deny if TRUE", ALL},
	    {"deny if METH_GET !h", MOST},
	    {"deny unless METH_GET h", MOST},
	    {"deny unless h or !{ method GET }", MOST},
	    {"deny if METH_GET h", NULL},
	    /* What is not known. */
	    {"deny if !{ method -f /etc/methods }", MOST},
	    {"deny if !{ hdr(host) -m len 9 }", MOST},
	    {"deny if !{ req.hdr_cnt(host) 1:2 }", MOST},
	    /* An ACL of one's own is that, whatever its name. */
	    {"deny if !METH_GET\n acl METH_GET src 10.0.0.1", MOST},
	};

	expect_notes(state, rules, COUNT_OF(rules));
	refit_rig_expect(state, REFIT_STANDALONE,
	    HEAD "redirect scheme https if METH_POST\n",
	    "scheme https if METH_POST\n", NULL);
#undef ALL
#undef MOST
}

/* What the preflight says of a challenge that does not come through. */
static void
expect_hint(void **state, const char *rule, const char *hint)
{
	char section[] = "frontend f";
	struct hacfg_bind bind = {.section = section, .line = 5};
	struct buf said = BUF_INIT(65536);
	struct err err = ERR_INIT;
	char text[512], path[LIMIT_PATH_BYTES];

	(void)snprintf(text, sizeof(text), HEAD "%s\n", rule);
	scratch_write(state, "haproxy.cfg", text, strlen(text), 0644);
	(void)snprintf(
	    path, sizeof(path), "%s", scratch_path(state, "haproxy.cfg"));
	bind.file = path;
	assert_int_equal(refit_ahead(refit_rig_conf, &bind, false,
			     REFIT_OTHER_ANSWER, &said, &err),
	    0);
	if (strstr(buf_text(&said), hint) == NULL)
		fail_msg("no \"%s\" for %s:\n%s", hint, rule, buf_text(&said));
	buf_free(&said);
}

static void
the_preflight_blames_what_may_decide(void **state)
{
	expect_hint(state, "deny if METH_GET", "cfg:9, in frontend f, decides");
	expect_hint(state, "deny if !METH_GET", "something else decides first");
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
	refit_rig_expect(state, REFIT_MAP, HEAD "allow if le h\n " RULE,
	    " " RULE " http-request allow if le h\n " RULE, NULL);
	refit_rig_expect(state, REFIT_MAP, HEAD "deny if h\n " RULE,
	    "challenge/\n http-request deny if h\n " RULE, NULL);
#undef RULE
}

/* No connection of the CA's comes to any rule for requests. */
static void
rules_that_reject_connections_are_noted(void **state)
{
#define RULE(text) "set-header X y\n tcp-request " text
#define ALL "cfg:10, in frontend f, rejects all connections, and with them"
#define MOST "cfg:10, in frontend f, rejects all connections but some, and"
#define SECOND "cfg:11, in frontend f, rejects all connections, and with them"
#define IN "connection accept if { src 10.0.0.0/8 }\n tcp-request "
	static const struct rule rules[] = {
	    {RULE("connection reject"), ALL},
	    {RULE("connection silent-drop"), ALL},
	    {RULE("session reject if TRUE"), ALL},
	    {RULE("connection reject if !{ src 10.0.0.0/8 }"), MOST},
	    {RULE("connection reject unless { src -f /f }"), MOST},
	    {RULE("content reject unless { src 10.0.0.1 } or h"), MOST},
	    {RULE("content reject if dots"), ALL},
	    {RULE(IN "connection reject"), SECOND},
	    /* An accept is for its stage alone. */
	    {RULE("connection accept\n tcp-request content reject"), SECOND},
	    {RULE("content accept\n tcp-request connection reject"), SECOND},
	    /* ... those that let the CA in. */
	    {RULE("connection reject if { src 192.0.2.1 }"), NULL},
	    {RULE("connection reject if { src_conn_rate gt 9 }"), NULL},
	    {RULE("connection accept\n tcp-request connection reject"), NULL},
	    {RULE("connection accept unless { src 192.0.2.1 }\n tcp-request "
		  "connection reject"),
		NULL},
	    {RULE("content reject if !HTTP"), NULL},
	    {RULE("content accept if HTTP\n tcp-request content reject"), NULL},
	    {RULE("content accept if " COND "\n tcp-request content reject"),
		NULL},
	    {RULE("content reject if !le"), NULL},
	    {RULE("connection track-sc0 src"), NULL},
	    {RULE("inspect-delay 5s"), NULL},
	};

	expect_notes(state, rules, COUNT_OF(rules));
	refit_rig_expect(state, REFIT_ALL,
	    "defaults d\n mode http\n tcp-request connection reject if !{ src "
	    "10.0.0.0/8 }\nfrontend f from d\n bind :80\n",
	    "cfg:3, in defaults d, rejects all connections but some", NULL);
	expect_hint(state, RULE("connection reject"), ALL);
	expect_hint(state, RULE("content reject if !h"),
	    "put `tcp-request content accept if " COND "` in front of it\n");
#undef IN
#undef SECOND
#undef MOST
#undef ALL
#undef RULE
}

/* Nothing is said of what becomes of challenges that do not come in. */
static void
what_is_rejected_comes_to_nobody(void **state)
{
#define REJECT " tcp-request connection reject"
#define SITE                                                                   \
	" http-request redirect scheme https if h\n default_backend b\n"       \
	"backend b\n mode http\n server a 192.0.2.1:80\n"
	static const char head[] = "defaults\n mode http\n";
	static const char *const rejects[] = {REJECT "\n",
	    " tcp-request connection accept if { src 192.0.2.1 }\n" REJECT "\n",
	    " tcp-request content silent-drop\n"};
	char text[1024];

	for (size_t i = 0; i < COUNT_OF(rejects); i++) {
		(void)snprintf(text, sizeof(text),
		    "%sfrontend f\n bind :80\n%s" SITE, head, rejects[i]);
		refit_rig_expect(state, REFIT_ALL, text,
		    "rejects all connections", "come to certhaul now");
		refit_rig_expect(state, REFIT_ALL, text, NULL, "stay here now");
		(void)snprintf(text, sizeof(text),
		    "%s%sfrontend f\n bind :80\n" SITE, head, rejects[i]);
		refit_rig_expect(state, REFIT_ALL, text,
		    "in defaults, rejects all connections",
		    "come to certhaul now");
	}
	(void)snprintf(text, sizeof(text),
	    "%sfrontend f\n bind :80\n" REJECT " if { src 192.0.2.1 }\n" SITE,
	    head);
	refit_rig_expect(
	    state, REFIT_ALL, text, "come to certhaul now", "rejects all");
	refit_rig_expect(state, REFIT_ALL, text, "stay here now", NULL);
#undef SITE
#undef REJECT
}

/* However many there are, and each once. */
static void
no_note_is_left_out(void **state)
{
	enum { RULES = 40 };
	struct buf text = BUF_INIT(65536);
	struct refit refit = {.edits = NULL};
	struct err err = ERR_INIT;

	assert_int_equal(buf_puts(&text, HEAD "deny if dots\n", &err), 0);
	for (int i = 1; i < RULES; i++)
		assert_int_equal(
		    buf_puts(&text, " http-request deny if dots\n", &err), 0);
	scratch_write(state, "haproxy.cfg", text.data, text.len, 0644);
	assert_int_equal(
	    refit_find(refit_rig_conf, REFIT_ALL, NULL, &refit, &err), 0);
	assert_true(refit.note_count >= RULES);
	assert_non_null(strstr(refit.notes[RULES - 1], "haproxy.cfg:48, in "));
	refit_free(&refit);
	buf_free(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rules_that_stop_challenges_are_noted),
	    cmocka_unit_test(an_allow_is_for_challenges_of_any_name),
	    cmocka_unit_test(what_each_challenge_is_counts),
	    cmocka_unit_test(the_preflight_blames_what_may_decide),
	    cmocka_unit_test(rules_that_change_the_path_are_noted),
	    cmocka_unit_test(what_stops_challenges_stops_the_map),
	    cmocka_unit_test(rules_that_reject_connections_are_noted),
	    cmocka_unit_test(what_is_rejected_comes_to_nobody),
	    cmocka_unit_test(no_note_is_left_out),
	};

	return cmocka_run_group_tests(
	    tests, refit_rig_setup, refit_rig_teardown);
}
