/*
 * flush.c: deploy queues, and post (or the end of deploy --all) comes here.
 *
 * The bundles are on disk already, each with its earlier generation kept, and
 * the old worker serves what it has read; so until the reload has succeeded
 * going back means the disk alone. What HAProxy refuses is named in its words:
 * that bundle goes back, the others have their reload.
 */
#include "hooks/flush.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "haproxy/reload.h"
#include "hooks/prove.h"
#include "hooks/reach.h"
#include "hooks/rollback.h"

static const char doing[] = "reloading";

struct flush {
	struct site *site;
	const struct deploy_name *names;
	const size_t *which;
	size_t count;
	bool *ended; /* by position: it has had its end */
	struct report *report;
	bool reload_again; /* something was put back after the reload */
};

/* An item as it was when it was queued, so that it can be undone. */
static int
open_item(struct flush *flush, size_t i, struct item **ret, struct err *err)
{
	const struct converge_options options = {.dry_run = true};
	struct site *site = flush->site;
	struct err changed = ERR_INIT;
	struct lineage_ref ref;
	struct item *item;
	int rc;

	rc = deploy_ref(site, &flush->names[flush->which[i]], &ref, err);
	if (rc < 0)
		return rc;
	item = item_new(&ref, err);
	if (item == NULL)
		return ERR_NOMEM;
	converge_disk(item, site, &options);
	item->publish = false;
	if (item->err.code == 0 && !item->gone && !item->clean) {
		(void)err_set(&changed, ERR_EXISTS, doing, ref.name,
		    "changed while the reload was waiting; deploy it again");
		item_end(item, ITEM_FAILED, &changed);
	}
	item->memory = item->reload = true;
	item->verify = site->conf->verify.enabled;
	*ret = item;
	return 0;
}

/* Its end: reported, counted, not to be looked at again. */
static int
close_item(struct flush *flush, size_t i, struct item *item, struct err *err)
{
	int rc;

	flush->ended[i] = true;
	flush->report->counts[ITEM_QUEUED]--;
	rc = report_item(flush->report, item, flush->site, true, err);
	item_free(item, flush->site);
	return rc;
}

/* HAProxy refused: what was there before comes back. */
static void
undo(struct item *item, struct site *site, const struct err *why)
{
	struct err back = ERR_INIT;

	if (!rollback_possible(item)) {
		item_end(item, ITEM_NOT_SERVED, why);
	} else if (rollback_disk(item, site, &back) < 0) {
		log_err(LOG_LEVEL_ERROR, "rolling back: ", &back);
		item_end(item, ITEM_NOT_SERVED, why);
	} else {
		item_end(item, ITEM_ROLLED_BACK, why);
	}
}

/* What the failure of a reload means for one bundle; left open. */
static int
fail_one(struct flush *flush, size_t i, bool take_back, const struct err *why,
    struct item **ret, struct err *err)
{
	struct err memory = ERR_INIT;
	int rc = 0;

	if (*ret == NULL)
		rc = open_item(flush, i, ret, err);
	if (rc < 0 || !item_is_open(*ret))
		return rc;
	/* For the stores: which crt-list files name it. */
	if (converge_memory(ret, 1, flush->site, &memory) < 0)
		log_err(LOG_LEVEL_WARN, "", &memory);
	if (take_back)
		undo(*ret, flush->site, why);
	else
		item_end(*ret, ITEM_NOT_SERVED, why);
	return 0;
}

static int
end_one(struct flush *flush, size_t i, bool take_back, const struct err *why,
    struct err *err)
{
	struct item *item = NULL;
	int rc;

	rc = fail_one(flush, i, take_back, why, &item, err);
	return rc < 0 ? rc : close_item(flush, i, item, err);
}

