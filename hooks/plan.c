/*
 * plan.c: from the observations to the least that makes them agree. Nothing
 * here changes anything, so a dry run and a real one decide alike.
 */
#include "hooks/converge.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "hooks/listing.h"
#include "hooks/rollback.h"
#include "hooks/taker.h"

/* Says why only a reload will do; the first reason found stays. */
static void PRINTF_LIKE(2, 3)
    need_reload(struct item *item, const char *fmt, ...)
{
	va_list args;

	if (item->reload)
		return;
	item->reload = true;
	va_start(args, fmt);
	(void)vsnprintf(item->reason, sizeof(item->reason), fmt, args);
	va_end(args);
}

/* Does process `p` load the bundle, or could it be told to? */
static bool
concerns(const struct item *item, const struct site *site, size_t p)
{
	if (!site->processes[p].up)
		return false;
	for (size_t s = 0; s < item->store_count; s++) {
		const struct item_store *store = &item->stores[s];

		if (store->seen[p].status != TRANSACTION_ABSENT ||
		    (store->list[0] != '\0' &&
			site_has_list(&site->processes[p], store->list)))
			return true;
	}
	return false;
}

/* Is what the wire showed still good for these workers? */
static bool
is_proved(const struct item *item, const struct site *site)
{
	const struct record *record = &item->record;
	time_t age = clock_now_s() - record->proved_s;

	return record->proved && age >= 0 &&
	    age < site->conf->verify.max_age_s && site->workers[0] != '\0' &&
	    process_identity_equal(record->proved_by, site->workers);
}

/*
 * Does process `p`, which serves the bundle, do without this store by its own
 * configuration? It was started, or shaken hands with, since the bundle is what
 * it is; so another reload would find nothing else.
 */
static bool
does_without(const struct item *item, const struct site *site, size_t p)
{
	long long put_s = item->installed.ident.ctime_ns / 1000000000;
	bool serves = false;

	for (size_t s = 0; s < item->store_count; s++)
		serves |= item->stores[s].seen[p].status == TRANSACTION_USED;
	return item->clean && serves &&
	    (is_proved(item, site) ||
		site->processes[p].process.start_s > put_s + 1);
}

/*
 * Named on lines alone that HAProxy may not read, and no process has what they
 * name, though none starts without it: they are not read, and another reload
 * would find nothing else.
 */
static bool
is_passed_over(const struct item *item, const struct site *site)
{
	return item->maybe && site_has_read_all(site);
}

/* Can this store be brought up to date in the memory of process `p`? */
static void
plan_store(struct item *item, const struct site *site, size_t s, size_t p)
{
	const struct item_store *store = &item->stores[s];
	size_t bytes = item->clean ? (size_t)item->installed.ident.size
				   : item->bundle.pem.len;

	if (!item_store_is_due(item, s, p))
		return;
	if (store->seen[p].status == TRANSACTION_ABSENT &&
	    !site_has_list(&site->processes[p], store->list) &&
	    does_without(item, site, p))
		return;
	item->memory = true;
	if (store->seen[p].status == TRANSACTION_ABSENT) {
		if (store->list[0] == '\0')
			need_reload(item,
			    "%s is named by a bind line or a crt-store and "
			    "HAProxy did not load it at its start",
			    store->name);
		else if (!site_has_list(&site->processes[p], store->list))
			need_reload(item,
			    "HAProxy runs with an older configuration, "
			    "without %s",
			    store->list);
	}
	if (!site_fits(site, p, store->name, bytes))
		need_reload(item,
		    "the bundle (%zu bytes) is over HAProxy's limit for an "
		    "update in memory (tune.bufsize)",
		    bytes);
}

/* Of a process that tells nothing about its memory, the disk is all we know. */
static void
plan_untold(struct item *item, const struct site *site)
{
	if (item->clean && !item->record.reload_due)
		return;
	item->memory = true;
	if (site->low.code != 0)
		need_reload(item, "the level of %s is too low", site->low.on);
	else
		need_reload(item, "%s",
		    site->conf->haproxy.update == CONF_UPDATE_RELOAD
			? "update = \"reload\""
			: site->process_count == 0
			? "no socket is configured"
			: "no socket of HAProxy's answers");
}

static void
plan_memory(struct item *item, const struct site *site)
{
	bool concerned = false;

	for (size_t p = 0; p < site->process_count; p++) {
		if (!concerns(item, site, p))
			continue;
		concerned = true;
		for (size_t s = 0; s < item->store_count; s++)
			plan_store(item, site, s, p);
	}
	if (item->store_count == 0)
		return;
	if (site->up_count == 0) {
		plan_untold(item, site);
	} else if (!concerned && !is_passed_over(item, site)) {
		item->memory = true;
		need_reload(item,
		    "HAProxy runs with an older configuration, without %s",
		    item->stores[0].name);
	}
}

/*
 * update = "runtime": what only a reload could do is not done at all; but
 * where no HAProxy runs, the disk is what it will start from.
 */
static void
forbid_reload(struct item *item, const struct site *site)
{
	struct err err = ERR_INIT;

	item->memory = item->reload = false;
	if (site->up_count == 0)
		return;
	(void)err_set(&err, ERR_HAPROXY, "updating HAProxy's memory",
	    item->ref.name,
	    "%s; only a reload could do, and update = \"runtime\" has none",
	    item->reason);
	item_end(item, item->published ? ITEM_NOT_SERVED : ITEM_FAILED, &err);
}

