/*
 * test_event.c: what certhaul-hook is called for is read from the argument or
 * the directory, and never from what certbot left in the environment.
 */
#include "hooks/event.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *lineage, *domains;

static char *
fake_env(const char *name)
{
	/* A buffer each: both are held at a time. */
	static char texts[2][32 * 1024];
	char *text = texts[strcmp(name, "RENEWED_LINEAGE") == 0];
	const char *value = NULL;

	if (strcmp(name, "RENEWED_LINEAGE") == 0)
		value = lineage;
	else if (strcmp(name, "RENEWED_DOMAINS") == 0)
		value = domains;
	if (value == NULL)
		return NULL;
	(void)snprintf(text, sizeof(texts[0]), "%s", value);
	return text;
}

/* Reads a command line of up to eight words, the program first. */
static int
read_line(struct event *ret, struct err *err, const char *const *words)
{
	static char copies[8][512];
	static char *argv[9];
	int argc = 0;

	for (; words[argc] != NULL; argc++) {
		(void)snprintf(
		    copies[argc], sizeof(copies[argc]), "%s", words[argc]);
		argv[argc] = copies[argc];
	}
	argv[argc] = NULL;
	memset(err, 0, sizeof(*err));
	return event_read(argc, argv, fake_env, ret, err);
}

#define READ(...)                                                              \
	read_line(&event, &err, (const char *const[]){__VA_ARGS__, NULL})

static int
clear_env(void **state)
{
	(void)state;
	lineage = domains = NULL;
	return 0;
}

static void
the_kind_is_the_argument(void **state)
{
	struct event event;
	struct err err;

	(void)state;
	assert_int_equal(READ("certhaul-hook", "pre"), 0);
	assert_int_equal(event.kind, EVENT_PRE);
	assert_int_equal(READ("certhaul-hook", "-v", "post"), 0);
	assert_int_equal(event.kind, EVENT_POST);
	assert_true(event.verbose);
	assert_int_equal(READ("certhaul-hook", "cleanup"), 0);
	assert_int_equal(event.kind, EVENT_CLEANUP);
	assert_int_equal(READ("certhaul-hook", "--help"), 0);
	assert_int_equal(event.kind, EVENT_HELP);
}

static void
the_kind_is_the_directory_where_no_argument_is(void **state)
{
	struct event event;
	struct err err;

	(void)state;
	assert_int_equal(
	    READ("/etc/letsencrypt/renewal-hooks/post/certhaul-hook"), 0);
	assert_int_equal(event.kind, EVENT_POST);
	lineage = "/etc/letsencrypt/live/a.example";
	assert_int_equal(
	    READ("/etc/letsencrypt/renewal-hooks/deploy/certhaul-hook"), 0);
	assert_int_equal(event.kind, EVENT_DEPLOY);
	assert_true(event.renewed);
	assert_string_equal(event.lineage.name, "a.example");
	assert_string_equal(event.lineage.dir, lineage);
	event_free(&event);
}

static void
the_environment_never_makes_a_kind(void **state)
{
	struct event event;
	struct err err;

	(void)state;
	lineage = "/etc/letsencrypt/live/a.example";
	domains = "a.example";
	assert_int_equal(READ("certhaul-hook"), ERR_USAGE);
	assert_int_equal(READ("/usr/bin/certhaul-hook"), ERR_USAGE);
	/* ... and a leaked lineage does not reach pre or post. */
	assert_int_equal(READ("/x/renewal-hooks/pre/certhaul-hook"), 0);
	assert_int_equal(event.kind, EVENT_PRE);
	assert_false(event.renewed);
}

static void
deploy_takes_names_all_or_the_lineage(void **state)
{
	struct event event;
	struct err err;

	(void)state;
	assert_int_equal(READ("h", "deploy"), ERR_USAGE);
	assert_int_equal(READ("h", "deploy", "--all", "--dry-run"), 0);
	assert_true(event.all && event.dry_run);
	assert_int_equal(READ("h", "deploy", "a.example", "b.example"), 0);
	assert_int_equal(event.name_count, 2);
	assert_string_equal(event.names[1], "b.example");
	assert_int_equal(READ("h", "deploy", "--all", "a"), ERR_USAGE);
	/* A name on the command line wins over the environment. */
	lineage = "/etc/letsencrypt/live/c.example";
	assert_int_equal(READ("h", "deploy", "a.example"), 0);
	assert_false(event.renewed);
}

static void
bad_words_are_refused_with_the_nearest(void **state)
{
	struct event event;
	struct err err;

	(void)state;
	assert_int_equal(READ("h", "depoly", "a"), ERR_USAGE);
	assert_non_null(strstr(err.detail, "deploy"));
	assert_int_equal(READ("h", "deploy", "--al"), 0); /* abbreviated */
	assert_int_equal(READ("h", "deploy", "--nonsense"), ERR_USAGE);
	assert_int_equal(READ("h", "-c"), ERR_USAGE);
	assert_int_equal(READ("h", "pre", "--all"), ERR_USAGE);
	assert_int_equal(READ("h", "post", "a.example"), ERR_USAGE);
	assert_int_equal(READ("h", "deploy", "../../etc"), ERR_USAGE);
	assert_int_equal(READ("h", "deploy", "a;b"), ERR_USAGE);
}

