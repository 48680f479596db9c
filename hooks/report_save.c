/*
 * report_save.c: how it ended, for later runs: the record.
 */
#include "hooks/report_part.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "hooks/converge.h"
#include "hooks/unlisted.h"

/* What the record says of a bundle that is in place. */
static int
note_installed(struct item *item, struct site *site, struct err *err)
{
	struct record *record = &item->record;
	struct install_state now = {0};
	int rc;

	rc = install_stat(site->install, item->ref.name, &now, err);
	if (rc < 0)
		return rc;
	if (!item->clean) {
		const struct pki_facts *leaf =
		    pki_cert_facts(item->bundle.leaf);

		memcpy(record->digest, item->bundle.digest, PKI_SHA256_BYTES);
		memcpy(record->leaf_sha1, leaf->sha1, PKI_SHA1_BYTES);
		memcpy(record->leaf_sha256, leaf->sha256, PKI_SHA256_BYTES);
		memcpy(record->leaf_serial, leaf->serial,
		    sizeof(record->leaf_serial));
		record->not_after_s = leaf->not_after_s;
	}
	if (item->published) {
		memcpy(record->replaced, item->fallback, PKI_SHA256_BYTES);
		record->replaced_ours = item->fallback_ours;
		record->replaced_out = item->fallback_out;
	}
	memset(record->intent, 0, sizeof(record->intent));
	record->pending = (item->published || item->pending) &&
	    (item->err.code != 0 || item->reload ||
		site->conf->haproxy.update == CONF_UPDATE_NONE);
	record->installed = true;
	record->lineage = item->ref;
	record->source = item->source;
	record->held = item->hold;
	record_take_in(record);
	record->bundle = now.ident;
	record->reload_due = item->reload;
	return 0;
}

/* A proof that still holds is left as it is, so that nothing is written. */
static void
note_proof(struct item *item, const struct site *site)
{
	struct record *record = &item->record;
	time_t now_s = clock_now_s();

	if (item->outcome == ITEM_QUEUED || (item->publish && !item->verify)) {
		record->proved = false;
		return;
	}
	if (!item->verify)
		return;
	if (record->proved && !item->publish && !item->memory &&
	    (strcmp(record->proved_by, site->workers) == 0 ||
		process_identity_equal(record->proved_by, site->workers)) &&
	    now_s - record->proved_s < site->conf->verify.max_age_s)
		return;
	record->proved = true;
	record->proved_s = now_s;
	(void)snprintf(
	    record->proved_by, sizeof(record->proved_by), "%s", site->workers);
}

static void
note_failure(struct item *item)
{
	struct record_failure *failure = &item->record.failure;
	char line[LIMIT_ERR_DETAIL_BYTES];

	(void)err_text(&item->err, line, sizeof(line));
	failure->last_s = clock_now_s();
	if (!failure->present)
		failure->first_s = failure->last_s;
	failure->present = true;
	failure->attempts++;
	failure->code = item->err.code;
	(void)snprintf(failure->text, sizeof(failure->text), "%s", line);
	if (item->record.lineage.dir[0] == '\0')
		item->record.lineage = item->ref;
	item->record.proved = false;
}

/* Its lineage is there, and stays out as it is: nothing else is known of it. */
static bool
note_out(struct item *item)
{
	struct record *record = &item->record;
	struct lineage_ident ident;
	struct err ignored = ERR_INIT;

	if (lineage_identify(&item->ref, &ident, &ignored) < 0)
		return false;
	*record = (struct record){.lineage = item->ref,
	    .source = ident,
	    .out = true,
	    .revoked = item->revoked ||
		(record->revoked && record_is_out(record, &ident))};
	if (item->removal != NULL)
		(void)snprintf(
		    record->begun, sizeof(record->begun), "%s", item->removal);
	return true;
}

/* The fallback is there again; its source is not to be taken for deployed. */
static void
note_rollback(struct item *item)
{
	struct record *record = &item->record;

	/* It was out, and is again. */
	if (item->fallback_out)
		(void)note_out(item);
	if (record->out)
		return;
	/* What was held back stays so where what was held on to came back. */
	record->held = record->held && !record_has_intent(record) &&
	    memcmp(record->digest, item->fallback, PKI_SHA256_BYTES) == 0;
	if (!record->held)
		memset(&record->source, 0, sizeof(record->source));
	memcpy(record->digest, item->fallback, PKI_SHA256_BYTES);
	record->installed =
	    item->fallback_ours && !pki_sha256_is_none(item->fallback);
	memset(record->intent, 0, sizeof(record->intent));
	record->pending = record->reload_due = false;
}

/* Is the new bundle what is on disk now? */
static bool
is_in_place(const struct item *item)
{
	return item->clean || item->published ||
	    (!item->publish && item->bundle.leaf != NULL);
}

/*
 * What an operator asked for and did not get is no failure of the lineage's,
 * and nothing that a later run should try again.
 */
static bool
is_wish(const struct item *item)
{
	return item->generation > 0 && item->outcome != ITEM_NOT_SERVED;
}

/* Nothing is to be known of it any more. */
static int
forget(const struct item *item, struct site *site, struct err *err)
{
	if (site->unlisted)
		unlisted_remove(site->conf, item->ref.name);
	return record_remove(site->records, item->ref.name, err);
}

static void
forget_failure(struct record *record)
{
	record->failure = (struct record_failure){0};
	record->taken = (struct record_taken){0};
}

int
report_save(struct item *item, struct site *site, bool durable, struct err *err)
{
	const struct err why = item->err;
	bool ours = item->record.installed || record_has_intent(&item->record);
	bool unknown =
	    why.code == ERR_NOENT && !ours && access(item->ref.dir, F_OK) != 0;
	int rc = 0;

	if (item->detach && why.code == 0 && note_out(item))
		return record_save(site->records, &item->record, durable, err);
	if (unknown ||
	    (item->gone && why.code == 0 &&
		(item->outcome == ITEM_REMOVED || !ours)))
		return forget(item, site, err);
	/* It went while it was being looked at: the next run detaches it. And
	 * what was to leave by name and did not is as it was, or is to be
	 * deployed again. */
	if (item->gone && (why.code == 0 || (item->detach && !item->stranded)))
		return 0;
	if (item->rolled_back)
		note_rollback(item);
	else if (item->stranded && !item->gone)
		converge_intent(item, &item->record);
	else if (is_in_place(item) && !item->gone &&
	    (why.code == 0 || item->outcome == ITEM_NOT_SERVED))
		rc = note_installed(item, site, err);
	if (rc < 0)
		return rc;
	item->mended = why.code == 0 && item->record.failure.present;
	if (why.code == 0)
		forget_failure(&item->record);
	if (why.code == 0)
		note_proof(item, site);
	else if (!is_wish(item) && !(item->rolled_back && item->record.out))
		note_failure(item);
	return record_save(site->records, &item->record, durable, err);
}
