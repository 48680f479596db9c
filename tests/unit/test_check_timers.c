/*
 * test_check_timers.c: who starts a renewal in the night, by what is enabled.
 */
#include "wrapper/check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fs.h"
#include "tests/unit/scratch.h"

#define WANTS "etc/systemd/system/timers.target.wants/"

static void
expect_with(void **state, const char *engine, enum check_weight weight,
    const char *phrase)
{
	struct conf conf = {.state_dir = "/nonexistent"};
	struct check check = {
	    .conf = &conf,
	    .root = scratch_path(state, "root"),
	    .item = "timers",
	    .text = BUF_INIT(10000),
	};

	(void)snprintf(
	    check.engine.path, sizeof(check.engine.path), "%s", engine);
	check_timers(&check);
	assert_int_equal(check.rc, 0);
	for (int i = 0; i < CHECK_WEIGHTS; i++)
		assert_int_equal(check.counts[i], i == (int)weight);
	if (strstr(buf_text(&check.text), phrase) == NULL)
		assert_string_equal(buf_text(&check.text), phrase);
	buf_free(&check.text);
}

static void
expect(void **state, enum check_weight weight, const char *phrase)
{
	expect_with(state, "/usr/bin/certbot", weight, phrase);
}

static void
each_timer_is_found(void **state)
{
	struct err err = ERR_INIT;
	const char *link;

	expect(state, CHECK_BAD, "bad   timers            neither");
	assert_int_equal(
	    fs_mkdirs(scratch_path(state, "root/" WANTS), 0755, &err), 0);
	assert_int_equal(
	    fs_mkdirs(scratch_path(state, "root/etc/cron.d"), 0755, &err), 0);
	expect(state, CHECK_BAD, "neither");

	/* What the package left behind when it was removed. */
	link = scratch_path(state, "root/" WANTS "certbot.timer");
	assert_int_equal(symlink("/nonexistent", link), 0);
	expect(state, CHECK_BAD, "neither");
	assert_int_equal(unlink(link), 0);

	scratch_write(state, "root/" WANTS "certbot.timer", "", 0, 0644);
	expect(state, CHECK_HINT, "only certbot's: /etc/systemd");
	scratch_write(state, "root/etc/cron.d/certhaul", "", 0, 0644);
	expect(state, CHECK_GOOD,
	    "certhaul's: /etc/cron.d/certhaul, and certbot's own: /etc/");
	scratch_write(state, "root/" WANTS "certhaul.timer", "", 0, 0644);
	expect(state, CHECK_GOOD, "certhaul's: /etc/systemd/");
}

/* certhaul.service closes out what snapd does; cron does not. */
static void
a_snap_needs_the_drop_in(void **state)
{
	static const char snap[] = "/snap/bin/certbot";
	static const char dir[] = "root/etc/systemd/system/certhaul.service.d";
	struct err err = ERR_INIT;

	assert_int_equal(
	    fs_mkdirs(scratch_path(state, "root/" WANTS), 0755, &err), 0);
	assert_int_equal(
	    fs_mkdirs(scratch_path(state, "root/etc/cron.d"), 0755, &err), 0);
	scratch_write(state, "root/etc/cron.d/certhaul", "", 0, 0644);
	expect_with(state, snap, CHECK_GOOD, "certhaul's: /etc/cron.d/");
	scratch_write(state, "root/" WANTS "certhaul.timer", "", 0, 0644);
	expect_with(state, snap, CHECK_BAD, "snap.conf");
	expect(state, CHECK_GOOD, "certhaul's: /etc/systemd/");
	assert_int_equal(fs_mkdirs(scratch_path(state, dir), 0755, &err), 0);
	scratch_write(state,
	    "root/etc/systemd/system/certhaul.service.d/snap.conf", "", 0,
	    0644);
	expect_with(state, snap, CHECK_GOOD, "certhaul's: /etc/systemd/");
}

static void
a_list_names_a_few(void **state)
{
	struct check_list list = {.count = 0};

	(void)state;
	assert_string_equal(check_list_text(&list), "");
	check_list_add(&list, "a");
	check_list_add(&list, "b");
	assert_string_equal(check_list_text(&list), "a, b");
	for (int i = 0; i < 5; i++)
		check_list_add(&list, "c");
	assert_string_equal(check_list_text(&list), "a, b, c and 4 more");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		each_timer_is_found, scratch_setup, scratch_teardown),
	    cmocka_unit_test_setup_teardown(
		a_snap_needs_the_drop_in, scratch_setup, scratch_teardown),
	    cmocka_unit_test(a_list_names_a_few),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
