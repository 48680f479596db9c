/*
 * publish.h: challenges that root answers: a file below a webroot, or the
 * operator's manual hooks.
 */
#ifndef ACME_PUBLISH_H
#define ACME_PUBLISH_H

#include "acme/front.h"
#include "acme/issue.h"
#include "acme/option.h"
#include "cert/renewal.h"
#include "base/attr.h"
#include "base/err.h"

struct publish; /* what is up, and what an auth hook has said */

/*
 * Can these names be answered for, by a webroot or a hook? ERR_USAGE: --webroot
 * without a directory for one of the names, --manual without
 * --manual-auth-hook; ERR_NOENT: the directory is none.
 */
int publish_check(const struct options *params, const struct renewal *conf,
    const char *const *names, size_t count, struct err *err) MUST_CHECK;

/* For one order. Errors as publish_check(). Returns owned. */
int publish_new(struct front *front, const struct options *params,
    const struct renewal *conf, const char *const *names, size_t count,
    struct publish **ret, struct err *err) MUST_CHECK;

/*
 * Takes down what an earlier run that was killed has left below webroots, of
 * whatever lineage. What cannot be is a warning, this once.
 */
void publish_left_down(struct front *front);

/* Removes directories that were made for it, where they are empty. */
void publish_free(struct publish *publish);

/* The names (without `*.`) whose challenges follow, in turn, for the hooks. */
int publish_turns(struct publish *publish, const char *const *names,
    size_t count, struct err *err) MUST_CHECK;

/*
 * webroot: DIR/.well-known/acme-challenge/TOKEN, 0644, made anew (a file that
 * is there already is what a killed run left, or else the CA's mistake:
 * ERR_EXISTS), through no link but root's or ours (ERR_UNSAFE). manual: the
 * auth hook; that it fails is a warning, as with certbot.
 */
int publish_up(struct publish *publish, const struct issue_challenge *challenge,
    struct err *err) MUST_CHECK;
int publish_down(struct publish *publish,
    const struct issue_challenge *challenge, struct err *err) MUST_CHECK;

/*
 * Auth hooks may not run twice for one run: from here on what they have put up
 * stays up, also after publish_down(), and publish_up() has nothing to do for
 * it. publish_free() has what still stays come down. A webroot's file does not
 * stay.
 */
void publish_hold(struct publish *publish);

#endif
