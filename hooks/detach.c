/*
 * detach.c: the reverse of a deploy, for lineages that are gone or are to be
 * as if they were.
 *
 *   killed after    disk    memory  the next converge
 *   hide            hidden  old     the sweep brings it back; anew
 *   crt-list file   hidden  old     the same
 *   del, reload     hidden  gone    the same; deleting twice is no error
 *   discard         gone    gone    removes the record
 *
 * Where the lineage is still there, "anew" is a deploy: whoever asked for the
 * detach asks again. Once it is done the record has that this version of the
 * lineage stays out (record_is_out()): not the next timer's run brings it back,
 * but whoever names it, or a renewal.
 */
#include "hooks/detach.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "haproxy/reload.h"
#include "hooks/leave.h"
#include "hooks/leave_check.h"
#include "hooks/listing.h"

static const char doing[] = "taking a bundle out";

enum { DETACH_ROUNDS = 3 }; /* of a detach that a reload overtook */

struct leaving {
	struct item *item;
	/* Of the site, or, with update = "none", for the check alone; NULL:
	 * there is no HAProxy here. */
	const struct discovery *discovery;
	bool ours; /* else there is nothing to take out */
	struct install_staged hidden;
	bool is_hidden;
	bool reload; /* only a reload takes it out of memory */
};

static int
hide(struct leaving *leaving, struct site *site, struct err *err)
{
	struct item *item = leaving->item;
	int rc;

	if (!leaving->ours)
		return 0;
	rc = listing_unlist(item, site, err);
	if (rc < 0 || !item->installed.exists)
		return rc;
	rc = install_hide(site->install, item->ref.name, &leaving->hidden, err);
	leaving->is_hidden = rc == 0;
	return rc;
}

/* Back as it was: the file, its lines in the crt-lists, in memory too. */
static void
unhide(struct leaving *leaving, struct site *site, const struct err *why)
{
	struct item *item = leaving->item;
	struct err err = *why, back = ERR_INIT;
	int rc = 0;

	if (leaving->is_hidden)
		rc = install_unhide(site->install, &leaving->hidden, &back);
	leaving->is_hidden = false;
	/* A list must never name a file that is not there. */
	if (rc == 0) {
		rc = leave_return(item, site, &back);
		if (listing_relist(item, site, &back) < 0)
			rc = back.code;
	}
	if (rc < 0) {
		(void)err_set(&err, why->code, why->doing, why->on,
		    "%.600s; and it could not be put back as it was: %.300s; "
		    "deploy it again, or reload HAProxy",
		    why->detail, back.detail);
		item->stranded = true;
	}
	item_end(item, ITEM_FAILED, &err);
}

/*
 * HAProxy keeps what is a bind line's default until it starts anew; the
 * configuration is good without the file, so a reload may do it. Where it has
 * no socket, or does not answer on it, nothing else does.
 */
static bool
waits_for_reload(const struct site *site, const struct err *err)
{
	if (site->conf->haproxy.update != CONF_UPDATE_AUTO &&
	    site->conf->haproxy.update != CONF_UPDATE_RELOAD)
		return false;
	if (err->code == 0)
		return site->process_count == 0;
	/* Who does not answer is asked by its master, or by its service. */
	return site->low.code != 0 || err->code == ERR_DOWN ||
	    err->code == ERR_TIMEOUT || err->code == ERR_IO ||
	    (err->code == ERR_HAPROXY &&
		strstr(err->detail, "default certificate") != NULL);
}

/* Out of the memory of all that run, as far as that can be told to them. */
static void
let_go(struct leaving *leaving, size_t count, struct site *site)
{
	for (size_t i = 0; i < count; i++) {
		struct err err = ERR_INIT;

		if (!leaving[i].ours || leaving[i].item->err.code != 0)
			continue;
		if (leave_memory(leaving[i].item, site, &err) == 0)
			err_clear(&err);
		if (err.code == 0 && leave_is_unasked(leaving[i].item, site))
			err = site->low.code != 0 ? site->low : site->down;
		leaving[i].reload = waits_for_reload(site, &err);
		if (err.code != 0 && !leaving[i].reload)
			unhide(&leaving[i], site, &err);
	}
}

