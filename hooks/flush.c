/*
 * flush.c: deploy queues, and post (or the end of deploy --all) comes here.
 *
 * The bundles are on disk already, each with its earlier generation kept, and
 * the old worker serves what it has read; so until the reload has succeeded
 * going back means the disk alone.
 */
#include "hooks/flush.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "haproxy/reload.h"
#include "hooks/apply.h"
#include "hooks/prove.h"

static const char doing[] = "reloading";

struct flush {
	struct site *site;
	struct report *report;
	bool reload_again; /* something was put back after the reload */
};

/* An item as it was when it was queued, so that it can be undone. */
static int
open_item(struct flush *flush, const struct deploy_name *name,
    struct item **ret, struct err *err)
{
	static const unsigned char none[PKI_SHA256_BYTES];
	const struct converge_options options = {.dry_run = true};
	struct site *site = flush->site;
	struct err changed = ERR_INIT;
	struct lineage_ref ref;
	struct item *item;
	bool is_new;
	int rc;

	(void)err_set(&changed, ERR_EXISTS, doing, name->name,
	    "changed while the reload was waiting; deploy it again");
	rc = deploy_ref(site, name, &ref, err);
	if (rc < 0)
		return rc;
	item = item_new(&ref, err);
	if (item == NULL)
		return err->code;
	converge_disk(item, site, &options);
	if (item->err.code == 0 && !item->gone && !item->clean)
		item_end(item, ITEM_FAILED, &changed);
	is_new = memcmp(item->record.replaced, none, sizeof(none)) == 0;
	memcpy(item->staged.name, ref.name, sizeof(item->staged.name));
	item->staged.kept = !is_new;
	item->published = item->record.reload_undo;
	item->listed_now = item->published && is_new;
	item->memory = item->reload = true;
	item->verify = site->conf->verify.enabled;
	*ret = item;
	return 0;
}

/* HAProxy refused: the earlier bundle comes back. */
static void
undo(struct item *item, struct site *site, const struct err *why)
{
	struct err back = ERR_INIT;

	if (apply_restore_disk(item, site, &back) < 0) {
		log_err(LOG_LEVEL_ERROR, "rolling back: ", &back);
		item_end(item, ITEM_NOT_SERVED, why);
	} else {
		item_end(item, ITEM_ROLLED_BACK, why);
	}
}

/* After the reload: is it in memory, is it shown? */
static void
check_item(struct item *item, struct flush *flush)
{
	struct site *site = flush->site;
	struct err err = ERR_INIT;
	int rc;

	if (item->err.code != 0 || item->gone)
		return;
	rc = converge_memory(&item, 1, site, &err);
	if (rc == 0 && prove_differs(item, site))
		rc = err_set(&err, ERR_UNPROVED, doing, item->ref.name,
		    "HAProxy was reloaded and holds another certificate");
	if (rc < 0) {
		item_end(item, ITEM_NOT_SERVED, &err);
		return;
	}
	if (item->verify)
		prove_wire(item, site);
	if (item->outcome == ITEM_ROLLED_BACK)
		flush->reload_again = true;
	else if (item->err.code == 0)
		item->reload = false;
}

/*
 * What the failure of a reload means for a bundle: HAProxy's refusal undoes
 * it; that nothing could be reloaded leaves it for the next run.
 */
static void
fail_item(struct item *item, struct flush *flush, const struct err *why)
{
	struct err err = ERR_INIT;

	if (item->err.code != 0 || item->gone)
		return;
	if (converge_memory(&item, 1, flush->site, &err) < 0)
		item_end(item, ITEM_NOT_SERVED, &err);
	else if (why->code == ERR_HAPROXY && item->published)
		undo(item, flush->site, why);
	else
		item_end(item, ITEM_NOT_SERVED, why);
}

static int
flush_item(struct flush *flush, const struct deploy_name *name,
    const struct err *why, struct err *err)
{
	struct item *item = NULL;
	int rc;

	rc = open_item(flush, name, &item, err);
	if (rc < 0)
		return rc;
	if (why->code == 0)
		check_item(item, flush);
	else
		fail_item(item, flush, why);
	flush->report->counts[ITEM_QUEUED]--;
	rc = report_item(flush->report, item, flush->site, err);
	item->staged.tmp[0] = '\0';
	item_free(item, flush->site);
	return rc;
}

static int
reload(const struct conf *conf, struct err *err)
{
	int rc = reload_check(conf, err);

	return rc < 0 ? rc : reload_run(conf, err);
}

int
flush_run(struct site *site, const struct deploy_name *names,
    const size_t *which, size_t count, struct report *report, struct err *err)
{
	struct flush flush = {.site = site, .report = report};
	struct err why = ERR_INIT, again = ERR_INIT;
	int rc = 0;

	if (count == 0)
		return 0;
	if (reload(site->conf, &why) == 0) {
		report_say("HAProxy was reloaded for %zu bundle%s", count,
		    count == 1 ? "" : "s");
		rc = site_look(site, err);
	}
	for (size_t i = 0; rc == 0 && i < count; i++)
		rc = flush_item(&flush, &names[which[i]], &why, err);
	if (rc == 0)
		rc = install_settle(site->install, err);
	if (rc == 0 && flush.reload_again && reload(site->conf, &again) < 0)
		log_err(
		    LOG_LEVEL_ERROR, "going back to the old bundles: ", &again);
	return rc;
}
