/*
 * test_crtlist_file.c: an entry into a crt-list file, out of it, and back,
 * byte by byte.
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

#include "haproxy/crtlist.h"
#include "tests/unit/fakeproxy.h"

/* A list without crt-base. */
#define PLAIN(path) (&(const struct crtlist_file){path, ""})

static void
write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void
assert_file(const char *path, const char *text)
{
	struct buf buf = BUF_INIT(10000);
	struct err err = ERR_INIT;

	assert_int_equal(
	    fs_read(AT_FDCWD, path, FS_TRUST_ANY, &buf, NULL, &err), 0);
	assert_string_equal(buf_text(&buf), text);
	buf_free(&buf);
}

/* What is an entry for "p.pem" in a file, and what is not. */
static const struct {
	const char *line;
	bool entry;
} lines[] = {
    {"p.pem\n", true},
    {"p.pem", true},
    {"  p.pem\n", true},
    {"\tp.pem\t*.a.example !b.a.example\r\n", true},
    {"p.pem[alpn h2]\n", true},
    {"p.pem [alpn h2] a.example\n", true},
    {"#p.pem\n", false},
    {" #p.pem\n", false},
    {"# p.pem\n", false},
    {"p.pem.rsa\n", false},
    {"/p.pem\n", false},
    {"x p.pem\n", false},
    {"p\\.pem\n", false},
    {"\"p.pem\"\n", false},
    {"p.pe\n", false},
    {"\n", false},
};

static void
an_entry_on_disk_is_read_as_haproxy_reads_it(void **state)
{
	const char *path = fake_file(state, "list");

	for (size_t i = 0; i < COUNT_OF(lines); i++) {
		struct err err = ERR_INIT;
		bool changed = lines[i].entry;
		char text[200];

		write_file(path, lines[i].line);
		assert_int_equal(
		    crtlist_file_add(PLAIN(path), "p.pem", &changed, &err), 0);
		assert_int_equal(changed, !lines[i].entry);
		snprintf(text, sizeof(text), "%s%s", lines[i].line,
		    lines[i].entry ? "" : "p.pem\n");
		assert_file(path, text);
		write_file(path, lines[i].line);
		assert_int_equal(crtlist_file_del(PLAIN(path), "p.pem", NULL,
				     &changed, &err),
		    0);
		assert_int_equal(changed, lines[i].entry);
		assert_file(path, lines[i].entry ? "" : lines[i].line);
	}
}

/* HAProxy puts crt-base before what is relative, and so do we. */
static void
a_relative_entry_is_behind_crt_base(void **state)
{
	const char *path = fake_file(state, "list");
	const struct crtlist_file file = {path, "/c"};
	static const char text[] =
	    "q.pem\np.pem [alpn h2] a.example\n/c/p.pem\n@c/p.pem\n/p.pem\n"
	    "c/p.pem\n";
	struct buf taken = BUF_INIT(LIMIT_CRTLIST_BYTES);
	struct err err = ERR_INIT;
	bool changed = true;

	write_file(path, text);
	assert_int_equal(
	    crtlist_file_add(&file, "/c/p.pem", &changed, &err), 0);
	assert_false(changed);
	assert_int_equal(
	    crtlist_file_del(&file, "/c/p.pem", &taken, &changed, &err), 0);
	assert_true(changed);
	assert_file(path, "q.pem\n@c/p.pem\n/p.pem\nc/p.pem\n");
	assert_int_equal(
	    crtlist_file_return(&file, "/c/p.pem", &taken, &err), 0);
	assert_file(path, text);
	buf_free(&taken);
}

static void
every_other_byte_of_the_file_stays_its_owner_too(void **state)
{
	const char *path = fake_file(state, "list");
	const char *link = fake_file(state, "link");
	struct err err = ERR_INIT;
	struct stat before, after;
	bool changed = false;

	write_file(path, "# ours\r\n\n  a.pem [x] *\n\tq.pem");
	assert_int_equal(chmod(path, 0640), 0);
	assert_int_equal(symlink(path, link), 0);
	assert_int_equal(stat(path, &before), 0);
	assert_int_equal(
	    crtlist_file_add(PLAIN(link), "/n.pem", &changed, &err), 0);
	assert_true(changed);
	/* Without its newline HAProxy would not start on the last line. */
	assert_file(path, "# ours\r\n\n  a.pem [x] *\n\tq.pem\n/n.pem\n");
	assert_int_equal(lstat(link, &after), 0);
	assert_true(S_ISLNK(after.st_mode));
	assert_int_equal(stat(path, &after), 0);
	assert_int_equal(after.st_mode, before.st_mode);
	assert_int_equal(after.st_uid, before.st_uid);
	assert_int_equal(after.st_gid, before.st_gid);
	assert_int_equal(
	    crtlist_file_add(PLAIN(link), "/n.pem", &changed, &err), 0);
	assert_false(changed);
	assert_int_equal(
	    crtlist_file_del(PLAIN(path), "a.pem", NULL, &changed, &err), 0);
	assert_file(path, "# ours\r\n\n\tq.pem\n/n.pem\n");
}