/* The bundles were not to blame: the new one is there again, and waits. */
static void
acquit(struct item *item, struct site *site, const struct err *why)
{
	struct err err = ERR_INIT, back = ERR_INIT;

	if (rollback_revoke(item, site, &back) < 0) {
		log_err(LOG_LEVEL_ERROR, "installing anew: ", &back);
		return;
	}
	(void)err_set(&err, ERR_HAPROXY, doing, item->ref.name,
	    "it is installed and a reload is due, but HAProxy refuses its "
	    "configuration with the earlier bundles, too: %.700s; mend that, "
	    "then: certhaul-hook post",
	    why->detail);
	item_end(item, ITEM_NOT_SERVED, &err);
}

/* Nothing was there before, so nothing was good before. */
static bool
is_first(const struct item *item)
{
	return pki_sha256_is_none(item->fallback);
}

/*
 * Takes back those that are the first of their lineage, with the lines that
 * come with them, and, unless `firsts`, the others. `*ret_any`: some are.
 */
static int
try_without(struct flush *flush, struct item **items, bool firsts,
    const struct err *why, bool *ret_any, struct err *err)
{
	int rc = 0;

	*ret_any = false;
	for (size_t i = 0; rc == 0 && i < flush->count; i++) {
		if (flush->ended[i])
			continue;
		if (items[i] == NULL)
			rc = open_item(flush, i, &items[i], err);
		if (rc == 0 && (!firsts || is_first(items[i])))
			rc = fail_one(flush, i, true, why, &items[i], err);
		*ret_any |= rc == 0 && items[i]->rolled_back;
	}
	return rc;
}

/* Those that are not ended yet have their end, or are left for the reload. */
static int
close_all(struct flush *flush, struct item **items, bool rest, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < flush->count; i++) {
		if (items[i] == NULL)
			continue;
		if (rc == 0 && (rest || !item_is_open(items[i])))
			rc = close_item(flush, i, items[i], err);
		else
			item_free(items[i], flush->site);
	}
	return rc;
}

/*
 * HAProxy names none of them. The first ones go back, and it is asked again;
 * then the others: where it still complains all of them stay.
 */
static int
take_all_back(
    struct flush *flush, const struct err *why, bool *ret_any, struct err *err)
{
	struct err still = ERR_INIT;
	struct item **items = NULL;
	bool any = false, mended;
	int rc;

	items = calloc(flush->count, sizeof(struct item *));
	if (items == NULL)
		return err_nomem(err, doing);
	rc = try_without(flush, items, true, why, &any, err);
	mended = rc == 0 && any && reload_check(flush->site->conf, &still) == 0;
	if (mended) {
		*ret_any = true;
		rc = close_all(flush, items, false, err);
		free(items);
		return rc;
	}
	err_clear(&still);
	if (rc == 0)
		rc = try_without(flush, items, false, why, &any, err);
	if (rc == 0 && any &&
	    reload_check(flush->site->conf, &still) == ERR_HAPROXY) {
		for (size_t i = 0; i < flush->count; i++) {
			if (items[i] != NULL && items[i]->rolled_back)
				acquit(items[i], flush->site, &still);
		}
	}
	if (rc == 0)
		rc = close_all(flush, items, true, err);
	else
		(void)!close_all(flush, items, false, &still);
	free(items);
	return rc;
}

/* After the reload: is it in memory, is it shown? */
static int
check_one(struct flush *flush, size_t i, struct err *err)
{
	struct site *site = flush->site;
	struct err why = ERR_INIT;
	struct item *item = NULL;
	int rc;

	rc = open_item(flush, i, &item, err);
	if (rc < 0)
		return rc;
	if (item_is_open(item))
		rc = converge_memory(&item, 1, site, &why);
	if (rc == 0 && item_is_open(item) && prove_differs(item, site))
		rc = err_set(&why, ERR_UNPROVED, doing, item->ref.name,
		    "HAProxy was reloaded and holds another certificate");
	if (rc < 0)
		item_end(item, ITEM_NOT_SERVED, &why);
	item->verify = item->verify && !item->unseen;
	if (item_is_open(item) && item->verify)
		prove_wire(item, site);
	if (item->rolled_back)
		flush->reload_again = true;
	if (item_is_open(item))
		item->reload = false;
	reach_check(item, site);
	if (flush->report->verbose)
		reach_tell(item, site);
	return close_item(flush, i, item, err);
}

