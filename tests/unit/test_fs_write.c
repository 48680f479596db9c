/*
 * test_fs_write.c: a file is replaced whole, by nobody's leave but ours.
 */
#include "base/fs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "tests/unit/scratch.h"

static const struct fs_owner *
us(mode_t mode)
{
	static struct fs_owner owner;

	owner.uid = geteuid();
	owner.gid = getegid();
	owner.mode = mode;
	return &owner;
}

static int
open_here(void **state)
{
	struct err err = ERR_INIT;
	int fd = -1;

	assert_int_equal(fs_open_dir(*state, &fd, &err), 0);
	return fd;
}

static unsigned
count_entries(void **state)
{
	struct dirent *entry = NULL;
	unsigned count = 0;
	DIR *dir = opendir(*state);

	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL)
		count += entry->d_name[0] != '.' ||
		    strncmp(entry->d_name, FS_STAGE_PREFIX,
			strlen(FS_STAGE_PREFIX)) == 0;
	assert_int_equal(closedir(dir), 0);
	return count;
}

static void
holds(void **state, const char *name, const char *text, mode_t mode)
{
	struct buf buf = BUF_INIT(100000);
	struct err err = ERR_INIT;
	struct stat st;

	assert_int_equal(fs_read(AT_FDCWD, scratch_path(state, name),
			     FS_TRUST_ANY, &buf, NULL, &err),
	    0);
	assert_string_equal(buf_text(&buf), text);
	assert_int_equal(stat(scratch_path(state, name), &st), 0);
	assert_int_equal(st.st_mode & 07777, mode);
	buf_free(&buf);
}

static void
a_staged_file_has_owner_mode_and_a_hidden_name(void **state)
{
	char name[NAME_MAX + 1], other[NAME_MAX + 1];
	struct err err = ERR_INIT;
	mode_t mask = umask(0077);
	int fd = open_here(state);

	assert_int_equal(
	    fs_stage(fd, us(0644), "text", 4, false, name, &err), 0);
	assert_int_equal(fs_stage(fd, us(0600), "", 0, true, other, &err), 0);
	(void)umask(mask);
	assert_memory_equal(name, ".certhaul-", 10);
	assert_string_not_equal(name, other);
	holds(state, name, "text", 0644);
	holds(state, other, "", 0600);
	assert_int_equal(close(fd), 0);
}

static void
a_staged_file_gets_the_configured_owner(void **state)
{
	const struct fs_owner theirs = {4711, 4712, 0640};
	char name[NAME_MAX + 1];
	struct err err = ERR_INIT;
	struct stat st;
	int fd = open_here(state);

	if (geteuid() == 0) {
		assert_int_equal(
		    fs_stage(fd, &theirs, "k", 1, false, name, &err), 0);
		assert_int_equal(fstatat(fd, name, &st, 0), 0);
		assert_int_equal(st.st_uid, 4711);
		assert_int_equal(st.st_gid, 4712);
		assert_int_equal(st.st_mode & 07777, 0640);
	} else {
		assert_int_equal(
		    fs_stage(fd, &theirs, "k", 1, false, name, &err), ERR_PERM);
		assert_int_equal(count_entries(state), 0);
	}
	assert_int_equal(close(fd), 0);
}

