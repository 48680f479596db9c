/*
 * test_logfile.c: the log is certbot's: its name, its mode, its rotation.
 */
#include "acme/logfile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <limits.h>
#include <regex.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/scratch.h"

static void
run(void **state, long backups, const char *text)
{
	struct logfile *log = NULL;
	struct err err = ERR_INIT;

	assert_int_equal(logfile_open(*state, backups, &log, &err), 0);
	logfile_say(log, "INFO", "%s", text);
	logfile_close(log);
}

static void
holds(void **state, const char *name, const char *pattern)
{
	char text[4096] = "";
	FILE *file = fopen(scratch_path(state, name), "r");
	regex_t regex;

	assert_non_null(file);
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	(void)fclose(file);
	assert_int_equal(regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB), 0);
	if (regexec(&regex, text, 0, NULL, 0) != 0)
		fail_msg("%s holds: %s", name, text);
	regfree(&regex);
}

#define LINE                                                                   \
	"20[0-9]{2}-[01][0-9]-[0-3][0-9] [0-2][0-9]:[0-5][0-9]:[0-5][0-9],"    \
	"[0-9]{3}:INFO:certhaul-acme:"

static void
one_line_is_one_line(void **state)
{
	struct stat st;

	run(state, 10, "a\nb\033[1m -----BEGIN PRIVATE KEY-----\nx");
	holds(state, "letsencrypt.log", "^" LINE "a b \\[1m \\[key\\]\n$");
	assert_int_equal(stat(scratch_path(state, "letsencrypt.log"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0644);
	logfile_say(NULL, "INFO", "nothing");
	logfile_close(NULL);
}

static void
each_run_has_its_own_and_the_oldest_goes(void **state)
{
	run(state, 2, "1");
	run(state, 2, "2");
	run(state, 2, "3");
	run(state, 2, "4");
	holds(state, "letsencrypt.log", "^" LINE "4\n$");
	holds(state, "letsencrypt.log.1", "^" LINE "3\n$");
	holds(state, "letsencrypt.log.2", "^" LINE "2\n$");
	assert_int_not_equal(
	    access(scratch_path(state, "letsencrypt.log.3"), F_OK), 0);
}

/* However many are to be kept, and whatever else is there. */
static void
as_many_as_there_are_are_rotated(void **state)
{
	static const char *const others[] = {"letsencrypt.log.0",
	    "letsencrypt.log.1x", "letsencrypt.log.01", "letsencrypt.log.",
	    "letsencrypt.log.99999999999999999999"};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		scratch_write(state, others[i], "other", 5, 0644);
	scratch_write(state, "letsencrypt.log.1200", "1200", 4, 0644);
	scratch_write(state, "letsencrypt.log.1201", "1201", 4, 0644);
	scratch_write(state, "letsencrypt.log.4999", "4999", 4, 0644);
	scratch_write(state, "letsencrypt.log.5000", "5000", 4, 0644);
	scratch_write(state, "letsencrypt.log.5001", "5001", 4, 0644);
	run(state, 5000, "1");
	holds(state, "letsencrypt.log.1201", "^1200$");
	holds(state, "letsencrypt.log.1202", "^1201$");
	holds(state, "letsencrypt.log.5000", "^4999$");
	holds(state, "letsencrypt.log.5001", "^5001$");
	run(state, INT_MAX, "2");
	holds(state, "letsencrypt.log.1", "^" LINE "1\n$");
	holds(state, "letsencrypt.log.5001", "^4999$");
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		holds(state, others[i], "^other$");
}

static void
without_backups_it_is_appended_to(void **state)
{
	run(state, 0, "1");
	run(state, 0, "2");
	holds(state, "letsencrypt.log", "^" LINE "1\n" LINE "2\n$");
	assert_int_not_equal(
	    access(scratch_path(state, "letsencrypt.log.1"), F_OK), 0);
}

static void
what_cannot_be_is_refused(void **state)
{
	struct logfile *log = NULL;
	struct err err = ERR_INIT;

	assert_int_equal(logfile_open(*state, -1, &log, &err), ERR_USAGE);
	assert_int_equal(
	    symlink("elsewhere", scratch_path(state, "letsencrypt.log")), 0);
	assert_int_not_equal(logfile_open(*state, 0, &log, &err), 0);
	assert_int_not_equal(access(scratch_path(state, "elsewhere"), F_OK), 0);
	assert_null(log);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		one_line_is_one_line, scratch_setup, scratch_teardown),
	    cmocka_unit_test_setup_teardown(
		each_run_has_its_own_and_the_oldest_goes, scratch_setup,
		scratch_teardown),
	    cmocka_unit_test_setup_teardown(as_many_as_there_are_are_rotated,
		scratch_setup, scratch_teardown),
	    cmocka_unit_test_setup_teardown(without_backups_it_is_appended_to,
		scratch_setup, scratch_teardown),
	    cmocka_unit_test_setup_teardown(
		what_cannot_be_is_refused, scratch_setup, scratch_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
