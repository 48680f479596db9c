/*
 * test_publish_dir.c: the way to a webroot while the owner of a directory on it
 * lays other things in the place of what is made. test_acme_answers.sh has it
 * whole.
 */
#define _GNU_SOURCE /* renameat2() */
#include "acme/publish_private.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/unit/scratch.h"

#define TOKEN "dG9rZW4tdG9rZW4tdG9rZW4"

enum { NOBODY = 65534 };

/* What changes places with a directory that was made. */
static const char *thief, *booty;

/* In place of libc's: an attacker is always just in time. */
int
mkdirat(int dirfd, const char *path, mode_t mode)
{
	int rc = (int)syscall(SYS_mkdirat, dirfd, path, mode);

	if (rc == 0 && thief != NULL)
		assert_int_equal(renameat2(AT_FDCWD, thief, AT_FDCWD, booty,
				     RENAME_EXCHANGE),
		    0);
	thief = NULL;
	return rc;
}

static int
open_dir(struct publish *publish, const char *path, bool make)
{
	struct err err = ERR_INIT;
	int fd = -1, rc = publish_dir_open(publish, "/", path, make, &fd, &err);

	assert_int_equal(rc < 0, fd < 0);
	if (fd >= 0)
		(void)close(fd);
	return rc;
}

static unsigned
mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 07777;
}

static void
what_is_missing_is_made_and_goes_again(void **state)
{
	struct publish publish = {.made_count = 0};
	const char *deep = scratch_path(state, "www/a/b");
	mode_t mask = umask(077);

	assert_int_equal(open_dir(&publish, deep, false), ERR_NOENT);
	assert_int_equal(open_dir(&publish, deep, true), 0);
	(void)umask(mask);
	assert_int_equal(mode_of(deep), 0755);
	assert_int_equal(mode_of(scratch_path(state, "www")), 0755);
	scratch_write(state, "www/theirs", "", 0, 0644);
	publish_dir_tidy(&publish);
	assert_int_equal(access(scratch_path(state, "www/a"), F_OK), -1);
	assert_int_equal(access(scratch_path(state, "www"), F_OK), 0);
}

/* What is laid in the place of the directory `made` keeps its mode. */
static void
steal(void **state, const char *booty_name)
{
	struct publish publish = {.made_count = 0};
	unsigned before;

	booty = scratch_path(state, booty_name);
	before = mode_of(booty);
	thief = scratch_path(state, "made");
	(void)open_dir(&publish, thief, true);
	assert_null(thief); /* it was in time */
	assert_int_equal(mode_of(scratch_path(state, "made")), before);
	publish_dir_tidy(&publish);
	assert_int_equal(access(scratch_path(state, "made"), F_OK), 0);
}

static void
what_is_laid_in_its_place_is_left_alone(void **state)
{
	assert_int_equal(mkdir(scratch_path(state, "private"), 0700), 0);
	scratch_write(state, "private/key", "", 0, 0600);
	steal(state, "private");
}

static void
a_file_behind_a_link_keeps_its_mode(void **state)
{
	scratch_write(state, "secret", "", 0, 0600);
	assert_int_equal(symlink("secret", scratch_path(state, "link")), 0);
	steal(state, "link");
}

/* What was there before keeps its mode, and stays. */
static void
what_is_there_is_left_alone(void **state)
{
	struct publish publish = {.made_count = 0};
	const char *sticky = scratch_path(state, "sticky");
	struct err err = ERR_INIT;
	int fd = -1;

	assert_int_equal(mkdir(sticky, 0700), 0);
	assert_int_equal(chmod(sticky, 01755), 0);
	assert_int_equal(open_dir(&publish, sticky, true), 0);
	assert_int_equal(
	    publish_dir_open(&publish, sticky, "a", true, &fd, &err), 0);
	assert_int_equal(close(fd), 0);
	assert_int_equal(mode_of(scratch_path(state, "sticky/a")), 0755);
	publish_dir_tidy(&publish);
	assert_int_equal(mode_of(sticky), 01755);
	assert_int_equal(access(scratch_path(state, "sticky/a"), F_OK), -1);
}

