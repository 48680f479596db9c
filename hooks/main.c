/*
 * main.c: certhaul-hook: event, configuration, command, exit status.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/conf.h"
#include "base/log.h"
#include "hooks/command.h"
#include "hooks/event.h"
#include "hooks/report.h"

typedef int (*command)(const struct conf *conf, const struct event *event,
    int *ret_status, struct err *err);

static const command commands[] = {
    [EVENT_DEPLOY] = command_deploy,
    [EVENT_PRE] = command_pre,
    [EVENT_POST] = command_post,
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
	if (rc < 0)
		return rc;
	log_open("certhaul-hook",
	    event->verbose ? LOG_LEVEL_DEBUG : LOG_LEVEL_WARN, conf->syslog);
	rc = commands[event->kind](conf, event, ret_status, err);
	conf_free(conf);
	return rc;
}

int
main(int argc, char **argv)
{
	struct event event = {.kind = EVENT_KINDS};
	struct err err = ERR_INIT;
	int status = REPORT_EXIT_FAILED;

	/* Whoever calls us, nothing that we make is for others to read. */
	(void)umask(077);
	log_open("certhaul-hook", LOG_LEVEL_WARN, false);
	if (run(argc, argv, &event, &status, &err) < 0) {
		log_err(LOG_LEVEL_ERROR, "", &err);
		status = report_exit_for(&err);
	}
	event_free(&event);
	log_close();
	return status;
}
