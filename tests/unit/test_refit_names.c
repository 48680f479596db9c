/*
 * test_refit_names.c: a use_backend that takes the challenges of some names
 * goes on so, and one that asks for something else is told of.
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
#define BASE                                                                   \
	"defaults\n mode http\n option idle-close-on-response\n"               \
	"frontend f\n bind :80\n"
#define HEAD BASE " acl le path_beg /.well-known/acme-challenge/\n"
#define OWN "backend le\n server s 127.0.0.1:8888\n"
#define WEB "backend web\n server s 127.0.0.1:8080\n"
#define A " acl h_a hdr(host) a\n acl h_b hdr(host) b\n"
#define X " use_backend other if h_a\n"
#define SOME " use_backend bk if le h_b\n"
#define OURS " use_backend acme if " COND "\n"
#define PAST " use_backend acme if " COND " !certhaul_elsewhere\n"
#define E " acl certhaul_elsewhere "
#define B E "hdr(host) b\n"
#define TAIL " default_backend web\n"
#define ACME                                                                   \
	"backend acme\n server acme_client 127.0.0.1:2031 no-check maxconn "   \
	"4\n"

static const char acls[] =
    BASE " acl le path_beg /.well-known/acme-challenge/\n"
	 " acl up nbsrv(le) ge 1\n acl down nbsrv(le) lt 1\n"
	 " acl h hdr(host) b\n acl api path_beg /api\n";

/*
 * What may take challenges of any name is not to come first, and what takes
 * those of one is to go on.
 */
static void
a_way_of_one_name_is_not_hidden(void **state)
{
	static const struct {
		const char *had, *has;
	} cases[] = {
	    {A X SOME TAIL, A PAST X SOME TAIL},
	    {A X SOME OURS TAIL, A PAST X SOME OURS TAIL},
	    {A SOME X SOME TAIL, A SOME PAST X SOME TAIL},
	    {A SOME X OURS TAIL, A SOME OURS X OURS TAIL},
	    {A SOME X TAIL, A SOME OURS X TAIL},
	    {A X SOME SOME X TAIL, A PAST X SOME SOME X TAIL},
	    {A X SOME TAIL, B " acl le "},
	    /* An ACL that is not there yet. */
	    {" acl h_a hdr(host) a\n" X
	     " acl h_c src ::1\n acl h_b hdr(host) 'b' # B\n" SOME TAIL,
		E "hdr(host) 'b'\n acl le "},
	    /* None of any challenge. */
	    {A " use_backend other if { path_beg /x }\n" SOME TAIL,
		A " use_backend other if { path_beg /x }\n" SOME OURS TAIL},
	    /* Its parts, and what else it is for. */
	    {A X
		" use_backend bk if le { hdr_end(host) -i b } or { path /x }\n",
		E "hdr_end(host) -i b\n acl le "},
	    {A X " use_backend bk if le h_b { src ::1 } or h_a METH_POST\n",
		B " acl le "},
	    {A X " use_backend bk unless ! le or !h_b\n", B " acl le "},
	    {A X " acl s path /x\n acl s hdr(host) c\n"
		 " use_backend bk if le ! { src ::1 } s or h_b\n",
		E "hdr(host) c\n" B " acl le "},
	    /* No names that an ACL could have. */
	    {A X " use_backend bk if le !h_b\n" TAIL,
		X " use_backend bk if le !h_b\n" OURS TAIL},
	    {A X " use_backend bk if le h_b or le { src ::1 }\n" TAIL,
		" or le { src ::1 }\n" OURS TAIL},
	    /* An ACL that others may use by now gets no names of ours. */
	    {E "hdr(host) z\n" A X SOME TAIL,
		E "hdr(host) z\n" A X SOME PAST TAIL},
	    /* What is down now and then hides nothing. */
	    {A " acl d nbsrv(web) lt 1\n use_backend web if le d\n" X SOME TAIL,
		" use_backend web if le d\n" PAST X SOME TAIL},
	    {A " use_backend web if le { fe_conn gt 5 }\n" X SOME TAIL,
		"{ fe_conn gt 5 }\n" PAST X SOME TAIL},
	    {A " use_backend web if le { nbsrv(web) ge 1 }\n" X SOME TAIL,
		"{ nbsrv(web) ge 1 }\n" PAST X SOME TAIL},
	};
	char text[1024];

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		(void)snprintf(
		    text, sizeof(text), HEAD "%s" ACME, cases[i].had);
		refit_rig_expect(
		    state, REFIT_STANDALONE, text, cases[i].has, NULL);
	}
}

static void
names_that_two_lines_lead_are_named_once(void **state)
{
	refit_rig_expect(state, REFIT_STANDALONE, HEAD A X SOME SOME TAIL ACME,
	    B " acl le ", B B);
}

