/*
 * test_conf.c: what certhaul.conf may say, and how it is told if not.
 */
#include "base/conf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "tests/unit/scratch.h"

static int
load(void **state, const char *text, struct conf **ret, struct err *err)
{
	scratch_write(state, "c.conf", text, strlen(text), 0600);
	return conf_load(scratch_path(state, "c.conf"), ret, err);
}

static void
loads(void **state, const char *text, struct conf **ret)
{
	struct err err = ERR_INIT;
	char line[1024];
	int rc;

	rc = load(state, text, ret, &err);
	if (rc < 0)
		print_error("%s\n", err_text(&err, line, sizeof(line)));
	assert_int_equal(rc, 0);
}

/* `text` is refused with ERR_CONF at `line`, and `said` in the detail. */
static void
refuses(void **state, const char *text, int line, const char *said)
{
	struct conf *conf = NULL;
	struct err err = ERR_INIT;
	char on[1024];

	assert_int_equal(load(state, text, &conf, &err), ERR_CONF);
	assert_null(conf);
	(void)snprintf(
	    on, sizeof(on), "%s:%d", scratch_path(state, "c.conf"), line);
	assert_string_equal(err.on, on);
	if (strstr(err.detail, said) == NULL)
		fail_msg("\"%s\" is not in \"%s\"", said, err.detail);
}

static void
an_empty_file_means_the_defaults(void **state)
{
	struct conf *conf = NULL;

	loads(state, "", &conf);
	assert_string_equal(conf->path, scratch_path(state, "c.conf"));
	assert_int_equal(conf->engine, CONF_ENGINE_AUTO);
	assert_string_equal(conf->engine_program, "");
	assert_string_equal(conf->state_dir, "/var/lib/certhaul");
	assert_string_equal(conf->lock_file, "/run/lock/certhaul.lock");
	assert_int_equal(conf->lock_wait_ms, 60000);
	assert_true(conf->syslog);
	assert_string_equal(conf->letsencrypt.config_dir, "/etc/letsencrypt");
	assert_string_equal(conf->account.email, "");
	assert_false(conf->account.agree_tos);
	assert_int_equal(conf->challenge.port, 2031);
	assert_int_equal(conf->haproxy.config.count, 1);
	assert_string_equal(
	    conf->haproxy.config.items[0], "/etc/haproxy/haproxy.cfg");
	assert_null(conf->haproxy.config.items[1]);
	assert_string_equal(conf->haproxy.bundle_mode, "0600");
	assert_int_equal(conf->haproxy.update, CONF_UPDATE_AUTO);
	assert_int_equal(conf->haproxy.reload_command.count, 3);
	assert_null(conf->haproxy.reload_command.items[3]);
	assert_string_equal(conf->haproxy.crt_list, "");
	assert_int_equal(conf->haproxy.generations, 5);
	assert_true(conf->verify.enabled);
	assert_int_equal(conf->verify.addresses.count, 0);
	assert_non_null(conf->verify.addresses.items);
	assert_null(conf->verify.addresses.items[0]);
	assert_int_equal(conf->verify.attempts, 3);
	assert_int_equal(conf->verify.timeout_ms, 2000);
	assert_int_equal(conf->verify.max_age_s, 86400);
	assert_int_equal(conf->validate.lost_names, CONF_LOST_NAMES_WARN);
	assert_int_equal(conf->validate.clock_tolerance_s, 300);
	conf_free(conf);
	conf_free(NULL);
}

static void
values_take_the_place_of_defaults(void **state)
{
	struct conf *conf = NULL;

	loads(state,
	    "lock_wait_ms = 0; syslog = false; /* a comment */\n"
	    "state_dir = \"/s//\"; // another\n"
	    "account: { email = \"a@b.example\"; agree_tos = true; };\n"
	    "haproxy: { sockets = [ ]; config = [ \"/a/\", \"/b\" ];\n"
	    "  bundle_mode = \"640\"; master_socket = \"\";\n"
	    "  reload_command = ( \"true\" ); };\n"
	    "verify: { addresses = [ \"[::1]:443\" ]; max_age_s = 0x10; };\n"
	    "validate: { clock_tolerance_s = 86400L; };\n",
	    &conf);
	assert_int_equal(conf->lock_wait_ms, 0);
	assert_false(conf->syslog);
	assert_string_equal(conf->state_dir, "/s");
	assert_string_equal(conf->account.email, "a@b.example");
	assert_true(conf->account.agree_tos);
	assert_int_equal(conf->haproxy.sockets.count, 0);
	assert_int_equal(conf->haproxy.config.count, 2);
	assert_string_equal(conf->haproxy.config.items[0], "/a");
	assert_string_equal(conf->haproxy.config.items[1], "/b");
	assert_null(conf->haproxy.config.items[2]);
	assert_string_equal(conf->haproxy.bundle_mode, "640");
	assert_string_equal(conf->haproxy.master_socket, "");
	assert_int_equal(conf->haproxy.reload_command.count, 1);
	assert_string_equal(conf->verify.addresses.items[0], "[::1]:443");
	assert_int_equal(conf->verify.max_age_s, 16);
	assert_int_equal(conf->validate.clock_tolerance_s, 86400);
	assert_int_equal(conf->haproxy.generations, 5);
	conf_free(conf);
}

