/*
 * refit_rig.h: a configuration of certhaul for tests of refit: bundles in
 * /d/ssl, a map, a socket, and haproxy.cfg in the scratch directory.
 */
#ifndef TESTS_UNIT_REFIT_RIG_H
#define TESTS_UNIT_REFIT_RIG_H

#include "base/conf.h"
#include "wrapper/refit.h"

extern struct conf *refit_rig_conf;

/* cmocka set-up and tear-down; the scratch directory's, too. */
int refit_rig_setup(void **state);
int refit_rig_teardown(void **state);

/*
 * `text` refitted has `wanted`, and not `unwanted` (each may be NULL), in its
 * lines or in the notes, which come behind them; and that lacks nothing more.
 */
void refit_rig_expect(void **state, enum refit_scope scope, const char *text,
    const char *wanted, const char *unwanted);

#endif