static void
detach_is_by_name(void **state)
{
	struct event event;
	struct err err;

	(void)state;
	assert_int_equal(READ("h", "detach", "a.example", "b.example"), 0);
	assert_int_equal(event.kind, EVENT_DETACH);
	assert_int_equal(event.name_count, 2);
	assert_int_equal(READ("h", "detach", "-n", "a.example"), 0);
	assert_true(event.dry_run);
	assert_false(event.revoked);
	assert_int_equal(READ("h", "detach", "a.example", "--revoked"), 0);
	assert_true(event.revoked);
	assert_int_equal(READ("h", "deploy", "a", "--revoked"), ERR_USAGE);
	assert_int_equal(READ("h", "detach", "a.example", "--for=revoke"), 0);
	assert_string_equal(event.removal, "revoke");
	assert_int_equal(READ("h", "detach", "a", "--for", "renew"), ERR_USAGE);
	assert_int_equal(READ("h", "deploy", "a", "--for=delete"), ERR_USAGE);
	/* What certbot left in the environment is not what is asked for. */
	lineage = "/etc/letsencrypt/live/c.example";
	assert_int_equal(READ("h", "detach"), ERR_USAGE);
	assert_int_equal(READ("h", "detach", "--all"), ERR_USAGE);
	assert_int_equal(READ("h", "detach", "a", "--force"), ERR_USAGE);
	assert_non_null(strstr(err.detail, "--force"));
	assert_int_equal(READ("h", "detach", "a", "--to", "1"), ERR_USAGE);
	assert_int_equal(READ("h", "detach", "../a"), ERR_USAGE);
	assert_int_equal(
	    READ("/etc/letsencrypt/renewal-hooks/detach/h"), ERR_USAGE);
}

static void
rollback_is_of_one_name_and_to_a_number(void **state)
{
	static const char *const bad[] = {
	    "0", "-1", "+1", " 1", "1x", "x", "", "100000000", "1.5"};
	struct event event;
	struct err err;

	(void)state;
	assert_int_equal(READ("h", "rollback", "a.example"), 0);
	assert_int_equal(event.kind, EVENT_ROLLBACK);
	assert_int_equal(event.to, 0);
	assert_int_equal(
	    READ("h", "rollback", "a", "--to", "12", "--force", "-n"), 0);
	assert_int_equal(event.to, 12);
	assert_true(event.force && event.dry_run);
	assert_int_equal(READ("h", "rollback", "a", "--to=99999999"), 0);
	assert_int_equal(event.to, LIMIT_LINEAGE_GENERATION);
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_int_equal(
		    READ("h", "rollback", "a", "--to", bad[i]), ERR_USAGE);
	lineage = "/etc/letsencrypt/live/c.example";
	assert_int_equal(READ("h", "rollback"), ERR_USAGE);
	assert_int_equal(READ("h", "rollback", "a", "b"), ERR_USAGE);
	assert_int_equal(READ("h", "rollback", "--all"), ERR_USAGE);
	assert_int_equal(READ("h", "deploy", "a", "--to", "1"), ERR_USAGE);
	assert_int_equal(READ("h", "rollback", "a", "-t", "1"), ERR_USAGE);
}

static void
hostile_lineages_are_refused(void **state)
{
	static const char *const bad[] = {"relative/live/a", "/",
	    "/etc/letsencrypt/live/../../x", "/etc/letsencrypt/live/a b",
	    "/etc/letsencrypt/live/.hidden", "/etc/letsencrypt/live/-c"};
	struct event event;
	struct err err;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		lineage = bad[i];
		assert_int_equal(READ("h", "deploy"), ERR_USAGE);
	}
}

static void
the_names_are_split_and_a_cut_last_one_is_left_out(void **state)
{
	static char many[16001];
	struct event event;
	struct err err;
	size_t count = 0;

	(void)state;
	lineage = "/etc/letsencrypt/live/a.example";
	domains = "a.example *.b.example  c.example";
	assert_int_equal(READ("h", "deploy"), 0);
	assert_string_equal(event.domains[0], "a.example");
	assert_string_equal(event.domains[1], "*.b.example");
	assert_string_equal(event.domains[2], "c.example");
	assert_null(event.domains[3]);
	event_free(&event);

	for (size_t i = 0; i + 8 <= 16000; i += 8)
		memcpy(many + i, "abc.exa ", 8);
	memcpy(many + 16000 - 3, "abc", 3);
	many[16000] = '\0';
	domains = many;
	assert_int_equal(READ("h", "deploy"), 0);
	while (event.domains[count] != NULL)
		count++;
	assert_int_equal(count, 1999);
	event_free(&event);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(the_kind_is_the_argument, clear_env),
	    cmocka_unit_test_setup(
		the_kind_is_the_directory_where_no_argument_is, clear_env),
	    cmocka_unit_test_setup(
		the_environment_never_makes_a_kind, clear_env),
	    cmocka_unit_test_setup(
		deploy_takes_names_all_or_the_lineage, clear_env),
	    cmocka_unit_test_setup(
		bad_words_are_refused_with_the_nearest, clear_env),
	    cmocka_unit_test_setup(detach_is_by_name, clear_env),
	    cmocka_unit_test_setup(
		rollback_is_of_one_name_and_to_a_number, clear_env),
	    cmocka_unit_test_setup(hostile_lineages_are_refused, clear_env),
	    cmocka_unit_test_setup(
		the_names_are_split_and_a_cut_last_one_is_left_out, clear_env),
	};

	return cmocka_run_group_tests_name("event", tests, NULL, NULL);
}
