/*
 * test_refit.c: what haproxy.cfg lacks is put where it belongs, what is there
 * in another form is left alone, and a file that was refitted lacks nothing.
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
#define RULE                                                                   \
	"http-request return status 200 content-type text/plain lf-string "    \
	"\"%[path,map(/m.map)]\" if { path,map(/m.map) -m found }"
#define F "frontend f\n mode http\n bind :80\n"
#define ALLOW " http-request allow if "
#define GLOBAL                                                                 \
	"global\n\tstats socket /s.sock level admin\n\tstats timeout 5m\n"     \
	"\thard-stop-after 1h\n"
#define BACKEND "backend acme\n\tmode http\n\tserver s 127.0.0.1:2031\n"

static const char *cfg;

/* `text` refitted is `wanted`, and that lacks nothing. */
static void
expect(
    void **state, enum refit_scope scope, const char *text, const char *wanted)
{
	struct buf made = BUF_INIT(65536);
	struct refit refit = {.edits = NULL};
	struct err err = ERR_INIT;

	scratch_write(state, "haproxy.cfg", text, strlen(text), 0644);
	cfg = scratch_path(state, "haproxy.cfg");
	if (refit_find(refit_rig_conf, scope, NULL, &refit, &err) < 0)
		fail_msg("%s: %s", err.on, err.detail);
	assert_int_equal(refit_apply(&refit, cfg, text, &made, &err), 0);
	assert_string_equal(buf_text(&made), wanted);
	refit_free(&refit);
	scratch_write(state, "haproxy.cfg", made.data, made.len, 0644);
	assert_int_equal(
	    refit_find(refit_rig_conf, scope, NULL, &refit, &err), 0);
	assert_int_equal(refit.count, 0);
	refit_free(&refit);
	buf_free(&made);
}

static void
the_map_rule_comes_first(void **state)
{
	expect(state, REFIT_MAP,
	    "frontend f\n    mode http\n    bind :80\n\n    # why\n"
	    "    http-request deny if { src 192.0.2.1 }\n",
	    "frontend f\n    mode http\n    bind :80\n\n    " RULE "\n"
	    "    # why\n    http-request deny if { src 192.0.2.1 }\n");
	expect(state, REFIT_MAP,
	    F " tcp-request connection reject if { src 192.0.2.1 }\n"
	      " redirect scheme https\n default_backend b\nbackend b\n",
	    F " tcp-request connection reject if { src 192.0.2.1 }\n " RULE "\n"
	      " redirect scheme https\n default_backend b\nbackend b\n");
	/* A condition of the operator's may not hold. */
	expect(state, REFIT_MAP,
	    "frontend f\n mode http\n bind :80\n # why\n .if defined(X)\n"
	    "  .if defined(Y)\n  .endif\n  http-request deny\n .endif\n",
	    "frontend f\n mode http\n bind :80\n " RULE "\n # why\n"
	    " .if defined(X)\n  .if defined(Y)\n  .endif\n"
	    "  http-request deny\n .endif\n");
	expect(state, REFIT_MAP,
	    "frontend f\n mode http\n .if defined(X)\n bind :81\n .endif\n"
	    " bind :80\n .if defined(Y)\n bind :82\n .endif\nbackend b\n",
	    "frontend f\n mode http\n .if defined(X)\n bind :81\n .endif\n"
	    " bind :80\n .if defined(Y)\n bind :82\n .endif\n " RULE "\n"
	    "backend b\n");
	/* One around the whole of the section holds for all of it. */
	expect(state, REFIT_MAP,
	    ".if defined(X)\nfrontend f\n mode http\n bind :80\n.endif\n",
	    ".if defined(X)\nfrontend f\n mode http\n bind :80\n " RULE
	    "\n.endif\n");
	/* Behind a redirect it is of no use. */
	expect(state, REFIT_MAP,
	    F " http-request redirect scheme https\n " RULE "\n",
	    "frontend f\n mode http\n bind :80\n " RULE "\n"
	    " http-request redirect scheme https\n " RULE "\n");
	/* ... and behind what lets the challenge through as it is. */
	expect(state, REFIT_MAP, F ALLOW COND "\n " RULE "\n",
	    F " " RULE "\n" ALLOW COND "\n " RULE "\n");
	expect(state, REFIT_MAP, F ALLOW "a !" COND "\n " RULE "\n",
	    F ALLOW "a !" COND "\n " RULE "\n");
}

