/*
 * means.h: the means that a lineage is renewed by: the account it was got
 * with, the plugin that answers the CA, the directories that files are put
 * into. What is not there is seen by nobody before the next renewal. For
 * status and check, and for what init says of a certbot that was there before.
 */
#ifndef WRAPPER_MEANS_H
#define WRAPPER_MEANS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/conf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/proc.h"
#include "cert/renewal.h"
#include "wrapper/engine.h"

enum means_lack {
	MEANS_ACCOUNT, /* its directory is not there */
	MEANS_UNABLE, /* a plugin that certhaul-acme has not */
	MEANS_UNHAD, /* one that this certbot has not */
	MEANS_WEBROOT, /* a directory of it is not there */
	MEANS_LACKS
};

/* Who renews. means_free() in the end. */
struct means {
	const struct conf *conf; /* borrowed */
	const struct engine *engine; /* borrowed; NULL: there is none */
	bool asked, told_well; /* certbot, for its plugins: */
	struct proc_result told;
};
void means_free(struct means *means);

/* renewal/NAME.conf; errors as renewal_read(). Returns owned. */
int means_read(const struct conf *conf, const char *name, struct renewal **ret,
    struct err *err) MUST_CHECK;

/* What each lack is of: a path, or a plugin; "" where nothing is lacking. */
struct means_found {
	char of[MEANS_LACKS][LIMIT_PATH_BYTES];
};

/*
 * Looks at what `renewal` names; for web roots, of these names. Certbot, which
 * takes a second to tell of its plugins, is asked once, and where that matters.
 */
void means_look(struct means *means, const struct renewal *renewal,
    char *const *names, size_t name_count, struct means_found *ret);

/*
 * What is wrong and what to do, where lineage `name` has the lack of `of`; made
 * fit to be shown.
 */
void means_words(const struct means *means, enum means_lack lack,
    const char *of, const char *name, char *ret, size_t size);

/* Is the account's directory, or another, not there? What we may not see is. */
bool means_is_missing(const char *path);

/* means_words() of MEANS_ACCOUNT. */
void means_account_words(
    const char *dir, const char *name, char *ret, size_t size);

#endif
