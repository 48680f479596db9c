/*
 * test_hacfg.c: haproxy.cfg is read as HAProxy reads it. What is expected here
 * of words, quotes and names was seen on HAProxy 2.6 with the same lines.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "haproxy/hacfg.h"
#include "tests/unit/hacfg_rig.h"
#include "tests/unit/scratch.h"

/* Reads `text`, which is to be refused; returns the code. */
static int
refuse_text(void **state, const char *text, struct err *err)
{
	const char *path = scratch_path(state, "haproxy.cfg");
	struct hacfg *hacfg = NULL;

	scratch_write(state, "haproxy.cfg", text, strlen(text), 0644);
	err_clear(err);
	assert_int_not_equal(hacfg_read(&path, 1, NULL, &hacfg, err), 0);
	assert_null(hacfg);
	return err->code;
}

static void
quotes_backslashes_and_comments_are_haproxys(void **state)
{
	static const char *const names[] = {
	    "/a b",
	    "/c#d",
	    "/e\"f",
	    "/g'h",
	    "/i\\1",
	    "/j\tk",
	    "/lm",
	    "/n\\o",
	    "/p$q",
	    "/r\\$s",
	    "/t#u",
	    "/v\\w",
	};
	struct hacfg *hacfg = hacfg_rig_read(state,
	    "frontend f\n"
	    " bind :1 ssl crt /a\\ b crt /c\\#d crt /e\\\"f crt \"/g'h\""
	    " crt /i\\1 crt /j\\tk crt /\\x6cm crt '/n\\o' crt \"/p\\$q\""
	    " crt /r\\$s crt '/t#u' crt /v\\\\w # crt /comment\n"
	    "#bind :2 ssl crt /x\n");
	size_t i;

	assert_int_equal(hacfg->bind_count, 1);
	assert_int_equal(
	    hacfg->binds[0].source_count, sizeof(names) / sizeof(names[0]));
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_string_equal(hacfg->binds[0].sources[i].name, names[i]);
	hacfg_free(hacfg);
}

static void
variables_are_replaced_in_double_quotes_only(void **state)
{
	static const char *const names[] = {
	    "/x/one",
	    "/${T_ONE}",
	    "/${T_ONE}",
	    "/fallback",
	    "/one",
	    "/",
	    "/two",
	    "/deep",
	};
	struct hacfg *hacfg;
	size_t i;

	assert_int_equal(setenv("T_ONE", "one", 1), 0);
	assert_int_equal(unsetenv("T_NONE"), 0);
	hacfg = hacfg_rig_read(state,
	    "global\n"
	    " setenv T_TWO two\n"
	    " presetenv T_TWO three\n"
	    " presetenv T_DEEP \"${T_NONE-deep}\"\n"
	    "frontend f\n"
	    " bind :1 ssl crt \"/x/${T_ONE}\" crt /${T_ONE} crt '/${T_ONE}'"
	    " crt \"/${T_NONE-fallback}\" crt \"/${T_ONE-other}\""
	    " crt \"/$T_NONE\" crt \"/$T_TWO\" crt \"/${T_DEEP}\"\n");
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_string_equal(hacfg->binds[0].sources[i].name, names[i]);
	/* What only the environment can have, each once. */
	assert_int_equal(hacfg->variable_count, 3);
	assert_string_equal(hacfg->variables[0], "T_NONE");
	assert_string_equal(hacfg->variables[1], "T_DEEP");
	assert_string_equal(hacfg->variables[2], "T_ONE");
	hacfg_free(hacfg);
}

static void
variables_can_be_unset_reset_and_be_words(void **state)
{
	struct hacfg *hacfg;

	assert_int_equal(setenv("T_ONE", "one", 1), 0);
	assert_int_equal(setenv("T_LIST", "ssl  crt /a crt /b", 1), 0);
	hacfg = hacfg_rig_read(state,
	    "global\n setenv T_HERE here\n resetenv T_LIST\n"
	    " setenv T_GONE gone\n unsetenv T_GONE\n"
	    "frontend f\n"
	    " bind :1 \"${T_LIST[*]}\" crt \"/x$T_ONE\" crt \"/y$T_GONE\""
	    " crt \"/z$T_HERE\"\n");
	assert_true(hacfg->binds[0].ssl);
	assert_int_equal(hacfg->binds[0].source_count, 5);
	assert_string_equal(hacfg->binds[0].sources[1].name, "/b");
	assert_string_equal(hacfg->binds[0].sources[2].name, "/x");
	assert_string_equal(hacfg->binds[0].sources[3].name, "/y");
	assert_string_equal(hacfg->binds[0].sources[4].name, "/z");
	hacfg_free(hacfg);
}