static void
redirects_leave_the_challenge_alone(void **state)
{
	static const struct {
		const char *before, *after;
	} cases[] = {
	    {"redirect scheme https", " unless " COND},
	    {"redirect scheme https # always", NULL},
	    {"redirect scheme https if !{ ssl_fc }", " !" COND},
	    {"http-request redirect scheme https unless { ssl_fc }",
		" or " COND},
	};
	char text[512], wanted[512];

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		(void)snprintf(text, sizeof(text),
		    "frontend f\n\tmode http\n\tbind :80\n\t%s\n"
		    "\tuse_backend acme if " COND "\n" BACKEND,
		    cases[i].before);
		(void)snprintf(wanted, sizeof(wanted),
		    "frontend f\n\tmode http\n\tbind :80\n\t%s%s\n"
		    "\tuse_backend acme if " COND "\n" BACKEND,
		    cases[i].after == NULL
			? "redirect scheme https unless " COND " # always"
			: cases[i].before,
		    cases[i].after == NULL ? "" : cases[i].after);
		expect(state, REFIT_STANDALONE, text, wanted);
	}
	expect(state, REFIT_STANDALONE,
	    "frontend f\n\tmode http\n\tbind :80\n"
	    "\tredirect prefix \"http://x or y\" if { path or } or a || b c\n"
	    "\tuse_backend acme if " COND "\n" BACKEND,
	    "frontend f\n\tmode http\n\tbind :80\n"
	    "\tredirect prefix \"http://x or y\" if { path or } !" COND
	    " or a !" COND " || b c !" COND "\n"
	    "\tuse_backend acme if " COND "\n" BACKEND);
	/* HAProxy takes OR, and braces do not nest; parts that have it keep it
	 * as it is. */
	expect(state, REFIT_STANDALONE,
	    "frontend f\n\tmode http\n\tbind :80\n"
	    "\tacl le path_beg /.well-known/acme-challenge/\n"
	    "\tredirect scheme https if { path { } OR a !le Or b\n"
	    "\tuse_backend acme if le\n" BACKEND,
	    "frontend f\n\tmode http\n\tbind :80\n"
	    "\tacl le path_beg /.well-known/acme-challenge/\n"
	    "\tredirect scheme https if { path { } !" COND
	    " OR a !le Or b !" COND "\n"
	    "\tuse_backend acme if le\n" BACKEND);
}

static void
the_challenge_gets_its_way_and_backend(void **state)
{
	expect(state, REFIT_STANDALONE,
	    "frontend f\n\tmode http\n\tbind :80\n\tuse_backend b if TRUE\n"
	    "\nbackend b\n",
	    "frontend f\n\tmode http\n\tbind :80\n"
	    "\tuse_backend acme if " COND "\n\tuse_backend b if TRUE\n"
	    "\nbackend b\n\nbackend acme\n\tmode http\n\tretries 0\n"
	    "\ttimeout connect 1s\n\ttimeout queue 10s\n"
	    "\ttimeout server 10s\n\toption http-server-close\n"
	    "\tserver acme_client 127.0.0.1:2031 maxconn 4\n");
	/* In other words, and under another name, it is there. */
	expect(state, REFIT_STANDALONE,
	    "frontend f\n\tmode http\n\tbind :80\n"
	    "\tacl le path_beg -i /.well-known/acme-challenge/\n"
	    "\tredirect scheme https if !le\n"
	    "\tuse_backend letsencrypt if le\n"
	    "backend letsencrypt\n\tserver x localhost:2031\n",
	    "frontend f\n\tmode http\n\tbind :80\n"
	    "\tacl le path_beg -i /.well-known/acme-challenge/\n"
	    "\tredirect scheme https if !le\n"
	    "\tuse_backend letsencrypt if le\n"
	    "backend letsencrypt\n\tserver x localhost:2031\n");
}

