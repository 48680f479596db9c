/*
 * test_discovery.c: one file under all its spellings, in directories,
 * crt-lists, crt-stores and on bind lines. Addresses are test_targets.c's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <limits.h>

#include "haproxy/discovery.h"
#include "tests/unit/discovery_rig.h"
#include "tests/unit/scratch.h"

enum { MANY = 5000 };

/* The stores of `file_name` as lines "NAME LIST way listed", sorted by us. */
static void
assert_stores(void **state, const struct discovery *discovery,
    const char *file_name, const char *wanted)
{
	static const char *const ways[] = {
	    [DISCOVERY_DIRECTORY] = "directory",
	    [DISCOVERY_CRT_LIST] = "crt-list",
	    [DISCOVERY_FILE] = "file",
	    [DISCOVERY_CRT_STORE] = "crt-store",
	};
	struct discovery_stores *stores = calloc(1, sizeof(*stores));
	struct err err = ERR_INIT;
	char text[8192] = "", line[3 * PATH_MAX], *hit;
	const char *dir = *state;
	size_t used = 0, i;

	assert_non_null(stores);
	assert_int_equal(
	    discovery_stores(discovery, file_name, stores, &err), 0);
	for (i = 0; i < stores->count; i++) {
		snprintf(line, sizeof(line), "%s [%s] %s%s\n",
		    stores->items[i].name, stores->items[i].list,
		    ways[stores->items[i].way],
		    stores->items[i].listed ? "" : " unlisted");
		while ((hit = strstr(line, dir)) != NULL) {
			memmove(hit + 2, hit + strlen(dir),
			    strlen(hit + strlen(dir)) + 1);
			memcpy(hit, "%D", 2);
		}
		used += (size_t)snprintf(
		    text + used, sizeof(text) - used, "%s", line);
		assert_true(used < sizeof(text));
	}
	free(stores);
	assert_string_equal(text, wanted);
}

static void
each_spelling_is_a_store_of_its_own(void **state)
{
	struct discovery *discovery = discovery_rig_load(state,
	    "global\n crt-base %D\n"
	    "frontend f\n"
	    " bind :1 ssl crt %D/ssl/a.pem crt %D//ssl/./a.pem crt ssl/a.pem"
	    " crt %D/link/a.pem crt %D/other/x.pem crt %D/other/a.pem\n"
	    " bind :2 ssl crt %D/ssl/a.pem crt %D/other/../ssl/a.pem\n",
	    "");

	assert_stores(state, discovery, "a.pem",
	    "%D//ssl/./a.pem [] file\n"
	    "%D/link/a.pem [] file\n"
	    "%D/other/../ssl/a.pem [] file\n"
	    "%D/other/x.pem [] file\n"
	    "%D/ssl/a.pem [] file\n");
	assert_stores(state, discovery, "b.pem", "");
	discovery_free(discovery);
}

static void
a_directory_is_told_by_device_and_inode(void **state)
{
	struct discovery *discovery = discovery_rig_load(state,
	    "frontend f\n"
	    " bind :1 ssl crt %D/ssl//\n bind :2 ssl crt %D/ssl crt %D/link/\n"
	    " bind :3 ssl crt %D/other/ crt %D/ssl/sub\n",
	    "");

	/* A bundle that is not there yet would be loaded all the same. */
	assert_stores(state, discovery, "new.pem",
	    "%D/ssl/new.pem [%D/ssl] directory\n"
	    "%D/link/new.pem [%D/link] directory\n");
	discovery_free(discovery);
}

static void
a_renamed_bundle_is_still_found(void **state)
{
	struct discovery *discovery = discovery_rig_load(
	    state, "frontend f\n bind :1 ssl crt %D/other/x.pem\n", "");

	discovery_rig_write(state, "ssl/next", "a2");
	assert_int_equal(rename(scratch_path(state, "ssl/next"),
			     scratch_path(state, "ssl/a.pem")),
	    0);
	assert_stores(state, discovery, "a.pem", "%D/other/x.pem [] file\n");
	discovery_free(discovery);
}

static void
crt_list_entries_are_found(void **state)
{
	struct discovery *discovery;

	discovery_rig_write(state, "list",
	    "# comment\n\n  \nssl/b.pem [alpn h2] b.example\r\n"
	    "#ssl/a.pem\n");
	discovery = discovery_rig_load(state,
	    "global\n crt-base %D\n"
	    "frontend f\n bind :1 ssl crt-list %D/list\n",
	    "");
	assert_stores(
	    state, discovery, "b.pem", "%D/ssl/b.pem [%D/list] crt-list\n");
	/* Not on it: it would go onto the one list there is. */
	assert_stores(state, discovery, "a.pem",
	    "%D/ssl/a.pem [%D/list] crt-list unlisted\n");
	discovery_free(discovery);
}

