/*
 * certify.c: the front's side of one order: what the broker asks it for, and
 * what is on disk before each step, so that a killed run can be gone on with.
 */
#include "acme/certify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acme/csr.h"
#include "acme/debug.h"
#include "acme/hint.h"
#include "acme/listen.h"
#include "acme/pending.h"
#include "acme/publish.h"
#include "base/clock.h"
#include "base/text.h"
#include "cert/pki.h"

/* One run, as the callbacks see it. */
struct order {
	const struct certify *certify;
	struct publish *publish; /* NULL: standalone */
	struct store_pending pending;
	bool keep; /* the order is kept on disk */
	enum job_challenge challenge;
	bool anew; /* gone on with already, as files had been replaced */
	char hint[HINT_BYTES]; /* as the job has it */
	struct buf records; /* of dns-01, in lines, for --debug-challenges */
	struct err deaf; /* why no port is listened on, where one was to be */
};

static int
keep(struct order *order, struct err *err)
{
	return order->keep ? store_pending_write(&order->certify->front->dirs,
				 order->certify->lineage, &order->pending, err)
			   : 0;
}

/* --- callbacks ------------------------------------------------------------ */

/* The key to make the request with: the old one, or one of its kind. */
static int
settle_key(struct order *order, struct err *err)
{
	const struct certify *certify = order->certify;
	const struct options *params = certify->params;
	struct buf *key = &order->pending.key;
	struct csr_key_kind kind;
	int rc;

	if (key->len > 0)
		return 0;
	order->pending.reused = certify->reuse_key != NULL;
	if (certify->reuse_key != NULL)
		return buf_add(key, certify->reuse_key->data,
		    certify->reuse_key->len, err);
	rc = csr_key_kind(params->key_type, params->rsa_key_size,
	    params->elliptic_curve, &kind, err);
	return rc < 0 ? rc : csr_key_make(&kind, key, err);
}

/* Is the key there in no time? RSA's is made while the CA looks. */
static bool
has_quick_key(const struct certify *certify)
{
	return certify->csr == NULL &&
	    (certify->reuse_key != NULL ||
		strcmp(certify->params->key_type, "ecdsa") == 0);
}

/* With a key that takes no time, both are on disk by one write. */
static int
on_order(void *context, const char *url, struct err *err)
{
	struct order *order = context;
	int rc = 0;

	if (strcmp(order->pending.order_url, url) == 0)
		return 0;
	pending_renew(order->certify, &order->pending, url);
	if (has_quick_key(order->certify))
		rc = settle_key(order, err);
	return rc < 0 ? rc : keep(order, err);
}

/* The key, on disk before the CA has a request made with it. */
static int
on_key(void *context, struct buf *ret, struct err *err)
{
	struct order *order = context;
	struct buf *key = &order->pending.key;
	bool kept = key->len > 0;
	int rc = settle_key(order, err);

	if (rc == 0 && !kept)
		rc = keep(order, err);
	return rc < 0 ? rc : buf_add(ret, key->data, key->len, err);
}

static int
on_finalize(void *context, struct err *err)
{
	struct order *order = context;
	bool noted = false;
	int rc = pending_finalize(order->certify, &order->pending, &noted, err);

	return rc == 0 && noted ? keep(order, err) : rc;
}

static int
on_turns(void *context, const char *const *names, size_t count, struct err *err)
{
	struct order *order = context;

	/* Something is to be proved after all. */
	if (order->deaf.code != 0) {
		*err = order->deaf;
		return err->code;
	}
	debug_turns(order->certify->front, order->challenge, names, count);
	return order->publish != NULL
	    ? publish_turns(order->publish, names, count, err)
	    : 0;
}

static int
on_up(void *context, const char *what, struct err *err)
{
	struct order *order = context;

	return debug_up(
	    order->certify->front, what, buf_text(&order->records), err);
}

