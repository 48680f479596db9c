/*
 * refit_place.c: where exactly a new line goes: not between another line and
 * its comment, and not into a condition of the operator's (`.if`), which may
 * not hold.
 */
#include "wrapper/refit_part.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/fs.h"

/* Where a place is left, as the lines of the file are walked over. */
struct walk {
	unsigned begin; /* the section's first line */
	unsigned at; /* in front of this one */
	bool end; /* it is the section's end */
	int depth, own; /* conditions that are open: here, and at `begin` */
	unsigned opened; /* the `.if` around `at`; 0: none */
	unsigned closed; /* the `.endif` behind it; 0: not yet */
};

static bool
is_word(const char *line, const char *word)
{
	size_t len = strlen(word);

	return strncmp(line, word, len) == 0 &&
	    strchr(" \t\r\n", line[len]) != NULL;
}

static void
walk_line(struct walk *walk, const char *line, unsigned number)
{
	line += strspn(line, " \t");
	if (number == walk->begin)
		walk->own = walk->depth;
	if (is_word(line, ".if")) {
		if (number < walk->at && walk->depth == walk->own)
			walk->opened = number;
		walk->depth++;
	} else if (is_word(line, ".endif")) {
		walk->depth--;
		if (walk->depth > walk->own)
			return;
		if (number < walk->at)
			walk->opened = 0;
		else if (walk->closed == 0)
			walk->closed = number;
	}
}

/* In front of the condition around it, or at the section's end behind it. */
static int
leave_condition(const char *file, struct walk *walk, struct err *err)
{
	struct buf whole = BUF_INIT(LIMIT_HACFG_BYTES);
	const char *line;
	unsigned number = 0;
	int rc;

	rc = fs_read(AT_FDCWD, file, FS_TRUST_ANY, &whole, NULL, err);
	if (rc == 0) {
		line = buf_text(&whole);
		while (*line != '\0') {
			walk_line(walk, line, ++number);
			line += strcspn(line, "\n");
			line += *line == '\n';
		}
	}
	buf_free(&whole);
	if (rc == 0 && walk->opened > walk->begin)
		walk->at = walk->end && walk->closed > 0 ? walk->closed + 1
							 : walk->opened;
	return rc;
}

static int
above_comment(const char *file, unsigned *line, struct err *err)
{
	struct buf raw = BUF_INIT(LIMIT_HACFG_LINE_BYTES);
	int rc = 0;

	while (rc == 0 && *line > 1) {
		const char *text;

		buf_reset(&raw);
		rc = refit_raw(file, *line - 1, &raw, err);
		text = buf_text(&raw);
		if (rc < 0 || text[strspn(text, " \t")] != '#')
			break;
		--*line;
	}
	buf_free(&raw);
	return rc;
}

int
refit_place(
    const struct refit_section *section, unsigned *line, struct err *err)
{
	struct walk walk = {.begin = section->lines[0].line,
	    .at = *line,
	    .end = *line >= refit_end_of(section)};
	int rc = leave_condition(section->file, &walk, err);

	*line = walk.at;
	return rc < 0 || walk.end ? rc
				  : above_comment(section->file, line, err);
}
