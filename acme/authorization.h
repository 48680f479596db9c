/*
 * authorization.h: the authorizations of an order: which names they are for,
 * what is still to be proved, and that it was (RFC 8555, 7.1.4, 7.5).
 */
#ifndef ACME_AUTHORIZATION_H
#define ACME_AUTHORIZATION_H

#include <stdbool.h>
#include <stddef.h>

#include "acme/challenge.h"
#include "acme/exchange.h"
#include "acme/order.h"
#include "acme/responder.h"
#include "base/attr.h"
#include "base/err.h"

/* What is being done where the CA does not believe a name: err->doing. */
#define AUTHORIZATION_PROVING "proving control of"
/* ... and the CA has refused it; certbot's sentence, which scripts look for */
#define AUTHORIZATION_FAILED "Some challenges have failed. Proving control of"

struct authorization {
	char url[LIMIT_URL_BYTES];
	const char *name; /* the job's, without `*.` */
	bool wildcard; /* ... which stands before it in the job */
	bool open; /* to be proved; else it is valid already */
	bool published;
	bool refused; /* the CA has looked, and does not believe it */
	struct challenge challenge; /* where it is open */
};

struct authorization_list {
	struct authorization *items; /* owned */
	size_t count, open;
	int64_t asked_ms; /* when the CA was told to look, monotonic */
};

/*
 * Reads all of the order's, in the CA's order; each must be for a name of the
 * job's, by (value, wildcard). ERR_SYNTAX where it is for none; ERR_REFUSED_*
 * where one is invalid.
 */
int authorization_read(struct exchange *exchange, const struct order *order,
    struct authorization_list *ret, struct err *err) MUST_CHECK;
void authorization_free(struct authorization_list *list);

/*
 * Has the CA forget what was proved before, so that it is proved anew; what it
 * will not forget, or the broker not name to it, is told. `ret_count`: how many
 * it has forgotten; the order is void then.
 */
int authorization_forget(struct exchange *exchange,
    const struct authorization_list *list, size_t *ret_count,
    struct err *err) MUST_CHECK;

/* As the job has it: what two of them are told apart by. */
const char *authorization_name(const struct authorization *authorization);

/*
 * What the CA says against a name, in certbot's lines, added to `report`; they
 * go to the operator, and the names to the broker, once it is known what all
 * have met with.
 */
int authorization_describe(const struct wire_authorization *wire,
    struct buf *report, struct err *err) MUST_CHECK;
int authorization_tell(struct exchange *exchange,
    const struct authorization_list *list, const struct buf *report,
    struct err *err) MUST_CHECK;

/* Tells the front that all are up; with -v what is to be found where. */
int authorization_tell_up(struct exchange *exchange,
    const struct authorization_list *list, struct err *err) MUST_CHECK;

/*
 * Puts all answers up, then asks the CA to look at each. What was put up is to
 * be taken down by authorization_withdraw(), also on failure.
 */
int authorization_answer(struct exchange *exchange, struct responder *responder,
    struct authorization_list *list, struct err *err) MUST_CHECK;

/*
 * Waits, looking at the order, until the CA has seen all answers. `responder`
 * (or NULL) knows when it has fetched them. ERR_REFUSED_* says for each name
 * that failed why; err->on is these names.
 */
int authorization_wait(struct exchange *exchange,
    const struct responder *responder, const struct authorization_list *list,
    struct order *order, struct err *err) MUST_CHECK;

int authorization_withdraw(struct exchange *exchange,
    struct responder *responder, struct authorization_list *list,
    struct err *err) MUST_CHECK;

#endif
