/*
 * test_install_torture.c: every call to the operating system that install
 * makes fails once, and the order of those that make it durable is looked at.
 * The linker puts the functions below in front of libc's (--wrap).
 */
#include "cert/install.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/install_dirs.h"

static const char name[] = "a.example";
static const char file[] = "a.example.pem";

/* What the wrapped calls did, and which of them is to fail. */
static struct {
	bool armed;
	int calls, fail_at, error;
	const char *only; /* the one function that fails, NULL: any */
	char trace[256]; /* a letter for each that concerns durability */
} torture;

static void
arm(int fail_at, int error, const char *only)
{
	memset(&torture, 0, sizeof(torture));
	torture.armed = true;
	torture.fail_at = fail_at;
	torture.error = error;
	torture.only = only;
}

/* Counts the call; does it fail? */
static bool
strike(const char *function, char letter)
{
	size_t len = strlen(torture.trace);

	if (!torture.armed)
		return false;
	if (letter != '\0' && len + 1 < sizeof(torture.trace))
		torture.trace[len] = letter;
	if (torture.only != NULL && strcmp(torture.only, function) != 0)
		return false;
	if (++torture.calls != torture.fail_at)
		return false;
	errno = torture.error;
	return true;
}

#define WRAP(type, function, letter, params, args)                             \
	type __real_##function params;                                         \
	type __wrap_##function params;                                         \
	type __wrap_##function params                                          \
	{                                                                      \
		if (strike(#function, letter))                                 \
			return -1;                                             \
		return __real_##function args;                                 \
	}

WRAP(int, linkat, 'l',
    (int from_fd, const char *from, int to_fd, const char *to, int flags),
    (from_fd, from, to_fd, to, flags))
WRAP(int, renameat, 'r',
    (int from_fd, const char *from, int to_fd, const char *to),
    (from_fd, from, to_fd, to))
WRAP(int, unlinkat, 'u', (int fd, const char *path, int flags),
    (fd, path, flags))
WRAP(int, mkdirat, 'm', (int fd, const char *path, mode_t mode),
    (fd, path, mode))
WRAP(int, fsync, 'f', (int fd), (fd))
WRAP(int, syncfs, 's', (int fd), (fd))
WRAP(int, fchown, '\0', (int fd, uid_t uid, gid_t gid), (fd, uid, gid))
WRAP(int, fchmod, '\0', (int fd, mode_t mode), (fd, mode))
WRAP(int, fstatat, '\0', (int fd, const char *path, struct stat *st, int flags),
    (fd, path, st, flags))

int __real_openat(int fd, const char *path, int flags, ...);
int __wrap_openat(int fd, const char *path, int flags, ...);
int
__wrap_openat(int fd, const char *path, int flags, ...)
{
	mode_t mode = 0;
	va_list args;

	va_start(args, flags);
	if ((flags & O_CREAT) != 0)
		mode = va_arg(args, mode_t);
	va_end(args);
	if (strike("openat", '\0'))
		return -1;
	return __real_openat(fd, path, flags, mode);
}

ssize_t __real_write(int fd, const void *data, size_t len);
ssize_t __wrap_write(int fd, const void *data, size_t len);
ssize_t
__wrap_write(int fd, const void *data, size_t len)
{
	/* A disk that gets full takes a part first. */
	if (strike("write", 'w'))
		return -1;
	return __real_write(fd, data, torture.armed && len > 2 ? 2 : len);
}

/* Stage to settle; how far it came is in *ret_published. */
static int
transact(struct install_dirs *dirs, bool batch, bool *ret_published)
{
	struct install_staged staged = {0};
	struct install *install = dirs->install;
	int rc;

	rc = install_dirs_stage(dirs, name, "new\n", &staged);
	if (rc < 0)
		return rc;
	rc = install_sync(install, batch ? NULL : &staged, &dirs->err);
	if (rc == 0)
		rc = install_publish(install, &staged, &dirs->err);
	*ret_published = rc == 0;
	if (rc == 0)
		rc = install_settle(install, &dirs->err);
	install_discard(install, &staged);
	return rc;
}

static const char *
folder_of(const struct install_dirs *dirs)
{
	static char folder[512];

	(void)snprintf(
	    folder, sizeof(folder), "%s/%s", dirs->generations, name);
	return folder;
}

/* The n-th call fails. False where there is no n-th: all was well. */
static bool
fail_once(struct install_dirs *dirs, int n, bool batch)
{
	struct install_staged staged = {0};
	bool published = false, struck;
	int rc;

	assert_return_code(install_forget(dirs->install, name, &dirs->err), 0);
	install_dirs_deploy(dirs, name, "older\n", &staged);
	assert_return_code(install_forget(dirs->install, name, &dirs->err), 0);
	install_dirs_deploy(dirs, name, "old\n", &staged);
	/* Half of the runs find no folder and must make it. */
	if (n % 2 == 0)
		assert_return_code(
		    install_forget(dirs->install, name, &dirs->err), 0);

	arm((n + 1) / 2, n % 4 < 2 ? EIO : ENOSPC, NULL);
	rc = transact(dirs, batch, &published);
	torture.armed = false;
	struck = torture.calls >= torture.fail_at;
	assert_true(struck || rc == 0);
	install_dirs_expect(dirs->bundles, file, published ? "new\n" : "old\n");
	assert_int_equal(install_dirs_count(dirs->bundles), 1);
	if (rc < 0 && !published)
		assert_int_equal(
		    install_dirs_count(folder_of(dirs)), n % 2 == 0 ? 0 : 1);

	published = false;
	assert_return_code(transact(dirs, batch, &published), 0);
	install_dirs_expect(dirs->bundles, file, "new\n");
	assert_int_equal(install_dirs_count(dirs->bundles), 1);
	return struck;
}

static void
whichever_call_fails_the_bundle_is_the_old_or_the_new_one(void **state)
{
	struct install_dirs *dirs = *state;

	for (int batch = 0; batch < 2; batch++) {
		int n = 1;

		while (fail_once(dirs, n, batch != 0) ||
		    fail_once(dirs, n + 1, batch != 0))
			n += 2;
		/* stat, open, chown, chmod, writes, folder, link, syncs ... */
		assert_in_range(n / 2, 14, 60);
	}
}

static void
whichever_call_fails_a_restore_leaves_the_one_or_the_other(void **state)
{
	struct install_dirs *dirs = *state;
	struct install_staged staged = {0};
	char found[64] = "";
	int rc = -1, n;

	for (n = 1; rc < 0; n++) {
		struct buf pem = BUF_SECRET(1024);

		assert_return_code(
		    install_forget(dirs->install, name, &dirs->err), 0);
		install_dirs_deploy(dirs, name, "old\n", &staged);
		install_dirs_deploy(dirs, name, "new\n", &staged);
		arm(n, EIO, NULL);
		rc = install_restore(dirs->install, &staged, &dirs->err);
		torture.armed = false;
		assert_return_code(
		    install_read(dirs->install, name, &pem, &dirs->err), 0);
		(void)snprintf(found, sizeof(found), "%s", buf_text(&pem));
		buf_free(&pem);
		assert_true(strcmp(found, "old\n") == 0 ||
		    (rc < 0 && strcmp(found, "new\n") == 0));
		assert_int_equal(install_dirs_count(dirs->bundles), 1);
	}
	assert_string_equal(found, "old\n");
	assert_in_range(n, 4, 20);
}

static void
a_full_disk_is_said_with_the_bundles_path(void **state)
{
	struct install_dirs *dirs = *state;
	struct install_staged staged = {0};
	char path[512];

	install_dirs_deploy(dirs, name, "old\n", &staged);
	arm(2, ENOSPC, "write");
	assert_int_equal(
	    install_dirs_stage(dirs, name, "new\n", &staged), ERR_IO);
	torture.armed = false;
	(void)snprintf(path, sizeof(path), "%s/%s", dirs->bundles, file);
	assert_string_equal(dirs->err.on, path);
	assert_non_null(strstr(dirs->err.detail, "No space left"));
	assert_int_equal(install_dirs_count(dirs->bundles), 1);
}

static void
where_links_are_refused_a_copy_is_kept(void **state)
{
	struct install_dirs *dirs = *state;
	struct install_staged staged = {0};

	install_dirs_deploy(dirs, name, "old\n", &staged);
	arm(1, EPERM, "linkat");
	install_dirs_deploy(dirs, name, "new\n", &staged);
	torture.armed = false;
	/* The copy is written and synced before the bundle is renamed. */
	assert_string_equal(torture.trace, "wwmlwwfrfffrf");
	install_dirs_expect(folder_of(dirs), "1.pem", "old\n");
}

static void
the_generation_is_durable_before_the_rename(void **state)
{
	struct install_dirs *dirs = *state;
	struct install_staged staged = {0};

	arm(0, 0, NULL);
	install_dirs_deploy(dirs, name, "one\n", &staged);
	assert_string_equal(torture.trace, "wwfrf");
	arm(0, 0, NULL);
	install_dirs_deploy(dirs, name, "two\n", &staged);
	assert_string_equal(torture.trace, "wwmlfffrf");
	arm(0, 0, NULL);
	install_dirs_deploy(dirs, name, "three\n", &staged);
	assert_string_equal(torture.trace, "wwwlffrf");
	torture.armed = false;
}

static void
a_batch_is_synced_once_between_the_links_and_the_renames(void **state)
{
	static const char *const names[] = {"a.example", "b.example"};
	struct install_dirs *dirs = *state;
	struct install_staged staged[2] = {{.tmp = ""}, {.tmp = ""}};

	for (size_t i = 0; i < 2; i++)
		install_dirs_deploy(dirs, names[i], "0\n", &staged[i]);
	for (size_t i = 0; i < 2; i++)
		install_dirs_deploy(dirs, names[i], "1\n", &staged[i]);
	arm(0, 0, NULL);
	for (size_t i = 0; i < 2; i++)
		assert_return_code(
		    install_dirs_stage(dirs, names[i], "2\n", &staged[i]), 0);
	assert_return_code(install_sync(dirs->install, NULL, &dirs->err), 0);
	for (size_t i = 0; i < 2; i++)
		assert_return_code(
		    install_publish(dirs->install, &staged[i], &dirs->err), 0);
	assert_return_code(install_settle(dirs->install, &dirs->err), 0);
	torture.armed = false;
	assert_string_equal(torture.trace, "wlwlsrrf");
	/* A thousand lineages: each call more is a thousand more. */
	assert_in_range(torture.calls, 16, 2 * 18);
}

#define WITH_DIRS(test)                                                        \
	cmocka_unit_test_setup_teardown(                                       \
	    test, install_dirs_make, install_dirs_remove)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_DIRS(
		whichever_call_fails_the_bundle_is_the_old_or_the_new_one),
	    WITH_DIRS(
		whichever_call_fails_a_restore_leaves_the_one_or_the_other),
	    WITH_DIRS(a_full_disk_is_said_with_the_bundles_path),
	    WITH_DIRS(where_links_are_refused_a_copy_is_kept),
	    WITH_DIRS(the_generation_is_durable_before_the_rename),
	    WITH_DIRS(a_batch_is_synced_once_between_the_links_and_the_renames),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
