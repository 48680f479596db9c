/*
 * answer.h: what the CA answered to a revocation that failed, from what
 * the engine let out of it.
 */
#ifndef WRAPPER_ANSWER_H
#define WRAPPER_ANSWER_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/conf.h"
#include "base/fs.h"

/* What came by, in the engine's words or in its log. */
struct answer_seen {
	bool done; /* it answered a revocation by 200, or the engine says so */
	bool already; /* "alreadyRevoked" (RFC 8555, 7.6) */
	bool refused; /* a problem: the CA does not do it */
	bool open; /* another problem, which does not say */
	bool unsent; /* the CA could not be reached, or was not to be */
	bool posted; /* a request was sent that could do it */
};

struct answer {
	char log[LIMIT_PATH_BYTES]; /* certbot's, of this run */
	struct fs_ident before; /* as it was; zero: it was not there */
	struct answer_seen seen;
};

enum answer_verdict {
	ANSWER_DONE, /* the CA has revoked it now */
	ANSWER_LOST, /* the CA may have revoked it */
	ANSWER_ALREADY, /* it has, before */
	ANSWER_NOT_DONE, /* it has not: it refused, or was not asked */
};

/* To be called before the engine is. */
void answer_init(struct answer *answer, const struct conf *conf);

/* A line of the engine's (struct child_watch); true: pass it on. */
bool answer_line(void *context, const char *line);

/*
 * To be called when the engine has ended, and before it is called again.
 * `status`: its exit status, of which 0 is believed but against its log, as a
 * script around the engine may hide how that ended; -1: there is none, as it
 * was killed.
 */
enum answer_verdict answer_judge(
    const struct answer *answer, int status) MUST_CHECK;

#endif
