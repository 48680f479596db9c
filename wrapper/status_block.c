/*
 * status_block.c: all that is known of one lineage, for who asked for it by
 * name. Nothing is cut: it is there to be read, and to be copied from.
 */
#include "wrapper/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"

enum { KEY_COLUMNS = 10, NAMES_ALINE_BYTES = 68 };

/* "  issuer    ", in bold. */
static int
key(const struct status_view *view, const char *text, struct buf *ret,
    struct err *err)
{
	int rc = buf_puts(ret, "  ", err);

	return rc < 0
	    ? rc
	    : status_cell(view, text, KEY_COLUMNS, STATUS_BOLD, ret, err);
}

static int PRINTF_LIKE(5, 6) row(const struct status_view *view,
    const char *name, struct buf *ret, struct err *err, const char *fmt, ...)
{
	char text[LIMIT_LOG_LINE_BYTES];
	va_list args;
	int rc;

	va_start(args, fmt);
	if (vsnprintf(text, sizeof(text), fmt, args) < 0)
		text[0] = '\0';
	va_end(args);
	rc = key(view, name, ret, err);
	return rc < 0 ? rc : buf_printf(ret, err, "%s\n", text);
}

/* All of them, as many to a line as fit. */
static int
names(const struct status_view *view, const struct observation *item,
    struct buf *ret, struct err *err)
{
	size_t used = 0;
	int rc = key(view, "names", ret, err);

	for (size_t i = 0; rc == 0 && i < item->name_count; i++) {
		size_t len = strlen(item->names[i]) + 1;

		if (used > 0 && used + len > NAMES_ALINE_BYTES) {
			rc = buf_printf(ret, err, "\n%*s", KEY_COLUMNS + 2, "");
			used = 0;
		}
		if (rc == 0)
			rc = buf_printf(ret, err, "%s%s", used > 0 ? " " : "",
			    item->names[i]);
		used += len;
	}
	return rc < 0 ? rc : buf_puts(ret, "\n", err);
}

static int
life(const struct status_view *view, const struct observation *item,
    struct buf *ret, struct err *err)
{
	char from[32], to[32], left[24], bar[STATUS_BAR_CELLS * 4 + 1];
	int rc = 0;

	if (item->not_after_s == 0)
		return 0;
	status_left(item->not_after_s, view->now_s, left, sizeof(left));
	status_bar(item, view->now_s, bar, sizeof(bar));
	rc = row(view, "valid", ret, err, "%s to %s, %s left %s",
	    clock_iso(item->not_before_s, from, sizeof(from)),
	    clock_iso(item->not_after_s, to, sizeof(to)), left, bar);
	if (rc == 0 && *item->obstacle != '\0')
		return row(
		    view, "renewal", ret, err, "fails: %s", item->obstacle);
	if (rc < 0 || item->renew_s == 0)
		return rc;
	if (!item->autorenew)
		return row(view, "renewal", ret, err,
		    "off (autorenew = False in its renewal configuration)");
	status_left(item->renew_s, view->now_s, left, sizeof(left));
	return row(view, "renewal", ret, err, "about %s (%s)",
	    clock_iso(item->renew_s, from, sizeof(from)),
	    item->renew_s <= view->now_s ? "due" : left);
}

/* "● same, until 2026-..., serial 01AB: why". */
static int
verdict(const struct status_view *view, enum observe_verdict verdict,
    time_t not_after_s, const char *serial, const char *why, struct buf *ret,
    struct err *err)
{
	char until[32];
	int rc;

	rc = status_cell(view, status_mark(verdict), 1,
	    status_mark_colour(verdict), ret, err);
	if (rc == 0)
		rc = buf_printf(ret, err, " %s", observe_verdict_name(verdict));
	if (rc == 0 && not_after_s != 0)
		rc = buf_printf(ret, err, ", until %s",
		    clock_iso(not_after_s, until, sizeof(until)));
	if (rc == 0 && *serial != '\0')
		rc = buf_printf(ret, err, ", serial %s", serial);
	if (rc == 0 && *why != '\0')
		rc = buf_printf(ret, err, ": %s", why);
	return rc;
}

/* What only one of the places has. */
static int
place_more(const struct observation *item, enum observe_place place,
    struct buf *ret, struct err *err)
{
	char when[32];

	if (place == OBSERVE_BUNDLE && item->deployed_s != 0)
		return buf_printf(ret, err, ", installed %s",
		    clock_iso(item->deployed_s, when, sizeof(when)));
	if (place == OBSERVE_WIRE && item->wire_live)
		return buf_puts(ret, ", shaken hands now", err);
	if (place == OBSERVE_WIRE && item->proved_s != 0)
		return buf_printf(ret, err, ", proved %s",
		    clock_iso(item->proved_s, when, sizeof(when)));
	return 0;
}

static int
places(const struct status_view *view, const struct observation *item,
    struct buf *ret, struct err *err)
{
	int rc = 0;

	for (int p = 0; rc == 0 && p < OBSERVE_PLACES; p++) {
		const struct observe_at *at = &item->at[p];

		rc = key(
		    view, observe_place_name((enum observe_place)p), ret, err);
		if (rc == 0)
			rc = verdict(view, at->verdict, at->not_after_s,
			    at->serial, at->why, ret, err);
		if (rc == 0)
			rc = place_more(item, (enum observe_place)p, ret, err);
		if (rc == 0)
			rc = buf_puts(ret, "\n", err);
		for (size_t s = 0;
		     rc == 0 && p == OBSERVE_MEMORY && s < item->store_count;
		     s++) {
			const struct observe_store *store = &item->stores[s];

			rc = buf_printf(ret, err,
			    "%*s%s on %s: ", KEY_COLUMNS + 2, "", store->name,
			    store->socket);
			if (rc == 0)
				rc = verdict(view, store->verdict,
				    store->not_after_s, store->serial, "", ret,
				    err);
			if (rc == 0)
				rc = buf_puts(ret, "\n", err);
		}
	}
	return rc;
}

static int
problem(const struct status_view *view, const struct observation *item,
    struct buf *ret, struct err *err)
{
	char text[OBSERVE_PROBLEM_BYTES], when[32];
	int rc = 0;

	if (item->failures > 0)
		rc = row(view, "failure", ret, err, "%u time%s, last %s: %s",
		    item->failures, item->failures == 1 ? "" : "s",
		    clock_iso(item->failed_s, when, sizeof(when)),
		    item->failure);
	observation_problem(item, view->now_s, text, sizeof(text));
	if (rc < 0 || *text == '\0')
		return rc;
	rc = key(view, "problem", ret, err);
	if (rc == 0)
		rc = status_cell(view, text, 0,
		    status_gravity_colour(
			observation_gravity(item, view->now_s)),
		    ret, err);
	return rc < 0 ? rc : buf_puts(ret, "\n", err);
}

int
status_blocks(const struct status_view *view, struct buf *ret, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < view->count; i++) {
		const struct observation *item = view->items[i];

		rc = status_cell(view, item->name, 0, STATUS_BOLD, ret, err);
		if (rc == 0)
			rc = buf_puts(ret, "\n", err);
		if (rc == 0 && item->name_count > 0)
			rc = names(view, item, ret, err);
		if (rc == 0 && *item->issuer != '\0')
			rc = row(view, "issuer", ret, err, "%s, key %s",
			    item->issuer, item->key);
		if (rc == 0)
			rc = life(view, item, ret, err);
		if (rc == 0)
			rc = places(view, item, ret, err);
		if (rc == 0)
			rc = problem(view, item, ret, err);
	}
	return rc < 0 ? rc : status_summary(view, ret, err);
}
