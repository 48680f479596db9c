/*
 * verb_account.c: register, update_account, show_account, unregister.
 */
#include "acme/verb.h"

#include <string.h>

static const char doing[] = "the account";

/* The account there is; certbot's words where there is none. */
static int
existing(struct front *front, struct accounts_entry *ret, struct err *err)
{
	const struct options *cli = front->cli;
	int rc;

	memset(ret, 0, sizeof(*ret));
	rc =
	    accounts_read(cli->config_dir, cli->server, cli->account, ret, err);
	if (rc == ERR_NOENT)
		return err_set(err, ERR_NOENT, doing, cli->server,
		    "Could not find %sexisting account for server %s.",
		    cli->verb == OPTION_UNREGISTER ? "" : "an ", cli->server);
	return rc;
}

int
verb_register(struct front *front, int *ret_status, struct err *err)
{
	const struct options *cli = front->cli;
	struct accounts_entry account;
	int rc;

	*ret_status = VERB_EXIT_DONE;
	memset(&account, 0, sizeof(account));
	rc = accounts_read(
	    cli->config_dir, cli->server, cli->account, &account, err);
	if (rc == 0 && account.url[0] != '\0')
		rc = err_set(err, ERR_EXISTS, doing, cli->server,
		    "There is an existing account; registration of a "
		    "duplicate account with this command is currently "
		    "unsupported. (update_account changes its address)");
	accounts_entry_free(&account);
	if (rc == ERR_NOENT || rc == 0) {
		err_clear(err);
		rc = front_account(front, cli, &account, err);
		if (rc == 0)
			accounts_entry_free(&account);
	}
	return rc;
}

int
verb_update_account(struct front *front, int *ret_status, struct err *err)
{
	const struct options *cli = front->cli;
	struct accounts_entry account;
	int rc;

	*ret_status = VERB_EXIT_DONE;
	rc = existing(front, &account, err);
	if (rc < 0)
		return rc;
	if (cli->email == NULL && !cli->register_unsafely)
		rc = err_set(err, ERR_USAGE, doing, NULL,
		    "to what? Give --email ADDRESS, or "
		    "--register-unsafely-without-email to have none");
	if (rc == 0)
		rc = front_account_job(front, cli, JOB_UPDATE, &account, err);
	if (rc == 0 && cli->email != NULL)
		front_say(front, "Your e-mail address was updated to %s.",
		    cli->email);
	else if (rc == 0)
		front_say(front,
		    "Any contact information associated with "
		    "this account has been removed.");
	accounts_entry_free(&account);
	return rc;
}

int
verb_show_account(struct front *front, int *ret_status, struct err *err)
{
	struct accounts_entry account;
	int rc = existing(front, &account, err);

	*ret_status = VERB_EXIT_DONE;
	if (rc < 0)
		return rc;
	rc = front_account_job(front, front->cli, JOB_SHOW, &account, err);
	accounts_entry_free(&account);
	return rc;
}

int
verb_unregister(struct front *front, int *ret_status, struct err *err)
{
	const struct options *cli = front->cli;
	struct accounts_entry account;
	int rc = existing(front, &account, err);

	*ret_status = VERB_EXIT_DONE;
	if (rc < 0)
		return rc;
	rc = front_account_job(front, cli, JOB_DEACTIVATE, &account, err);
	if (rc == 0)
		rc = accounts_remove(
		    cli->config_dir, cli->server, account.id, err);
	if (rc == 0)
		front_say(front, "Account deactivated.");
	accounts_entry_free(&account);
	return rc;
}
