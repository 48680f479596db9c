/*
 * detach.c: the reverse of a deploy, for lineages that are gone.
 *
 *   killed after    disk    memory  the next converge
 *   hide            hidden  old     the sweep brings it back; anew
 *   crt-list file   hidden  old     the same
 *   del             hidden  gone    the same; deleting twice is no error
 *   discard         gone    gone    removes the record
 */
#include "hooks/detach.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "haproxy/crtlist.h"
#include "haproxy/reload.h"

static const char doing[] = "removing the bundle of a lineage that is gone";

struct leaving {
	struct item *item;
	struct install_staged hidden;
	bool is_hidden;
	bool reload; /* only a reload takes it out of memory */
	bool is_unlisted; /* a line was taken out of a crt-list file */
};

/* Only a file that we wrote, as its record has it. */
static int
check_ours(struct item *item, struct site *site, struct err *err)
{
	unsigned char digest[PKI_SHA256_BYTES];
	struct buf pem = BUF_SECRET(LIMIT_PEM_FILE_BYTES);
	int rc;

	rc = install_read(site->install, item->ref.name, &pem, err);
	if (rc < 0)
		goto out;
	pki_sha256(pem.data, pem.len, digest);
	if ((!item->record.installed ||
		memcmp(digest, item->record.digest, sizeof(digest)) != 0) &&
	    memcmp(digest, item->record.intent, sizeof(digest)) != 0)
		rc = err_set(err, ERR_EXISTS, doing, item->ref.name,
		    "%s/%s.pem was changed since certhaul installed it; "
		    "remove it by hand",
		    site->conf->haproxy.bundle_dir, item->ref.name);
out:
	buf_free(&pem);
	return rc;
}

/* Takes it out of the crt-list files, so that no reload looks for it. */
static int
unlist(struct leaving *leaving, struct err *err)
{
	struct item *item = leaving->item;
	int rc = 0;

	for (size_t s = 0; rc == 0 && s < item->store_count; s++) {
		const struct item_store *store = &item->stores[s];
		bool changed = false;

		if (store->way != DISCOVERY_CRT_LIST)
			continue;
		rc = crtlist_file_del(store->list, store->name, &changed, err);
		leaving->is_unlisted = leaving->is_unlisted || changed;
	}
	return rc;
}

static int
hide(struct leaving *leaving, struct site *site, struct err *err)
{
	struct item *item = leaving->item;
	char file_name[NAME_MAX + 1], reason[LIMIT_ERR_DETAIL_BYTES / 2];
	int rc;

	if (!item->record.installed && !record_has_intent(&item->record))
		return 0;
	rc = install_stat(site->install, item->ref.name, &item->installed, err);
	if (rc < 0 || !item->installed.exists)
		return rc;
	rc = check_ours(item, site, err);
	if (rc < 0)
		return rc;
	item_file_name(item, file_name, sizeof(file_name));
	if (site->discovery != NULL &&
	    discovery_needs(site->discovery, file_name, reason, sizeof(reason)))
		return err_set(err, ERR_EXISTS, doing, item->ref.name,
		    "HAProxy would not start without it: %s", reason);
	rc = unlist(leaving, err);
	if (rc < 0)
		return rc;
	rc = install_hide(site->install, item->ref.name, &leaving->hidden, err);
	leaving->is_hidden = rc == 0;
	return rc;
}

/* Back as it was: the file, and its line in the crt-list. */
static void
unhide(struct leaving *leaving, struct site *site, const struct err *why)
{
	struct item *item = leaving->item;
	struct err err = *why;
	bool changed = false;
	int rc = 0;

	if (leaving->is_hidden)
		rc = install_unhide(site->install, &leaving->hidden, &err);
	for (size_t s = 0;
	     rc == 0 && leaving->is_unlisted && s < item->store_count; s++) {
		if (item->stores[s].way == DISCOVERY_CRT_LIST)
			rc = crtlist_file_add(item->stores[s].list,
			    item->stores[s].name, &changed, &err);
	}
	leaving->is_hidden = false;
	item_end(item, ITEM_FAILED, &err);
}

/*
 * HAProxy keeps what is a bind line's default until it starts anew; the
 * configuration is good without the file, so a reload may do it.
 */
static bool
waits_for_reload(const struct site *site, const struct err *err)
{
	return err->code == ERR_HAPROXY &&
	    strstr(err->detail, "default certificate") != NULL &&
	    (site->conf->haproxy.update == CONF_UPDATE_AUTO ||
		site->conf->haproxy.update == CONF_UPDATE_RELOAD);
}

