/*
 * renew_engine.c: certbot's renew, and how far it has come. Its words go
 * where ours go; on a terminal its "Processing ..." lines move a line at the
 * bottom instead.
 */
#include "wrapper/renew.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/term.h"
#include "base/text.h"
#include "wrapper/certbot.h"
#include "wrapper/child.h"
#include "wrapper/engine.h"

struct show {
	struct term_progress progress;
	size_t begun;
	char name[LIMIT_LINEAGE_NAME_BYTES + 1]; /* what it is at */
};

/* "Processing /etc/letsencrypt/renewal/NAME.conf" */
static bool
name_in(const char *line, char *ret, size_t size)
{
	static const char begin[] = "Processing ", end[] = ".conf";
	const char *slash = strrchr(line, '/');
	size_t len;

	if (strncmp(line, begin, strlen(begin)) != 0 || slash == NULL)
		return false;
	len = strlen(slash + 1);
	if (len <= strlen(end) || len - strlen(end) >= size ||
	    strcmp(slash + 1 + len - strlen(end), end) != 0)
		return false;
	(void)snprintf(ret, size, "%.*s", (int)(len - strlen(end)), slash + 1);
	return text_is_lineage_name(ret);
}

static bool
see_line(void *context, const char *line)
{
	struct show *show = context;

	if (name_in(line, show->name, sizeof(show->name)))
		show->begun++;
	term_progress_hide(&show->progress);
	return true;
}

static void
draw_again(void *context)
{
	struct show *show = context;

	if (show->begun > 0)
		term_progress_at(&show->progress, show->begun - 1, show->name);
}

/* A run that did not end well; what comes after it goes on. */
static void
fail(struct renew *renew, const char *name)
{
	renew->failed++;
	if (name == NULL)
		renew->more_failed = true;
	else
		renew_note_failed(renew, name);
}

static int
run_one(struct renew *renew, const struct engine *engine, const char *name,
    const struct child_watch *watch, struct err *err)
{
	const struct certbot_renewal wanted = {
	    .name = name,
	    .force = renew->force,
	    .dry_run = renew->dry_run,
	    .quiet = renew->quiet,
	};
	struct certbot_argv argv = {NULL, 0};
	int rc, status = 0;

	rc = certbot_renew(engine, renew->call->conf, &wanted, &argv, err);
	if (rc == 0)
		rc = child_run(
		    (const char *const *)argv.items, watch, &status, err);
	certbot_argv_free(&argv);
	if (rc == ERR_STOPPED || rc == ERR_NOMEM)
		return rc;
	if (rc < 0) {
		log_err(LOG_LEVEL_ERROR, "", err);
		err_clear(err);
	} else if (status != 0 && renew_why(renew, engine->path, status)) {
		renew->untried += name != NULL ? 1 : renew->before.count;
		return 0;
	}
	if (rc < 0 || status != 0)
		fail(renew, name);
	return 0;
}

static int
run_all(struct renew *renew, const struct engine *engine,
    const struct child_watch *watch, struct err *err)
{
	const struct command_call *call = renew->call;
	int rc = 0;

	if (call->name_count == 0)
		return run_one(renew, engine, NULL, watch, err);
	for (size_t i = 0; rc == 0 && i < call->name_count; i++)
		rc = run_one(renew, engine, call->names[i], watch, err);
	return rc;
}

int
renew_engine(struct renew *renew, struct err *err)
{
	const struct command_call *call = renew->call;
	struct show show = {.begun = 0};
	const struct child_watch watch = {
	    .line = see_line, .passed = draw_again, .context = &show};
	struct engine engine;
	int rc;

	rc = engine_find(call->conf, &engine, err);
	if (rc < 0) {
		log_err(LOG_LEVEL_ERROR, "", err);
		err_clear(err);
		fail(renew, NULL);
		return 0;
	}
	if (renew->dry_run)
		renew_rehearsal_warn(renew);
	if (renew->quiet || !term_is(STDOUT_FILENO))
		return run_all(renew, &engine, NULL, err);
	term_progress_begin(&show.progress, STDOUT_FILENO, "renewing",
	    call->name_count > 0 ? call->name_count : renew->before.count);
	show.progress.slow = true;
	rc = run_all(renew, &engine, &watch, err);
	term_progress_end(&show.progress);
	return rc;
}
