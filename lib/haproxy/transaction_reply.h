/*
 * transaction_reply.h: private to lib/haproxy: what HAProxy answers about
 * certificate transactions, as an enum and the store that it names.
 */
#ifndef HAPROXY_TRANSACTION_REPLY_H
#define HAPROXY_TRANSACTION_REPLY_H

#include <stdbool.h>

#include "base/limits.h"

enum transaction_said {
	TRANSACTION_SAID_CREATED, /* a set opened a transaction of `store` */
	TRANSACTION_SAID_UPDATED, /* a set changed the open one of `store` */
	TRANSACTION_SAID_FOREIGN, /* refused: `store`'s is open */
	TRANSACTION_SAID_LOCKED, /* refused: another command is at work */
	TRANSACTION_SAID_COMMITTED, /* `store` is live */
	TRANSACTION_SAID_ABORTED, /* `store`'s is gone */
	TRANSACTION_SAID_NOTHING_OPEN,
	TRANSACTION_SAID_REFUSED, /* anything else: HAProxy's words */
	TRANSACTION_SAID_COUNT,
};

struct transaction_reply {
	enum transaction_said said;
	char store[LIMIT_PATH_BYTES]; /* as named in the reply, or "" */
};

/*
 * Reads the reply to set, commit or abort. Success is the last line that is
 * not empty, a refusal may be any line; a name that does not fit, or a line
 * that is not exactly of its form, makes it REFUSED.
 */
void transaction_reply_read(const char *reply, struct transaction_reply *ret);

/* Are both stores in one directory? */
bool transaction_same_directory(const char *a, const char *b);

#endif
