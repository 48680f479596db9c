/*
 * refit_reject.c: rules for connections, which come before any for requests:
 * those that may turn away the CA's, whatever answers behind them. They are
 * their owner's: they are noted. A part of refit_find().
 */
#include "wrapper/refit_part.h"

#include <string.h>

/* What is done with each rejecting rule. */
struct walk {
	struct refit_work *work; /* for its notes; else NULL, and into ... */
	struct buf *ret; /* NULL: nowhere */
	bool silent; /* only those that give no sign of it */
	bool all; /* one was for all connections that come to it */
};

/* `tcp-request STAGE ACTION ...` of the stage? */
static bool
is_of(const struct refit_line *line, const char *stage)
{
	return strcmp(line->words[0], "tcp-request") == 0 &&
	    strcmp(refit_word(line, 1), stage) == 0;
}

static bool
rejects(const struct refit_line *line, bool silent)
{
	const char *action = refit_word(line, 2);

	return (!silent && strcmp(action, "reject") == 0) ||
	    strcmp(action, "silent-drop") == 0;
}

static int
tell(const struct walk *walk, const struct refit_section *section,
    const struct refit_line *line, enum refit_hold hold, struct err *err)
{
	bool some = hold != REFIT_HOLD_ALL;
	struct buf text = BUF_INIT(LIMIT_HACFG_LINE_BYTES);
	int rc;

	rc = buf_printf(&text, err,
	    "%s:%u, in %s, rejects all connections%s, and with them the CA's%s"
	    ": %s",
	    section->file, line->line, section->name, some ? " but some" : "",
	    some ? ", unless its condition lets them pass" : "",
	    is_of(line, "content")
		? "put `tcp-request content accept if " REFIT_CONDITION
		  "` in front of it"
		: "CAs ask from addresses that they do not tell, so let others "
		  "in there, too, or have names proved by dns-01");
	if (rc == 0 && walk->ret != NULL)
		rc = buf_printf(walk->ret, err, "%s\n", buf_text(&text));
	else if (rc == 0 && walk->work != NULL)
		rc = refit_note(walk->work, err, "%s", buf_text(&text));
	if (walk->work != NULL)
		walk->work->refit->stopped = true;
	buf_free(&text);
	return rc;
}

/* `*open`: the CA's connections come to what is behind the section. */
static int
look_at(struct walk *walk, const struct refit_section *section,
    const char *stage, bool *open, struct err *err)
{
	int rc = 0;

	for (size_t i = 1; i < section->count && *open && rc == 0; i++) {
		const struct refit_line *line = &section->lines[i];
		enum refit_hold hold;

		if (!is_of(line, stage))
			continue;
		hold = refit_holds(section, line);
		if (hold == REFIT_HOLD_UNKNOWN)
			continue;
		/* An accept for all but some is hardly without the CA. */
		if (strcmp(refit_word(line, 2), "accept") == 0)
			*open = false;
		else if (rejects(line, walk->silent))
			rc = tell(walk, section, line, hold, err);
		if (rejects(line, false) && hold == REFIT_HOLD_ALL) {
			walk->all = true;
			*open = false;
		}
	}
	return rc;
}

/* In the order of HAProxy: by stages, and the defaults' first. */
static int
look(struct walk *walk, const struct refit_text *text,
    const struct refit_section *section, struct err *err)
{
	static const char *const stages[] = {
	    "connection", "session", "content"};
	const struct refit_section *defaults;
	int rc = 0;

	defaults = refit_defaults_of(text, section);
	for (size_t i = 0; i < COUNT_OF(stages) && rc == 0; i++) {
		bool open = true;

		if (defaults != NULL)
			rc = look_at(walk, defaults, stages[i], &open, err);
		if (rc == 0)
			rc = look_at(walk, section, stages[i], &open, err);
	}
	return rc;
}

int
refit_note_rejects(struct refit_work *work, const struct refit_section *section,
    struct err *err)
{
	struct walk walk = {.work = work};

	return look(&walk, &work->text, section, err);
}

int
refit_put_rejects(const struct refit_text *text,
    const struct refit_section *section, bool silent, struct buf *ret,
    struct err *err)
{
	struct walk walk = {.ret = ret, .silent = silent};

	return look(&walk, text, section, err);
}

bool
refit_rejects_all(
    const struct refit_text *text, const struct refit_section *section)
{
	struct walk walk = {.work = NULL};
	struct err ignored = ERR_INIT;

	return look(&walk, text, section, &ignored) == 0 && walk.all;
}
