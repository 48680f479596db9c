/*
 * exchange.c: every request to the CA goes through here, so that nonces,
 * rate limits and refusals are dealt with once (RFC 8555, 6.2 to 6.7).
 */
#include "acme/exchange.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acme/nonce.h"

struct exchange {
	struct loop *loop;
	struct ask *ask;
	const struct job *job;
	struct http *http;
	struct nonce_pool nonces;
	char new_nonce[LIMIT_URL_BYTES];
	struct buf jws;
	bool passing; /* why the last question failed may pass */
};

/* How often one request was tried, and what for. */
struct tries {
	bool once; /* only a stale nonce is tried again */
	unsigned nonces, waits, cuts;
	long waited_s;
};

/* Of a URL in a line of LIMIT_LOG_LINE_BYTES. */
enum { NOTED_URL_BYTES = LIMIT_LOG_LINE_BYTES - 100 };

enum verdict { DONE = 0, AGAIN = 1 }; /* or an error */

int
exchange_new(struct loop *loop, struct ask *ask, const struct job *job,
    struct exchange **ret, struct err *err)
{
	const struct http_policy policy = {
	    .user_agent = job->user_agent,
	    .ca_file = job->ca_file,
	    .ca_text = job->ca_text,
	    .verify_ssl = job->verify_ssl,
	    .allow_plain = job_is_plain(job),
	    .timeout_ms = LIMIT_HTTP_TIMEOUT_MS,
	};
	struct exchange *exchange = NULL;
	int rc;

	exchange = calloc(1, sizeof(*exchange));
	if (exchange == NULL)
		return err_nomem(err, "setting up the way to the CA");
	exchange->loop = loop;
	exchange->ask = ask;
	exchange->job = job;
	exchange->jws = (struct buf)BUF_INIT(LIMIT_IPC_BYTES);
	rc = http_new(loop, &policy, &exchange->http, err);
	if (rc < 0) {
		exchange_free(exchange);
		return rc;
	}
	*ret = exchange;
	return 0;
}

void
exchange_free(struct exchange *exchange)
{
	if (exchange == NULL)
		return;
	http_free(exchange->http);
	buf_free(&exchange->jws);
	free(exchange);
}

void
exchange_nonces_from(struct exchange *exchange, const char *new_nonce)
{
	size_t len = strnlen(new_nonce, LIMIT_URL_BYTES - 1);

	memcpy(exchange->new_nonce, new_nonce, len);
	exchange->new_nonce[len] = '\0';
}

void
exchange_reply_free(struct exchange_reply *reply)
{
	http_reply_free(&reply->http);
}

bool
exchange_refused(const struct err *err)
{
	return err->code == ERR_REFUSED_CA || err->code == ERR_REFUSED_INPUT;
}

struct loop *
exchange_loop(struct exchange *exchange)
{
	return exchange->loop;
}

const struct job *
exchange_job(const struct exchange *exchange)
{
	return exchange->job;
}

bool
exchange_is_passing(const struct exchange *exchange)
{
	return exchange->passing;
}

struct ask *
exchange_ask(struct exchange *exchange)
{
	return exchange->ask;
}

/* What was asked, and what came of it. */
static int
note(const struct exchange *exchange, const char *method, const char *url,
    const struct http_reply *http, struct err *err)
{
	char line[LIMIT_LOG_LINE_BYTES];

	(void)snprintf(line, sizeof(line),
	    "%s %.*s: status %ld, %zu bytes (request %u)", method,
	    NOTED_URL_BYTES, url, http->status, http->body.len,
	    http_requests(exchange->http));
	return ask_note(exchange->ask, line, err);
}

/* The whole type, which what is told of it has not. */
static int
note_problem(const struct exchange *exchange,
    const struct wire_problem *problem, struct err *err)
{
	char line[LIMIT_LOG_LINE_BYTES];

	if (problem->type[0] == '\0')
		return 0;
	(void)snprintf(line, sizeof(line), "problem %s", problem->type);
	return ask_note(exchange->ask, line, err);
}

/* Waits as the CA asks, where that is not too long for one run. */
static int
wait_for(const struct exchange *exchange, const struct http_reply *http,
    struct tries *tries, struct err *err)
{
	long wait_s = http->retry_after_s,
	     patience_s = exchange->job->patience_s > 0
	    ? exchange->job->patience_s
	    : LIMIT_ISSUANCE_TIMEOUT_S;
	char line[64];
	int rc;

