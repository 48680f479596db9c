/*
 * test_accounts.c: certbot's accounts: where they are, which is taken, and what
 * is refused. Against certbot itself: test_acme_store.sh.
 */
#include "acme/accounts.h"

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

static const char server[] = "https://ca.example:14000/a/dir";

static void
add(void **state, const char *at, const char *url, char *ret_id)
{
	struct accounts_entry entry = {.key = NULL};
	struct err err = ERR_INIT;

	assert_int_equal(jws_key_make("P-256", &entry.key, &err), 0);
	assert_int_equal(accounts_create(*state, at, &entry, &err), 0);
	if (url != NULL)
		assert_int_equal(
		    accounts_set_url(*state, at, &entry, url, &err), 0);
	memcpy(ret_id, entry.id, sizeof(entry.id));
	accounts_entry_free(&entry);
}

static void
a_servers_url_is_a_directory(void **state)
{
	static const char *const wrong[] = {"", "x", "https://", "https:///x",
	    "://x", "https://a/../b", "https://../x", "https://a/./b",
	    "https://a/b?c", "https://a/b#c", "https://a b/", "https://a/\n",
	    "https://a\\b"};
	char path[LIMIT_PATH_BYTES];
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(
	    accounts_dir("/le", server, path, sizeof(path), &err), 0);
	assert_string_equal(path, "/le/accounts/ca.example:14000/a/dir");
	assert_int_equal(
	    accounts_dir("/le", "https://ca/d/", path, sizeof(path), &err), 0);
	assert_string_equal(path, "/le/accounts/ca/d");
	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		if (accounts_dir("/le", wrong[i], path, sizeof(path), &err) !=
		    ERR_USAGE)
			fail_msg("was taken: %s", wrong[i]);
	}
	assert_int_equal(
	    accounts_dir("/le", server, path, 10, &err), ERR_LIMIT);
}

static void
the_only_account_is_taken(void **state)
{
	struct accounts_entry entry;
	char first[33], second[33], third[33];
	struct err err = ERR_INIT;

	assert_int_equal(
	    accounts_read(*state, server, NULL, &entry, &err), ERR_NOENT);
	/* One that no CA has been told of yet will do ... */
	add(state, server, NULL, first);
	assert_int_equal(accounts_read(*state, server, NULL, &entry, &err), 0);
	assert_string_equal(entry.id, first);
	assert_string_equal(entry.url, "");
	assert_int_equal(strlen(entry.created), strlen("2026-01-01T00:00:00Z"));
	assert_true(entry.host[0] != '\0');
	accounts_entry_free(&entry);
	/* ... but not beside one that a CA knows. */
	add(state, server, "https://ca.example/1", second);
	assert_int_equal(accounts_read(*state, server, NULL, &entry, &err), 0);
	assert_string_equal(entry.id, second);
	assert_string_equal(entry.url, "https://ca.example/1");
	accounts_entry_free(&entry);
	add(state, server, "https://ca.example/2", third);
	assert_int_equal(
	    accounts_read(*state, server, NULL, &entry, &err), ERR_USAGE);
	assert_non_null(strstr(err.detail, second));
	assert_non_null(strstr(err.detail, third));
	assert_int_equal(accounts_read(*state, server, first, &entry, &err), 0);
	accounts_entry_free(&entry);
	assert_int_equal(accounts_remove(*state, server, third, &err), 0);
	assert_int_equal(
	    accounts_remove(*state, server, third, &err), ERR_NOENT);
	assert_int_equal(
	    accounts_remove(*state, server, "../dir", &err), ERR_NOENT);
	assert_int_equal(accounts_remove(*state, server, "", &err), ERR_NOENT);
	assert_int_equal(accounts_read(*state, server, NULL, &entry, &err), 0);
	accounts_entry_free(&entry);
	assert_int_equal(
	    accounts_read(*state, server, "../../x", &entry, &err), ERR_USAGE);
	assert_int_equal(
	    accounts_read(*state, server, third, &entry, &err), ERR_NOENT);
}

