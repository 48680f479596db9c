/*
 * refit_text.c: haproxy.cfg in memory, as sections of lines of words. The
 * first step of refit_find().
 */
#include "wrapper/refit_part.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "haproxy/hacfg.h"

static int
nomem(struct err *err)
{
	return err_nomem(err, REFIT_DOING);
}

/* Room for one more behind `count`: by powers of two. */
static void *
grow(void *items, size_t count, size_t size)
{
	if ((count & (count - 1)) != 0)
		return items;
	return realloc(items, (count == 0 ? 1 : count * 2) * size);
}

/*
 * Takes the next word. HAProxy has blanks behind a `!`, and nobody here is to
 * think of that: it is one word with what it is about.
 */
static int
add_word(struct refit_line *line, const char *word, struct err *err)
{
	char *last = line->count > 0 ? line->words[line->count - 1] : NULL;
	size_t nots = last == NULL ? 0 : strspn(last, "!");
	char *grown;

	if (nots == 0 || last[nots] != '\0') {
		line->words[line->count] = strdup(word);
		return line->words[line->count++] == NULL ? nomem(err) : 0;
	}
	grown = realloc(last, nots + strlen(word) + 1);
	if (grown == NULL)
		return nomem(err);
	memcpy(grown + nots, word, strlen(word) + 1);
	line->words[line->count - 1] = grown;
	return 0;
}

static int
add_line(struct refit_section *section, const struct hacfg_seen *seen,
    struct err *err)
{
	struct refit_line *grown;
	int rc = 0;

	grown = grow(section->lines, section->count, sizeof(*grown));
	if (grown == NULL)
		return nomem(err);
	section->lines = grown;
	grown += section->count;
	grown->line = seen->line;
	grown->count = 0;
	grown->words = calloc(seen->word_count + 1, sizeof(*grown->words));
	if (grown->words == NULL)
		return nomem(err);
	section->count++;
	for (size_t i = 0; i < seen->word_count && rc == 0; i++)
		rc = add_word(grown, seen->words[i], err);
	return rc;
}

static int
take(void *context, const struct hacfg_seen *seen, struct err *err)
{
	struct refit_text *text = context;
	struct refit_section *grown;

	if (seen->begins) {
		grown = grow(text->sections, text->count, sizeof(*grown));
		if (grown == NULL)
			return nomem(err);
		text->sections = grown;
		grown += text->count;
		memset(grown, 0, sizeof(*grown));
		grown->name = strdup(seen->section);
		grown->file = strdup(seen->file);
		text->count++;
		if (grown->name == NULL || grown->file == NULL)
			return nomem(err);
	}
	/* What stands before the first section is HAProxy's to refuse. */
	if (text->count == 0)
		return 0;
	return add_line(&text->sections[text->count - 1], seen, err);
}

int
refit_text_read(
    const struct conf *conf, struct refit_text *ret, struct err *err)
{
	struct refit_text text = {NULL, 0};
	int rc;

	rc = hacfg_each(conf->haproxy.config.items, conf->haproxy.config.count,
	    conf->haproxy.environment, take, &text, err);
	if (rc < 0)
		refit_text_free(&text);
	else
		*ret = text;
	return rc;
}

void
refit_text_free(struct refit_text *text)
{
	size_t i, j, k;

	for (i = 0; i < text->count; i++) {
		struct refit_section *section = &text->sections[i];

		for (j = 0; j < section->count; j++) {
			for (k = 0; k < section->lines[j].count; k++)
				free(section->lines[j].words[k]);
			free(section->lines[j].words);
		}
		free(section->lines);
		free(section->name);
		free(section->file);
	}
	free(text->sections);
	text->sections = NULL;
	text->count = 0;
}

const char *
refit_word(const struct refit_line *line, size_t i)
{
	return i < line->count ? line->words[i] : "";
}

bool
refit_is(const struct refit_section *section, const char *kind)
{
	return strcmp(section->lines[0].words[0], kind) == 0;
}

