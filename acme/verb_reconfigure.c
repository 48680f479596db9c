/*
 * verb_reconfigure.c: reconfigure: how a lineage is renewed from now on, tried
 * by a dry run before it is written down.
 */
#include "acme/verb.h"

#include <string.h>

#include "acme/obtain.h"
#include "acme/params.h"
#include "cert/pki.h"

static const char doing[] = "reconfiguring";

/* As certbot, in its words: what was registered there is unknown elsewhere. */
static int
check_place(const struct options *cli, const struct store_lineage *lineage,
    struct options *params, struct err *err)
{
	const char *account =
	    renewal_get(lineage->conf, "renewalparams", "account");
	const char *server =
	    renewal_get(lineage->conf, "renewalparams", "server");
	bool same = strcmp(params->server,
			server != NULL ? server : OPTION_PRODUCTION) == 0;
	bool moved = !same && (cli->staging || option_given(cli, "--server"));

	if (moved ||
	    (cli->account != NULL &&
		(account == NULL || strcmp(cli->account, account) != 0)))
		return err_set(err, ERR_INVALID, doing,
		    moved ? "--server" : "--account",
		    "Using reconfigure to change the ACME account or server is "
		    "not supported. If you would like to do so, use renew with "
		    "the --force-renewal flag instead of reconfigure. Note "
		    "that doing so will count against any rate limits");
	/* Which params_restore() leaves out where --server is given. */
	if (same)
		params->account = account;
	return 0;
}

/* `*ret_changed`: the conf is another one than before. */
static int
save(const struct store_lineage *lineage, const struct options *params,
    bool *ret_changed, struct err *err)
{
	const struct pki_facts *facts = pki_cert_facts(lineage->leaf);
	const char *account =
	    renewal_get(lineage->conf, "renewalparams", "account");
	struct buf before = BUF_INIT(LIMIT_RENEWAL_CONF_BYTES);
	struct buf after = BUF_INIT(LIMIT_RENEWAL_CONF_BYTES);
	struct renewal *conf = NULL;
	int rc = renewal_read(lineage->conf_path, &conf, err);

	if (rc == 0)
		rc = renewal_text(conf, &before, err);
	if (rc == 0)
		rc = params_save(params, account != NULL ? account : "",
		    (const char *const *)facts->names, facts->name_count, conf,
		    err);
	if (rc == 0)
		rc = renewal_text(conf, &after, err);
	if (rc == 0)
		*ret_changed = strcmp(buf_text(&before), buf_text(&after)) != 0;
	if (rc == 0 && *ret_changed)
		rc = renewal_write(conf, lineage->conf_path, err);
	renewal_free(conf);
	buf_free(&before);
	buf_free(&after);
	return rc;
}

static int
try_it(struct front *front, const struct store_lineage *lineage,
    const struct options *params, struct err *err)
{
	const struct pki_facts *facts = pki_cert_facts(lineage->leaf);
	struct options trial = *params;
	struct obtain obtain = {.front = front,
	    .params = &trial,
	    .lineage = lineage,
	    .names = (const char *const *)facts->names,
	    .name_count = facts->name_count};
	char fullchain[LIMIT_PATH_BYTES];

	trial.dry_run = true;
	/* Nothing is kept of it: it must not cost anything of the limits. */
	if (strcmp(trial.server, OPTION_PRODUCTION) == 0) {
		trial.server = OPTION_STAGING;
		trial.account = NULL;
	}
	return obtain_run(&obtain, fullchain, err);
}

/* In certbot's words, but for a dry run, which it does not have here. */
static void
say_done(struct front *front, bool changed)
{
	if (front->cli->dry_run) {
		front_say(front, "The dry run was successful.");
		return;
	}
	front_say(front, "%s", "");
	if (!changed) {
		front_say(front,
		    "No changes were made to the renewal configuration.");
		return;
	}
	front_say(front, "Successfully updated configuration.");
	front_say(front, "Changes will apply when the certificate renews.");
}

static int
reconfigure(
    struct front *front, const struct store_lineage *lineage, struct err *err)
{
	const struct options *cli = front->cli;
	bool changed = false;
	struct options params;
	int rc = obtain_params(front, lineage->conf, &params, err);

	if (rc < 0)
		return rc;
	rc = check_place(cli, lineage, &params, err);
	if (rc == 0)
		rc = try_it(front, lineage, &params, err);
	if (rc == 0 && !cli->dry_run)
		rc = save(lineage, &params, &changed, err);
	params_free(&params, cli);
	if (rc == 0)
		say_done(front, changed);
	return rc;
}

int
verb_reconfigure(struct front *front, int *ret_status, struct err *err)
{
	const struct options *cli = front->cli;
	struct store_lineage lineage;
	int rc;

	*ret_status = VERB_EXIT_DONE;
	if (cli->cert_name == NULL)
		return err_set(err, ERR_USAGE, doing, NULL,
		    "which certificate? Give --cert-name NAME");
	if (cli->domain_count > 0)
		return err_set(err, ERR_USAGE, doing, "--domains",
		    "names do not change here; certonly --cert-name %s -d ... "
		    "gets a certificate with others",
		    cli->cert_name);
	rc = store_read(&front->dirs, cli->cert_name, &lineage, err);
	if (rc < 0)
		return rc;
	if (lineage.broken.code != 0) {
		*err = lineage.broken;
		rc = err->code;
	} else {
		rc = reconfigure(front, &lineage, err);
	}
	store_lineage_free(&lineage);
	return rc;
}
