/*
 * known.h: the lineages that there are, for commands that are given a NAME.
 */
#ifndef WRAPPER_KNOWN_H
#define WRAPPER_KNOWN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/conf.h"
#include "base/err.h"
#include "cert/lineage.h"

/* A lineage, and what of it can be counted before and after. */
struct known_lineage {
	struct lineage_ref ref;
	long generation; /* of live/NAME; 0: it cannot be read */
	long deployed; /* the one that its bundle was made from; 0: none */
	bool out; /* it was detached by name, and is to stay out */
};

struct known {
	struct known_lineage *items; /* owned; sorted by name, bytewise */
	size_t count;
};

/*
 * Is `name` a lineage's (it has a live directory or a renewal conf)? `ret` is
 * where. ERR_USAGE: no name for a lineage; ERR_NOENT: there is none, with the
 * nearest that there is.
 */
int known_find(const struct conf *conf, const char *name,
    struct lineage_ref *ret, struct err *err) MUST_CHECK;

/*
 * All that have a renewal conf: the ones that the engine goes through. None is
 * no error. What cannot be looked at counts as 0. ERR_NOMEM. Returns owned.
 */
int known_all(
    const struct conf *conf, struct known *ret, struct err *err) MUST_CHECK;
void known_free(struct known *known);

/*
 * Their names alone, sorted bytewise; looks at nothing else. As above. Returns
 * owned: lineage_names_free().
 */
int known_names(const struct conf *conf, char ***ret, size_t *ret_count,
    struct err *err) MUST_CHECK;

/* The one called `name`, or NULL. */
const struct known_lineage *known_get(
    const struct known *known, const char *name);

#endif
