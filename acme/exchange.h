/*
 * exchange.h: one question to the CA and its answer: nonce, signature, POST,
 * and again where the CA only asks for patience or for another nonce.
 */
#ifndef ACME_EXCHANGE_H
#define ACME_EXCHANGE_H

#include "acme/ask.h"
#include "acme/http.h"
#include "acme/job.h"
#include "acme/loop.h"
#include "acme/problem.h"
#include "base/attr.h"
#include "base/err.h"

struct exchange;

struct exchange_reply {
	struct http_reply http;
	enum problem_kind problem; /* PROBLEM_NONE where it was no refusal */
};

/* Borrows all of them; the job's way to speak to its server is used. */
int exchange_new(struct loop *loop, struct ask *ask, const struct job *job,
    struct exchange **ret, struct err *err) MUST_CHECK;
void exchange_free(struct exchange *exchange);

/* Where nonces come from, once the directory is known. Copied. */
void exchange_nonces_from(struct exchange *exchange, const char *new_nonce);

/*
 * A GET without a signature, led on to other https URLs LIMIT_REDIRECTS times,
 * as certbot's requests is. `ret` is owned by the caller (exchange_reply_free
 * ()), also on failure; 0: a status of 200 to 299. ERR_REFUSED_INPUT and
 * ERR_REFUSED_CA (ret->problem says which), what http.h gives; err->
 * retry_after_s where the CA wants more patience than we have. `doing` is for
 * messages.
 */
int exchange_get(struct exchange *exchange, const char *url, const char *doing,
    struct exchange_reply *ret, struct err *err) MUST_CHECK;

/* A POST that the broker signs; errors as exchange_get(), and of ask.h. */
int exchange_post(struct exchange *exchange, enum ipc_purpose purpose,
    const char *url, const char *doing, struct exchange_reply *ret,
    struct err *err) MUST_CHECK;

void exchange_reply_free(struct exchange_reply *reply);

/* Has `err` come from the CA: a refusal, whoever must mend it? */
bool exchange_refused(const struct err *err) MUST_CHECK;

/*
 * Was the last question's failure one that may pass by itself: no connection,
 * no answer, a fault of the CA's or its limit? False where it did not fail.
 */
bool exchange_is_passing(const struct exchange *exchange) MUST_CHECK;

/* For who polls. */
struct loop *exchange_loop(struct exchange *exchange);
const struct job *exchange_job(const struct exchange *exchange);
struct ask *exchange_ask(struct exchange *exchange);

#endif
