/*
 * broker_private.h: what the parts of the broker share.
 */
#ifndef ACME_BROKER_PRIVATE_H
#define ACME_BROKER_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "acme/broker.h"
#include "acme/ipc.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"

/* The start of every message. */
#define BROKER_DOING "serving the client"

/* The one challenge of a name. */
struct broker_published {
	bool up;
	bool failed; /* what was to go up did not: nothing is to come down */
	char token[LIMIT_TOKEN_BYTES + 1]; /* "": there was none yet */
};

struct broker {
	const struct job *job;
	const struct issue_holdings *holdings;
	const struct issue_front *front;
	struct issue_result *result;
	char account_url[LIMIT_URL_BYTES]; /* "" until it is known */
	struct buf csr; /* DER, once it is made */
	struct broker_published *published; /* by position in job->names */
	bool chosen; /* the chain is the one that was asked for */
	bool ended;
	int64_t waited_ms; /* for the client, so far */
	struct err outcome; /* what the client ended with */
	int64_t served[IPC_OPS], signed_for[IPC_PURPOSES];
};

/*
 * One operation: reads its fields, does it, appends the reply's fields. An
 * error is told to the client; ERR_UNSAFE ends the job.
 */
typedef int (*broker_operation)(struct broker *broker,
    struct ipc_reader *fields, struct buf *reply, struct err *err);

int broker_sign(struct broker *broker, struct ipc_reader *fields,
    struct buf *reply, struct err *err) MUST_CHECK;
int broker_prepare(struct broker *broker, struct ipc_reader *fields,
    struct buf *reply, struct err *err) MUST_CHECK;
int broker_turns(struct broker *broker, struct ipc_reader *fields,
    struct buf *reply, struct err *err) MUST_CHECK;
int broker_refused(struct broker *broker, struct ipc_reader *fields,
    struct buf *reply, struct err *err) MUST_CHECK;
int broker_publish(struct broker *broker, struct ipc_reader *fields,
    struct buf *reply, struct err *err) MUST_CHECK;
int broker_withdraw(struct broker *broker, struct ipc_reader *fields,
    struct buf *reply, struct err *err) MUST_CHECK;
int broker_chain(struct broker *broker, struct ipc_reader *fields,
    struct buf *reply, struct err *err) MUST_CHECK;
int broker_up(struct broker *broker, struct ipc_reader *fields,
    struct buf *reply, struct err *err) MUST_CHECK;
int broker_say(struct broker *broker, struct ipc_reader *fields,
    struct buf *reply, struct err *err) MUST_CHECK;
int broker_note(struct broker *broker, struct ipc_reader *fields,
    struct buf *reply, struct err *err) MUST_CHECK;
int broker_show(struct broker *broker, struct ipc_reader *fields,
    struct buf *reply, struct err *err) MUST_CHECK;

/* How often an honest client reads what the CA has, with all its retries. */
int64_t broker_most_looks(const struct job *job);

/* Takes down what the client left up: it may have died. */
void broker_withdraw_all(struct broker *broker);

/*
 * The end of reading fields, of which `rc` came: a frame that is none, or has
 * more than its fields, is refused.
 */
int broker_fields_end(
    const struct ipc_reader *fields, int rc, struct err *err) MUST_CHECK;

/* ERR_UNSAFE: the client asked for what no honest one asks for. */
int broker_refuse(struct err *err, const char *fmt, ...) PRINTF_LIKE(2, 3);

#endif
