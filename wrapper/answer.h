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

struct answer {
	char log[LIMIT_PATH_BYTES]; /* certbot's, of this run */
	struct fs_ident before; /* as it was; zero: it was not there */
	bool already, not_done; /* the engine said so */
};

/* To be called before the engine is. */
void answer_init(struct answer *answer, const struct conf *conf);

/* A line of the engine's (struct child_watch); true: pass it on. */
bool answer_line(void *context, const char *line);

/* Was "alreadyRevoked" the answer (RFC 8555, 7.6)? */
bool answer_already(const struct answer *answer) MUST_CHECK;

/*
 * Is it certain that the CA has not revoked it: because it answered with
 * another problem, or was not reached? An answer that was lost on its way
 * leaves that open.
 */
bool answer_not_done(const struct answer *answer) MUST_CHECK;

#endif
