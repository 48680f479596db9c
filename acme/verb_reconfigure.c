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

static int
save(struct front *front, const struct store_lineage *lineage,
    const struct options *params, struct err *err)
{
	const struct pki_facts *facts = pki_cert_facts(lineage->leaf);
	const char *account =
	    renewal_get(lineage->conf, "renewalparams", "account");
	struct renewal *conf = NULL;
	int rc = renewal_read(lineage->conf_path, &conf, err);

	(void)front;
	if (rc == 0)
		rc = params_save(params, account != NULL ? account : "",
		    (const char *const *)facts->names, facts->name_count, conf,
		    err);
	if (rc == 0)
		rc = renewal_write(conf, lineage->conf_path, err);
	renewal_free(conf);
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

int
verb_reconfigure(struct front *front, int *ret_status, struct err *err)
{
	const struct options *cli = front->cli;
	struct store_lineage lineage;
	struct options params;
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
		goto out;
	}
	rc = obtain_params(front, lineage.conf, &params, err);
	if (rc < 0)
		goto out;
	rc = try_it(front, &lineage, &params, err);
	if (rc == 0 && !cli->dry_run)
		rc = save(front, &lineage, &params, err);
	params_free(&params, cli);
	if (rc == 0)
		front_say(front, "Successfully updated configuration.");
out:
	store_lineage_free(&lineage);
	return rc;
}
