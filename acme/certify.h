/*
 * certify.h: one certificate from the CA: the front's side of an issue job.
 *
 *   key (kept) -> listeners or hooks -> job -> chain -> the four files
 */
#ifndef ACME_CERTIFY_H
#define ACME_CERTIFY_H

#include "acme/accounts.h"
#include "acme/front.h"
#include "acme/job.h"
#include "acme/option.h"
#include "cert/renewal.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "cert/pki.h"

struct certify {
	struct front *front;
	const struct options *params; /* restored from the conf, if any */
	const struct accounts_entry *account;
	const char *lineage; /* its name, or one for the order that is kept */
	const char *const *names;
	size_t name_count;
	/* Those that the CA refused, and that are left out (subset.h). */
	const char *left_out[LIMIT_AUTHORIZATIONS];
	size_t left_out_count;
	const struct pki_cert *live; /* what the lineage has now; or NULL */
	const struct renewal *conf; /* for the webroot map; or NULL */
	const struct buf *reuse_key; /* PEM; or NULL: a new one */
	const struct buf *csr; /* DER, of --csr; or NULL */
};

struct certify_result {
	struct buf cert, chain, fullchain;
	struct buf privkey; /* secret; empty with a CSR */
	/* By position in `names`, where it failed: the CA does not believe it.
	 */
	bool refused[LIMIT_AUTHORIZATIONS];
	/* An earlier run's order without `left_out` came to nothing: there is
	 * no certificate, and the names are to be all again. */
	bool gone;
};

/*
 * Gets it. An order that an earlier run has left is gone on with (pending.h),
 * unless what it gives is older than `live`, or that very one; and so is this
 * run's own, once, where the CA was out of reach, and files that the client may
 * read had been replaced during the job (issue_is_outdated()). ERR_USAGE:
 * nobody can answer the challenges with these options; else what issue_run()
 * and the CA have; ret->refused is set then, too. Where `ret` is gone it is 0
 * all the same. `ret` is owned.
 */
int certify_run(const struct certify *certify, struct certify_result *ret,
    struct err *err) MUST_CHECK;
void certify_result_free(struct certify_result *result);

/*
 * The first preferred challenge that the authenticator can answer. ERR_USAGE:
 * there is none, or a wildcard cannot be proved by it.
 */
int certify_choose(const struct certify *certify, enum job_challenge *ret,
    struct err *err) MUST_CHECK;

/* "a.example", "a.example and b.example", "a.example and 3 more domains". */
void certify_describe(
    const char *const *names, size_t count, char *ret, size_t size);

#endif
