/*
 * refit.c: what an operator's haproxy.cfg lacks: read, let each part find its
 * edits, order them. Used by the preflight and by `certhaul init`.
 */
#include "wrapper/refit.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "haproxy/hacfg.h"
#include "wrapper/holder.h"
#include "wrapper/refit_part.h"
#include "wrapper/unread.h"

static const char *const item_texts[] = {
    [REFIT_SOCKET] = "a stats socket with level admin",
    [REFIT_STATS_TIMEOUT] = "time for long commands (stats timeout 2m)",
    [REFIT_HARD_STOP] = "an end for old workers (hard-stop-after)",
    [REFIT_IDLE_CLOSE] = "option idle-close-on-response (for reloads)",
    [REFIT_FRONTEND] = "a frontend on port 80",
    [REFIT_MAP_RULE] = "the rule that answers http-01 out of the map",
    [REFIT_OTHERS] = "the names whose challenges others answer",
    [REFIT_REDIRECT] = "a redirect that leaves the challenge alone",
    [REFIT_USE_BACKEND] = "the challenge's way to its backend",
    [REFIT_BACKEND] = "the backend of the challenge",
    [REFIT_BASE] = "defaults without rules, for what is added",
    [REFIT_HTTPS] = "a frontend on port 443",
    [REFIT_CERTS] = "a bind line that loads the bundles",
    [REFIT_DEFAULT] = "a default certificate in front of the bundles",
};
_Static_assert(COUNT_OF(item_texts) == REFIT_ITEMS, "an item has no text");

const char *
refit_item_text(enum refit_item item)
{
	return item_texts[item];
}

int
refit_map_rule(const struct conf *conf, struct buf *ret, struct err *err)
{
	const char *map = conf->challenge.map;

	return buf_printf(ret, err,
	    "http-request return status 200 content-type text/plain lf-string "
	    "\"%%[path,map(%s)]\" if { path,map(%s) -m found }",
	    map, map);
}

static int
append(struct refit *refit, enum refit_item item, const char *file,
    const char *section, unsigned line, bool replace, const char *text,
    struct err *err)
{
	struct refit_edit *grown, *edit;
	size_t at = refit->count;

	grown = realloc(refit->edits, (refit->count + 1) * sizeof(*grown));
	if (grown == NULL)
		return err_nomem(err, REFIT_DOING);
	refit->edits = grown;
	/* In order of the lines; at one line, in the order of finding, but a
	 * new section behind what ends the old one. */
	while (at > 0 &&
	    (grown[at - 1].line > line ||
		(grown[at - 1].line == line && *section != '\0' &&
		    *grown[at - 1].section == '\0' &&
		    strcmp(grown[at - 1].file, file) == 0)))
		at--;
	edit = &grown[at];
	memmove(edit + 1, edit, (refit->count - at) * sizeof(*edit));
	refit->count++;
	edit->item = item;
	edit->line = line;
	edit->replace = replace;
	edit->file = strdup(file);
	edit->section = strdup(section);
	edit->text = strdup(text);
	if (edit->file == NULL || edit->section == NULL || edit->text == NULL)
		return err_nomem(err, REFIT_DOING);
	return 0;
}

/* The white space that the lines of a section begin with. */
static int
add_indent(
    const struct refit_section *section, struct buf *ret, struct err *err)
{
	struct buf raw = BUF_INIT(LIMIT_HACFG_LINE_BYTES);
	const char *text;
	int rc;

	if (section->count < 2)
		return buf_puts(ret, "\t", err);
	rc = refit_raw(section->file, section->lines[1].line, &raw, err);
	text = buf_text(&raw);
	if (rc == 0)
		rc = buf_add(ret, text, strspn(text, " \t"), err);
	buf_free(&raw);
	return rc;
}

/* HAProxy refuses a line of more words, and with it all that is added. */
static bool
is_too_long(const char *text)
{
	size_t start, end;

	return refit_span(text, LIMIT_HACFG_LINE_WORDS, &start, &end);
}

static int
note_too_long(struct refit_work *work, const struct refit_section *section,
    unsigned line, bool replace, struct err *err)
{
	work->refit->stopped = true;
	return refit_note(work, err,
	    "%s:%u, in %s: what is to %s would be a line of more than the %d "
	    "words that HAProxy takes, and is left out; where the names that "
	    "it has stand in an `acl` of several lines it can be done: run "
	    "init again then",
	    section->file, line, section->name,
	    replace ? "stand there" : "come in front", LIMIT_HACFG_LINE_WORDS);
}

int
refit_add(struct refit_work *work, enum refit_item item,
    const struct refit_section *section, unsigned line, bool replace,
    const char *text, struct err *err)
{
	struct buf whole = BUF_INIT(LIMIT_HACFG_LINE_BYTES);
	int rc = 0;

	if (is_too_long(text))
		return note_too_long(work, section, line, replace, err);
	if (!replace) {
		rc = add_indent(section, &whole, err);
		if (rc == 0)
			rc = refit_place(section, &line, err);
	}
	if (rc == 0)
		rc = buf_printf(&whole, err, "%s\n", text);
	if (rc == 0)
		rc = append(work->refit, item, section->file, section->name,
		    line, replace, buf_text(&whole), err);
	buf_free(&whole);
	return rc;
}

