/*
 * renew_why.c: why the engine failed, as far as it can be seen from outside:
 * its own words are above, but they do not tell what to do.
 */
#include "wrapper/renew.h"

#include <stdio.h>

#include "base/log.h"
#include "cert/renewal_facts.h"
#include "wrapper/certbot.h"

/* What certbot cannot use: it says "parsefail" and goes on with the next. */
static bool
is_broken(const struct renew *renew, const struct known_lineage *lineage)
{
	const char *conf_dir = renew->call->conf->letsencrypt.config_dir;
	const char *name = lineage->ref.name;
	struct lineage_ident ident;
	struct err err = ERR_INIT;
	struct renewal_facts renewal;
	char line[LIMIT_LOG_LINE_BYTES];
	bool known;

	known = renewal_facts_read(&lineage->ref, &renewal, &err) == 0 &&
	    renewal.server[0] != '\0';
	if (err.code == 0 && renewal.authenticator[0] == '\0')
		(void)err_set(&err, ERR_SYNTAX,
		    "reading the renewal configuration", name,
		    "there is no authenticator in its [renewalparams]");
	if (err.code == 0)
		(void)!lineage_identify(&lineage->ref, &ident, &err);
	if (err.code == 0)
		return false;
	if (err.code == ERR_PERM) {
		log_say(LOG_LEVEL_ERROR,
		    "%s: %s; whoever renews it must be allowed to: run it as "
		    "root",
		    name, err_text(&err, line, sizeof(line)));
		return true;
	}
	/* Certbot deletes only what it can read. */
	if (known)
		log_say(LOG_LEVEL_ERROR,
		    "%s cannot be renewed: %s; put %s/renewal/%s.conf and "
		    "%s/live/%s right from a backup, or \"certhaul delete "
		    "%s\" and request it again",
		    name, err_text(&err, line, sizeof(line)), conf_dir, name,
		    conf_dir, name, name);
	else
		log_say(LOG_LEVEL_ERROR,
		    "%s cannot be renewed: %s; put %s/renewal/%s.conf right "
		    "from a backup, or remove it with %s/live/%s and "
		    "%s/archive/%s, and request it again",
		    name, err_text(&err, line, sizeof(line)), conf_dir, name,
		    conf_dir, name, conf_dir, name);
	return true;
}

bool
renew_why(struct renew *renew, const char *engine_path, int status)
{
	const struct conf *conf = renew->call->conf;
	struct err err = ERR_INIT;
	bool told = false;

	if (certbot_probe(conf, &err) < 0) {
		renew->locked = true;
		log_err(LOG_LEVEL_ERROR, "", &err);
		return true;
	}
	for (size_t i = 0; i < renew->before.count; i++) {
		const struct known_lineage *lineage = &renew->before.items[i];

		if (renew_is_meant(renew, lineage->ref.name) &&
		    is_broken(renew, lineage))
			told = true;
	}
	if (!told)
		log_say(LOG_LEVEL_ERROR,
		    "%s ended with status %d; what it says is above, and more "
		    "of it in %s/letsencrypt.log",
		    engine_path, status, conf->letsencrypt.logs_dir);
	return false;
}
