/*
 * test_certbot_argv.c: the command lines that the engine gets, word by word,
 * and what of them the configuration decides.
 */
#include "wrapper/certbot.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/scratch.h"

#define DIRS "--config-dir|/le|--work-dir|/work|--logs-dir|/logs"

static const struct engine engine = {CONF_ENGINE_CERTBOT, "/bin/certbot", ""};

static struct conf
site(void)
{
	return (struct conf){
	    .letsencrypt = {"/le", "/work", "/logs"},
	    .account = {"", "", false},
	    .challenge = {.address = "127.0.0.1",
		.port = 2031,
		.map = "/acme.map"},
	};
}

/* Its words with bars between; frees them. */
static void
is_words(struct certbot_argv *argv, const char *wanted)
{
	char text[2000] = "";
	size_t used = 0;

	for (size_t i = 0; i < argv->count; i++) {
		used += (size_t)snprintf(text + used, sizeof(text) - used,
		    "%s%s", i == 0 ? "" : "|", argv->items[i]);
		assert_true(used < sizeof(text));
	}
	assert_null(argv->items[argv->count]);
	assert_string_equal(text, wanted);
	certbot_argv_free(argv);
	certbot_argv_free(argv);
}

static void
asks_for_a_certificate_behind_haproxy(void **state)
{
	static const char *const names[] = {"a.example", "*.b.example"};
	static const char *const rest[] = {"--dns-x", "--dns-x-file", "/a b"};
	struct certbot_request request = {
	    .names = names, .name_count = 2, .way = CERTBOT_STANDALONE};
	struct conf conf = site();
	struct certbot_argv argv;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(
	    certbot_certonly(&engine, &conf, &request, &argv, &err), 0);
	is_words(&argv,
	    "/bin/certbot|certonly|-n|" DIRS
	    "|--register-unsafely-without-email|--standalone|"
	    "--preferred-challenges|http|--http-01-address|127.0.0.1|"
	    "--http-01-port|2031|-d|a.example|-d|*.b.example");
	conf.account.email = "a@b.example";
	conf.account.server = "https://ca.example/dir";
	conf.account.agree_tos = true;
	request.way = CERTBOT_OTHER;
	request.rest = rest;
	request.rest_count = 3;
	request.force = request.expand = request.dry_run = true;
	request.key_type = "rsa";
	request.cert_name = "x";
	assert_int_equal(
	    certbot_certonly(&engine, &conf, &request, &argv, &err), 0);
	is_words(&argv,
	    "/bin/certbot|certonly|-n|" DIRS
	    "|--server|https://ca.example/dir|--agree-tos|-m|a@b.example|"
	    "--no-eff-email|--dry-run|--force-renewal|--expand|"
	    "--renew-with-new-domains|--key-type|rsa|"
	    "--cert-name|x|-d|a.example|-d|*.b.example|--dns-x|"
	    "--dns-x-file|/a b");
}

/* certbot: one of several web roots must precede all domain flags. */
static void
names_stand_behind_several_web_roots(void **state)
{
	static const char *const names[] = {"a.example", "b.example"};
	static const char *const rest[] = {"-w", "/b", "-d", "b.example"};
	static const bool in_rest[] = {false, true};
	const struct certbot_request request = {.names = names,
	    .name_count = 2,
	    .way = CERTBOT_OTHER,
	    .rest = rest,
	    .rest_count = 4,
	    .rest_first = true,
	    .in_rest = in_rest};
	struct conf conf = site();
	struct certbot_argv argv;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(
	    certbot_certonly(&engine, &conf, &request, &argv, &err), 0);
	is_words(&argv,
	    "/bin/certbot|certonly|-n|" DIRS
	    "|--register-unsafely-without-email|-w|/b|-d|b.example|"
	    "-d|a.example");
}

static void
staging_is_lets_encrypts(void **state)
{
	static const char *const names[] = {"a.example"};
	const struct certbot_request request = {.names = names,
	    .name_count = 1,
	    .way = CERTBOT_OTHER,
	    .staging = true};
	struct conf conf = site();
	struct certbot_argv argv;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(
	    certbot_certonly(&engine, &conf, &request, &argv, &err), 0);
	is_words(&argv,
	    "/bin/certbot|certonly|-n|" DIRS
	    "|--register-unsafely-without-email|--staging|-d|a.example");
}

/* What a hook's path may hold, certbot's shell must not see. */
static void
hooks_are_words_of_a_shell(void **state)
{
	static const struct {
		const char *hook, *conf, *wanted;
	} rows[] = {
	    {"/usr/bin/certhaul-hook", NULL, "/usr/bin/certhaul-hook auth"},
	    {"/usr/bin/certhaul-hook", "/etc/c.conf",
		"/usr/bin/certhaul-hook -c /etc/c.conf auth"},
	    {"/a b/hook", "/it's;$x", "'/a b/hook' -c '/it'\\''s;$x' auth"},
	};
	struct conf conf = site();

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct certbot_request request = {
		    .way = CERTBOT_IN_PROXY,
		    .hook_path = rows[i].hook,
		    .conf_path = rows[i].conf,
		};
		struct certbot_argv argv;
		struct err err = ERR_INIT;
		bool seen = false;

		assert_int_equal(
		    certbot_certonly(&engine, &conf, &request, &argv, &err), 0);
		for (size_t j = 0; j + 1 < argv.count; j++) {
			if (strcmp(argv.items[j], "--manual-auth-hook") != 0)
				continue;
			assert_string_equal(argv.items[j + 1], rows[i].wanted);
			seen = true;
		}
		assert_true(seen);
		assert_non_null(strstr(argv.items[argv.count - 1], "cleanup"));
		certbot_argv_free(&argv);
	}
}

