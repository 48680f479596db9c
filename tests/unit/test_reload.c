/*
 * test_reload.c: the check, the master's answers from 2.4 to 3.x, and the wait
 * for the new worker, over a HAProxy of words only. The real one is in
 * tests/integration/test_reload.sh.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "haproxy/reload.h"
#include "haproxy/reload_part.h"
#include "tests/unit/fakeproxy.h"

/* `show proc` of 2.6, with the figures that move. */
#define PROC(reloads, failed, worker)                                          \
	"#<PID>          <type>          <reloads>       <uptime>        "     \
	"<version>      \n"                                                    \
	"100             master          " reloads " [failed: " failed "]   "  \
	"0d00h00m01s     2.6.12-1+deb12u4\n"                                   \
	"# workers\n" worker                                                   \
	"             worker          0               0d00h00m01s     "        \
	"2.6.12-1+deb12u4\n# programs\n\n"
#define UNKNOWN "Unknown command, but maybe one of the following ones is\n\n"
#define INFO_AT(pid, age)                                                      \
	"Name: HAProxy\nVersion: 2.6.12\nPid: " pid "\n"                       \
	"Uptime_sec: " age "\n\n"
#define INFO(pid) INFO_AT(pid, "29")

/* A probe of a worker's socket: two connections. */
#define PROBED_AT(pid, age)                                                    \
	{"@1 show info\n", UNKNOWN, FAKE_ANSWER, 0},                           \
	{                                                                      \
		"show info\n", INFO_AT(pid, age), FAKE_ANSWER, 0               \
	}
#define PROBED(pid) PROBED_AT(pid, "29")

struct site {
	struct conf conf;
	const char *config[3], *sockets[3], *command[3];
	struct process master, worker;
	struct err err;
	char text[2048];
};

static void
set_up(struct site *site, const struct fake *master, const struct fake *worker)
{
	memset(site, 0, sizeof(*site));
	site->conf.haproxy.master_socket = "";
	if (master != NULL) {
		site->master = fake_process(master);
		site->conf.haproxy.master_socket = site->master.peer.path;
	}
	if (worker != NULL) {
		site->worker = fake_process(worker);
		site->sockets[0] = site->worker.peer.path;
		site->conf.haproxy.sockets.count = 1;
	}
	site->conf.haproxy.sockets.items = site->sockets;
	site->conf.haproxy.reload_command.items = site->command;
}

static void
use_command(struct site *site, const char *program, const char *argument)
{
	site->command[0] = program;
	site->command[1] = argument;
	site->conf.haproxy.reload_command.count = argument == NULL ? 1 : 2;
}

static void
show_proc_of_all_versions_is_read(void **state)
{
	static const char proc_24[] =
	    "#<PID>          <type>          <relative PID>  <reloads>       "
	    "<uptime>        <version>      \n"
	    "10              master          0               7               "
	    "0d00h00m01s     2.4.0\n"
	    "# workers\n"
	    "11              worker          1               0               "
	    "0d00h00m01s     2.4.0\n"
	    "# old workers\n"
	    "9               worker          [was: 1]        1               "
	    "0d00h00m01s     2.4.0\n"
	    "# programs\n\n";
	struct reload_master master;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(
	    reload_master_parse(PROC("3", "2", "4711"), "m", &master, &err), 0);
	assert_int_equal(master.reloads, 3);
	assert_int_equal(master.failed, 2);
	assert_int_equal(master.worker_count, 1);
	assert_int_equal(master.workers[0], 4711);
	assert_int_equal(reload_master_parse(proc_24, "m", &master, &err), 0);
	assert_int_equal(master.reloads, 7);
	assert_int_equal(master.failed, -1);
	assert_int_equal(master.worker_count, 1);
	assert_int_equal(master.workers[0], 11);
	assert_int_equal(
	    reload_master_parse(INFO("1"), "m", &master, &err), ERR_SYNTAX);
	assert_int_equal(
	    reload_master_parse("", "m", &master, &err), ERR_SYNTAX);
}

static void
alerts_are_taken_out_of_the_log(void **state)
{
	static const char log[] =
	    "[NOTICE]   (1) : haproxy version is 2.6.12\n"
	    "[ALERT]    (1) : config : parsing [x:11] : unknown keyword 'y'\n"
	    "[WARNING]  (1) : config : no timeout\n"
	    "[ALERT]    (1) : config : second\n"
	    "[ALERT]    (1) : config : Error(s) found in configuration file\n"
	    "[ALERT]    (1) : config : Fatal errors found in configuration.\n";
	char text[256], small[24];

	(void)state;
	reload_alerts(log, text, sizeof(text));
	assert_string_equal(text,
	    "config : parsing [x:11] : unknown keyword 'y'; config : second");
	reload_alerts(log, small, sizeof(small));
	assert_true(strlen(small) < sizeof(small));
	assert_memory_equal(small, "config : parsing", 16);
	reload_alerts("one\nlast\n\n", text, sizeof(text));
	assert_string_equal(text, "last");
	reload_alerts("", text, sizeof(text));
	assert_string_equal(text, "");
}

