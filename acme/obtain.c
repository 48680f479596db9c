/*
 * obtain.c: see obtain.h; certonly and renew come together here.
 */
#include "acme/obtain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acme/certify.h"
#include "acme/params.h"
#include "acme/subset.h"
#include "base/clock.h"
#include "cert/pki.h"

static const char doing[] = "obtaining a certificate";

/* --- the key -------------------------------------------------------------- */

/* The lineage's own key, where renewals are to keep it. */
static int
read_old_key(const struct obtain *obtain, struct buf *ret, struct err *err)
{
	const struct options *params = obtain->params;
	struct lineage files;
	int rc;

	if (obtain->lineage == NULL || !params->reuse_key || params->new_key)
		return 0;
	rc = lineage_read(&obtain->lineage->ref, &files, err);
	if (rc < 0)
		return rc;
	rc = buf_add(ret, files.pem[LINEAGE_PRIVKEY].data,
	    files.pem[LINEAGE_PRIVKEY].len, err);
	lineage_free(&files);
	return rc;
}

/* --- the store ------------------------------------------------------------ */

static const char *
name_of(const struct obtain *obtain)
{
	return obtain->lineage != NULL ? obtain->lineage->ref.name
				       : obtain->name;
}

static int
store(const struct obtain *obtain, const struct accounts_entry *account,
    const struct certify_result *result, struct err *err)
{
	const struct store_files files = {&result->cert, &result->chain,
	    &result->fullchain, &result->privkey};
	const struct store_dirs *dirs = &obtain->front->dirs;
	struct renewal *conf = NULL;
	long generation = 0;
	int rc = obtain_conf(obtain, account->id, &conf, err);

	if (rc == 0 && obtain->lineage != NULL)
		rc = store_renew(
		    dirs, name_of(obtain), &files, conf, &generation, err);
	else if (rc == 0)
		rc = store_create(dirs, name_of(obtain), &files, conf, err);
	renewal_free(conf);
	return rc;
}

/* --- all of it ------------------------------------------------------------ */

/* Without a hook the order goes at once, anyway. */
static int
owe(const struct obtain *obtain, const char *hook, struct err *err)
{
	struct front *front = obtain->front;
	bool any = false;
	int rc = hooks_has_deploy(front->hooks, hook, &any, err);

	return rc < 0 || !any
	    ? rc
	    : store_pending_stored(&front->dirs, name_of(obtain), err);
}

static int
get(struct obtain *obtain, const struct accounts_entry *account,
    const char **names, const char *live, struct err *err)
{
	struct front *front = obtain->front;
	const char *hook = obtain->lineage == NULL ? obtain->params->deploy_hook
						   : obtain->params->renew_hook;
	struct certify wanted = {.front = front,
	    .params = obtain->params,
	    .account = account,
	    .lineage = name_of(obtain)};
	struct buf old_key = BUF_SECRET(LIMIT_PEM_FILE_BYTES);
	struct certify_result result;
	int rc;

	if (obtain->lineage != NULL) {
		wanted.conf = obtain->lineage->conf;
		wanted.live = obtain->lineage->leaf;
	}
	rc = read_old_key(obtain, &old_key, err);
	if (rc < 0)
		goto out;
	wanted.reuse_key = old_key.len > 0 ? &old_key : NULL;
	rc = subset_certify(&wanted, names, &obtain->name_count, &result, err);
	if (rc < 0)
		goto out;
	if (!obtain->params->dry_run)
		rc = store(obtain, account, &result, err);
	if (rc == 0 && !obtain->params->dry_run)
		rc = owe(obtain, hook, err);
	certify_result_free(&result);
	if (rc == 0)
		rc = hooks_deploy(front->hooks, hook, live, obtain->names,
		    obtain->name_count, obtain->params->dry_run, err);
	/* All is done: no hook is owed. */
	if (rc == 0 && !obtain->params->dry_run)
		rc = store_pending_remove(&front->dirs, name_of(obtain), err);
out:
	buf_free(&old_key);
	return rc;
}

