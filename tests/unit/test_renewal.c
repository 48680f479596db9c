/*
 * test_renewal.c: a renewal conf is read as ConfigObj reads it, and a change
 * leaves every other byte alone. tests/tools/confcheck.py holds a larger table
 * against ConfigObj itself.
 */
#include "cert/renewal.h"

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

#include "tests/unit/scratch.h"

static const char params[] = "renewalparams";

static int
read_text(void **state, const char *text, struct renewal **ret, struct err *err)
{
	scratch_write(state, "x.conf", text, strlen(text), 0644);
	return renewal_read(scratch_path(state, "x.conf"), ret, err);
}

static struct renewal *
parsed(void **state, const char *text)
{
	struct renewal *conf = NULL;
	struct err err = ERR_INIT;

	if (read_text(state, text, &conf, &err) < 0)
		fail_msg("was not read: %s: %s", text, err.detail);
	return conf;
}

static void
is_text(const struct renewal *conf, const char *wanted)
{
	struct buf text = BUF_INIT(LIMIT_RENEWAL_CONF_BYTES);
	struct err err = ERR_INIT;

	assert_int_equal(renewal_text(conf, &text, &err), 0);
	assert_string_equal(buf_text(&text), wanted);
	buf_free(&text);
}

static const char full[] = "# renew_before_expiry = 30 days\n"
			   "version = 2.1.0\n"
			   "\n"
			   "# Options used in the renewal process\n"
			   "[renewalparams]\n"
			   "  a = 1   # one\n"
			   "hook = 'echo \"a, b\" # c'\n"
			   "pref_challs = dns-01,\n"
			   "webroot_path = /a, \"/b, c\"\n"
			   "reuse_key = True\n"
			   "[[webroot_map]]\n"
			   "a.example = /a\n"
			   "# above mine\n"
			   "[certhaul]\n"
			   "k = '''a\n"
			   "'b\" '''\n"
			   "# the end";

static void
values_are_unquoted(void **state)
{
	struct renewal *conf = parsed(state, full);
	struct err err = ERR_INIT;
	char **list = NULL;

	is_text(conf, full);
	assert_string_equal(renewal_get(conf, "", "version"), "2.1.0");
	assert_string_equal(renewal_get(conf, params, "a"), "1");
	assert_string_equal(
	    renewal_get(conf, params, "hook"), "echo \"a, b\" # c");
	assert_string_equal(
	    renewal_get(conf, "renewalparams/webroot_map", "a.example"), "/a");
	assert_string_equal(renewal_get(conf, "certhaul", "k"), "a\n'b\" ");
	assert_null(renewal_get(conf, params, "version"));
	assert_null(renewal_get(conf, "webroot_map", "a.example"));
	assert_true(renewal_get_bool(conf, params, "reuse_key", false));
	assert_true(renewal_get_bool(conf, params, "none", true));
	assert_true(renewal_get_bool(conf, params, "a", false));
	assert_false(renewal_get_bool(conf, params, "hook", false));
	assert_int_equal(
	    renewal_get_list(conf, params, "webroot_path", &list, &err), 0);
	assert_string_equal(list[0], "/a");
	assert_string_equal(list[1], "/b, c");
	assert_null(list[2]);
	renewal_list_free(list);
	assert_int_equal(
	    renewal_get_list(conf, params, "pref_challs", &list, &err), 0);
	assert_string_equal(list[0], "dns-01");
	assert_null(list[1]);
	renewal_list_free(list);
	assert_int_equal(renewal_get_list(conf, "", "none", &list, &err), 0);
	assert_null(list[0]);
	renewal_list_free(list);
	renewal_free(conf);
}

static void
references_are_followed(void **state)
{
	static const char text[] =
	    "top = /t\nloop = %(pool)s\npool = %(loop)s\n"
	    "[DEFAULT]\nfar = %(top)s/far\n"
	    "[renewalparams]\nserver = https://x\n"
	    "odd = %(a)t %% %( (%(top)s)\n"
	    "hook = sh %(server)s, %(server)s\nnone = a %(nobody)s\n"
	    "list = %(hook)s\n"
	    "[[webroot_map]]\na.example = %(top)s/%(server)s\n";
	struct renewal *conf = parsed(state, text);
	struct err err = ERR_INIT;

	assert_string_equal(
	    renewal_get(conf, params, "hook"), "sh https://x, https://x");
	assert_string_equal(renewal_get(conf, "DEFAULT", "far"), "/t/far");
	assert_string_equal(
	    renewal_get(conf, params, "odd"), "%(a)t %% %( (%(top)s)");
	assert_string_equal(
	    renewal_get(conf, "renewalparams/webroot_map", "a.example"),
	    "/t/https://x");
	assert_string_equal(renewal_unresolved(conf, ""), "loop");
	assert_string_equal(renewal_unresolved(conf, params), "odd");
	assert_null(renewal_unresolved(conf, "DEFAULT"));
	assert_int_equal(renewal_set(conf, params, "odd", NULL, &err), 0);
	assert_string_equal(renewal_unresolved(conf, params), "none");
	assert_int_equal(renewal_set(conf, params, "none", "a %(x)s", &err), 0);
	assert_string_equal(renewal_get(conf, params, "none"), "a %(x)s");
	assert_string_equal(renewal_unresolved(conf, params), "list");
	renewal_free(conf);
}

