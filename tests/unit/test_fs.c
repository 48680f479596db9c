/*
 * test_fs.c: what is read is bounded and trusted, and says why if not.
 */
#include "base/fs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/unit/scratch.h"

static int
read_here(void **state, const char *name, enum fs_trust trust, struct buf *ret,
    struct err *err)
{
	return fs_read(
	    AT_FDCWD, scratch_path(state, name), trust, ret, NULL, err);
}

static void
a_file_is_appended_whole(void **state)
{
	struct buf buf = BUF_INIT(100000);
	struct err err = ERR_INIT;
	char data[20000];
	int fd;

	memset(data, 'x', sizeof(data));
	scratch_write(state, "f", data, sizeof(data), 0600);
	assert_int_equal(buf_puts(&buf, "before", &err), 0);
	assert_int_equal(
	    read_here(state, "f", FS_TRUST_PRIVATE, &buf, &err), 0);
	assert_int_equal(buf.len, 6 + sizeof(data));
	assert_memory_equal(buf.data, "before", 6);
	assert_memory_equal(buf.data + 6, data, sizeof(data));
	assert_int_equal(buf.data[buf.len], '\0');
	buf_reset(&buf);
	assert_int_equal(fs_open_dir(*state, &fd, &err), 0);
	assert_int_equal(fs_read(fd, "f", FS_TRUST_ANY, &buf, NULL, &err), 0);
	assert_int_equal(buf.len, sizeof(data));
	assert_int_equal(close(fd), 0);
	buf_free(&buf);
}

static void
an_empty_file_and_one_of_unknown_size_are_read(void **state)
{
	struct buf buf = BUF_INIT(100000);
	struct err err = ERR_INIT;

	scratch_write(state, "empty", "", 0, 0600);
	assert_int_equal(
	    read_here(state, "empty", FS_TRUST_ANY, &buf, &err), 0);
	assert_int_equal(buf.len, 0);
	assert_int_equal(fs_read(AT_FDCWD, "/proc/self/status", FS_TRUST_ANY,
			     &buf, NULL, &err),
	    0);
	assert_non_null(strstr(buf_text(&buf), "\nPid:"));
	buf_free(&buf);
}

static void
the_maximum_holds_for_every_file(void **state)
{
	struct buf buf = BUF_INIT(10), tiny = BUF_INIT(16);
	struct err err = ERR_INIT;

	scratch_write(state, "10", "0123456789", 10, 0600);
	scratch_write(state, "11", "0123456789a", 11, 0600);
	assert_int_equal(read_here(state, "10", FS_TRUST_ANY, &buf, &err), 0);
	assert_string_equal(buf_text(&buf), "0123456789");
	assert_int_equal(
	    read_here(state, "10", FS_TRUST_ANY, &buf, &err), ERR_LIMIT);
	assert_int_equal(buf.len, 10);
	buf_reset(&buf);
	assert_int_equal(
	    read_here(state, "11", FS_TRUST_ANY, &buf, &err), ERR_LIMIT);
	assert_string_equal(buf_text(&buf), "");
	/* Its size is said to be 0; the bound must hold all the same. */
	assert_int_equal(fs_read(AT_FDCWD, "/proc/self/status", FS_TRUST_ANY,
			     &tiny, NULL, &err),
	    ERR_LIMIT);
	assert_int_equal(tiny.len, 0);
	buf_free(&buf);
	buf_free(&tiny);
}

static void
a_secret_that_was_half_read_is_wiped(void **state)
{
	struct buf buf = BUF_SECRET(16);
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(buf_puts(&buf, "kept", &err), 0);
	assert_int_equal(fs_read(AT_FDCWD, "/proc/self/status", FS_TRUST_ANY,
			     &buf, NULL, &err),
	    ERR_LIMIT);
	assert_string_equal(buf_text(&buf), "kept");
	for (size_t i = 4; i < buf.cap; i++)
		assert_int_equal(buf.data[i], 0);
	buf_free(&buf);
}

