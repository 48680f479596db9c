/*
 * status_line.c: a line a lineage, for a look at many of them. On a terminal
 * no line is longer than it is wide; elsewhere nothing is cut.
 *
 *	NAME       LIFE LEFT        RENEWS  LBMW  ISSUER  NAMES
 *	a.example  ██████▌░   73 d  ~43 d   ●●●●  Lab E1  a.example +1
 *
 * LBMW are the four places: lineage, bundle, memory, wire.
 */
#include "wrapper/status.h"

#include <stdio.h>
#include <string.h>

#include "base/term.h"

enum {
	GAP = 2, /* between two columns */
	LEFT_LEAST = 6, /* "1000 d" */
	RENEWS_LEAST = 6, /* "~100 d" */
	WIDE_LEAST = 100, /* room for issuer and names beside the words */
	TINY_MOST = 59, /* neither bar nor renewal */
	NAME_LEAST = 10,
	NAMES_BYTES = 512,
};

/* The columns of each part, 0: it is left out. */
struct layout {
	size_t name, bar, left, renews, issuer, names;
	size_t words; /* 0: as long as they are */
	bool without; /* no room for words */
	bool both; /* names and issuer stand where there are no words */
};

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static size_t
most(size_t a, size_t b)
{
	return a > b ? a : b;
}

/* As many names as fit into `columns` (0: just the first), and " +N". */
static void
fit_names(
    const struct observation *item, size_t columns, char *ret, size_t size)
{
	char rest[32];
	size_t used = 0, count;

	*ret = '\0';
	for (count = 0; count < item->name_count; count++) {
		size_t after = item->name_count - count - 1, need;

		(void)snprintf(rest, sizeof(rest), " +%zu", after);
		need = used + (count > 0) + strlen(item->names[count]) +
		    (after > 0 ? strlen(rest) : 0);
		if (count > 0 && (need > columns || need >= size))
			break;
		used += (size_t)snprintf(ret + used, size - used, "%s%s",
		    count > 0 ? " " : "", item->names[count]);
	}
	if (count < item->name_count && used < size)
		(void)snprintf(
		    ret + used, size - used, " +%zu", item->name_count - count);
}

static void
fit_renewal(
    const struct observation *item, time_t now_s, char *ret, size_t size)
{
	char left[24];

	if (item->renew_s == 0) {
		(void)snprintf(ret, size, "-");
		return;
	}
	if (!item->autorenew) {
		(void)snprintf(ret, size, "off");
		return;
	}
	if (item->renew_s <= now_s) {
		(void)snprintf(ret, size, "now");
		return;
	}
	status_left(item->renew_s, now_s, left, sizeof(left));
	(void)snprintf(ret, size, "~%s", left);
}

/* Numbers are not cut, on a terminal neither: what is left of one misleads. */
static void
fit_numbers(const struct status_view *view, struct layout *layout)
{
	char text[24];

	layout->left = LEFT_LEAST;
	layout->renews = layout->bar > 0 ? RENEWS_LEAST : 0;
	for (size_t i = 0; i < view->count; i++) {
		const struct observation *item = view->items[i];

		status_left(item->not_after_s, view->now_s, text, sizeof(text));
		layout->left = most(layout->left, strlen(text));
		fit_renewal(item, view->now_s, text, sizeof(text));
		if (layout->renews > 0)
			layout->renews = most(layout->renews, strlen(text));
	}
}

/* What is off with it; else what there is to know about its handshakes. */
static void
fit_words(const struct observation *item, time_t now_s, char *ret, size_t size)
{
	const struct observe_at *wire = &item->at[OBSERVE_WIRE];

	observation_problem(item, now_s, ret, size);
	if (*ret == '\0' && wire->verdict == OBSERVE_SAME)
		(void)snprintf(ret, size, "%s", wire->why);
}

/* How many columns all of each would take. */
static struct layout
measure(const struct status_view *view)
{
	struct layout full = {.name = strlen("NAME"),
	    .issuer = strlen("ISSUER"),
	    .names = strlen("NAMES")};
	char names[NAMES_BYTES], words[OBSERVE_PROBLEM_BYTES];

	for (size_t i = 0; i < view->count; i++) {
		const struct observation *item = view->items[i];

		full.name = most(full.name, term_columns(item->name));
		full.issuer = most(full.issuer, term_columns(item->issuer));
		fit_names(item, 0, names, sizeof(names));
		full.names = most(full.names, term_columns(names));
		fit_words(item, view->now_s, words, sizeof(words));
		full.words = most(full.words, term_columns(words));
	}
	return full;
}