/* Each refers to the next one many times: it must come to an end. */
static void
hostile_references_end(void **state)
{
	struct buf text = BUF_INIT(LIMIT_RENEWAL_CONF_BYTES);
	struct renewal *conf = NULL;
	struct err err = ERR_INIT;
	int rc = 0;

	for (int i = 0; rc == 0 && i < 40; i++) {
		rc = buf_printf(&text, &err, "k%d = x", i);
		for (int k = 0; rc == 0 && k < 100; k++)
			rc = buf_printf(&text, &err, "%%(k%d)s", i + 1);
		if (rc == 0)
			rc = buf_puts(&text, "\n", &err);
	}
	if (rc == 0)
		rc = buf_puts(&text, "k40 = \n", &err);
	assert_int_equal(rc, 0);
	conf = parsed(state, buf_text(&text));
	assert_string_equal(renewal_unresolved(conf, ""), "k0");
	renewal_free(conf);
	buf_free(&text);
}

static void
a_change_leaves_the_rest_alone(void **state)
{
	const char *const paths[] = {"/c", "/d e"};
	struct renewal *conf = parsed(state, full);
	struct err err = ERR_INIT;

	/* The same is no change, however it is written. */
	assert_int_equal(
	    renewal_set(conf, params, "hook", "echo \"a, b\" # c", &err), 0);
	assert_int_equal(renewal_set(conf, params, "a", "1", &err), 0);
	is_text(conf, full);
	assert_int_equal(renewal_set(conf, params, "a", "2, 3", &err), 0);
	assert_int_equal(renewal_set(conf, params, "hook", NULL, &err), 0);
	assert_int_equal(renewal_set(conf, params, "new", "", &err), 0);
	assert_int_equal(renewal_set(conf, "", "top", "#", &err), 0);
	assert_int_equal(
	    renewal_set_list(conf, params, "webroot_path", paths, 2, &err), 0);
	assert_int_equal(renewal_set_list(conf, "renewalparams/webroot_map",
			     "*.x", paths, 1, &err),
	    0);
	assert_int_equal(renewal_set(conf, "last", "k", "v", &err), 0);
	is_text(conf,
	    "# renew_before_expiry = 30 days\n"
	    "version = 2.1.0\n"
	    "top = \"#\"\n"
	    "\n"
	    "# Options used in the renewal process\n"
	    "[renewalparams]\n"
	    "  a = \"2, 3\" # one\n"
	    "pref_challs = dns-01,\n"
	    "webroot_path = /c, /d e\n"
	    "reuse_key = True\n"
	    "new = \"\"\n"
	    "[[webroot_map]]\n"
	    "a.example = /a\n"
	    "*.x = /c,\n"
	    "# above mine\n"
	    "[certhaul]\n"
	    "k = '''a\n"
	    "'b\" '''\n"
	    "[last]\n"
	    "k = v\n"
	    "# the end");
	renewal_drop_section(conf, params);
	assert_null(renewal_get(conf, params, "a"));
	assert_null(renewal_get(conf, "renewalparams/webroot_map", "*.x"));
	assert_string_equal(renewal_get(conf, "last", "k"), "v");
	renewal_free(conf);
}

static void
a_new_one_is_as_certbot_begins_it(void **state)
{
	struct renewal *conf = NULL;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(renewal_new(&conf, &err), 0);
	assert_int_equal(renewal_set(conf, params, "server", "x", &err), 0);
	assert_int_equal(renewal_set(conf, "", "version", "2.1.0", &err), 0);
	assert_int_equal(
	    renewal_set(conf, "renewalparams/webroot_map", "a", "/b", &err), 0);
	is_text(conf,
	    "# renew_before_expiry = 30 days\nversion = 2.1.0\n\n"
	    "# Options used in the renewal process\n[renewalparams]\n"
	    "server = x\n[[webroot_map]]\na = /b\n");
	renewal_free(conf);
}

static void
what_certbot_could_not_read_back_is_refused(void **state)
{
	static const char *const wrong[] = {
	    "'''\"\"\"", "\302\240a", "a\xe2\x80\xa8", "\xff", "'''a\"b"};
	const char *const items[] = {"'\""};
	struct renewal *conf = parsed(state, full);
	struct err err = ERR_INIT;

	for (size_t i = 0; i < COUNT_OF(wrong) - 2; i++)
		assert_int_equal(renewal_set(conf, params, "k", wrong[i], &err),
		    ERR_INVALID);
	assert_int_equal(
	    renewal_set(conf, params, "a\nb", "v", &err), ERR_INVALID);
	assert_int_equal(
	    renewal_set_list(conf, params, "k", items, 1, &err), ERR_INVALID);
	is_text(conf, full);
	renewal_free(conf);
}

