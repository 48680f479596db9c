/*
 * client.c: THE order, as a table of steps:
 *
 *   directory -> account -> order -> authorizations -> challenges -> finalize
 *   -> chain
 *
 * Each step is a module with one entry point; which of them a job takes is a
 * column. What the broker must do along the way is asked for by ask.h.
 */
#include "acme/client.h"

#include <signal.h>
#include <unistd.h>

#include "acme/account.h"
#include "acme/ask.h"
#include "acme/authorization.h"
#include "acme/directory.h"
#include "acme/exchange.h"
#include "acme/order.h"
#include "acme/responder.h"

struct client {
	const struct job *job;
	struct loop *loop;
	struct ask *ask;
	struct exchange *exchange;
	struct responder *responder; /* NULL: the broker answers */
	struct wire_directory directory;
	char account_url[LIMIT_URL_BYTES];
	struct order order;
	struct authorization_list authorizations;
};

static int
fetch_directory(struct client *client, struct err *err)
{
	return directory_fetch(client->exchange, &client->directory, err);
}

static int
settle_account(struct client *client, struct err *err)
{
	return account_settle(
	    client->exchange, &client->directory, client->account_url, err);
}

static int
find_account(struct client *client, struct err *err)
{
	/* A revocation by the certificate's own key needs no account. */
	if (client->job->kind == JOB_REVOKE &&
	    client->job->thumbprint[0] == '\0')
		return 0;
	return account_find(
	    client->exchange, &client->directory, client->account_url, err);
}

static int
open_order(struct client *client, struct err *err)
{
	return order_open(
	    client->exchange, &client->directory, &client->order, err);
}

/* An order that is not pending has nothing left to prove. */
static int
read_authorizations(struct client *client, struct err *err)
{
	enum wire_status status = client->order.wire.status;

	if (status != WIRE_PENDING &&
	    !(status == WIRE_READY && client->job->dry_run))
		return 0;
	return authorization_read(
	    client->exchange, &client->order, &client->authorizations, err);
}

/* A dry run is to show that the names can be proved, not that they were. */
static int
prove_anew(struct client *client, struct err *err)
{
	size_t forgotten = 0;
	int rc;

	if (!client->job->dry_run)
		return 0;
	rc = authorization_forget(
	    client->exchange, &client->authorizations, &forgotten, err);
	if (rc < 0 || forgotten == 0)
		return rc;
	authorization_free(&client->authorizations);
	order_free(&client->order);
	rc = open_order(client, err);
	return rc < 0 ? rc : read_authorizations(client, err);
}

static int
answer_challenges(struct client *client, struct err *err)
{
	const struct job *job = client->job;
	int rc = 0;

	/* Without a listener the broker is asked, which knows why. */
	if (client->authorizations.open > 0 && job->answer == JOB_STANDALONE &&
	    job->challenge == JOB_HTTP_01 && job->listener_count > 0)
		rc = responder_new(client->loop, job->listeners,
		    job->listener_count, &client->responder, err);
	if (rc == 0)
		rc = authorization_answer(client->exchange, client->responder,
		    &client->authorizations, err);
	return rc;
}

/* Key and CSR, while the CA looks. */
static int
prepare(struct client *client, struct err *err)
{
	return ask_prepare(client->ask, err);
}

static int
wait_for_proof(struct client *client, struct err *err)
{
	int rc;

	if (client->order.wire.status != WIRE_PENDING)
		return 0;
	rc = authorization_wait(client->exchange, client->responder,
	    &client->authorizations, &client->order, err);
	if (rc < 0)
		return rc;
	return authorization_withdraw(
	    client->exchange, client->responder, &client->authorizations, err);
}

static int
finalize_order(struct client *client, struct err *err)
{
	return order_finalize(client->exchange, &client->order, err);
}

static int
fetch_chain(struct client *client, struct err *err)
{
	return order_fetch(client->exchange, &client->order, err);
}

static int
revoke_certificate(struct client *client, struct err *err)
{
	static const char doing[] = "revoking the certificate";
	const char *url = client->directory.revoke_cert;
	struct exchange_reply reply;
	int rc;

	if (url[0] == '\0')
		return err_set(err, ERR_REFUSED_CA, doing, client->job->server,
		    "the CA offers no revocation (its directory has no "
		    "revokeCert)");
	rc = exchange_post(
	    client->exchange, IPC_REVOKE, url, doing, &reply, err);
	/* What was to be done is done. */
	if (rc < 0 && reply.problem == PROBLEM_ALREADY_REVOKED) {
		err_clear(err);
		rc = ask_say(client->ask,
		    "the certificate had been revoked before", err);
	}
	exchange_reply_free(&reply);
	return rc;
}

