/*
 * refit_past.c: what a rule of ours is not to hide: a line behind it that leads
 * the challenges of some names. They go into the ACL of refit_elsewhere.c, and
 * past us: down all that was there before, in its order, while no request that
 * is no challenge is touched. A part of refit_find().
 */
#include "wrapper/refit_part.h"

#include <string.h>

/* Two lines may lead the same names. */
static bool
is_added(const struct refit_work *work, const struct refit_section *section,
    const char *text)
{
	for (size_t i = 0; i < work->refit->count; i++) {
		const struct refit_edit *edit = &work->refit->edits[i];
		const char *line = edit->text + strspn(edit->text, " \t");
		size_t len = strlen(text);

		if (edit->item == REFIT_OTHERS &&
		    strcmp(edit->section, section->name) == 0 &&
		    strcmp(edit->file, section->file) == 0 &&
		    strncmp(line, text, len) == 0 && line[len] == '\n')
			return true;
	}
	return false;
}

/* As they are now: a variable stood for several of them ("${HOSTS[*]}"). */
static int
put_words(const struct refit_line *line, size_t first, size_t end,
    struct buf *ret, struct err *err)
{
	int rc = 0;

	for (size_t i = first; i < end && rc == 0; i++) {
		rc = buf_puts(ret, " \"", err);
		for (const char *at = line->words[i]; rc == 0 && *at != '\0';
		     at++)
			rc = buf_printf(ret, err, "%s%c",
			    strchr("\\\"$", *at) != NULL ? "\\" : "", *at);
		if (rc == 0)
			rc = buf_puts(ret, "\"", err);
	}
	return rc;
}

/* Words `first` to `end` of the line, a fetch and its patterns, as our ACL. */
static int
add_words(struct refit_work *work, const struct refit_section *section,
    const struct refit_line *line, size_t first, size_t end, unsigned number,
    struct err *err)
{
	struct buf raw = BUF_INIT(LIMIT_HACFG_LINE_BYTES);
	struct buf text = BUF_INIT(LIMIT_HACFG_LINE_BYTES);
	size_t from = 0, to = 0;
	int rc;

	rc = refit_raw(section->file, line->line, &raw, err);
	if (rc == 0)
		rc = buf_puts(&text, "acl " REFIT_ELSEWHERE, err);
	if (rc == 0 &&
	    refit_span_words(buf_text(&raw), line, first, end - 1, &from, &to))
		rc = buf_printf(&text, err, " %.*s", (int)(to - from),
		    buf_text(&raw) + from);
	else if (rc == 0)
		rc = put_words(line, first, end, &text, err);
	if (rc == 0 && !is_added(work, section, buf_text(&text)))
		rc = refit_add(work, REFIT_OTHERS, section, number, false,
		    buf_text(&text), err);
	buf_free(&text);
	buf_free(&raw);
	return rc;
}

/* The term at word `i`: of an ACL, those of its lines that are about names. */
static int
add_term(struct refit_work *work, const struct refit_section *section,
    const struct refit_line *line, size_t i, unsigned number, struct err *err)
{
	const char *word = line->words[i] + strspn(line->words[i], "!");
	const struct refit_line *acl;
	int rc = 0;

	if (strcmp(word, "{") == 0)
		return add_words(work, section, line, i + 1,
		    refit_end_of_term(line, i), number, err);
	for (size_t j = 0;
	     rc == 0 && (acl = refit_next_acl(section, word, &j)) != NULL;) {
		if (refit_is_of_names(acl))
			rc = add_words(
			    work, section, acl, 2, acl->count, number, err);
	}
	return rc;
}

/* Is it what a rule of ours in front of way->ahead would hide? */
static bool
is_hidden(const struct refit_section *section, const struct refit_way *way,
    const struct refit_line *line)
{
	return line->line > way->ahead->line && line->line <= way->some->line &&
	    refit_leads_some(section, line);
}

bool
refit_is_in_front(const struct refit_section *section,
    const struct refit_way *way, bool *ret_known)
{
	struct refit_names names;
	bool found = false;

	/* What uses one that is there already would get the names. */
	*ret_known = refit_line_of(section, "acl", REFIT_ELSEWHERE) == NULL;
	if (way->ahead == NULL || way->some == NULL)
		return false;
	for (size_t i = 1; i < section->count; i++) {
		if (!is_hidden(section, way, &section->lines[i]))
			continue;
		found = true;
		*ret_known &=
		    refit_names_of(section, &section->lines[i], &names);
	}
	return found;
}

int
refit_add_led(struct refit_work *work, const struct refit_section *section,
    const struct refit_way *way, unsigned number, struct err *err)
{
	struct refit_names names;
	int rc = 0;

	for (size_t i = 1; i < section->count && rc == 0; i++) {
		const struct refit_line *line = &section->lines[i];

		if (!is_hidden(section, way, line) ||
		    !refit_names_of(section, line, &names))
			continue;
		for (size_t j = 0; j < names.count && rc == 0; j++)
			rc = add_term(
			    work, section, line, names.terms[j], number, err);
	}
	return rc;
}
