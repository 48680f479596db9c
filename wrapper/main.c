/*
 * main.c: certhaul: command line, configuration, command, exit status.
 */
#include "config.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/conf.h"
#include "base/log.h"
#include "base/proc.h"
#include "haproxy/environment.h"
#include "wrapper/cmdline.h"
#include "wrapper/status.h"

/* In the order of --help; a line each. */
static const struct command *const commands[] = {
    &command_init,
    &command_request,
    &command_renew,
    &command_revoke,
    &command_delete,
    &command_deploy,
    &command_rollback,
    &command_status,
    &command_check,
};
_Static_assert(COUNT_OF(commands) <= LIMIT_COMMANDS, "more than is known of");

static int
say(const struct buf *text, FILE *to, struct err *err)
{
	if (fputs(buf_text(text), to) < 0 || fflush(to) != 0)
		return err_sys(err, "writing", "the help", "write");
	return 0;
}

/* What is not a command: --help, --version, no word at all. */
static int
tell(const struct cmdline *cmdline, int *ret_status, struct err *err)
{
	struct buf text = BUF_INIT(LIMIT_HELP_BYTES);
	bool asked = cmdline->kind != CMDLINE_NOTHING;
	int rc;

	if (cmdline->kind == CMDLINE_VERSION)
		rc = buf_puts(&text, "certhaul " PACKAGE_VERSION "\n", err);
	else
		rc = cmdline_help(
		    commands, COUNT_OF(commands), cmdline->help_of, &text, err);
	if (rc == 0)
		rc = say(&text, asked ? stdout : stderr, err);
	buf_free(&text);
	*ret_status = asked ? COMMAND_EXIT_DONE : COMMAND_EXIT_USAGE;
	return rc;
}

/*
 * certbot, which we start, starts certhaul-hook by itself: with -c it is to
 * read what we read.
 */
static int
hand_on(const struct command_call *call, struct err *err)
{
	char path[PATH_MAX];

	if (call->conf_path == NULL)
		return 0;
	if (realpath(call->conf_path, path) == NULL ||
	    setenv(CONF_ENV, path, 1) != 0)
		return err_sys(err, "reading", call->conf_path, "realpath");
	return 0;
}

static int
run(struct cmdline *cmdline, int *ret_status, struct err *err)
{
	struct command_call *call = &cmdline->call;
	struct conf *conf = NULL;
	int rc;

	if (cmdline->kind != CMDLINE_COMMAND)
		return tell(cmdline, ret_status, err);
	rc = conf_load(call->conf_path, &conf, err);
	if (rc < 0) {
		/* Whatever is wrong with it: it is the configuration. */
		if (rc != ERR_NOMEM)
			err->code = ERR_CONF;
		return call->command->run_without_conf == NULL
		    ? rc
		    : call->command->run_without_conf(call, ret_status, err);
	}
	log_open("certhaul", LOG_LEVEL_WARN, conf->syslog);
	call->conf = conf;
	rc = hand_on(call, err);
	/* What init mends is to do for every branch of an `.if`. */
	if (rc == 0)
		environment_learn(conf, call->command != &command_init);
	if (rc == 0)
		rc = call->command->run(call, ret_status, err);
	conf_free(conf);
	return rc;
}

/* How it should have been called, below what is wrong with how it was. */
static void
say_usage(const struct command *command)
{
	struct buf text = BUF_INIT(LIMIT_HELP_BYTES);
	struct err ignored = ERR_INIT;

	if (cmdline_usage(command, &text, &ignored) == 0 &&
	    buf_puts(&text, "\n", &ignored) == 0)
		(void)!say(&text, stderr, &ignored);
	buf_free(&text);
}

/* A monitor takes the status 2 of a wrong command line for an alarm. */
static bool
is_for_monitor(const struct command *command, char **argv)
{
	while (*argv != NULL && strcmp(*argv, "--nagios") != 0)
		argv++;
	return *argv != NULL && (command == NULL || command == &command_status);
}

int
main(int argc, char **argv)
{
	int status = COMMAND_EXIT_FAILED, rc;
	struct err err = ERR_INIT;
	struct cmdline cmdline;

	(void)umask(077); /* nothing that we make is for others to read */
	proc_fill_stdio();
	(void)signal(SIGPIPE, SIG_IGN); /* whoever reads our output may leave */
	log_open("certhaul", LOG_LEVEL_WARN, false);
	rc = cmdline_read(
	    argc, argv, commands, COUNT_OF(commands), &cmdline, &err);
	if (rc == 0)
		rc = run(&cmdline, &status, &err);
	if (rc == 0 && status == COMMAND_EXIT_DONE)
		rc = proc_end_output(&err);
	if (rc < 0) {
		log_err(LOG_LEVEL_ERROR, "", &err);
		if (err.code == ERR_USAGE)
			say_usage(cmdline.call.command);
		status = err.code == ERR_USAGE &&
			is_for_monitor(cmdline.call.command, argv)
		    ? status_nagios_unknown(&err)
		    : command_exit_for(&err);
	}
	cmdline_free(&cmdline);
	log_close();
	return status;
}
