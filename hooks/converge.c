/*
 * converge.c: the observations: lineage and bundle on disk, HAProxy's memory.
 * The wire is observed by prove.c, after everything else agrees.
 */
#include "hooks/converge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "cert/validate.h"
#include "hooks/listing.h"
#include "hooks/names.h"
#include "hooks/sides.h"
#include "hooks/source.h"

static const char doing[] = "observing";

/* A record made elsewhere for the same name would fight over one bundle. */
static int
check_origin(const struct item *item, struct err *err)
{
	const struct lineage_ref *known = &item->record.lineage;
	struct stat here, there;

	if (known->dir[0] == '\0' || strcmp(known->dir, item->ref.dir) == 0 ||
	    stat(known->dir, &there) < 0 ||
	    (stat(item->ref.dir, &here) == 0 && here.st_dev == there.st_dev &&
		here.st_ino == there.st_ino))
		return 0;
	return err_set(err, ERR_EXISTS, doing, item->ref.dir,
	    "%s.pem is made from %s; two lineages of one name cannot share a "
	    "bundle: rename one (certbot --cert-name)",
	    item->ref.name, known->dir);
}

static bool
is_clean(const struct item *item, const struct site *site)
{
	const struct record *record = &item->record;

	return record->installed && item->installed.exists &&
	    !record_has_intent(record) &&
	    lineage_ident_equal(&record->source, &item->source) &&
	    fs_ident_equal(&record->bundle, &item->installed.ident) &&
	    install_owner_ok(site->install, &item->installed) &&
	    source_is_intact(item, site);
}

/* All refusals as one error, each warning as a line of its own. */
static int
judge(const struct item *item, const struct validate_report *report,
    struct err *err)
{
	char text[LIMIT_ERR_DETAIL_BYTES] = "";
	size_t used = 0;

	for (size_t i = 0; i < report->count; i++) {
		const struct validate_finding *finding = &report->findings[i];
		int n;

		if (finding->weight == VALIDATE_WARNING) {
			log_say(LOG_LEVEL_WARN, "%s: %s", item->ref.name,
			    finding->text);
			continue;
		}
		n = snprintf(text + used, sizeof(text) - used, "%s%s",
		    used == 0 ? "" : "; ", finding->text);
		if (n > 0)
			used += (size_t)n < sizeof(text) - used
			    ? (size_t)n
			    : sizeof(text) - used - 1;
	}
	if (report->refusals == 0)
		return 0;
	return err_set(
	    err, ERR_INVALID, "validating", item->ref.name, "%s", text);
}

/* Reads what is installed: its digest, its leaf, and what it must keep to. */
static int
read_installed(
    struct item *item, struct site *site, struct bundle *ret, struct err *err)
{
	struct buf pem = BUF_SECRET(LIMIT_PEM_FILE_BYTES);
	int rc;

	rc = install_read(site->install, item->ref.name, &pem, err);
	if (rc < 0)
		goto out;
	rc = bundle_parse_leaf(pem.data, pem.len, item->ref.name, ret, err);
	if (rc == 0)
		memcpy(item->old_digest, ret->digest, PKI_SHA256_BYTES);
	if (rc == 0 && ret->leaf != NULL)
		memcpy(item->old_leaf, pki_cert_facts(ret->leaf)->sha256,
		    PKI_SHA256_BYTES);
out:
	buf_free(&pem);
	return rc;
}

static int
build(struct item *item, struct site *site,
    const struct converge_options *options, struct err *err)
{
	struct validate_policy policy = {
	    .now_s = clock_now_s(),
	    .clock_tolerance_s = site->conf->validate.clock_tolerance_s,
	    .lost_names_refuse =
		site->conf->validate.lost_names == CONF_LOST_NAMES_REFUSE,
	    .force = options->force,
	    .expected = item->expected,
	};
	struct validate_report *report = NULL;
	struct bundle old = {0};
	int rc;

	report = calloc(1, sizeof(*report));
	if (report == NULL)
		return err_nomem(err, doing);
	rc = source_build(item, site, err);
	if (rc == 0 && item->installed.exists)
		rc = read_installed(item, site, &old, err);
	if (rc < 0)
		goto out;
	policy.renewed = source_is_renewed(item);
	/* What was gone back to before was judged then. */
	policy.going_back = item->hold;
	policy.force = options->force || (item->hold && item->generation == 0);
	validate_bundle(
	    &policy, &item->bundle, old.leaf == NULL ? NULL : &old, report);
	rc = judge(item, report, err);
out:
	bundle_free(&old);
	free(report);
	return rc;
}

