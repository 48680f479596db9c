/*
 * test_refit_others.c: what init proposes where others answer challenges: for
 * names that are theirs, and by ports that they hold.
 */
#include "wrapper/refit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <cmocka.h>

#include "tests/unit/refit_rig.h"
#include "tests/unit/scratch.h"
#include "wrapper/elsewhere.h"

#define COND "{ path_beg /.well-known/acme-challenge/ }"

/* HAProxy takes 64 words in a line, and no ACL that comes behind its use. */
static void
names_of_others_are_left_alone(void **state)
{
	char names[40][16], *list[40];
	const struct elsewhere elsewhere = {list, COUNT_OF(list)};
	struct refit refit = {.edits = NULL};
	struct err err = ERR_INIT;
	static const char text[] =
	    "defaults\n mode http\nfrontend f\n"
	    " bind :80\n redirect scheme https if a or b\n";

	for (size_t i = 0; i < COUNT_OF(list); i++) {
		(void)snprintf(names[i], sizeof(names[i]), "n%zu.example", i);
		list[i] = names[i];
	}
	scratch_write(state, "haproxy.cfg", text, strlen(text), 0644);
	assert_int_equal(refit_find(refit_rig_conf, REFIT_STANDALONE,
			     &elsewhere, &refit, &err),
	    0);
	assert_int_equal(refit.count, 6);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(refit.edits[i].item, REFIT_OTHERS);
	assert_non_null(strstr(refit.edits[2].text, " n39.example\n"));
	assert_string_equal(refit.edits[3].text,
	    " redirect scheme https if a !" COND " or a " COND
	    " certhaul_elsewhere or b !" COND " or b " COND
	    " certhaul_elsewhere\n");
	assert_string_equal(refit.edits[4].text,
	    " use_backend acme if " COND " !certhaul_elsewhere\n");
	assert_int_equal(refit.note_count, 1);
	refit_free(&refit);
	assert_int_equal(
	    refit_find(refit_rig_conf, REFIT_ALL, &elsewhere, &refit, &err), 0);
	assert_true(refit.note_count > 1);
	assert_non_null(strstr(refit.notes[1],
	    "for all other names stay here now, and go no more where "));
	assert_non_null(strstr(
	    refit.notes[1], "its names go on the line `acl certhaul_els"));
	refit_free(&refit);
}

/* The only note of the file `text`. */
static void
expect_note(
    void **state, const char *text, const char *wanted, const char *unwanted)
{
	struct refit refit = {.edits = NULL};
	struct err err = ERR_INIT;

	scratch_write(state, "haproxy.cfg", text, strlen(text), 0644);
	assert_int_equal(
	    refit_find(refit_rig_conf, REFIT_STANDALONE, NULL, &refit, &err),
	    0);
	assert_int_equal(refit.count, 0);
	assert_int_equal(refit.note_count, 1);
	assert_non_null(strstr(refit.notes[0], wanted));
	assert_null(strstr(refit.notes[0], unwanted));
	refit_free(&refit);
}

/* Where a web server listens, no ACME client can. */
static void
a_port_that_is_held_is_not_to_be_ours(void **state)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
	    .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
	socklen_t size = sizeof(address);
	char text[512];
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(
	    getsockname(fd, (struct sockaddr *)&address, &size), 0);
	(void)snprintf(text, sizeof(text),
	    "defaults\n mode http\nfrontend f\n bind :80\n"
	    " use_backend le if " COND "\nbackend le\n server s 127.0.0.1:%d\n",
	    ntohs(address.sin_port));
	expect_note(state, text, "--in-proxy, which needs no port; or,",
	    "challenge.port");
	(void)close(fd);
	expect_note(state, text, "set challenge.port to", "--in-proxy");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_of_others_are_left_alone),
	    cmocka_unit_test(a_port_that_is_held_is_not_to_be_ours),
	};

	return cmocka_run_group_tests(
	    tests, refit_rig_setup, refit_rig_teardown);
}