static void
renews_without_a_server(void **state)
{
	struct certbot_renewal renewal = {.name = NULL};
	struct conf conf = site();
	struct certbot_argv argv;
	struct err err = ERR_INIT;

	(void)state;
	conf.account.server = "https://ca.example/dir";
	assert_int_equal(
	    certbot_renew(&engine, &conf, &renewal, &argv, &err), 0);
	is_words(
	    &argv, "/bin/certbot|renew|-n|" DIRS "|--no-random-sleep-on-renew");
	renewal.name = "a.example";
	renewal.force = renewal.quiet = true;
	assert_int_equal(
	    certbot_renew(&engine, &conf, &renewal, &argv, &err), 0);
	is_words(&argv,
	    "/bin/certbot|renew|-n|" DIRS
	    "|--no-random-sleep-on-renew|-q|--force-renewal|--cert-name|"
	    "a.example");
	renewal = (struct certbot_renewal){.dry_run = true};
	assert_int_equal(
	    certbot_renew(&engine, &conf, &renewal, &argv, &err), 0);
	is_words(&argv,
	    "/bin/certbot|renew|-n|" DIRS
	    "|--no-random-sleep-on-renew|--dry-run");
}

static void
revokes_with_the_lineages_own_account(void **state)
{
	static const char text[] = "[renewalparams]\naccount = 0123\n"
				   "server = https://old.example/dir\n";
	struct lineage_ref ref = {"a.example", ""};
	struct conf conf = site();
	struct certbot_argv argv;
	struct err err = ERR_INIT;

	conf.account.server = "https://ca.example/dir";
	(void)snprintf(ref.dir, sizeof(ref.dir), "%s/live/a.example",
	    scratch_path(state, "le"));
	assert_int_equal(
	    certbot_revoke(&engine, &conf, &ref, NULL, &argv, &err), ERR_NOENT);
	assert_int_equal(mkdir(scratch_path(state, "le"), 0700), 0);
	assert_int_equal(mkdir(scratch_path(state, "le/renewal"), 0700), 0);
	scratch_write(
	    state, "le/renewal/a.example.conf", text, strlen(text), 0600);
	assert_int_equal(
	    certbot_revoke(&engine, &conf, &ref, "superseded", &argv, &err), 0);
	is_words(&argv,
	    "/bin/certbot|revoke|-n|" DIRS
	    "|--cert-name|a.example|--delete-after-revoke|--server|"
	    "https://old.example/dir|--account|0123|--reason|superseded");
	assert_int_equal(
	    certbot_delete(&engine, &conf, "a.example", &argv, &err), 0);
	is_words(
	    &argv, "/bin/certbot|delete|-n|" DIRS "|--cert-name|a.example");
}

/* A lock is seen while another process holds it, and no longer. */
static void
sees_the_lock_of_another_certbot(void **state)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	struct conf conf = site();
	struct err err = ERR_INIT;
	int ready[2], status;
	char pid_text[32], byte = 0;
	pid_t pid;

	conf.letsencrypt.config_dir = scratch_path(state, "");
	assert_int_equal(certbot_probe(&conf, &err), 0);
	scratch_write(state, ".certbot.lock", "", 0, 0600);
	assert_int_equal(certbot_probe(&conf, &err), 0);
	assert_int_equal(pipe(ready), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		int fd = open(scratch_path(state, ".certbot.lock"), O_WRONLY);

		(void)alarm(60); /* should the test die */
		if (fcntl(fd, F_SETLK, &lock) != 0 ||
		    write(ready[1], &byte, 1) != 1)
			_exit(1);
		(void)pause();
		_exit(0);
	}
	assert_int_equal(close(ready[1]), 0);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_int_equal(certbot_probe(&conf, &err), ERR_LOCKED);
	(void)snprintf(pid_text, sizeof(pid_text), "process %d)", (int)pid);
	assert_non_null(strstr(err.detail, pid_text));
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(certbot_probe(&conf, &err), 0);
	assert_int_equal(close(ready[0]), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(asks_for_a_certificate_behind_haproxy),
	    cmocka_unit_test(names_stand_behind_several_web_roots),
	    cmocka_unit_test(staging_is_lets_encrypts),
	    cmocka_unit_test(hooks_are_words_of_a_shell),
	    cmocka_unit_test(renews_without_a_server),
	    cmocka_unit_test_setup_teardown(
		revokes_with_the_lineages_own_account, scratch_setup,
		scratch_teardown),
	    cmocka_unit_test_setup_teardown(sees_the_lock_of_another_certbot,
		scratch_setup, scratch_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
