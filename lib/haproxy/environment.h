/*
 * environment.h: the variables that haproxy.cfg uses and does not set: HAProxy
 * has them from what started it (EnvironmentFile= of its unit), and we, started
 * by certbot or by hand, have not.
 */
#ifndef HAPROXY_ENVIRONMENT_H
#define HAPROXY_ENVIRONMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/conf.h"
#include "base/err.h"

/*
 * Once a run, before haproxy.cfg is read for its facts: where that uses such
 * variables, conf->haproxy.environment gets what HAProxy was started with
 * (procenv.h), by the process that opened a socket; of several HAProxys the
 * first has the word, and what that has not is not set. No socket is waited
 * for, but for a second where the process that opened it is gone. Where no
 * HAProxy can be looked at, our own environment stands in for it, and
 * environment_advise() names what that lacks. With `decide` conditions count as
 * they are now, and all values of a variable that one leaves open; where one is
 * about HAProxy's version, those that answer are asked for it. Without, every
 * branch is one that may hold, and the last value counts.
 */
void environment_learn(struct conf *conf, bool decide);

/*
 * For a message about what HAProxy's configuration lacks: the variable that is
 * used and that nobody knows, in words, with a blank in front, into `ret`; ""
 * where all are known.
 */
void environment_advise(const struct conf *conf, char *ret, size_t size);

/*
 * Where our own environment stands in for HAProxy's, and a HAProxy runs: are
 * the variables that what we take from its configuration depends on the same
 * there? What it says is compared, and never used: it may be a lie.
 * ERR_UNPROVED: one is not; ERR_* as process_variable().
 */
int environment_compare(const struct conf *conf, struct err *err) MUST_CHECK;

/*
 * Before a list is edited or something taken away while no HAProxy answers that
 * could be compared with: ERR_UNPROVED where our own lacks one of them. (A
 * default value in haproxy.cfg may not be what HAProxy starts with.)
 */
int environment_require(const struct conf *conf, struct err *err) MUST_CHECK;

/*
 * The environment for `haproxy -c`: the fixed one, and HAProxy's (looked for
 * now, where environment_learn() had no need to), but for LD_*; where that is
 * not known, what the files of `conf` use of ours, but for names that mean
 * something to programs. `ret` is NULL-terminated, and
 * owned: environment_free(). ERR_NOMEM.
 */
int environment_for_check(
    const struct conf *conf, char ***ret, struct err *err) MUST_CHECK;
void environment_free(char **environment);

/* Those that HAProxy was started with (management guide, 3). */
struct environment_options {
	bool fatal_warnings; /* -dW */
	bool unresolved; /* -dr: names of servers need not be known */
	char peer[256]; /* -L; "": none */
};

/*
 * The options for `haproxy -c`, by the command line of the process that
 * environment_learn() looks at; none where there is no such process.
 */
void environment_options(
    const struct conf *conf, struct environment_options *ret);

#endif
