/*
 * refit_branch.c: conditions of haproxy.cfg (`.if`, `.else`). They are not
 * evaluated: what stands in one branch counts as there, so another one may
 * lack it. The last step of refit_find(), which only notes.
 */
#include "wrapper/refit_part.h"

#include <fcntl.h>
#include <string.h>

#include "base/fs.h"

enum {
	RULES = 1, /* those that decide on a challenge */
	BUNDLES = 2, /* bind lines with ssl */
	SOCKET = 4,
	OURS = 8, /* times one of them: it is as it should be */
	DEPTH_MOST = 16, /* conditions in conditions; HAProxy takes fewer */
};

/* A condition that is open. */
struct condition {
	unsigned line; /* of its .if */
	unsigned branch; /* where the branch begins */
	unsigned seen; /* in the branch */
	unsigned has, lacks; /* in any branch before: RULES, ... */
	bool parted; /* there is an .else */
};

struct branches {
	struct refit_work *work;
	const char *file;
	struct condition open[DEPTH_MOST];
	size_t depth;
	unsigned number; /* of the line */
};

/* The kind of a rule, if it may end the way of a challenge. */
static unsigned
kind_of(const char *first, const char *second)
{
	if (refit_is_decision(first, second) ||
	    strcmp(first, "use_backend") == 0 ||
	    strcmp(first, "default_backend") == 0)
		return RULES;
	if (strcmp(first, "bind") == 0)
		return BUNDLES;
	if (strcmp(first, "stats") == 0 && strcmp(second, "socket") == 0)
		return SOCKET;
	return 0;
}

static void
copy_word(const char *line, size_t i, char *ret, size_t size)
{
	size_t start, end, len = 0;

	if (refit_span(line, i, &start, &end)) {
		len = end - start < size - 1 ? end - start : size - 1;
		memcpy(ret, line + start, len);
	}
	ret[len] = '\0';
}

/* What one line is, with OURS where certhaul finds what it wants in it. */
static unsigned
look_at(const struct refit_work *work, const char *line)
{
	const char *map = work->conf->challenge.map;
	char first[32], second[32];
	unsigned kind;
	bool ours = false;

	copy_word(line, 0, first, sizeof(first));
	copy_word(line, 1, second, sizeof(second));
	kind = kind_of(first, second);
	if (kind == RULES)
		ours = strstr(line, "acme-challenge") != NULL ||
		    (*map != '\0' && strstr(line, map) != NULL);
	else if (kind == BUNDLES && strstr(line, " ssl") == NULL)
		return 0;
	else if (kind == BUNDLES)
		ours = strstr(line, work->conf->haproxy.bundle_dir) != NULL;
	else if (kind == SOCKET)
		ours = strstr(line, "admin") != NULL;
	return ours ? kind | kind * OURS : kind;
}

/* The branch ends at this line: with what init would put into it. */
static void
end_branch(struct branches *branches, struct condition *condition)
{
	const struct refit *refit = branches->work->refit;
	unsigned has;

	for (size_t i = 0; i < refit->count; i++) {
		const struct refit_edit *edit = &refit->edits[i];

		if (edit->line > condition->branch &&
		    edit->line <= branches->number && *edit->section != '\0' &&
		    strcmp(edit->file, branches->file) == 0)
			condition->seen |= look_at(branches->work, edit->text);
	}
	has = condition->seen / OURS;
	condition->has |= has;
	condition->lacks |= condition->seen & (OURS - 1) & ~has;
	condition->seen = 0;
	condition->branch = branches->number;
}

static int
note(const struct branches *branches, const struct condition *condition,
    struct err *err)
{
	unsigned differs = condition->has & condition->lacks;

	if (!condition->parted || differs == 0)
		return 0;
	return refit_note(branches->work, err,
	    "%s:%u: one branch of this condition has %s, and another has not; "
	    "which one holds is not known here: look at the others yourself",
	    branches->file, condition->line,
	    (differs & RULES) != 0         ? "the rules for the challenge"
		: (differs & BUNDLES) != 0 ? "the bundles on its bind line"
					   : "a socket with level admin");
}

static int
take_line(struct branches *branches, const char *line, struct err *err)
{
	struct condition *condition;
	unsigned seen;
	char word[16];

	branches->number++;
	copy_word(line, 0, word, sizeof(word));
	if (strcmp(word, ".if") == 0 && branches->depth < DEPTH_MOST) {
		condition = &branches->open[branches->depth++];
		memset(condition, 0, sizeof(*condition));
		condition->line = condition->branch = branches->number;
		return 0;
	}
	if (branches->depth == 0)
		return 0;
	condition = &branches->open[branches->depth - 1];
	if (strcmp(word, ".else") == 0 || strcmp(word, ".elif") == 0) {
		end_branch(branches, condition);
		condition->parted = true;
		return 0;
	}
	if (strcmp(word, ".endif") == 0) {
		branches->depth--;
		end_branch(branches, condition);
		return note(branches, condition, err);
	}
	seen = look_at(branches->work, line);
	for (size_t i = 0; i < branches->depth; i++)
		branches->open[i].seen |= seen;
	return 0;
}

static int
look_through(struct refit_work *work, const char *file, struct err *err)
{
	struct branches branches = {.work = work, .file = file};
	struct buf whole = BUF_INIT(LIMIT_HACFG_BYTES);
	struct buf line = BUF_INIT(LIMIT_HACFG_LINE_BYTES);
	const char *at;
	int rc;

	rc = fs_read(AT_FDCWD, file, FS_TRUST_ANY, &whole, NULL, err);
	at = buf_text(&whole);
	while (rc == 0 && *at != '\0') {
		size_t len = strcspn(at, "\n");

		buf_reset(&line);
		rc = buf_add(&line, at, len, err);
		if (rc == 0)
			rc = take_line(&branches, buf_text(&line), err);
		at += len;
		at += *at == '\n';
	}
	buf_free(&line);
	buf_free(&whole);
	return rc;
}

int
refit_find_branches(struct refit_work *work, struct err *err)
{
	const struct refit_section *sections = work->text.sections;
	int rc = 0;

	for (size_t i = 0; i < work->text.count && rc == 0; i++) {
		if (i == 0 ||
		    strcmp(sections[i].file, sections[i - 1].file) != 0)
			rc = look_through(work, sections[i].file, err);
	}
	return rc;
}
