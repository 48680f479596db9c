/*
 * test_refit_binds.c: which bind lines get what is missing: a port that is
 * taken gets no second listener, loopback is not where a CA comes in, and the
 * bundles do not go to the mail port.
 */
#define _GNU_SOURCE /* unshare() */
#include "wrapper/refit.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/refit_rig.h"
#include "tests/unit/scratch.h"

/* Each on a line of its own, so that bind lines are counted from 5 on. */
#define HEAD                                                                   \
	"global\n stats socket /s.sock level admin\n"                          \
	"defaults\n mode http\n"
#define TLS "frontend tls\n bind :443 ssl crt /x.pem crt /d/ssl/\n"

#define CHALLENGE "/.well-known/acme-challenge/"
#define RULE                                                                   \
	"http-request return status 200 content-type text/plain lf-string "    \
	"\"%[path,map(/m.map)]\" if { path,map(/m.map) -m found }"

/*
 * The edits that bind lines decide on, as "map@LINE certs@LINE http https",
 * then "note" for each note, of which the first has `words`.
 */
static void
expect(void **state, const char *text, const char *wanted, const char *words)
{
	static const char *const names[REFIT_ITEMS] = {
	    [REFIT_FRONTEND] = "http",
	    [REFIT_MAP_RULE] = "map",
	    [REFIT_HTTPS] = "https",
	    [REFIT_CERTS] = "certs",
	};
	struct buf seen = BUF_INIT(4096), whole = BUF_INIT(4096);
	struct refit refit = {.edits = NULL};
	struct err err = ERR_INIT;

	assert_int_equal(buf_printf(&whole, &err, HEAD "%s", text), 0);
	scratch_write(state, "haproxy.cfg", whole.data, whole.len, 0644);
	if (refit_find(refit_rig_conf, REFIT_ALL, NULL, &refit, &err) < 0)
		fail_msg("%s: %s", err.on, err.detail);
	for (size_t i = 0; i < refit.count; i++) {
		const struct refit_edit *edit = &refit.edits[i];

		if (names[edit->item] == NULL)
			continue;
		assert_int_equal(
		    buf_printf(&seen, &err, "%s ", names[edit->item]), 0);
		if (*edit->section != '\0')
			assert_int_equal(
			    buf_printf(&seen, &err, "@%u ", edit->line), 0);
	}
	for (size_t i = 0; i < refit.note_count; i++)
		assert_int_equal(buf_puts(&seen, "note ", &err), 0);
	assert_string_equal(buf_text(&seen), wanted);
	if (words != NULL)
		assert_non_null(strstr(refit.notes[0], words));
	refit_free(&refit);
	buf_free(&whole);
	buf_free(&seen);
}

/* Two listeners on one port share its connections (SO_REUSEPORT). */
static void
a_port_that_is_taken_gets_no_second_frontend(void **state)
{
	static const char *const binds[] = {":443", "*:443", ":::443 v4v6",
	    "0.0.0.0:443", "[::]:443", "ipv4@:443", ":440-450",
	    ":8443,192.0.2.1:443", "192.0.2.1:443 transparent",
	    ":443 interface eth9"};
	static const char *const free_ones[] = {
	    ":8443", "quic4@:443", ":400-442", "/run/x:443.sock"};
	char text[256];

	for (size_t i = 0; i < COUNT_OF(binds); i++) {
		(void)snprintf(text, sizeof(text),
		    "frontend www\n bind :80\n"
		    "frontend tls\n mode tcp\n bind %s\n",
		    binds[i]);
		expect(state, text, "map @7 note ",
		    "cfg:9, in frontend tls, takes port 443 already");
	}
	for (size_t i = 0; i < COUNT_OF(free_ones); i++) {
		(void)snprintf(text, sizeof(text),
		    "frontend www\n bind :80\n"
		    "frontend tls\n mode tcp\n bind %s\n",
		    free_ones[i]);
		expect(state, text, "map @7 https ", NULL);
	}
	expect(state, TLS "frontend all\n bind :80 ssl crt /x.pem\n", "note ",
	    "cfg:8, in frontend all, takes port 80 already, with ssl");
	expect(state, TLS "frontend raw\n mode tcp\n bind :75-85\n", "note ",
	    "127.0.0.1:80 takes plain http in mode tcp: the rules");
	expect(state, TLS "listen own\n bind 127.0.0.1:80\n", "note ",
	    "cfg:8, in listen own, takes port 80 for this machine alone, and");
}