const struct refit_section *
refit_section_of(const struct refit_text *text, const struct hacfg_bind *bind)
{
	const struct refit_section *found = NULL;
	size_t i;

	/* Two branches of a condition may each have one of that name. */
	for (i = 0; i < text->count; i++) {
		const struct refit_section *section = &text->sections[i];

		if (strcmp(section->name, bind->section) == 0 &&
		    strcmp(section->file, bind->file) == 0 &&
		    section->lines[0].line <= bind->line)
			found = section;
	}
	return found;
}

const char *
refit_from_of(const struct refit_section *section)
{
	const struct refit_line *head = &section->lines[0];

	/* `defaults from X` has no name of its own. */
	for (size_t i = 1; i + 1 < head->count; i++) {
		if (strcmp(head->words[i], "from") == 0)
			return head->words[i + 1];
	}
	return "";
}

const struct refit_section *
refit_defaults_of(
    const struct refit_text *text, const struct refit_section *section)
{
	const struct refit_section *found = NULL;
	const char *from = refit_from_of(section);
	size_t i;

	if (*from == '\0' && refit_is(section, "defaults"))
		return NULL;
	for (i = 0; &text->sections[i] != section; i++) {
		if (refit_is(&text->sections[i], "defaults") &&
		    (*from == '\0' ||
			strcmp(refit_word(&text->sections[i].lines[0], 1),
			    from) == 0))
			found = &text->sections[i];
	}
	return found;
}

const struct refit_line *
refit_held_line(const struct refit_text *text,
    const struct refit_section *section, const char *first, const char *second)
{
	const struct refit_line *line = NULL;

	for (; section != NULL && line == NULL;
	     section = refit_defaults_of(text, section))
		line = refit_line_of(section, first, second);
	return line;
}

bool
refit_is_mode(const struct refit_text *text,
    const struct refit_section *section, const char *mode)
{
	const struct refit_line *line;

	line = refit_held_line(text, section, "mode", NULL);
	return strcmp(line == NULL ? "tcp" : refit_word(line, 1), mode) == 0;
}

const struct refit_line *
refit_line_of(
    const struct refit_section *section, const char *first, const char *second)
{
	size_t i;

	for (i = 1; section != NULL && i < section->count; i++) {
		if (strcmp(section->lines[i].words[0], first) == 0 &&
		    (second == NULL ||
			strcmp(refit_word(&section->lines[i], 1), second) == 0))
			return &section->lines[i];
	}
	return NULL;
}

unsigned
refit_end_of(const struct refit_section *section)
{
	return section->lines[section->count - 1].line + 1;
}

static bool
is_taken(const struct refit_text *text, const char *name, bool defaults)
{
	size_t i;

	for (i = 0; i < text->count; i++) {
		if (refit_is(&text->sections[i], "defaults") == defaults &&
		    strcmp(refit_word(&text->sections[i].lines[0], 1), name) ==
			0)
			return true;
	}
	return false;
}

void
refit_free_name(const struct refit_text *text, const char *wanted,
    bool defaults, char *ret, size_t size)
{
	unsigned tail;

	(void)snprintf(ret, size, "%s", wanted);
	for (tail = 1; is_taken(text, ret, defaults) && tail < 1000; tail++)
		(void)snprintf(
		    ret, size, "%s_certhaul%.0u", wanted, tail == 1 ? 0 : tail);
}

int
refit_raw(const char *file, unsigned number, struct buf *ret, struct err *err)
{
	struct buf text = BUF_INIT(LIMIT_HACFG_BYTES);
	const char *line;
	int rc;

	rc = fs_read(AT_FDCWD, file, FS_TRUST_ANY, &text, NULL, err);
	if (rc == 0) {
		line = buf_text(&text);
		while (--number > 0 && line != NULL) {
			line = strchr(line, '\n');
			line = line == NULL ? NULL : line + 1;
		}
		rc = line == NULL
		    ? err_set(err, ERR_SYNTAX, REFIT_DOING, file,
			  "it changes while it is read")
		    : buf_add(ret, line, strcspn(line, "\n"), err);
	}
	buf_free(&text);
	return rc;
}