static int
on_publish(
    void *context, const struct issue_challenge *challenge, struct err *err)
{
	struct order *order = context;

	int rc =
	    debug_note(order->certify->front, challenge, &order->records, err);

	return rc < 0 ? rc : publish_up(order->publish, challenge, err);
}

static int
on_withdraw(
    void *context, const struct issue_challenge *challenge, struct err *err)
{
	struct order *order = context;

	/* Whether the job goes well is not known yet. */
	if (!order->anew && issue_is_outdated(order->certify->front->issue))
		publish_hold(order->publish);
	return publish_down(order->publish, challenge, err);
}

static int
on_wait(void *context, int fd, long timeout_ms, struct err *err)
{
	struct order *order = context;

	return front_wait(order->certify->front, fd, timeout_ms, err);
}

static void
on_say(void *context, const char *line)
{
	struct order *order = context;

	front_say(order->certify->front, "%s", line);
}

static void
on_note(void *context, const char *line)
{
	struct order *order = context;

	front_note(order->certify->front, FRONT_DEBUG, "%s", line);
}

/* --- the job -------------------------------------------------------------- */

static int
fill_job(struct order *order, struct job *job, struct err *err)
{
	const struct certify *certify = order->certify;
	const struct options *params = certify->params;
	int rc;

	front_job(certify->front, params, JOB_ISSUE, certify->account, job);
	job->names = certify->names;
	job->name_count = certify->name_count;
	job->authenticator = params->authenticator;
	job->alternates = params->preferred_chain != NULL;
	memcpy(
	    job->order_url, order->pending.order_url, sizeof(job->order_url));
	job->order_age_s = (long)(clock_now_s() - order->pending.begun_s);
	job->no_other = order->pending.without.len > 0;
	if (job->order_age_s < 0) /* the clock was set back */
		job->order_age_s = 0;
	rc = jws_thumbprint(certify->account->key, job->thumbprint,
	    sizeof(job->thumbprint), err);
	if (rc == 0)
		rc = certify_choose(certify, &job->challenge, err);
	if (rc < 0)
		return rc;
	order->challenge = job->challenge;
	hint_write(params, job->challenge, order->hint);
	job->hint = order->hint;
	if (strcmp(params->authenticator, "standalone") == 0) {
		job->answer = JOB_STANDALONE;
		/* Where all names are proved already nobody has to listen. */
		(void)!listen_open(params->http01_address, params->http01_port,
		    job->listeners, &job->listener_count, &order->deaf);
		return 0;
	}
	job->answer = JOB_BROKER;
	if (order->publish != NULL)
		return 0;
	return publish_new(certify->front, params, certify->conf,
	    certify->names, certify->name_count, &order->publish, err);
}

static int
fill_result(struct order *order, const struct buf *chain,
    struct certify_result *ret, struct err *err)
{
	int rc = store_split_chain(chain, &ret->cert, &ret->chain, err);

	if (rc == 0)
		rc = buf_add(
		    &ret->fullchain, ret->cert.data, ret->cert.len, err);
	if (rc == 0)
		rc = buf_add(&ret->fullchain, buf_text(&ret->chain),
		    ret->chain.len, err);
	if (rc == 0)
		rc = buf_add(&ret->privkey, buf_text(&order->pending.key),
		    order->pending.key.len, err);
	return rc;
}

/* Was the job's order asked for, and no other one made in its place? */
static bool
was_resumed(const struct order *order, const struct job *job,
    const struct issue_result *result)
{
	return order->keep && result->resumed && job->order_url[0] != '\0' &&
	    strcmp(job->order_url, order->pending.order_url) == 0;
}

/*
 * Did the CA get out of reach while an auth hook exchanged what names are
 * resolved with? A client that may read the new files goes on, once.
 */
static bool
is_for_another_client(const struct order *order, struct err *err)
{
	struct front *front = order->certify->front;
	char line[LIMIT_LOG_LINE_BYTES];

	if (err->code != ERR_DOWN || order->anew ||
	    !issue_is_outdated(front->issue))
		return false;
	front_say(front,
	    "%s; files that this depends on were replaced meanwhile: once "
	    "more, with those",
	    err_text(err, line, sizeof(line)));
	err_clear(err);
	return true;
}

