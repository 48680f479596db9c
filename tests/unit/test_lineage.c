/*
 * test_lineage.c: the four files are read as one, or not at all: not while
 * they are of two generations, and not where others could have written them.
 */
#include "cert/lineage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "tests/unit/lineages.h"
#include "tests/unit/scratch.h"

static const char *const stems[] = {"cert", "chain", "fullchain", "privkey"};

static void
reads_the_bytes_of_all_four(void **state)
{
	static const char *const names[] = {
	    "good-p256", "good-text", "good-group-read", "good-absolute"};
	char file[100];
	struct lineage lineage;
	struct buf bytes;

	for (size_t i = 0; i < COUNT_OF(names); i++) {
		lineages_read(state, names[i], &lineage);
		assert_string_equal(lineage.ref.name, names[i]);
		assert_int_equal(lineage.ident.generation, 1);
		assert_true(lineage.pem[LINEAGE_PRIVKEY].secret);
		for (size_t kind = 0; kind < LINEAGE_KINDS; kind++) {
			(void)snprintf(file, sizeof(file),
			    "etc/archive/%s/%s1.pem", names[i], stems[kind]);
			lineages_file(state, file, &bytes);
			assert_int_equal(lineage.pem[kind].len, bytes.len);
			assert_memory_equal(
			    lineage.pem[kind].data, bytes.data, bytes.len);
			assert_int_equal(
			    lineage.ident.files[kind].size, bytes.len);
			buf_free(&bytes);
		}
		lineage_free(&lineage);
	}
}

static void
the_identity_is_known_without_reading(void **state)
{
	struct lineage_ref ref = lineages_ref(state, "good-renewed");
	struct lineage_ref other = lineages_ref(state, "good-p256");
	struct lineage_ident ident, again;
	struct err err = ERR_INIT;
	struct lineage lineage;
	char key[LIMIT_PATH_BYTES + 32];

	lineages_read(state, "good-renewed", &lineage);
	assert_int_equal(lineage_identify(&ref, &ident, &err), 0);
	assert_int_equal(ident.generation, 2);
	assert_true(lineage_ident_equal(&ident, &lineage.ident));
	assert_int_equal(lineage_identify(&other, &again, &err), 0);
	assert_false(lineage_ident_equal(&ident, &again));
	/* Another mode is another version: it may have become unsafe. */
	(void)snprintf(key, sizeof(key), "%s/privkey.pem", ref.dir);
	assert_int_equal(chmod(key, 0640), 0);
	assert_int_equal(lineage_identify(&ref, &again, &err), 0);
	assert_false(lineage_ident_equal(&ident, &again));
	lineage_free(&lineage);
}

static void
refuses_what_is_broken_or_unsafe(void **state)
{
	static const struct {
		const char *name;
		int code;
		const char *on, *word;
	} rows[] = {
	    {"odd-generations", ERR_SYNTAX, "/privkey.pem", "one generation"},
	    {"odd-no-link", ERR_SYNTAX, "/chain.pem", "no symbolic link"},
	    {"odd-target", ERR_SYNTAX, "/chain.pem", "certbot names"},
	    {"odd-target-zero", ERR_SYNTAX, "/chain.pem", "certbot names"},
	    {"odd-dangling", ERR_SYNTAX, "/fullchain.pem", "at nothing"},
	    {"odd-missing", ERR_SYNTAX, "/privkey.pem", "not there"},
	    {"odd-world-key", ERR_UNSAFE, "/privkey.pem", "everybody"},
	    {"odd-group-key", ERR_UNSAFE, "/privkey.pem", "group"},
	    {"odd-world-cert", ERR_UNSAFE, "/fullchain.pem", "everybody"},
	    {"odd-world-archive", ERR_UNSAFE, "archive", "everybody"},
	    {"odd-group-archive", ERR_UNSAFE, "archive", "group"},
	    {"odd-world-live", ERR_UNSAFE, "odd-world-live", "everybody"},
	    {"odd-directory", ERR_SYNTAX, "/chain.pem", "regular file"},
	    {"odd-fifo", ERR_SYNTAX, "/privkey.pem", "regular file"},
	    {"odd-loop", ERR_SYNTAX, "/privkey.pem", "regular file"},
	    {"odd-second-link", ERR_SYNTAX, "/privkey.pem", "regular file"},
	    {"odd-link-loop", ERR_SYNTAX, "/privkey.pem", "certbot names"},
	    {"odd-oversized", ERR_LIMIT, "/fullchain.pem", "300000 bytes"},
	    {"odd-absent", ERR_NOENT, "/odd-absent", "open"},
	};
	struct lineage lineage;

	memset(&lineage, 0x5a, sizeof(lineage));
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct lineage_ref ref = lineages_ref(state, rows[i].name);
		struct err err = ERR_INIT;

		/* A FIFO that is waited for ends the test. */
		(void)alarm(60);
		assert_int_equal(
		    lineage_read(&ref, &lineage, &err), rows[i].code);
		(void)alarm(0);
		assert_non_null(strstr(err.on, rows[i].on));
		assert_non_null(strstr(err.detail, rows[i].word));
	}
	/* What was there before is as it was. */
	for (size_t i = 0; i < sizeof(lineage); i++)
		assert_int_equal(((unsigned char *)&lineage)[i], 0x5a);
}

