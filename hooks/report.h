/*
 * report.h: how it ended: for the operator (a line), for later runs (the
 * record), and for the caller (the exit status).
 */
#ifndef HOOKS_REPORT_H
#define HOOKS_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/term.h"
#include "hooks/item.h"
#include "hooks/site.h"

/* The exit statuses: documented, distinct, never renumbered. */
enum report_exit {
	REPORT_EXIT_DONE = 0,
	REPORT_EXIT_FAILED = 1,
	REPORT_EXIT_USAGE = 2, /* or the configuration */
	REPORT_EXIT_REFUSED = 3,
	REPORT_EXIT_ROLLED_BACK = 4,
	REPORT_EXIT_NOT_SERVED = 5,
	REPORT_EXIT_LOCKED = 6,
};

struct report {
	bool verbose; /* say too what needed nothing */
	bool flushes; /* this run ends with the reload */
	size_t counts[ITEM_OUTCOMES];
	struct term_progress progress; /* off, until it has begun */
};

/*
 * Settles the outcome of an item where nothing went wrong, saves its record
 * (a failure in it until a later run succeeds), says one line and counts it.
 * `durable`: the record is synced by itself; else the caller does it for all
 * (record_sync()). Fails only where the record cannot be saved.
 */
int report_item(struct report *report, struct item *item, struct site *site,
    bool durable, struct err *err) MUST_CHECK;

/* Forgets all counts: the same items are gone through once more. */
void report_again(struct report *report);

/* One line over all items, where there was more than one, or `always`. */
void report_summary(const struct report *report, bool always);

/* The gravest outcome as an exit status. */
int report_exit_status(const struct report *report);

/* Says `text` on stdout (certbot shows a hook's stdout) and to syslog. */
void report_say(const char *fmt, ...) PRINTF_LIKE(1, 2);

#endif