static void
names_in_a_variable_are_kept(void **state)
{
	refit_rig_expect(state, REFIT_STANDALONE,
	    "global\n setenv HOSTS \"b c\"\n" HEAD A X
	    " acl h_m hdr(host) -i \"${HOSTS[*]}\"\n"
	    " use_backend bk if le h_m\n" TAIL ACME,
	    E "\"hdr(host)\" \"-i\" \"b\" \"c\"\n", NULL);
}

static void
whose_challenges_go_on_is_told(void **state)
{
	refit_rig_expect(state, REFIT_ALL, HEAD A X SOME TAIL ACME,
	    "for all other names but those of /", NULL);
	refit_rig_expect(state, REFIT_ALL, HEAD A X SOME TAIL ACME,
	    " come to certhaul now, and no more to other (", NULL);
	refit_rig_expect(state, REFIT_ALL,
	    HEAD A X " use_backend bk if le !h_b\n" TAIL ACME,
	    "cfg:10, in frontend f, leads some challenges to backend bk",
	    "no more to other");
	/* ... and as long as it is so. */
	refit_rig_expect(state, REFIT_ALL,
	    HEAD A X " use_backend bk if le !h_b\n" OURS TAIL ACME,
	    "cfg:10, in frontend f, leads some challenges to backend bk", NULL);
}

/* What asks for no names is no line for some of them. */
static void
a_lead_by_something_else_is_no_lead_of_names(void **state)
{
	static const char *const all[] = {
	    "le { nbsrv(le) ge 1 }",
	    "le up",
	    "le !down METH_GET",
	    "le !api",
	    "unless !le",
	};
	static const char *const unclear[] = {
	    "le { src 192.0.2.1 }",
	    "le h or le { src 192.0.2.1 }",
	    "le { var(txn.x) -m found }",
	    "unless !le h or !h",
	};
	static const char told[] =
	    "cfg:11, in frontend f, leads challenges to backend le wherever";
	char text[1024];

	for (size_t i = 0; i < COUNT_OF(all); i++) {
		(void)snprintf(text, sizeof(text),
		    "%s use_backend le %s%s\n" WEB OWN, acls,
		    *all[i] == 'u' ? "" : "if ", all[i]);
		refit_rig_expect(state, REFIT_ALL, text,
		    ", set challenge.port to 8888 in", "use_backend acme");
		refit_rig_expect(state, REFIT_ALL, text, NULL, "names but");
	}
	for (size_t i = 0; i < COUNT_OF(unclear); i++) {
		(void)snprintf(text, sizeof(text),
		    "%s use_backend le %s%s\n default_backend web\n" WEB OWN,
		    acls, *unclear[i] == 'u' ? "" : "if ", unclear[i]);
		refit_rig_expect(state, REFIT_ALL, text, told, "names but");
		/* As long as it is so. */
		(void)snprintf(text, sizeof(text),
		    "%s use_backend le %s%s\n use_backend acme if " COND
		    "\n default_backend web\n" WEB OWN
		    "backend acme\n server s 127.0.0.1:2031\n",
		    acls, *unclear[i] == 'u' ? "" : "if ", unclear[i]);
		refit_rig_expect(state, REFIT_ALL, text, told, "names but");
	}
}

static void
leads_make_one_together(void **state)
{
	char text[1024];

	/* ... and more than them. */
	(void)snprintf(text, sizeof(text),
	    "%s use_backend le unless !le h\n" WEB OWN, acls);
	refit_rig_expect(state, REFIT_STANDALONE, text,
	    "backend le, which serves more than them", NULL);
	/* Two that take all between them. */
	(void)snprintf(text, sizeof(text),
	    "%s use_backend web if le h\n use_backend le if le !h\n" WEB OWN,
	    acls);
	refit_rig_expect(state, REFIT_ALL, text,
	    ", set challenge.port to 8888 in", "use_backend acme");
	/* ... but not where the one is not always there for its name. */
	(void)snprintf(text, sizeof(text),
	    "%s use_backend web if le h up\n use_backend le if le !h\n" WEB OWN,
	    acls);
	refit_rig_expect(state, REFIT_ALL, text,
	    " use_backend le if le !h\n use_backend acme if " COND, NULL);
	/* One for when the listener is down. */
	(void)snprintf(text, sizeof(text),
	    "%s use_backend web if le down\n use_backend acme if le\n" WEB
	    "backend acme\n server s 127.0.0.1:2031\n",
	    acls);
	refit_rig_expect(
	    state, REFIT_STANDALONE, text, NULL, "certhaul.conf says");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_way_of_one_name_is_not_hidden),
	    cmocka_unit_test(names_that_two_lines_lead_are_named_once),
	    cmocka_unit_test(names_in_a_variable_are_kept),
	    cmocka_unit_test(whose_challenges_go_on_is_told),
	    cmocka_unit_test(a_lead_by_something_else_is_no_lead_of_names),
	    cmocka_unit_test(leads_make_one_together),
	};

	return cmocka_run_group_tests(
	    tests, refit_rig_setup, refit_rig_teardown);
}