static void
a_failed_write_leaves_nothing_behind(void **state)
{
	char data[8192], name[NAME_MAX + 1] = "untouched";
	struct rlimit before, small;
	struct err err = ERR_INIT;
	int fd = open_here(state);

	memset(data, 'k', sizeof(data));
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = before;
	small.rlim_cur = 4096;
	assert_true(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_int_equal(
	    fs_stage(fd, us(0600), data, sizeof(data), false, name, &err),
	    ERR_IO);
	assert_int_equal(
	    fs_replace(fd, "f", us(0600), data, sizeof(data), &err), ERR_IO);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_non_null(strstr(err.detail, "write: "));
	assert_string_equal(name, "untouched");
	assert_int_equal(count_entries(state), 0);
	assert_int_equal(close(fd), 0);
}

static void
replace_swaps_the_whole_file(void **state)
{
	struct err err = ERR_INIT;
	struct stat before, after;
	int fd = open_here(state);

	assert_int_equal(fs_replace(fd, "f", us(0644), "old", 3, &err), 0);
	holds(state, "f", "old", 0644);
	assert_int_equal(fstatat(fd, "f", &before, 0), 0);
	assert_int_equal(fs_replace(fd, "f", us(0600), "newer", 5, &err), 0);
	holds(state, "f", "newer", 0600);
	assert_int_equal(fstatat(fd, "f", &after, 0), 0);
	assert_int_not_equal(before.st_ino, after.st_ino);
	assert_int_equal(count_entries(state), 1);
	assert_int_equal(close(fd), 0);
}

static void
replace_that_cannot_rename_keeps_the_old(void **state)
{
	char *dir = realpath(*state, NULL);
	struct err err = ERR_INIT;
	int fd = open_here(state);

	assert_int_equal(mkdirat(fd, "d", 0700), 0);
	assert_true(fs_replace(fd, "d", us(0600), "x", 1, &err) < 0);
	assert_non_null(strstr(err.detail, "rename: "));
	assert_non_null(dir);
	assert_memory_equal(err.on, dir, strlen(dir));
	assert_string_equal(err.on + strlen(dir), "/d");
	free(dir);
	assert_int_equal(count_entries(state), 1);
	assert_int_equal(close(fd), 0);
}

static void
replace_writes_to_no_link(void **state)
{
	struct err err = ERR_INIT;
	struct stat st;
	int fd = open_here(state);

	scratch_write(state, "target", "safe", 4, 0600);
	assert_int_equal(symlinkat("target", fd, "f"), 0);
	assert_int_equal(fs_replace(fd, "f", us(0600), "x", 1, &err), 0);
	assert_int_equal(fstatat(fd, "f", &st, AT_SYMLINK_NOFOLLOW), 0);
	assert_true(S_ISREG(st.st_mode));
	holds(state, "target", "safe", 0600);
	assert_int_equal(close(fd), 0);
}

static void
rename_names_what_it_could_not(void **state)
{
	struct err err = ERR_INIT;
	int fd = open_here(state);

	assert_int_equal(
	    fs_rename(fd, "/the/dir", "none", "to", &err), ERR_NOENT);
	assert_string_equal(err.on, "/the/dir/to");
	scratch_write(state, "a", "x", 1, 0600);
	assert_int_equal(fs_rename(fd, "/the/dir", "a", "b", &err), 0);
	holds(state, "b", "x", 0600);
	assert_int_equal(close(fd), 0);
}

static void
sweep_takes_staged_files_only(void **state)
{
	char name[NAME_MAX + 1];
	struct err err = ERR_INIT;
	int fd = open_here(state);

	for (int i = 0; i < 3; i++)
		assert_int_equal(
		    fs_stage(fd, us(0600), "x", 1, false, name, &err), 0);
	scratch_write(state, "a.pem", "x", 1, 0600);
	scratch_write(state, ".other", "x", 1, 0600);
	scratch_write(state, ".certhau", "x", 1, 0600);
	assert_int_equal(mkdirat(fd, ".certhaul-dir", 0700), 0);
	assert_int_equal(symlinkat("a.pem", fd, ".certhaul-link"), 0);
	assert_int_equal(fs_sweep(fd), 3);
	assert_int_equal(fs_sweep(fd), 0);
	holds(state, "a.pem", "x", 0600);
	holds(state, ".other", "x", 0600);
	holds(state, ".certhau", "x", 0600);
	assert_int_equal(fs_sweep(-1), 0);
	assert_int_equal(close(fd), 0);
}

static void
mkdirs_makes_parents_with_the_mode(void **state)
{
	const char *path = scratch_path(state, "a/b//c");
	mode_t mask = umask(0077);
	struct err err = ERR_INIT;
	struct stat st;

	assert_int_equal(fs_mkdirs(path, 0751, &err), 0);
	(void)umask(mask);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0751);
	assert_int_equal(stat(scratch_path(state, "a"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0751);
	/* What is there is left as it is. */
	assert_int_equal(fs_mkdirs(path, 0700, &err), 0);
	assert_int_equal(fs_mkdirs(scratch_path(state, "a/d/"), 0700, &err), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0751);
	assert_int_equal(stat(scratch_path(state, "a/d"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
}

static void
mkdirs_refuses_what_is_no_directory(void **state)
{
	struct err err = ERR_INIT;

	scratch_write(state, "f", "", 0, 0600);
	assert_int_equal(
	    fs_mkdirs(scratch_path(state, "f"), 0700, &err), ERR_SYNTAX);
	assert_int_equal(
	    fs_mkdirs(scratch_path(state, "f/g"), 0700, &err), ERR_SYNTAX);
	assert_int_equal(fs_mkdirs("", 0700, &err), ERR_LIMIT);
}

static void
directories_are_opened_and_synced(void **state)
{
	struct err err = ERR_INIT;
	int fd = open_here(state), other = -1;

	assert_int_equal(fs_sync(fd, *state, &err), 0);
	assert_int_equal(fs_sync_all(fd, *state, &err), 0);
	assert_int_equal(close(fd), 0);
	assert_int_equal(fs_sync(fd, "gone", &err), ERR_IO);
	assert_string_equal(err.on, "gone");
	assert_int_equal(fs_sync_all(fd, "gone", &err), ERR_IO);
	assert_int_equal(
	    fs_open_dir(scratch_path(state, "none"), &other, &err), ERR_NOENT);
	assert_int_equal(other, -1);
}

/* Of a pipe there are no attributes of a user's. */
static void
attributes_that_cannot_be_set_are_named(void **state)
{
	char value[8], lost[64];
	int from, to, ends[2];

	scratch_write(state, "from", "", 0, 0600);
	scratch_write(state, "to", "", 0, 0600);
	from = open(scratch_path(state, "from"), O_RDONLY | O_CLOEXEC);
	to = open(scratch_path(state, "to"), O_RDONLY | O_CLOEXEC);
	if (fsetxattr(from, "user.a", "note", 4, 0) != 0)
		skip();
	assert_int_equal(fsetxattr(from, "user.b", "", 0, 0), 0);
	fs_copy_attributes(from, to, lost, sizeof(lost));
	assert_string_equal(lost, "");
	assert_int_equal(fgetxattr(to, "user.a", value, sizeof(value)), 4);
	assert_memory_equal(value, "note", 4);
	assert_int_equal(fgetxattr(to, "user.b", value, sizeof(value)), 0);
	assert_int_equal(pipe(ends), 0);
	fs_copy_attributes(from, ends[1], lost, sizeof(lost));
	assert_non_null(strstr(lost, "user.a"));
	assert_non_null(strstr(lost, ", "));
	assert_non_null(strstr(lost, "user.b"));
	for (size_t i = 0; i < COUNT_OF(ends); i++)
		assert_int_equal(close(ends[i]), 0);
	assert_int_equal(close(from), 0);
	assert_int_equal(close(to), 0);
}

#define HERE(test)                                                             \
	cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    HERE(a_staged_file_has_owner_mode_and_a_hidden_name),
	    HERE(a_staged_file_gets_the_configured_owner),
	    HERE(a_failed_write_leaves_nothing_behind),
	    HERE(replace_swaps_the_whole_file),
	    HERE(replace_that_cannot_rename_keeps_the_old),
	    HERE(replace_writes_to_no_link),
	    HERE(rename_names_what_it_could_not),
	    HERE(sweep_takes_staged_files_only),
	    HERE(mkdirs_makes_parents_with_the_mode),
	    HERE(mkdirs_refuses_what_is_no_directory),
	    HERE(directories_are_opened_and_synced),
	    HERE(attributes_that_cannot_be_set_are_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
