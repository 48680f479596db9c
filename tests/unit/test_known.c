/*
 * test_known.c: which lineages there are, and which one was meant.
 */
#include "wrapper/known.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/scratch.h"

static void
make_dirs(void **state, const char *const *names)
{
	for (; *names != NULL; names++)
		assert_int_equal(mkdir(scratch_path(state, *names), 0700), 0);
}

/* a.example: all of it; b.example: no live files; c.example: no conf. */
static struct conf
site(void **state, char *dir, size_t size)
{
	static const char *const dirs[] = {"renewal", "live", "archive",
	    "live/a.example", "archive/a.example", "live/c.example", NULL};
	static const char *const kinds[] = {
	    "cert", "chain", "fullchain", "privkey"};
	char name[100], target[110];

	make_dirs(state, dirs);
	scratch_write(state, "renewal/b.example.conf", "", 0, 0600);
	scratch_write(state, "renewal/a.example.conf", "", 0, 0600);
	scratch_write(state, "renewal/.hidden.conf", "", 0, 0600);
	scratch_write(state, "renewal/d.example.conf.new", "", 0, 0600);
	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		(void)snprintf(
		    name, sizeof(name), "archive/a.example/%s3.pem", kinds[i]);
		scratch_write(state, name, "x", 1, 0600);
		(void)snprintf(target, sizeof(target), "../../%s", name);
		(void)snprintf(
		    name, sizeof(name), "live/a.example/%s.pem", kinds[i]);
		assert_int_equal(symlink(target, scratch_path(state, name)), 0);
	}
	(void)snprintf(dir, size, "%s", scratch_path(state, ""));
	dir[strlen(dir) - 1] = '\0'; /* the slash */
	return (struct conf){
	    .state_dir = "/nonexistent",
	    .letsencrypt = {dir, dir, dir},
	};
}

static void
all_that_have_a_renewal_conf(void **state)
{
	char dir[LIMIT_PATH_BYTES];
	struct conf conf = site(state, dir, sizeof(dir));
	struct err err = ERR_INIT;
	struct known known;

	assert_int_equal(known_all(&conf, &known, &err), 0);
	assert_int_equal(known.count, 2);
	assert_string_equal(known.items[0].ref.name, "a.example");
	assert_int_equal(known.items[0].generation, 3);
	assert_int_equal(known.items[0].deployed, 0);
	assert_string_equal(known.items[1].ref.name, "b.example");
	assert_int_equal(known.items[1].generation, 0);
	assert_ptr_equal(known_get(&known, "b.example"), &known.items[1]);
	assert_null(known_get(&known, "c.example"));
	known_free(&known);
	conf.letsencrypt.config_dir = "/nonexistent";
	assert_int_equal(known_all(&conf, &known, &err), 0);
	assert_int_equal(known.count, 0);
	known_free(&known);
}

static void
a_name_is_found_or_the_nearest_is_told(void **state)
{
	static const struct {
		const char *name;
		int rc;
		const char *word;
	} rows[] = {
	    {"a.example", 0, ""},
	    {"b.example", 0, ""},
	    {"c.example", 0, ""},
	    {"a.exampel", ERR_NOENT, "did you mean \"a.example\"?"},
	    {"other.invalid", ERR_NOENT, "see certhaul status"},
	    {"../a", ERR_USAGE, ""},
	    {"", ERR_USAGE, ""},
	};
	char dir[LIMIT_PATH_BYTES];
	const struct conf conf = site(state, dir, sizeof(dir));

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct err err = ERR_INIT;
		struct lineage_ref ref;

		assert_int_equal(
		    known_find(&conf, rows[i].name, &ref, &err), rows[i].rc);
		assert_non_null(strstr(err.detail, rows[i].word));
		if (rows[i].rc == 0)
			assert_string_equal(ref.name, rows[i].name);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		all_that_have_a_renewal_conf, scratch_setup, scratch_teardown),
	    cmocka_unit_test_setup_teardown(
		a_name_is_found_or_the_nearest_is_told, scratch_setup,
		scratch_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