/*
 * A reload in the middle: the new worker may have read the file before it was
 * hidden (hazard H4). So once more.
 */
static int
let_all_go(struct leaving *leaving, struct item **items, size_t count,
    struct site *site, struct err *err)
{
	bool moved = true;
	int rc = 0;

	for (int round = 0; rc == 0 && moved && round < DETACH_ROUNDS;
	     round++) {
		if (round > 0)
			rc = converge_memory(items, count, site, err);
		if (rc == 0)
			let_go(leaving, count, site);
		if (rc == 0)
			rc = site_moved(site, &moved, err);
	}
	return rc;
}

/*
 * Nobody serves it any more: for good. The earlier ones stay until a removal
 * that is begun comes to its end: it may have to bring one back.
 */
static void
discard(struct leaving *leaving, struct site *site)
{
	struct item *item = leaving->item;
	/* Asked for by name it is the end of it, whatever a record says. */
	bool last = item->record.begun[0] != '\0' ||
	    (item->detach && item->removal == NULL);
	char path[LIMIT_PATH_BYTES];
	struct err err = ERR_INIT;

	if (item->err.code != 0 || !(leaving->ours || last))
		return;
	if (leaving->is_hidden)
		install_discard(site->install, &leaving->hidden);
	/* One that is there yet may come back, and its lines with it; those of
	 * one that is gone go with its record. */
	if (!item->detach && leaving->ours)
		listing_forget(item, site);
	if (item->removal == NULL &&
	    install_forget(site->install, item->ref.name, &err) < 0)
		item_end(item, ITEM_FAILED, &err);
	else if (leaving->ours)
		item->outcome = ITEM_REMOVED;
	if (leaving->ours &&
	    install_original(site->install, item->ref.name, path, sizeof(path)))
		report_say("%s: the bundle that was there before certhaul's is "
			   "kept: %s",
		    item->ref.name, path);
}

/* Which of those that are hidden does HAProxy's complaint name? */
static size_t
unhide_named(struct leaving *leaving, size_t count, struct site *site,
    const struct err *why, bool all)
{
	size_t left = 0;

	for (size_t i = 0; i < count; i++) {
		if (!leaving[i].is_hidden)
			continue;
		if (all ||
		    site_names_bundle(
			site, leaving[i].item->ref.name, why->detail))
			unhide(&leaving[i], site, why);
		else
			left++;
	}
	return left;
}

/*
 * One check for all that are hidden: it takes seconds with many bundles. What
 * HAProxy misses by name comes back, and it is asked again; where it names
 * none, all come back.
 */
static void
check_without(struct leaving *leaving, size_t count, struct site *site)
{
	size_t left = 0;

	for (size_t i = 0; i < count; i++)
		left += leaving[i].is_hidden;
	while (left > 0 && leaving[0].discovery != NULL) {
		struct err err = ERR_INIT;
		size_t before = left;

		if (reload_check(site->conf, &err) == 0)
			return;
		left = unhide_named(leaving, count, site, &err, false);
		if (left == before)
			left = unhide_named(leaving, count, site, &err, true);
	}
}

/* One reload for all that HAProxy holds on to; or they are back. */
static void
reload_without(struct leaving *leaving, size_t count, struct site *site)
{
	struct err err = ERR_INIT;
	bool any = false;

	for (size_t i = 0; i < count; i++)
		any = any ||
		    (leaving[i].reload && leaving[i].item->err.code == 0);
	if (!any || reload_run(site->conf, &err) == 0)
		return;
	for (size_t i = 0; i < count; i++) {
		if (leaving[i].reload && leaving[i].item->err.code == 0)
			unhide(&leaving[i], site, &err);
	}
}

static int
detach_all(struct leaving *leaving, struct item **items, size_t count,
    struct site *site, struct report *report, struct err *err)
{
	int rc;

