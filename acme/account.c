/*
 * account.c: the second step. An account that is known costs no request.
 */
#include "acme/account.h"

#include <string.h>

static const char registering[] = "registering an account";
static const char finding[] = "looking for the account";

/* newAccount, for a new one or one that exists; both answer with its URL. */
static int
ask_for(struct exchange *exchange, enum ipc_purpose purpose, const char *url,
    const char *doing, char *ret_url, enum problem_kind *ret_problem,
    struct err *err)
{
	struct exchange_reply reply;
	int rc;

	rc = exchange_post(exchange, purpose, url, doing, &reply, err);
	*ret_problem = reply.problem;
	if (rc == 0 && reply.http.location[0] == '\0')
		rc = err_set(err, ERR_SYNTAX, doing, url,
		    "the CA's reply has no Location: the account's URL is "
		    "not known");
	if (rc == 0) {
		memcpy(ret_url, reply.http.location,
		    strlen(reply.http.location) + 1);
		rc = ask_account(exchange_ask(exchange), ret_url, err);
	}
	exchange_reply_free(&reply);
	return rc;
}

static int
create(struct exchange *exchange, const struct wire_directory *directory,
    char *ret_url, struct err *err)
{
	const struct job *job = exchange_job(exchange);
	enum problem_kind problem;

	if (directory->terms[0] != '\0' && !job->agree_tos)
		return err_set(err, ERR_USAGE, registering, job->server,
		    "its terms of service must be agreed to: read %s and give "
		    "--agree-tos",
		    directory->terms);
	if (directory->eab_required && !job->eab)
		return err_set(err, ERR_USAGE, registering, job->server,
		    "the CA binds accounts to accounts with itself: get a key "
		    "ID and a key from it, for --eab-kid and --eab-hmac-key");
	return ask_for(exchange, IPC_NEW_ACCOUNT, directory->new_account,
	    registering, ret_url, &problem, err);
}

/* The URL that the job has; false where it has none. */
static bool
is_known(const struct job *job, char *ret_url)
{
	memcpy(ret_url, job->account_url, strlen(job->account_url) + 1);
	return ret_url[0] != '\0';
}

int
account_settle(struct exchange *exchange,
    const struct wire_directory *directory, char *ret_url, struct err *err)
{
	const struct job *job = exchange_job(exchange);
	enum problem_kind problem;
	int rc;

	if (is_known(job, ret_url))
		return 0;
	/* Who has agreed can ask for a new one: the old one comes as well. */
	if (job->agree_tos && (job->eab || !directory->eab_required))
		return create(exchange, directory, ret_url, err);
	rc = ask_for(exchange, IPC_FIND_ACCOUNT, directory->new_account,
	    finding, ret_url, &problem, err);
	if (rc == 0 || problem != PROBLEM_ACCOUNT_DOES_NOT_EXIST)
		return rc;
	return create(exchange, directory, ret_url, err);
}

int
account_find(struct exchange *exchange, const struct wire_directory *directory,
    char *ret_url, struct err *err)
{
	enum problem_kind problem;

	if (is_known(exchange_job(exchange), ret_url))
		return 0;
	return ask_for(exchange, IPC_FIND_ACCOUNT, directory->new_account,
	    finding, ret_url, &problem, err);
}

static int
post(struct exchange *exchange, enum ipc_purpose purpose, const char *url,
    const char *doing, struct err *err)
{
	struct exchange_reply reply;
	int rc;

	rc = exchange_post(exchange, purpose, url, doing, &reply, err);
	exchange_reply_free(&reply);
	return rc;
}

int
account_update(struct exchange *exchange, const char *url, struct err *err)
{
	return post(exchange, IPC_UPDATE_ACCOUNT, url,
	    "updating the account's contacts", err);
}

int
account_deactivate(struct exchange *exchange, const char *url, struct err *err)
{
	return post(exchange, IPC_DEACTIVATE_ACCOUNT, url,
	    "deactivating the account", err);
}

int
account_show(struct exchange *exchange, const char *url, struct err *err)
{
	struct wire_account account;
	struct exchange_reply reply;
	int rc;

	rc = exchange_post(exchange, IPC_POST_AS_GET, url,
	    "asking for the account", &reply, err);
	if (rc == 0)
		rc = wire_read_account(&reply.http.body, &account, err);
	if (rc == 0)
		rc = ask_show(exchange_ask(exchange), &account, err);
	exchange_reply_free(&reply);
	return rc;
}
