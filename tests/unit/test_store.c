/*
 * test_store.c: lineages are laid out, renewed, mended and deleted as certbot
 * does it, and what others have put there is not ours to take. Against certbot
 * itself: test_acme_store.sh; killed at each step: test_kill_store.sh.
 */
#include "acme/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cert/pki.h"
#include "tests/unit/lineages.h"
#include "tests/unit/scratch.h"

static char top[LIMIT_PATH_BYTES - 64], work[LIMIT_PATH_BYTES];
static char logs[LIMIT_PATH_BYTES];
static const struct store_dirs dirs = {top, work, logs};
static unsigned tops;
static struct lineage good; /* P-256 */
static struct store_files files;

/* A configuration directory of its own for each test. */
static int
setup(void **state)
{
	char name[32];

	(void)snprintf(name, sizeof(name), "top%u", ++tops);
	(void)snprintf(top, sizeof(top), "%s", scratch_path(state, name));
	(void)snprintf(work, sizeof(work), "%s/work", top);
	(void)snprintf(logs, sizeof(logs), "%s/logs", top);
	return 0;
}

static int
setup_group(void **state)
{
	if (lineages_setup(state) != 0)
		return -1;
	lineages_read(state, "good-p256", &good);
	files.cert = &good.pem[LINEAGE_CERT];
	files.chain = &good.pem[LINEAGE_CHAIN];
	files.fullchain = &good.pem[LINEAGE_FULLCHAIN];
	files.privkey = &good.pem[LINEAGE_PRIVKEY];
	return 0;
}

static int
teardown_group(void **state)
{
	lineage_free(&good);
	return lineages_teardown(state);
}

static const char *
in_top(const char *name)
{
	static char paths[4][LIMIT_PATH_BYTES];
	static unsigned next;
	char *path = paths[next++ % 4];

	(void)snprintf(path, LIMIT_PATH_BYTES, "%s/%s", top, name);
	return path;
}

static bool
is_there(const char *name)
{
	struct stat st;

	return lstat(in_top(name), &st) == 0;
}

static int
create(const char *name, struct err *err)
{
	struct renewal *conf = NULL;
	int rc = renewal_new(&conf, err);

	if (rc == 0)
		rc = store_create(&dirs, name, &files, conf, err);
	renewal_free(conf);
	return rc;
}

static long
renew(const char *name)
{
	struct store_lineage lineage;
	struct err err = ERR_INIT;
	long number = 0;

	assert_int_equal(store_read(&dirs, name, &lineage, &err), 0);
	assert_int_equal(lineage.broken.code, 0);
	assert_int_equal(
	    store_renew(&dirs, name, &files, lineage.conf, &number, &err), 0);
	store_lineage_free(&lineage);
	return number;
}

/* What store_read() makes of it: a generation, or the code of what is wrong. */
static long
look(const char *name)
{
	struct store_lineage lineage;
	struct err err = ERR_INIT;
	long seen;

	assert_int_equal(store_read(&dirs, name, &lineage, &err), 0);
	seen =
	    lineage.broken.code != 0 ? lineage.broken.code : lineage.generation;
	store_lineage_free(&lineage);
	return seen;
}

static void
relink(const char *name, const char *target)
{
	(void)unlink(in_top(name));
	assert_int_equal(symlink(target, in_top(name)), 0);
}

static void
it_comes_is_renewed_and_goes(void **state)
{
	struct store_lineage lineage;
	struct lineage read;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(create("a.example", &err), 0);
	assert_int_equal(create("a.example", &err), ERR_EXISTS);
	assert_int_equal(store_read(&dirs, "a.example", &lineage, &err), 0);
	assert_int_equal(lineage.broken.code, 0);
	assert_int_equal(lineage.generation, 1);
	assert_false(lineage.mixed);
	assert_string_equal(lineage.ref.name, "a.example");
	assert_int_equal(lineage_read(&lineage.ref, &read, &err), 0);
	assert_string_equal(
	    buf_text(&read.pem[LINEAGE_FULLCHAIN]), buf_text(files.fullchain));
	lineage_free(&read);
	store_lineage_free(&lineage);
	for (long n = 2; n < 9; n++)
		assert_int_equal(renew("a.example"), n);
	assert_int_equal(look("a.example"), 8);
	assert_false(is_there("archive/a.example/privkey2.pem"));
	assert_true(is_there("archive/a.example/privkey3.pem"));
	assert_int_equal(store_delete(&dirs, "a.example", &err), 0);
	assert_false(is_there("live/a.example"));
	assert_false(is_there("archive/a.example"));
	assert_false(is_there("renewal/a.example.conf"));
	assert_true(is_there("live/README"));
	assert_int_equal(store_delete(&dirs, "a.example", &err), ERR_NOENT);
	assert_int_equal(
	    store_read(&dirs, "a.example", &lineage, &err), ERR_NOENT);
}