/* Gives a cell what it lacks of what no words need. */
static void
widen(size_t *cell, size_t full, size_t *spare)
{
	size_t more = least(full - *cell, *spare);

	*cell += more;
	*spare -= more;
}

/* No line is longer than the terminal is wide; the words have what is left. */
static void
fit_width(size_t width, const struct layout *full, struct layout *layout)
{
	size_t used, room, spare;

	used = layout->name + GAP + layout->left + GAP + OBSERVE_PLACES + GAP;
	if (layout->bar > 0)
		used += layout->bar + 1 + layout->renews + GAP;
	if (layout->issuer > 0)
		used += layout->issuer + GAP + layout->names + GAP;
	/* The gap in front of no words is not written. */
	if (used >= width) {
		size_t over = used - GAP > width ? used - GAP - width : 0;

		layout->name -= least(over, layout->name - 1);
		layout->without = true;
		return;
	}
	room = width - used;
	spare = room > full->words + 1 ? room - full->words - 1 : 0;
	layout->words = room - spare;
	if (layout->issuer > 0) {
		widen(&layout->name, full->name, &spare);
		widen(&layout->issuer, full->issuer, &spare);
		widen(&layout->names, full->names, &spare);
	}
	layout->words += spare;
}

static void
make_layout(const struct status_view *view, struct layout *ret)
{
	const struct layout full = measure(view);
	size_t width = view->width;

	*ret = (struct layout){.name = full.name, .both = true};
	if (width > 0)
		ret->name = least(full.name, most(NAME_LEAST, width * 3 / 10));
	if (width == 0 || width > TINY_MOST)
		ret->bar = STATUS_BAR_CELLS;
	fit_numbers(view, ret);
	if (width == 0 || width >= WIDE_LEAST) {
		ret->issuer =
		    width == 0 ? full.issuer : least(full.issuer, width / 8);
		ret->names =
		    width == 0 ? full.names : least(full.names, width / 5);
		ret->both = false;
	}
	if (width > 0)
		fit_width(width, &full, ret);
}

/* One cell, and the gap behind it. */
static int
put(const struct status_view *view, const char *text, size_t columns,
    size_t gap, enum status_colour colour, struct buf *ret, struct err *err)
{
	int rc = status_cell(view, text, columns, colour, ret, err);

	return rc < 0 ? rc : buf_printf(ret, err, "%*s", (int)gap, "");
}

/* Ends the line, without the blanks that fill its last cell. */
static int
end_line(struct buf *ret, struct err *err)
{
	while (ret->len > 0 && ret->data[ret->len - 1] == ' ')
		ret->len--;
	return buf_puts(ret, "\n", err);
}

static int
header(const struct status_view *view, const struct layout *layout,
    struct buf *ret, struct err *err)
{
	const struct {
		const char *text;
		size_t columns;
	} cells[] = {
	    {"NAME", layout->name},
	    {layout->bar > 0 ? "LIFE LEFT" : "LEFT",
		layout->left + (layout->bar > 0 ? layout->bar + 1 : 0)},
	    {"RENEWS", layout->renews},
	    {"LBMW", OBSERVE_PLACES},
	    {"ISSUER", layout->issuer},
	    {"NAMES", layout->names},
	};
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < COUNT_OF(cells); i++) {
		if (cells[i].columns > 0)
			rc = put(view, cells[i].text, cells[i].columns, GAP,
			    STATUS_BOLD, ret, err);
	}
	return rc < 0 ? rc : end_line(ret, err);
}

static int
life(const struct status_view *view, const struct layout *layout,
    const struct observation *item, struct buf *ret, struct err *err)
{
	enum status_colour colour =
	    status_gravity_colour(observation_gravity(item, view->now_s));
	char bar[STATUS_BAR_CELLS * 4 + 1], left[24], text[64];
	int rc = 0;

	if (layout->bar > 0) {
		status_bar(item, view->now_s, bar, sizeof(bar));
		rc = put(view, bar, layout->bar, 1, colour, ret, err);
	}
	status_left(item->not_after_s, view->now_s, left, sizeof(left));
	(void)snprintf(text, sizeof(text), "%*s", (int)layout->left, left);
	if (rc == 0)
		rc = put(view, text, layout->left, GAP, STATUS_PLAIN, ret, err);
	if (rc == 0 && layout->renews > 0) {
		fit_renewal(item, view->now_s, text, sizeof(text));
		rc = put(
		    view, text, layout->renews, GAP, STATUS_PLAIN, ret, err);
	}
	return rc;
}

