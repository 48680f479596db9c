/*
 * test_hooks.c: hooks run in certbot's order, as often as with certbot, with
 * its environment, and what they say is told as certbot tells it.
 */
#include "acme/hooks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "tests/unit/scratch.h"

/* What was said: each line with its level's letter in front. */
static char said[32 * 1024];
static struct hooks *hooks;

static void
say(void *context, enum hooks_level level, const char *line)
{
	static const char letters[] = "inw";

	(void)context;
	(void)snprintf(said + strlen(said), sizeof(said) - strlen(said),
	    "%c:%s\n", letters[level], line);
}

static void
start(void **state, bool directory, bool run_deploy)
{
	const struct hooks_policy policy = {.config_dir = *state,
	    .directory = directory,
	    .run_deploy_hooks = run_deploy,
	    .say = say};
	struct err err = ERR_INIT;

	hooks_free(hooks);
	assert_int_equal(hooks_new(&policy, &hooks, &err), 0);
	said[0] = '\0';
}

/* A script in renewal-hooks/ that appends `text` to the file "ran". */
static void
add_hook(void **state, const char *name, const char *text, unsigned mode)
{
	char script[512];

	(void)snprintf(script, sizeof(script),
	    "#!/bin/sh\nprintf '%%s\\n' \"%s\" >>'%s'\n", text,
	    scratch_path(state, "ran"));
	scratch_write(state, name, script, strlen(script), mode);
}

static void
ran(void **state, const char *wanted)
{
	char text[4096] = "";
	FILE *file = fopen(scratch_path(state, "ran"), "r");
	size_t len = file == NULL ? 0 : fread(text, 1, 4095, file);

	text[len] = '\0';
	if (file != NULL)
		(void)fclose(file);
	(void)unlink(scratch_path(state, "ran"));
	assert_string_equal(text, wanted);
}

static int
setup(void **state)
{
	static const char *const folders[] = {"renewal-hooks",
	    "renewal-hooks/pre", "renewal-hooks/deploy", "renewal-hooks/post"};
	int rc = scratch_setup(state);

	for (size_t i = 0; rc == 0 && i < COUNT_OF(folders); i++)
		rc = mkdir(scratch_path(state, folders[i]), 0755);
	return rc;
}

static int
teardown(void **state)
{
	hooks_free(hooks);
	hooks = NULL;
	return scratch_teardown(state);
}

static void
what_it_says_is_shown_as_certbot_shows_it(void **state)
{
	struct err err = ERR_INIT;

	start(state, false, false);
	assert_int_equal(
	    hooks_pre(
		hooks, "printf ' a\\n\\nb \\n'; echo e >&2; exit 3", &err),
	    0);
	assert_string_equal(said,
	    "i:Running pre-hook command: printf ' a\\n\\nb \\n'; echo e >&2; "
	    "exit 3\n"
	    "w:Hook 'pre-hook' reported error code 3\n"
	    "n:Hook 'pre-hook' ran with output:\nn: a\nn:\nn: b\n"
	    "w:Hook 'pre-hook' ran with error output:\nw: e\n");
	start(state, false, false);
	assert_int_equal(hooks_pre(hooks, "kill -9 $$", &err), 0);
	assert_non_null(strstr(said, "reported error code -9\n"));
	assert_int_equal(hooks_pre(hooks, "printf '\\377\\033[1m'", &err), 0);
	assert_non_null(strstr(said, "n: ? [1m\n"));
	assert_int_equal(
	    hooks_pre(hooks, "head -c 200000 /dev/zero | tr '\\0' x", &err), 0);
	assert_non_null(strstr(said, "said more than 130000 bytes"));
}

static void
the_directory_comes_first_and_in_order(void **state)
{
	struct err err = ERR_INIT;

	add_hook(state, "renewal-hooks/pre/b", "b", 0755);
	add_hook(state, "renewal-hooks/pre/B", "B", 0755);
	add_hook(state, "renewal-hooks/pre/.dot", "dot", 0755);
	add_hook(state, "renewal-hooks/pre/a~", "backup", 0755);
	add_hook(state, "renewal-hooks/pre/c", "no right", 0644);
	assert_int_equal(
	    mkdir(scratch_path(state, "renewal-hooks/pre/d"), 0755), 0);
	start(state, true, false);
	assert_int_equal(hooks_pre(hooks, "echo cmd >>\"$PWD\"/x", &err), 0);
	assert_int_equal(unlink("x"), 0);
	ran(state, "dot\nB\nb\n");
	/* Once a process. */
	said[0] = '\0';
	assert_int_equal(hooks_pre(hooks, NULL, &err), 0);
	ran(state, "");
	assert_non_null(
	    strstr(said, "i:Pre-hook command already run, skipping: "));
	start(state, false, false);
	assert_int_equal(hooks_pre(hooks, NULL, &err), 0);
	ran(state, "");
}

