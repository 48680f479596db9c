/*
 * refit_global.c: the runtime API and the end of old workers (global), what a
 * reload does to clients (defaults), and the challenge's backend. Parts of
 * refit_find().
 */
#include "wrapper/refit_part.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

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

/* The directories of two sockets may be one (/run and /var/run). */
static bool
same_socket(const char *a, const char *b)
{
	const char *base_a = strrchr(a, '/'), *base_b = strrchr(b, '/');
	char dir[LIMIT_PATH_BYTES];
	struct stat st_a, st_b;

	if (strcmp(a, b) == 0)
		return true;
	if (base_a == NULL || base_b == NULL || strcmp(base_a, base_b) != 0)
		return false;
	(void)snprintf(dir, sizeof(dir), "%.*s/", (int)(base_a - a), a);
	if (stat(dir, &st_a) != 0)
		return false;
	(void)snprintf(dir, sizeof(dir), "%.*s/", (int)(base_b - b), b);
	return stat(dir, &st_b) == 0 && st_a.st_dev == st_b.st_dev &&
	    st_a.st_ino == st_b.st_ino;
}

/* The place of the value behind the word `name`, 0 where there is none. */
static size_t
value_of(const struct refit_line *line, const char *name)
{
	size_t i;

	for (i = 1; i + 1 < line->count; i++) {
		if (strcmp(line->words[i], name) == 0)
			return i + 1;
	}
	return 0;
}

/* The raw line with word `i` replaced by `text`, or (0) added at the end. */
static int
replace_word(struct refit_work *work, enum refit_item item,
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

/* May nobody but its owner, root, write to the socket? */
static bool
is_private(const struct refit_line *line)
{
	static const char *const others[] = {"user", "uid", "group", "gid"};
	size_t mode = value_of(line, "mode");

	for (size_t i = 0; i < COUNT_OF(others); i++) {
		if (value_of(line, others[i]) != 0)
			return false;
	}
	return mode != 0 && (strtol(line->words[mode], NULL, 8) & 077) == 0;
}

/* Who may use it would be given more rights than the operator gave them. */
static int
raise_level(struct refit_work *work, const struct refit_section *section,
    const struct refit_line *line, const char *path, struct err *err)
{
	size_t level = value_of(line, "level");

	if (is_private(line))
		return replace_word(work, REFIT_SOCKET, section, line, level,
		    level != 0 ? "admin" : "level admin", err);
	return refit_note(work, err,
	    "%s (%s:%u) has not level admin, and others than root may use it: "
	    "leave it to them, put \"stats socket /run/haproxy/certhaul.sock "
	    "mode 600 level admin\" beside it, and haproxy: { sockets = [ "
	    "\"/run/haproxy/certhaul.sock\" ]; }; into certhaul.conf",
	    path, section->file, line->line);
}

/* Looks for `path` among the sockets; `*ret_other`: another with admin. */
static int
find_socket(struct refit_work *work, const char *path, bool *ret_found,
    const char **ret_other, struct err *err)
{
	const struct refit_text *text = &work->text;
	size_t i, j, level;

	for (i = 0; i < text->count; i++) {
		const struct refit_section *section = &text->sections[i];

		for (j = 1; refit_is(section, "global") && j < section->count;
		     j++) {
			const struct refit_line *line = &section->lines[j];
			const char *its = refit_word(line, 2);
			bool admin;

			if (strcmp(line->words[0], "stats") != 0 ||
			    strcmp(refit_word(line, 1), "socket") != 0)
				continue;
			its += strncmp(its, "unix@", 5) == 0 ? 5 : 0;
			level = value_of(line, "level");
			admin = level != 0 &&
			    strcmp(line->words[level], "admin") == 0;
			if (admin && *its == '/')
				*ret_other = its;
			if (!same_socket(its, path))
				continue;
			*ret_found = true;
			return admin
			    ? 0
			    : raise_level(work, section, line, path, err);
		}
	}
	return 0;
}

static int
find_sockets(struct refit_work *work, const struct refit_section *global,
    struct err *err)
{
	const struct conf_list *sockets = &work->conf->haproxy.sockets;
	char text[LIMIT_PATH_BYTES + 64];
	size_t i;
	int rc = 0;

	for (i = 0; i < sockets->count && rc == 0; i++) {
		const char *other = NULL;
		bool found = false;

		rc = find_socket(work, sockets->items[i], &found, &other, err);
		if (rc < 0 || found)
			continue;
		if (other != NULL) {
			rc = refit_note(work, err,
			    "haproxy.cfg has the socket %s, and haproxy.sockets"
			    " in certhaul.conf %s: set haproxy: { sockets = [ "
			    "\"%s\" ]; };",
			    other, sockets->items[i], other);
			continue;
		}
		(void)snprintf(text, sizeof(text),
		    "stats socket %s mode 600 level admin", sockets->items[i]);
		rc = refit_add(work, REFIT_SOCKET, global, refit_end_of(global),
		    false, text, err);
	}
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
	return replace_word(work, REFIT_STATS_TIMEOUT, in, line, 2, "2m", err);
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
	for (i = 0; i < sockets->count && rc == 0; i++)
		rc = buf_printf(&text, err,
		    "\tstats socket %s mode 600 level admin\n",
		    sockets->items[i]);
	if (rc == 0)
		rc = buf_puts(
		    &text, "\tstats timeout 2m\n\thard-stop-after 30m\n", err);
	if (rc == 0)
		rc =
		    refit_add_section(work, REFIT_SOCKET, buf_text(&text), err);
	buf_free(&text);
	return rc;
}

static bool
is_mode(const struct refit_text *text, const struct refit_section *section,
    const char *mode)
{
	const struct refit_line *line;

	line = refit_held_line(text, section, "mode", NULL);
	return strcmp(line == NULL ? "tcp" : refit_word(line, 1), mode) == 0;
}

/* Would HAProxy warn that the option in `defaults` is not for all of them? */
static bool
has_tcp(const struct refit_text *text, const struct refit_section *defaults)
{
	for (size_t i = 0; i < text->count; i++) {
		const struct refit_section *at = &text->sections[i];

		if (refit_is(at, "defaults") || !is_mode(text, at, "tcp"))
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
	return defaults != NULL && is_mode(text, defaults, "http") &&
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
	rc = find_sockets(work, global, err);
	if (rc == 0)
		rc = find_stats_timeout(work, global, err);
	if (rc == 0 &&
	    global_line(&work->text, "hard-stop-after", NULL, &in) == NULL)
		rc = refit_add(work, REFIT_HARD_STOP, global,
		    refit_end_of(global), false, "hard-stop-after 30m", err);
	return rc < 0 ? rc : find_idle_close(work, err);
}
