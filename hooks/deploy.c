/*
 * deploy.c: THE pipeline. deploy_batch() reads like the line in design.md:
 *
 *   event -> lineage -> bundle -> validate -> install (stage)
 *                                                |
 *   report, state <- verify on the wire <- commit <- set, rename on disk
 *
 * HAProxy takes longer over a set and a commit than we over building the next
 * bundle, so the next batch is built while we wait for its answers.
 */
#include "hooks/deploy.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "haproxy/environment.h"
#include "hooks/apply.h"
#include "hooks/clash.h"
#include "hooks/prove.h"
#include "hooks/reach.h"
#include "hooks/taker.h"

struct batch {
	struct item *items[LIMIT_BATCH];
	size_t index[LIMIT_BATCH]; /* of each in the run's names */
	size_t count;
};

struct run {
	struct site *site;
	const struct deploy_name *names;
	size_t count, next; /* how many there are; the next one to build */
	const struct deploy_options *options;
	struct report *report;
	struct batch *building; /* where the next one goes */
	size_t done; /* of those before the batch */
	size_t unusable; /* names that stand for no lineage */
	struct err err; /* what went wrong while building ahead */
	struct clash clash; /* the names of a dry run */
};

int
deploy_ref(const struct site *site, const struct deploy_name *name,
    struct lineage_ref *ret, struct err *err)
{
	if (name->dir != NULL)
		return lineage_ref_from_path(name->dir, ret, err);
	return lineage_ref_from_name(
	    site->conf->letsencrypt.config_dir, name->name, ret, err);
}

/* lineage -> bundle -> validate -> stage, for one more lineage. */
static void
build_one(void *context)
{
	struct run *run = context;
	struct batch *batch = run->building;
	struct err why = ERR_INIT;
	struct lineage_ref ref;
	struct item *item;

	if (run->next == run->count || batch->count == LIMIT_BATCH ||
	    run->err.code != 0)
		return;
	if (deploy_ref(run->site, &run->names[run->next], &ref, &why) < 0) {
		log_err(LOG_LEVEL_ERROR, "", &why);
		run->unusable++;
		run->next++;
		return;
	}
	term_progress_at(&run->report->progress, run->done, ref.name);
	item = item_new(&ref, &run->err);
	if (item == NULL)
		return;
	batch->index[batch->count] = run->next++;
	item->named = run->options->named;
	item->expected = run->options->expected;
	batch->items[batch->count++] = item;
	converge_disk(item, run->site, &run->options->converge);
}

static void
build_rest(struct run *run)
{
	while (run->next < run->count && run->building->count < LIMIT_BATCH &&
	    run->err.code == 0)
		build_one(run);
}

/* Data and intents onto the disk, before the first rename. */
static int
sync_batch(struct run *run, struct batch *batch, struct err *err)
{
	const struct install_staged *only = NULL;
	size_t staged = 0;
	int rc;

	for (size_t i = 0; i < batch->count; i++) {
		if (batch->items[i]->staged.tmp[0] == '\0')
			continue;
		only = &batch->items[i]->staged;
		staged++;
	}
	if (staged == 0)
		return 0;
	rc = install_sync(run->site->install, staged == 1 ? only : NULL, err);
	if (rc == 0)
		rc = record_sync_intents(run->site->records, err);
	return rc;
}

static int
apply_batch(struct run *run, struct batch *batch, struct err *err)
{
	const struct apply_idle idle = {build_one, run};
	bool published = false;

	for (size_t i = 0; i < batch->count; i++) {
		struct item *item = batch->items[i];

		if (!item_is_open(item) ||
		    (!item->publish && !item->memory && !item->enter))
			continue;
		apply_item(item, run->site, &idle);
		published = published || item->published;
	}
	return published ? install_settle(run->site->install, err) : 0;
}

/* How it ended, and what is left for others; one sync for all records. */
static int
report_batch(struct run *run, struct batch *batch, struct report *report,
    struct deploy_result *result, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < batch->count; i++) {
		struct item *item = batch->items[i];

		if (item->gone && item->err.code == 0) {
			result->gone[result->gone_count++] = batch->index[i];
			continue;
		}
		rc = report_item(
		    report, item, run->site, batch->count == 1, err);
		if (item->outcome == ITEM_QUEUED)
			result->due[result->due_count++] = batch->index[i];
	}
	if (rc == 0)
		rc = record_sync(run->site->records, err);
	return rc;
}

/* A bundle that no bind line loads can never be served. */
static void
check_loaded(struct item *item, const struct site *site)
{
	struct err err = ERR_INIT;
	char advice[400];

	if (!item_is_open(item) || item->out || site->discovery == NULL ||
	    item->store_count > 0)
		return;
	environment_advise(site->conf, advice, sizeof(advice));
	(void)err_set(&err, ERR_UNPROVED, "verifying", item->ref.name,
	    "no bind line of HAProxy's configuration loads %s/%s.pem; add "
	    "\"crt %s/\" to one%s",
	    site->conf->haproxy.bundle_dir, item->ref.name,
	    site->conf->haproxy.bundle_dir, advice);
	item_end(item, ITEM_NOT_SERVED, &err);
}

/* Nothing is wrong with that, but it is not what the others are. */
static void
tell_unseen(const struct item *item)
{
	if (item_is_open(item) && item->unseen &&
	    (item->named || item->publish || item->memory))
		report_say("%s: HAProxy shows it at no address of this machine "
			   "(it is for a server line, or its bind lines are "
			   "off, for an interface, or for an address that is "
			   "elsewhere now), so there is no handshake",
		    item->ref.name);
}

