/*
 * summary.h: what became of each lineage, told at the end of renew.
 */
#ifndef ACME_SUMMARY_H
#define ACME_SUMMARY_H

#include <stddef.h>

#include "acme/front.h"
#include "base/attr.h"
#include "base/err.h"

enum summary_outcome {
	SUMMARY_RENEWED,
	SUMMARY_FAILED,
	SUMMARY_SKIPPED, /* not due, or not to be renewed by itself */
	SUMMARY_BROKEN, /* its conf cannot be used */
	SUMMARY_OUTCOMES
};

struct summary_line {
	enum summary_outcome outcome;
	char *text; /* owned; NULL where there was no memory for it */
};

struct summary {
	struct summary_line *lines; /* owned */
	size_t count, counts[SUMMARY_OUTCOMES];
};

/* For at most `most` lineages. ERR_NOMEM. `ret` is owned. */
int summary_begin(struct summary *ret, size_t most, struct err *err) MUST_CHECK;
void summary_free(struct summary *summary);

/* One lineage: "  PATH WHY". */
void summary_note(struct summary *summary, enum summary_outcome outcome,
    const char *path, const char *why);

/* All of them; failures on stderr, whatever --quiet says, as with certbot. */
void summary_say(const struct summary *summary, struct front *front);

#endif
