/*
 * removal.c: what revoke and delete say beside their result.
 */
#include "wrapper/removal.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/log.h"
#include "cert/record.h"
#include "wrapper/certbot.h"
#include "wrapper/child.h"
#include "wrapper/command.h"
#include "wrapper/means.h"

void
removal_tell_held(const struct conf *conf, const struct lineage_ref *ref)
{
	struct record_store *store = NULL;
	struct lineage_ident ident;
	struct err ignored = ERR_INIT;
	struct record record;

	if (record_store_open_look(conf->state_dir, &store, &ignored) < 0)
		return;
	if (record_load(store, ref->name, &record, &ignored) == 0 &&
	    lineage_identify(ref, &ident, &ignored) == 0 &&
	    record_is_held(&record, &ident))
		log_say(LOG_LEVEL_WARN,
		    "%s: by a rollback HAProxy serves another certificate "
		    "(serial number %s) than the lineage has; revoked is the "
		    "lineage's. To have that one revoked, too, do it first, by "
		    "its file in %s/archive/%s: certbot revoke "
		    "--no-delete-after-revoke --cert-path FILE",
		    ref->name, record.leaf_serial, conf->letsencrypt.config_dir,
		    ref->name);
	record_store_close(store);
}

int
removal_can_revoke(const struct conf *conf, const struct lineage_ref *ref,
    const struct renewal_facts *renewal, struct err *err)
{
	char dir[LIMIT_PATH_BYTES];
	struct lineage_ident ident;
	int rc;

	rc = lineage_identify(ref, &ident, err);
	if (rc < 0 ||
	    !renewal_facts_account(
		renewal, conf->letsencrypt.config_dir, dir, sizeof(dir)) ||
	    access(dir, F_OK) == 0)
		return rc;
	return err_set(err, ERR_NOENT, "revoking", dir,
	    "the account that %s was got with is not there; the certificate's "
	    "own key will do: certbot revoke --cert-path %s/cert.pem "
	    "--key-path %s/privkey.pem --server %s",
	    ref->name, ref->dir, ref->dir, renewal->server);
}

int
removal_lock(const struct conf *conf, const struct lineage_ref *ref,
    bool revoke, struct lock **ret, struct err *err)
{
	struct record_store *store = NULL;
	char path[LIMIT_PATH_BYTES];
	int rc;

	/* It makes state_dir, where nothing was ever deployed. */
	rc = record_store_open(conf->state_dir, &store, err);
	record_store_close(store);
	if (rc == 0)
		rc = fs_join(
		    path, sizeof(path), conf->state_dir, "removal.lock", err);
	if (rc == 0)
		rc = lock_take(path, conf->lock_wait_ms, ret, err);
	if (rc != ERR_LOCKED)
		return rc;
	return err_set(err, rc, revoke ? "revoking" : "deleting", ref->name,
	    "another revoke or delete is at work (%s has its process), so "
	    "nothing was done; let it end, then run this again",
	    path);
}

int
removal_check_same(const struct conf *conf, const struct lineage_ref *ref,
    const struct lineage_ident *then, bool revoke, struct err *err)
{
	const char *doing = revoke ? "revoking" : "deleting";
	const char *verb = revoke ? "revoke" : "delete";
	struct lineage_ident now;
	int rc;

	rc = lineage_identify(ref, &now, err);
	if (rc < 0 || lineage_ident_same(then, &now))
		return rc;
	if (now.generation == then->generation)
		return err_set(err, ERR_NOENT, doing, ref->name,
		    "it is another meanwhile than was asked about: certhaul %s "
		    "%s asks again",
		    verb, ref->name);
	return err_set(err, ERR_NOENT, doing, ref->name,
	    "it was renewed meanwhile; the earlier certificate is "
	    "%s/archive/%s/cert%ld.pem: certhaul %s %s asks again",
	    conf->letsencrypt.config_dir, ref->name, then->generation, verb,
	    ref->name);
}

/* The first file of HAProxy's configuration that is not there; or NULL. */
static const char *
missing_config(const struct conf *conf)
{
	const struct conf_list *config = &conf->haproxy.config;

	for (size_t i = 0; i < config->count; i++) {
		if (means_is_missing(config->items[i]))
			return config->items[i];
	}
	return NULL;
}

void
removal_tell_in(const struct conf *conf, const struct lineage_ref *ref,
    bool revoke, bool in, int status)
{
	const char *missing = missing_config(conf);
	struct buf command = BUF_INIT(LIMIT_COMMAND_BYTES);
	const char *done = revoke ? "revoked" : "deleted";
	struct err ignored = ERR_INIT;

	if (status == COMMAND_EXIT_LOCKED)
		log_say(LOG_LEVEL_ERROR,
		    "%s: its way out of HAProxy was not "
		    "tried, " CHILD_HOOK_LOCKED ", so nothing was %s",
		    ref->name, done);
	else if (missing == NULL ||
	    certbot_put_removal(conf, ref->name, revoke, &command, &ignored) <
		0)
		log_say(LOG_LEVEL_ERROR,
		    in ? "%s: it stays in HAProxy, so nothing was %s"
		       : "%s: its way out of HAProxy came to no end (see "
			 "above), so nothing was %s",
		    ref->name, done);
	else
		log_say(LOG_LEVEL_ERROR,
		    "%s: what HAProxy has of it cannot be told without %s, so "
		    "nothing was %s; where there is no HAProxy: %s",
		    ref->name, missing, done, buf_text(&command));
	buf_free(&command);
}

void
removal_tell_left(const struct lineage_ref *ref)
{
	if (access(ref->dir, F_OK) == 0)
		log_say(LOG_LEVEL_WARN,
		    "%s: %s is left, with files that somebody else put there: "
		    "look for a private key among them, then remove it",
		    ref->name, ref->dir);
}

int
removal_tell_no_conf(const struct conf *conf, const struct lineage_ref *ref,
    const char *doing, struct err *err)
{
	const char *config_dir = conf->letsencrypt.config_dir;

	bool none = err->code == ERR_NOENT;
	struct err why = *err;

	return err_set(err, why.code, doing, ref->name,
	    "certbot %s %s/renewal/%s.conf%s%.200s; to be rid of %s %s "
	    "and %s/archive/%s, then: certhaul-hook detach %s",
	    none ? "does not know it: there is no" : "cannot read", config_dir,
	    ref->name, none ? "" : ": ", none ? "" : why.detail,
	    none ? "the rest, remove" : "it all, remove that,", ref->dir,
	    config_dir, ref->name, ref->name);
}
