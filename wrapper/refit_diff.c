/*
 * refit_diff.c: the edits on a file's text, as the new text or as a unified
 * diff against the old one.
 */
#include "wrapper/refit.h"

#include <string.h>

enum { CONTEXT = 3 };

/* Writes one line with a mark in front; one without a newline gets one. */
static int
put_line(struct buf *ret, const char *mark, const char *line, size_t len,
    struct err *err)
{
	int rc;

	rc = buf_puts(ret, mark, err);
	if (rc == 0)
		rc = buf_add(ret, line, len, err);
	return rc < 0 ? rc : buf_puts(ret, "\n", err);
}

/* Every line of `text` (each has its newline) with `mark` in front. */
static int
put_lines(struct buf *ret, const char *mark, const char *text, struct err *err)
{
	int rc = 0;

	while (rc == 0 && *text != '\0') {
		size_t len = strcspn(text, "\n");

		rc = put_line(ret, mark, text, len, err);
		text += len + (text[len] == '\n');
	}
	return rc;
}

static unsigned
lines_of(const char *text)
{
	unsigned count = 0;

	while (*text != '\0') {
		size_t len = strcspn(text, "\n");

		count++;
		text += len + (text[len] == '\n');
	}
	return count;
}

/* The next edit of `file` at or behind `*i`, NULL with none. */
static const struct refit_edit *
next_edit(const struct refit *refit, const char *file, size_t *i)
{
	while (*i < refit->count && strcmp(refit->edits[*i].file, file) != 0)
		++*i;
	return *i < refit->count ? &refit->edits[*i] : NULL;
}

/*
 * What stands at one line of the old text: edits in front, and the line
 * itself unless one replaces it.
 */
static int
put_at(const struct refit *refit, const char *file, unsigned number,
    const char *line, size_t *i, const char *const marks[3], struct buf *ret,
    struct err *err)
{
	const struct refit_edit *edit;
	bool gone = false;
	int rc = 0;

	while (rc == 0 && (edit = next_edit(refit, file, i)) != NULL &&
	    edit->line <= number) {
		if (edit->replace && marks[1] != NULL)
			rc = put_line(
			    ret, marks[1], line, strcspn(line, "\n"), err);
		gone |= edit->replace;
		if (rc == 0)
			rc = put_lines(ret, marks[2], edit->text, err);
		++*i;
	}
	if (rc == 0 && !gone && *line != '\0')
		rc = put_line(ret, marks[0], line, strcspn(line, "\n"), err);
	return rc;
}

int
refit_apply(const struct refit *refit, const char *file, const char *text,
    struct buf *ret, struct err *err)
{
	static const char *const marks[3] = {"", NULL, ""};
	unsigned number = 1, most = lines_of(text);
	size_t i = 0;
	int rc = 0;

	for (; rc == 0 && number <= most + 1; number++) {
		rc = put_at(refit, file, number, text, &i, marks, ret, err);
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	return rc;
}

/* One hunk: the lines `first` to `last` of the old text. */
struct hunk {
	unsigned first, last, added, removed;
	size_t next; /* the first edit that is not in it */
};

/* The hunk that begins with edit `i`: near ones belong to it. */
static struct hunk
hunk_from(const struct refit *refit, const char *file, size_t i, unsigned most)
{
	const struct refit_edit *edit;
	struct hunk hunk = {0, 0, 0, 0, i};

	while ((edit = next_edit(refit, file, &hunk.next)) != NULL &&
	    (hunk.last == 0 || edit->line <= hunk.last + CONTEXT + 1)) {
		if (hunk.last == 0)
			hunk.first =
			    edit->line > CONTEXT ? edit->line - CONTEXT : 1;
		hunk.last = edit->line + CONTEXT - (edit->replace ? 0 : 1);
		hunk.added += lines_of(edit->text);
		hunk.removed += edit->replace;
		hunk.next++;
	}
	if (hunk.last > most)
		hunk.last = most;
	return hunk;
}

static int
put_hunk(const struct refit *refit, const char *file, const char *text,
    const struct hunk *hunk, size_t i, long moved, struct buf *ret,
    struct err *err)
{
	static const char *const marks[3] = {" ", "-", "+"};
	unsigned old_count = hunk->last + 1 - hunk->first, number;
	int rc;

	rc = buf_printf(ret, err, "@@ -%u,%u +%ld,%ld @@\n",
	    old_count == 0 ? hunk->last : hunk->first, old_count,
	    (long)hunk->first + moved,
	    (long)old_count + hunk->added - hunk->removed);
	for (number = 1; number < hunk->first; number++) {
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	/* One past the last line: what is put in front of the end. */
	for (; rc == 0 && number <= hunk->last + 1; number++) {
		if (number <= hunk->last || *text == '\0')
			rc = put_at(
			    refit, file, number, text, &i, marks, ret, err);
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	return rc;
}

int
refit_diff(const struct refit *refit, const char *file, const char *text,
    struct buf *ret, struct err *err)
{
	unsigned most = lines_of(text);
	struct hunk hunk;
	long moved = 0;
	size_t i = 0;
	int rc;

	if (next_edit(refit, file, &i) == NULL)
		return 0;
	rc = buf_printf(ret, err, "--- %s\n+++ %s\n", file, file);
	while (rc == 0 && next_edit(refit, file, &i) != NULL) {
		hunk = hunk_from(refit, file, i, most);
		rc = put_hunk(refit, file, text, &hunk, i, moved, ret, err);
		moved += (long)hunk.added - (long)hunk.removed;
		i = hunk.next;
	}
	return rc;
}
