/*
 * hacfg_rig.h: a haproxy.cfg for tests of what is read from it.
 */
#ifndef TESTS_UNIT_HACFG_RIG_H
#define TESTS_UNIT_HACFG_RIG_H

#include "haproxy/hacfg.h"

/* Reads `text` as haproxy.cfg in the scratch directory. Returns owned. */
struct hacfg *hacfg_rig_read(void **state, const char *text);

/* The same, with what is known of HAProxy. */
struct hacfg *hacfg_rig_read_in(
    void **state, const char *text, const struct conf_environment *environment);

#endif
