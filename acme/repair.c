/*
 * repair.c: see repair.h. The first step of renew for each lineage, and of
 * certonly for the one that it chose.
 */
#include "acme/repair.h"

#include "cert/pki.h"
#include "cert/renewal.h"

/* The hooks that the killed run did not come to. */
static int
run_hooks(struct front *front, const char *name, struct err *err)
{
	struct store_lineage lineage;
	const struct pki_facts *facts;
	int rc = store_read(&front->dirs, name, &lineage, err);

	if (rc < 0)
		return rc;
	if (lineage.leaf != NULL) {
		facts = pki_cert_facts(lineage.leaf);
		rc = hooks_deploy(front->hooks,
		    renewal_get(lineage.conf, "renewalparams", "renew_hook"),
		    lineage.ref.dir, (const char *const *)facts->names,
		    facts->name_count, false, err);
	}
	store_lineage_free(&lineage);
	return rc;
}

int
repair_lineage(
    struct front *front, const char *name, bool *ret_mended, struct err *err)
{
	bool mended = false, owed = false;
	int rc;

	*ret_mended = false;
	if (front->cli->dry_run)
		return 0;
	rc = store_repair(&front->dirs, name, &mended, err);
	if (rc == 0)
		rc = store_pending_settle(&front->dirs, name, &owed, err);
	if (rc < 0 || (!mended && !owed))
		return rc;
	front_warn(front, "%s: an earlier run was killed; %s", name,
	    mended ? "its certificate is live now"
		   : "the deploy hooks of its certificate run now");
	*ret_mended = mended;
	rc = run_hooks(front, name, err);
	if (rc == 0 && owed)
		rc = store_pending_remove(&front->dirs, name, err);
	return rc;
}