/* New sections go to the end of the file that has the last section. */
int
refit_add_section(struct refit_work *work, enum refit_item item,
    const char *text, struct err *err)
{
	struct buf whole = BUF_INIT(LIMIT_HACFG_BYTES);
	const struct conf_list *files = &work->conf->haproxy.config;
	const char *file = files->items[files->count - 1], *at;
	unsigned lines = 0;
	int rc;

	if (work->text.count > 0)
		file = work->text.sections[work->text.count - 1].file;
	rc = fs_read(AT_FDCWD, file, FS_TRUST_ANY, &whole, NULL, err);
	for (at = whole.data; rc == 0 && at != NULL && *at != '\0'; lines++) {
		at = strchr(at, '\n');
		at = at == NULL ? NULL : at + 1;
	}
	if (rc == 0)
		rc = append(
		    work->refit, item, file, "", lines + 1, false, text, err);
	buf_free(&whole);
	return rc;
}

int
refit_note_held(struct refit_work *work, unsigned port, struct err *err)
{
	char holder[96], path[LIMIT_PATH_BYTES];

	/* The line that has it may be in what we do not read. */
	if (unread_first(work->conf, path, sizeof(path)))
		return 0;
	holder_of_port(port, holder, sizeof(holder));
	return refit_note(work, err,
	    "port %u is held by %s, and no bind line of haproxy.cfg has it: "
	    "none is proposed, as HAProxy could not start with it. Where what "
	    "holds it hands requests on to HAProxy, name the address that it "
	    "hands them to in challenge.http_addresses",
	    port, holder);
}

const struct hacfg_bind *
refit_taken(const struct refit_work *work, unsigned port)
{
	for (size_t i = 0; i < work->hacfg->bind_count; i++) {
		if (discovery_listens(&work->hacfg->binds[i], port, false))
			return &work->hacfg->binds[i];
	}
	return NULL;
}

/* One more of `texts`, which has `*count`; each is said once. */
static int
add_text(char ***texts, size_t *count, const char *text, struct err *err)
{
	char **grown;

	for (size_t i = 0; i < *count; i++) {
		if (strcmp((*texts)[i], text) == 0)
			return 0;
	}
	grown = realloc(*texts, (*count + 1) * sizeof(*grown));
	if (grown == NULL)
		return err_nomem(err, REFIT_DOING);
	*texts = grown;
	grown[*count] = strdup(text);
	if (grown[*count] == NULL)
		return err_nomem(err, REFIT_DOING);
	++*count;
	return 0;
}

int
refit_note(struct refit_work *work, struct err *err, const char *fmt, ...)
{
	struct refit *refit = work->refit;
	char text[LIMIT_ERR_DETAIL_BYTES];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return add_text(&refit->notes, &refit->note_count, text, err);
}

int
refit_next(struct refit_work *work, struct err *err, const char *fmt, ...)
{
	struct refit *refit = work->refit;
	char text[2 * LIMIT_ERR_DETAIL_BYTES];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return add_text(&refit->next, &refit->next_count, text, err);
}

int
refit_find(const struct conf *conf, enum refit_scope scope,
    const struct elsewhere *elsewhere, struct refit *ret, struct err *err)
{
	const struct conf_list *config = &conf->haproxy.config;
	struct refit made = {.edits = NULL};
	struct refit_work work = {.conf = conf,
	    .scope = scope,
	    .elsewhere = elsewhere,
	    .refit = &made};
	int rc;

	rc = refit_text_read(conf, &work.text, err);
	if (rc == 0)
		rc = hacfg_read(config->items, config->count,
		    conf->haproxy.environment, &work.hacfg, err);
	if (rc == 0)
		rc = refit_find_fronts(&work, err);
	if (rc == 0 && (scope & REFIT_SITE) != 0)
		rc = refit_find_global(&work, err);
	if (rc == 0)
		rc = refit_find_http(&work, err);
	if (rc == 0 && (scope & REFIT_SITE) != 0)
		rc = refit_find_certs(&work, err);
	if (rc == 0)
		rc = refit_find_branches(&work, err);
	hacfg_free(work.hacfg);
	refit_text_free(&work.text);
	if (rc < 0)
		refit_free(&made);
	else
		*ret = made;
	return rc;
}

bool
refit_equal(const struct refit *a, const struct refit *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		const struct refit_edit *one = &a->edits[i],
					*two = &b->edits[i];

		if (one->line != two->line || one->replace != two->replace ||
		    strcmp(one->file, two->file) != 0 ||
		    strcmp(one->text, two->text) != 0)
			return false;
	}
	return true;
}

void
refit_free(struct refit *refit)
{
	size_t i;

	for (i = 0; i < refit->count; i++) {
		free(refit->edits[i].file);
		free(refit->edits[i].section);
		free(refit->edits[i].text);
	}
	free(refit->edits);
	for (i = 0; i < refit->note_count; i++)
		free(refit->notes[i]);
	free(refit->notes);
	for (i = 0; i < refit->next_count; i++)
		free(refit->next[i]);
	free(refit->next);
	free(refit->socket_from);
	free(refit->socket_to);
	free(refit->dir_to);
	memset(refit, 0, sizeof(*refit));
}
