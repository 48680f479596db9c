/*
 * choose.h: what certonly is to do with the names it was given: certbot's
 * rules, with its answers where nobody can be asked.
 */
#ifndef ACME_CHOOSE_H
#define ACME_CHOOSE_H

#include "acme/front.h"
#include "acme/store.h"
#include "base/attr.h"
#include "base/err.h"

enum choose_what {
	CHOOSE_NEW, /* a new lineage, `name` */
	CHOOSE_RENEW, /* `lineage`, for the names given, or its own */
	CHOOSE_KEEP, /* `lineage` is not due */
};

struct choose {
	enum choose_what what;
	char name[LIMIT_LINEAGE_NAME_BYTES + 1];
	struct store_lineage lineage; /* owned, unless CHOOSE_NEW */
};

/*
 * ERR_NOENT: --cert-name without names, and there is no such lineage.
 * ERR_USAGE: no names; a lineage with fewer names and no --expand; another kind
 * of key than the lineage's, without --cert-name.
 */
int choose_lineage(
    struct front *front, struct choose *ret, struct err *err) MUST_CHECK;
void choose_free(struct choose *choose);

/* Is it time to renew this one? Forced: always. */
int choose_is_due(struct front *front, const struct store_lineage *lineage,
    bool *ret, struct err *err) MUST_CHECK;

#endif
