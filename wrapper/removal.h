/*
 * removal.h: what somebody who has a certificate revoked or deleted would
 * not expect, told before or behind.
 */
#ifndef WRAPPER_REMOVAL_H
#define WRAPPER_REMOVAL_H

#include "base/attr.h"
#include "base/conf.h"
#include "base/err.h"
#include "cert/lineage.h"

/*
 * Before: a rollback has HAProxy serve another certificate than the lineage's,
 * and it is the lineage's that the CA revokes.
 */
void removal_tell_held(const struct conf *conf, const struct lineage_ref *ref);

/* Behind: certbot leaves the directory where somebody put a file into it. */
void removal_tell_left(const struct lineage_ref *ref);

/* There is no renewal conf: sets ERR_NOENT, and how to be rid of the rest. */
int removal_tell_no_conf(const struct conf *conf, const struct lineage_ref *ref,
    const char *doing, struct err *err) MUST_CHECK;

#endif