/* The names of its bundle, made or installed: two may have one (hazard H4). */
static int
note_names(struct run *run, struct item *item, struct err *err)
{
	struct err ignored = ERR_INIT;

	if (!item_is_open(item) || item->out ||
	    item_load_installed(item, run->site, &ignored) < 0)
		return 0;
	return clash_add(&run->clash, item->ref.name,
	    pki_cert_facts(item->bundle.leaf), err);
}

/* A dry run: the plan, and the exit status that the real run begins with. */
static int
explain_batch(struct run *run, struct batch *batch, struct report *report,
    struct err *err)
{
	struct buf text = BUF_INIT(LIMIT_REPLY_BYTES);
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < batch->count; i++) {
		struct item *item = batch->items[i];
		bool fine = item->err.code == 0;

		rc = note_names(run, item, err);
		if (rc == 0)
			rc = converge_explain(item, run->site, &text, err);
		check_loaded(item, run->site);
		reach_check(item, run->site);
		if (rc == 0 && fine && item->err.code != 0)
			rc = converge_explain(item, run->site, &text, err);
		report->counts[item->outcome]++;
	}
	log_make_way();
	if (rc == 0)
		(void)fputs(buf_text(&text), stdout);
	buf_free(&text);
	return rc;
}

/*
 * An error that is not one lineage's: each that had not come to its end gets
 * it, so that none is forgotten.
 */
static void
fail_batch(struct batch *batch, const struct err *err)
{
	for (size_t i = 0; i < batch->count; i++) {
		struct item *item = batch->items[i];

		if (item_is_open(item))
			item_end(item,
			    item->published ? ITEM_NOT_SERVED : ITEM_FAILED,
			    err);
	}
}

/*
 * Where a process could not be told, its handshake would show what it has: no
 * reason to take the bundle from the others.
 */
static bool
is_to_prove(const struct item *item, const struct site *site)
{
	return item_is_open(item) && item->verify && !item->reload &&
	    site->down.code != ERR_PERM;
}

static int
converge_batch(struct run *run, struct batch *batch, struct err *err)
{
	struct site *site = run->site;
	int rc;

	rc = sync_batch(run, batch, err);
	if (rc == 0)
		rc = apply_batch(run, batch, err);
	if (rc == 0)
		rc = prove_memory(batch->items, batch->count, site, err);
	for (size_t i = 0; rc == 0 && i < batch->count; i++) {
		struct item *item = batch->items[i];
		bool looked = item_is_open(item); /* at each socket */

		term_progress_at(
		    &run->report->progress, run->done + i, item->ref.name);
		if (is_to_prove(item, site))
			prove_wire(item, site);
		check_loaded(item, site);
		reach_check(item, site);
		tell_unseen(item);
		if (run->report->verbose && looked)
			reach_tell(item, site);
	}
	return rc;
}

/* Has that lineage another version than its bundle? */
static bool
is_renewed(struct site *site, const char *name)
{
	struct record record = {.installed = false};
	struct lineage_ident ident;
	struct err ignored = ERR_INIT;

	return site_record(site, name, &record, &ignored) == 0 &&
	    lineage_identify(&record.lineage, &ident, &ignored) == 0 &&
	    !lineage_ident_equal(&record.source, &ident);
}

/* A bundle that once took its name is to be another by the end of the run. */
static bool
is_freed(const struct run *run, const struct item *item)
{
	for (size_t i = 0; i < run->count; i++) {
		const char *name = run->names[i].name;

		if (taker_is_of(run->site, &item->record.taken, name))
			return is_renewed(run->site, name);
	}
	return false;
}

static int
deploy_batch(struct run *run, struct batch *batch, struct report *report,
    struct deploy_result *result, struct err *err)
{
	struct err why = ERR_INIT;
	int rc;

	rc = converge_memory(batch->items, batch->count, run->site, &why);
	for (size_t i = 0; rc == 0 && i < batch->count; i++) {
		batch->items[i]->freed = is_freed(run, batch->items[i]);
		converge_plan(batch->items[i], run->site);
	}
	if (rc == 0 && !run->options->converge.dry_run)
		rc = converge_batch(run, batch, &why);
	if (rc < 0)
		fail_batch(batch, &why);
	if (run->options->converge.dry_run)
		return explain_batch(run, batch, report, err);
	return report_batch(run, batch, report, result, err);
}

static void
free_batch(struct batch *batch, struct site *site)
{
	for (size_t i = 0; i < batch->count; i++)
		item_free(batch->items[i], site);
	batch->count = 0;
}

int
deploy_run(struct site *site, const struct deploy_name *names, size_t count,
    const struct deploy_options *options, struct report *report,
    struct deploy_result *result, struct err *err)
{
	struct run run = {.site = site,
	    .names = names,
	    .count = count,
	    .options = options,
	    .report = report};
	struct batch *now = NULL, *next = NULL, *swap;
	int rc = 0;

	now = calloc(1, sizeof(*now));
	next = calloc(1, sizeof(*next));
	if (now == NULL || next == NULL) {
		rc = err_nomem(err, "deploying");
		goto out;
	}
	run.building = now;
	build_rest(&run);
	while (rc == 0 && now->count > 0) {
		run.building = next;
		rc = deploy_batch(&run, now, report, result, err);
		run.done += now->count;
		free_batch(now, site);
		if (rc == 0)
			build_rest(&run);
		swap = now;
		now = next;
		next = swap;
	}
	if (rc == 0 && run.err.code != 0) {
		*err = run.err;
		rc = run.err.code;
	}
	report->counts[ITEM_FAILED] += run.unusable;
	(void)clash_warn(&run.clash);
out:
	clash_free(&run.clash);
	if (now != NULL)
		free_batch(now, site);
	if (next != NULL)
		free_batch(next, site);
	free(now);
	free(next);
	return rc;
}
