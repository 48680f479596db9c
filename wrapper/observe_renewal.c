/*
 * observe_renewal.c: what stands in the way of a lineage's next renewal: what
 * certbot's renewal conf says, and what an attempt has left.
 */
#include "wrapper/observe_private.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cert/renewal_facts.h"
#include "wrapper/means.h"
#include "wrapper/unrenewed.h"

enum { NANO = 1000000000 };

static void PRINTF_LIKE(2, 3)
    set_obstacle(struct observation *item, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(item->obstacle, sizeof(item->obstacle), fmt, args);
	va_end(args);
}

/* Nobody sees that it is not there before the next renewal. */
static void
take_account(struct observe_site *site, const struct renewal_facts *renewal,
    struct observation *item)
{
	char dir[LIMIT_PATH_BYTES];

	if (!item->autorenew ||
	    !renewal_facts_account(
		renewal, site->conf->letsencrypt.config_dir, dir, sizeof(dir)))
		return;
	if (strcmp(site->account, dir) != 0) {
		site->no_account = means_is_missing(dir);
		(void)snprintf(site->account, sizeof(site->account), "%s", dir);
	}
	if (site->no_account)
		means_account_words(
		    dir, item->name, item->obstacle, sizeof(item->obstacle));
}

void
observe_renewal(struct observe_site *site, const struct lineage_ref *ref,
    struct observation *item)
{
	struct err why = ERR_INIT;
	struct renewal_facts renewal;
	int rc = renewal_facts_read(ref, &renewal, &why);

	item->autorenew = renewal.autorenew;
	/* What we may not read, the engine may. */
	if (rc == ERR_PERM || rc == ERR_NOMEM)
		return;
	if (rc == ERR_NOENT)
		set_obstacle(item,
		    "there is no renewal/%s.conf; put it back, or remove "
		    "live/%s and archive/%s and request it again",
		    ref->name, ref->name, ref->name);
	else if (rc < 0)
		observe_why(&why, item->obstacle, sizeof(item->obstacle));
	else if (renewal.authenticator[0] == '\0')
		set_obstacle(item,
		    "renewal/%s.conf names no authenticator; put it back from "
		    "a backup, or delete the lineage and request it again",
		    ref->name);
	else
		take_account(site, &renewal, item);
	if (rc == 0 && renewal.authenticator[0] != '\0' &&
	    item->not_after_s > item->not_before_s)
		item->renew_s = renewal_facts_due_s(&renewal, site->builtin,
		    item->not_before_s, item->not_after_s);
}

void
observe_left_conf(const struct lineage_ref *ref, struct observation *item)
{
	struct renewal_facts renewal;
	struct err why = ERR_INIT;
	int rc = renewal_facts_read(ref, &renewal, &why);

	item->autorenew = renewal.autorenew;
	if (rc == ERR_NOENT || rc == ERR_NOMEM)
		return;
	/* What certbot cannot read it does not delete. */
	set_obstacle(item,
	    "all that is left is renewal/%s.conf, and each renewal fails on "
	    "it; put live/%s and archive/%s back, or %s%s%s",
	    ref->name, ref->name, ref->name,
	    rc == ERR_SYNTAX ? "remove that" : "\"certhaul delete ",
	    rc == ERR_SYNTAX ? "" : ref->name, rc == ERR_SYNTAX ? "" : "\"");
}

void
observe_unrenewed(const struct observe_site *site,
    const struct lineage_ident *ident, struct observation *item)
{
	long long since_ns = unrenewed_since_ns(site->conf, item->name);
	char when[32];

	if (*item->obstacle != '\0' ||
	    since_ns <= ident->files[LINEAGE_CERT].mtime_ns)
		return;
	item->failing = true;
	set_obstacle(item,
	    "the last attempt, at %s, failed; \"certhaul renew%s "
	    "%s\" tries again, and says why",
	    clock_iso((time_t)(since_ns / NANO), when, sizeof(when)),
	    item->renew_s > clock_now_s() ? " --force" : "", item->name);
}
