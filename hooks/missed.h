/*
 * missed.h: deploys that came to no end: the lock was not had, or something
 * failed before there was a record to keep it in. certbot never runs a deploy
 * hook again, so each leaves a note, in a file of its own (there may be no lock
 * to touch the records under), and the next post or deploy --all makes up for
 * it.
 */
#ifndef HOOKS_MISSED_H
#define HOOKS_MISSED_H

#include "base/attr.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/fs.h"
#include "hooks/event.h"
#include "hooks/names.h"

/* The notes that were there when a run began. */
struct missed {
	struct names names;
	struct fs_ident *idents; /* by position in names */
};

/* Notes the lineages of a deploy. ERR_PERM, ERR_UNSAFE, ERR_IO. */
int missed_note(const struct conf *conf, const struct event *event,
    struct err *err) MUST_CHECK;

/*
 * Reads the notes; one that is none is warned of and removed. No notes is no
 * error. ERR_UNSAFE: others may write there. `ret` is owned, also on failure.
 */
int missed_read(
    const struct conf *conf, struct missed *ret, struct err *err) MUST_CHECK;

/* Adds those lineages that are not in `names` yet. ERR_NOMEM. */
int missed_add(const struct missed *missed, struct names *names,
    struct err *err) MUST_CHECK;

/*
 * Removes the notes for `names`, which have had their turn; one that was
 * written since stays.
 */
void missed_clear(const struct conf *conf, const struct missed *missed,
    const struct names *names);

void missed_free(struct missed *missed);

#endif