static int
run_post(const struct obtain *obtain, bool renewed, struct err *err)
{
	struct buf names = BUF_INIT(LIMIT_PEM_FILE_BYTES);
	int rc = 0;

	for (size_t i = 0; rc == 0 && renewed && i < obtain->name_count; i++)
		rc = buf_printf(
		    &names, err, "%s%s", i == 0 ? "" : " ", obtain->names[i]);
	if (rc == 0)
		rc = hooks_post(obtain->front->hooks, obtain->params->post_hook,
		    obtain->renewing, buf_text(&names), err);
	buf_free(&names);
	return rc;
}

/* As certbot says it. */
static const char *
what_is_done(const struct obtain *obtain)
{
	if (obtain->lineage == NULL)
		return obtain->params->dry_run
		    ? "Simulating a certificate request"
		    : "Requesting a certificate";
	return obtain->params->dry_run
	    ? "Simulating renewal of an existing certificate"
	    : "Renewing an existing certificate";
}

/* From the pre hook to the post hook. `obtain` is this run's own. */
static int
between_hooks(struct obtain *obtain, const struct accounts_entry *account,
    const char **names, const char *live, struct err *err)
{
	struct front *front = obtain->front;
	char what[LIMIT_ERR_ON_BYTES];
	struct err why = ERR_INIT;
	int rc, later;

	certify_describe(obtain->names, obtain->name_count, what, sizeof(what));
	rc = hooks_pre(front->hooks, obtain->params->pre_hook, err);
	if (rc < 0)
		return rc;
	front_say(front, "%s for %s", what_is_done(obtain), what);
	rc = get(obtain, account, names, live, err);
	later = run_post(obtain, rc == 0, &why);
	if (rc == 0 && later < 0) {
		*err = why;
		rc = later;
	}
	return rc;
}

int
obtain_run(const struct obtain *obtain, char *ret_fullchain, struct err *err)
{
	struct obtain own = *obtain;
	struct accounts_entry account = {.key = NULL};
	struct lineage_ref ref;
	const char **names;
	int rc = obtain_check(obtain, err);

	if (rc == 0)
		rc = store_ref(&own.front->dirs, name_of(obtain), &ref, err);
	if (rc == 0)
		rc = fs_join(ret_fullchain, LIMIT_PATH_BYTES, ref.dir,
		    "fullchain.pem", err);
	if (rc < 0)
		return rc;
	/* A copy, as names may have to be left out. */
	names = calloc(own.name_count + 1, sizeof(*names));
	if (names == NULL)
		return err_nomem(err, doing);
	memcpy(names, own.names, own.name_count * sizeof(*names));
	own.names = names;
	front_note(own.front, FRONT_INFO,
	    "Plugins selected: Authenticator %s, Installer None",
	    own.params->authenticator);
	/* As certbot: no hook is run for who has no account. */
	rc = front_account(own.front, own.params, &account, err);
	if (rc == 0)
		rc = between_hooks(&own, &account, names, ref.dir, err);
	accounts_entry_free(&account);
	free(names);
	return rc;
}

void
obtain_tell_until(struct front *front, const struct pki_cert *leaf)
{
	char until[32];

	(void)clock_iso(
	    pki_cert_facts(leaf)->not_after_s, until, sizeof(until));
	until[10] = '\0'; /* the day alone */
	front_say(front, "This certificate expires on %s.", until);
}

void
obtain_tell(struct front *front, const char *fullchain)
{
	struct err err = ERR_INIT;
	struct store_lineage lineage;
	char live[LIMIT_PATH_BYTES];
	size_t len = strlen(fullchain) - strlen("/fullchain.pem");

	(void)snprintf(live, sizeof(live), "%.*s", (int)len, fullchain);
	front_say(front, "%s", "");
	front_say(front, "Successfully received certificate.");
	front_say(front, "Certificate is saved at: %s", fullchain);
	front_say(front, "Key is saved at:         %s/privkey.pem", live);
	if (store_read(&front->dirs, strrchr(live, '/') + 1, &lineage, &err) ==
	    0) {
		if (lineage.leaf != NULL)
			obtain_tell_until(front, lineage.leaf);
		store_lineage_free(&lineage);
	}
	front_say(
	    front, "These files will be updated when the certificate renews.");
}
