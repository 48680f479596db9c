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
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fs.h"
#include "tests/unit/scratch.h"

#define WANTS "etc/systemd/system/timers.target.wants/"

static void
expect_from(void **state, const struct conf *conf, const char *engine,
    enum check_weight weight, const char *phrase)
{
	struct check check = {
	    .conf = conf,
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
expect_with(void **state, const char *engine, enum check_weight weight,
    const char *phrase)
{
	const struct conf conf = {.state_dir = "/nonexistent"};

	expect_from(state, &conf, engine, weight, phrase);
}

static void
expect_of(void **state, const struct conf *conf, enum check_weight weight,
    const char *phrase)
{
	expect_from(state, conf, "/usr/bin/certbot", weight, phrase);
}

static void
expect(void **state, enum check_weight weight, const char *phrase)
{
	expect_with(state, "/usr/bin/certbot", weight, phrase);
}

/* What Debian and `certhaul init` write: nothing where systemd runs. */
static const char guarded_certbot[] =
    "SHELL=/bin/sh\n"
    "0 */12 * * * root test -x /usr/bin/certbot -a \\! -d "
    "/run/systemd/system && certbot -q renew\n";
static const char guarded[] =
    "7 3,15 * * * root test ! -d /run/systemd/system -a -x "
    "/usr/bin/certhaul && /usr/bin/certhaul renew --quiet\n";
static const char unguarded[] =
    "7 3,15 * * * root test -x /usr/bin/certhaul && /usr/bin/certhaul renew\n";

static void
put(void **state, const char *file, const char *text)
{
	scratch_write(state, file, text, strlen(text), 0644);
}

static void
make_dirs(void **state, bool systemd)
{
	struct err err = ERR_INIT;

	assert_int_equal(
	    fs_mkdirs(scratch_path(state, "root/" WANTS), 0755, &err), 0);
	assert_int_equal(
	    fs_mkdirs(scratch_path(state, "root/etc/cron.d"), 0755, &err), 0);
	if (systemd)
		assert_int_equal(
		    fs_mkdirs(scratch_path(state, "root/run/systemd/system"),
			0755, &err),
		    0);
}

static void
each_timer_is_found(void **state)
{
	const char *link;

	expect(state, CHECK_BAD, "bad   timers            neither");
	make_dirs(state, true);
	expect(state, CHECK_BAD, "neither");

	/* What the package left behind when it was removed. */
	link = scratch_path(state, "root/" WANTS "certbot.timer");
	assert_int_equal(symlink("/nonexistent", link), 0);
	expect(state, CHECK_BAD, "neither");
	assert_int_equal(unlink(link), 0);

	put(state, "root/" WANTS "snap.certbot.renew.timer", "");
	expect(state, CHECK_HINT, "timers.target.wants/snap.certbot.renew");
	assert_int_equal(unlink(scratch_path(
			     state, "root/" WANTS "snap.certbot.renew.timer")),
	    0);
	put(state, "root/" WANTS "certbot.timer", "");
	expect(state, CHECK_HINT, "only certbot's: /etc/systemd");
	put(state, "root/etc/cron.d/certhaul", unguarded);
	expect(state, CHECK_GOOD,
	    "certhaul's: /etc/cron.d/certhaul, and certbot's own: /etc/");
	put(state, "root/" WANTS "certhaul.timer", "");
	expect(state, CHECK_GOOD, "certhaul's: /etc/systemd/");

	/* systemctl mask */
	link = scratch_path(state, "root/etc/systemd/system/certhaul.timer");
	assert_int_equal(symlink("/dev/null", link), 0);
	expect(state, CHECK_GOOD, "certhaul's: /etc/cron.d/certhaul");
}

static void
a_unit_is_nothing_without_systemd(void **state)
{
	make_dirs(state, false);
	put(state, "root/" WANTS "certbot.timer", "");
	put(state, "root/" WANTS "certhaul.timer", "");
	expect(state, CHECK_BAD, "neither");
	put(state, "root/etc/cron.d/certbot", guarded_certbot);
	expect(state, CHECK_HINT, "only certbot's: /etc/cron.d/certbot;");
	put(state, "root/etc/cron.d/certhaul", guarded);
	expect(state, CHECK_GOOD,
	    "certhaul's: /etc/cron.d/certhaul, and certbot's own: "
	    "/etc/cron.d/certbot");
}

static void
a_line_that_leaves_it_to_systemd_does_so(void **state)
{
	make_dirs(state, true);
	put(state, "root/etc/cron.d/certbot", guarded_certbot);
	put(state, "root/etc/cron.d/certhaul", guarded);
	expect(state, CHECK_BAD, "neither");
	put(state, "root/etc/cron.d/certhaul", unguarded);
	expect(state, CHECK_GOOD, "certhaul's: /etc/cron.d/certhaul");
}

static void
only_a_line_that_renews_counts(void **state)
{
	static const char *const rows[] = {
	    "",
	    "# 7 3,15 * * * root certhaul renew\n",
	    "MAILTO=renew@certhaul.example\n",
	    "7 3 * * * root certhaul status --prometheus >/x\n",
	    "7 3 * * * root /usr/local/bin/renew\n",
	};

	make_dirs(state, false);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		put(state, "root/etc/cron.d/certhaul", rows[i]);
		expect(state, CHECK_BAD, "neither");
	}
	put(state, "root/etc/cron.d/certhaul", "@daily root certhaul renew");
	expect(state, CHECK_GOOD, "certhaul's: /etc/cron.d/certhaul");
	put(state, "root/etc/cron.d/certhaul", "");
	put(state, "root/etc/crontab", "1 1 * * *\troot\tcertbot renew\n");
	expect(state, CHECK_HINT, "only certbot's: /etc/crontab;");
	/* A script has no times in front. */
	put(state, "root/etc/crontab", "");
	assert_int_equal(
	    mkdir(scratch_path(state, "root/etc/cron.daily"), 0755), 0);
	put(state, "root/etc/cron.daily/certbot",
	    "#!/bin/sh\n# certbot renew\n");
	expect(state, CHECK_BAD, "neither");
	put(state, "root/etc/cron.daily/certbot",
	    "#!/bin/sh\ncertbot -q renew\n");
	expect(state, CHECK_HINT, "only certbot's: /etc/cron.daily/certbot;");
}

/* certhaul.service closes out what snapd does; cron does not. */
static void
a_snap_needs_the_drop_in(void **state)
{
	static const char snap[] = "/snap/bin/certbot";
	static const char dir[] = "root/etc/systemd/system/certhaul.service.d";
	struct err err = ERR_INIT;
	const char *link;

	make_dirs(state, true);
	put(state, "root/etc/cron.d/certhaul", unguarded);
	expect_with(state, snap, CHECK_GOOD, "certhaul's: /etc/cron.d/");
	scratch_write(state, "root/" WANTS "certhaul.timer", "", 0, 0644);
	expect_with(state, snap, CHECK_BAD, "snap.conf");
	/* As certbot's instructions have it. */
	link = scratch_path(state, "certbot");
	assert_int_equal(symlink(snap, link), 0);
	expect_with(state, link, CHECK_BAD, "snap.conf");
	expect(state, CHECK_GOOD, "certhaul's: /etc/systemd/");
	assert_int_equal(fs_mkdirs(scratch_path(state, dir), 0755, &err), 0);
	scratch_write(state,
	    "root/etc/systemd/system/certhaul.service.d/snap.conf", "", 0,
	    0644);
	expect_with(state, snap, CHECK_GOOD, "certhaul's: /etc/systemd/");
}

/* What certhaul.conf names elsewhere is closed or hidden in the night. */
static void
walls_are_told_of(void **state)
{
	static const char dir[] = "root/etc/systemd/system/certhaul.service.d";
	static const char own[] =
	    "root/etc/systemd/system/certhaul.service.d/own.conf";
	const char *sockets[] = {"/tmp/haproxy.sock"};
	struct conf conf = {.state_dir = "/nonexistent"};
	struct err err = ERR_INIT;

	make_dirs(state, true);
	scratch_write(state, "root/" WANTS "certhaul.timer", "", 0, 0644);
	conf.haproxy.bundle_dir = "/etc/haproxy/ssl";
	conf.letsencrypt.config_dir = "/etc/letsencrypt";
	expect_of(state, &conf, CHECK_GOOD, "certhaul's: /etc/systemd/");
	conf.haproxy.bundle_dir = "/etc/haproxy-ssl";
	conf.letsencrypt.config_dir = "/usr/local/etc/certbot";
	expect_of(state, &conf, CHECK_BAD,
	    "ReadWritePaths=-/etc/haproxy-ssl -/usr/local/etc/certbot");
	conf.letsencrypt.config_dir = "/usr/local";
	expect_of(state, &conf, CHECK_BAD,
	    "ReadWritePaths=-/etc/haproxy-ssl /usr/local");
	conf.letsencrypt.config_dir = "/usr/local/etc/certbot";
	assert_int_equal(fs_mkdirs(scratch_path(state, dir), 0755, &err), 0);
	put(state, own,
	    "[Service]\nReadWritePaths=/usr/local/etc -/etc/haproxy-ssl\n");
	expect_of(state, &conf, CHECK_GOOD, "certhaul's: /etc/systemd/");
	put(state, own, "[Service]\nProtectSystem=no\n");
	expect_of(state, &conf, CHECK_GOOD, "certhaul's: /etc/systemd/");
	conf.haproxy.sockets.items = sockets;
	conf.haproxy.sockets.count = 1;
	expect_of(state, &conf, CHECK_BAD, "not see /tmp/haproxy.sock");
	put(state, own, "[Service]\nProtectSystem=no\nPrivateTmp=false\n");
	expect_of(state, &conf, CHECK_GOOD, "certhaul's: /etc/systemd/");
	put(state, own, "[Service]\nProtectSystem=no\n");
	expect_of(state, &conf, CHECK_BAD, "not see /tmp/haproxy.sock");
	sockets[0] = "/run/user/haproxy.sock";
	expect_of(state, &conf, CHECK_GOOD, "certhaul's: /etc/systemd/");
	put(state, own,
	    "[Service]\nProtectSystem=no\nProtectHome=tmpfs\n"
	    "ReadWritePaths=/run/user\n");
	expect_of(state, &conf, CHECK_BAD, "not see /run/user/haproxy.sock");
	sockets[0] = "/tmp/haproxy.sock";
	put(state, own, "[Service]\nProtectSystem=no\n");
	put(state, "root/etc/systemd/system/certhaul.service",
	    "[Service]\nExecStart=/usr/bin/certhaul renew\n");
	expect_of(state, &conf, CHECK_GOOD, "certhaul's: /etc/systemd/");
}

/* By systemd's rules for its files. */
static void
walls_are_read_as_systemd_does(void **state)
{
	static const char unit[] = "root/etc/systemd/system/certhaul.service";
	struct conf conf = {.state_dir = "/etc/certs"};

	make_dirs(state, true);
	scratch_write(state, "root/" WANTS "certhaul.timer", "", 0, 0644);
	conf.haproxy.bundle_dir = "/etc/certs-of-haproxy";
	conf.letsencrypt.config_dir = "/var/lib/le";
	put(state, unit, "[Service]\n ProtectSystem = full \n");
	expect_of(state, &conf, CHECK_BAD,
	    "ReadWritePaths=-/etc/certs-of-haproxy -/etc/certs");
	put(state, unit,
	    "[Service]\nProtectSystem=full\nReadWritePaths = /etc/certs "
	    "/etc/certs-of-haproxy\n");
	expect_of(state, &conf, CHECK_GOOD, "certhaul's: /etc/systemd/");
	conf.state_dir = "/var/lib/certs";
	put(state, unit,
	    "[Service]\nProtectSystem=strict\nStateDirectory=certs\n");
	expect_of(state, &conf, CHECK_BAD,
	    "ReadWritePaths=-/etc/certs-of-haproxy -/var/lib/le");
	put(state, unit,
	    "[Service]\nProtectSystem=strict\nStateDirectory=certs le\n"
	    "ReadWritePaths=/etc/certs-of-haproxy\n");
	expect_of(state, &conf, CHECK_GOOD, "certhaul's: /etc/systemd/");
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
	    cmocka_unit_test_setup_teardown(a_unit_is_nothing_without_systemd,
		scratch_setup, scratch_teardown),
	    cmocka_unit_test_setup_teardown(
		a_line_that_leaves_it_to_systemd_does_so, scratch_setup,
		scratch_teardown),
	    cmocka_unit_test_setup_teardown(only_a_line_that_renews_counts,
		scratch_setup, scratch_teardown),
	    cmocka_unit_test_setup_teardown(
		a_snap_needs_the_drop_in, scratch_setup, scratch_teardown),
	    cmocka_unit_test_setup_teardown(
		walls_are_told_of, scratch_setup, scratch_teardown),
	    cmocka_unit_test_setup_teardown(walls_are_read_as_systemd_does,
		scratch_setup, scratch_teardown),
	    cmocka_unit_test(a_list_names_a_few),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
