/*
 * command.c: deploy, post, rollback and detach: which lineages, through the
 * pipeline, then what it left: the lineages that are gone, the reload that is
 * due.
 */
#include "hooks/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "hooks/detach.h"
#include "hooks/earlier.h"
#include "hooks/flush.h"
#include "hooks/missed.h"
#include "hooks/names.h"

/*
 * A reload in the middle: the new worker may have read the disk before we
 * renamed, and what we saw was the old one's (hazard H4). So once more.
 */
enum { ROUNDS = 3 };

/*
 * A bundle is gone: what was rolled back since that one had the name may be
 * served now, and nobody would come back for it. `stayed` is how those had
 * ended that are not gone; how the others did holds.
 */
static int
once_more(struct site *site, const struct names *names,
    const struct deploy_options *options, const struct report *stayed,
    struct deploy_result *result, struct report *report, struct err *err)
{
	struct deploy_name *left = NULL;
	size_t *at = NULL; /* of those left, among all */
	size_t count = 0;
	int rc;

	if (report->counts[ITEM_ROLLED_BACK] == 0 &&
	    report->counts[ITEM_NOT_SERVED] == 0)
		return 0;
	left = calloc(names->count + 1, sizeof(*left));
	at = calloc(names->count + 1, sizeof(*at));
	if (left == NULL || at == NULL) {
		rc = err_nomem(err, "deploying");
		goto out;
	}
	for (size_t i = 0, g = 0; i < names->count; i++) {
		if (g < result->gone_count && result->gone[g] == i) {
			g++;
			continue;
		}
		at[count] = i;
		left[count++] = names->items[i];
	}
	result->gone_count = result->due_count = 0;
	for (size_t i = 0; i < ITEM_OUTCOMES; i++)
		report->counts[i] -= stayed->counts[i];
	rc = site_reread(site, err);
	if (rc == 0)
		rc =
		    deploy_run(site, left, count, options, report, result, err);
	for (size_t i = 0; i < result->due_count; i++)
		result->due[i] = at[result->due[i]];
out:
	free(left);
	free(at);
	return rc;
}

static int
converge(struct site *site, const struct names *names,
    const struct deploy_options *options, struct report *report,
    struct err *err)
{
	const struct detach_options leave = {.by_name = false};
	struct deploy_result result = {0};
	struct report stayed;
	bool dry_run = options->converge.dry_run, moved = true;
	int rc = 0;

	result.gone = calloc(names->count + 1, sizeof(*result.gone));
	result.due = calloc(names->count + 1, sizeof(*result.due));
	if (result.gone == NULL || result.due == NULL) {
		rc = err_nomem(err, "deploying");
		goto out;
	}
	if (names->count > 1)
		term_progress_begin(&report->progress, STDERR_FILENO,
		    "deploying", names->count);
	log_progress(&report->progress);
	for (int round = 0; rc == 0 && moved && round < ROUNDS; round++) {
		result.gone_count = result.due_count = 0;
		report_again(report);
		/* The round before may have edited crt-lists. */
		if (round > 0)
			rc = site_reread(site, err);
		if (rc == 0)
			rc = deploy_run(site, names->items, names->count,
			    options, report, &result, err);
		moved = false;
		if (rc == 0 && !dry_run && names->count > 0)
			rc = site_moved(site, &moved, err);
	}
	term_progress_end(&report->progress);
	log_progress(NULL);
	stayed = *report;
	if (rc == 0 && !dry_run)
		rc = detach_run(site, names->items, result.gone,
		    result.gone_count, &leave, report, err);
	if (rc == 0 && report->counts[ITEM_REMOVED] > 0)
		rc = once_more(
		    site, names, options, &stayed, &result, report, err);
	if (rc == 0 && !dry_run && report->flushes)
		rc = flush_run(site, names->items, result.due, result.due_count,
		    report, err);
out:
	free(result.gone);
	free(result.due);
	return rc;
}

/* Who came to no end will not be called again: leave a note. */
static void
miss(const struct conf *conf, const struct event *event)
{
	struct err err = ERR_INIT;

	if (!event->dry_run && !event->all &&
	    missed_note(conf, event, &err) < 0)
		log_err(LOG_LEVEL_WARN, "", &err);
}

void
command_missed(const struct event *event)
{
	struct conf *conf = NULL;
	struct err err = ERR_INIT;

	if (event->kind != EVENT_DEPLOY || !event->renewed)
		return;
	if (conf_load_state_dir(event->conf_path, &conf, &err) == 0)
		miss(conf, event);
	else
		log_say(LOG_LEVEL_WARN,
		    "nothing will remember this renewal: once that is mended, "
		    "certhaul-hook deploy %s",
		    event->lineage.name);
	conf_free(conf);
}

static int
names_of(struct site *site, const struct event *event,
    const struct missed *missed, struct names *ret, struct err *err)
{
	int rc;

	if (event->kind == EVENT_POST)
		rc = names_of_waiting(site, ret, err);
	else if (event->all)
		rc = names_of_all(site, ret, err);
	else
		return names_of_event(site, event, ret, err);
	return rc < 0 ? rc : missed_add(missed, ret, err);
}