/*
 * The intent is on record before the file appears, so that a bundle of ours
 * is known as ours whenever we are killed. The item keeps the record as it
 * was: if it comes to nothing, that is what is saved again.
 */
static int
stage(struct item *item, struct site *site, bool durable, struct err *err)
{
	struct record intent = item->record;
	int rc;

	rc = install_stage(site->install, item->ref.name, &item->bundle.pem,
	    &item->staged, err);
	if (rc < 0)
		return rc;
	if (source_is_foreign(item))
		rc = install_keep_original(site->install, &item->staged, err);
	if (rc == 0)
		rc = sides_check(item, site, err);
	if (rc < 0) {
		install_discard(site->install, &item->staged);
		return rc;
	}
	converge_intent(item, &intent);
	/* A single one is synced by itself, and costs no file more. */
	return durable ? record_save(site->records, &intent, true, err)
		       : record_intend(site->records, &intent, err);
}

void
converge_intent(const struct item *item, struct record *ret)
{
	memcpy(ret->intent, item->bundle.digest, PKI_SHA256_BYTES);
	memcpy(ret->replaced, item->fallback, PKI_SHA256_BYTES);
	ret->replaced_ours = item->fallback_ours;
	ret->replaced_out = item->fallback_out;
	ret->pending = true;
	ret->proved = false;
	record_take_in(ret);
	ret->held = item->hold;
	if (item->hold)
		ret->source = item->source;
	if (ret->lineage.dir[0] == '\0')
		ret->lineage = item->ref;
}

/*
 * What was last proved: what is there, or, where an earlier run published that
 * and never proved it, what it took the place of.
 */
static void
find_fallback(struct item *item)
{
	const struct record *record = &item->record;
	const unsigned char *published =
	    record_has_intent(record) ? record->intent : record->digest;
	bool here = item->installed.exists &&
	    (item->clean ||
		memcmp(item->old_digest, published, PKI_SHA256_BYTES) == 0);

	item->pending = record->pending && here;
	if (item->pending) {
		memcpy(item->fallback, record->replaced, PKI_SHA256_BYTES);
		item->fallback_ours = record->replaced_ours;
		item->fallback_out = record->replaced_out;
	} else if (item->installed.exists) {
		memcpy(item->fallback,
		    item->clean ? record->digest : item->old_digest,
		    PKI_SHA256_BYTES);
		item->fallback_ours = record->installed &&
		    memcmp(item->fallback, record->digest, PKI_SHA256_BYTES) ==
			0;
	} else {
		item->fallback_out = record_is_out(record, &item->source);
	}
}

static void
take_leaf(struct item *item)
{
	const struct pki_facts *leaf;

	if (item->clean) {
		memcpy(item->leaf_sha1, item->record.leaf_sha1, PKI_SHA1_BYTES);
		memcpy(item->leaf_serial, item->record.leaf_serial,
		    sizeof(item->leaf_serial));
		return;
	}
	leaf = pki_cert_facts(item->bundle.leaf);
	memcpy(item->leaf_sha1, leaf->sha1, PKI_SHA1_BYTES);
	memcpy(item->leaf_serial, leaf->serial, sizeof(item->leaf_serial));
}

/*
 * item->out; what is asked for by name is not, whatever becomes of it; what is
 * gone back to is not from its intent on, which tells what that is.
 */
static int
stay_out(struct item *item, struct site *site,
    const struct converge_options *options, struct err *err)
{
	if (item->record.out && options->release)
		return source_release(item, site, options->dry_run, err);
	item->out = item->generation == 0 && !options->release &&
	    record_is_out(&item->record, &item->source);
	return 0;
}

