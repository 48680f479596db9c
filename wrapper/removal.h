/*
 * removal.h: what somebody who has a certificate revoked or deleted would
 * not expect, told before or behind.
 */
#ifndef WRAPPER_REMOVAL_H
#define WRAPPER_REMOVAL_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/lock.h"
#include "cert/lineage.h"
#include "cert/renewal_facts.h"

/*
 * Before: a rollback has HAProxy serve another certificate than the lineage's,
 * and it is the lineage's that the CA revokes.
 */
void removal_tell_held(const struct conf *conf, const struct lineage_ref *ref);

/*
 * Before: has the engine what it needs, the certificate and the account that it
 * was got with? ERR_NOENT and the errors of lineage_identify().
 */
int removal_can_revoke(const struct conf *conf, const struct lineage_ref *ref,
    const struct renewal_facts *renewal, struct err *err) MUST_CHECK;

/*
 * Before: no other removal is at work, nor may begin until lock_release(). Not
 * lock_file, which certhaul-hook takes meanwhile. ERR_LOCKED, where another has
 * not ended within lock_wait_ms; the errors of lock_take() and
 * record_store_open(). Returns owned.
 */
int removal_lock(const struct conf *conf, const struct lineage_ref *ref,
    bool revoke, struct lock **ret, struct err *err) MUST_CHECK;

/*
 * At the last moment: is it the version `then` that was asked about? ERR_NOENT,
 * where it was renewed meanwhile; the errors of lineage_identify().
 */
int removal_check_same(const struct conf *conf, const struct lineage_ref *ref,
    const struct lineage_ident *then, bool revoke, struct err *err) MUST_CHECK;

/*
 * certhaul-hook has ended with `status` and not taken it out of HAProxy, where
 * its bundle is (`in`) or never was: that nothing was done; and the engine's
 * command where there is no HAProxy.
 */
void removal_tell_in(const struct conf *conf, const struct lineage_ref *ref,
    bool revoke, bool in, int status);

/* Behind: certbot leaves the directory where somebody put a file into it. */
void removal_tell_left(const struct lineage_ref *ref);

/*
 * There is no renewal conf, or none that can be read, as `err` has it: adds how
 * to be rid of the rest. Its code.
 */
int removal_tell_no_conf(const struct conf *conf, const struct lineage_ref *ref,
    const char *doing, struct err *err) MUST_CHECK;

#endif
