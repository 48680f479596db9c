/*
 * order.c: an order's states:
 *
 *	pending -> ready -> processing -> valid
 *	   any of them -> invalid, which is final
 *
 * pending is left in challenge.c; the rest is here. Each state may be seen at
 * any time: an order can be ready at once, or valid when it is resumed.
 */
#include "acme/order.h"

#include <string.h>

#include "acme/directory.h"
#include "acme/poll.h"
#include "base/clock.h"

static const char ordering[] = "ordering a certificate";
static const char resuming[] = "resuming the order";
static const char looking[] = "looking at the order";
static const char finalizing[] = "finalizing the order";
static const char fetching[] = "fetching the certificate";

/* Takes what a reply says of the order. */
static int
take(const struct http_reply *http, struct order *order, struct err *err)
{
	struct wire_order wire;
	int rc;

	rc = wire_read_order(&http->body, &wire, err);
	if (rc < 0)
		return rc;
	wire_order_free(&order->wire);
	order->wire = wire;
	order->retry_after_s = http->retry_after_s;
	return 0;
}

/* Does the CA say that there is no such order, or none of this account? */
static bool
is_unknown(const struct exchange *exchange, const struct exchange_reply *reply)
{
	if (exchange_is_passing(exchange))
		return false;
	return reply->problem == PROBLEM_MALFORMED ||
	    reply->problem == PROBLEM_UNAUTHORIZED;
}

static int
read_as(struct exchange *exchange, struct order *order, const char *doing,
    bool *ret_unknown, struct err *err)
{
	struct exchange_reply reply;
	int rc;

	rc = exchange_post(
	    exchange, IPC_POST_AS_GET, order->url, doing, &reply, err);
	*ret_unknown =
	    rc < 0 && exchange_refused(err) && is_unknown(exchange, &reply);
	if (rc == 0)
		rc = take(&reply.http, order, err);
	exchange_reply_free(&reply);
	return rc;
}

int
order_read(struct exchange *exchange, struct order *order, struct err *err)
{
	bool unknown;

	return read_as(exchange, order, looking, &unknown, err);
}

void
order_free(struct order *order)
{
	wire_order_free(&order->wire);
}

enum {
	/* How old an order may be that the CA is processing yet, and goes on
	 * being waited for: by whether it says when the order expires. */
	STUCK_S = 3600,
	STUCK_UNTIL_S = 24 * 3600,
};

static bool
is_expired(const struct wire_order *wire)
{
	return wire->expires_s != 0 && clock_now_s() >= wire->expires_s;
}

/* Does the order that was begun by an earlier run still lead anywhere? */
static bool
leads_on(const struct wire_order *wire, const struct job *job)
{
	if (wire->authorization_count != job->name_count)
		return false;
	switch (wire->status) {
	case WIRE_PENDING:
	case WIRE_READY: return !is_expired(wire);
	case WIRE_PROCESSING:
		return !is_expired(wire) &&
		    job->order_age_s <
		    (wire->expires_s != 0 ? STUCK_UNTIL_S : STUCK_S);
	case WIRE_VALID: return true; /* what it gave does not expire */
	case WIRE_INVALID:
	case WIRE_DEACTIVATED:
	case WIRE_EXPIRED:
	case WIRE_REVOKED:
	case WIRE_STATUSES: break;
	}
	return false;
}

/* 0 and a status, or 0 and "" as its URL: a new one is needed. */
static int
resume(struct exchange *exchange, struct order *order, struct err *err)
{
	const struct job *job = exchange_job(exchange);
	bool unknown = false;
	int rc;

	memcpy(order->url, job->order_url, strlen(job->order_url) + 1);
	if (order->url[0] == '\0')
		return 0;
	rc = read_as(exchange, order, resuming, &unknown, err);
	/* The CA may have forgotten it, or never knew it. */
	if (!unknown && (rc < 0 || leads_on(&order->wire, job)))
		return rc;
	if (job->no_other) {
		order->gone = true;
		return unknown ? rc
			       : err_set(err, ERR_REFUSED_CA, resuming,
				     order->url, "it leads nowhere any more");
	}
	err_clear(err);
	order->url[0] = '\0';
	return 0;
}

static int
open_new(struct exchange *exchange, const char *url, enum ipc_purpose purpose,
    struct order *ret, enum problem_kind *ret_problem, struct err *err)
{
	struct exchange_reply reply;
	int rc;

	rc = exchange_post(exchange, purpose, url, ordering, &reply, err);
	*ret_problem = reply.problem;
	if (rc == 0 && reply.http.location[0] == '\0')
		rc = err_set(err, ERR_SYNTAX, ordering, url,
		    "the CA's reply has no Location: the order's URL is not "
		    "known");
	if (rc == 0)
		rc = take(&reply.http, ret, err);
	if (rc == 0) {
		memcpy(ret->url, reply.http.location,
		    strlen(reply.http.location) + 1);
		rc = ask_order(exchange_ask(exchange), ret->url, err);
	}
	exchange_reply_free(&reply);
	return rc;
}

/* A profile is asked for only where it is offered. */
static int
choose(const struct job *job, const struct wire_directory *directory,
    enum ipc_purpose *ret, struct err *err)
{
	const char *first =
	    directory->profile_count > 0 ? directory->profiles[0] : "none";

