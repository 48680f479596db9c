/*
 * renew_rehearsal.c: whom `certhaul renew --dry-run` asks. The engine rehearses
 * at Let's Encrypt's staging server, whatever a renewal conf says, unless
 * cli.ini names another one; a lineage of another CA is not tried by that, and
 * with --server in renew certbot would leave the stored account alone.
 */
#include "wrapper/renew.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "cert/cliini.h"
#include "cert/renewal_facts.h"
#include "cert/reuse.h"
#include "wrapper/certbot.h"

/* Does the engine rehearse at a server that the operator has named? */
static bool
is_led_elsewhere(void)
{
	char server[256], path[LIMIT_PATH_BYTES];

	return cliini_find(getenv, "server", server, sizeof(server), path,
		   sizeof(path)) &&
	    server[0] != '\0' && !reuse_is_lets_encrypt(server);
}

/* The first lineage of another CA, and that; how many there are. */
static size_t
count_others(
    const struct renew *renew, const char **ret_name, struct renewal_facts *ret)
{
	size_t count = 0;

	for (size_t i = 0; i < renew->before.count; i++) {
		const struct lineage_ref *ref = &renew->before.items[i].ref;
		struct err ignored = ERR_INIT;
		struct renewal_facts facts;

		if (!renew_is_meant(renew, ref->name) ||
		    renewal_facts_read(ref, &facts, &ignored) < 0 ||
		    facts.server[0] == '\0' ||
		    reuse_is_lets_encrypt(facts.server) || count++ > 0)
			continue;
		*ret_name = ref->name;
		*ret = facts;
	}
	return count;
}

void
renew_rehearsal_warn(const struct renew *renew)
{
	struct buf command = BUF_INIT(LIMIT_COMMAND_BYTES);
	struct err why = ERR_INIT;
	struct renewal_facts first;
	const char *name = NULL;
	char more[48] = " has";
	size_t count;

	if (is_led_elsewhere())
		return;
	count = count_others(renew, &name, &first);
	if (count == 0)
		return;
	if (count > 1)
		(void)snprintf(
		    more, sizeof(more), " and %zu more have", count - 1);
	if (certbot_put_rehearsal(
		renew->call->conf, name, first.server, &command, &why) < 0)
		log_err(LOG_LEVEL_WARN, name, &why);
	else
		log_say(LOG_LEVEL_WARN,
		    "%s%s another CA, which a dry run does not ask: it goes to "
		    "Let's Encrypt's staging server, as no cli.ini names a "
		    "server; to try %s at its own: %s",
		    name, more, name, buf_text(&command));
	buf_free(&command);
}
