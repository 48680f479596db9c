/*
 * ask.h: what the client asks of the broker, one function for each operation
 * of ipc.h. The loop runs while an answer is waited for: a hook may take
 * minutes, and a validation that comes meanwhile is answered.
 */
#ifndef ACME_ASK_H
#define ACME_ASK_H

#include <stdbool.h>

#include "acme/ipc.h"
#include "acme/job.h"
#include "acme/loop.h"
#include "acme/wire.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"

struct ask;

/* `fd` is borrowed, as `loop` is. */
int ask_new(
    struct loop *loop, int fd, struct ask **ret, struct err *err) MUST_CHECK;
void ask_free(struct ask *ask);

/*
 * All: what the broker refused, in its words; ERR_NOENT (it has ended),
 * ERR_SYNTAX, ERR_IO, ERR_LIMIT.
 */

/* A JWS for `purpose`, into `ret`. */
int ask_sign(struct ask *ask, enum ipc_purpose purpose, const char *url,
    const char *nonce, struct buf *ret, struct err *err) MUST_CHECK;

/* The account's or the order's URL, to be kept. */
int ask_account(struct ask *ask, const char *url, struct err *err) MUST_CHECK;
int ask_order(struct ask *ask, const char *url, struct err *err) MUST_CHECK;

/* Make the key and the CSR now. */
int ask_prepare(struct ask *ask, struct err *err) MUST_CHECK;

/* Which names are to be proved, in turn (without `*.`): published next. */
int ask_turns(struct ask *ask, const char *const *names, size_t count,
    struct err *err) MUST_CHECK;

/* Which names (with `*.`) the CA does not believe: the job fails. */
int ask_refused(struct ask *ask, const char *const *names, size_t count,
    struct err *err) MUST_CHECK;

/* Put a challenge up (`left` others follow), and take it down. */
int ask_publish(struct ask *ask, const char *name, bool wildcard,
    const char *token, unsigned left, struct err *err) MUST_CHECK;
/* All of them are up: before the CA is told, the operator may look. */
int ask_up(struct ask *ask, const char *what, struct err *err) MUST_CHECK;
int ask_withdraw(struct ask *ask, const char *name, bool wildcard,
    const char *token, struct err *err) MUST_CHECK;

/* The certificate, or (`index` > 0) the same with another chain. */
int ask_chain(struct ask *ask, unsigned index, const struct buf *pem,
    bool *ret_enough, struct err *err) MUST_CHECK;

/* A line for the operator. */
int ask_say(struct ask *ask, const char *line, struct err *err) MUST_CHECK;

/* A line for the log; on stderr, too, with -vv. */
int ask_note(struct ask *ask, const char *line, struct err *err) MUST_CHECK;

/* The account as the CA has it. */
int ask_show(struct ask *ask, const struct wire_account *account,
    struct err *err) MUST_CHECK;

/* How the job ended, and what may still come of it; the last word. */
int ask_end(struct ask *ask, const struct err *how, enum job_outlook outlook,
    struct err *err) MUST_CHECK;

#endif
