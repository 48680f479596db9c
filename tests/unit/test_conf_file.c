/*
 * test_conf_file.c: which file is read, whom it must belong to, and that the
 * example says what the table says.
 */
#include "base/conf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "tests/unit/scratch.h"

static void
put(void **state, const char *name, const char *text)
{
	scratch_write(state, name, text, strlen(text), 0600);
}

static void
refused_include(void **state, const char *text, int line)
{
	struct conf *conf = NULL;
	struct err err = ERR_INIT;
	char on[1024];

	put(state, "a.conf", text);
	assert_int_equal(
	    conf_load(scratch_path(state, "a.conf"), &conf, &err), ERR_CONF);
	(void)snprintf(
	    on, sizeof(on), "%s:%d", scratch_path(state, "a.conf"), line);
	assert_string_equal(err.on, on);
	assert_non_null(strstr(err.detail, "@include"));
}

static void
include_is_refused(void **state)
{
	struct conf *conf = NULL;
	struct err err = ERR_INIT;
	char text[1024];

	/* Of a file that, included, would do. */
	put(state, "more.conf", "engine = \"certbot\";\n");
	(void)snprintf(text, sizeof(text), "syslog = true;\n@include \"%s\"\n",
	    scratch_path(state, "more.conf"));
	refused_include(state, text, 2);
	(void)snprintf(text, sizeof(text), "\n\n \t @include\t\"%s\"\n",
	    scratch_path(state, "more.conf"));
	refused_include(state, text, 3);
	/* Elsewhere libconfig knows of none, so it is a syntax error. */
	(void)snprintf(text, sizeof(text), "syslog = true; @include \"%s\"\n",
	    scratch_path(state, "more.conf"));
	put(state, "a.conf", text);
	assert_int_equal(
	    conf_load(scratch_path(state, "a.conf"), &conf, &err), ERR_CONF);
}

static void
bad_syntax_is_told_with_its_line(void **state)
{
	static const struct {
		const char *text, *line;
	} cases[] = {
	    {"engine = \"auto\"\nsyslog = ;", "a.conf:2"},
	    {"engine = \"auto\";\n\nengine = \"auto\";", "a.conf:3"},
	    {"verify: {\n", "a.conf:2"},
	};
	struct conf *conf = NULL;
	struct err err = ERR_INIT;

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		put(state, "a.conf", cases[i].text);
		assert_int_equal(
		    conf_load(scratch_path(state, "a.conf"), &conf, &err),
		    ERR_CONF);
		assert_non_null(strstr(err.on, cases[i].line));
		assert_true(strlen(err.detail) > 0);
	}
}

/* libconfig has the line of it alone. */
static void
what_is_there_twice_is_told_by_name(void **state)
{
	static const struct {
		const char *text, *line, *detail;
	} cases[] = {
	    {"engine = \"auto\";\nengine = \"auto\";", "a.conf:2", "engine: "},
	    {"verify: { attempts = 3;\n  timeout_ms = 90; /* attempts */ "
	     "attempts\n = 4; };",
		"a.conf:2", "attempts: "},
	    {"verify: { };\nsyslog = true; verify: { };", "a.conf:2",
		"verify: "},
	    {"syslog = true;\nengine = ;", "a.conf:2", "syntax"},
	};
	struct conf *conf = NULL;
	struct err err = ERR_INIT;

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		put(state, "a.conf", cases[i].text);
		assert_int_equal(
		    conf_load(scratch_path(state, "a.conf"), &conf, &err),
		    ERR_CONF);
		assert_non_null(strstr(err.on, cases[i].line));
		assert_memory_equal(
		    err.detail, cases[i].detail, strlen(cases[i].detail));
	}
}

static void
a_nul_byte_does_not_end_the_file(void **state)
{
	static const char text[] = "syslog = true;\n\0engine = \"no\";";
	struct conf *conf = NULL;
	struct err err = ERR_INIT;

	scratch_write(state, "a.conf", text, sizeof(text) - 1, 0600);
	assert_int_equal(
	    conf_load(scratch_path(state, "a.conf"), &conf, &err), ERR_CONF);
	assert_non_null(strstr(err.on, "a.conf:2"));
}

static void
a_file_that_others_may_write_is_refused(void **state)
{
	struct conf *conf = NULL;
	struct err err = ERR_INIT;

	scratch_write(state, "a.conf", "", 0, 0664);
	assert_int_equal(
	    conf_load(scratch_path(state, "a.conf"), &conf, &err), ERR_UNSAFE);
	assert_null(conf);
}