static void
a_directory_hook_that_is_the_command_is_run_once(void **state)
{
	const char *const names[] = {"a.example", "*.a.example"};
	char path[LIMIT_PATH_BYTES];
	struct err err = ERR_INIT;

	add_hook(state, "renewal-hooks/deploy/x",
	    "$RENEWED_LINEAGE $RENEWED_DOMAINS", 0755);
	(void)snprintf(path, sizeof(path), "%s/renewal-hooks/deploy/x",
	    (const char *)*state);
	start(state, true, false);
	assert_int_equal(
	    hooks_deploy(hooks, path, "/le/live/a", names, 2, false, &err), 0);
	ran(state, "/le/live/a a.example *.a.example\n");
	assert_non_null(strstr(said, "i:Skipping deploy-hook '"));
	/* But once for each lineage. */
	assert_int_equal(
	    hooks_deploy(hooks, path, "/le/live/b", names, 1, false, &err), 0);
	ran(state, "/le/live/b a.example\n");
}

static void
it_is_known_before_whether_one_would_run(void **state)
{
	const struct {
		const char *command;
		bool directory, wanted;
	} rows[] = {{NULL, true, true}, {NULL, false, false},
	    {"", false, false}, {"true", false, true}};
	struct err err = ERR_INIT;

	add_hook(state, "renewal-hooks/deploy/x", "x", 0755);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		bool any = !rows[i].wanted;

		start(state, rows[i].directory, false);
		assert_int_equal(
		    hooks_has_deploy(hooks, rows[i].command, &any, &err), 0);
		assert_int_equal(any, rows[i].wanted);
	}
	ran(state, "");
	assert_string_equal(said, "");
}

static void
a_dry_run_deploys_only_where_it_is_asked_to(void **state)
{
	const char *const names[] = {"a.example"};
	struct err err = ERR_INIT;

	add_hook(state, "renewal-hooks/deploy/x", "$RENEWED_LINEAGE", 0755);
	start(state, true, false);
	assert_int_equal(
	    hooks_deploy(hooks, NULL, "/le/live/a", names, 1, true, &err), 0);
	ran(state, "");
	assert_non_null(
	    strstr(said, "i:Dry run: skipping deploy hook command: "));
	start(state, true, true);
	assert_int_equal(
	    hooks_deploy(hooks, NULL, "/le/live/a", names, 1, true, &err), 0);
	ran(state, "/le/live/a\n");
}

static void
post_waits_for_the_end_of_renew(void **state)
{
	const char *const names[] = {"a.example"};
	struct err err = ERR_INIT;

	add_hook(state, "renewal-hooks/post/x",
	    "$RENEWED_DOMAINS|$FAILED_DOMAINS|$RENEWED_LINEAGE", 0755);
	start(state, true, false);
	assert_int_equal(hooks_post(hooks, "true", true, "", &err), 0);
	assert_int_equal(hooks_post(hooks, "true", true, "", &err), 0);
	ran(state, "");
	assert_string_equal(said, "");
	assert_int_equal(
	    hooks_deploy(hooks, "true", "/le/live/a", names, 1, false, &err),
	    0);
	assert_int_equal(hooks_flush(hooks, "a.example", "b.example", &err), 0);
	/* certbot's environment keeps the last lineage. */
	ran(state, "a.example|b.example|/le/live/a\n");
	said[0] = '\0';
	assert_int_equal(hooks_flush(hooks, "", "", &err), 0);
	assert_string_equal(said, "");
	/* certonly: at once. */
	assert_int_equal(hooks_post(hooks, NULL, false, "c.example", &err), 0);
	ran(state, "c.example||/le/live/a\n");
}