static int
after_failure(struct order *order, const struct issue_result *result,
    bool resumed, bool *ret_again, struct err *err)
{
	const struct certify *certify = order->certify;

	if (is_for_another_client(order, err)) {
		*ret_again = order->anew = true;
		return 0;
	}
	if (resumed && (result->useless || result->outlook == JOB_GONE))
		return pending_replace(
		    certify, &order->pending, ret_again, err);
	if (resumed && !result->early)
		pending_failed(certify, &order->pending, err, result->outlook);
	return err->code;
}

/* `*ret_again`: nothing came of it, and it is to be tried again. */
static int
run(struct order *order, const struct issue_front *callbacks,
    struct certify_result *ret, bool *ret_again, struct err *err)
{
	const struct certify *certify = order->certify;
	const struct issue_holdings holdings = {.key = certify->account->key,
	    .csr = certify->csr,
	    .must_staple = certify->params->must_staple,
	    .preferred_chain = certify->params->preferred_chain};
	struct issue_result result = {.retry_after_s = 0};
	struct job job = {.listener_count = 0};
	bool resumed, fewer, anew = order->anew;
	int rc;

	order->records = (struct buf)BUF_INIT(LIMIT_IPC_BYTES);
	err_clear(&order->deaf);
	rc = pending_begin(certify, order->keep, &order->pending, err);
	fewer = order->pending.without.len > 0;
	if (rc == 0)
		rc = fill_job(order, &job, err);
	if (rc == 0)
		rc = issue_run(certify->front->issue, &job, &holdings,
		    callbacks, &result, err);
	memcpy(ret->refused, result.refused, sizeof(ret->refused));
	debug_refused(
	    certify->front, certify->names, certify->name_count, ret->refused);
	resumed = was_resumed(order, &job, &result);
	if (rc < 0)
		rc = after_failure(order, &result, resumed, ret_again, err);
	if (rc == 0 && !*ret_again)
		rc = fill_result(order, &result.chain, ret, err);
	if (rc == 0 && resumed && !*ret_again)
		rc = pending_drop_old(
		    certify, &order->pending, &ret->cert, ret_again, err);
	ret->gone = *ret_again && fewer && order->anew == anew;
	listen_close(job.listeners, &job.listener_count);
	/* What is up is still wanted where another client goes on. */
	if (order->anew == anew) {
		publish_free(order->publish);
		order->publish = NULL;
	}
	store_pending_free(&order->pending);
	buf_free(&order->records);
	issue_result_free(&result);
	return rc;
}

int
certify_run(
    const struct certify *certify, struct certify_result *ret, struct err *err)
{
	struct order order = {
	    .certify = certify, .keep = !certify->params->dry_run};
	const struct issue_front callbacks = {.context = &order,
	    .order = on_order,
	    .turns = on_turns,
	    .publish = on_publish,
	    .up = on_up,
	    .withdraw = on_withdraw,
	    .key = on_key,
	    .finalize = on_finalize,
	    .wait = on_wait,
	    .say = on_say,
	    .note = on_note};
	bool again;
	int rc;

	do {
		again = false;
		*ret = (struct certify_result){
		    .cert = BUF_INIT(LIMIT_PEM_FILE_BYTES),
		    .chain = BUF_INIT(LIMIT_PEM_FILE_BYTES),
		    .fullchain = BUF_INIT(LIMIT_PEM_FILE_BYTES),
		    .privkey = BUF_SECRET(LIMIT_PEM_FILE_BYTES)};
		rc = run(&order, &callbacks, ret, &again, err);
		if (rc < 0 || again)
			certify_result_free(ret);
	} while (rc == 0 && again && !ret->gone);
	return rc;
}

void
certify_result_free(struct certify_result *result)
{
	buf_free(&result->cert);
	buf_free(&result->chain);
	buf_free(&result->fullchain);
	buf_free(&result->privkey);
}