static int
update_account(struct client *client, struct err *err)
{
	return account_update(client->exchange, client->account_url, err);
}

static int
deactivate_account(struct client *client, struct err *err)
{
	return account_deactivate(client->exchange, client->account_url, err);
}

static int
show_account(struct client *client, struct err *err)
{
	return account_show(client->exchange, client->account_url, err);
}

#define FOR(kind) (1U << (kind))

static const struct {
	int (*run)(struct client *client, struct err *err);
	unsigned jobs; /* that take this step */
} steps[] = {
    {fetch_directory, ~0U},
    {settle_account, FOR(JOB_ISSUE) | FOR(JOB_REGISTER)},
    {find_account,
	FOR(JOB_REVOKE) | FOR(JOB_UPDATE) | FOR(JOB_DEACTIVATE) |
	    FOR(JOB_SHOW)},
    {open_order, FOR(JOB_ISSUE)},
    {read_authorizations, FOR(JOB_ISSUE)},
    {prove_anew, FOR(JOB_ISSUE)},
    {answer_challenges, FOR(JOB_ISSUE)},
    {prepare, FOR(JOB_ISSUE)},
    {wait_for_proof, FOR(JOB_ISSUE)},
    {finalize_order, FOR(JOB_ISSUE)},
    {fetch_chain, FOR(JOB_ISSUE)},
    {revoke_certificate, FOR(JOB_REVOKE)},
    {update_account, FOR(JOB_UPDATE)},
    {deactivate_account, FOR(JOB_DEACTIVATE)},
    {show_account, FOR(JOB_SHOW)},
};

static int
run_steps(struct client *client, struct err *err)
{
	struct err unused = ERR_INIT;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < COUNT_OF(steps); i++) {
		if ((steps[i].jobs & FOR(client->job->kind)) != 0)
			rc = steps[i].run(client, err);
	}
	/* Also where it failed; that failure is the one to tell. */
	if (authorization_withdraw(client->exchange, client->responder,
		&client->authorizations, &unused) < 0 &&
	    rc == 0) {
		*err = unused;
		rc = err->code;
	}
	return rc;
}

static void
close_listeners(struct job *job)
{
	for (size_t i = 0; i < job->listener_count; i++)
		(void)close(job->listeners[i]);
	job->listener_count = 0;
}

/* Of a job that failed with `why`. */
static enum job_outlook
outlook_of(const struct client *client, const struct err *why)
{
	if (client->exchange == NULL)
		return JOB_OVER;
	if (why->code == ERR_TIMEOUT &&
	    client->order.wire.status == WIRE_PROCESSING)
		return JOB_UNDER_WAY;
	if (client->order.gone)
		return JOB_GONE;
	return exchange_is_passing(client->exchange) ? JOB_PASSING : JOB_OVER;
}

int
client_run(struct job *job, int broker, struct err *err)
{
	struct client client = {.job = job};
	struct err unheard = ERR_INIT;
	enum job_outlook outlook = JOB_OVER;
	int rc;

	/* OpenSSL writes without MSG_NOSIGNAL; a CA may hang up any time. */
	(void)signal(SIGPIPE, SIG_IGN);
	rc = loop_new(&client.loop, err);
	if (rc == 0)
		rc = ask_new(client.loop, broker, &client.ask, err);
	if (rc == 0)
		rc = exchange_new(
		    client.loop, client.ask, job, &client.exchange, err);
	if (rc == 0)
		rc = run_steps(&client, err);
	if (rc == 0)
		err_clear(err);
	else
		outlook = outlook_of(&client, err);
	responder_free(client.responder);
	client.responder = NULL;
	close_listeners(job);
	/* A broker that is gone cannot be told, and knows it. */
	if (client.ask != NULL &&
	    ask_end(client.ask, err, outlook, &unheard) < 0 && rc == 0) {
		*err = unheard;
		rc = err->code;
	}
	authorization_free(&client.authorizations);
	order_free(&client.order);
	exchange_free(client.exchange);
	ask_free(client.ask);
	loop_free(client.loop);
	return rc;
}