static void
addresses_are_split_and_expanded_without_quotes(void **state)
{
	static const char *const addresses[] = {
	    "10.0.0.1:443",
	    ":::8443",
	    "unix@/run/x/sock",
	    "abns@name",
	    "quic4@:443",
	    "unix@/run/x/other",
	};
	struct hacfg *hacfg;
	size_t i;

	assert_int_equal(setenv("T_ADDRESS", "10.0.0.1", 1), 0);
	hacfg = hacfg_rig_read(state,
	    "global\n unix-bind user u prefix /run/x mode 600\n"
	    "frontend f\n"
	    " bind ${T_ADDRESS}:443,:::8443,/sock,abns@name,quic4@:443,"
	    "unix@/other v4v6 ssl crt /a\n");
	assert_int_equal(hacfg->binds[0].address_count,
	    sizeof(addresses) / sizeof(addresses[0]));
	for (i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++)
		assert_string_equal(hacfg->binds[0].addresses[i], addresses[i]);
	assert_true(hacfg->binds[0].quic);
	assert_true(hacfg->binds[0].v4v6);
	hacfg_free(hacfg);
}

static void
a_value_is_not_taken_for_a_keyword(void **state)
{
	struct hacfg *hacfg = hacfg_rig_read(state,
	    "frontend f\n bind :1 name ssl alpn crt crt /a interface eth0\n"
	    "listen l\n bind :2 name strict-sni accept-proxy ssl crt /b"
	    " ca-file strict-sni interface lo\n");

	assert_int_equal(hacfg->bind_count, 2);
	assert_false(hacfg->binds[0].ssl);
	assert_true(hacfg->binds[0].apart);
	assert_int_equal(hacfg->binds[0].source_count, 1);
	assert_string_equal(hacfg->binds[0].section, "frontend f");
	assert_int_equal(hacfg->binds[0].line, 2);
	assert_true(hacfg->binds[1].ssl);
	assert_true(hacfg->binds[1].accept_proxy);
	assert_false(hacfg->binds[1].strict_sni);
	assert_false(hacfg->binds[1].apart);
	assert_string_equal(hacfg->binds[1].section, "listen l");
	hacfg_free(hacfg);
}

static void
names_get_crt_base_and_lose_slashes(void **state)
{
	struct hacfg *hacfg = hacfg_rig_read(state,
	    "frontend before\n bind :1 ssl crt early.pem\n"
	    "global\n crt-base /etc/ssl/\n"
	    "frontend f\n"
	    " bind :1 ssl crt a.pem crt ./d// crt /abs/ crt-list l.txt"
	    " crt @s/x default-crt z.pem\n"
	    "backend b\n server s 10.0.0.1:443 ssl verify none crt c.pem\n");
	const struct hacfg_source *sources = hacfg->binds[1].sources;

	assert_string_equal(hacfg->binds[0].sources[0].name, "early.pem");
	assert_string_equal(hacfg->binds[0].sources[0].path, "/early.pem");
	assert_string_equal(sources[0].name, "/etc/ssl//a.pem");
	assert_string_equal(sources[1].name, "/etc/ssl//./d");
	assert_string_equal(sources[2].name, "/abs");
	/* A crt-list's own name gets none, its entries do. */
	assert_int_equal(sources[3].kind, HACFG_CRT_LIST);
	assert_string_equal(sources[3].name, "l.txt");
	assert_string_equal(sources[3].crt_base, "/etc/ssl/");
	assert_string_equal(sources[4].name, "@s/x");
	assert_string_equal(sources[4].path, "");
	assert_false(sources[4].is_default);
	assert_true(sources[5].is_default);
	assert_int_equal(hacfg->server_count, 1);
	assert_string_equal(hacfg->servers[0].name, "/etc/ssl//c.pem");
	hacfg_free(hacfg);
}

