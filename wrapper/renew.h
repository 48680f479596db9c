/*
 * renew.h: one `certhaul renew`, between renew.c and its parts.
 */
#ifndef WRAPPER_RENEW_H
#define WRAPPER_RENEW_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "base/attr.h"
#include "base/err.h"
#include "wrapper/command.h"
#include "wrapper/known.h"

struct renew {
	const struct command_call *call;
	bool force, dry_run, quiet;
	time_t start_s; /* before the engine */
	struct known before, after; /* the engine */
	size_t failed; /* runs of the engine that did not end well */
	bool more_failed; /* of them one over all: who knows for how many */
	bool locked; /* it was kept out by another certbot ... */
	size_t untried; /* ... of so many lineages */
};

/*
 * The engine's renew: one run over all, or one for each name of the call. What
 * goes wrong is said and counted; errors are those that end everything
 * (ERR_STOPPED, ERR_NOMEM).
 */
int renew_engine(struct renew *renew, struct err *err) MUST_CHECK;

/*
 * Warns, before a rehearsal, of lineages whose CA it does not ask, with the
 * command that does.
 */
void renew_rehearsal_warn(const struct renew *renew);

/*
 * Says, as far as can be told from outside, why the engine failed; true: it
 * was kept out by another certbot, and has tried nothing.
 */
bool renew_why(struct renew *renew, const char *engine_path, int status);

/*
 * Notes, for who looks later, that its renewal has failed; not where that was
 * forced, before it is due.
 */
void renew_note_failed(const struct renew *renew, const char *name);

/*
 * Takes away the notes of what was renewed or is gone, and after a good run of
 * what is not due; after a run over all notes what has failed in it; and what
 * was due, and a run that ended well has not renewed, is told, and counted as
 * failed. renew->after is filled in.
 */
void renew_note_all(struct renew *renew);

/* Has this one of renew->after been renewed since renew->before? */
bool renew_is_new(
    const struct renew *renew, const struct known_lineage *now) MUST_CHECK;

/* Is the lineage one of those that the call is about? */
bool renew_is_meant(const struct renew *renew, const char *name) MUST_CHECK;

#endif
