/*
 * status.h: what was observed, as text: for people, for machines, for
 * monitors. Renderers only; status.c chooses between them.
 */
#ifndef WRAPPER_STATUS_H
#define WRAPPER_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "wrapper/observe.h"

enum { STATUS_BAR_CELLS = 8 };

/* What is shown, and how; everything is borrowed. */
struct status_view {
	const struct observed *observed;
	const struct observation *const *items; /* those to show, in order */
	size_t count;
	time_t now_s;
	const char *engine, *engine_path; /* "certbot"; NULL: none is found */
	unsigned width; /* columns of the terminal; 0: nothing is cut */
	bool colour;
};

/* All renderers append to `ret`: ERR_LIMIT, ERR_NOMEM. */

/* A header, a line a lineage, and a summary. */
int status_lines(const struct status_view *view, struct buf *ret,
    struct err *err) MUST_CHECK;

/* The summary alone: how many, how many problems, HAProxy, the engine. */
int status_summary(const struct status_view *view, struct buf *ret,
    struct err *err) MUST_CHECK;

/* A block a lineage: all names, each place, each socket. */
int status_blocks(const struct status_view *view, struct buf *ret,
    struct err *err) MUST_CHECK;

/* Version 1 of the schema in conf/status.schema.json. */
int status_json(const struct status_view *view, struct buf *ret,
    struct err *err) MUST_CHECK;

/*
 * For the textfile collector of Prometheus' node exporter (exposition format
 * 0.0.4).
 */
int status_prometheus(const struct status_view *view, struct buf *ret,
    struct err *err) MUST_CHECK;

/* The gauge that says whether there is anything to tell. */
int status_prometheus_up(bool up, struct buf *ret, struct err *err) MUST_CHECK;

/*
 * One line with performance data, and a monitoring plugin's exit status: 0
 * OK, 1 WARNING, 2 CRITICAL (Monitoring Plugins Development Guidelines).
 */
int status_nagios(const struct status_view *view, struct buf *ret,
    int *ret_status, struct err *err) MUST_CHECK;

/* To a monitor, not to know is an answer: the line, printed; returns 3. */
int status_nagios_unknown(const struct err *why) MUST_CHECK;

/* --- what the renderers for people share: status_part.c ------------------ */

enum status_colour {
	STATUS_PLAIN,
	STATUS_DIM,
	STATUS_BOLD,
	STATUS_GREEN,
	STATUS_YELLOW,
	STATUS_RED,
	STATUS_COLOURS
};

/*
 * Appends `text` in a colour, cut and filled up to `columns`; with 0 it is as
 * long as it is.
 */
int status_cell(const struct status_view *view, const char *text,
    size_t columns, enum status_colour colour, struct buf *ret,
    struct err *err) MUST_CHECK;

/* The part of a life that is left, as blocks: at most STATUS_BAR_CELLS. */
void status_bar(
    const struct observation *item, time_t now_s, char *ret, size_t size);

/* "89 d", under two days "31 h", "-3 d"; "?" where it is not known. */
void status_left(time_t until_s, time_t now_s, char *ret, size_t size);

/* One sign for a verdict, and its colour. */
const char *status_mark(enum observe_verdict verdict);
enum status_colour status_mark_colour(enum observe_verdict verdict);
enum status_colour status_gravity_colour(enum observe_gravity gravity);

/* How many of all have a problem. */
size_t status_problems(const struct status_view *view);

#endif
