/*
 * authorization.c: from the order's authorizations to their proof. The order
 * is what is polled; the authorizations themselves are read again only to
 * learn why it failed, and now and then where it does not move.
 */
#include "acme/authorization.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "acme/poll.h"
#include "base/clock.h"

static const char reading[] = "reading the order's authorizations";
static const char proving[] = AUTHORIZATION_PROVING;

enum { ORDER_LOOKS = 4 }; /* for one look at the authorizations */

/* Is it the same name, or the same address in another spelling? */
static bool
is_same(const struct wire_identifier *identifier, const char *name)
{
	unsigned char a[sizeof(struct in6_addr)], b[sizeof(struct in6_addr)];
	static const struct {
		int family;
		size_t bytes;
	} families[] = {{AF_INET, 4}, {AF_INET6, 16}};

	if (strcmp(identifier->type, "dns") == 0)
		return strcasecmp(identifier->value, name) == 0;
	for (size_t i = 0; i < COUNT_OF(families); i++) {
		if (inet_pton(families[i].family, identifier->value, a) == 1)
			return inet_pton(families[i].family, name, b) == 1 &&
			    memcmp(a, b, families[i].bytes) == 0;
	}
	return false;
}

/* The job's name that it is for, without `*.`; NULL where it has none. */
static const char *
name_of(const struct job *job, const struct wire_authorization *authorization)
{
	for (size_t i = 0; i < job->name_count; i++) {
		const char *name = job->names[i];
		bool wildcard = strncmp(name, "*.", 2) == 0;

		if (wildcard)
			name += 2;
		if (wildcard == authorization->wildcard &&
		    is_same(&authorization->identifier, name))
			return name;
	}
	return NULL;
}

/* Why it is not valid: its challenge's error says more than its status. */
static int
is_refused(const struct wire_authorization *authorization, const char *name,
    struct err *err)
{
	for (size_t i = 0; i < authorization->challenge_count; i++) {
		const struct wire_challenge *one =
		    &authorization->challenges[i];

		if (one->error.present && one->status == WIRE_INVALID)
			return problem_err(
			    &one->error, NULL, proving, name, err);
	}
	return err_set(err, ERR_REFUSED_CA, proving, name,
	    "the CA's authorization is %s, and it does not say why",
	    wire_status_name(authorization->status));
}

static int
fetch(struct exchange *exchange, const char *url,
    struct wire_authorization *ret, struct err *err)
{
	struct exchange_reply reply;
	int rc;

	rc =
	    exchange_post(exchange, IPC_POST_AS_GET, url, reading, &reply, err);
	if (rc == 0)
		rc = wire_read_authorization(&reply.http.body, ret, err);
	exchange_reply_free(&reply);
	return rc;
}

static int
read_one(struct exchange *exchange, const char *url, struct authorization *ret,
    struct err *err)
{
	const struct job *job = exchange_job(exchange);
	struct wire_authorization *wire = NULL;
	int rc;

	/* Some tens of kilobytes, which the stack of two frames is not for. */
	wire = calloc(1, sizeof(*wire));
	if (wire == NULL)
		return err_nomem(err, reading);
	rc = fetch(exchange, url, wire, err);
	if (rc < 0)
		goto out;
	memcpy(ret->url, url, strlen(url) + 1);
	ret->wildcard = wire->wildcard;
	ret->name = name_of(job, wire);
	if (ret->name == NULL) {
		rc = err_set(err, ERR_SYNTAX, reading, url,
		    "the CA wants a proof for %s%s, which was not asked for",
		    wire->wildcard ? "*." : "", wire->identifier.value);
		goto out;
	}
	ret->open = wire->status == WIRE_PENDING;
	if (ret->open)
		rc = challenge_choose(
		    wire, job->challenge, &ret->challenge, err);
	else if (wire->status != WIRE_VALID)
		rc = is_refused(wire, authorization_name(ret), err);
out:
	free(wire);
	return rc;
}

int
authorization_read(struct exchange *exchange, const struct order *order,
    struct authorization_list *ret, struct err *err)
{
	size_t count = order->wire.authorization_count;
	struct authorization_list made = {.count = count};
	int rc = 0;