static int
leave_memory(struct leaving *leaving, struct site *site, struct err *err)
{
	struct item *item = leaving->item;
	int rc = 0;

	for (size_t p = 0; p < site->process_count; p++) {
		const struct process *process = &site->processes[p].process;

		for (size_t s = 0; rc == 0 && s < item->store_count; s++) {
			const struct item_store *store = &item->stores[s];

			if (!site->processes[p].up ||
			    store->seen[p].status == TRANSACTION_ABSENT)
				continue;
			if (store->list[0] != '\0')
				rc = crtlist_del(
				    process, store->list, store->name, err);
			if (rc == 0)
				rc = transaction_delete(
				    process, store->name, err);
		}
	}
	return rc;
}

static void
finish(struct leaving *leaving, struct site *site)
{
	struct item *item = leaving->item;
	struct err err = ERR_INIT;
	int rc;

	/* Nothing of ours was ever there: what goes is the memory of it. */
	if (!item->record.installed && !record_has_intent(&item->record))
		return;
	rc = leave_memory(leaving, site, &err);
	leaving->reload = rc < 0 && waits_for_reload(site, &err);
	if (rc < 0 && !leaving->reload) {
		unhide(leaving, site, &err);
		return;
	}
	err_clear(&err);
	if (leaving->is_hidden)
		install_discard(site->install, &leaving->hidden);
	rc = install_forget(site->install, item->ref.name, &err);
	if (rc < 0)
		item_end(item, ITEM_FAILED, &err);
	else
		item->outcome = ITEM_REMOVED;
}

/* One check for all that are hidden: it takes seconds with many bundles. */
static void
check_without(struct leaving *leaving, size_t count, struct site *site)
{
	struct err err = ERR_INIT;
	bool any = false;

	for (size_t i = 0; i < count; i++)
		any = any || leaving[i].is_hidden;
	if (!any || site->discovery == NULL ||
	    reload_check(site->conf, &err) == 0)
		return;
	for (size_t i = 0; i < count; i++) {
		if (leaving[i].is_hidden)
			unhide(&leaving[i], site, &err);
	}
}

/* The files are gone: one reload for those that HAProxy holds on to. */
static void
reload_without(struct leaving *leaving, size_t count, struct site *site)
{
	struct err err = ERR_INIT;
	bool any = false;

	for (size_t i = 0; i < count; i++)
		any = any || leaving[i].reload;
	if (!any || reload_run(site->conf, &err) == 0)
		return;
	for (size_t i = 0; i < count; i++) {
		if (leaving[i].reload)
			item_end(leaving[i].item, ITEM_FAILED, &err);
	}
}

static int
detach_all(struct leaving *leaving, struct item **items, size_t count,
    struct site *site, struct report *report, struct err *err)
{
	int rc;

	rc = converge_memory(items, count, site, err);
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < count; i++) {
		struct err why = ERR_INIT;

		leaving[i].item = items[i];
		items[i]->gone = true;
		if (hide(&leaving[i], site, &why) < 0)
			unhide(&leaving[i], site, &why);
	}
	check_without(leaving, count, site);
	for (size_t i = 0; i < count; i++) {
		if (items[i]->err.code == 0)
			finish(&leaving[i], site);
	}
	reload_without(leaving, count, site);
	rc = install_settle(site->install, err);
	for (size_t i = 0; rc == 0 && i < count; i++)
		rc = report_item(report, items[i], site, true, err);
	return rc;
}

int
detach_run(struct site *site, const struct deploy_name *names,
    const size_t *which, size_t count, struct report *report, struct err *err)
{
	struct leaving *leaving = NULL;
	struct item **items = NULL;
	struct lineage_ref ref;
	int rc = 0;

	if (count == 0)
		return 0;
	leaving = calloc(count, sizeof(*leaving));
	items = calloc(count, sizeof(struct item *));
	if (leaving == NULL || items == NULL) {
		rc = err_nomem(err, doing);
		goto out;
	}
	for (size_t i = 0; rc == 0 && i < count; i++) {
		rc = deploy_ref(site, &names[which[i]], &ref, err);
		if (rc == 0)
			items[i] = item_new(&ref, err);
		if (rc == 0 && items[i] == NULL)
			rc = err->code;
		if (rc == 0)
			rc = record_load(
			    site->records, ref.name, &items[i]->record, err);
	}
	if (rc == 0)
		rc = detach_all(leaving, items, count, site, report, err);
out:
	for (size_t i = 0; items != NULL && i < count; i++)
		item_free(items[i], site);
	free(items);
	free(leaving);
	return rc;
}
