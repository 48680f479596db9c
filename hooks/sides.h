/*
 * sides.h: what HAProxy reads beside a bundle when it starts, and not when it
 * is told a new one: NAME.pem.issuer, NAME.pem.ocsp, NAME.pem.sctl.
 *
 * Others write them and certhaul never does. A new bundle that they do not fit
 * is served, and HAProxy does not start again; so they are tried with it before
 * it has its name.
 */
#ifndef HOOKS_SIDES_H
#define HOOKS_SIDES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"
#include "hooks/item.h"
#include "hooks/site.h"

/* How long is the ending of a side file that `text` begins with; 0: none. */
size_t sides_ending(const char *text);

/*
 * Is there a NAME.pem.ocsp? HAProxy looks for the issuer in the bundle then,
 * be it the root.
 */
bool sides_want_issuer(const struct site *site, const char *name);

/*
 * Would HAProxy start with what is staged for the item, and its side files
 * beside it? One `haproxy -c` over a configuration of this one bundle, where
 * there are such files at all; what is wrong elsewhere does not count, nor what
 * is as wrong with the bundle that is there (then it is a warning).
 * ERR_HAPROXY: it would not. What cannot be told is no error.
 */
int sides_check(
    const struct item *item, struct site *site, struct err *err) MUST_CHECK;

#endif
