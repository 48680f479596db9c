/*
 * leave_check.h: may a bundle leave HAProxy and the disk?
 */
#ifndef HOOKS_LEAVE_CHECK_H
#define HOOKS_LEAVE_CHECK_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/conf.h"
#include "base/err.h"
#include "haproxy/discovery.h"
#include "hooks/item.h"
#include "hooks/site.h"

/*
 * Nothing is changed here, so a dry run asks as well; `discovery` NULL: there
 * is no HAProxy here. `*ret_ours` is false where nothing of it was installed
 * by us. ERR_EXISTS says what keeps it: it is somebody else's, was changed, or
 * HAProxy's configuration needs it.
 */
int leave_check(struct item *item, struct site *site,
    const struct discovery *discovery, bool *ret_ours,
    struct err *err) MUST_CHECK;

/*
 * HAProxy's configuration for that, with update = "none", where the site has
 * not read it; NULL where there is none. Errors as discovery_load().
 */
int leave_guard(const struct conf *conf, struct discovery **ret,
    struct err *err) MUST_CHECK;

#endif