	if (tries->once || wait_s > LIMIT_RETRY_AFTER_S ||
	    tries->waited_s + wait_s > patience_s ||
	    ++tries->waits > LIMIT_WAIT_RETRIES)
		return DONE;
	tries->waited_s += wait_s;
	(void)snprintf(line, sizeof(line), "the CA asks to wait %ld s", wait_s);
	rc = ask_say(exchange->ask, line, err);
	if (rc == 0)
		rc = loop_pause(exchange->loop,
		    wait_s > 0 ? wait_s * 1000 : LIMIT_POLL_LEAST_MS, err);
	return rc < 0 ? rc : AGAIN;
}

/* After badNonce: its own nonce is good, the older ones are as stale. */
static int
again_with_nonce(struct exchange *exchange, const struct http_reply *http,
    struct tries *tries, struct err *err)
{
	int rc = 0;

	if (++tries->nonces > LIMIT_BADNONCE_RETRIES)
		return DONE;
	nonce_clear(&exchange->nonces);
	nonce_put(&exchange->nonces, http->replay_nonce);
	if (tries->nonces > LIMIT_BADNONCE_AT_ONCE)
		rc = loop_pause(exchange->loop, LIMIT_POLL_LEAST_MS, err);
	return rc < 0 ? rc : AGAIN;
}

/* What a reply means: DONE, AGAIN, or the CA's refusal. */
static int
judge(struct exchange *exchange, const char *url, const char *doing,
    struct tries *tries, struct exchange_reply *reply, struct err *err)
{
	const struct http_reply *http = &reply->http;
	struct wire_problem problem;
	int rc = DONE;

	reply->problem = PROBLEM_NONE;
	if (http->status >= 200 && http->status <= 299)
		return DONE;
	reply->problem = PROBLEM_OTHER;
	/* The signature is for this URL and no other (6.4). */
	if (http->status >= 300 && http->status <= 399)
		return err_set(err, ERR_REFUSED_CA, doing, url,
		    "the CA answered with a redirect (status %ld) that is not "
		    "followed%s%s",
		    http->status,
		    http->location[0] != '\0' ? ": it leads to " : "",
		    http->location);
	wire_read_problem(&http->body, http->status, &problem);
	rc = note_problem(exchange, &problem, err);
	if (rc < 0)
		return rc;
	reply->problem = problem_kind(problem.type);
	exchange->passing = problem_is_passing(reply->problem, http->status);
	switch (problem_retry(reply->problem, &problem, http)) {
	case PROBLEM_RETRY_NOW:
		rc = again_with_nonce(exchange, http, tries, err);
		break;
	case PROBLEM_RETRY_WAIT:
		rc = wait_for(exchange, http, tries, err);
		break;
	case PROBLEM_RETRY_RUN:
	case PROBLEM_RETRY_MENDED: break;
	}
	return rc != DONE ? rc
			  : problem_err(&problem, http, doing,
				problem_on(&problem, url), err);
}

/*
 * Whether to send again what only looks, and so may be sent twice, where the
 * connection broke. What makes something is not: the next run finds the order.
 */
static int
after_cut(struct exchange *exchange, bool looks, int failed,
    struct tries *tries, struct err *err)
{
	int rc;

	/* What is too large is so the next time, too. */
	exchange->passing = failed != ERR_LIMIT;
	if (!looks || !http_was_cut(exchange->http) ||
	    ++tries->cuts > LIMIT_CUT_RETRIES)
		return failed;
	rc = loop_pause(
	    exchange->loop, (long)LIMIT_POLL_LEAST_MS << 2 * tries->cuts, err);
	if (rc < 0)
		return rc;
	err_clear(err);
	return AGAIN;
}

/* Where a GET is to look instead, an absolute URL (https); NULL: nowhere. */
static const char *
elsewhere(const struct http_reply *http)
{
	switch (http->status) {
	case 301:
	case 302:
	case 303:
	case 307:
	case 308: return http->location[0] != '\0' ? http->location : NULL;
	default: return NULL;
	}
}

int
exchange_get(struct exchange *exchange, const char *url, const char *doing,
    struct exchange_reply *ret, struct err *err)
{
	char there[LIMIT_URL_BYTES];
	struct tries tries = {0};
	unsigned redirects = 0;
	int rc;