	for (size_t i = 0; i < count; i++) {
		struct err why = ERR_INIT;

		if (items[i]->err.code == 0 &&
		    hide(&leaving[i], site, &why) < 0)
			unhide(&leaving[i], site, &why);
	}
	check_without(leaving, count, site);
	rc = let_all_go(leaving, items, count, site, err);
	for (size_t i = 0; rc < 0 && i < count; i++) {
		if (leaving[i].ours && items[i]->err.code == 0)
			unhide(&leaving[i], site, err);
	}
	if (rc < 0)
		return rc;
	reload_without(leaving, count, site);
	for (size_t i = 0; i < count; i++)
		discard(&leaving[i], site);
	rc = install_settle(site->install, err);
	for (size_t i = 0; rc == 0 && i < count; i++)
		rc = report_item(report, items[i], site, true, err);
	return rc;
}

static int
explain_all(struct leaving *leaving, size_t count, struct site *site,
    struct report *report, struct err *err)
{
	struct buf text = BUF_INIT(LIMIT_REPLY_BYTES);
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < count; i++) {
		const struct item *item = leaving[i].item;

		if (item->err.code == 0 && !leaving[i].ours)
			rc = buf_printf(&text, err,
			    "%s: no bundle of it is installed: nothing to do\n",
			    item->ref.name);
		else
			rc = converge_explain(item, site, &text, err);
		report->counts[item->outcome]++;
	}
	if (rc == 0)
		(void)fputs(buf_text(&text), stdout);
	buf_free(&text);
	return rc;
}

/* The item that is to leave. */
static int
open_leaving(struct leaving *leaving, const struct deploy_name *name,
    struct site *site, const struct detach_options *options, struct err *err)
{
	struct lineage_ref ref;
	struct item *item;
	int rc;

	rc = deploy_ref(site, name, &ref, err);
	if (rc < 0)
		return rc;
	item = item_new(&ref, err);
	if (item == NULL)
		return ERR_NOMEM;
	leaving->item = item;
	item->gone = true;
	item->detach = options->by_name;
	item->revoked = options->revoked;
	item->removal = options->removal;
	return site_record(site, ref.name, &item->record, err);
}

/* What is refused comes to its end here. */
static void
check_all(struct leaving *leaving, size_t count, struct site *site)
{
	for (size_t i = 0; i < count; i++) {
		struct err why = ERR_INIT;

		if (leave_check(leaving[i].item, site, leaving[i].discovery,
			&leaving[i].ours, &why) == 0 &&
		    leaving[i].ours)
			why = site->unsure;
		if (why.code != 0)
			item_end(leaving[i].item, ITEM_FAILED, &why);
	}
}

int
detach_run(struct site *site, const struct deploy_name *names,
    const size_t *which, size_t count, const struct detach_options *options,
    struct report *report, struct err *err)
{
	struct leaving *leaving = NULL;
	struct discovery *guard = NULL;
	struct item **items = NULL;
	int rc = 0;

	if (count == 0)
		return 0;
	if (site->discovery == NULL)
		rc = leave_guard(site->conf, &guard, err);
	if (rc < 0)
		return rc;
	leaving = calloc(count, sizeof(*leaving));
	items = calloc(count, sizeof(struct item *));
	if (leaving == NULL || items == NULL) {
		rc = err_nomem(err, doing);
		goto out;
	}
	for (size_t i = 0; rc == 0 && i < count; i++) {
		rc = open_leaving(&leaving[i],
		    &names[which == NULL ? i : which[i]], site, options, err);
		items[i] = leaving[i].item;
		leaving[i].discovery =
		    site->discovery != NULL ? site->discovery : guard;
	}
	if (rc == 0)
		rc = converge_memory(items, count, site, err);
	if (rc == 0)
		check_all(leaving, count, site);
	if (rc == 0 && options->dry_run)
		rc = explain_all(leaving, count, site, report, err);
	else if (rc == 0)
		rc = detach_all(leaving, items, count, site, report, err);
out:
	for (size_t i = 0; items != NULL && i < count; i++)
		item_free(items[i], site);
	free(items);
	free(leaving);
	discovery_free(guard);
	return rc;
}