static void
what_is_no_file_is_refused_without_waiting(void **state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct buf buf = BUF_INIT(100);
	struct err err = ERR_INIT;
	int fd;

	assert_int_equal(mkfifo(scratch_path(state, "fifo"), 0600), 0);
	assert_int_equal(mkdir(scratch_path(state, "dir"), 0700), 0);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_true(fd >= 0);
	assert_true(
	    strlen(scratch_path(state, "sock")) < sizeof(address.sun_path));
	memcpy(address.sun_path, scratch_path(state, "sock"),
	    strlen(scratch_path(state, "sock")) + 1);
	assert_int_equal(
	    bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(
	    read_here(state, "fifo", FS_TRUST_ANY, &buf, &err), ERR_SYNTAX);
	assert_int_equal(
	    read_here(state, "dir", FS_TRUST_ANY, &buf, &err), ERR_SYNTAX);
	assert_int_equal(
	    read_here(state, "sock", FS_TRUST_ANY, &buf, &err), ERR_SYNTAX);
	assert_int_equal(
	    read_here(state, "none", FS_TRUST_ANY, &buf, &err), ERR_NOENT);
	assert_int_equal(close(fd), 0);
	buf_free(&buf);
}

static void
a_file_that_others_may_write_is_refused(void **state)
{
	struct buf buf = BUF_INIT(100);
	struct err err = ERR_INIT;

	scratch_write(state, "group", "x", 1, 0620);
	scratch_write(state, "all", "x", 1, 0602);
	scratch_write(state, "read", "x", 1, 0644);
	assert_int_equal(
	    read_here(state, "group", FS_TRUST_PRIVATE, &buf, &err),
	    ERR_UNSAFE);
	assert_non_null(strstr(err.detail, "group"));
	assert_non_null(strstr(err.detail, "0620"));
	assert_int_equal(
	    read_here(state, "all", FS_TRUST_PRIVATE, &buf, &err), ERR_UNSAFE);
	assert_non_null(strstr(err.detail, "everybody"));
	assert_int_equal(buf.len, 0);
	assert_int_equal(read_here(state, "all", FS_TRUST_ANY, &buf, &err), 0);
	assert_int_equal(
	    read_here(state, "read", FS_TRUST_PRIVATE, &buf, &err), 0);
	buf_free(&buf);
}

static void
a_file_of_somebody_else_is_refused(void **state)
{
	struct buf buf = BUF_INIT(100);
	struct err err = ERR_INIT;

	if (geteuid() != 0)
		skip();
	scratch_write(state, "theirs", "x", 1, 0600);
	assert_int_equal(chown(scratch_path(state, "theirs"), 4711, 0), 0);
	assert_int_equal(symlink("theirs", scratch_path(state, "link")), 0);
	assert_int_equal(
	    read_here(state, "theirs", FS_TRUST_PRIVATE, &buf, &err),
	    ERR_UNSAFE);
	assert_non_null(strstr(err.detail, "4711"));
	assert_int_equal(
	    read_here(state, "link", FS_TRUST_PRIVATE, &buf, &err), ERR_UNSAFE);
	buf_free(&buf);
}

static void
the_identity_tells_versions_apart(void **state)
{
	struct buf buf = BUF_INIT(100);
	struct fs_ident a, b, c;
	struct err err = ERR_INIT;
	const char *path = scratch_path(state, "f");
	struct stat st;

	scratch_write(state, "f", "one", 3, 0600);
	assert_int_equal(
	    fs_read(AT_FDCWD, path, FS_TRUST_ANY, &buf, &a, &err), 0);
	assert_int_equal(stat(path, &st), 0);
	fs_ident_from(&st, &b);
	assert_true(fs_ident_equal(&a, &b));
	/* The same content in another file under the same name. */
	assert_int_equal(rename(path, scratch_path(state, "g")), 0);
	scratch_write(state, "f", "one", 3, 0600);
	assert_int_equal(
	    fs_read(AT_FDCWD, path, FS_TRUST_ANY, &buf, &c, &err), 0);
	assert_false(fs_ident_equal(&a, &c));
	b = a;
	b.mtime_ns++;
	assert_false(fs_ident_equal(&a, &b));
	b = a;
	b.ctime_ns++;
	assert_false(fs_ident_equal(&a, &b));
	b = a;
	b.size++;
	assert_false(fs_ident_equal(&a, &b));
	buf_free(&buf);
}

static void
a_directory_that_others_may_write_is_refused(void **state)
{
	const char *path = scratch_path(state, "dir");
	struct err err = ERR_INIT;

	assert_int_equal(mkdir(path, 0755), 0);
	assert_int_equal(fs_check_dir(path, &err), 0);
	assert_int_equal(chmod(path, 01777), 0);
	assert_int_equal(fs_check_dir(path, &err), ERR_UNSAFE);
	assert_int_equal(chmod(path, 0700), 0);
	scratch_write(state, "file", "", 0, 0600);
	assert_int_equal(
	    fs_check_dir(scratch_path(state, "file"), &err), ERR_UNSAFE);
	assert_int_equal(
	    fs_check_dir(scratch_path(state, "none"), &err), ERR_NOENT);
	if (geteuid() != 0)
		return;
	assert_int_equal(chmod(path, 0775), 0);
	assert_int_equal(fs_check_dir(path, &err), 0);
	assert_int_equal(chown(path, 0, 4711), 0);
	assert_int_equal(fs_check_dir(path, &err), ERR_UNSAFE);
	assert_int_equal(chown(path, 4711, 0), 0);
	assert_int_equal(chmod(path, 0755), 0);
	assert_int_equal(fs_check_dir(path, &err), ERR_UNSAFE);
}

static void
owners_are_names_or_numbers(void **state)
{
	struct fs_owner owner = {9, 9, 9};
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(
	    fs_owner_resolve("root", "root", "0640", &owner, &err), 0);
	assert_int_equal(owner.uid, 0);
	assert_int_equal(owner.gid, 0);
	assert_int_equal(owner.mode, 0640);
	assert_int_equal(
	    fs_owner_resolve("4711", "4712", "600", &owner, &err), 0);
	assert_int_equal(owner.uid, 4711);
	assert_int_equal(owner.gid, 4712);
	assert_int_equal(owner.mode, 0600);
}

static void
owners_that_are_not_there_are_named(void **state)
{
	static const struct {
		const char *user, *group, *mode, *named;
	} bad[] = {
	    {"no-such-user", "root", "0600", "no-such-user"},
	    {"root", "no-such-group", "0600", "no-such-group"},
	    {"-1", "root", "0600", "-1"},
	    {"4294967295", "root", "0600", "4294967295"},
	    {"root", "99999999999999999999", "0600", "9999"},
	    {"1x", "root", "0600", "1x"},
	    {"", "root", "0600", ""},
	    {"root", "root", "0800", "0800"},
	    {"root", "root", "1777", "1777"},
	    {"root", "root", "", ""},
	    {"root", "root", "-600", "-600"},
	    {"root", "root", "0600 ", "0600"},
	};
	struct fs_owner owner = {9, 9, 9};
	struct err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		assert_int_equal(fs_owner_resolve(bad[i].user, bad[i].group,
				     bad[i].mode, &owner, &err),
		    ERR_CONF);
		assert_non_null(strstr(err.on, bad[i].named));
		assert_int_equal(owner.mode, 9);
	}
}

