/*
 * test_discovery.c: one file under all its spellings, in directories,
 * crt-lists, crt-stores and on bind lines; what HAProxy needs to start.
 * Addresses are test_targets.c's.
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
#include <sys/stat.h>
#include <unistd.h>

#include "haproxy/discovery.h"
#include "tests/unit/scratch.h"

enum { MANY = 5000 };

static void
write_text(void **state, const char *name, const char *text)
{
	scratch_write(state, name, text, strlen(text), 0644);
}

static int
setup(void **state)
{
	if (scratch_setup(state) < 0)
		return -1;
	if (mkdir(scratch_path(state, "ssl"), 0755) < 0 ||
	    mkdir(scratch_path(state, "ssl/sub"), 0755) < 0 ||
	    mkdir(scratch_path(state, "other"), 0755) < 0 ||
	    symlink("ssl", scratch_path(state, "link")) < 0 ||
	    symlink("../ssl/a.pem", scratch_path(state, "other/x.pem")) < 0)
		return -1;
	write_text(state, "ssl/a.pem", "a");
	write_text(state, "ssl/b.pem", "b");
	write_text(state, "ssl/b.key", "b");
	write_text(state, "other/a.pem", "not ours");
	return 0;
}

/* Loads `text`, with the scratch directory for every "%D". */
static struct discovery *
load(void **state, const char *text, const char *crt_list)
{
	const char *path = scratch_path(state, "haproxy.cfg");
	const char *dir = *state;
	struct discovery *discovery = NULL;
	struct err err = ERR_INIT;
	static char full[100000];
	size_t used = 0;

	for (; *text != '\0'; text++) {
		if (strncmp(text, "%D", 2) == 0) {
			used += (size_t)snprintf(
			    full + used, sizeof(full) - used, "%s", dir);
			text++;
		} else {
			full[used++] = *text;
		}
		assert_true(used < sizeof(full) - 1);
	}
	full[used] = '\0';
	write_text(state, "haproxy.cfg", full);
	if (discovery_load(&path, 1, scratch_path(state, "ssl/"), crt_list,
		&discovery, &err) < 0)
		fail_msg("%s: %s", err.on, err.detail);
	return discovery;
}

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
	struct discovery *discovery = load(state,
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
	struct discovery *discovery = load(state,
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
	struct discovery *discovery =
	    load(state, "frontend f\n bind :1 ssl crt %D/other/x.pem\n", "");

	write_text(state, "ssl/next", "a2");
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

	write_text(state, "list",
	    "# comment\n\n  \nssl/b.pem [alpn h2] b.example\r\n"
	    "#ssl/a.pem\n");
	discovery = load(state,
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

	write_text(state, "one", "/dev/null\n");
	write_text(state, "two", "/dev/null\n");
	discovery = load(state, two, "");
	assert_stores(state, discovery, "n.pem", "");
	discovery_free(discovery);
	/* Named: each spelling of it. */
	discovery = load(state, two, scratch_path(state, "./two"));
	assert_stores(state, discovery, "n.pem",
	    "%D/ssl/n.pem [%D/two] crt-list unlisted\n"
	    "%D/ssl/n.pem [%D//two] crt-list unlisted\n");
	discovery_free(discovery);
	/* A directory serves it: no need of the list. */
	discovery = load(
	    state, "frontend f\n bind :1 ssl crt-list %D/one crt %D/ssl\n", "");
	assert_stores(
	    state, discovery, "n.pem", "%D/ssl/n.pem [%D/ssl] directory\n");
	discovery_free(discovery);
	/* Named by a bind line already: the same. */
	discovery = load(state,
	    "frontend f\n bind :1 ssl crt-list %D/one crt %D/ssl/a.pem\n", "");
	assert_stores(state, discovery, "a.pem", "%D/ssl/a.pem [] file\n");
	discovery_free(discovery);
}

static void
crt_stores_and_servers_are_found_but_not_acme(void **state)
{
	struct discovery *discovery;

	write_text(state, "list", "@web/b\n@web/own\n");
	discovery = load(state,
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

static bool
needs(const struct discovery *discovery, const char *file_name,
    const char *reason)
{
	char text[512] = "";
	bool needed = discovery_needs(discovery, file_name, text, sizeof(text));

	if (needed && strstr(text, reason) == NULL)
		fail_msg("'%s' lacks '%s'", text, reason);
	return needed;
}

static void
what_haproxy_needs_to_start_is_known(void **state)
{
	struct discovery *discovery = load(state,
	    "frontend f\n bind :1 ssl crt %D/ssl/a.pem crt %D/ssl\n", "");

	assert_true(needs(discovery, "a.pem", "haproxy.cfg:2 (frontend f)"));
	assert_false(needs(discovery, "b.pem", ""));
	discovery_free(discovery);
	discovery = load(state, "frontend f\n bind :1 ssl crt %D/ssl\n", "");
	/* b.key, a dot file and a directory are no certificates. */
	write_text(state, "ssl/.certhaul-x", "staged");
	assert_false(needs(discovery, "a.pem", ""));
	assert_int_equal(unlink(scratch_path(state, "ssl/b.pem")), 0);
	assert_true(needs(discovery, "a.pem", "last certificate"));
	discovery_free(discovery);
	discovery =
	    load(state, "frontend f\n bind :1 ssl strict-sni crt %D/ssl\n", "");
	assert_false(needs(discovery, "a.pem", ""));
	discovery_free(discovery);
	write_text(state, "list", "other/x.pem\n");
	discovery = load(state,
	    "global\n crt-base %D\nfrontend f\n bind :1 ssl crt-list %D/list\n"
	    "crt-store s\n load crt ssl/b.pem\n",
	    "");
	assert_true(needs(discovery, "a.pem", "last certificate"));
	assert_true(needs(discovery, "b.pem", "@s/ssl/b.pem"));
	discovery_free(discovery);
	discovery = load(state,
	    "global\n ca-base %D/ssl\nbackend b\n server s 127.0.0.1:1 ssl\n"
	    " server t 127.0.0.1:1 ssl verify required ca-file a.pem\n"
	    "frontend f\n bind :1 ssl crt %D/other crl-file %D/ssl/b.pem\n",
	    "");
	assert_true(needs(discovery, "a.pem", "haproxy.cfg:5 names it by ca-"));
	assert_true(needs(discovery, "b.pem", "crl-file"));
	assert_false(needs(discovery, "c.pem", ""));
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
	discovery = load(state, text, "");
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
	write_text(state, "haproxy.cfg",
	    "frontend f\n bind :1 ssl crt /no/such/dir/x.pem\n");
	assert_int_equal(
	    discovery_load(&path, 1, "/no/such/dir/", "", &discovery, &err), 0);
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
	write_text(state, "list", text);
	free(text);
	discovery =
	    load(state, "frontend f\n bind :1 ssl crt-list %D/list\n", "");
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
	cmocka_unit_test_setup_teardown(name, setup, scratch_teardown)

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
	    TEST(what_haproxy_needs_to_start_is_known),
	    TEST(more_spellings_than_the_limit_are_an_error),
	    TEST(a_missing_directory_is_told_by_its_text),
	    TEST(thousands_of_entries_are_all_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
