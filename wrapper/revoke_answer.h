/*
 * revoke_answer.h: what the CA answered to a revocation that failed, from what
 * the engine let out of it.
 */
#ifndef WRAPPER_REVOKE_ANSWER_H
#define WRAPPER_REVOKE_ANSWER_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/conf.h"
#include "base/fs.h"

struct revoke_answer {
	char log[LIMIT_PATH_BYTES]; /* certbot's, of this run */
	struct fs_ident before; /* as it was; zero: it was not there */
	bool seen; /* the engine said it */
};

/* To be called before the engine is. */
void revoke_answer_init(struct revoke_answer *answer, const struct conf *conf);

/* A line of the engine's (struct child_watch); true: pass it on. */
bool revoke_answer_line(void *context, const char *line);

/* Was "alreadyRevoked" the answer (RFC 8555, 7.6)? */
bool revoke_answer_already(const struct revoke_answer *answer) MUST_CHECK;

#endif
