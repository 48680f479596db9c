/*
 * certlock.h: certbot's locks, so that certbot and we exclude each other:
 * .certbot.lock in logs, config and work directory, in that order, by
 * fcntl(F_SETLK) without waiting; unlinked before they are closed.
 */
#ifndef ACME_CERTLOCK_H
#define ACME_CERTLOCK_H

#include "acme/store.h"
#include "base/attr.h"
#include "base/err.h"

struct certlock;

/* ERR_LOCKED: "Another instance of Certbot is already running."; ERR_PERM. */
int certlock_take(const struct store_dirs *dirs, struct certlock **ret,
    struct err *err) MUST_CHECK;
void certlock_release(struct certlock *lock);

#endif
