/*
 * missed.h: deploys that never began because the lock was not had. certbot
 * never runs a deploy hook again, so each leaves a note, in a file of its own
 * (we have no lock to touch the records), and the next post or deploy --all
 * makes up for it.
 */
#ifndef HOOKS_MISSED_H
#define HOOKS_MISSED_H

#include "base/attr.h"
#include "base/conf.h"
#include "base/err.h"
#include "hooks/event.h"
#include "hooks/names.h"

/* Notes the lineages of a deploy. ERR_PERM, ERR_IO. */
int missed_note(const struct conf *conf, const struct event *event,
    struct err *err) MUST_CHECK;

/* Adds the noted lineages that are not in `names` yet. ERR_*: see fs.h. */
int missed_add(
    const struct conf *conf, struct names *names, struct err *err) MUST_CHECK;

/* Forgets the notes for `names`: they have had their turn. */
void missed_clear(const struct conf *conf, const struct names *names);

#endif