static void
new_bundles_go_to_one_list_or_to_none(void **state)
{
	static const char two[] = "frontend f\n"
				  " bind :1 ssl crt-list %D/one\n"
				  " bind :2 ssl crt-list %D/two\n"
				  " bind :3 ssl crt-list %D//two\n";
	struct discovery *discovery;

	discovery_rig_write(state, "one", "/dev/null\n");
	discovery_rig_write(state, "two", "/dev/null\n");
	discovery = discovery_rig_load(state, two, "");
	assert_stores(state, discovery, "n.pem", "");
	discovery_free(discovery);
	/* Named: each spelling of it. */
	discovery =
	    discovery_rig_load(state, two, scratch_path(state, "./two"));
	assert_stores(state, discovery, "n.pem",
	    "%D/ssl/n.pem [%D/two] crt-list unlisted\n"
	    "%D/ssl/n.pem [%D//two] crt-list unlisted\n");
	discovery_free(discovery);
	/* A directory serves it: no need of the list. */
	discovery = discovery_rig_load(
	    state, "frontend f\n bind :1 ssl crt-list %D/one crt %D/ssl\n", "");
	assert_stores(
	    state, discovery, "n.pem", "%D/ssl/n.pem [%D/ssl] directory\n");
	discovery_free(discovery);
	/* Named by a bind line already: the same. */
	discovery = discovery_rig_load(state,
	    "frontend f\n bind :1 ssl crt-list %D/one crt %D/ssl/a.pem\n", "");
	assert_stores(state, discovery, "a.pem", "%D/ssl/a.pem [] file\n");
	discovery_free(discovery);
}

static void
crt_stores_and_servers_are_found_but_not_acme(void **state)
{
	struct discovery *discovery;

	discovery_rig_write(state, "list", "@web/b\n@web/own\n");
	discovery = discovery_rig_load(state,
	    "crt-store web\n crt-base %D/ssl\n load crt a.pem alias a\n"
	    " load crt b.pem alias b\n load crt b.pem alias own acme LE\n"
	    "frontend f\n bind :1 ssl crt @web/a crt-list %D/list\n"
	    "backend b\n server s 10.0.0.1:1 ssl verify none"
	    " crt %D/ssl/a.pem\n",
	    "");
	assert_stores(state, discovery, "a.pem",
	    "%D/ssl/a.pem [] file\n"
	    "@web/a [] crt-store\n");
	assert_stores(state, discovery, "b.pem",
	    "@web/b [] crt-store\n"
	    "@web/b [%D/list] crt-list\n");
	discovery_free(discovery);
}

static void
more_spellings_than_the_limit_are_an_error(void **state)
{
	struct discovery_stores *stores = calloc(1, sizeof(*stores));
	struct err err = ERR_INIT;
	struct discovery *discovery;
	static char text[100000] = "frontend f\n";
	char slashes[LIMIT_STORES + 2] = "";
	size_t i;

	assert_non_null(stores);
	for (i = 0; i <= LIMIT_STORES; i++) {
		memset(slashes, '/', i + 1);
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
		    " bind :%zu ssl crt %%D%.*sssl/a.pem\n", i + 1, (int)i + 1,
		    slashes);
	}
	discovery = discovery_rig_load(state, text, "");
	assert_int_equal(
	    discovery_stores(discovery, "a.pem", stores, &err), ERR_LIMIT);
	discovery_free(discovery);
	free(stores);
}

static void
a_missing_directory_is_told_by_its_text(void **state)
{
	const char *path = scratch_path(state, "haproxy.cfg");
	struct discovery *discovery = NULL;
	struct err err = ERR_INIT;
	struct discovery_stores *stores = calloc(1, sizeof(*stores));

	assert_non_null(stores);
	discovery_rig_write(state, "haproxy.cfg",
	    "frontend f\n bind :1 ssl crt /no/such/dir/x.pem\n");
	assert_int_equal(discovery_load(&path, 1, NULL, "/no/such/dir/", "",
			     &discovery, &err),
	    0);
	assert_int_equal(discovery_stores(discovery, "x.pem", stores, &err), 0);
	assert_int_equal(stores->count, 1);
	discovery_free(discovery);
	free(stores);
}

/* Answers must not slow down with the number of entries: found by halving. */
static void
thousands_of_entries_are_all_found(void **state)
{
	struct discovery_stores *stores = calloc(1, sizeof(*stores));
	struct err err = ERR_INIT;
	struct discovery *discovery;
	char *text = calloc(MANY, PATH_MAX / 8), name[64];
	size_t used = 0, i;

	assert_non_null(stores);
	assert_non_null(text);
	for (i = 0; i < MANY; i++)
		used += (size_t)snprintf(text + used, PATH_MAX / 8,
		    "%s/ssl/n%05zu.pem [alpn h2] n%zu.example\n",
		    (const char *)*state, i * 7919 % MANY, i);
	discovery_rig_write(state, "list", text);
	free(text);
	discovery = discovery_rig_load(
	    state, "frontend f\n bind :1 ssl crt-list %D/list\n", "");
	for (i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "n%05zu.pem", i);
		assert_int_equal(
		    discovery_stores(discovery, name, stores, &err), 0);
		assert_int_equal(stores->count, 1);
		assert_true(stores->items[0].listed);
		assert_non_null(strstr(stores->items[0].name, name));
	}
	discovery_free(discovery);
	free(stores);
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(                                       \
	    name, discovery_rig_setup, scratch_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(each_spelling_is_a_store_of_its_own),
	    TEST(a_directory_is_told_by_device_and_inode),
	    TEST(a_renamed_bundle_is_still_found),
	    TEST(crt_list_entries_are_found),
	    TEST(new_bundles_go_to_one_list_or_to_none),
	    TEST(crt_stores_and_servers_are_found_but_not_acme),
	    TEST(more_spellings_than_the_limit_are_an_error),
	    TEST(a_missing_directory_is_told_by_its_text),
	    TEST(thousands_of_entries_are_all_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