/* What there is to say of it; else names and issuer that have no column. */
static int
words(const struct status_view *view, const struct layout *layout,
    const struct observation *item, struct buf *ret, struct err *err)
{
	enum observe_gravity gravity = observation_gravity(item, view->now_s);
	char text[OBSERVE_PROBLEM_BYTES], names[NAMES_BYTES];

	fit_words(item, view->now_s, text, sizeof(text));
	if (*text == '\0' && layout->both) {
		size_t issuer = term_columns(item->issuer) + 3;

		fit_names(item,
		    layout->words > issuer ? layout->words - issuer : 0, names,
		    sizeof(names));
		(void)snprintf(
		    text, sizeof(text), "%s (%s)", names, item->issuer);
	}
	return status_cell(view, text, layout->words,
	    gravity == OBSERVE_WELL ? STATUS_DIM
				    : status_gravity_colour(gravity),
	    ret, err);
}

static int
line(const struct status_view *view, const struct layout *layout,
    const struct observation *item, struct buf *ret, struct err *err)
{
	char names[NAMES_BYTES];
	int rc;

	rc = put(view, item->name, layout->name, GAP, STATUS_PLAIN, ret, err);
	if (rc == 0)
		rc = life(view, layout, item, ret, err);
	for (size_t p = 0; rc == 0 && p < OBSERVE_PLACES; p++)
		rc = put(view, status_mark(item->at[p].verdict), 1,
		    p + 1 < OBSERVE_PLACES ? 0 : GAP,
		    status_mark_colour(item->at[p].verdict), ret, err);
	if (rc == 0 && layout->issuer > 0)
		rc = put(view, item->issuer, layout->issuer, GAP, STATUS_PLAIN,
		    ret, err);
	if (rc == 0 && layout->names > 0) {
		fit_names(item, layout->names, names, sizeof(names));
		rc = put(
		    view, names, layout->names, GAP, STATUS_PLAIN, ret, err);
	}
	if (rc == 0 && !layout->without)
		rc = words(view, layout, item, ret, err);
	return rc < 0 ? rc : end_line(ret, err);
}

static int
summary_line(const struct status_view *view, const char *text, struct buf *ret,
    struct err *err)
{
	int rc = status_cell(view, text, view->width,
	    observed_ok(view->observed, view->now_s) ? STATUS_PLAIN
						     : STATUS_RED,
	    ret, err);

	return rc < 0 ? rc : end_line(ret, err);
}

int
status_summary(const struct status_view *view, struct buf *ret, struct err *err)
{
	const struct observe_haproxy *haproxy = &view->observed->haproxy;
	size_t count = view->observed->count;
	size_t problems = status_problems(view);
	char engine[LIMIT_PATH_BYTES + 64];
	char text[OBSERVE_WHY_BYTES + 256 + sizeof(engine)];
	char proxy[OBSERVE_WHY_BYTES + 128] = "not asked";
	int rc;

	if (haproxy->needed &&
	    snprintf(proxy, sizeof(proxy),
		"%s%s%zu of %zu socket%s answer%s%s%s", haproxy->version,
		*haproxy->version != '\0' ? ", " : "", haproxy->up,
		haproxy->sockets, haproxy->sockets == 1 ? "" : "s",
		haproxy->sockets == 1 ? "s" : "",
		haproxy->up < haproxy->sockets ? ": " : "",
		haproxy->up < haproxy->sockets ? haproxy->why : "") < 0)
		proxy[0] = '\0';
	if (snprintf(engine, sizeof(engine), "engine %s%s%s",
		view->engine != NULL ? view->engine : "none",
		view->engine != NULL ? " " : "",
		view->engine != NULL ? view->engine_path : "") < 0 ||
	    snprintf(text, sizeof(text),
		"%zu lineage%s, %zu with a problem; HAProxy %s", count,
		count == 1 ? "" : "s", problems, proxy) < 0)
		text[0] = '\0';
	/* Where both are too wide each has a line. */
	if (view->width > 0 &&
	    strlen(text) + strlen("; ") + strlen(engine) > view->width) {
		rc = summary_line(view, text, ret, err);
		return rc < 0 ? rc : summary_line(view, engine, ret, err);
	}
	(void)snprintf(
	    text + strlen(text), sizeof(text) - strlen(text), "; %s", engine);
	return summary_line(view, text, ret, err);
}

int
status_lines(const struct status_view *view, struct buf *ret, struct err *err)
{
	struct layout layout;
	int rc = 0;

	make_layout(view, &layout);
	if (view->count > 0)
		rc = header(view, &layout, ret, err);
	for (size_t i = 0; rc == 0 && i < view->count; i++)
		rc = line(view, &layout, view->items[i], ret, err);
	return rc < 0 ? rc : status_summary(view, ret, err);
}