static void
each_word_of_an_enum_has_its_number(void **state)
{
	static const struct {
		const char *text;
		int engine, update, lost_names;
	} cases[] = {
	    {"engine = \"auto\"; haproxy: { update = \"auto\"; };",
		CONF_ENGINE_AUTO, CONF_UPDATE_AUTO, CONF_LOST_NAMES_WARN},
	    {"engine = \"certbot\"; haproxy: { update = \"runtime\"; };",
		CONF_ENGINE_CERTBOT, CONF_UPDATE_RUNTIME, CONF_LOST_NAMES_WARN},
	    {"engine = \"builtin\"; haproxy: { update = \"reload\"; };"
	     "validate: { lost_names = \"refuse\"; };",
		CONF_ENGINE_BUILTIN, CONF_UPDATE_RELOAD,
		CONF_LOST_NAMES_REFUSE},
	    {"haproxy: { update = \"none\"; };"
	     "validate: { lost_names = \"warn\"; };",
		CONF_ENGINE_AUTO, CONF_UPDATE_NONE, CONF_LOST_NAMES_WARN},
	};
	struct conf *conf = NULL;

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		loads(state, cases[i].text, &conf);
		assert_int_equal(conf->engine, cases[i].engine);
		assert_int_equal(conf->haproxy.update, cases[i].update);
		assert_int_equal(
		    conf->validate.lost_names, cases[i].lost_names);
		conf_free(conf);
	}
	refuses(state, "\nengine = \"certbo\";", 2,
	    "engine: \"certbo\" is none of auto|certbot|builtin");
	refuses(state, "engine = \"auto|certbot\";", 1, "is none of");
	refuses(state, "engine = \"\";", 1, "is none of");
}

static void
unknown_names_are_told_with_the_nearest(void **state)
{
	refuses(state, "syslgo = true;", 1,
	    "syslgo: there is no such option; did you mean syslog?");
	refuses(state, "haproxy: {\n\n bundel_dir = \"/x\";\n};", 3,
	    "haproxy.bundel_dir: there is no such option; did you mean "
	    "haproxy.bundle_dir?");
	refuses(state, "\nport = 2031;", 2, "did you mean challenge.port?");
	refuses(state, "haprxoy: { };", 1, "did you mean haproxy?");
	refuses(state, "something: { else = 1; };", 1,
	    "something: there is no such option");
	refuses(state, "haproxy = \"x\";", 1, "haproxy: it is a group");
	refuses(state, "haproxy: { haproxy: { update = \"none\"; }; };", 1,
	    "haproxy.haproxy: there is no such option");
}

static void
wrong_types_are_told(void **state)
{
	refuses(state, "syslog = 1;", 1, "syslog: it must be true or false");
	refuses(state, "lock_wait_ms = \"5\";", 1, "it must be a whole");
	refuses(state, "lock_wait_ms = 5.0;", 1, "it must be a whole");
	refuses(state, "state_dir = true;", 1, "it must be an absolute path");
	refuses(state, "engine = { };", 1, "it must be a word");
	refuses(state, "haproxy: { sockets = \"/s\"; };", 1,
	    "it must be a list of absolute paths");
	refuses(state, "haproxy: { reload_command = ( \"a\",\n 1 ); };", 2,
	    "it must be a list of strings");
	refuses(state, "haproxy: { reload_command = [ 1 ]; };", 1,
	    "it must be a list of strings");
}

/* Every bounded number is tried at, and just outside of, its bounds. */
static void
every_number_has_its_bounds(void **state)
{
	const struct conf_option *rows = NULL;
	struct conf *conf = NULL;
	char text[256], said[64];
	size_t count;
	long stored;

	rows = conf_options(&count);
	for (size_t i = 0; i < count; i++) {
		const char *dot = strchr(rows[i].name, '.');
		int group = dot != NULL ? (int)(dot - rows[i].name) : 0;
		const long tries[] = {rows[i].least, rows[i].most,
		    rows[i].least - 1, rows[i].most + 1};

		if (rows[i].type != CONF_INT)
			continue;
		for (size_t t = 0; t < COUNT_OF(tries); t++) {
			(void)snprintf(text, sizeof(text), "%.*s%s%s = %ld;%s",
			    group, rows[i].name, group > 0 ? ": { " : "",
			    rows[i].name + (group > 0 ? group + 1 : 0),
			    tries[t], group > 0 ? " };" : "");
			(void)snprintf(said, sizeof(said),
			    "%s: %ld is out of bounds", rows[i].name, tries[t]);
			if (t >= 2) {
				refuses(state, text, 1, said);
				continue;
			}
			loads(state, text, &conf);
			memcpy(&stored, (const char *)conf + rows[i].offset,
			    sizeof(stored));
			assert_int_equal(stored, tries[t]);
			conf_free(conf);
		}
	}
}