static bool
is_named(const struct flush *flush, size_t i, const struct err *why)
{
	return site_names_bundle(
	    flush->site, flush->names[flush->which[i]].name, why->detail);
}

/*
 * Takes back those that are named, or, where none is, all that are left (for a
 * trial). Where one is named that could not be taken back, the others are not
 * to blame: they stay and wait.
 */
static int
take_back(
    struct flush *flush, const struct err *why, bool *ret_any, struct err *err)
{
	bool named = false, stuck = false;
	int rc = 0;

	*ret_any = false;
	for (size_t i = 0; i < flush->count; i++) {
		if (!is_named(flush, i, why))
			continue;
		named = named || !flush->ended[i];
		stuck = stuck || flush->ended[i];
	}
	if (!named && !stuck)
		return take_all_back(flush, why, ret_any, err);
	for (size_t i = 0; rc == 0 && i < flush->count; i++) {
		if (flush->ended[i] || (named && !is_named(flush, i, why)))
			continue;
		*ret_any = true;
		rc = end_one(flush, i, named, why, err);
	}
	return rc;
}

/*
 * Until HAProxy accepts what is on disk and has read it, or nothing is left
 * that could be taken back.
 */
static int
reload(struct flush *flush, struct err *err)
{
	const struct conf *conf = flush->site->conf;
	bool any = true;
	int rc = 0;

	while (rc == 0 && any) {
		struct err why = ERR_INIT;

		any = false;
		for (size_t i = 0; i < flush->count; i++)
			any = any || !flush->ended[i];
		if (!any)
			break;
		if (reload_check(conf, &why) == 0) {
			/* What is on disk is good: the bundles are not to
			 * blame for a reload that fails. */
			if (reload_run(conf, &why) == 0)
				return 0;
		} else if (why.code == ERR_HAPROXY) {
			rc = take_back(flush, &why, &any, err);
			continue;
		}
		for (size_t i = 0; rc == 0 && i < flush->count; i++) {
			if (!flush->ended[i])
				rc = end_one(flush, i, false, &why, err);
		}
	}
	return rc;
}

static int
check_all(struct flush *flush, struct err *err)
{
	size_t left = 0;
	int rc;

	for (size_t i = 0; i < flush->count; i++)
		left += !flush->ended[i];
	if (left == 0)
		return 0;
	report_say("HAProxy was reloaded for %zu bundle%s", left,
	    left == 1 ? "" : "s");
	rc = site_look(flush->site, err);
	for (size_t i = 0; rc == 0 && i < flush->count; i++) {
		if (!flush->ended[i])
			rc = check_one(flush, i, err);
	}
	return rc;
}

int
flush_run(struct site *site, const struct deploy_name *names,
    const size_t *which, size_t count, struct report *report, struct err *err)
{
	struct flush flush = {.site = site,
	    .names = names,
	    .which = which,
	    .count = count,
	    .report = report};
	struct err again = ERR_INIT;
	int rc;

	if (count == 0)
		return 0;
	flush.ended = calloc(count, sizeof(*flush.ended));
	if (flush.ended == NULL)
		return err_nomem(err, doing);
	rc = reload(&flush, err);
	if (rc == 0)
		rc = check_all(&flush, err);
	if (rc == 0)
		rc = install_settle(site->install, err);
	if (rc == 0 && flush.reload_again &&
	    (reload_check(site->conf, &again) < 0 ||
		reload_run(site->conf, &again) < 0))
		log_err(
		    LOG_LEVEL_ERROR, "going back to the old bundles: ", &again);
	free(flush.ended);
	return rc;
}
