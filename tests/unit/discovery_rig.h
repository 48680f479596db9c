/*
 * discovery_rig.h: bundles in a scratch directory, and a haproxy.cfg for them.
 */
#ifndef TESTS_UNIT_DISCOVERY_RIG_H
#define TESTS_UNIT_DISCOVERY_RIG_H

#include "haproxy/discovery.h"

/*
 * cmocka's setup (the teardown is scratch's): ssl/ has the bundles a.pem and
 * b.pem, link leads to it, other/x.pem to a.pem, and other/a.pem is not ours.
 */
int discovery_rig_setup(void **state);

/* Writes a file of the scratch directory. */
void discovery_rig_write(void **state, const char *name, const char *text);

/*
 * Loads `text`, with the scratch directory for every "%D"; fails the test
 * where that fails.
 */
struct discovery *discovery_rig_load(
    void **state, const char *text, const char *crt_list);

#endif