/* HAProxy could not start with one that another program has. */
static void
a_port_that_somebody_else_has_gets_no_frontend(void **state)
{
	struct sockaddr_in any = {.sin_family = AF_INET};
	int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	int fd = -1, fd_tls = -1;

	assert_true(home >= 0);
	/* A network of our own, with nothing on any port. */
	if (unshare(CLONE_NEWNET) < 0)
		skip();
	expect(state, TLS, "http ", NULL);
	any.sin_port = htons(80);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(
	    bind(fd, (const struct sockaddr *)&any, sizeof(any)), 0);
	assert_int_equal(listen(fd, 1), 0);
	expect(state, TLS, "note ", "port 80 is held by ");
	any.sin_port = htons(443);
	fd_tls = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(
	    bind(fd_tls, (const struct sockaddr *)&any, sizeof(any)), 0);
	assert_int_equal(listen(fd_tls, 1), 0);
	expect(state, "", "note note ", "port ");
	(void)close(fd);
	(void)close(fd_tls);
	assert_int_equal(setns(home, CLONE_NEWNET), 0);
	(void)close(home);
}

/* Rules in an API's or a status page's section would help nobody. */
static void
loopback_is_not_port_80(void **state)
{
	expect(
	    state, "frontend api\n bind 127.0.0.1:8080\n" TLS, "http ", NULL);
	expect(state, "listen stats\n bind [::1]:8404\n" TLS, "http ", NULL);
	expect(state, "frontend app\n bind :8080\n" TLS, "http ", NULL);
	/* A range that has it. */
	expect(state,
	    "frontend other\n bind :8080\nfrontend app\n bind :79-81\n" TLS,
	    "map @9 ", NULL);
	/* All of it stands behind a mapping, or behind another process. */
	expect(state,
	    "frontend app\n bind :8080\n"
	    "frontend tls\n bind :8443 ssl crt /d/default.pem crt /d/ssl/\n",
	    "map @7 ", NULL);
	expect(state,
	    "frontend app\n bind 127.0.0.1:8080\n"
	    "frontend tls\n bind localhost:8443 ssl crt /x crt /d/ssl/\n",
	    "map @7 ", NULL);
	/* Port 80 of another machine, for now, and a page that is nobody's. */
	expect(state,
	    "listen stats\n bind 127.0.0.1:8404\n"
	    "frontend www\n bind 192.0.2.1:80\n" TLS,
	    "map @9 ", NULL);
}

