/*
 * test_option.c: certbot's command line is read as certbot reads it.
 */
#include "acme/option.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "acme/option_private.h"
#include "tests/unit/scratch.h"

static struct options options;
static struct err err;
static char xdg[LIMIT_PATH_BYTES];

static char *
environment(const char *name)
{
	static char none[] = ""; /* no file of whoever runs the tests */

	if (strcmp(name, "XDG_CONFIG_HOME") == 0 && xdg[0] != '\0')
		return xdg;
	return strcmp(name, "HOME") == 0 ? none : NULL;
}

/* The words of `line`, which are split at spaces, as a command line. */
static int
read_line(const char *line)
{
	static char copy[4096], *argv[64];
	int argc = 1;

	argv[0] = copy;
	(void)snprintf(copy, sizeof(copy), "certhaul-acme %s", line);
	for (char *at = copy; (at = strchr(at, ' ')) != NULL;) {
		*at++ = '\0';
		at += strspn(at, " ");
		if (*at != '\0')
			argv[argc++] = at;
	}
	argv[argc] = NULL;
	err_clear(&err);
	return option_read(argc, argv, environment, &options, &err);
}

static void
test_defaults(void **state)
{
	(void)state;
	assert_int_equal(read_line(""), 0);
	assert_int_equal(options.verb, OPTION_RUN);
	assert_string_equal(options.config_dir, "/etc/letsencrypt");
	assert_string_equal(options.key_type, "ecdsa");
	assert_int_equal(options.rsa_key_size, 2048);
	assert_int_equal(options.http01_port, 80);
	assert_int_equal(options.issuance_timeout_s, 90);
	assert_true(options.directory_hooks);
	assert_true(options.validate_hooks);
	assert_true(options.random_sleep);
	assert_true(options.delete_after_revoke);
	assert_false(options.reuse_key);
	assert_false(option_given(&options, "--key-type"));
	option_free(&options);
}

static void
test_a_usual_line(void **state)
{
	(void)state;
	assert_int_equal(
	    read_line("certonly -n --standalone --http-01-port 2031 "
		      "--http-01-address=127.0.0.1 -d A.Example,b.example "
		      "-db.example. -d *.c.example --key-type rsa "
		      "--rsa-key-size 3072 -m x@a.example --agree-tos -vv"),
	    0);
	assert_int_equal(options.verb, OPTION_CERTONLY);
	assert_true(options.non_interactive && options.agree_tos);
	assert_string_equal(options.authenticator, "standalone");
	assert_int_equal(options.http01_port, 2031);
	assert_int_equal(options.verbose, 2);
	assert_int_equal(options.domain_count, 3);
	assert_string_equal(options.domains[0], "a.example");
	assert_string_equal(options.domains[1], "b.example");
	assert_string_equal(options.domains[2], "*.c.example");
	assert_true(option_given(&options, "--rsa-key-size"));
	assert_string_equal(options.email, "x@a.example");
	option_free(&options);
}

/* The verb may stand anywhere; certbot's older words are known. */
static void
test_verbs(void **state)
{
	(void)state;
	assert_int_equal(read_line("--quiet renew --force-renewal"), 0);
	assert_int_equal(options.verb, OPTION_RENEW);
	assert_true(options.force_renewal && options.quiet);
	option_free(&options);
	assert_int_equal(read_line("auth --manual"), 0);
	assert_int_equal(options.verb, OPTION_CERTONLY);
	option_free(&options);
	assert_int_equal(read_line("renw"), ERR_USAGE);
	assert_non_null(strstr(err.detail, "\"renew\""));
	assert_int_equal(read_line("install"), ERR_INVALID);
	assert_non_null(strstr(err.detail, "install certbot"));
	assert_int_equal(read_line("renew certonly"), ERR_USAGE);
	assert_int_equal(read_line("--version renew --nonsense"), 0);
	assert_int_equal(options.verb, OPTION_VERSION);
	option_free(&options);
}

static void
test_abbreviations(void **state)
{
	(void)state;
	assert_int_equal(read_line("certonly --stand --cert-n x --dom a.b"), 0);
	assert_true(options.standalone);
	assert_string_equal(options.cert_name, "x");
	assert_int_equal(options.domain_count, 1);
	option_free(&options);
	/* Both --reuse-key and --register-...: not one. */
	assert_int_equal(read_line("certonly --re"), ERR_USAGE);
	assert_non_null(strstr(err.detail, "could be"));
	/* A whole name wins, though another begins with it. */
	assert_int_equal(read_line("certonly --webroot -w /srv -d a.b"), 0);
	assert_true(options.webroot);
	assert_int_equal(options.webroot_path_count, 1);
	option_free(&options);
}