static void
refuses_what_belongs_to_somebody_else(void **state)
{
	struct lineage_ref ref = lineages_ref(state, "odd-owner");
	struct err err = ERR_INIT;
	struct lineage lineage;

	/* Only root can have given it away. */
	if (geteuid() != 0)
		skip();
	assert_int_equal(lineage_read(&ref, &lineage, &err), ERR_UNSAFE);
	assert_non_null(strstr(err.detail, "uid 65534"));
}

static void
the_identity_of_what_is_broken_is_none(void **state)
{
	static const char *const names[] = {
	    "odd-generations", "odd-no-link", "odd-target", "odd-loop"};
	struct lineage_ident ident;

	for (size_t i = 0; i < COUNT_OF(names); i++) {
		struct lineage_ref ref = lineages_ref(state, names[i]);
		struct err err = ERR_INIT;

		assert_int_equal(
		    lineage_identify(&ref, &ident, &err), ERR_SYNTAX);
	}
}

/* As certbot does it: each link is away for a moment, one after the other. */
static void
switch_links(const char *dir, int n)
{
	static const int order[] = {
	    LINEAGE_CERT, LINEAGE_PRIVKEY, LINEAGE_CHAIN, LINEAGE_FULLCHAIN};
	char target[100];
	char link[LIMIT_PATH_BYTES + 32];

	for (size_t i = 0; i < COUNT_OF(order); i++) {
		const char *stem = stems[order[i]];

		(void)snprintf(link, sizeof(link), "%s/%s.pem", dir, stem);
		(void)snprintf(target, sizeof(target),
		    "../../archive/good-renewed/%s%d.pem", stem, n);
		if (unlink(link) != 0 || symlink(target, link) != 0)
			_exit(1);
	}
}

static pid_t
start_switching(const char *dir)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid != 0)
		return pid;
	(void)alarm(120); /* should the test die */
	for (int i = 0;; i++) {
		switch_links(dir, 1 + i % 2);
		/* Or hardly ever would there be anything whole to read. */
		if (i % 4 != 0)
			clock_pause_ms(1);
	}
}

/*
 * The two generations have different keys, so a mixture would show: the leaf
 * of the one with the key of the other.
 */
static void
never_reads_a_mixture_while_links_are_switched(void **state)
{
	struct lineage_ref ref = lineages_ref(state, "good-renewed");
	struct lineage_ident ident;
	unsigned seen[3] = {0, 0, 0};
	struct lineage lineage;
	struct bundle bundle;
	pid_t pid = start_switching(ref.dir);
	int status, rc;

	for (int i = 0; i < 400; i++) {
		struct err err = ERR_INIT;

		rc = lineage_read(&ref, &lineage, &err);
		/* It may stay torn for as long as we look; that is said. */
		if (rc != 0) {
			assert_int_equal(rc, ERR_SYNTAX);
			seen[0]++;
			continue;
		}
		ident = lineage.ident;
		assert_in_range(ident.generation, 1, 2);
		seen[ident.generation]++;
		assert_int_equal(
		    bundle_build(&lineage, false, &bundle, &err), 0);
		assert_int_equal(bundle.problem_count, 0);
		assert_true(pki_key_matches(bundle.leaf, bundle.key));
		bundle_free(&bundle);
		lineage_free(&lineage);
	}
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	assert_true(seen[1] + seen[2] > seen[0]);
	assert_true(seen[1] > 0 && seen[2] > 0);
}

/* A link that is away and comes back is waited for. */
static void
waits_for_a_link_that_is_being_switched(void **state)
{
	struct lineage_ref ref = lineages_ref(state, "odd-missing");
	struct err err = ERR_INIT;
	struct lineage lineage;
	char link[LIMIT_PATH_BYTES + 32];
	int ready[2], status;
	char byte = 0;
	pid_t pid;

	(void)snprintf(link, sizeof(link), "%s/privkey.pem", ref.dir);
	assert_int_equal(pipe(ready), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		/* The parent is at it by then, or was quick: both will do. */
		if (read(ready[0], &byte, 1) != 1)
			_exit(1);
		_exit(symlink("../../archive/odd-missing/privkey1.pem", link));
	}
	assert_int_equal(write(ready[1], &byte, 1), 1);
	assert_int_equal(lineage_read(&ref, &lineage, &err), 0);
	assert_int_equal(err.code, 0);
	lineage_free(&lineage);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(close(ready[0]) + close(ready[1]), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_the_bytes_of_all_four),
	    cmocka_unit_test(the_identity_is_known_without_reading),
	    cmocka_unit_test(refuses_what_is_broken_or_unsafe),
	    cmocka_unit_test(refuses_what_belongs_to_somebody_else),
	    cmocka_unit_test(the_identity_of_what_is_broken_is_none),
	    cmocka_unit_test(never_reads_a_mixture_while_links_are_switched),
	    cmocka_unit_test(waits_for_a_link_that_is_being_switched),
	};

	return cmocka_run_group_tests(tests, lineages_setup, lineages_teardown);
}