static void
what_is_read_here_is_no_link(void **state)
{
	struct buf buf = BUF_INIT(10);
	struct err err = ERR_INIT;
	struct stat st = {0};
	int fd = -1;

	assert_int_equal(fs_open_dir(*state, &fd, &err), 0);
	scratch_write(state, "file", "text", 4, 0640);
	assert_int_equal(symlink("file", scratch_path(state, "link")), 0);
	assert_int_equal(
	    fs_read_here(fd, "link", FS_TRUST_ANY, &buf, &st, &err),
	    ERR_UNSAFE);
	assert_int_equal(buf.len, 0);
	assert_int_equal(
	    fs_read_here(fd, "file", FS_TRUST_ANY, &buf, &st, &err), 0);
	assert_string_equal(buf_text(&buf), "text");
	assert_int_equal(st.st_mode & 07777, 0640);
	(void)close(fd);
	buf_free(&buf);
}

static void
paths_are_joined_by_one_slash(void **state)
{
	struct err err = ERR_INIT;
	char path[8];

	(void)state;
	assert_int_equal(fs_join(path, sizeof(path), "/a", "b", &err), 0);
	assert_string_equal(path, "/a/b");
	assert_int_equal(fs_join(path, sizeof(path), "/a//", "b", &err), 0);
	assert_string_equal(path, "/a/b");
	assert_int_equal(fs_join(path, sizeof(path), "/", "b", &err), 0);
	assert_string_equal(path, "/b");
	assert_int_equal(fs_join(path, sizeof(path), "", "b", &err), 0);
	assert_string_equal(path, "b");
	assert_int_equal(fs_join(path, sizeof(path), "/abc", "de", &err), 0);
	assert_int_equal(
	    fs_join(path, sizeof(path), "/abc", "def", &err), ERR_LIMIT);
}

static void
free_space_is_told(void **state)
{
	unsigned long long bytes = 0;
	struct err err = ERR_INIT;

	assert_int_equal(fs_free_bytes(*state, &bytes, &err), 0);
	assert_true(bytes > 0);
	assert_int_equal(
	    fs_free_bytes(scratch_path(state, "none"), &bytes, &err),
	    ERR_NOENT);
}

#define HERE(test)                                                             \
	cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    HERE(a_file_is_appended_whole),
	    HERE(an_empty_file_and_one_of_unknown_size_are_read),
	    HERE(the_maximum_holds_for_every_file),
	    HERE(a_secret_that_was_half_read_is_wiped),
	    HERE(what_is_no_file_is_refused_without_waiting),
	    HERE(a_file_that_others_may_write_is_refused),
	    HERE(a_file_of_somebody_else_is_refused),
	    HERE(the_identity_tells_versions_apart),
	    HERE(a_directory_that_others_may_write_is_refused),
	    HERE(owners_are_names_or_numbers),
	    HERE(owners_that_are_not_there_are_named),
	    HERE(what_is_read_here_is_no_link),
	    HERE(paths_are_joined_by_one_slash),
	    HERE(free_space_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