/* What is to be there, as the operator says where questions come in. */
static void
an_address_that_is_named_gets_a_frontend(void **state)
{
	static const struct {
		const char *named, *text, *wanted, *words;
	} cases[] = {
	    {"127.0.0.1:80", "", "http https ", NULL},
	    {"127.0.0.1:8", TLS, "http ", NULL},
	    {"127.0.0.1:8", "frontend www\n bind :80\n" TLS, "http ", NULL},
	    {"127.0.0.1:8", "frontend raw\n mode tcp\n bind :8\n" TLS, "note ",
		"127.0.0.1:8 takes plain http in mode tcp: the rules"},
	    {"127.0.0.1:8", "frontend a\n bind :8 ssl crt /x.pem\n" TLS,
		"note ",
		"cfg:6, in frontend a, takes port 8 already, with ssl"},
	    /* Another machine's, which leads here: nobody has said where. */
	    {"192.0.2.1:80", TLS, "note ", "names other machines (192.0.2.1"},
	    /* A wildcard is this one's. */
	    {"[::]:8", TLS, "http ", NULL},
	    {"0.0.0.0:8", "frontend www\n bind :8\n" TLS, "map @7 ", NULL},
	    {"192.0.2.1:80", "frontend www\n bind :8080\n" TLS, "map @7 ",
		NULL},
	};
	struct conf_list *named = &refit_rig_conf->challenge.http_addresses;
	struct conf_list before = *named;
	const char *two[] = {"127.0.0.1:8", "127.0.0.2:9"};
	const char *item;

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		item = cases[i].named;
		*named = (struct conf_list){&item, 1};
		expect(state, cases[i].text, cases[i].wanted, cases[i].words);
	}
	item = "127.0.0.1:8";
	refit_rig_expect(
	    state, REFIT_ALL, HEAD TLS, "\tbind 127.0.0.1:8\n\t" RULE, NULL);
	/* As it is named, and no wider. */
	item = "127.0.0.1:80";
	refit_rig_expect(
	    state, REFIT_ALL, HEAD TLS, "\tbind 127.0.0.1:80\n\t" RULE, NULL);
	item = "0.0.0.0:8";
	refit_rig_expect(
	    state, REFIT_ALL, HEAD TLS, "\tbind 0.0.0.0:8\n\t" RULE, NULL);
	*named = (struct conf_list){two, COUNT_OF(two)};
	refit_rig_expect(state, REFIT_ALL, HEAD TLS,
	    "\tbind 127.0.0.1:8\n\tbind 127.0.0.2:9\n\t" RULE, NULL);
	refit_rig_expect(state, REFIT_ALL,
	    HEAD "frontend www\n bind 127.0.0.1:8\n" TLS,
	    "\tbind 127.0.0.2:9\n\t" RULE, "\tbind 127.0.0.1:8");
	*named = before;
}

static void
the_bundles_go_to_https_alone(void **state)
{
#define WWW "frontend www\n bind :80\n"
#define MAIL "frontend mail\n mode tcp\n bind :993 ssl crt /mail.pem\n"
	expect(state,
	    WWW MAIL "frontend in\n bind abns@in accept-proxy ssl crt /x\n",
	    "map @7 certs @11 note ", "loads /x before");
	expect(state,
	    WWW MAIL "frontend tls\n mode tcp\n bind :443 ssl crt /x\n",
	    "map @7 certs @12 note ", "loads /x before");
	expect(state,
	    WWW "frontend a\n bind :8443 ssl crt /d/default.pem\n"
		"frontend b\n mode tcp\n bind :443 ssl crt /d/default.pem\n",
	    "map @7 certs @11 note ", "frontend b is chosen");
	/* Both addresses of one frontend, or the names fail on one of them. */
	expect(state,
	    WWW "frontend a\n bind 192.0.2.1:443 ssl crt /d/default.pem\n"
		" bind 192.0.2.2:443 ssl crt /d/default.pem\n",
	    "map @7 certs @8 certs @9 ", NULL);
	/* QUIC is the same site once more. */
	expect(state,
	    WWW "frontend a\n bind :443 ssl crt /d/default.pem\n"
		" bind quic4@:443 ssl crt /d/default.pem alpn h3\n",
	    "map @7 certs @8 certs @9 ", NULL);
	/* Of several sites the first: which one it is not is told. */
	expect(state,
	    WWW MAIL "frontend a\n bind 192.0.2.1:443 ssl crt /d/default.pem\n"
		     "frontend b\n bind 192.0.2.2:443 ssl crt /y.pem\n"
		     "frontend c\n bind 127.0.0.1:9443 ssl crt /z.pem\n",
	    "map @7 certs @11 note ",
	    "frontend a is chosen to load /d/ssl/, and left as it is: ");
	expect(state,
	    WWW MAIL "frontend a\n bind 192.0.2.1:443 ssl crt /d/default.pem\n"
		     "frontend b\n bind 192.0.2.2:443 ssl crt /y.pem\n",
	    "map @7 certs @11 note ", "cfg:13 (frontend b). Put `crt /d/ssl/`");
	expect(
	    state, WWW MAIL, "map @7 note ", "frontend mail, is of mode tcp");
	expect(state,
	    WWW "frontend a\n bind :8443 ssl crt /x\n"
		"frontend b\n bind :9443 ssl crt /x\n",
	    "map @7 note ", "frontend a, is not the only one of mode http");
}

