/*
 * front_account.c: the account of a run: found, or made and registered.
 */
#include "acme/front.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static const char doing[] = "getting an account at the CA";

void
front_contacts_free(char **contacts)
{
	if (contacts == NULL)
		return;
	for (size_t i = 0; contacts[i] != NULL; i++)
		free(contacts[i]);
	free(contacts);
}

/* An address in the least: something on both sides of one @, no space. */
static bool
is_email(const char *text, size_t len)
{
	const char *at = memchr(text, '@', len);

	if (at == NULL || at == text || at + 1 == text + len)
		return false;
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c <= ' ' || c >= 0x7f || strchr("<>\"(),:;?", c) != NULL)
			return false;
	}
	return true;
}

static int
add_contact(char **contacts, size_t *count, const char *text, size_t len,
    struct err *err)
{
	char contact[LIMIT_URL_BYTES];

	if (*count == LIMIT_CONTACTS || len > 254)
		return err_set(err, ERR_USAGE, "--email", NULL,
		    "too many addresses, or one that is too long");
	if (!is_email(text, len))
		return err_set(
		    err, ERR_USAGE, "--email", text, "is no e-mail address");
	(void)snprintf(contact, sizeof(contact), "mailto:%.*s", (int)len, text);
	contacts[*count] = strdup(contact);
	if (contacts[*count] == NULL)
		return err_nomem(err, doing);
	++*count;
	return 0;
}

int
front_contacts(
    const char *email, char ***ret, size_t *ret_count, struct err *err)
{
	char **contacts = calloc(LIMIT_CONTACTS + 1, sizeof(*contacts));
	size_t count = 0;
	int rc = 0;

	if (contacts == NULL)
		return err_nomem(err, doing);
	while (rc == 0 && email != NULL && *email != '\0') {
		size_t len = strcspn(email, ", ");

		if (len > 0)
			rc = add_contact(contacts, &count, email, len, err);
		email += len + (email[len] != '\0');
	}
	if (rc < 0) {
		front_contacts_free(contacts);
		return rc;
	}
	*ret = contacts;
	*ret_count = count;
	return 0;
}

/* --- jobs about the account ----------------------------------------------- */

struct account_context {
	struct front *front;
	const struct options *params;
	struct accounts_entry *account;
};

static int
keep_url(void *context, const char *url, struct err *err)
{
	struct account_context *own = context;

	return accounts_set_url(own->params->config_dir, own->params->server,
	    own->account, url, err);
}

static int
wait_for(void *context, int fd, long timeout_ms, struct err *err)
{
	struct account_context *own = context;

	return front_wait(own->front, fd, timeout_ms, err);
}

static void
say_line(void *context, const char *line)
{
	struct account_context *own = context;

	front_say(own->front, "%s", line);
}

static void
note_line(void *context, const char *line)
{
	struct account_context *own = context;

	front_note(own->front, FRONT_DEBUG, "%s", line);
}

static void
show(void *context, const char *status, const char *const *contacts,
    size_t count)
{
	struct account_context *own = context;
	struct buf list = BUF_INIT(LIMIT_CONTACTS * LIMIT_URL_BYTES);
	struct err err = ERR_INIT;
	int rc = 0;

	front_say(
	    own->front, "Account details for server %s:", own->params->server);
	front_say(own->front, "  Account URL: %s", own->account->url);
	/* Of which certbot, whose lines these are, says nothing. */
	if (strcmp(status, "valid") != 0)
		front_say(own->front, "  Status: %s", status);
	for (size_t i = 0; rc == 0 && i < count; i++)
		rc = buf_printf(&list, &err, "%s%s", i == 0 ? "" : ", ",
		    strncmp(contacts[i], "mailto:", 7) == 0 ? contacts[i] + 7
							    : contacts[i]);
	front_say(own->front, "  Email contact%s: %s", count > 1 ? "s" : "",
	    count > 0 ? buf_text(&list) : "none");
	buf_free(&list);
}

