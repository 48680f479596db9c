/*
 * refit_global.c: time for the runtime API and the end of old workers (global;
 * refit_socket.c has its sockets), and what a reload does to clients
 * (defaults). Parts of refit_find().
 */
#include "wrapper/refit_part.h"

#include <stdlib.h>
#include <string.h>

#define IDLE_CLOSE "idle-close-on-response"

enum { STATS_TIMEOUT_S = 120 };

static const struct refit_section *
last_global(const struct refit_text *text)
{
	const struct refit_section *found = NULL;
	size_t i;

	for (i = 0; i < text->count; i++) {
		if (refit_is(&text->sections[i], "global"))
			found = &text->sections[i];
	}
	return found;
}

/* A line of any global section; `*ret_in` is that section. */
static const struct refit_line *
global_line(const struct refit_text *text, const char *first,
    const char *second, const struct refit_section **ret_in)
{
	const struct refit_line *line;
	size_t i;

	for (i = 0; i < text->count; i++) {
		if (!refit_is(&text->sections[i], "global"))
			continue;
		line = refit_line_of(&text->sections[i], first, second);
		*ret_in = &text->sections[i];
		if (line != NULL)
			return line;
	}
	return NULL;
}

int
refit_replace_word(struct refit_work *work, enum refit_item item,
    const struct refit_section *section, const struct refit_line *line,
    size_t i, const char *text, struct err *err)
{
	struct buf raw = BUF_INIT(LIMIT_HACFG_LINE_BYTES);
	struct buf made = BUF_INIT(LIMIT_HACFG_LINE_BYTES);
	size_t start = 0, end = 0, next, next_end;
	int rc;

	rc = refit_raw(section->file, line->line, &raw, err);
	if (rc == 0 && i == 0) {
		while (refit_span(buf_text(&raw), i++, &next, &next_end))
			start = end = next_end;
	} else if (rc == 0 && !refit_span(buf_text(&raw), i, &start, &end)) {
		rc = err_set(err, ERR_SYNTAX, REFIT_DOING, section->file,
		    "line %u is not understood", line->line);
	}
	if (rc == 0)
		rc = buf_printf(&made, err, "%.*s%s%s%s", (int)start,
		    buf_text(&raw), start == end ? " " : "", text,
		    buf_text(&raw) + end);
	if (rc == 0)
		rc = refit_add(work, item, section, line->line, true,
		    buf_text(&made), err);
	buf_free(&made);
	buf_free(&raw);
	return rc;
}

/* Seconds of "2m", "500ms", "30"; without a unit they are milliseconds. */
static long
seconds_of(const char *text)
{
	char *end = NULL;
	long value = strtol(text, &end, 10);

	if (strcmp(end, "s") == 0)
		return value;
	if (strcmp(end, "m") == 0)
		return value * 60;
	if (strcmp(end, "h") == 0 || strcmp(end, "d") == 0)
		return value * 3600;
	return value / 1000;
}

static int
find_stats_timeout(struct refit_work *work, const struct refit_section *global,
    struct err *err)
{
	const struct refit_section *in = NULL;
	const struct refit_line *line;

	line = global_line(&work->text, "stats", "timeout", &in);
	if (line == NULL)
		return refit_add(work, REFIT_STATS_TIMEOUT, global,
		    refit_end_of(global), false, "stats timeout 2m", err);
	if (seconds_of(refit_word(line, 2)) >= STATS_TIMEOUT_S)
		return 0;
	return refit_replace_word(
	    work, REFIT_STATS_TIMEOUT, in, line, 2, "2m", err);
}

/* Files without a global section get one, in front of everything. */
static int
add_global(struct refit_work *work, struct err *err)
{
	const struct conf_list *sockets = &work->conf->haproxy.sockets;
	struct buf text = BUF_INIT(LIMIT_HACFG_BYTES);
	size_t i;
	int rc;

	rc = buf_puts(&text, "\nglobal\n", err);
	for (i = 0; i < sockets->count && rc == 0; i++) {
		if (refit_may_bind(work, sockets->items[i], &rc, err))
			rc = buf_printf(&text, err,
			    "\tstats socket %s mode 600 level admin\n",
			    sockets->items[i]);
	}
	if (rc == 0)
		rc = buf_puts(
		    &text, "\tstats timeout 2m\n\thard-stop-after 30m\n", err);
	if (rc == 0)
		rc =
		    refit_add_section(work, REFIT_SOCKET, buf_text(&text), err);
	buf_free(&text);
	return rc;
}

/* Would HAProxy warn that the option in `defaults` is not for all of them? */
static bool
has_tcp(const struct refit_text *text, const struct refit_section *defaults)
{
	for (size_t i = 0; i < text->count; i++) {
		const struct refit_section *at = &text->sections[i];

		if (refit_is(at, "defaults") || !refit_is_mode(text, at, "tcp"))
			continue;
		while (at != NULL && at != defaults)
			at = refit_defaults_of(text, at);
		if (at != NULL)
			return true;
	}
	return false;
}

/* Where the option is to go for the bind line; NULL: nowhere. */
static const struct refit_section *
idle_close_of(const struct refit_work *work, const struct hacfg_bind *bind)
{
	const struct refit_text *text = &work->text;
	const struct refit_section *section, *defaults;

	section = refit_section_of(text, bind);
	if (section == NULL || !bind->http ||
	    refit_held_line(text, section, "option", IDLE_CLOSE) != NULL)
		return NULL;
	defaults = refit_defaults_of(text, section);
	return defaults != NULL && refit_is_mode(text, defaults, "http") &&
		!has_tcp(text, defaults)
	    ? defaults
	    : section;
}

/* Where the option is missing: one edit for each section. */
static int
find_idle_close(struct refit_work *work, struct err *err)
{
	const struct hacfg *hacfg = work->hacfg;
	const struct refit_section *target;
	unsigned line;
	size_t i, j;
	int rc = 0;

	for (i = 0; i < hacfg->bind_count && rc == 0; i++) {
		target = idle_close_of(work, &hacfg->binds[i]);
		for (j = 0; j < i && target != NULL; j++) {
			if (idle_close_of(work, &hacfg->binds[j]) == target)
				target = NULL;
		}
		if (target == NULL)
			continue;
		line = refit_end_of(target);
		for (j = 1; j < target->count; j++) {
			if (strcmp(target->lines[j].words[0], "option") == 0)
				line = target->lines[j].line + 1;
		}
		rc = refit_add(work, REFIT_IDLE_CLOSE, target, line, false,
		    "option " IDLE_CLOSE, err);
	}
	return rc;
}

int
refit_find_global(struct refit_work *work, struct err *err)
{
	const struct refit_section *global = last_global(&work->text), *in;
	int rc;

	if (global == NULL) {
		rc = add_global(work, err);
		return rc < 0 ? rc : find_idle_close(work, err);
	}
	rc = refit_find_sockets(work, global, err);
	if (rc == 0)
		rc = find_stats_timeout(work, global, err);
	if (rc == 0 &&
	    global_line(&work->text, "hard-stop-after", NULL, &in) == NULL)
		rc = refit_add(work, REFIT_HARD_STOP, global,
		    refit_end_of(global), false, "hard-stop-after 30m", err);
	return rc < 0 ? rc : find_idle_close(work, err);
}
