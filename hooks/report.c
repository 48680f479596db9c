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

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "hooks/report_part.h"

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
    [ITEM_BEGUN] = {"out, as a removal broke off", REPORT_EXIT_NOT_SERVED},
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

/* A removal of it broke off, and nobody knows how far it got. */
static bool
is_begun(const struct item *item)
{
	return item->out && !item->record.revoked &&
	    item->record.begun[0] != '\0';
}

static void
say_begun(const struct item *item)
{
	const char *name = item->ref.name, *verb = item->record.begun;

	log_say(LOG_LEVEL_ERROR,
	    "%s: is out of HAProxy, as a %s of it was begun and has not come "
	    "to its end: \"certhaul %s %s\" again, or, to have it served, "
	    "\"certhaul deploy %s\"",
	    name, verb, verb, name, name);
}

static void
say_removed(const struct item *item, const struct site *site)
{
	bool untold = site->conf->haproxy.update == CONF_UPDATE_NONE;
	const char *why = untold ? "" : "detached from HAProxy; ";

	report_say("%s: %sits bundle was removed%s", item->ref.name,
	    item->detach ? why : "the lineage is gone; ",
	    untold ? "; HAProxy is not told (haproxy.update)" : "");
}

static void
say(const struct report *report, const struct item *item,
    const struct site *site)
{
	char line[LIMIT_LOG_LINE_BYTES];

	switch (item->outcome) {
	case ITEM_NOTHING:
	case ITEM_HELD:
	case ITEM_OUT:
	case ITEM_BEGUN: say_nothing(report, item); break;
	case ITEM_DEPLOYED: say_deployed(item); break;
	case ITEM_QUEUED:
		report_say("%s: installed; %s (%s)", item->ref.name,
		    report->flushes
			? "a reload follows"
			: "waits for the reload of \"certhaul-hook post\"",
		    item->reason);
		break;
	case ITEM_REMOVED: say_removed(item, site); break;
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
settled(const struct item *item)
{
	if (item->outcome != ITEM_NOTHING || !(item->out || item->hold))
		return item->outcome;
	if (!item->out)
		return ITEM_HELD;
	return is_begun(item) ? ITEM_BEGUN : ITEM_OUT;
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
	rc = report_save(item, site, durable, err);
	if (settled(item) == ITEM_BEGUN)
		say_begun(item);
	else
		say(report, item, site);
	report->counts[settled(item)]++;
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