/* A program in HAProxy's place that keeps its arguments and says `says`. */
static const char *
make_program(void **state, const char *name, const char *says, int status)
{
	const char *path = fake_file(state, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0700);

	assert_true(fd >= 0);
	assert_true(dprintf(fd,
			"#!/bin/sh\necho \"$@\" >'%s.argv'\n"
			"echo '%s' >&2\nexit %d\n",
			path, says, status) > 0);
	close(fd);
	return path;
}

static void
read_arguments(const char *program, char *text, size_t size)
{
	char path[512];
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), "%s.argv", program);
	fd = open(path, O_RDONLY);
	assert_true(fd >= 0);
	len = read(fd, text, size - 1);
	close(fd);
	assert_true(len > 0);
	text[len - 1] = '\0';
}

static void
the_check_gets_every_file_in_order(void **state)
{
	struct site site;

	set_up(&site, NULL, NULL);
	site.conf.haproxy.program = make_program(state, "haproxy", "fine", 0);
	site.config[0] = "/etc/b.cfg";
	site.config[1] = "/etc/a.cfg";
	site.conf.haproxy.config.items = site.config;
	site.conf.haproxy.config.count = 2;
	assert_int_equal(reload_check(&site.conf, &site.err), 0);
	read_arguments(site.conf.haproxy.program, site.text, sizeof(site.text));
	assert_string_equal(site.text, "-c -C / -f /etc/b.cfg -f /etc/a.cfg");
}

static void
a_failed_check_says_haproxys_alerts(void **state)
{
	struct site site;

	set_up(&site, NULL, NULL);
	site.conf.haproxy.program = make_program(
	    state, "haproxy", "[ALERT]    (1) : config : no such thing", 1);
	assert_int_equal(reload_check(&site.conf, &site.err), ERR_HAPROXY);
	assert_string_equal(site.err.detail, "config : no such thing");
	site.conf.haproxy.program = fake_file(state, "absent");
	assert_int_equal(reload_check(&site.conf, &site.err), ERR_NOENT);
}

static void
a_master_of_3_x_tells_at_once(void **state)
{
	static const struct fake_step good[] = {
	    {"show proc\n", PROC("0", "0", "11"), FAKE_ANSWER, 0},
	    {"reload\n", "Success=1\n--\n[NOTICE] (1) : fine\n", FAKE_ANSWER,
		0},
	};
	static const struct fake_step bad[] = {
	    {"show proc\n", PROC("1", "0", "12"), FAKE_ANSWER, 0},
	    {"reload\n",
		"Success=0\n--\n[NOTICE] (1) : x\n"
		"[ALERT]    (1) : config : broken\n",
		FAKE_ANSWER, 0},
	};
	static const struct fake_step steps[] = {
	    PROBED("11"), PROBED("11"), PROBED("12")};
	static const struct fake_step again[] = {PROBED("12")};
	struct fake *master = fake_start(state, good, 2);
	struct fake *worker = fake_start(state, steps, 6);
	struct site site;

	/* The first answer after it may still be the old worker's. */
	set_up(&site, master, worker);
	assert_int_equal(reload_run(&site.conf, &site.err), 0);
	fake_played(master);
	fake_played(worker);
	master = fake_start(state, bad, 2);
	worker = fake_start(state, again, 2);
	set_up(&site, master, worker);
	assert_int_equal(reload_run(&site.conf, &site.err), ERR_HAPROXY);
	assert_non_null(strstr(site.err.detail, "the old one goes on"));
	assert_non_null(strstr(site.err.detail, "config : broken"));
	fake_played(master);
	fake_played(worker);
}

static void
a_silent_master_of_2_6_is_watched(void **state)
{
	static const struct fake_step good[] = {
	    {"show proc\n", PROC("4", "0", "11"), FAKE_ANSWER, 0},
	    {"reload\n", "", FAKE_CLOSE, 0},
	    {"show proc\n", "", FAKE_CLOSE, 0},
	    {"show proc\n", PROC("4", "0", "11"), FAKE_ANSWER, 0},
	    {"show proc\n", PROC("5", "0", "12"), FAKE_ANSWER, 0},
	};
	static const struct fake_step bad[] = {
	    {"show proc\n", PROC("5", "1", "12"), FAKE_ANSWER, 0},
	    {"reload\n", "", FAKE_RESET, 0},
	    {"show proc\n", PROC("6", "2", "12"), FAKE_ANSWER, 0},
	};
	struct fake *master = fake_start(state, good, 5);
	struct site site;

	set_up(&site, master, NULL);
	assert_int_equal(reload_run(&site.conf, &site.err), 0);
	fake_played(master);
	master = fake_start(state, bad, 3);
	set_up(&site, master, NULL);
	assert_int_equal(reload_run(&site.conf, &site.err), ERR_HAPROXY);
	assert_non_null(strstr(site.err.detail, "did not start"));
	fake_played(master);
}

