/*
 * refit_base.c: which defaults the sections that are added build on: HAProxy
 * refuses to have one used both by name and by position, and one with rules
 * used by frontends and backends. A part of refit_find().
 */
#include "wrapper/refit_part.h"

#include <stdio.h>
#include <string.h>

static bool
has_rules(const struct refit_section *defaults)
{
	static const char *const rules[] = {"http-request", "http-response",
	    "http-after-response", "tcp-request", "tcp-response"};

	for (size_t i = 0; i < COUNT_OF(rules); i++) {
		if (refit_line_of(defaults, rules[i], NULL) != NULL)
			return true;
	}
	return false;
}

static bool
is_proxy(const struct refit_section *section)
{
	return refit_is(section, "frontend") || refit_is(section, "backend") ||
	    refit_is(section, "listen");
}

/* Is it the backend of whatever no rule sends elsewhere? */
static bool
is_default_backend(
    const struct refit_text *text, const struct refit_section *section)
{
	const char *name = refit_word(&section->lines[0], 1);

	for (size_t i = 0; i < text->count; i++) {
		if (refit_line_of(
			&text->sections[i], "default_backend", name) != NULL)
			return true;
	}
	return false;
}

/* How well the section would do by its name; 0: not at all. */
static unsigned
rank_of(const struct refit_text *text, const struct refit_section *defaults)
{
	enum { IS_ONE = 1, OF_BACKEND = 2, OF_SITE = 4, OF_HTTP = 8 };
	const char *name = refit_word(&defaults->lines[0], 1);
	unsigned rank = IS_ONE;

	if (!refit_is(defaults, "defaults") || *name == '\0' ||
	    strcmp(name, "from") == 0 || has_rules(defaults))
		return 0;
	if (refit_held_line(text, defaults, "mode", "http") != NULL)
		rank |= OF_HTTP;
	for (size_t i = 0; i < text->count; i++) {
		const struct refit_section *section = &text->sections[i];

		if (!is_proxy(section) ||
		    refit_defaults_of(text, section) != defaults)
			continue;
		if (*refit_from_of(section) == '\0')
			return 0;
		if (refit_is(section, "backend"))
			rank |= is_default_backend(text, section)
			    ? OF_SITE | OF_BACKEND
			    : OF_BACKEND;
	}
	return rank;
}

/* What the sections of the file do. */
struct habit {
	const struct refit_section *best; /* to be named; NULL: none */
	const struct refit_section *last; /* of the defaults */
	bool named; /* some section has a `from` ... */
	bool last_named; /* ... that means the last one */
};

static struct habit
look(const struct refit_text *text)
{
	struct habit habit = {.best = NULL};
	unsigned best = 0, rank;
	size_t i;

	for (i = 0; i < text->count; i++) {
		const struct refit_section *section = &text->sections[i];

		habit.named |= *refit_from_of(section) != '\0';
		if (refit_is(section, "defaults"))
			habit.last = section;
		rank = rank_of(text, section);
		if (rank > best) {
			best = rank;
			habit.best = section;
		}
	}
	for (i = 0; i < text->count; i++) {
		const struct refit_section *section = &text->sections[i];

		habit.last_named |= habit.last != NULL &&
		    *refit_from_of(section) != '\0' &&
		    refit_defaults_of(text, section) == habit.last;
	}
	return habit;
}

/* Defaults of our own, once. */
static int
add_base(struct refit_work *work, const char *name, struct err *err)
{
	struct buf text = BUF_INIT(LIMIT_HACFG_LINE_BYTES);
	int rc;

	for (size_t i = 0; i < work->refit->count; i++) {
		if (work->refit->edits[i].item == REFIT_BASE)
			return 0;
	}
	rc = buf_printf(&text, err,
	    "\ndefaults %s\n\tmode http\n\ttimeout connect 5s\n"
	    "\ttimeout client 30s\n\ttimeout server 30s\n",
	    name);
	if (rc == 0)
		rc = refit_add_section(work, REFIT_BASE, buf_text(&text), err);
	buf_free(&text);
	return rc;
}

static int
find(struct refit_work *work, struct refit_base *ret, struct err *err)
{
	struct habit habit = look(&work->text);
	char name[64];
	bool ruled = habit.last != NULL && has_rules(habit.last);

	ret->from[0] = '\0';
	ret->defaults = habit.last;
	if (!habit.named && !ruled)
		return 0;
	if (habit.best != NULL) {
		(void)snprintf(ret->from, sizeof(ret->from), " from %s",
		    refit_word(&habit.best->lines[0], 1));
		ret->defaults = habit.best;
		return 0;
	}
	if (!ruled && !habit.last_named)
		return 0;
	refit_free_name(&work->text, "certhaul", true, name, sizeof(name));
	(void)snprintf(ret->from, sizeof(ret->from), " from %s", name);
	ret->defaults = NULL;
	return add_base(work, name, err);
}

/* A frontend without a timeout is warned of. */
int
refit_base_find(
    struct refit_work *work, struct refit_base *ret, struct err *err)
{
	int rc = find(work, ret, err);
	bool ours = ret->defaults == NULL && ret->from[0] != '\0';

	ret->client = ours ||
		refit_held_line(
		    &work->text, ret->defaults, "timeout", "client") != NULL
	    ? ""
	    : "\ttimeout client 30s\n";
	return rc;
}