static void
the_argument_comes_before_the_environment(void **state)
{
	struct conf *conf = NULL;
	struct err err = ERR_INIT;

	put(state, "a.conf", "engine = \"certbot\";");
	put(state, "b.conf", "engine = \"builtin\";");
	assert_int_equal(setenv(CONF_ENV, scratch_path(state, "b.conf"), 1), 0);
	assert_int_equal(
	    conf_load(scratch_path(state, "a.conf"), &conf, &err), 0);
	assert_int_equal(conf->engine, CONF_ENGINE_CERTBOT);
	conf_free(conf);
	assert_int_equal(conf_load(NULL, &conf, &err), 0);
	assert_int_equal(conf->engine, CONF_ENGINE_BUILTIN);
	assert_string_equal(conf->path, scratch_path(state, "b.conf"));
	conf_free(conf);
	/* Who gets it handed on runs somewhere else. */
	assert_int_equal(chdir(*state), 0);
	assert_int_equal(conf_load("b.conf", &conf, &err), 0);
	assert_string_equal(conf->path, scratch_path(state, "b.conf"));
	assert_int_equal(chdir("/"), 0);
	conf_free(conf);
	assert_int_equal(unsetenv(CONF_ENV), 0);
}

static void
a_file_that_was_named_must_be_there(void **state)
{
	const char *path = scratch_path(state, "none.conf");
	struct conf *conf = NULL;
	struct err err = ERR_INIT;

	assert_int_equal(conf_load(path, &conf, &err), ERR_NOENT);
	assert_string_equal(err.on, path);
	assert_int_equal(conf_load("", &conf, &err), ERR_NOENT);
	assert_int_equal(setenv(CONF_ENV, path, 1), 0);
	assert_int_equal(conf_load(NULL, &conf, &err), ERR_NOENT);
	assert_int_equal(unsetenv(CONF_ENV), 0);
	assert_null(conf);
}

static void
the_default_file_may_be_absent(void **state)
{
	struct conf *conf = NULL;
	struct err err = ERR_INIT;

	(void)state;
	if (access(CONF_DEFAULT_PATH, F_OK) == 0)
		skip();
	assert_int_equal(setenv(CONF_ENV, "", 1), 0);
	assert_int_equal(conf_load(NULL, &conf, &err), 0);
	assert_int_equal(unsetenv(CONF_ENV), 0);
	assert_null(conf->path);
	assert_int_equal(err.code, 0);
	assert_string_equal(conf->haproxy.program, "/usr/sbin/haproxy");
	conf_free(conf);
}

static const char *
example_path(char *path, size_t size)
{
	const char *top = getenv("CERTHAUL_SRCDIR");
	int len;

	if (top == NULL) {
		fail_msg("CERTHAUL_SRCDIR is not set");
		return "";
	}
	len = snprintf(path, size, "%s/conf/certhaul.conf", top);
	assert_true(len > 0 && (size_t)len < size);
	return path;
}

/* The lines of `group` ("": the top) in `text`: from its brace to its end. */
static const char *
group_text(const char *text, const char *group, size_t group_len)
{
	static char part[65536];
	char head[64];
	const char *start = text, *end = text + strlen(text);

	if (group_len > 0) {
		(void)snprintf(
		    head, sizeof(head), "\n%.*s:\n{\n", (int)group_len, group);
		start = strstr(text, head);
		if (start == NULL) {
			fail_msg("no group %.*s", (int)group_len, group);
			return "";
		}
		end = strstr(start, "\n};");
		assert_non_null(end);
		end++;
	}
	assert_true((size_t)(end - start) < sizeof(part));
	memcpy(part, start, (size_t)(end - start));
	part[end - start] = '\0';
	return part;
}

static void
the_example_holds_every_option_at_its_default(void **state)
{
	struct buf text = BUF_INIT(LIMIT_CONF_BYTES);
	const struct conf_option *rows = NULL;
	struct err err = ERR_INIT;
	char path[4096], line[512];
	size_t count;

	(void)state;
	assert_int_equal(fs_read(AT_FDCWD, example_path(path, sizeof(path)),
			     FS_TRUST_ANY, &text, NULL, &err),
	    0);
	rows = conf_options(&count);
	assert_true(count > 30);
	for (size_t i = 0; i < count; i++) {
		const char *dot = strchr(rows[i].name, '.');
		size_t len = dot != NULL ? (size_t)(dot - rows[i].name) : 0;

		(void)snprintf(line, sizeof(line), "\n%s%s = %s;\n",
		    len > 0 ? "\t" : "", rows[i].name + (len > 0 ? len + 1 : 0),
		    rows[i].fallback);
		if (strstr(group_text(buf_text(&text), rows[i].name, len),
			line) == NULL)
			fail_msg("%s: no line \"%s\"", rows[i].name, line);
	}
	buf_free(&text);
}

