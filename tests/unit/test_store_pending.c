/*
 * test_store_pending.c: an order under way is read back as it was kept, by
 * nobody else, and what is not whole is no order.
 */
#include "acme/store.h"

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

#define DIGEST                                                                 \
	"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define HEAD "certhaul-pending 1\n"
#define SOUND                                                                  \
	HEAD                                                                   \
	    "order https://ca/o\nserver https://ca/d\naccount \nnames " DIGEST \
	    "\nbegun 5\nKEY\n"

static const char name[] = "a.example";

static struct store_dirs
dirs_of(void **state)
{
	struct store_dirs dirs = {*state, *state, *state};

	return dirs;
}

static struct store_pending
sound(void)
{
	struct store_pending pending = {.order_url = "https://ca/order/1",
	    .server = "https://ca/dir",
	    .account_url = "https://ca/acct/1",
	    .wish_digest = DIGEST,
	    .begun_s = 1700000000,
	    .without = BUF_INIT(LIMIT_PEM_FILE_BYTES),
	    .key = BUF_SECRET(LIMIT_PEM_FILE_BYTES)};
	struct err err = ERR_INIT;

	assert_int_equal(buf_puts(&pending.key, "-----KEY\nx\n", &err), 0);
	return pending;
}

static void
it_is_read_as_it_was_kept(void **state)
{
	const struct store_dirs dirs = dirs_of(state);
	struct store_pending pending = sound(), again;
	struct err err = ERR_INIT;
	struct stat st;

	assert_int_equal(
	    store_pending_read(&dirs, name, &again, &err), ERR_NOENT);
	assert_int_equal(store_pending_remove(&dirs, name, &err), 0);
	assert_int_equal(store_pending_write(&dirs, name, &pending, &err), 0);
	/* The key is kept first, the order's URL when it is known. */
	pending.order_url[0] = '\0';
	pending.failures = 2;
	pending.reused = true;
	pending.replaced_s = 1600000000;
	(void)snprintf(
	    pending.live, sizeof(pending.live), "%s", "0A CN=x, O=y");
	(void)snprintf(pending.got, sizeof(pending.got), "%s", "0B CN=x, O=y");
	assert_int_equal(
	    buf_puts(&pending.without, "b.example c.example", &err), 0);
	assert_int_equal(store_pending_write(&dirs, name, &pending, &err), 0);
	assert_int_equal(store_pending_read(&dirs, name, &again, &err), 0);
	assert_string_equal(buf_text(&again.without), "b.example c.example");
	assert_string_equal(again.order_url, "");
	assert_int_equal(again.failures, 2);
	assert_true(again.reused);
	assert_int_equal(again.replaced_s, 1600000000);
	assert_string_equal(again.live, "0A CN=x, O=y");
	assert_string_equal(again.got, "0B CN=x, O=y");
	assert_string_equal(again.server, pending.server);
	assert_string_equal(again.account_url, pending.account_url);
	assert_string_equal(again.wish_digest, DIGEST);
	assert_int_equal(again.begun_s, 1700000000);
	assert_string_equal(buf_text(&again.key), "-----KEY\nx\n");
	assert_true(again.key.secret);
	assert_int_equal(stat(scratch_path(state, "certhaul"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_int_equal(
	    stat(scratch_path(state, "certhaul/a.example.order"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(store_pending_remove(&dirs, name, &err), 0);
	assert_int_equal(
	    store_pending_read(&dirs, name, &again, &err), ERR_NOENT);
	store_pending_free(&again);
	store_pending_free(&pending);
}

/* Whatever becomes of the lineage: neither order nor key can come back. */
static void
what_is_stored_is_only_owed(void **state)
{
	const struct store_dirs dirs = dirs_of(state);
	struct store_pending pending = sound(), again;
	struct err err = ERR_INIT;

	assert_int_equal(store_pending_stored(&dirs, name, &err), 0);
	(void)snprintf(pending.got, sizeof(pending.got), "%s", "0B CN=x, O=y");
	assert_false(store_pending_is_debt(&pending));
	assert_int_equal(store_pending_write(&dirs, name, &pending, &err), 0);
	store_pending_sweep(&dirs, pending.begun_s);
	assert_int_equal(store_pending_stored(&dirs, name, &err), 0);
	assert_int_equal(store_pending_read(&dirs, name, &again, &err), 0);
	assert_true(store_pending_is_debt(&again));
	assert_string_equal(again.order_url, "");
	assert_int_equal(again.key.len, 0);
	assert_string_equal(again.got, "0B CN=x, O=y");
	/* There is no lineage that hooks could be run for. */
	store_pending_sweep(&dirs, pending.begun_s);
	assert_int_equal(
	    store_pending_read(&dirs, name, &again, &err), ERR_NOENT);
	store_pending_free(&again);
	store_pending_free(&pending);
}

static void
an_order_comes_before_its_key(void **state)
{
	const struct store_dirs dirs = dirs_of(state);
	struct store_pending pending = sound(), again;
	struct err err = ERR_INIT;

	buf_free(&pending.key);
	assert_int_equal(store_pending_write(&dirs, name, &pending, &err), 0);
	assert_int_equal(store_pending_read(&dirs, name, &again, &err), 0);
	assert_string_equal(again.order_url, pending.order_url);
	assert_int_equal(again.key.len, 0);
	store_pending_free(&again);
}

static void
what_is_no_order_is_not_kept(void **state)
{
	const struct store_dirs dirs = dirs_of(state);
	struct store_pending pending = sound();
	struct err err = ERR_INIT;

	assert_int_equal(
	    store_pending_write(&dirs, "../x", &pending, &err), ERR_USAGE);
	memcpy(pending.order_url, "https://ca/\nserver x", 20);
	assert_int_equal(
	    store_pending_write(&dirs, name, &pending, &err), ERR_USAGE);
	memcpy(pending.order_url, "http://ca", 10); /* not here */
	assert_int_equal(
	    store_pending_write(&dirs, name, &pending, &err), ERR_USAGE);
	pending.order_url[0] = '\0';
	(void)snprintf(
	    pending.live, sizeof(pending.live), "%s", "0A CN=x\nKEY");
	assert_int_equal(
	    store_pending_write(&dirs, name, &pending, &err), ERR_USAGE);
	pending.live[0] = '\0';
	(void)snprintf(pending.got, sizeof(pending.got), "%s", "0B CN=x\nKEY");
	assert_int_equal(
	    store_pending_write(&dirs, name, &pending, &err), ERR_USAGE);
	pending.got[0] = '\0';
	pending.wish_digest[0] = 'X';
	assert_int_equal(
	    store_pending_write(&dirs, name, &pending, &err), ERR_USAGE);
	assert_int_not_equal(
	    access(scratch_path(state, "certhaul/a.example.order"), F_OK), 0);
	store_pending_free(&pending);
}

static const char *const broken[] = {"", "certhaul-pending 3\n", HEAD,
    HEAD "order https://ca/o\n",
    HEAD "order x\nserver https://ca/d\n"
	 "account \nnames " DIGEST "\nbegun 5\nKEY\n",
    HEAD "order \nserver \naccount \nnames " DIGEST "\nbegun 5\nKEY\n",
    HEAD "order \nserver https://ca/d\naccount \nnames 12\nbegun 5\nKEY\n",
    HEAD "order \nserver https://ca/d\naccount \nnames " DIGEST
	 "\nbegun -5\nKEY\n",
    HEAD "order \nserver https://ca/d\naccount \nnames " DIGEST
	 "\nbegun 5x\nKEY\n",
    HEAD "order \nserver https://ca/d\naccount \nnames " DIGEST
	 "\nbegun 99999999999999999999\nKEY\n",
    HEAD "order \nserver https://ca/d\naccount \nnames " DIGEST
	 "\nbegun 5\nfailures -1\nKEY\n",
    HEAD "order \nserver https://ca/d\naccount \nnames " DIGEST
	 "\nbegun 5\nfailures 5000000000\nKEY\n",
    HEAD "order \nserver https://ca/d\naccount \nnames " DIGEST
	 "\nbegun 5\nreplaced -1\nKEY\n",
    HEAD "server https://ca/d\norder \n"};

static void
what_is_not_whole_is_no_order(void **state)
{
	const struct store_dirs dirs = dirs_of(state);
	const char file[] = "certhaul/a.example.order";
	struct store_pending read;
	struct err err = ERR_INIT;

	assert_int_equal(mkdir(scratch_path(state, "certhaul"), 0700), 0);
	scratch_write(state, file, SOUND, strlen(SOUND), 0600);
	assert_int_equal(store_pending_read(&dirs, name, &read, &err), 0);
	assert_int_equal(read.failures, 0);
	assert_string_equal(read.live, "");
	store_pending_free(&read);
	for (size_t i = 0; i < COUNT_OF(broken); i++) {
		scratch_write(state, file, broken[i], strlen(broken[i]), 0600);
		if (store_pending_read(&dirs, name, &read, &err) != ERR_SYNTAX)
			fail_msg("was read: %s", broken[i]);
	}
	scratch_write(state, file, SOUND "\0x", sizeof(SOUND) + 1, 0600);
	assert_int_equal(
	    store_pending_read(&dirs, name, &read, &err), ERR_SYNTAX);
	scratch_write(state, file, SOUND, strlen(SOUND), 0666);
	assert_int_equal(chmod(scratch_path(state, file), 0666), 0);
	assert_int_equal(
	    store_pending_read(&dirs, name, &read, &err), ERR_UNSAFE);
	assert_int_equal(unlink(scratch_path(state, file)), 0);
	assert_int_equal(symlink("x", scratch_path(state, file)), 0);
	assert_int_equal(
	    store_pending_read(&dirs, name, &read, &err), ERR_UNSAFE);
}

#define SCRATCH(test)                                                          \
	cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    SCRATCH(it_is_read_as_it_was_kept),
	    SCRATCH(what_is_stored_is_only_owed),
	    SCRATCH(an_order_comes_before_its_key),
	    SCRATCH(what_is_no_order_is_not_kept),
	    SCRATCH(what_is_not_whole_is_no_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