	*ret = IPC_NEW_ORDER_PLAIN;
	if (job->profile == NULL || job->profile[0] == '\0')
		return 0;
	if (directory_has_profile(directory, job->profile))
		*ret = IPC_NEW_ORDER;
	else if (job->profile_required)
		return err_set(err, ERR_USAGE, ordering, job->server,
		    "the CA offers no profile `%s` (it offers %s%s): see "
		    "--required-profile",
		    job->profile, first,
		    directory->profile_count > 1 ? " and others" : "");
	return 0;
}

int
order_open(struct exchange *exchange, const struct wire_directory *directory,
    struct order *ret, struct err *err)
{
	const struct job *job = exchange_job(exchange);
	enum problem_kind problem;
	enum ipc_purpose purpose;
	int rc;

	*ret = (struct order){.retry_after_s = -1};
	rc = choose(job, directory, &purpose, err);
	if (rc == 0)
		rc = resume(exchange, ret, err);
	if (rc < 0 || ret->url[0] != '\0')
		return rc;
	rc = open_new(
	    exchange, directory->new_order, purpose, ret, &problem, err);
	/* It was preferred, not required. */
	if (rc < 0 && problem == PROBLEM_INVALID_PROFILE &&
	    purpose == IPC_NEW_ORDER && !job->profile_required) {
		err_clear(err);
		rc = open_new(exchange, directory->new_order,
		    IPC_NEW_ORDER_PLAIN, ret, &problem, err);
	}
	return rc;
}

static int
is_invalid(const struct order *order, struct err *err)
{
	if (order->wire.error.present)
		return problem_err(&order->wire.error, NULL, finalizing,
		    problem_on(&order->wire.error, order->url), err);
	return err_set(err, ERR_REFUSED_CA, finalizing, order->url,
	    "the CA has made the order invalid and does not say why");
}

/* Hands the CSR in; a CA that is not ready (403) is looked at again. */
static int
hand_in(struct exchange *exchange, struct order *order, struct err *err)
{
	struct exchange_reply reply;
	int rc;

	rc = exchange_post(exchange, IPC_FINALIZE, order->wire.finalize,
	    finalizing, &reply, err);
	if (rc == 0) {
		rc = take(&reply.http, order, err);
	} else if (reply.problem == PROBLEM_ORDER_NOT_READY) {
		err_clear(err);
		rc = order_read(exchange, order, err);
	}
	exchange_reply_free(&reply);
	return rc;
}

int
order_finalize(struct exchange *exchange, struct order *order, struct err *err)
{
	struct poll_pace pace;
	unsigned tries = 0;
	int rc = 0;

	poll_begin(
	    &pace, exchange_job(exchange)->patience_s, clock_mono_ms(), NULL);
	while (rc == 0 && order->wire.status != WIRE_VALID) {
		if (order->wire.status == WIRE_READY) {
			if (tries++ > LIMIT_FINALIZE_RETRIES)
				return err_set(err, ERR_REFUSED_CA, finalizing,
				    order->url,
				    "the order stays ready, whatever is "
				    "handed in");
			rc = hand_in(exchange, order, err);
		} else if (order->wire.status == WIRE_PENDING ||
		    order->wire.status == WIRE_PROCESSING) {
			rc = order_read(exchange, order, err);
		} else {
			rc = is_invalid(order, err);
		}
		if (rc == 0 && order->wire.status != WIRE_VALID &&
		    order->wire.status != WIRE_INVALID)
			rc = poll_wait(&pace, exchange_loop(exchange),
			    order->retry_after_s, finalizing, order->url, err);
	}
	if (rc == 0 && order->wire.certificate[0] == '\0')
		rc = err_set(err, ERR_SYNTAX, finalizing, order->url,
		    "the order is valid, but names no certificate");
	return rc;
}

/* One chain, to the broker; `reply` is its own to free. */
static int
fetch_one(struct exchange *exchange, const char *url, unsigned index,
    struct exchange_reply *reply, bool *ret_enough, struct err *err)
{
	int rc;

	rc =
	    exchange_post(exchange, IPC_POST_AS_GET, url, fetching, reply, err);
	if (rc < 0)
		return rc;
	return ask_chain(
	    exchange_ask(exchange), index, &reply->http.body, ret_enough, err);
}

/* Will it not be given, whenever it is asked for? A 404 need not say why. */
static bool
is_gone(const struct exchange *exchange, const struct exchange_reply *reply)
{
	long status = reply->http.status;

	return status == 404 || status == 410 ||
	    (status >= 400 && status <= 499 && !exchange_is_passing(exchange));
}

int
order_fetch(struct exchange *exchange, struct order *order, struct err *err)
{
	struct exchange_reply first, other;
	bool enough = false;
	int rc;

	rc = fetch_one(
	    exchange, order->wire.certificate, 0, &first, &enough, err);
	order->gone =
	    rc < 0 && exchange_refused(err) && is_gone(exchange, &first);
	for (size_t i = 0;
	     rc == 0 && !enough && exchange_job(exchange)->alternates &&
	     i < first.http.alternate_count;
	     i++) {
		rc = fetch_one(exchange, first.http.alternates[i].url,
		    (unsigned)i + 1, &other, &enough, err);
		exchange_reply_free(&other);
	}
	exchange_reply_free(&first);
	return rc;
}