static void
numbers_are_not_cut_to_32_bits(void **state)
{
	refuses(state, "\nlock_wait_ms = 4294967300;", 2, "out of bounds");
	refuses(state, "lock_wait_ms = 4294967300L;", 1, "out of bounds");
	refuses(state, "lock_wait_ms = 0x100000004;", 1, "out of bounds");
	refuses(state, "lock_wait_ms = 017777777777;", 1, "out of bounds");
	refuses(
	    state, "/* \" */ lock_wait_ms =\n-4294967290;", 2, "out of bounds");
	refuses(state, "lock_wait_ms = 99999999999999999999;", 1, "bounds");
	refuses(state, "lock_wait_ms = 99999999999999999999L;", 1, "bounds");
}

static void
large_numbers_in_text_are_text(void **state)
{
	struct conf *conf = NULL;

	loads(state,
	    "# 99999999999\n// 99999999999\n/* 99999999999\n */\n"
	    "account: { email = \"\\\" 99999999999 a-99999999999@x\"; };",
	    &conf);
	assert_string_equal(
	    conf->account.email, "\" 99999999999 a-99999999999@x");
	conf_free(conf);
}

static void
lists_have_their_bounds(void **state)
{
	char text[4096], element[32];
	struct conf *conf = NULL;

	(void)snprintf(text, sizeof(text), "haproxy: { sockets = [ ");
	for (int i = 0; i < 16; i++) {
		(void)snprintf(element, sizeof(element), "%s\"/s%d\"",
		    i > 0 ? ", " : "", i);
		memcpy(text + strlen(text), element, strlen(element) + 1);
	}
	memcpy(text + strlen(text), "]; };", 6);
	loads(state, text, &conf);
	assert_int_equal(conf->haproxy.sockets.count, 16);
	assert_string_equal(conf->haproxy.sockets.items[15], "/s15");
	conf_free(conf);
	memcpy(strchr(text, ']'), ", \"/s\" ]; };", 13);
	refuses(state, text, 1,
	    "haproxy.sockets: it has 17 elements, 0 to 16 are allowed");
	refuses(state, "haproxy: { config = [ ]; };", 1,
	    "it has 0 elements, 1 to 64");
}

static void
paths_are_absolute(void **state)
{
	refuses(state, "state_dir = \"var\";", 1, "must be absolute");
	refuses(state, "state_dir = \"\";", 1, "must not be empty");
	refuses(state, "state_dir = \"./x\";", 1, "must be absolute");
	refuses(state, "haproxy: { config = [ \"/a\",\n\"b\" ]; };", 2,
	    "haproxy.config: b: the path must be absolute");
	refuses(state, "haproxy: { sockets = [ \"\" ]; };", 1, "empty");
}

static void
text_is_clean(void **state)
{
	refuses(state, "account: { email = \"a\\nb\"; };", 1, "control");
	refuses(state, "account: { email = \"a\xff\"; };", 1, "UTF-8");
	refuses(state, "challenge: { address = \"\"; };", 1, "empty");
}

static void
a_bundle_s_mode_gives_nothing_to_others(void **state)
{
	static const char *const bad[] = {"0604", "0602", "0601", "0666",
	    "0777", "1600", "4600", "6", "60", "00600", "0608", "rw-", "-600",
	    "0x80", ""};
	char text[128];
	struct conf *conf = NULL;
	struct err err = ERR_INIT;

	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		(void)snprintf(text, sizeof(text),
		    "haproxy: { bundle_mode = \"%s\"; };", bad[i]);
		assert_int_equal(load(state, text, &conf, &err), ERR_CONF);
	}
	refuses(state, "haproxy: { bundle_mode = \"0644\"; };", 1,
	    "haproxy.bundle_mode: 0644: others could read");
	loads(state, "haproxy: { bundle_mode = \"0660\"; };", &conf);
	conf_free(conf);
}

#define HERE(test)                                                             \
	cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    HERE(an_empty_file_means_the_defaults),
	    HERE(values_take_the_place_of_defaults),
	    HERE(each_word_of_an_enum_has_its_number),
	    HERE(unknown_names_are_told_with_the_nearest),
	    HERE(wrong_types_are_told),
	    HERE(every_number_has_its_bounds),
	    HERE(numbers_are_not_cut_to_32_bits),
	    HERE(large_numbers_in_text_are_text),
	    HERE(lists_have_their_bounds),
	    HERE(paths_are_absolute),
	    HERE(text_is_clean),
	    HERE(a_bundle_s_mode_gives_nothing_to_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