static void
the_command_serves_where_no_master_can(void **state)
{
	static const struct fake_step steps[] = {PROBED("11"), PROBED("12")};
	static const struct fake_step foreign[] = {
	    {"show proc\n", PROC("0", "0", "99"), FAKE_ANSWER, 0}};
	struct fake *worker = fake_start(state, steps, 4);
	struct fake *master;
	struct site site;

	set_up(&site, NULL, worker);
	use_command(&site, make_program(state, "reload", "", 0), "now");
	assert_int_equal(reload_run(&site.conf, &site.err), 0);
	read_arguments(site.command[0], site.text, sizeof(site.text));
	assert_string_equal(site.text, "now");
	fake_played(worker);
	/* A master that does not know this worker is not asked to reload. */
	worker = fake_start(state, steps, 4);
	master = fake_start(state, foreign, 1);
	set_up(&site, master, worker);
	use_command(&site, fake_file(state, "reload"), NULL);
	assert_int_equal(reload_run(&site.conf, &site.err), 0);
	fake_played(worker);
	fake_played(master);
}

static void
a_container_that_is_started_anew_has_the_same_pids(void **state)
{
	static const struct fake_step steps[] = {
	    PROBED_AT("8", "29"), PROBED_AT("8", "29"), PROBED_AT("8", "0")};
	struct fake *worker = fake_start(state, steps, 6);
	struct site site;

	set_up(&site, NULL, worker);
	use_command(&site, make_program(state, "reload", "", 0), NULL);
	assert_int_equal(reload_run(&site.conf, &site.err), 0);
	fake_played(worker);
}

static void
a_failed_command_says_its_words(void **state)
{
	static const struct fake_step steps[] = {PROBED("11")};
	struct fake *worker = fake_start(state, steps, 2);
	struct site site;

	set_up(&site, NULL, worker);
	use_command(
	    &site, make_program(state, "reload", "no such unit", 5), NULL);
	assert_int_equal(reload_run(&site.conf, &site.err), ERR_CHILD);
	assert_non_null(strstr(site.err.detail, "status 5: no such unit"));
	fake_played(worker);
}

static void
a_haproxy_that_is_not_there_is_down(void **state)
{
	struct site site;

	set_up(&site, NULL, NULL);
	site.conf.haproxy.master_socket = fake_file(state, "master");
	site.sockets[0] = fake_file(state, "worker");
	site.conf.haproxy.sockets.count = 1;
	assert_int_equal(reload_run(&site.conf, &site.err), ERR_DOWN);
	use_command(
	    &site, make_program(state, "reload", "not active", 1), NULL);
	assert_int_equal(reload_run(&site.conf, &site.err), ERR_DOWN);
	assert_non_null(strstr(site.err.detail, "not active"));
	/* One without any socket: the command is believed. */
	use_command(&site, make_program(state, "reload", "", 0), NULL);
	assert_int_equal(reload_run(&site.conf, &site.err), 0);
}

static void
reloads_are_waited_for_with_one_patience(void **state)
{
	int64_t patience_ms = 150, left_ms;
	struct site site;

	set_up(&site, NULL, NULL);
	/* As of 2.6 while it reloads: it is there, and nobody listens. */
	site.conf.haproxy.master_socket = make_program(state, "master", "", 0);
	reload_settle(&site.conf, &patience_ms);
	assert_true(patience_ms <= 0);
	left_ms = patience_ms;
	reload_settle(&site.conf, &patience_ms);
	assert_int_equal(patience_ms, left_ms);
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, fake_setup, fake_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(show_proc_of_all_versions_is_read),
	    cmocka_unit_test(alerts_are_taken_out_of_the_log),
	    TEST(the_check_gets_every_file_in_order),
	    TEST(a_failed_check_says_haproxys_alerts),
	    TEST(a_master_of_3_x_tells_at_once),
	    TEST(a_silent_master_of_2_6_is_watched),
	    TEST(the_command_serves_where_no_master_can),
	    TEST(a_container_that_is_started_anew_has_the_same_pids),
	    TEST(a_failed_command_says_its_words),
	    TEST(a_haproxy_that_is_not_there_is_down),
	    TEST(reloads_are_waited_for_with_one_patience),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
