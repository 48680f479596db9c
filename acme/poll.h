/*
 * poll.h: how often to ask whether the CA is done: as Retry-After says, else
 * soon at first and ever more seldom; and the first time earlier, where there
 * is a sign that it is.
 */
#ifndef ACME_POLL_H
#define ACME_POLL_H

#include <stdbool.h>
#include <stdint.h>

#include "acme/loop.h"
#include "base/attr.h"
#include "base/err.h"

struct poll_pace {
	int64_t until_ms; /* of the monotonic clock */
	long next_ms; /* the next pause, where the CA names none */
	long patience_s;
	int64_t passed_ms; /* of the next pause, already */
	const bool *sign; /* ends the next pause when it is true */
};

/*
 * `patience_s` <= 0: LIMIT_ISSUANCE_TIMEOUT_S. `since_ms`, of the monotonic
 * clock: the CA is at work since, and the first pause counts from there. `sign`
 * may be NULL, and is not looked at where the CA says when to come.
 */
void poll_begin(struct poll_pace *pace, long patience_s, int64_t since_ms,
    const bool *sign);

/*
 * Serves the loop until the next question is due. `retry_after_s` <= 0: the CA
 * has not said. ERR_TIMEOUT: the patience is at its end, or the CA asks for
 * more than is waited for (then err->retry_after_s is set).
 */
int poll_wait(struct poll_pace *pace, struct loop *loop, long retry_after_s,
    const char *doing, const char *on, struct err *err) MUST_CHECK;

#endif