static void
default_path_tells_where_relative_names_are(void **state)
{
	static const struct {
		const char *line, *tail;
	} cases[] = {
	    {"default-path current", ""},
	    {"default-path config", "/"},
	    {"default-path parent", "/../"},
	};
	char text[256], want[512];
	struct hacfg *hacfg;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(text, sizeof(text),
		    "global\n %s\nfrontend f\n bind :1 ssl crt x.pem\n",
		    cases[i].line);
		hacfg = hacfg_rig_read(state, text);
		snprintf(want, sizeof(want), "%s%sx.pem",
		    i == 0 ? "/" : (const char *)*state, cases[i].tail);
		assert_string_equal(hacfg->binds[0].sources[0].name, "x.pem");
		assert_string_equal(hacfg->binds[0].sources[0].path, want);
		hacfg_free(hacfg);
	}
	hacfg = hacfg_rig_read(state,
	    "global\n default-path origin /srv\nfrontend f\n"
	    " bind :1 ssl crt x.pem\n");
	assert_string_equal(hacfg->binds[0].sources[0].path, "/srv/x.pem");
	hacfg_free(hacfg);
}

static void
crt_stores_name_their_loads(void **state)
{
	static const struct {
		const char *store, *crt, *path;
		bool acme;
	} wanted[] = {
	    {"@/one", "/etc/ssl/a.crt", "/etc/ssl/a.crt", false},
	    {"/etc/ssl/b.pem", "/etc/ssl/b.pem", "/etc/ssl/b.pem", false},
	    {"@web/c.pem", "/srv/c.pem", "/srv/c.pem", false},
	    {"@web/abs/d.pem", "/abs/d.pem", "/abs/d.pem", true},
	    {"@next/e", "/etc/ssl/e.pem", "/etc/ssl/e.pem", false},
	};
	struct hacfg *hacfg = hacfg_rig_read(state,
	    "global\n crt-base /etc/ssl\n"
	    "crt-store\n"
	    " load crt \"a.crt\" key \"a.key\" alias \"one\"\n"
	    " load crt b.pem\n"
	    "crt-store web\n crt-base /srv\n"
	    " load crt c.pem ocsp-update on\n"
	    " load acme LE domains a.example crt /abs/d.pem\n"
	    "crt-store next\n load alias e crt e.pem\n");
	size_t i;

	assert_int_equal(hacfg->load_count, sizeof(wanted) / sizeof(wanted[0]));
	for (i = 0; i < hacfg->load_count; i++) {
		assert_string_equal(hacfg->loads[i].store, wanted[i].store);
		assert_string_equal(hacfg->loads[i].crt, wanted[i].crt);
		assert_string_equal(hacfg->loads[i].path, wanted[i].path);
		assert_int_equal(hacfg->loads[i].acme, wanted[i].acme);
	}
	hacfg_free(hacfg);
}

static void
ssl_f_use_serves_every_bind_of_its_frontend(void **state)
{
	struct hacfg *hacfg = hacfg_rig_read(state,
	    "frontend a\n bind :1 ssl crt /a\n"
	    "frontend b\n bind :2 ssl\n bind :3 ssl crt /b\n"
	    " ssl-f-use crt /c alpn h2\n ssl-f-use crt /d acme LE\n");

	assert_int_equal(hacfg->binds[0].source_count, 1);
	assert_int_equal(hacfg->binds[1].source_count, 2);
	assert_int_equal(hacfg->binds[2].source_count, 3);
	assert_string_equal(hacfg->binds[2].sources[1].name, "/c");
	assert_false(hacfg->binds[2].sources[1].acme);
	assert_true(hacfg->binds[2].sources[2].acme);
	hacfg_free(hacfg);
}

static void
global_facts_are_found(void **state)
{
	struct hacfg *hacfg = hacfg_rig_read(state,
	    "global\n stats socket /run/a.sock mode 600 level admin\n"
	    " stats socket unix@/run/b.sock\n stats socket ipv4@127.0.0.1:1\n"
	    " stats timeout 30s\n tune.bufsize 32768\n"
	    " tune.cli.max-payload-size 256k\n"
	    " ssl-default-bind-options ssl-min-ver TLSv1.2 strict-sni\n"
	    " unheard-of keyword (\n"
	    "frontend f\n"
	    " http-request return lf-string \"%[path,map(/m/acme.map)]\""
	    " if { path,map_str(\"/m/two map\",x) -m found }\n"
	    " http-request set-map(/m/three.map) %[src] %[path]\n"
	    " use_backend %[req.hdr(host),lower,map(/m/acme.map,b)]\n"
	    " bind :1 ssl crt /a\n bind :2 ssl crt /a no-strict-sni\n");

	assert_int_equal(hacfg->socket_count, 2);
	assert_string_equal(hacfg->sockets[1], "/run/b.sock");
	assert_int_equal(hacfg->bufsize, 32768);
	assert_int_equal(hacfg->payload_max, 256 * 1024);
	assert_int_equal(hacfg->map_count, 3);
	assert_string_equal(hacfg->maps[0], "/m/acme.map");
	assert_string_equal(hacfg->maps[1], "/m/two map");
	assert_string_equal(hacfg->maps[2], "/m/three.map");
	assert_true(hacfg->binds[0].strict_sni);
	assert_false(hacfg->binds[1].strict_sni);
	hacfg_free(hacfg);
}