static void
is_wrong(const char *line, int code)
{
	int rc = read_line(line);

	if (rc != code)
		fail_msg("%s: %d", line, rc);
	assert_string_not_equal(err.on, "");
	assert_string_not_equal(err.detail, "");
}

/* Words that are none, and words that do not go together. */
static void
test_what_is_wrong(void **state)
{
	static const char *const words[] = {"certonly --no-such-thing",
	    "certonly -Z", "certonly -d", "certonly -d --standalone",
	    "certonly --agree-tos=yes", "certonly --http-01-port 1x",
	    "certonly --key-type dsa", "certonly --elliptic-curve x",
	    "revoke --reason because", "delete --max-log-backups -1",
	    "certonly --csr /nowhere/f",
	    "certonly --preferred-challenges bogus"};
	static const char *const together[] = {"certonly -d a..b",
	    "certonly -d a.b,", "certonly -d 127.0.0.1", "certonly -d ::1",
	    "certonly -d a_/b", "certonly --standalone --webroot",
	    "certonly --staging --server https://ca.example/dir",
	    "certonly --preferred-challenges tls-alpn-01",
	    "certonly --cert-name ../x", "certonly --eab-kid x",
	    "certonly --csr /dev/null --allow-subset-of-names",
	    "renew --csr /dev/null", "revoke --dry-run",
	    "certonly --required-profile a --preferred-profile b"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(words); i++)
		is_wrong(words[i], ERR_USAGE);
	for (size_t i = 0; i < COUNT_OF(together); i++)
		is_wrong(together[i], ERR_INVALID);
	assert_int_equal(read_line("certonly --standalon-e"), ERR_USAGE);
	assert_non_null(strstr(err.detail, "--standalone"));
}

static void
test_what_is_certbots_alone(void **state)
{
	static const struct {
		const char *line;
		int code;
	} lines[] = {{"certonly --nginx", ERR_INVALID},
	    {"certonly --apache", ERR_INVALID}, {"run --hsts", ERR_INVALID},
	    {"--staple-ocsp -d a.b", ERR_INVALID},
	    {"certonly --dns-cloudflare-credentials x", ERR_USAGE},
	    {"certonly --nginx-ctl x", ERR_USAGE}};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(lines); i++) {
		assert_int_equal(read_line(lines[i].line), lines[i].code);
		assert_non_null(strstr(err.detail, "install certbot"));
		assert_memory_equal(err.on, "--", 2);
	}
}

static void
test_the_server(void **state)
{
	(void)state;
	assert_int_equal(read_line("certonly --dry-run"), 0);
	assert_non_null(strstr(options.server, "acme-staging-v02"));
	option_free(&options);
	/* A server of one's own has no staging. */
	assert_int_equal(
	    read_line("renew --dry-run --server https://ca.example/d"), 0);
	assert_string_equal(options.server, "https://ca.example/d");
	option_free(&options);
}

/* Which -w a name had in front of it. */
static void
test_webroots(void **state)
{
	(void)state;
	assert_int_equal(
	    read_line("certonly -w / -d a.x -d b.x -w /tmp -d c.x"), 0);
	assert_int_equal(options.webroot_before[0], 1);
	assert_int_equal(options.webroot_before[1], 1);
	assert_int_equal(options.webroot_before[2], 2);
	option_free(&options);
	assert_int_equal(read_line("certificates -w /none"), ERR_INVALID);
	assert_string_equal(err.on, "/none");
}