static void
names_are_sorted_and_numbered_as_certbot_does(void **state)
{
	char name[LIMIT_LINEAGE_NAME_BYTES + 1], **names = NULL;
	struct err err = ERR_INIT;
	size_t count = 1;

	(void)state;
	assert_int_equal(store_names(&dirs, &names, &count, &err), 0);
	assert_int_equal(count, 0);
	lineage_names_free(names, count);
	assert_int_equal(create("a", &err), 0);
	assert_int_equal(
	    store_new_name(&dirs, "b", name, sizeof(name), &err), 0);
	assert_string_equal(name, "b");
	for (int i = 1; i < 3; i++) {
		assert_int_equal(
		    store_new_name(&dirs, "a", name, sizeof(name), &err), 0);
		assert_int_equal(create(name, &err), 0);
	}
	assert_string_equal(name, "a-0002");
	assert_int_equal(
	    store_new_name(&dirs, "../a", name, sizeof(name), &err), ERR_USAGE);
	assert_int_equal(store_new_name(&dirs, "a", name, 3, &err), ERR_LIMIT);
	assert_int_equal(store_names(&dirs, &names, &count, &err), 0);
	assert_int_equal(count, 3);
	assert_string_equal(names[0], "a-0001");
	assert_string_equal(names[1], "a-0002");
	assert_string_equal(names[2], "a");
	lineage_names_free(names, count);
}

static void
others_things_are_not_taken(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(create("a", &err), 0);
	assert_int_equal(mkdir(in_top("archive/b"), 0755), 0);
	assert_int_equal(create("b", &err), 0); /* it was empty */
	assert_int_equal(mkdir(in_top("live/c"), 0755), 0);
	assert_int_equal(mkdir(in_top("live/c/x"), 0755), 0);
	assert_int_equal(create("c", &err), ERR_EXISTS);
	assert_true(is_there("live/c/x"));
	assert_false(is_there("archive/c"));
	assert_int_equal(symlink("/", in_top("archive/d")), 0);
	assert_int_equal(create("d", &err), ERR_EXISTS);
	/* Nor are they deleted with the lineage. */
	assert_int_equal(mkdir(in_top("live/a/mine"), 0755), 0);
	assert_int_equal(store_delete(&dirs, "a", &err), 0);
	assert_true(is_there("live/a/mine"));
	assert_false(is_there("live/a/cert.pem"));
}

static void
a_conf_cannot_have_other_directories_removed(void **state)
{
	struct renewal *conf = NULL;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(create("a", &err), 0);
	assert_int_equal(create("b", &err), 0);
	assert_int_equal(
	    renewal_read(in_top("renewal/a.conf"), &conf, &err), 0);
	assert_int_equal(renewal_set(conf, "", "archive_dir", top, &err), 0);
	assert_int_equal(
	    renewal_write(conf, in_top("renewal/a.conf"), &err), 0);
	renewal_free(conf);
	assert_int_equal(store_delete(&dirs, "a", &err), 0);
	assert_false(is_there("live/a"));
	assert_true(is_there("archive/a/cert1.pem"));
	assert_int_equal(look("b"), 1);
}

static void
mixed_links_are_mended(void **state)
{
	struct err err = ERR_INIT;
	bool mended = true;

	(void)state;
	assert_int_equal(create("a", &err), 0);
	assert_int_equal(renew("a"), 2);
	assert_int_equal(store_repair(&dirs, "a", &mended, &err), 0);
	assert_false(mended);
	relink("live/a/cert.pem", "../../archive/a/cert1.pem");
	assert_int_equal(look("a"), 1);
	assert_int_equal(store_repair(&dirs, "a", &mended, &err), 0);
	assert_true(mended);
	assert_int_equal(look("a"), 2);
	/* What certbot leaves where it is killed between two calls. */
	assert_int_equal(unlink(in_top("live/a/chain.pem")), 0);
	relink("live/a/previous_chain.pem", in_top("archive/a/chain2.pem"));
	assert_int_equal(look("a"), ERR_SYNTAX);
	assert_int_equal(store_repair(&dirs, "a", &mended, &err), 0);
	assert_int_equal(look("a"), 2);
	assert_false(is_there("live/a/previous_chain.pem"));
	/* All back on 1: certbot would go on to 2, too. */
	assert_int_equal(renew("a"), 3);
	assert_int_equal(truncate(in_top("archive/a/privkey3.pem"), 10), 0);
	assert_int_equal(store_repair(&dirs, "a", &mended, &err), 0);
	assert_false(mended);
	relink("live/a/cert.pem", "../../archive/a/cert1.pem");
	assert_int_equal(store_repair(&dirs, "a", &mended, &err), 0);
	assert_int_equal(look("a"), 2);
	assert_int_equal(renew("a"), 4);
	assert_int_equal(store_repair(&dirs, "none", &mended, &err), ERR_NOENT);
}