static void
what_is_taken_out_of_the_file_goes_back_where_it_was(void **state)
{
	static const char *const texts[] = {
	    "p.pem\n",
	    "p.pem [alpn h2] a.example\nq.pem\n",
	    "# ours\n\nq.pem\n\tp.pem\t*\nr.pem\np.pem\n",
	    "q.pem\r\np.pem [x]\r\n# the end\n",
	};
	const char *path = fake_file(state, "list");
	struct err err = ERR_INIT;
	bool changed = false;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct buf taken = BUF_INIT(LIMIT_CRTLIST_BYTES);

		write_file(path, texts[i]);
		assert_int_equal(crtlist_file_del(PLAIN(path), "p.pem", &taken,
				     &changed, &err),
		    0);
		assert_true(changed);
		assert_int_equal(
		    crtlist_file_return(PLAIN(path), "p.pem", &taken, &err), 0);
		assert_file(path, texts[i]);
		/* Once is enough. */
		assert_int_equal(
		    crtlist_file_return(PLAIN(path), "p.pem", &taken, &err), 0);
		assert_file(path, texts[i]);
		/* Others' lines are gone meanwhile: not before the first. */
		write_file(path, "z.pem\n");
		assert_int_equal(
		    crtlist_file_return(PLAIN(path), "p.pem", &taken, &err), 0);
		buf_free(&taken);
	}
	assert_file(path, "z.pem\np.pem [x]\r\n");
}

static void
a_file_that_is_not_there_or_an_odd_name_is_refused(void **state)
{
	const char *path = fake_file(state, "list");
	struct err err = ERR_INIT;
	bool changed = false;

	assert_int_equal(
	    crtlist_file_add(PLAIN(path), "p.pem", &changed, &err), ERR_NOENT);
	assert_int_equal(
	    crtlist_file_del(PLAIN(path), "p.pem", NULL, &changed, &err),
	    ERR_NOENT);
	assert_true(crtlist_file_add(PLAIN("/"), "p.pem", &changed, &err) < 0);
	write_file(path, "");
	assert_int_equal(
	    crtlist_file_add(PLAIN(path), "p.pem[x]", &changed, &err),
	    ERR_INVALID);
	assert_int_equal(
	    crtlist_file_add(PLAIN(path), "p.pem\nq", &changed, &err),
	    ERR_INVALID);
	assert_int_equal(
	    crtlist_file_add(PLAIN(path), "#p.pem", &changed, &err),
	    ERR_INVALID);
	assert_false(changed);
	assert_file(path, "");
}

static void
a_file_where_others_may_put_another_is_refused(void **state)
{
	const char *inner = fake_file(state, "inner");
	const char *path = fake_file(state, "inner/list");
	const char *link = fake_file(state, "link");
	struct err err = ERR_INIT;
	bool changed = false;

	if (geteuid() != 0)
		skip();
	assert_int_equal(mkdir(inner, 0755), 0);
	write_file(path, "a.pem\n");
	/* It is where the file lies that counts, not where the link does. */
	assert_int_equal(symlink("inner/list", link), 0);
	assert_int_equal(chown(inner, 0, 4711), 0);
	for (unsigned i = 0; i < 3; i++) {
		static const mode_t modes[] = {0775, 0707, 01777};

		assert_int_equal(chmod(inner, modes[i]), 0);
		assert_int_equal(
		    crtlist_file_add(PLAIN(link), "p.pem", &changed, &err),
		    ERR_UNSAFE);
		assert_string_equal(err.on, inner);
		assert_non_null(strstr(err.detail, "chmod"));
		assert_int_equal(crtlist_file_del(PLAIN(path), "a.pem", NULL,
				     &changed, &err),
		    ERR_UNSAFE);
	}
	assert_false(changed);
	assert_file(path, "a.pem\n");
	assert_int_equal(chown(inner, 0, 0), 0);
	assert_int_equal(chmod(inner, 0775), 0);
	assert_int_equal(
	    crtlist_file_add(PLAIN(link), "p.pem", &changed, &err), 0);
	assert_file(path, "a.pem\np.pem\n");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(inner), 0);
}

int
main(void)
{
#define LAB(test)                                                              \
	cmocka_unit_test_setup_teardown(test, fake_setup, fake_teardown)
	const struct CMUnitTest tests[] = {
	    LAB(an_entry_on_disk_is_read_as_haproxy_reads_it),
	    LAB(a_relative_entry_is_behind_crt_base),
	    LAB(every_other_byte_of_the_file_stays_its_owner_too),
	    LAB(what_is_taken_out_of_the_file_goes_back_where_it_was),
	    LAB(a_file_that_is_not_there_or_an_odd_name_is_refused),
	    LAB(a_file_where_others_may_put_another_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
