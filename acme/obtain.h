/*
 * obtain.h: a certificate for a lineage, from the pre hook to the post hook.
 *
 *   pre ─► certify ─► store (archive, links, conf) ─► deploy ─► post
 */
#ifndef ACME_OBTAIN_H
#define ACME_OBTAIN_H

#include <stdbool.h>

#include "acme/front.h"
#include "acme/option.h"
#include "acme/store.h"
#include "base/attr.h"
#include "base/err.h"

struct obtain {
	struct front *front;
	const struct options *params;
	const struct store_lineage *lineage; /* NULL: a new one */
	const char *name; /* of the new one */
	const char *const *names;
	size_t name_count;
	/* Part of `renew`: post hooks wait for its end, and its conf keeps what
	 * it has besides what was given. */
	bool renewing;
};

/*
 * What is to be told before a hook runs or an account is made. ERR_INVALID: a
 * staging server's certificate in a valid one's place (--break-my-certs);
 * ERR_USAGE: a key that is not made here, or another one where --reuse-key
 * keeps it; errors as publish_check() and obtain_conf().
 */
int obtain_check(const struct obtain *obtain, struct err *err) MUST_CHECK;

/*
 * The renewal conf that the lineage will have, but for the store's own keys.
 * `*ret` is owned. ERR_INVALID: a value that certbot could not write.
 */
int obtain_conf(const struct obtain *obtain, const char *account,
    struct renewal **ret, struct err *err) MUST_CHECK;

/*
 * Carries it out, once obtain_check() has passed it; on success the lineage's
 * fullchain is in `ret_fullchain` (a path of LIMIT_PATH_BYTES; in a dry run as
 * it was). Errors as obtain_check(), certify_run() and store.h; the post hook
 * has run where the pre hook had.
 */
int obtain_run(const struct obtain *obtain, char *ret_fullchain,
    struct err *err) MUST_CHECK;

/*
 * How the lineage of `conf` (borrowed for the life of `ret`) is renewed: the
 * command line, then what `conf` says. An installer of certbot's own is warned
 * of. ERR_USAGE: an authenticator of certbot's own, or none; ERR_SYNTAX. `ret`
 * is owned: params_free().
 */
int obtain_params(struct front *front, const struct renewal *conf,
    struct options *ret, struct err *err) MUST_CHECK;

/* The line that says until when; part of what follows. */
void obtain_tell_until(struct front *front, const struct pki_cert *leaf);

/* What certbot prints when all is well. */
void obtain_tell(struct front *front, const char *fullchain);

#endif