static void
long_lists_of_names_are_cut_between_two(void **state)
{
	static char names[40 * 1000];
	struct err err = ERR_INIT;

	while (strlen(names) + 16 < sizeof(names))
		memcpy(names + strlen(names), " 0123456.example",
		    sizeof(" 0123456.example"));
	start(state, false, false);
	assert_int_equal(hooks_post(hooks,
			     "echo ${#RENEWED_DOMAINS} ${#FAILED_DOMAINS}; "
			     "echo \"$FAILED_DOMAINS\" | tail -c 9",
			     true, "", &err),
	    0);
	assert_int_equal(hooks_flush(hooks, "a", names + 1, &err), 0);
	assert_non_null(strstr(said,
	    "w:Limiting FAILED_DOMAINS environment variable to 16k "
	    "characters\n"));
	assert_non_null(strstr(said, "n: 1 15999\nn: .example\n"));
}

static void
a_manual_hook_has_its_own_variables_and_no_others(void **state)
{
	const char *const first[] = {"CERTBOT_DOMAIN=a.example",
	    "CERTBOT_VALIDATION=v w", "CERTBOT_TOKEN=t", NULL};
	const char *const second[] = {"CERTBOT_DOMAIN=b.example", NULL};
	struct buf output = BUF_INIT(LIMIT_HOOK_OUTPUT_BYTES);
	struct err err = ERR_INIT;

	start(state, false, false);
	assert_int_equal(setenv("HOME_OF_TEST", "kept", 1), 0);
	assert_int_equal(hooks_manual(hooks, "manual-auth-hook",
			     "echo; echo \"$CERTBOT_DOMAIN $CERTBOT_VALIDATION "
			     "$CERTBOT_TOKEN $HOME_OF_TEST\"; echo",
			     first, &output, &err),
	    0);
	assert_string_equal(buf_text(&output), "a.example v w t kept");
	assert_non_null(strstr(said,
	    "n:Hook '--manual-auth-hook' for a.example ran with output:\n"));
	assert_int_equal(hooks_manual(hooks, "manual-cleanup-hook",
			     "env | grep ^CERTBOT_", second, NULL, &err),
	    0);
	assert_non_null(strstr(said, "output:\nn: CERTBOT_DOMAIN=b.example\n"));
	assert_null(strstr(said, "n: CERTBOT_TOKEN"));
	buf_free(&output);
}

static void
a_child_left_behind_does_not_hold_us(void **state)
{
	int64_t began_ms = clock_mono_ms();
	struct err err = ERR_INIT;

	start(state, false, false);
	assert_int_equal(
	    hooks_pre(hooks, "tail -f /dev/null & echo $! >&2; echo", &err), 0);
	assert_true(clock_mono_ms() - began_ms < 20 * 1000);
	/* It goes, so that the test leaves nothing. */
	assert_int_equal(hooks_pre(hooks, "exit 0", &err), 0);
	{
		const char *at = strstr(said, "w: ");
		long pid = strtol(at + 3, NULL, 10);
		char command[64];

		assert_true(pid > 1);
		(void)snprintf(command, sizeof(command), "kill %ld", pid);
		assert_int_equal(hooks_pre(hooks, command, &err), 0);
	}
}

static void
programs_are_looked_for(void **state)
{
	struct err err = ERR_INIT;

	add_hook(state, "x", "x", 0644);
	assert_int_equal(hooks_check("--pre-hook", "true a b", &err), 0);
	assert_int_equal(hooks_check("--pre-hook", " /bin/sh -c x", &err), 0);
	assert_int_equal(hooks_check("--pre-hook", "", &err), 0);
	assert_int_equal(
	    hooks_check("--deploy-hook", "no-such-thing x", &err), ERR_NOENT);
	assert_non_null(strstr(err.detail,
	    "Unable to find deploy-hook command no-such-thing in the PATH."));
	assert_int_equal(
	    hooks_check("--pre-hook", scratch_path(state, "x"), &err),
	    ERR_NOENT);
	assert_non_null(strstr(err.detail, "exists, but is not executable."));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		what_it_says_is_shown_as_certbot_shows_it, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		the_directory_comes_first_and_in_order, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		a_directory_hook_that_is_the_command_is_run_once, setup,
		teardown),
	    cmocka_unit_test_setup_teardown(
		it_is_known_before_whether_one_would_run, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		a_dry_run_deploys_only_where_it_is_asked_to, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		post_waits_for_the_end_of_renew, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		long_lists_of_names_are_cut_between_two, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		a_manual_hook_has_its_own_variables_and_no_others, setup,
		teardown),
	    cmocka_unit_test_setup_teardown(
		a_child_left_behind_does_not_hold_us, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		programs_are_looked_for, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