	made.items = calloc(count, sizeof(*made.items));
	if (made.items == NULL)
		return err_nomem(err, reading);
	for (size_t i = 0; rc == 0 && i < count; i++) {
		rc = read_one(exchange, order->wire.authorizations[i],
		    &made.items[i], err);
		/* What is there twice would be answered twice. */
		for (size_t k = 0; rc == 0 && k < i; k++) {
			if (made.items[k].name == made.items[i].name)
				rc = err_set(err, ERR_SYNTAX, reading,
				    order->url, "the CA names %s twice",
				    made.items[i].name);
		}
		if (rc == 0 && made.items[i].open)
			made.open++;
	}
	if (rc < 0)
		authorization_free(&made);
	else
		*ret = made;
	return rc;
}

void
authorization_free(struct authorization_list *list)
{
	free(list->items);
	list->items = NULL;
	list->count = 0;
	list->open = 0;
}

/* Hooks are told of all challenges, those that follow included. */
static int
announce(struct exchange *exchange, const struct authorization_list *list,
    struct err *err)
{
	const char **names = calloc(list->open + 1, sizeof(*names));
	size_t count = 0;
	int rc;

	if (names == NULL)
		return err_nomem(err, proving);
	for (size_t i = 0; i < list->count; i++) {
		if (list->items[i].open)
			names[count++] = list->items[i].name;
	}
	rc = ask_turns(exchange_ask(exchange), names, count, err);
	free(names);
	return rc;
}

int
authorization_answer(struct exchange *exchange, struct responder *responder,
    struct authorization_list *list, struct err *err)
{
	size_t left = list->open;
	int rc = 0;

	if (responder == NULL && left > 0)
		rc = announce(exchange, list, err);
	for (size_t i = 0; rc == 0 && i < list->count; i++) {
		struct authorization *one = &list->items[i];

		if (!one->open)
			continue;
		/* Even where it fails there may be something to take down. */
		one->published = true;
		rc = challenge_publish(exchange, responder, &one->challenge,
		    one->name, one->wildcard, (unsigned)--left, err);
	}
	if (rc == 0 && list->open > 0)
		rc = authorization_tell_up(exchange, list, err);
	for (size_t i = 0; rc == 0 && i < list->count; i++) {
		if (list->items[i].open)
			rc = challenge_respond(exchange,
			    &list->items[i].challenge, list->items[i].name,
			    err);
	}
	list->asked_ms = clock_mono_ms();
	return rc;
}

/* Adds one name's failure to what is known; the first one's code counts. */
static void
add_failure(struct err *all, const struct err *one, const char *name)
{
	struct err before = *all;

	if (before.code == 0) {
		*all = *one;
		return;
	}
	(void)err_set(all, before.code, before.doing, before.on, "%s; %s: %s",
	    before.detail, name, one->detail);
	/* The list of names, for the operator. */
	if (strlen(before.on) + 1 + strlen(name) < sizeof(all->on)) {
		strncat(all->on, " ", sizeof(all->on) - strlen(all->on) - 1);
		strncat(all->on, name, sizeof(all->on) - strlen(all->on) - 1);
	}
}

/* Reads those that were open again: what has failed, how many are pending. */
static int
look(struct exchange *exchange, const struct authorization_list *list,
    struct err *ret_failed, struct buf *report, size_t *ret_pending,
    struct err *err)
{
	struct wire_authorization *wire = NULL;
	int rc = 0;

	err_clear(ret_failed);
	buf_reset(report);
	*ret_pending = 0;
	wire = calloc(1, sizeof(*wire));
	if (wire == NULL)
		return err_nomem(err, reading);
	for (size_t i = 0; rc == 0 && i < list->count; i++) {
		struct authorization *item = &list->items[i];
		struct err one = ERR_INIT;

		if (!item->open)
			continue;
		rc = fetch(exchange, item->url, wire, err);
		if (rc < 0 || wire->status == WIRE_VALID)
			continue;
		if (wire->status == WIRE_PENDING) {
			++*ret_pending;
			continue;
		}
		(void)is_refused(wire, authorization_name(item), &one);
		item->refused = true;
		add_failure(ret_failed, &one, authorization_name(item));
		rc = authorization_describe(wire, report, err);
	}
	free(wire);
	return rc;
}

