/*
 * debug.h: what -v tells of the challenges, in certbot's lines; and with
 * --debug-challenges what is up is told, and waited with.
 */
#ifndef ACME_DEBUG_H
#define ACME_DEBUG_H

#include "acme/front.h"
#include "acme/issue.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"

/* The names whose challenges follow. */
void debug_turns(struct front *front, enum job_challenge challenge,
    const char *const *names, size_t count);

/* Those (by position) that the CA did not believe. */
void debug_refused(struct front *front, const char *const *names, size_t count,
    const bool *refused);

/* Adds a challenge of dns-01 to `records`, where it is to be told. */
int debug_note(struct front *front, const struct issue_challenge *challenge,
    struct buf *records, struct err *err) MUST_CHECK;

/*
 * Tells of `what` is up of http-01, and of `records`, both in lines, and waits
 * for Enter where somebody may type it. ERR_STOPPED.
 */
int debug_up(struct front *front, const char *what, const char *records,
    struct err *err) MUST_CHECK;

#endif
