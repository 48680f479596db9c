/*
 * refit_ours.h: the lineages and their certificates, for refit_find(): is a
 * file that HAProxy loads one of their bundles, or another's for their names?
 */
#ifndef WRAPPER_REFIT_OURS_H
#define WRAPPER_REFIT_OURS_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/conf.h"
#include "base/err.h"
#include "haproxy/hacfg.h"

struct refit_ours;

/* Another certificate for the name of a lineage. */
struct refit_clash {
	char name[LIMIT_DNS_NAME_BYTES + 1]; /* which */
	const char *lineage; /* whose; borrowed */
	bool installed; /* bundle_dir has a bundle of it */
	bool same; /* both are the same certificate */
	char unknown[LIMIT_DNS_NAME_BYTES + 1]; /* a name of it that no lineage
	    has; "": none */
};

/*
 * Reads them all; one that cannot be read has no names. `conf` is borrowed for
 * the life of it. ERR_NOMEM. Returns owned.
 */
int refit_ours_read(const struct conf *conf, struct refit_ours **ret,
    struct err *err) MUST_CHECK;
void refit_ours_free(struct refit_ours *ours);

/* Is it, or will it be, the file of a lineage's bundle? */
bool refit_ours_has_file(const struct refit_ours *ours, const char *path);

/*
 * Has the certificate in `path`, which is shown for `filters` (NULL: all of its
 * names), a name of a lineage? An RSA and an ECDSA one are a pair, and none.
 */
bool refit_ours_clash(const struct refit_ours *ours, const char *path,
    const char *filters, struct refit_clash *ret);

/*
 * A directory that the bind line loads and that has bundles of lineages by
 * their names, LINEAGE.pem; `*ret_lineage` is one of these. NULL: none.
 * Borrowed.
 */
const struct hacfg_source *refit_ours_dir(const struct refit_ours *ours,
    const struct hacfg_bind *bind, const char **ret_lineage);

#endif