/* As certbot has it, of accounts from the days of the first protocol. */
static void
an_earlier_servers_accounts_are_taken(void **state)
{
	static const char first[] = "https://acme-v01.api.letsencrypt.org/"
				    "directory",
			  second[] = "https://acme-v02.api.letsencrypt.org/"
				     "directory",
			  staging[] = "https://acme-staging-v02.api.letsencrypt"
				      ".org/directory";
	struct accounts_entry entry = {.key = NULL};
	char old[33], own[33], path[LIMIT_PATH_BYTES];
	struct err err = ERR_INIT;

	add(state, first, "https://ca.example/1", old);
	assert_int_equal(
	    accounts_read(*state, staging, old, &entry, &err), ERR_NOENT);
	assert_int_equal(
	    accounts_read(*state, staging, NULL, &entry, &err), ERR_NOENT);
	assert_int_equal(accounts_read(*state, second, NULL, &entry, &err), 0);
	assert_string_equal(entry.id, old);
	accounts_entry_free(&entry);
	/* Nothing was written for that. */
	assert_int_equal(
	    accounts_dir(*state, second, path, sizeof(path), &err), 0);
	assert_int_equal(access(path, F_OK), -1);
	/* Beside one of its own, it goes by its name alone. */
	add(state, second, "https://ca.example/2", own);
	assert_int_equal(accounts_read(*state, second, NULL, &entry, &err), 0);
	assert_string_equal(entry.id, own);
	accounts_entry_free(&entry);
	assert_int_equal(accounts_read(*state, second, old, &entry, &err), 0);
	assert_string_equal(entry.url, "https://ca.example/1");
	accounts_entry_free(&entry);
	assert_int_equal(accounts_remove(*state, second, old, &err), 0);
	assert_int_equal(
	    accounts_read(*state, first, old, &entry, &err), ERR_NOENT);
}

/* Overwrites a file of the account and reads that. */
static int
with(void **state, const char *id, const char *file, const char *text,
    unsigned mode, struct err *err)
{
	struct accounts_entry entry = {.key = NULL};
	char name[256];
	int rc;

	(void)snprintf(name, sizeof(name),
	    "accounts/ca.example:14000/a/dir/%s/%s", id, file);
	(void)unlink(scratch_path(state, name));
	scratch_write(state, name, text, strlen(text), mode);
	assert_int_equal(chmod(scratch_path(state, name), mode), 0);
	rc = accounts_read(*state, server, id, &entry, err);
	accounts_entry_free(&entry);
	return rc;
}

static void
what_is_no_account_is_named(void **state)
{
	struct err err = ERR_INIT;
	char id[33];

	add(state, server, "https://ca.example/1", id);
	assert_int_equal(
	    with(state, id, "regr.json", "{", 0644, &err), ERR_SYNTAX);
	assert_non_null(strstr(err.on, "regr.json"));
	assert_int_equal(
	    with(state, id, "regr.json",
		"{\"body\": {}, \"uri\": \"http://x/\"}", 0644, &err),
	    ERR_SYNTAX);
	assert_int_equal(
	    with(state, id, "regr.json",
		"{\"body\": {}, \"uri\": \"https://x/\"}", 0644, &err),
	    0);
	assert_int_equal(
	    with(state, id, "meta.json", "[]", 0644, &err), ERR_SYNTAX);
	assert_int_equal(with(state, id, "meta.json", "{}", 0644, &err), 0);
	assert_int_equal(
	    with(state, id, "private_key.json", "{}", 0400, &err), ERR_SYNTAX);
	assert_non_null(strstr(err.on, "private_key.json"));
	assert_int_equal(
	    with(state, id, "private_key.json", "{}", 0666, &err), ERR_UNSAFE);
}

#define SCRATCH(test)                                                          \
	cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    SCRATCH(a_servers_url_is_a_directory),
	    SCRATCH(the_only_account_is_taken),
	    SCRATCH(an_earlier_servers_accounts_are_taken),
	    SCRATCH(what_is_no_account_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
