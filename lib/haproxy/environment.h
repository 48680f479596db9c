/*
 * environment.h: the variables that haproxy.cfg uses and does not set: HAProxy
 * has them from what started it (EnvironmentFile= of its unit), and we, started
 * by certbot or by hand, have not.
 */
#ifndef HAPROXY_ENVIRONMENT_H
#define HAPROXY_ENVIRONMENT_H

#include <stddef.h>

#include "base/attr.h"
#include "base/conf.h"
#include "base/err.h"

/*
 * Once a run, before haproxy.cfg is read for its facts: asks the first HAProxy
 * that answers on a socket (`show env`) for those that our own environment
 * lacks, and puts them there. Names that mean something to programs (PATH,
 * LD_*, ...) are not taken. Where nobody answers, or does not tell, they stay
 * unknown, and environment_advise()
 * names one.
 */
void environment_learn(const struct conf *conf);

/*
 * For a message about what HAProxy's configuration lacks: the variable that is
 * used and that nobody knows, in words, with a blank in front, into `ret`; ""
 * where all are known.
 */
void environment_advise(const struct conf *conf, char *ret, size_t size);

/*
 * The environment for `haproxy -c`: the fixed one, and what the files of
 * `conf` use of ours. `ret` is NULL-terminated, and owned: environment_free().
 * ERR_NOMEM.
 */
int environment_for_check(
    const struct conf *conf, char ***ret, struct err *err) MUST_CHECK;
void environment_free(char **environment);

#endif