/* What stands in the way of a new key: an end that is none, its section. */
static void
a_new_key_is_read_back(void **state)
{
	struct renewal *conf = parsed(state, "[renewalparams]\na = b\r");
	struct err err = ERR_INIT;

	assert_int_equal(renewal_set(conf, params, "k", "v", &err), 0);
	is_text(conf, "[renewalparams]\na = b\r\nk = v\n");
	renewal_free(conf);
	conf = parsed(state, "renewalparams = a\n");
	assert_int_equal(
	    renewal_set(conf, params, "k", "v", &err), ERR_INVALID);
	is_text(conf, "renewalparams = a\n");
	renewal_free(conf);
}

static const char *const broken[] = {"k", "k = 'a", "k = '''a\nb", "k = ,a",
    "k = a,,b", "[s", "[[s]]", "[s]]", "[a]\n[a]", "k = 1\nk = 2", "k = 1\n[k]",
    "k = \xff", "[s]x", "= v", "[]", "k = 'a' b", "\xed\xa0\x80",
    ("[1]\n[[2]]\n[[[3]]]\n[[[[4]]]]\n[[[[[5]]]]]\n[[[[[[6]]]]]]\n"
     "[[[[[[[7]]]]]]]\n[[[[[[[[8]]]]]]]]\n[[[[[[[[[9]]]]]]]]]")};

static void
what_is_no_conf_is_named(void **state)
{
	static char large[LIMIT_RENEWAL_CONF_BYTES + 2];
	struct renewal *conf = NULL;
	struct err err = ERR_INIT;

	for (size_t i = 0; i < COUNT_OF(broken); i++) {
		if (read_text(state, broken[i], &conf, &err) != ERR_SYNTAX)
			fail_msg("was read: %s", broken[i]);
		assert_non_null(strstr(err.on, "x.conf"));
	}
	assert_int_equal(
	    read_text(state, "a = 1\n# c\nb\n", &conf, &err), ERR_SYNTAX);
	assert_non_null(strstr(err.detail, "line 3: "));
	memset(large, '\n', sizeof(large) - 1);
	assert_int_equal(read_text(state, large, &conf, &err), ERR_LIMIT);
	large[LIMIT_RENEWAL_LINES + 1] = '\0';
	assert_int_equal(read_text(state, large, &conf, &err), ERR_LIMIT);
	scratch_write(state, "nul.conf", "k = a\0b\n", 8, 0644);
	assert_int_equal(
	    renewal_read(scratch_path(state, "nul.conf"), &conf, &err),
	    ERR_SYNTAX);
	assert_int_equal(
	    renewal_read(scratch_path(state, "none"), &conf, &err), ERR_NOENT);
	assert_null(conf);
}

/* Many quotes must not take more than a moment. */
static void
hostile_quotes_end(void **state)
{
	static char text[60 * 1000];
	struct renewal *conf = NULL;
	struct err err = ERR_INIT;

	memcpy(text, "k = ", 4);
	for (size_t i = 4; i < sizeof(text) - 1; i++)
		text[i] = i % 2 == 1 ? '"' : 'a';
	text[4] = '"';
	assert_int_equal(read_text(state, text, &conf, &err), ERR_SYNTAX);
	memset(text, '[', sizeof(text) - 1);
	assert_int_equal(read_text(state, text, &conf, &err), ERR_SYNTAX);
	assert_null(conf);
}

static void
it_is_written_whole_with_the_mode_it_had(void **state)
{
	struct renewal *conf = parsed(state, full);
	const char *path = scratch_path(state, "y.conf");
	struct renewal *again = NULL;
	struct err err = ERR_INIT;
	struct stat st;

	scratch_write(state, "y.conf.new", "left", 4, 0600);
	assert_int_equal(renewal_write(conf, path, &err), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0644);
	assert_int_equal(chmod(path, 0600), 0);
	assert_int_equal(renewal_write(conf, path, &err), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(renewal_read(path, &again, &err), 0);
	is_text(again, full);
	assert_int_not_equal(
	    access(scratch_path(state, "y.conf.new"), F_OK), 0);
	assert_int_equal(
	    renewal_write(conf, scratch_path(state, "none/y.conf"), &err),
	    ERR_NOENT);
	renewal_free(again);
	renewal_free(conf);
}

#define SCRATCH(test)                                                          \
	cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    SCRATCH(values_are_unquoted),
	    SCRATCH(references_are_followed),
	    SCRATCH(hostile_references_end),
	    SCRATCH(a_change_leaves_the_rest_alone),
	    SCRATCH(a_new_one_is_as_certbot_begins_it),
	    SCRATCH(what_certbot_could_not_read_back_is_refused),
	    SCRATCH(a_new_key_is_read_back),
	    SCRATCH(what_is_no_conf_is_named),
	    SCRATCH(hostile_quotes_end),
	    SCRATCH(it_is_written_whole_with_the_mode_it_had),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
