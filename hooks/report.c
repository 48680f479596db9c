/*
 * report.c: the last box of the way of a certificate: report, state.
 *
 * Lines about what went well go to stdout, since certbot shows what a hook
 * writes to stderr as an error; what went wrong goes to stderr. Both go to
 * syslog, which under a timer is the only place that anybody can read.
 */
#include "hooks/report.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "hooks/converge.h"
#include "hooks/unlisted.h"

enum { SECONDS_A_DAY = 24 * 60 * 60 };

/* What ends it; the lineage's name is the argument. */
#define HELD "certbot's next renewal or \"certhaul deploy %s\" ends that"

struct outcome_row {
	const char *plural; /* for the summary */
	enum report_exit exit_status;
};

static const struct outcome_row outcomes[] = {
    [ITEM_NOTHING] = {"up to date", REPORT_EXIT_DONE},
    [ITEM_HELD] = {"held back by rollback", REPORT_EXIT_DONE},
    [ITEM_OUT] = {"detached", REPORT_EXIT_DONE},
    [ITEM_DEPLOYED] = {"deployed", REPORT_EXIT_DONE},
    [ITEM_QUEUED] = {"waiting for the reload", REPORT_EXIT_DONE},
    [ITEM_REMOVED] = {"removed", REPORT_EXIT_DONE},
    [ITEM_FAILED] = {"failed", REPORT_EXIT_FAILED},
    [ITEM_REFUSED] = {"refused by validation", REPORT_EXIT_REFUSED},
    [ITEM_ROLLED_BACK] = {"rolled back", REPORT_EXIT_ROLLED_BACK},
    [ITEM_NOT_SERVED] = {"not proved to be served", REPORT_EXIT_NOT_SERVED},
};
_Static_assert(COUNT_OF(outcomes) == ITEM_OUTCOMES, "a row an outcome");

void
report_say(const char *fmt, ...)
{
	char line[LIMIT_LOG_LINE_BYTES];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	text_clean(line);
	log_make_way();
	(void)printf("%s\n", line);
	(void)fflush(stdout);
	log_say(LOG_LEVEL_INFO, "%s", line);
}

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
	record->out = record->revoked = false;
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

static int
save(struct item *item, struct site *site, bool durable, struct err *err)
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

/* It needed nothing; said where there is something to say. */
static void
say_nothing(const struct report *report, const struct item *item)
{
	const char *name = item->ref.name;

	if (item->detach)
		report_say("%s: no bundle of it is installed", name);
	else if (item->out)
		report_say(item->record.revoked
			? "%s: is revoked, and stays out of HAProxy: "
			  "\"certhaul delete %s\""
			: "%s: was detached, and stays out of HAProxy; " HELD,
		    name, name);
	else if (item->generation > 0)
		report_say("%s: generation %ld is what is installed; " HELD,
		    name, item->generation, name);
	else if (item->mended)
		report_say("%s: what had failed is well now", name);
	else if (report->verbose && item->hold)
		report_say("%s: held back by rollback; " HELD, name, name);
	else if (report->verbose)
		report_say("%s: up to date", name);
}

static void
say_deployed(const struct item *item)
{
	long days =
	    (long)((item->record.not_after_s - clock_now_s()) / SECONDS_A_DAY);
	char what[64] = "deployed", until[32];

	if (item->generation > 0)
		(void)snprintf(what, sizeof(what),
		    "went back to generation %ld", item->generation);
	report_say("%s: %s%s, valid until %s (%ld days)", item->ref.name, what,
	    item->verify ? " and seen in a handshake" : "",
	    clock_iso(item->record.not_after_s, until, sizeof(until)), days);
	if (item->generation > 0)
		report_say("%s: held; " HELD, item->ref.name, item->ref.name);
}

static void
say(const struct report *report, const struct item *item)
{
	char line[LIMIT_LOG_LINE_BYTES];

	switch (item->outcome) {
	case ITEM_NOTHING:
	case ITEM_HELD:
	case ITEM_OUT: say_nothing(report, item); break;
	case ITEM_DEPLOYED: say_deployed(item); break;
	case ITEM_QUEUED:
		report_say("%s: installed; %s (%s)", item->ref.name,
		    report->flushes
			? "a reload follows"
			: "waits for the reload of \"certhaul-hook post\"",
		    item->reason);
		break;
	case ITEM_REMOVED:
		report_say("%s: %s; its bundle was removed", item->ref.name,
		    item->detach ? "detached from HAProxy"
				 : "the lineage is gone");
		break;
	case ITEM_FAILED:
	case ITEM_REFUSED:
	case ITEM_ROLLED_BACK:
	case ITEM_NOT_SERVED:
		log_say(LOG_LEVEL_ERROR, "%s: %s: %s", item->ref.name,
		    outcomes[item->outcome].plural,
		    err_text(&item->err, line, sizeof(line)));
		break;
	case ITEM_OUTCOMES: break;
	}
}

/* As it is to be is not the same as up to date. */
static enum item_outcome
counted_as(const struct item *item)
{
	if (item->outcome != ITEM_NOTHING || !(item->out || item->hold))
		return item->outcome;
	return item->out ? ITEM_OUT : ITEM_HELD;
}

int
report_item(struct report *report, struct item *item, struct site *site,
    bool durable, struct err *err)
{
	int rc;

	if (item->err.code == 0 && item->outcome == ITEM_NOTHING) {
		if (item->reload)
			item->outcome = ITEM_QUEUED;
		else if (item->publish || item->memory || item->enter)
			item->outcome = ITEM_DEPLOYED;
	}
	rc = save(item, site, durable, err);
	say(report, item);
	report->counts[counted_as(item)]++;
	return rc;
}

void
report_again(struct report *report)
{
	memset(report->counts, 0, sizeof(report->counts));
}

void
report_summary(const struct report *report, bool always)
{
	char text[LIMIT_LOG_LINE_BYTES] = "";
	size_t used = 0, total = 0;

	for (size_t i = 0; i < ITEM_OUTCOMES; i++) {
		int n;

		if (report->counts[i] == 0)
			continue;
		n = snprintf(text + used, sizeof(text) - used, "%s%zu %s",
		    total == 0 ? "" : ", ", report->counts[i],
		    outcomes[i].plural);
		if (n > 0 && (size_t)n < sizeof(text) - used)
			used += (size_t)n;
		total += report->counts[i];
	}
	if (always || total != 1)
		report_say("%zu lineage%s%s%s", total, total == 1 ? "" : "s",
		    total == 0 ? "" : ": ", text);
}

int
report_exit_status(const struct report *report)
{
	for (size_t i = ITEM_OUTCOMES; i-- > 0;) {
		if (report->counts[i] > 0)
			return outcomes[i].exit_status;
	}
	return REPORT_EXIT_DONE;
}
