/*
 * front.c: a run begins and ends; the half of it that is root.
 */
#define _GNU_SOURCE /* asprintf() */
#include "acme/front.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "acme/crypto.h"
#include "acme/pending.h"
#include "acme/publish.h"
#include "acme/stop.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/text.h"

enum { PATIENCE_MOST_S = 24 * 3600, VERBOSE_MOST = 1000 };

static long
within(long least, long number, long most)
{
	return number < least ? least : number > most ? most : number;
}

/* What a hook had to say, as loud as certbot says it. */
static void
say_for_hook(void *context, enum hooks_level level, const char *line)
{
	struct front *front = context;

	switch (level) {
	case HOOKS_INFO: front_note(front, FRONT_INFO, "%s", line); break;
	case HOOKS_NOTE: front_say(front, "%s", line); break;
	case HOOKS_WARNING:
		if (front->cli->quiet)
			logfile_say(front->log, "WARNING", "%s", line);
		else
			front_warn(front, "%s", line);
		break;
	case HOOKS_LEVELS: break;
	}
}

/* requests, and so certbot, look at these, in this order. */
static char *
ca_file_of_environment(void)
{
	static const char *const names[] = {
	    "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"};

	for (size_t i = 0; i < COUNT_OF(names); i++) {
		const char *value = getenv(names[i]);

		if (value != NULL && value[0] != '\0')
			return fs_absolute(value);
	}
	return strdup("");
}

static int
open_hooks(
    struct front *front, const struct front_policy *given, struct err *err)
{
	const struct options *cli = front->cli;
	struct hooks_policy policy = {.config_dir = cli->config_dir,
	    .directory = cli->directory_hooks,
	    .run_deploy_hooks = cli->run_deploy_hooks,
	    .core = given->core,
	    .context = front,
	    .say = say_for_hook};

	return hooks_new(&policy, &front->hooks, err);
}

static int
start_client(
    struct front *front, const struct front_policy *policy, struct err *err)
{
	struct issue_policy issue = {.user = geteuid() == 0 ? policy->user : "",
	    .ca_file = front->ca_file,
	    .words = front->cli->words,
	    .memory = front->cli->memory};

	crypto_begin();
	return issue_start(&issue, &front->issue, err);
}

/* Whatever the verb, as certbot: before a lock is taken or a hook run. */
static int
check_hooks(const struct options *cli, struct err *err)
{
	const struct {
		const char *option, *command;
	} hooks[] = {{"--pre-hook", cli->pre_hook},
	    {"--post-hook", cli->post_hook},
	    {"--deploy-hook", cli->deploy_hook},
	    {"--renew-hook", cli->renew_hook},
	    {"--manual-auth-hook", cli->manual_auth_hook},
	    {"--manual-cleanup-hook", cli->manual_cleanup_hook}};
	int rc = 0;

	for (size_t i = 0;
	     rc == 0 && cli->validate_hooks && i < COUNT_OF(hooks); i++) {
		if (hooks[i].command != NULL)
			rc =
			    hooks_check(hooks[i].option, hooks[i].command, err);
	}
	return rc;
}

static bool
is_given(const char *text)
{
	return text != NULL && text[0] != '\0';
}

/* With a comment behind it; --user-agent says all of it: front_job(). */
static char *
name_ourselves(const struct options *cli, const char *own)
{
	const char *comment = cli->user_agent_comment;
	char *made = NULL;

	if (!is_given(comment))
		return strdup(own);
	return asprintf(&made, "%s (%s)", own, comment) < 0 ? NULL : made;
}

int
front_open(const struct options *cli, const struct front_policy *policy,
    struct front *ret, struct err *err)
{
	int rc;

	memset(ret, 0, sizeof(*ret));
	ret->cli = cli;
	ret->stop_fd = -1;
	ret->dirs =
	    (struct store_dirs){cli->config_dir, cli->work_dir, cli->logs_dir};
	ret->ca_file = ca_file_of_environment();
	ret->user_agent = name_ourselves(cli, policy->user_agent);
	rc = ret->ca_file != NULL && ret->user_agent != NULL
	    ? check_hooks(cli, err)
	    : err_nomem(err, "reading the environment");
	if (rc == 0)
		rc = store_prepare(&ret->dirs, err);
	if (rc == 0)
		rc = certlock_take(&ret->dirs, &ret->lock, err);
	if (rc == 0)
		rc = logfile_open(
		    cli->logs_dir, cli->max_log_backups, &ret->log, err);
	if (rc == 0 && !cli->quiet)
		(void)fprintf(
		    stderr, "Saving debug log to %s\n", logfile_path(ret->log));
	if (rc == 0)
		rc = stop_hold(&ret->stop_fd, err);
	if (rc == 0 && policy->network) {
		publish_left_down(ret);
		pending_sweep(ret);
	}
	if (rc == 0 && policy->network)
		rc = start_client(ret, policy, err);
	return rc < 0 ? rc : open_hooks(ret, policy, err);
}

