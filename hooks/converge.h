/*
 * converge.h: observe the four places of a certificate, and decide what is
 * the least that makes them agree.
 */
#ifndef HOOKS_CONVERGE_H
#define HOOKS_CONVERGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "hooks/item.h"
#include "hooks/site.h"

struct converge_options {
	bool force; /* a staging or an older certificate may replace */
	bool dry_run; /* look, but do not stage */
	bool durable; /* a single one: its record is synced by itself */
	bool release; /* what an operator held back is held back no more */
	long generation; /* go back to this one and hold; 0: the lineage */
};

/*
 * Lineage and bundle: reads the record and the identities; where something
 * moved since, reads the lineage, builds and validates the bundle and (not
 * in a dry run) stages it, unsynced, with a record of the intent. How it
 * fails is in the item (item_end()).
 */
void converge_disk(struct item *item, struct site *site,
    const struct converge_options *options);

/* Writes what the item sets out to do into `ret`, a record of it. */
void converge_intent(const struct item *item, struct record *ret);

/*
 * Memory: asks every process for the stores of all open items, a batch at a
 * time. A process that stops answering is an error.
 */
int converge_memory(struct item *const *items, size_t count, struct site *site,
    struct err *err) MUST_CHECK;

/* Decides: publish, memory, reload, verify. */
void converge_plan(struct item *item, const struct site *site);

/* The plan as one line, "NAME: ...", appended to `ret`. */
int converge_explain(const struct item *item, const struct site *site,
    struct buf *ret, struct err *err) MUST_CHECK;

#endif
