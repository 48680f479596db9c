/*
 * status_part.c: what the renderers for people have in common: cells, the bar
 * of a life, the marks.
 */
#include "wrapper/status.h"

#include <stdio.h>
#include <string.h>

#include "base/term.h"

enum {
	HOUR_S = 60 * 60,
	DAY_S = 24 * HOUR_S,
	EIGHTHS = 8, /* of a cell, that a block can show */
	CELL_BYTES = 8 * 1024, /* of one cell that is cut */
};

static const char *const colours[] = {
    [STATUS_PLAIN] = "",
    [STATUS_DIM] = "\033[2m",
    [STATUS_BOLD] = "\033[1m",
    [STATUS_GREEN] = "\033[32m",
    [STATUS_YELLOW] = "\033[33m",
    [STATUS_RED] = "\033[31m",
};
_Static_assert(COUNT_OF(colours) == STATUS_COLOURS, "a code each");

int
status_cell(const struct status_view *view, const char *text, size_t columns,
    enum status_colour colour, struct buf *ret, struct err *err)
{
	bool coloured = view->colour && colour != STATUS_PLAIN;
	char cell[CELL_BYTES];
	size_t used;
	int rc = 0;

	if (columns > 0) {
		if (snprintf(cell, sizeof(cell), "%s", text) < 0)
			cell[0] = '\0';
		term_cut(cell, sizeof(cell), columns);
		text = cell;
	}
	if (coloured)
		rc = buf_puts(ret, colours[colour], err);
	if (rc == 0)
		rc = buf_puts(ret, text, err);
	if (rc == 0 && coloured)
		rc = buf_puts(ret, "\033[0m", err);
	used = term_columns(text);
	if (rc == 0 && used < columns)
		rc = buf_printf(ret, err, "%*s", (int)(columns - used), "");
	return rc;
}

void
status_bar(const struct observation *item, time_t now_s, char *ret, size_t size)
{
	/* From one eighth to seven; whole ones and none are written below. */
	static const char *const parts[EIGHTHS] = {
	    "", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
	time_t life_s = item->not_after_s - item->not_before_s;
	time_t left_s = item->not_after_s - now_s;
	size_t used = 0, eighths = 0;

	if (life_s > 0 && left_s > 0)
		eighths = left_s >= life_s
		    ? (size_t)STATUS_BAR_CELLS * EIGHTHS
		    : (size_t)(STATUS_BAR_CELLS * EIGHTHS * left_s / life_s);
	*ret = '\0';
	for (size_t i = 0; i < STATUS_BAR_CELLS; i++) {
		size_t here = eighths < EIGHTHS ? eighths : (size_t)EIGHTHS;
		int n;

		eighths -= here;
		n = snprintf(ret + used, size - used, "%s",
		    here == EIGHTHS ? "█"
			: here == 0 ? "░"
				    : parts[here]);
		if (n < 0 || (size_t)n >= size - used)
			return;
		used += (size_t)n;
	}
}

void
status_left(time_t until_s, time_t now_s, char *ret, size_t size)
{
	long left_s = (long)(until_s - now_s);

	if (until_s == 0)
		(void)snprintf(ret, size, "?");
	else if (left_s > -2L * DAY_S && left_s < 2L * DAY_S)
		(void)snprintf(ret, size, "%ld h", left_s / HOUR_S);
	else
		(void)snprintf(ret, size, "%ld d", left_s / DAY_S);
}

const char *
status_mark(enum observe_verdict verdict)
{
	static const char *const marks[] = {
	    [OBSERVE_UNKNOWN] = "?",
	    [OBSERVE_ABSENT] = "○",
	    [OBSERVE_SAME] = "●",
	    [OBSERVE_OTHER] = "≠",
	    [OBSERVE_BROKEN] = "✗",
	};
	_Static_assert(COUNT_OF(marks) == OBSERVE_VERDICTS, "a mark each");

	return marks[verdict];
}

enum status_colour
status_mark_colour(enum observe_verdict verdict)
{
	switch (verdict) {
	case OBSERVE_UNKNOWN: return STATUS_DIM;
	case OBSERVE_SAME: return STATUS_GREEN;
	case OBSERVE_ABSENT:
	case OBSERVE_OTHER:
	case OBSERVE_BROKEN: return STATUS_RED;
	case OBSERVE_VERDICTS: break;
	}
	return STATUS_PLAIN;
}

enum status_colour
status_gravity_colour(enum observe_gravity gravity)
{
	switch (gravity) {
	case OBSERVE_WELL: return STATUS_GREEN;
	case OBSERVE_WARNING: return STATUS_YELLOW;
	case OBSERVE_CRITICAL: return STATUS_RED;
	case OBSERVE_GRAVITIES: break;
	}
	return STATUS_PLAIN;
}

size_t
status_problems(const struct status_view *view)
{
	size_t problems = 0;

	for (size_t i = 0; i < view->observed->count; i++)
		problems +=
		    !observation_ok(&view->observed->items[i], view->now_s);
	return problems;
}
