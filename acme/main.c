/*
 * main.c: certhaul-acme: certbot's command line -> a verb -> an exit status.
 */
#include "config.h"

#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "acme/issue.h"
#include "acme/option.h"
#include "acme/stop.h"
#include "acme/verb.h"
#include "base/attr.h"
#include "base/log.h"
#include "base/proc.h"

/* Whom scripts that ask certbot for its version take us for. */
#define CERTBOT_VERSION "certbot 2.1.0"

/*
 * GnuTLS, which libcurl may bring along for what we do not speak, asks its
 * program whether to leave its set-up to who uses it: so its manual has it
 * ("Initialization and deinitialization", GNUTLS_SKIP_GLOBAL_INIT).
 */
int _gnutls_global_init_skip(void); /* NOLINT: the name is GnuTLS's */
int
_gnutls_global_init_skip(void) /* NOLINT */
{
	return 1;
}

struct verb_row {
	int (*run)(struct front *front, int *ret_status, struct err *err);
	bool network;
};

static const struct verb_row verbs[] = {
    [OPTION_RUN] = {verb_certonly, true},
    [OPTION_CERTONLY] = {verb_certonly, true},
    [OPTION_RENEW] = {verb_renew, true},
    [OPTION_CERTIFICATES] = {verb_certificates, false},
    [OPTION_UPDATE_SYMLINKS] = {verb_update_symlinks, false},
    [OPTION_REVOKE] = {verb_revoke, true},
    [OPTION_DELETE] = {verb_delete, false},
    [OPTION_REGISTER] = {verb_register, true},
    [OPTION_UNREGISTER] = {verb_unregister, true},
    [OPTION_UPDATE_ACCOUNT] = {verb_update_account, true},
    [OPTION_SHOW_ACCOUNT] = {verb_show_account, true},
    [OPTION_RECONFIGURE] = {verb_reconfigure, true},
    [OPTION_PLUGINS] = {verb_plugins, false},
    [OPTION_HELP] = {NULL, false},
    [OPTION_VERSION] = {NULL, false},
};
_Static_assert(COUNT_OF(verbs) == OPTION_VERBS, "a row for each verb");

static int
show_help(const char *topic, struct err *err)
{
	struct buf text = BUF_INIT(LIMIT_CONF_BYTES);
	int rc = option_help(topic, &text, err);

	if (rc == 0)
		(void)fputs(buf_text(&text), stdout);
	buf_free(&text);
	return rc;
}

static void
show_version(const char *program)
{
	char name[LIMIT_PATH_BYTES];

	(void)snprintf(name, sizeof(name), "%s", program);
	(void)puts(strcmp(basename(name), "certbot") == 0
		? CERTBOT_VERSION
		: "certhaul-acme " PACKAGE_VERSION);
}

static int
run(const struct options *options, const struct rlimit *core, int *ret_status,
    int *ret_signal, struct err *err)
{
	const struct verb_row *row = &verbs[options->verb];
	const struct front_policy policy = {.network = row->network,
	    .user_agent = "certhaul-acme/" PACKAGE_VERSION,
	    .user = ACME_USER,
	    .core = core};
	struct front front;
	char line[LIMIT_LOG_LINE_BYTES];
	int rc;

	rc = front_open(options, &policy, &front, err);
	if (rc == 0)
		rc = row->run(&front, ret_status, err);
	if (rc < 0)
		logfile_say(front.log, "ERROR", "%s",
		    err_text(err, line, sizeof(line)));
	if ((rc < 0 || *ret_status != VERB_EXIT_DONE) && front.log != NULL)
		(void)fprintf(stderr, "See the logfile %s for more details.\n",
		    logfile_path(front.log));
	if (rc == ERR_STOPPED)
		*ret_signal = stop_signal(front.stop_fd);
	front_close(&front);
	return rc;
}

/*
 * Keys are in our memory: no core file, no debugger of another's. `ret_core` is
 * the limit that hooks get back: the hard one stays, for who is not root could
 * not raise it again.
 */
static void
keep_keys_in(struct rlimit *ret_core)
{
	struct rlimit none = {0, 0};

	if (getrlimit(RLIMIT_CORE, ret_core) < 0)
		*ret_core = none;
	none.rlim_max = ret_core->rlim_max;
	(void)setrlimit(RLIMIT_CORE, &none);
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

/*
 * libcurl's libraries take themselves down at exit, piece by piece, in memory
 * that goes with the process.
 */
static int
leave(int status)
{
	/* Whoever reads it must not take half of it for the whole. */
	if ((fflush(stdout) != 0 || ferror(stdout)) &&
	    status == VERB_EXIT_DONE) {
		(void)fputs("certhaul-acme: error: writing the output failed\n",
		    stderr);
		status = VERB_EXIT_FAILED;
	}
	(void)fflush(NULL);
	if (!BUILT_TO_REPORT)
		_exit(status);
	return status;
}

int
main(int argc, char **argv)
{
	struct options options;
	struct err err = ERR_INIT;
	struct rlimit core;
	int status = VERB_EXIT_FAILED, told = 0, rc;

	proc_fill_stdio();
	(void)signal(SIGPIPE, SIG_IGN);
	keep_keys_in(&core);
	log_open("certhaul-acme", LOG_LEVEL_WARN, false);
	if (issue_is_client(argc, argv))
		return issue_be_client(argv);
	rc = option_read(argc, argv, getenv, &options, &err);
	if (rc < 0) {
		log_err(LOG_LEVEL_ERROR, "", &err);
		log_close();
		return rc == ERR_USAGE ? VERB_EXIT_USAGE : VERB_EXIT_FAILED;
	}
	if (options.passed_over != NULL && !options.quiet)
		log_say(LOG_LEVEL_WARN, "%s: out of reach, passed over",
		    options.passed_over);
	if (options.verb == OPTION_VERSION) {
		show_version(argv[0]);
		status = VERB_EXIT_DONE;
	} else if (options.verb == OPTION_HELP) {
		rc = show_help(options.topic, &err);
		status = VERB_EXIT_DONE;
	} else {
		rc = run(&options, &core, &status, &told, &err);
	}
	if (rc < 0) {
		log_err(LOG_LEVEL_ERROR, "", &err);
		status = VERB_EXIT_FAILED;
	}
	option_free(&options);
	log_close();
	stop_die(told);
	return leave(status);
}