/* What takes the lineage's place in the pipeline. */
static int
go_back(struct site *site, const struct event *event, const struct names *names,
    struct deploy_options *options, struct err *err)
{
	struct buf text = BUF_INIT(LIMIT_REPLY_BYTES);
	const char *name = names->items[0].name;
	int rc;

	rc = earlier_choose(
	    site, name, event->to, &options->converge.generation, err);
	if (rc == 0 && event->dry_run)
		rc = earlier_list(site, name, &text, err);
	(void)fputs(buf_text(&text), stdout);
	buf_free(&text);
	return rc;
}

/*
 * What waits for a name that the detached one had is served from now on; how
 * that ends is told, and is not how the detach ended.
 */
static void
follow(struct site *site, const struct deploy_options *options)
{
	struct deploy_options quiet = *options;
	struct report report = {.verbose = false, .flushes = true};
	struct names names = {NULL, 0, 0};
	struct err err = ERR_INIT;
	int rc;

	quiet.named = false;
	quiet.converge.durable = false;
	rc = names_of_displaced(site, &names, &err);
	if (rc == 0 && names.count > 0)
		rc = site_reread(site, &err);
	if (rc == 0 && names.count > 0)
		rc = converge(site, &names, &quiet, &report, &err);
	if (rc < 0)
		log_err(LOG_LEVEL_WARN, "", &err);
	names_free(&names);
}

static int
work(struct site *site, const struct event *event, const struct names *names,
    struct deploy_options *options, struct report *report, struct err *err)
{
	const struct detach_options leave = {.by_name = true,
	    .revoked = event->revoked,
	    .removal = event->removal,
	    .dry_run = event->dry_run};
	int rc = 0;

	if (event->kind == EVENT_DETACH) {
		rc = detach_run(site, names->items, NULL, names->count, &leave,
		    report, err);
		if (rc == 0 && report->counts[ITEM_REMOVED] > 0)
			follow(site, options);
		return rc;
	}
	if (event->kind == EVENT_ROLLBACK)
		rc = go_back(site, event, names, options, err);
	return rc < 0 ? rc : converge(site, names, options, report, err);
}

/* The lineages of the event through the pipeline; counted in `report`. */
static int
run(const struct conf *conf, const struct event *event, struct report *report,
    size_t *ret_count, struct err *err)
{
	struct deploy_options options = {
	    .converge = {.force = event->force,
		.dry_run = event->dry_run,
		.release = event->kind == EVENT_DEPLOY && !event->all &&
		    !event->renewed},
	    .named = event->kind != EVENT_POST && !event->all,
	    .expected = (const char *const *)event->domains,
	};
	struct missed missed = {{NULL, 0, 0}, NULL};
	struct names names = {NULL, 0, 0};
	struct site site;
	int rc;

	rc = site_open(conf, event->dry_run, event->all, &site, err);
	if (rc == 0 && !event->dry_run)
		rc = missed_read(conf, &missed, err);
	if (rc == 0)
		rc = names_of(&site, event, &missed, &names, err);
	options.converge.durable = names.count == 1;
	if (rc == 0)
		rc = work(&site, event, &names, &options, report, err);
	report->counts[ITEM_FAILED] += names.odd;
	if (rc == 0 && !event->dry_run)
		missed_clear(conf, &missed, &names);
	*ret_count = names.count;
	missed_free(&missed);
	names_free(&names);
	site_close(&site);
	return rc;
}

int
command_deploy(const struct conf *conf, const struct event *event,
    int *ret_status, struct err *err)
{
	struct report report = {
	    .verbose = !event->all || event->verbose, .flushes = event->all};
	size_t count = 0;
	int rc;

	rc = run(conf, event, &report, &count, err);
	if (rc < 0)
		miss(conf, event);
	else if (!event->dry_run)
		report_summary(&report, event->all);
	*ret_status = report_exit_status(&report);
	return rc;
}

/* What was asked for by name, and is not tried again by itself. */
static int
by_name(const struct conf *conf, const struct event *event, int *ret_status,
    struct err *err)
{
	struct report report = {.verbose = true, .flushes = true};
	size_t count = 0;
	int rc;

	rc = run(conf, event, &report, &count, err);
	if (rc == 0 && !event->dry_run)
		report_summary(&report, false);
	*ret_status = report_exit_status(&report);
	return rc;
}

int
command_detach(const struct conf *conf, const struct event *event,
    int *ret_status, struct err *err)
{
	return by_name(conf, event, ret_status, err);
}

int
command_rollback(const struct conf *conf, const struct event *event,
    int *ret_status, struct err *err)
{
	return by_name(conf, event, ret_status, err);
}

int
command_post(const struct conf *conf, const struct event *event,
    int *ret_status, struct err *err)
{
	struct report report = {.verbose = event->verbose, .flushes = true};
	size_t count = 0;
	int rc;

	rc = run(conf, event, &report, &count, err);
	if (rc == 0 && (count > 0 || event->verbose))
		report_summary(&report, true);
	*ret_status = report_exit_status(&report);
	return rc;
}
