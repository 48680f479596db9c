/*
 * verb_certonly.c: certonly, and run: one certificate, for names or for a
 * request of the operator's own.
 */
#include "acme/verb.h"

#include <string.h>

#include "acme/choose.h"
#include "acme/obtain.h"
#include "acme/own_request.h"
#include "acme/repair.h"
#include "cert/pki.h"

static const char doing[] = "obtaining a certificate";

/* Who answers, where nothing says so: certbot would ask. */
static int
check_authenticator(const struct options *params, struct err *err)
{
	if (params->authenticator != NULL)
		return 0;
	return err_set(err, ERR_USAGE, doing, NULL,
	    "who answers the CA's challenges? Give --standalone, --webroot "
	    "or --manual");
}

/* As certbot: of the key that the lineage has its type stays; what is not given
 * of size and curve is as for a new one. */
static void
keep_key_type(const struct store_lineage *lineage, struct options *params)
{
	const struct pki_facts *facts = pki_cert_facts(lineage->leaf);

	if (!option_given(params, "--key-type"))
		params->key_type =
		    facts->key.type == PKI_KEY_RSA ? "rsa" : "ecdsa";
}

static int
obtain(struct front *front, struct choose *choose, struct err *err)
{
	const struct options *cli = front->cli;
	struct options params = *cli;
	struct obtain obtain = {
	    .front = front, .params = &params, .name = choose->name};
	char fullchain[LIMIT_PATH_BYTES];
	int rc;

	obtain.names = (const char *const *)cli->domains;
	obtain.name_count = cli->domain_count;
	if (choose->what == CHOOSE_RENEW) {
		const struct pki_facts *facts =
		    pki_cert_facts(choose->lineage.leaf);

		obtain.lineage = &choose->lineage;
		keep_key_type(&choose->lineage, &params);
		if (cli->domain_count == 0) {
			obtain.names = (const char *const *)facts->names;
			obtain.name_count = facts->name_count;
		}
	}
	rc = obtain_run(&obtain, fullchain, err);
	if (rc < 0)
		return rc;
	if (cli->dry_run)
		front_say(front, "The dry run was successful.");
	else
		obtain_tell(front, fullchain);
	return 0;
}

/* --- certonly ------------------------------------------------------------- */

/*
 * The lineage, once what a killed run left of it has been mended. By name it is
 * the one, however broken; by domains it is the one that can be read.
 */
static int
choose_whole(struct front *front, struct choose *ret, struct err *err)
{
	const char *name = front->cli->cert_name;
	bool mended = false;
	int rc;

	if (name != NULL) {
		rc = repair_lineage(front, name, &mended, err);
		if (rc < 0 && rc != ERR_NOENT)
			return rc;
		err_clear(err);
		return choose_lineage(front, ret, err);
	}
	rc = choose_lineage(front, ret, err);
	if (rc < 0 || ret->what == CHOOSE_NEW)
		return rc;
	rc = repair_lineage(front, ret->lineage.ref.name, &mended, err);
	if (rc == 0 && !mended)
		return 0;
	choose_free(ret);
	return rc < 0 ? rc : choose_lineage(front, ret, err);
}

static void
say_kept(struct front *front)
{
	front_say(front, "Certificate not yet due for renewal");
	front_say(front, "%s", "");
	front_say(front, FRONT_RULE);
	front_say(
	    front, "Certificate not yet due for renewal; no action taken.");
	front_say(front, FRONT_RULE);
}

int
verb_certonly(struct front *front, int *ret_status, struct err *err)
{
	struct choose choose;
	int rc;

	*ret_status = VERB_EXIT_DONE;
	rc = check_authenticator(front->cli, err);
	if (rc < 0)
		return rc;
	if (front->cli->csr != NULL)
		return own_request_run(front, err);
	rc = choose_whole(front, &choose, err);
	if (rc < 0)
		return rc;
	if (choose.what == CHOOSE_KEEP)
		say_kept(front);
	else
		rc = obtain(front, &choose, err);
	choose_free(&choose);
	return rc;
}
