/*
 * environment_part.h: what environment.c shares with its parts. Nobody else
 * includes it.
 */
#ifndef HAPROXY_ENVIRONMENT_PART_H
#define HAPROXY_ENVIRONMENT_PART_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/conf.h"
#include "base/err.h"
#include "haproxy/hacfg.h"
#include "haproxy/process.h"

#define ENVIRONMENT_DOING "looking at HAProxy's environment"

/* For an answer, where nothing but the asking is left. */
enum { ENVIRONMENT_PATIENCE_MS = 1000 };

/* hacfg_read() of the configured files. */
int environment_read_files(
    const struct conf *conf, struct hacfg **ret, struct err *err) MUST_CHECK;

bool environment_is_known(const struct conf *conf);

/* What `haproxy -c` gets of `name`; NULL: nothing. */
const char *environment_value(const struct conf *conf, const char *name);

/* Where HAProxys may be asked: into `ret` of LIMIT_SOCKETS + 1. */
size_t environment_sockets(const struct conf *conf, const char **ret);

/*
 * Shows processes that may be a HAProxy of ours to `visit`, by what opened the
 * sockets, then by what answers there, until that returns true.
 */
void environment_search(const struct conf *conf,
    bool (*visit)(void *context, long pid), void *context);

/* Who answers at `path`, soon: errors as process_probe(). */
int environment_probe(const char *path, struct process *ret) MUST_CHECK;

/*
 * The version of what runs, into the environment, which is there: where all
 * that may be running say the same, and so does haproxy.program. A worker that
 * was taken over may say any, and lines of an `.if` are edited by it.
 */
void environment_learn_version(struct conf *conf);

/* conf->haproxy.environment, made where it is NULL. ERR_NOMEM. */
int environment_make(struct conf *conf, struct err *err) MUST_CHECK;

#endif
