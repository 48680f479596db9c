/*
 * obtain_check.c: what is told before a certificate is asked for: how the
 * lineage is renewed, and what would come of it.
 */
#include "acme/obtain.h"

#include "acme/params.h"

int
obtain_params(struct front *front, const struct renewal *conf,
    struct options *ret, struct err *err)
{
	const char *installer = params_foreign_installer(conf);
	int rc = params_check_authenticator(front->cli, conf, err);

	if (rc == 0)
		rc = params_restore(front->cli, conf, ret, err);
	if (rc == 0 && installer != NULL &&
	    !option_given(front->cli, "--installer"))
		front_warn(front,
		    "The installer %s is a plugin of certbot's: nothing but "
		    "hooks installs what is renewed (--deploy-hook)",
		    installer);
	return rc;
}