/* cli.ini: the command line wins; a list of it is not added to. */
static void
test_cli_ini(void **state)
{
	static const char text[] = "# a comment\n"
				   "[section]\n"
				   "email = ini@a.example\n"
				   "key-type: rsa\n"
				   "rsa-key-size=4096\n"
				   "agree-tos = true\n"
				   "standalone\n"
				   "quiet = false\n"
				   "reuse-key = true\n"
				   "delete-after-revoke = true\n"
				   "domains = ini.a, ini.b\n";
	static const char bad[] = "ok = 1\nkey-size 4\n";

	(void)snprintf(xdg, sizeof(xdg), "%s", (const char *)*state);
	assert_int_equal(mkdir(scratch_path(state, "letsencrypt"), 0755), 0);
	scratch_write(state, "letsencrypt/cli.ini", text, strlen(text), 0644);
	assert_int_equal(read_line("certonly -d cli.a --key-type ecdsa"), 0);
	assert_string_equal(options.email, "ini@a.example");
	assert_string_equal(options.key_type, "ecdsa");
	assert_int_equal(options.rsa_key_size, 4096);
	assert_true(options.agree_tos && options.standalone);
	assert_false(options.quiet);
	assert_int_equal(options.domain_count, 1);
	assert_true(options.reuse_key && options.delete_after_revoke);
	option_free(&options);
	/* The contrary of what the file says wins, too. */
	assert_int_equal(read_line("certonly -d cli.a --no-reuse-key "
				   "--no-delete-after-revoke"),
	    0);
	assert_false(options.reuse_key || options.delete_after_revoke);
	option_free(&options);
	scratch_write(state, "letsencrypt/cli.ini", bad, strlen(bad), 0644);
	assert_int_equal(read_line("certonly"), ERR_USAGE);
	assert_non_null(strstr(err.on, "cli.ini:1: ok"));
	xdg[0] = '\0';
}

/* What ConfigArgParse makes of a line, byte for byte. */
static void
test_values_of_cli_ini(void **state)
{
	static const struct {
		const char *line, *value;
	} rows[] = {
	    {"email = a@b.c # us", "a@b.c"},
	    {"email = a@b.c\t;us", "a@b.c"},
	    {"email = a#b;c", "a#b;c"},
	    {"email = a b ; c # d", "a b"},
	    {"email = \"a # b\"", "a # b"},
	    {"email = 'a ; b' # c", "a ; b"},
	    {"email = \"a\" b", "\"a\" b"},
	    {"email = \"a\" # \"b\"", "a"},
	    {"email = \"a", "\"a"},
	    {"email = \"\"", ""},
	    {"email =", ""},
	    {"email = # c", "# c"},
	    {"email a@b.c # c", "a@b.c"},
	    {"--email: a@b.c\r", "a@b.c"},
	};

	(void)snprintf(xdg, sizeof(xdg), "%s", (const char *)*state);
	assert_int_equal(mkdir(scratch_path(state, "letsencrypt"), 0755), 0);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		scratch_write(state, "letsencrypt/cli.ini", rows[i].line,
		    strlen(rows[i].line), 0644);
		assert_int_equal(read_line("certonly"), 0);
		assert_string_equal(options.email, rows[i].value);
		option_free(&options);
	}
	xdg[0] = '\0';
}

/* Each row is told by --help, with its names, and is read by each of them. */
static void
test_help_has_every_row(void **state)
{
	struct buf text = BUF_INIT(LIMIT_CONF_BYTES);
	size_t count;
	const struct option_row *rows = option_rows(&count);

	(void)state;
	assert_int_equal(option_help("all", &text, &err), 0);
	for (size_t i = 0; i < count; i++) {
		char name[64];

		(void)snprintf(name, sizeof(name), "  %.*s",
		    (int)strcspn(rows[i].names, " "), rows[i].names);
		if (strstr(buf_text(&text), name) == NULL)
			fail_msg("--help all has no %s", name);
	}
	buf_reset(&text);
	assert_int_equal(option_help("nonsense", &text, &err), 0);
	assert_non_null(strstr(buf_text(&text), "--verbose"));
	buf_free(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_defaults),
	    cmocka_unit_test(test_a_usual_line),
	    cmocka_unit_test(test_verbs),
	    cmocka_unit_test(test_abbreviations),
	    cmocka_unit_test(test_what_is_wrong),
	    cmocka_unit_test(test_what_is_certbots_alone),
	    cmocka_unit_test(test_the_server),
	    cmocka_unit_test(test_webroots),
	    cmocka_unit_test_setup_teardown(
		test_cli_ini, scratch_setup, scratch_teardown),
	    cmocka_unit_test_setup_teardown(
		test_values_of_cli_ini, scratch_setup, scratch_teardown),
	    cmocka_unit_test(test_help_has_every_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