	*ret = (struct exchange_reply){.problem = PROBLEM_NONE};
	do {
		exchange_reply_free(ret);
		exchange->passing = false;
		rc = http_get(exchange->http, url, &ret->http, err);
		if (rc < 0)
			rc = after_cut(exchange, true, rc, &tries, err);
		else
			rc = note(exchange, "GET", url, &ret->http, err);
		if (rc == 0 && elsewhere(&ret->http) != NULL &&
		    redirects++ < LIMIT_REDIRECTS) {
			(void)snprintf(
			    there, sizeof(there), "%s", elsewhere(&ret->http));
			url = there;
			rc = AGAIN;
		}
		if (rc == 0)
			rc = judge(exchange, url, doing, &tries, ret, err);
	} while (rc == AGAIN);
	return rc;
}

/* A nonce from the pool, else a fresh one (RFC 8555, 7.2). */
static int
get_nonce(struct exchange *exchange, char *ret, struct err *err)
{
	static const char doing[] = "asking the CA for a nonce";
	const char *url = exchange->new_nonce;
	struct exchange_reply reply = {.problem = PROBLEM_NONE};
	struct tries tries = {0};
	int rc = DONE;

	if (nonce_take(&exchange->nonces, ret))
		return 0;
	do {
		exchange_reply_free(&reply);
		exchange->passing = false;
		rc = http_head(exchange->http, url, &reply.http, err);
		if (rc < 0)
			rc = after_cut(exchange, true, rc, &tries, err);
		else
			rc = note(exchange, "HEAD", url, &reply.http, err);
		if (rc == 0)
			rc = judge(exchange, url, doing, &tries, &reply, err);
	} while (rc == AGAIN);
	if (rc == 0)
		nonce_put(&exchange->nonces, reply.http.replay_nonce);
	if (rc == 0 && !nonce_take(&exchange->nonces, ret))
		rc = err_set(err, ERR_SYNTAX, doing, url,
		    "its reply has no Replay-Nonce that could be used");
	exchange_reply_free(&reply);
	return rc;
}

/*
 * Before it is sent, in certbot's words: a log without them is that of a run
 * that asked the CA for nothing.
 */
static int
note_post(const struct exchange *exchange, const char *url, struct err *err)
{
	char line[LIMIT_LOG_LINE_BYTES];

	(void)snprintf(line, sizeof(line),
	    "Sending POST request to %.*s:", NOTED_URL_BYTES, url);
	return ask_note(exchange->ask, line, err);
}

/* One try: signed for this nonce, sent, and its own nonce kept. */
static int
post_once(struct exchange *exchange, enum ipc_purpose purpose, const char *url,
    struct tries *tries, struct exchange_reply *reply, struct err *err)
{
	char nonce[LIMIT_NONCE_BYTES];
	int rc;

	rc = get_nonce(exchange, nonce, err);
	if (rc == 0)
		rc = ask_sign(
		    exchange->ask, purpose, url, nonce, &exchange->jws, err);
	if (rc == 0)
		rc = note_post(exchange, url, err);
	if (rc < 0)
		return rc;
	exchange->passing = false;
	/* Done, and asked for again, it would be refused. */
	if (purpose == IPC_REVOKE && !http_afresh(exchange->http))
		return err_nomem(err, "revoking the certificate");
	rc = http_post(exchange->http, url, "application/jose+json",
	    &exchange->jws, &reply->http, err);
	if (rc < 0)
		return after_cut(
		    exchange, purpose == IPC_POST_AS_GET, rc, tries, err);
	nonce_put(&exchange->nonces, reply->http.replay_nonce);
	return note(exchange, "POST", url, &reply->http, err);
}

int
exchange_post(struct exchange *exchange, enum ipc_purpose purpose,
    const char *url, const char *doing, struct exchange_reply *ret,
    struct err *err)
{
	/* What was done and badly answered is refused the next time: then that
	 * would be the answer. Who revokes is to ask again, knowing of both. */
	struct tries tries = {.once = purpose == IPC_REVOKE};
	int rc;

	*ret = (struct exchange_reply){.problem = PROBLEM_NONE};
	do {
		exchange_reply_free(ret);
		rc = post_once(exchange, purpose, url, &tries, ret, err);
		if (rc == 0)
			rc = judge(exchange, url, doing, &tries, ret, err);
	} while (rc == AGAIN);
	return rc;
}