static void
the_example_is_read_and_changes_nothing(void **state)
{
	struct buf text = BUF_INIT(LIMIT_CONF_BYTES);
	struct conf *defaults = NULL, *example = NULL;
	struct err err = ERR_INIT;
	char path[4096];

	/* A copy: whose the source tree is, is not for us to say. */
	assert_int_equal(fs_read(AT_FDCWD, example_path(path, sizeof(path)),
			     FS_TRUST_ANY, &text, NULL, &err),
	    0);
	put(state, "example.conf", buf_text(&text));
	put(state, "empty.conf", "");
	assert_int_equal(
	    conf_load(scratch_path(state, "example.conf"), &example, &err), 0);
	assert_int_equal(
	    conf_load(scratch_path(state, "empty.conf"), &defaults, &err), 0);
	assert_string_equal(example->state_dir, defaults->state_dir);
	assert_int_equal(example->lock_wait_ms, defaults->lock_wait_ms);
	assert_int_equal(example->haproxy.update, defaults->haproxy.update);
	assert_int_equal(example->verify.enabled, defaults->verify.enabled);
	assert_int_equal(example->haproxy.reload_command.count,
	    defaults->haproxy.reload_command.count);
	conf_free(example);
	conf_free(defaults);
	buf_free(&text);
}

static void
each_row_of_the_table_is_whole(void **state)
{
	const struct conf_option *rows = NULL;
	size_t count;

	(void)state;
	rows = conf_options(&count);
	for (size_t i = 0; i < count; i++) {
		assert_true(strlen(rows[i].help) > 5);
		assert_true(strlen(rows[i].fallback) > 0);
		assert_true(rows[i].least <= rows[i].most);
		assert_true(rows[i].offset < sizeof(struct conf));
		assert_true(
		    (rows[i].values != NULL) == (rows[i].type == CONF_ENUM));
		for (size_t j = 0; j < i; j++) {
			assert_string_not_equal(rows[i].name, rows[j].name);
			assert_true(rows[i].offset > rows[j].offset ||
			    rows[i].offset < rows[j].offset);
		}
	}
}

static void
the_state_directory_of_a_refused_file_is_known(void **state)
{
	struct conf *conf = NULL;
	struct err err = ERR_INIT;
	const char *path = scratch_path(state, "a.conf");

	put(state, "a.conf", "no_such_key = 1;\nstate_dir = \"/x/y\";\n");
	assert_int_equal(conf_load(path, &conf, &err), ERR_CONF);
	assert_int_equal(conf_load_state_dir(path, &conf, &err), 0);
	assert_string_equal(conf->state_dir, "/x/y");
	conf_free(conf);
	put(state, "a.conf", "no_such_key = 1;\n");
	assert_int_equal(conf_load_state_dir(path, &conf, &err), 0);
	assert_string_equal(conf->state_dir, "/var/lib/certhaul");
	conf_free(conf);
	put(state, "a.conf", "garbage = \n  state_dir = \"/x/z\"; # ours\n");
	assert_int_equal(conf_load_state_dir(path, &conf, &err), 0);
	assert_string_equal(conf->state_dir, "/x/z");
	conf_free(conf);
	/* Elsewhere than where it says would be nowhere. */
	put(state, "a.conf", "state_dir = \"/x/y\"; }\n");
	assert_int_equal(conf_load_state_dir(path, &conf, &err), ERR_CONF);
	put(state, "a.conf", "state_dir = \"x\";\n");
	assert_int_equal(conf_load_state_dir(path, &conf, &err), ERR_CONF);
	put(state, "a.conf", "state_dir = \"/x/y\";\n");
	assert_int_equal(chmod(path, 0666), 0);
	assert_int_equal(conf_load_state_dir(path, &conf, &err), ERR_UNSAFE);
}

#define HERE(test)                                                             \
	cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    HERE(include_is_refused),
	    HERE(bad_syntax_is_told_with_its_line),
	    HERE(what_is_there_twice_is_told_by_name),
	    HERE(a_nul_byte_does_not_end_the_file),
	    HERE(a_file_that_others_may_write_is_refused),
	    HERE(the_argument_comes_before_the_environment),
	    HERE(a_file_that_was_named_must_be_there),
	    HERE(the_default_file_may_be_absent),
	    HERE(the_state_directory_of_a_refused_file_is_known),
	    HERE(the_example_holds_every_option_at_its_default),
	    HERE(the_example_is_read_and_changes_nothing),
	    HERE(each_row_of_the_table_is_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