int
front_account_job(struct front *front, const struct options *params,
    enum job_kind kind, struct accounts_entry *account, struct err *err)
{
	struct account_context context = {front, params, account};
	const struct issue_front callbacks = {.context = &context,
	    .account = keep_url,
	    .wait = wait_for,
	    .say = say_line,
	    .note = note_line,
	    .show = show};
	struct issue_holdings holdings = {.key = account->key};
	struct issue_result result = {.retry_after_s = 0};
	char **contacts = NULL;
	struct job job;
	int rc;

	rc = front_contacts(
	    params->email, &contacts, &holdings.contact_count, err);
	if (rc < 0)
		return rc;
	holdings.contacts = (const char *const *)contacts;
	holdings.eab_kid = params->eab_kid;
	holdings.eab_key = params->eab_hmac_key;
	holdings.eab_alg = params->eab_hmac_alg;
	front_job(front, params, kind, account, &job);
	rc = jws_thumbprint(
	    account->key, job.thumbprint, sizeof(job.thumbprint), err);
	if (rc == 0)
		rc = issue_run(
		    front->issue, &job, &holdings, &callbacks, &result, err);
	issue_result_free(&result);
	front_contacts_free(contacts);
	return rc;
}

/* What a new account needs to be told; a dry run has one of its own. */
static int
check_consent(const struct options *params, struct err *err)
{
	if (params->dry_run)
		return 0;
	if (params->email == NULL && !params->register_unsafely)
		return err_set(err, ERR_USAGE, doing, params->server,
		    "You should register before running non-interactively, or "
		    "provide --agree-tos and --email <email_address> flags. "
		    "(Without an address: --register-unsafely-without-email)");
	if (!params->agree_tos)
		return err_set(err, ERR_USAGE, doing, params->server,
		    "there is no account yet; a new one needs your consent to "
		    "the CA's terms of service: give --agree-tos");
	return 0;
}

/* Before anything is done for the sake of a CA that will not be asked. */
static int
check_server(const struct options *params, struct err *err)
{
	return text_is_url(params->server, true)
	    ? 0
	    : err_set(err, ERR_INVALID, doing, params->server,
		  "--server is no https URL: what comes over http anybody on "
		  "the way may have changed. It is for a test CA on this "
		  "machine (127.0.0.1, [::1], localhost)");
}

/* The rest of it, before a key is made that would be left over. */
static int
check_new(const struct options *params, struct err *err)
{
	char **contacts = NULL;
	size_t count;
	int rc = check_consent(params, err);

	if (rc == 0 && params->eab_hmac_key != NULL)
		rc = jws_eab_check(
		    params->eab_hmac_alg, params->eab_hmac_key, err);
	if (rc == 0)
		rc = front_contacts(params->email, &contacts, &count, err);
	front_contacts_free(contacts);
	return rc;
}

/*
 * Of an account without a URL. One that is named, as by a lineage, may be known
 * to the CA: without consent it is looked for, and no other comes of it.
 */
static int
check_again(const struct options *params, struct err *err)
{
	return params->account != NULL && !params->agree_tos
	    ? 0
	    : check_new(params, err);
}

int
front_account(struct front *front, const struct options *params,
    struct accounts_entry *ret, struct err *err)
{
	int rc;

	memset(ret, 0, sizeof(*ret));
	rc = check_server(params, err);
	if (rc == 0)
		rc = accounts_read(params->config_dir, params->server,
		    params->account, ret, err);
	if (rc == ERR_NOENT && params->account == NULL) {
		err_clear(err);
		rc = check_new(params, err);
		if (rc == 0)
			rc = jws_key_make("P-256", &ret->key, err);
		/* On disk before the CA knows of it: never a lost account. */
		if (rc == 0)
			rc = accounts_create(
			    params->config_dir, params->server, ret, err);
	}
	/* Without a URL: made by a run that came to its end before it was told.
	 */
	if (rc == 0 && ret->url[0] == '\0') {
		rc = check_again(params, err);
		if (rc == 0)
			rc = front_account_job(
			    front, params, JOB_REGISTER, ret, err);
		if (rc == 0)
			front_say(front, "Account registered.");
	}
	if (rc < 0)
		accounts_entry_free(ret);
	return rc;
}