static void
without_a_whole_generation_nothing_is_touched(void **state)
{
	struct err err = ERR_INIT;
	bool mended = false;

	(void)state;
	assert_int_equal(create("a", &err), 0);
	assert_int_equal(unlink(in_top("live/a/cert.pem")), 0);
	assert_int_equal(unlink(in_top("archive/a/chain1.pem")), 0);
	assert_int_equal(store_repair(&dirs, "a", &mended, &err), ERR_SYNTAX);
	assert_false(is_there("live/a/cert.pem"));
	assert_true(is_there("live/a/privkey.pem"));
}

static void
what_certbot_calls_broken_is_broken(void **state)
{
	struct renewal *conf = NULL;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(create("a", &err), 0);
	relink("live/a/cert.pem", "../../archive/a/cert7.pem");
	assert_int_equal(look("a"), ERR_SYNTAX);
	relink("live/a/cert.pem", "../../archive/a/chain1.pem");
	assert_int_equal(look("a"), ERR_SYNTAX);
	assert_int_equal(unlink(in_top("live/a/cert.pem")), 0);
	assert_int_equal(mkdir(in_top("live/a/cert.pem"), 0755), 0);
	assert_int_equal(look("a"), ERR_SYNTAX);
	assert_int_equal(create("b", &err), 0);
	assert_int_equal(
	    renewal_read(in_top("renewal/b.conf"), &conf, &err), 0);
	assert_int_equal(
	    renewal_set(conf, "", "chain", "/elsewhere/chain.pem", &err), 0);
	assert_int_equal(
	    renewal_write(conf, in_top("renewal/b.conf"), &err), 0);
	assert_int_equal(look("b"), ERR_SYNTAX);
	assert_int_equal(renewal_set(conf, "", "chain", NULL, &err), 0);
	assert_int_equal(
	    renewal_write(conf, in_top("renewal/b.conf"), &err), 0);
	assert_int_equal(look("b"), ERR_SYNTAX);
	renewal_free(conf);
	assert_int_equal(
	    rename(in_top("renewal/b.conf"), in_top("renewal/b\tc.conf")), 0);
	assert_int_equal(look("b\tc"), ERR_USAGE);
	assert_int_equal(truncate(in_top("renewal/a.conf"), 0), 0);
	assert_int_equal(look("a"), ERR_SYNTAX);
}

static void
a_chain_is_split_and_only_a_chain(void **state)
{
	struct buf cert = BUF_INIT(LIMIT_PEM_FILE_BYTES);
	struct buf chain = BUF_INIT(LIMIT_PEM_FILE_BYTES);
	struct buf text = BUF_SECRET(2 * LIMIT_PEM_FILE_BYTES);
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(
	    store_split_chain(files.fullchain, &cert, &chain, &err), 0);
	assert_string_equal(buf_text(&cert), buf_text(files.cert));
	assert_string_equal(buf_text(&chain), buf_text(files.chain));
	assert_int_equal(
	    store_split_chain(files.cert, &cert, &chain, &err), ERR_SYNTAX);
	assert_int_equal(
	    buf_add(&text, files.fullchain->data, files.fullchain->len, &err),
	    0);
	assert_int_equal(
	    buf_add(&text, files.privkey->data, files.privkey->len, &err), 0);
	assert_int_equal(
	    store_split_chain(&text, &cert, &chain, &err), ERR_SYNTAX);
	assert_non_null(strstr(err.detail, "PRIVATE KEY"));
	buf_free(&cert);
	buf_free(&chain);
	buf_free(&text);
}

#define FRESH(test) cmocka_unit_test_setup(test, setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    FRESH(it_comes_is_renewed_and_goes),
	    FRESH(names_are_sorted_and_numbered_as_certbot_does),
	    FRESH(others_things_are_not_taken),
	    FRESH(a_conf_cannot_have_other_directories_removed),
	    FRESH(mixed_links_are_mended),
	    FRESH(without_a_whole_generation_nothing_is_touched),
	    FRESH(what_certbot_calls_broken_is_broken),
	    FRESH(a_chain_is_split_and_only_a_chain),
	};

	return cmocka_run_group_tests(tests, setup_group, teardown_group);
}
