/*
 * main.c: certhaul-hook: event, configuration, command, exit status.
 */
#include "config.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/log.h"
#include "base/proc.h"
#include "haproxy/environment.h"
#include "hooks/command.h"
#include "hooks/event.h"
#include "hooks/report.h"

typedef int (*command)(const struct conf *conf, const struct event *event,
    int *ret_status, struct err *err);

static const command commands[] = {
    [EVENT_DEPLOY] = command_deploy,
    [EVENT_PRE] = command_pre,
    [EVENT_POST] = command_post,
    [EVENT_DETACH] = command_detach,
    [EVENT_ROLLBACK] = command_rollback,
    [EVENT_AUTH] = command_auth,
    [EVENT_CLEANUP] = command_cleanup,
    [EVENT_HELP] = NULL,
    [EVENT_VERSION] = NULL,
};
_Static_assert(COUNT_OF(commands) == EVENT_KINDS, "a row for each kind");

static int
run(int argc, char **argv, struct event *event, int *ret_status,
    struct err *err)
{
	struct conf *conf = NULL;
	int rc;

	rc = event_read(argc, argv, getenv, event, err);
	if (rc < 0)
		return rc;
	if (event->kind == EVENT_HELP || event->kind == EVENT_VERSION) {
		(void)fputs(event->kind == EVENT_HELP
			? event_usage()
			: "certhaul-hook " PACKAGE_VERSION "\n",
		    stdout);
		*ret_status = REPORT_EXIT_DONE;
		return 0;
	}
	rc = conf_load(event->conf_path, &conf, err);
	if (rc < 0) {
		command_missed(event);
		/* Whatever is wrong with it: it is the configuration. */
		if (rc != ERR_NOMEM)
			err->code = ERR_CONF;
		return rc;
	}
	log_open("certhaul-hook", LOG_LEVEL_WARN, conf->syslog);
	/* A challenge is answered by maps alone, and is to be quick. */
	if (event->kind != EVENT_AUTH && event->kind != EVENT_CLEANUP)
		environment_learn(conf, true);
	rc = commands[event->kind](conf, event, ret_status, err);
	conf_free(conf);
	return rc;
}

/* The exit status for a failure that ended the whole run. */
static int
exit_for(const struct err *err)
{
	switch (err->code) {
	case ERR_USAGE:
	case ERR_CONF: return REPORT_EXIT_USAGE;
	case ERR_LOCKED: return REPORT_EXIT_LOCKED;
	case ERR_INVALID: return REPORT_EXIT_REFUSED;
	default: return REPORT_EXIT_FAILED;
	}
}

/* Keys are in our memory: no core file, no debugger of another's. */
static void
keep_keys_in(void)
{
	const struct rlimit none = {0, 0};

	(void)setrlimit(RLIMIT_CORE, &none);
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

int
main(int argc, char **argv)
{
	struct event event = {.kind = EVENT_KINDS};
	struct err err = ERR_INIT;
	int status = REPORT_EXIT_FAILED, rc;

	(void)umask(077); /* nothing that we make is for others to read */
	proc_fill_stdio();
	(void)signal(SIGPIPE, SIG_IGN); /* whoever reads our output may leave */
	keep_keys_in();
	/* Until the configuration says otherwise: under certbot's timer nobody
	 * sees more than the journal. */
	log_open("certhaul-hook", LOG_LEVEL_WARN, isatty(STDERR_FILENO) == 0);
	rc = run(argc, argv, &event, &status, &err);
	/* A revocation waits for a detach, and not for what that had to say. */
	if (rc == 0 && status == REPORT_EXIT_DONE && event.kind != EVENT_DETACH)
		rc = proc_end_output(&err);
	if (rc < 0) {
		log_err(LOG_LEVEL_ERROR, "", &err);
		status = exit_for(&err);
	}
	event_free(&event);
	log_close();
	return status;
}