static void
links_are_followed_by_who_made_them(void **state)
{
	struct publish publish = {.made_count = 0};
	const char *link = scratch_path(state, "current");

	if (geteuid() != 0)
		skip();
	assert_int_equal(mkdir(scratch_path(state, "roots"), 0755), 0);
	assert_int_equal(symlink("roots/more", link), 0);
	assert_int_equal(open_dir(&publish, link, true), 0);
	assert_int_equal(access(scratch_path(state, "roots/more"), F_OK), 0);
	assert_int_equal(lchown(link, NOBODY, NOBODY), 0);
	assert_int_equal(open_dir(&publish, link, true), ERR_UNSAFE);
	/* Theirs, to what is theirs. */
	assert_int_equal(
	    chown(scratch_path(state, "roots/more"), NOBODY, NOBODY), 0);
	assert_int_equal(open_dir(&publish, link, true), 0);
	/* Root's link may lead over another's. */
	assert_int_equal(symlink("current", scratch_path(state, "over")), 0);
	assert_int_equal(chown(scratch_path(state, "roots/more"), 0, 0), 0);
	assert_int_equal(
	    open_dir(&publish, scratch_path(state, "over"), true), ERR_UNSAFE);
	publish_dir_tidy(&publish);
}

static void
a_ring_of_links_ends(void **state)
{
	struct publish publish = {.made_count = 0};

	assert_int_equal(symlink("ring", scratch_path(state, "ring")), 0);
	assert_int_equal(
	    open_dir(&publish, scratch_path(state, "ring"), true), ERR_LIMIT);
}

/* What is meant to be taken down is, though the way to it leads elsewhere. */
static void
a_turned_way_strands_nothing(void **state)
{
	char *roots[] = {*state, NULL};
	const char *names[] = {"a.example"};
	const struct options params = {.authenticator = "webroot",
	    .webroot_path = roots,
	    .webroot_path_count = 1};
	const struct issue_challenge challenge = {
	    .name = names[0], .token = TOKEN, .validation = "valid"};
	struct front front = {.dirs = {*state, *state, *state}};
	struct publish *publish = NULL;
	struct err err = ERR_INIT;

	assert_int_equal(
	    publish_new(&front, &params, NULL, names, 1, &publish, &err), 0);
	assert_int_equal(publish_up(publish, &challenge, &err), 0);
	assert_int_equal(
	    access(
		scratch_path(state, ".well-known/acme-challenge/" TOKEN), R_OK),
	    0);
	assert_int_equal(rename(scratch_path(state, ".well-known"),
			     scratch_path(state, "aside")),
	    0);
	assert_int_equal(mkdir(scratch_path(state, "other"), 0755), 0);
	assert_int_equal(
	    mkdir(scratch_path(state, "other/acme-challenge"), 0755), 0);
	scratch_write(state, "other/acme-challenge/" TOKEN, "theirs", 6, 0644);
	assert_int_equal(
	    symlink("other", scratch_path(state, ".well-known")), 0);
	assert_int_equal(publish_down(publish, &challenge, &err), 0);
	publish_free(publish);
	assert_int_not_equal(
	    access(scratch_path(state, "aside/acme-challenge/" TOKEN), F_OK),
	    0);
	assert_int_equal(
	    access(scratch_path(state, "other/acme-challenge/" TOKEN), F_OK),
	    0);
}

#define WITH_SCRATCH(test)                                                     \
	cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_SCRATCH(what_is_missing_is_made_and_goes_again),
	    WITH_SCRATCH(what_is_laid_in_its_place_is_left_alone),
	    WITH_SCRATCH(a_file_behind_a_link_keeps_its_mode),
	    WITH_SCRATCH(what_is_there_is_left_alone),
	    WITH_SCRATCH(links_are_followed_by_who_made_them),
	    WITH_SCRATCH(a_ring_of_links_ends),
	    WITH_SCRATCH(a_turned_way_strands_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
