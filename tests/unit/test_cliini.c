/*
 * test_cliini.c: where the user's cli.ini is, by what environment.
 */
#include "cert/cliini.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include <pwd.h>
#include <unistd.h>

#include "base/limits.h"

static const char *xdg, *home;

static char *
environment(const char *name)
{
	if (strcmp(name, "XDG_CONFIG_HOME") == 0)
		return (char *)(uintptr_t)xdg;
	return strcmp(name, "HOME") == 0 ? (char *)(uintptr_t)home : NULL;
}

/* Wherever certbot looks: its ~ is Python's. */
static void
without_a_home_it_is_by_passwd(void **state)
{
	char path[LIMIT_PATH_BYTES], wanted[LIMIT_PATH_BYTES], space[4096];
	struct passwd *found = NULL, entry;

	(void)state;
	assert_int_equal(
	    getpwuid_r(getuid(), &entry, space, sizeof(space), &found), 0);
	if (found == NULL) {
		skip(); /* a user without an entry */
		return;
	}
	xdg = home = NULL;
	(void)snprintf(wanted, sizeof(wanted), "%s/.config/letsencrypt/cli.ini",
	    found->pw_dir);
	assert_true(cliini_path(environment, 0, path, sizeof(path)));
	assert_string_equal(path, wanted);
}

static void
the_environment_goes_before(void **state)
{
	char path[LIMIT_PATH_BYTES];

	(void)state;
	xdg = NULL;
	home = "/h";
	assert_true(cliini_path(environment, 0, path, sizeof(path)));
	assert_string_equal(path, "/h/.config/letsencrypt/cli.ini");
	xdg = "/x";
	assert_true(cliini_path(environment, 0, path, sizeof(path)));
	assert_string_equal(path, "/x/letsencrypt/cli.ini");
	assert_true(cliini_path(environment, 1, path, sizeof(path)));
	assert_string_equal(path, "/etc/letsencrypt/cli.ini");
	xdg = NULL;
	home = "";
	assert_false(cliini_path(environment, 0, path, sizeof(path)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(without_a_home_it_is_by_passwd),
	    cmocka_unit_test(the_environment_goes_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