static void
directories_give_their_cfg_files_in_order(void **state)
{
	static const char base[] = "global\n crt-base /b\n";
	static const char bind[] = "frontend f\n bind :1 ssl crt a\n";
	static const char other[] = "frontend x\n bind :1 ssl crt /no\n";
	const char *path = *state;
	struct hacfg *hacfg = NULL;
	struct err err = ERR_INIT;

	scratch_write(state, "2.cfg", bind, sizeof(bind) - 1, 0644);
	scratch_write(state, "1.cfg", base, sizeof(base) - 1, 0644);
	scratch_write(state, "3.conf", other, sizeof(other) - 1, 0644);
	scratch_write(state, ".4.cfg", other, sizeof(other) - 1, 0644);
	assert_int_equal(hacfg_read(&path, 1, NULL, &hacfg, &err), 0);
	assert_int_equal(hacfg->bind_count, 1);
	assert_string_equal(hacfg->binds[0].sources[0].name, "/b/a");
	assert_non_null(strstr(hacfg->binds[0].file, "/2.cfg"));
	hacfg_free(hacfg);
}

static void
what_haproxy_refuses_names_file_and_line(void **state)
{
	struct err err = ERR_INIT;
	char *long_line;
	size_t i;
	const char *path;
	struct hacfg *hacfg = NULL;

	assert_int_equal(
	    refuse_text(state, "global\n a \"b\n", &err), ERR_SYNTAX);
	assert_non_null(strstr(err.on, "haproxy.cfg:2"));
	assert_int_equal(refuse_text(state, "a 'b\n", &err), ERR_SYNTAX);
	assert_int_equal(refuse_text(state, "a \\xZZ\n", &err), ERR_SYNTAX);
	assert_int_equal(refuse_text(state, "a \"${1}\"\n", &err), ERR_SYNTAX);
	assert_int_equal(refuse_text(state, "a \"${X\"\n", &err), ERR_SYNTAX);
	assert_int_equal(
	    refuse_text(state, "global\n tune.bufsize x\n", &err), ERR_SYNTAX);
	/* In what it passes over, too. */
	assert_int_equal(
	    refuse_text(state, ".if 0\n a \"b\n.endif\n", &err), ERR_SYNTAX);
	assert_int_equal(
	    refuse_text(state, ".if \"1\n.endif\n", &err), ERR_SYNTAX);
	long_line = malloc(LIMIT_HACFG_LINE_BYTES + 2);
	assert_non_null(long_line);
	memset(long_line, 'x', LIMIT_HACFG_LINE_BYTES + 1);
	long_line[LIMIT_HACFG_LINE_BYTES + 1] = '\0';
	assert_int_equal(refuse_text(state, long_line, &err), ERR_LIMIT);
	for (i = 0; i < LIMIT_HACFG_LINE_BYTES; i += 2)
		long_line[i + 1] = ' ';
	assert_int_equal(refuse_text(state, long_line, &err), ERR_LIMIT);
	free(long_line);
	path = scratch_path(state, "absent.cfg");
	assert_int_equal(hacfg_read(&path, 1, NULL, &hacfg, &err), ERR_NOENT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(quotes_backslashes_and_comments_are_haproxys),
	    cmocka_unit_test(variables_are_replaced_in_double_quotes_only),
	    cmocka_unit_test(variables_can_be_unset_reset_and_be_words),
	    cmocka_unit_test(addresses_are_split_and_expanded_without_quotes),
	    cmocka_unit_test(a_value_is_not_taken_for_a_keyword),
	    cmocka_unit_test(names_get_crt_base_and_lose_slashes),
	    cmocka_unit_test(default_path_tells_where_relative_names_are),
	    cmocka_unit_test(crt_stores_name_their_loads),
	    cmocka_unit_test(ssl_f_use_serves_every_bind_of_its_frontend),
	    cmocka_unit_test(global_facts_are_found),
	    cmocka_unit_test_setup_teardown(
		directories_give_their_cfg_files_in_order, scratch_setup,
		scratch_teardown),
	    cmocka_unit_test(what_haproxy_refuses_names_file_and_line),
	};

	return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