static void
the_bundles_get_a_default_in_front(void **state)
{
	static const char head[] = GLOBAL "frontend f\n\tmode tcp\n";
	static const struct {
		const char *before, *after;
	} cases[] = {
	    {"bind *:443 ssl crt /d/ssl/ crt-ignore-err all # x",
		"bind *:443 ssl crt /d/default.pem crt /d/ssl/ crt-ignore-err "
		"all # x"},
	    {"bind *:443 ssl crt /d/ssl strict-sni",
		"bind *:443 ssl crt /d/ssl strict-sni"},
	    {"bind *:443 ssl crt /x.pem alpn h2",
		"bind *:443 ssl crt /x.pem crt /d/ssl/ alpn h2"},
	    {"bind *:443 ssl alpn h2",
		"bind *:443 ssl crt /d/default.pem crt /d/ssl/ alpn h2"},
	    {"bind *:443 ssl default-crt /x.pem crt /d/ssl",
		"bind *:443 ssl default-crt /x.pem crt /d/ssl"},
	};
	static const char tail[] = "frontend g\n\tmode http\n\tbind :80\n"
				   "\toption idle-close-on-response\n"
				   "\t" RULE "\n\tdefault_backend acme\n"
				   "\n" BACKEND;
	char text[1024], wanted[1024];

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		(void)snprintf(text, sizeof(text), "%s\t%s\n%s", head,
		    cases[i].before, tail);
		(void)snprintf(wanted, sizeof(wanted), "%s\t%s\n%s", head,
		    cases[i].after, tail);
		expect(state, REFIT_ALL, text, wanted);
	}
}

static void
global_and_defaults_get_their_lines(void **state)
{
	static const char tail[] =
	    "frontend f\n bind :80\n " RULE "\n default_backend acme\n" BACKEND
	    "listen h\n bind :443 ssl crt /x crt /d/ssl\n";
	char text[1024], wanted[1024];

	(void)snprintf(text, sizeof(text),
	    "global\n daemon\n stats socket /s.sock mode 600 # c\n"
	    " stats timeout 30s\n\ndefaults\n mode http\n option httplog\n"
	    " timeout client 1s\n%s",
	    tail);
	(void)snprintf(wanted, sizeof(wanted),
	    "global\n daemon\n stats socket /s.sock mode 600 level admin # c\n"
	    " stats timeout 2m\n hard-stop-after 30m\n\n"
	    "defaults\n mode http\n option httplog\n"
	    " option idle-close-on-response\n timeout client 1s\n%s",
	    tail);
	expect(state, REFIT_ALL, text, wanted);
}

static void
a_file_without_frontends_gets_whole_ones(void **state)
{
	struct refit refit = {.edits = NULL};
	struct buf made = BUF_INIT(65536);
	struct err err = ERR_INIT;
	static const char text[] = GLOBAL "defaults\n\tmode http\n"
					  "\toption idle-close-on-response";

	scratch_write(state, "haproxy.cfg", text, sizeof(text) - 1, 0644);
	cfg = scratch_path(state, "haproxy.cfg");
	assert_int_equal(
	    refit_find(refit_rig_conf, REFIT_ALL, NULL, &refit, &err), 0);
	assert_int_equal(refit.count, 3);
	assert_int_equal(refit_apply(&refit, cfg, text, &made, &err), 0);
	assert_non_null(strstr(made.data, "response\n\nbackend acme\n"));
	assert_non_null(strstr(made.data,
	    "\nfrontend http\n\tmode http\n\toption"
	    " idle-close-on-response\n"));
	assert_non_null(strstr(made.data, "\t" RULE "\n"));
	assert_non_null(
	    strstr(made.data, "crt /d/default.pem crt /d/ssl/ alpn"));
	refit_free(&refit);
	scratch_write(state, "haproxy.cfg", made.data, made.len, 0644);
	assert_int_equal(
	    refit_find(refit_rig_conf, REFIT_ALL, NULL, &refit, &err), 0);
	assert_int_equal(refit.count, 0);
	refit_free(&refit);
	buf_free(&made);
}