/* Which branch holds is not known: both are mended, or it is said. */
static void
both_branches_of_a_condition(void **state)
{
	expect(state,
	    WWW "frontend tls\n .if defined(X)\n"
		" bind :443 ssl crt /d/default.pem\n .else\n"
		" bind :443 ssl crt /d/default.pem alpn h2\n .endif\n",
	    "map @7 certs @9 certs @11 ", NULL);
	expect(state,
	    ".if defined(X)\nfrontend www\n bind :80\n.else\n"
	    "frontend www\n bind :80 tfo\n.endif\n" TLS,
	    "map @8 map @11 ", NULL);
	expect(state,
	    TLS ".if defined(X)\nfrontend a\n bind :80\n " RULE "\n"
		"  use_backend acme if { path_beg " CHALLENGE " }\n.else\n"
		"frontend b\n bind :80\n redirect scheme https unless "
		"{ path_beg " CHALLENGE " }\n.endif\n",
	    "map @15 ", NULL);
	expect(state,
	    TLS WWW
	    " .if defined(X)\n use_backend acme if { path_beg " CHALLENGE
	    " }\n .else\n use_backend b if TRUE\n .endif\n",
	    "map @9 note ",
	    "cfg:9: one branch of this condition has the rules");
	expect(state,
	    TLS WWW
	    " .if defined(X)\n use_backend acme if { path_beg " CHALLENGE
	    " }\n .else\n http-request silent-drop if { path /x }\n .endif\n",
	    "map @9 note ",
	    "cfg:9: one branch of this condition has the rules");
	expect(state,
	    TLS WWW " .if defined(X)\n use_backend a if TRUE\n .elif "
		    "defined(Y)\n http-request set-header a b\n .endif\n",
	    "map @9 note ", "come to certhaul now, and no more to a (");
	expect(state,
	    WWW ".if defined(X)\nfrontend a\n"
		" bind :443 ssl crt /d/ssl/ strict-sni\n"
		".else\nfrontend b\n bind :443 ssl crt /y\n.endif\n",
	    "map @7 note ", "cfg:7: one branch of this condition has the b");
}

/* A CA that comes by IPv4 would find nobody. */
static void
port_80_of_ipv6_alone_is_noted(void **state)
{
	static const struct {
		const char *bind;
		bool noted;
	} cases[] = {
	    {":::80 v6only", true},
	    {"[::]:80 v6only", true},
	    {"ipv6@*:80 v6only", true},
	    {"[2001:db8::1]:80", true},
	    {"[2001:db8::1]:80\n bind 127.0.0.1:80", true},
	    {"[2001:db8::1]:80\n bind 192.0.2.1:80", false},
	    {":::80 v6only\n bind :80", false},
	    {":::80 v4v6", false},
	    {"*:80", false},
	};
	static const char words[] =
	    "in frontend f, takes port 80 of IPv6 alone";
	char text[512];

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		(void)snprintf(text, sizeof(text),
		    "defaults\n mode http\n option idle-close-on-response\n"
		    "frontend f\n bind %s\n",
		    cases[i].bind);
		refit_rig_expect(state, REFIT_ALL, text,
		    cases[i].noted ? words : NULL,
		    cases[i].noted ? NULL : words);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_port_that_is_taken_gets_no_second_frontend),
	    cmocka_unit_test(a_port_that_somebody_else_has_gets_no_frontend),
	    cmocka_unit_test(loopback_is_not_port_80),
	    cmocka_unit_test(an_address_that_is_named_gets_a_frontend),
	    cmocka_unit_test(the_bundles_go_to_https_alone),
	    cmocka_unit_test(both_branches_of_a_condition),
	    cmocka_unit_test(port_80_of_ipv6_alone_is_noted),
	};

	return cmocka_run_group_tests(
	    tests, refit_rig_setup, refit_rig_teardown);
}
