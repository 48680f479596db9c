/*
 * clash.h: names that two bundles have: HAProxy serves one of them, and a
 * deploy of the other fails at the handshake (hazard H4). Looked for in a dry
 * run, where it costs nobody a certificate.
 */
#ifndef HOOKS_CLASH_H
#define HOOKS_CLASH_H

#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"
#include "cert/pki.h"

struct clash_name;

/* What was seen so far; a zeroed one is empty. */
struct clash {
	struct clash_name *names;
	size_t count, room;
};

/* Adds the names of `leaf`, which is of `lineage` (both copied). ERR_NOMEM. */
int clash_add(struct clash *clash, const char *lineage,
    const struct pki_facts *leaf, struct err *err) MUST_CHECK;

/*
 * A warning for each two lineages that share names with one kind of key: the
 * first name, and how many more. Returns how many warnings that were.
 */
size_t clash_warn(struct clash *clash);

void clash_free(struct clash *clash);

#endif
