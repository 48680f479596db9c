/*
 * obtain_check.c: what is told before a certificate is asked for: how the
 * lineage is renewed, and what would come of it.
 */
#include "acme/obtain.h"

#include <string.h>

#include "acme/csr.h"
#include "acme/params.h"
#include "acme/publish.h"
#include "cert/pki.h"

static const char doing[] = "obtaining a certificate";

int
obtain_params(struct front *front, const struct renewal *conf,
    struct options *ret, struct err *err)
{
	const char *installer = params_foreign_installer(conf);
	int rc = params_check_authenticator(front->cli, conf, err);

	if (rc == 0)
		rc = params_restore(front->cli, conf, ret, err);
	if (rc < 0)
		return rc;
	if (ret->authenticator == NULL) {
		params_free(ret, front->cli);
		return err_set(err, ERR_USAGE, doing, NULL,
		    "the renewal configuration does not say who answers "
		    "challenges (authenticator)");
	}
	if (front->cli->foreign_installer != NULL)
		installer = strchr(front->cli->foreign_installer, ' ') + 1;
	else if (option_given(front->cli, "--installer"))
		installer = NULL;
	if (installer != NULL)
		front_warn(front,
		    "The installer %s is a plugin of certbot's: nothing but "
		    "hooks installs what is renewed (--deploy-hook)",
		    installer);
	return 0;
}

/* As certbot: what browsers believe is not given up for what they do not. */
static int
check_server(const struct obtain *obtain, struct err *err)
{
	const struct options *params = obtain->params;
	const char *server = NULL;

	if (obtain->lineage == NULL || params->dry_run ||
	    params->break_my_certs || !option_is_staging(params->server))
		return 0;
	server = renewal_get(obtain->lineage->conf, "renewalparams", "server");
	if (server != NULL && option_is_staging(server))
		return 0;
	return err_set(err, ERR_INVALID, doing, obtain->lineage->ref.name,
	    "has a seemingly valid certificate, and %s issues test "
	    "certificates: not replaced without --break-my-certs",
	    params->server);
}

/*
 * The option that asks for another kind of key than the lineage has, or NULL.
 * certonly says anew what kind it is, by its defaults too.
 */
static const char *
other_kind(const struct obtain *obtain)
{
	const struct pki_facts *facts = pki_cert_facts(obtain->lineage->leaf);
	const struct options *cli = obtain->front->cli;
	const struct options *params = obtain->params;
	bool rsa = facts->key.type == PKI_KEY_RSA;
	bool anew = cli->verb == OPTION_CERTONLY || cli->verb == OPTION_RUN;

	if ((anew || option_given(cli, "--key-type")) &&
	    (strcmp(params->key_type, "rsa") == 0) != rsa)
		return "--key-type";
	if (rsa)
		return (anew || option_given(cli, "--rsa-key-size")) &&
			params->rsa_key_size != facts->key.bits
		    ? "--rsa-key-size"
		    : NULL;
	/* secp256r1 is P-256, and so on. */
	return (anew || option_given(cli, "--elliptic-curve")) &&
		strncmp(params->elliptic_curve + strlen("secp"),
		    facts->key.name + strlen("P-"), strlen("256")) != 0
	    ? "--elliptic-curve"
	    : NULL;
}

/* A key that renewals keep, which others may have pinned, is not lost by the
 * way. */
static int
check_pinned(const struct obtain *obtain, struct err *err)
{
	const struct options *params = obtain->params;
	const char *other = NULL;

	if (obtain->lineage == NULL || params->new_key)
		return 0;
	if (params->reuse_key ||
	    (!option_given(obtain->front->cli, "--no-reuse-key") &&
		renewal_get_bool(obtain->lineage->conf, "renewalparams",
		    "reuse_key", false)))
		other = other_kind(obtain);
	/* As certbot, in its words. */
	return other == NULL
	    ? 0
	    : err_set(err, ERR_USAGE, doing, obtain->lineage->ref.name,
		  "Unable to change the %s of this certificate because "
		  "--reuse-key is set: give --new-key for another one that "
		  "is kept from then on, or --no-reuse-key",
		  other);
}

/* Of that kind a key can be made, where one is to be. */
static int
check_key(const struct obtain *obtain, struct err *err)
{
	const struct options *params = obtain->params;
	struct csr_key_kind kind;

	if (obtain->lineage != NULL && params->reuse_key && !params->new_key)
		return 0;
	return csr_key_kind(params->key_type, params->rsa_key_size,
	    params->elliptic_curve, &kind, err);
}

int
obtain_conf(const struct obtain *obtain, const char *account,
    struct renewal **ret, struct err *err)
{
	struct renewal *conf = NULL;
	int rc;

	if (obtain->lineage == NULL)
		rc = renewal_new(&conf, err);
	else
		rc = renewal_read(obtain->lineage->conf_path, &conf, err);
	if (rc == 0)
		rc = params_save(obtain->params, account, obtain->names,
		    obtain->name_count, conf, err);
	if (rc == 0 && obtain->lineage != NULL && !obtain->renewing)
		/* certonly says anew how a lineage is renewed. */
		rc = params_forget(obtain->params, obtain->names,
		    obtain->name_count, conf, err);
	if (rc < 0)
		renewal_free(conf);
	else
		*ret = conf;
	return rc;
}

/* What could not be written is no reason to have a certificate issued. */
static int
check_conf(const struct obtain *obtain, struct err *err)
{
	struct renewal *conf = NULL;
	int rc = obtain_conf(obtain, "", &conf, err);

	renewal_free(conf);
	return rc;
}

int
obtain_check(const struct obtain *obtain, struct err *err)
{
	int rc = check_server(obtain, err);

	if (rc == 0)
		rc = check_pinned(obtain, err);
	if (rc == 0)
		rc = check_key(obtain, err);
	if (rc == 0)
		rc = check_conf(obtain, err);
	if (rc < 0 || strcmp(obtain->params->authenticator, "standalone") == 0)
		return rc;
	return publish_check(obtain->params,
	    obtain->lineage != NULL ? obtain->lineage->conf : NULL,
	    obtain->names, obtain->name_count, err);
}