/*
 * A name clash that took this very bundle back stands as it did: a reload would
 * find it again, and going back take another. What expired meanwhile is not
 * left there for that.
 */
static void
spare_reload(struct item *item, const struct site *site)
{
	struct err err = ERR_INIT;

	if (!item->reload || !item->publish || item->published ||
	    item->forced || item->freed ||
	    !taker_stands(site, &item->record.taken, item->bundle.digest) ||
	    rollback_is_expired(item, site))
		return;
	(void)err_set(&err, ERR_MISMATCH, "verifying", item->ref.name,
	    "%.600s has one of its names, as when this bundle was taken back "
	    "before: take the name out of one of the two, or delete the "
	    "lineage that is too many (certhaul delete); --force tries it all "
	    "the same",
	    item->record.taken.path);
	item_end(item, ITEM_ROLLED_BACK, &err);
}

void
converge_plan(struct item *item, const struct site *site)
{
	const struct conf *conf = site->conf;

	if (!item_is_open(item) || item->out ||
	    conf->haproxy.update == CONF_UPDATE_NONE)
		return;
	plan_memory(item, site);
	item->enter = listing_lacks(item);
	if (item->memory && conf->haproxy.update == CONF_UPDATE_RELOAD)
		need_reload(item, "update = \"reload\"");
	if (item->record.reload_due && item->memory)
		need_reload(item, "a reload is due");
	if (item->reload && conf->haproxy.update == CONF_UPDATE_RUNTIME)
		forbid_reload(item, site);
	if (item_is_open(item))
		spare_reload(item, site);
	if (!item_is_open(item))
		return;
	item->verify = conf->verify.enabled && item->store_count > 0 &&
	    !item->unseen &&
	    (item->publish || item->memory || item->named ||
		item->record.failure.present ||
		item->record.proved_but[0] != '\0' || !is_proved(item, site));
}

static const char *
publish_text(const struct item *item, const struct site *site)
{
	if (!item->publish)
		return "";
	if (!item->installed.exists)
		return " install the new bundle;";
	if (!item->record.installed && !record_has_intent(&item->record))
		return " replace a bundle that certhaul did not install;";
	if (!install_owner_ok(site->install, &item->installed))
		return " install the bundle anew (owner, group or mode);";
	return " replace the bundle;";
}

static int
explain_memory(const struct item *item, const struct site *site,
    struct buf *ret, struct err *err)
{
	int rc = 0;

	if (item->reload)
		return buf_printf(
		    ret, err, " queue a reload (%s);", item->reason);
	for (size_t p = 0; p < site->process_count; p++) {
		for (size_t s = 0; rc == 0 && s < item->store_count; s++) {
			const struct item_store *store = &item->stores[s];
			bool absent =
			    store->seen[p].status == TRANSACTION_ABSENT;

			if (!concerns(item, site, p) ||
			    !item_store_is_due(item, s, p))
				continue;
			rc = buf_printf(ret, err, " %s %s on %s;",
			    absent ? "add" : "update", store->name,
			    site->processes[p].process.peer.path);
		}
	}
	return rc;
}

int
converge_explain(const struct item *item, const struct site *site,
    struct buf *ret, struct err *err)
{
	char line[LIMIT_LOG_LINE_BYTES];
	int rc;

	if (item->err.code != 0)
		return buf_printf(ret, err, "%s: %s\n", item->ref.name,
		    err_text(&item->err, line, sizeof(line)));
	if (item->gone)
		return buf_printf(ret, err,
		    "%s: %sdetach the bundle from HAProxy and remove it\n",
		    item->ref.name,
		    item->detach ? "" : "the lineage is gone: ");
	if (item->out)
		return buf_printf(ret, err,
		    "%s: nothing to do, it was detached by name\n",
		    item->ref.name);
	rc = buf_printf(ret, err, "%s:", item->ref.name);
	if (rc == 0 && item->hold)
		rc = item->generation > 0
		    ? buf_printf(ret, err, " go back to generation %ld;",
			  item->generation)
		    : buf_puts(ret, " held back by rollback;", err);
	if (rc == 0 && !item->publish && !item->memory && !item->enter &&
	    !item->verify)
		return buf_puts(ret, " nothing to do\n", err);
	if (rc == 0)
		rc = buf_puts(ret, publish_text(item, site), err);
	for (size_t s = 0; rc == 0 && s < item->store_count; s++) {
		if (item->stores[s].way == DISCOVERY_CRT_LIST &&
		    !item->stores[s].listed)
			rc = buf_printf(ret, err, " %senter it into %s;",
			    site->unsure.code != 0 ? "not " : "",
			    item->stores[s].path);
	}
	if (rc == 0 && item->memory)
		rc = explain_memory(item, site, ret, err);
	if (rc == 0 && item->verify)
		rc = buf_puts(ret, " shake hands;", err);
	if (rc == 0 && site->conf->haproxy.update != CONF_UPDATE_NONE &&
	    item->store_count == 0)
		rc = buf_puts(ret, " no bind line loads it;", err);
	if (rc == 0)
		ret->data[ret->len - 1] = '\n';
	return rc;
}