static int
observe_disk(struct item *item, struct site *site,
    const struct converge_options *options, struct err *err)
{
	bool differs;
	int rc;

	rc = site_record(site, item->ref.name, &item->record, err);
	if (rc < 0)
		return rc;
	rc = check_origin(item, err);
	if (rc < 0)
		return rc;
	rc = lineage_identify(&item->ref, &item->source, err);
	if (rc == ERR_NOENT && item->record.lineage.dir[0] != '\0' &&
	    lineage_is_gone(&item->ref)) {
		err_clear(err);
		item->gone = true;
		return options->generation == 0
		    ? 0
		    : err_set(err, ERR_NOENT, doing, item->ref.dir,
			  "the lineage is gone; its bundle leaves HAProxy at "
			  "the next deploy --all");
	}
	if (rc == ERR_NOENT && access(item->ref.dir, F_OK) != 0)
		return names_unknown(site, item->ref.name, err);
	if (rc < 0)
		return rc;
	rc = install_stat(site->install, item->ref.name, &item->installed, err);
	if (rc < 0)
		return rc;
	item->generation = options->generation;
	item->forced = options->force;
	rc = stay_out(item, site, options, err);
	if (rc < 0 || item->out)
		return rc;
	item->hold = item->generation > 0 ||
	    (!options->release && record_is_held(&item->record, &item->source));
	item->clean = item->generation == 0 &&
	    item->hold == item->record.held && is_clean(item, site);
	if (!item->clean)
		rc = build(item, site, options, err);
	if (rc < 0)
		return rc;
	take_leaf(item);
	find_fallback(item);
	differs = !item->clean &&
	    (!item->installed.exists ||
		memcmp(item->old_digest, item->bundle.digest,
		    PKI_SHA256_BYTES) != 0);
	item->publish = differs ||
	    (!item->clean &&
		!install_owner_ok(site->install, &item->installed));
	/* An earlier run that was killed may have told HAProxy, or not. */
	item->changed = differs || record_has_intent(&item->record);
	return item->publish && !options->dry_run
	    ? stage(item, site, options->durable, err)
	    : 0;
}

void
converge_disk(struct item *item, struct site *site,
    const struct converge_options *options)
{
	struct err err = ERR_INIT;
	int rc;

	rc = observe_disk(item, site, options, &err);
	if (rc < 0)
		item_end(item,
		    rc == ERR_INVALID       ? ITEM_REFUSED
			: rc == ERR_HAPROXY ? ITEM_ROLLED_BACK
					    : ITEM_FAILED,
		    &err);
}

/* Asks one process for `count` stores, and files the answers. */
static int
ask_process(struct site *site, size_t p, struct item_store **stores,
    size_t count, struct err *err)
{
	struct transaction_store *seen = NULL;
	const char **names = NULL;
	int rc = 0;

	seen = calloc(count, sizeof(*seen));
	names = calloc(count, sizeof(*names));
	if (seen == NULL || names == NULL) {
		rc = err_nomem(err, doing);
		goto out;
	}
	for (size_t i = 0; i < count; i++)
		names[i] = stores[i]->name;
	rc = transaction_show(
	    &site->processes[p].process, names, count, seen, err);
	for (size_t i = 0; rc == 0 && i < count; i++)
		stores[i]->seen[p] = seen[i];
out:
	free(names);
	free(seen);
	return rc;
}

int
converge_memory(
    struct item *const *items, size_t count, struct site *site, struct err *err)
{
	struct discovery_stores *found = NULL;
	struct item_store **stores = NULL;
	size_t total = 0;
	int rc = 0;

	if (site->discovery == NULL || count == 0)
		return 0;
	found = calloc(1, sizeof(*found));
	stores = calloc(count * LIMIT_STORES, sizeof(*stores));
	if (found == NULL || stores == NULL) {
		rc = err_nomem(err, doing);
		goto out;
	}
	for (size_t i = 0; rc == 0 && i < count; i++) {
		struct err why = ERR_INIT;

		if (items[i]->store_count == 0 &&
		    (item_find_stores(items[i], site, found, &why) < 0 ||
			listing_recall(items[i], site, &why) < 0)) {
			if (why.code == ERR_NOMEM)
				rc = err_set(err, ERR_NOMEM, doing, "", "%s",
				    why.detail);
			else if (item_is_open(items[i]))
				item_end(items[i], ITEM_FAILED, &why);
		}
		for (size_t s = 0; s < items[i]->store_count; s++)
			stores[total++] = &items[i]->stores[s];
	}
	for (size_t p = 0; rc == 0 && total > 0 && p < site->process_count;
	     p++) {
		if (site->processes[p].up)
			rc = ask_process(site, p, stores, total, err);
	}
	for (size_t i = 0; rc == 0 && i < count; i++)
		rc = listing_observe(items[i], site, err);
out:
	free(stores);
	free(found);
	return rc;
}