static void
what_cannot_be_edited_is_noted(void **state)
{
	static const char text[] =
	    "global\n\tstats socket /other.sock level admin\n"
	    "frontend f\n\tmode http\n\tbind :80\n"
	    "\tuse_backend le if " COND "\n"
	    "backend le\n\tserver x 127.0.0.1:8888\n"
	    "backend acme\n\tmode http\n\tserver x 127.0.0.1:2031 check\n";
	struct refit refit = {.edits = NULL};
	struct err err = ERR_INIT;

	scratch_write(state, "haproxy.cfg", text, sizeof(text) - 1, 0644);
	assert_int_equal(
	    refit_find(refit_rig_conf, REFIT_ALL, NULL, &refit, &err), 0);
	assert_int_equal(refit.note_count, 3);
	assert_non_null(strstr(refit.notes[0], "/other.sock"));
	assert_non_null(strstr(refit.notes[1], "`check`"));
	assert_non_null(strstr(refit.notes[2], "backend le"));
	refit_free(&refit);
}

/* The frontend's end is the file's end: the new backend comes behind both. */
static void
a_new_section_comes_behind_the_last_line(void **state)
{
	static const char text[] =
	    GLOBAL "defaults\n mode http\n option idle-close-on-response\n"
		   "listen h\n bind :443 ssl crt /x crt /d/ssl\n"
		   "frontend f\n bind :80\n";
	struct refit refit = {.edits = NULL};
	struct buf made = BUF_INIT(65536);
	struct err err = ERR_INIT;
	const char *way, *backend;

	scratch_write(state, "haproxy.cfg", text, sizeof(text) - 1, 0644);
	assert_int_equal(
	    refit_find(refit_rig_conf, REFIT_ALL, NULL, &refit, &err), 0);
	assert_int_equal(refit_apply(&refit, scratch_path(state, "haproxy.cfg"),
			     text, &made, &err),
	    0);
	way = strstr(made.data, "use_backend acme");
	backend = strstr(made.data, "\nbackend acme\n");
	assert_non_null(way);
	assert_non_null(backend);
	assert_true(way < backend);
	refit_free(&refit);
	buf_free(&made);
}

static void
edits_of_another_text_are_not_equal(void **state)
{
	static const char one[] = "global\n\tdaemon\n";
	static const char two[] = "# new\nglobal\n\tdaemon\n";
	struct refit a = {.edits = NULL}, b = {.edits = NULL};
	struct refit c = {.edits = NULL};
	struct err err = ERR_INIT;

	scratch_write(state, "haproxy.cfg", one, sizeof(one) - 1, 0644);
	assert_int_equal(
	    refit_find(refit_rig_conf, REFIT_ALL, NULL, &a, &err), 0);
	assert_int_equal(
	    refit_find(refit_rig_conf, REFIT_ALL, NULL, &b, &err), 0);
	scratch_write(state, "haproxy.cfg", two, sizeof(two) - 1, 0644);
	assert_int_equal(
	    refit_find(refit_rig_conf, REFIT_ALL, NULL, &c, &err), 0);
	assert_true(refit_equal(&a, &b));
	assert_false(refit_equal(&a, &c));
	refit_free(&a);
	refit_free(&b);
	refit_free(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_map_rule_comes_first),
	    cmocka_unit_test(redirects_leave_the_challenge_alone),
	    cmocka_unit_test(the_challenge_gets_its_way_and_backend),
	    cmocka_unit_test(the_bundles_get_a_default_in_front),
	    cmocka_unit_test(global_and_defaults_get_their_lines),
	    cmocka_unit_test(a_file_without_frontends_gets_whole_ones),
	    cmocka_unit_test(what_cannot_be_edited_is_noted),
	    cmocka_unit_test(a_new_section_comes_behind_the_last_line),
	    cmocka_unit_test(edits_of_another_text_are_not_equal),
	};

	return cmocka_run_group_tests(
	    tests, refit_rig_setup, refit_rig_teardown);
}