/*
 * Fails with all that have failed, if any has. The CA looks at the others
 * still: their answers stay up until it has, or they would fail as well and
 * count against the CA's limits.
 */
static int
look_for_failures(struct exchange *exchange,
    const struct authorization_list *list, struct poll_pace *pace,
    const char *order_url, struct err *err)
{
	struct err failed = ERR_INIT, late = ERR_INIT;
	struct buf report = BUF_INIT(LIMIT_ACME_REPLY_BYTES);
	size_t pending = 0;
	int rc;

	do
		rc = look(exchange, list, &failed, &report, &pending, err);
	while (rc == 0 && failed.code != 0 && pending > 0 &&
	    poll_wait(pace, exchange_loop(exchange), -1, proving, order_url,
		&late) == 0);
	if (rc == 0)
		rc = authorization_tell(exchange, list, &report, err);
	buf_free(&report);
	if (rc < 0 || failed.code == 0)
		return rc;
	*err = failed;
	(void)snprintf(
	    err->doing, sizeof(err->doing), "%s", AUTHORIZATION_FAILED);
	return err->code;
}

static int
is_invalid(struct exchange *exchange, const struct authorization_list *list,
    struct poll_pace *pace, const struct order *order, struct err *err)
{
	int rc;

	rc = look_for_failures(exchange, list, pace, order->url, err);
	if (rc < 0)
		return rc;
	if (order->wire.error.present)
		return problem_err(&order->wire.error, NULL, proving,
		    problem_on(&order->wire.error, order->url), err);
	return err_set(err, ERR_REFUSED_CA, proving, order->url,
	    "the CA's order is %s, and it does not say why",
	    wire_status_name(order->wire.status));
}

/* After one look at the order: 0 and `ret_done`, 0 and not, or why not. */
static int
judge(struct exchange *exchange, const struct authorization_list *list,
    struct poll_pace *pace, const struct order *order, unsigned looks,
    bool *ret_done, struct err *err)
{
	switch (order->wire.status) {
	case WIRE_READY:
	case WIRE_PROCESSING:
	case WIRE_VALID: *ret_done = true; return 0;
	case WIRE_PENDING:
		/* Not every CA lets the order follow at once. */
		if (looks % ORDER_LOOKS != 0)
			return 0;
		return look_for_failures(exchange, list, pace, order->url, err);
	case WIRE_INVALID:
	case WIRE_DEACTIVATED:
	case WIRE_EXPIRED:
	case WIRE_REVOKED:
	case WIRE_STATUSES: break;
	}
	return is_invalid(exchange, list, pace, order, err);
}

int
authorization_wait(struct exchange *exchange, const struct responder *responder,
    const struct authorization_list *list, struct order *order, struct err *err)
{
	struct poll_pace pace;
	bool done = false;
	int rc = 0;

	poll_begin(&pace, exchange_job(exchange)->patience_s, list->asked_ms,
	    responder != NULL ? responder_settled(responder) : NULL);
	/* What newOrder said is too long ago to be of use now. */
	order->retry_after_s = -1;
	for (unsigned looks = 1; rc == 0 && !done; looks++) {
		rc = poll_wait(&pace, exchange_loop(exchange),
		    order->retry_after_s, proving, order->url, err);
		if (rc == 0)
			rc = order_read(exchange, order, err);
		if (rc == 0)
			rc = judge(
			    exchange, list, &pace, order, looks, &done, err);
	}
	return rc;
}

int
authorization_withdraw(struct exchange *exchange, struct responder *responder,
    struct authorization_list *list, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < list->count; i++) {
		struct authorization *one = &list->items[i];

		if (!one->published)
			continue;
		one->published = false;
		rc = challenge_withdraw(exchange, responder, &one->challenge,
		    one->name, one->wildcard, err);
	}
	return rc;
}