void
front_close(struct front *front)
{
	issue_stop(front->issue);
	hooks_free(front->hooks);
	logfile_close(front->log);
	certlock_release(front->lock);
	if (front->stop_fd >= 0)
		(void)close(front->stop_fd);
	free(front->ca_file);
	free(front->user_agent);
	memset(front, 0, sizeof(*front));
}

int
front_wait(struct front *front, int fd, long timeout_ms, struct err *err)
{
	return stop_wait(front->stop_fd, fd, (int)timeout_ms, err);
}

int
front_wait_input(struct front *front, struct err *err)
{
	struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
	char line[LIMIT_LOG_LINE_BYTES];
	int rc = stop_wait_either(
	    front->stop_fd, input.fd, issue_fd(front->issue), -1, err);

	if (rc == 0 && poll(&input, 1, 0) > 0)
		(void)!read(input.fd, line, sizeof(line));
	return rc;
}

static void make_line(char *ret, const char *fmt, va_list args)
    PRINTF_LIKE(2, 0);

/* What is too long is cut. */
static void
make_line(char *ret, const char *fmt, va_list args)
{
	if (vsnprintf(ret, LIMIT_LOG_LINE_BYTES, fmt, args) < 0)
		ret[0] = '\0';
}

void
front_say(struct front *front, const char *fmt, ...)
{
	char line[LIMIT_LOG_LINE_BYTES];
	size_t len = strlen(fmt);
	va_list args;

	va_start(args, fmt);
	make_line(line, fmt, args);
	va_end(args);
	text_clean(line);
	if (!front->cli->quiet) {
		/* A line of certbot's may end in a blank. */
		(void)printf(
		    "%s%s\n", line, len > 0 && fmt[len - 1] == ' ' ? " " : "");
		(void)fflush(stdout); /* hooks write there too */
	}
	if (line[0] != '\0')
		logfile_say(front->log, "INFO", "%s", line);
}

void
front_warn(struct front *front, const char *fmt, ...)
{
	char line[LIMIT_LOG_LINE_BYTES];
	va_list args;

	va_start(args, fmt);
	make_line(line, fmt, args);
	va_end(args);
	/* As it is: these are certbot's lines, and scripts look for them. */
	(void)fprintf(stderr, "%s\n", line);
	logfile_say(front->log, "WARNING", "%s", line);
}

void
front_note(struct front *front, enum front_detail detail, const char *fmt, ...)
{
	char line[LIMIT_LOG_LINE_BYTES];
	va_list args;

	va_start(args, fmt);
	make_line(line, fmt, args);
	va_end(args);
	text_clean(line);
	if (!front->cli->quiet && front->cli->verbose >= (long)detail)
		(void)fprintf(stderr, "%s\n", line);
	logfile_say(
	    front->log, detail == FRONT_INFO ? "INFO" : "DEBUG", "%s", line);
}

void
front_job(struct front *front, const struct options *params, enum job_kind kind,
    const struct accounts_entry *account, struct job *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->kind = kind;
	ret->server = params->server;
	memcpy(ret->account_url, account->url, sizeof(ret->account_url));
	ret->agree_tos = params->agree_tos || params->dry_run;
	ret->eab = params->eab_kid != NULL;
	/* As certbot: a renewal has that of the conf. */
	ret->user_agent = is_given(params->user_agent) ? params->user_agent
						       : front->user_agent;
	ret->ca_file = front->ca_file;
	ret->verify_ssl = !params->no_verify_ssl;
	ret->patience_s =
	    within(1, params->issuance_timeout_s, PATIENCE_MOST_S);
	ret->debug = within(0, params->verbose, VERBOSE_MOST);
	ret->profile = params->required_profile != NULL
	    ? params->required_profile
	    : params->preferred_profile != NULL ? params->preferred_profile
						: "";
	ret->profile_required = params->required_profile != NULL;
	ret->dry_run = params->dry_run;
}
