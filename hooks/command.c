/*
 * command.c: deploy and post: which lineages, through the pipeline, then what
 * it left: the lineages that are gone, the reload that is due.
 */
#include "hooks/command.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "hooks/detach.h"
#include "hooks/flush.h"
#include "hooks/missed.h"
#include "hooks/names.h"

/*
 * A reload in the middle: the new worker may have read the disk before we
 * renamed, and what we saw was the old one's (hazard H4). So once more.
 */
enum { ROUNDS = 3 };

static int
converge(struct site *site, const struct names *names,
    const struct deploy_options *options, struct report *report,
    struct err *err)
{
	struct deploy_result result = {0};
	bool dry_run = options->converge.dry_run, moved = true;
	int rc = 0;

	result.gone = calloc(names->count + 1, sizeof(*result.gone));
	result.due = calloc(names->count + 1, sizeof(*result.due));
	if (result.gone == NULL || result.due == NULL) {
		rc = err_nomem(err, "deploying");
		goto out;
	}
	for (int round = 0; rc == 0 && moved && round < ROUNDS; round++) {
		result.gone_count = result.due_count = 0;
		report_again(report);
		rc = deploy_run(site, names->items, names->count, options,
		    report, &result, err);
		moved = false;
		if (rc == 0 && !dry_run && names->count > 0)
			rc = site_moved(site, &moved, err);
	}
	if (rc == 0 && !dry_run)
		rc = detach_run(site, names->items, result.gone,
		    result.gone_count, report, err);
	if (rc == 0 && !dry_run && report->flushes)
		rc = flush_run(site, names->items, result.due, result.due_count,
		    report, err);
out:
	free(result.gone);
	free(result.due);
	return rc;
}

/* Who did not get the lock will not be called again: leave a note. */
static void
miss(const struct conf *conf, const struct event *event)
{
	struct err err = ERR_INIT;

	if (!event->dry_run && missed_note(conf, event, &err) < 0)
		log_err(LOG_LEVEL_WARN, "", &err);
}

int
command_deploy(const struct conf *conf, const struct event *event,
    int *ret_status, struct err *err)
{
	const struct deploy_options options = {
	    .converge = {.force = event->force, .dry_run = event->dry_run},
	    .named = !event->all,
	    .expected = (const char *const *)event->domains,
	};
	struct report report = {
	    .verbose = !event->all || event->verbose, .flushes = event->all};
	struct names names = {0};
	struct site site;
	int rc;

	rc = site_open(conf, &site, err);
	if (rc == ERR_LOCKED)
		miss(conf, event);
	if (rc == 0)
		rc = event->all ? names_of_all(&site, &names, err)
				: names_of_event(&site, event, &names, err);
	if (rc == 0 && event->all)
		rc = missed_add(conf, &names, err);
	if (rc == 0)
		rc = converge(&site, &names, &options, &report, err);
	if (rc == 0 && !event->dry_run) {
		missed_clear(conf, &names);
		report_summary(&report);
	}
	*ret_status = report_exit_status(&report);
	names_free(&names);
	site_close(&site);
	return rc;
}

int
command_post(const struct conf *conf, const struct event *event,
    int *ret_status, struct err *err)
{
	const struct deploy_options options = {0};
	struct report report = {.verbose = event->verbose, .flushes = true};
	struct names names = {0};
	struct site site;
	int rc;

	rc = site_open(conf, &site, err);
	if (rc == 0)
		rc = names_of_waiting(&site, &names, err);
	if (rc == 0)
		rc = missed_add(conf, &names, err);
	if (rc == 0)
		rc = converge(&site, &names, &options, &report, err);
	if (rc == 0)
		missed_clear(conf, &names);
	if (rc == 0 && (names.count > 0 || event->verbose))
		report_summary(&report);
	*ret_status = report_exit_status(&report);
	names_free(&names);
	site_close(&site);
	return rc;
}
