/*
 * revoke_proxy.c: what revoke and delete have certhaul-hook do to HAProxy.
 */
#include "wrapper/revoke.h"

#include <stdio.h>
#include <unistd.h>

#include "base/log.h"
#include "wrapper/child.h"

int
revoke_proxy_detach(const struct removal *removal, const char *more, bool first,
    int *ret_status, struct err *err)
{
	const char *const words[] = {"detach", removal->ref.name, more, NULL};
	const struct child_watch quiet = {.quiet = true, .finish = true};

	return child_hook_watched(
	    removal->call, words, first ? NULL : &quiet, ret_status, err);
}

bool
revoke_proxy_has(const struct removal *removal)
{
	char path[LIMIT_PATH_BYTES + LIMIT_LINEAGE_NAME_BYTES];

	(void)snprintf(path, sizeof(path), "%s/%s.pem",
	    removal->call->conf->haproxy.bundle_dir, removal->ref.name);
	return access(path, F_OK) == 0;
}

void
revoke_proxy_put_back(const struct removal *removal)
{
	const char *const words[] = {"deploy", removal->ref.name, NULL};
	const struct child_watch finish = {.finish = true};
	struct err err = ERR_INIT;
	int status = 0;

	if (child_hook_watched(removal->call, words, &finish, &status, &err) <
	    0)
		log_err(LOG_LEVEL_ERROR, "", &err);
	else if (status == COMMAND_EXIT_DONE)
		log_say(LOG_LEVEL_WARN, "%s: HAProxy serves it as before",
		    removal->ref.name);
	if (err.code != 0 || status != COMMAND_EXIT_DONE)
		log_say(LOG_LEVEL_ERROR,
		    "%s: it could not be brought back into HAProxy; when what "
		    "is in the way is mended: certhaul deploy %s",
		    removal->ref.name, removal->ref.name);
}

void
revoke_proxy_keep_out(const struct removal *removal)
{
	const char *name = removal->ref.name;
	struct err err = ERR_INIT;
	int status = 0;

	if (revoke_proxy_detach(removal, "--revoked", false, &status, &err) < 0)
		log_err(LOG_LEVEL_ERROR, "", &err);
	log_say(LOG_LEVEL_ERROR,
	    "%s: it is revoked and not deleted, and stays out of HAProxy; when "
	    "what is in the way is mended: certhaul delete %s",
	    name, name);
}

/* Whoever has to stop showing it wants to know where it still is. */
static void
tell_leftover(const struct removal *removal, int *ret_status)
{
	const struct conf *conf = removal->call->conf;
	char where[LIMIT_PATH_BYTES + LIMIT_DNS_NAME_BYTES];

	if (removal->leftover == NULL ||
	    !leftover_find(removal->leftover, conf, where, sizeof(where)))
		return;
	log_say(removal->revoke ? LOG_LEVEL_ERROR : LOG_LEVEL_WARN,
	    "%s: the certificate is still served: %s; take that out of "
	    "haproxy.cfg or its directory, and reload HAProxy",
	    removal->ref.name, where);
	if (removal->revoke)
		*ret_status = COMMAND_EXIT_NOT_SERVED;
}

int
revoke_proxy_end(
    const struct removal *removal, int *ret_status, struct err *err)
{
	int rc = revoke_proxy_detach(removal, NULL, false, ret_status, err);

	if (rc == 0 && *ret_status != COMMAND_EXIT_DONE)
		log_say(LOG_LEVEL_ERROR,
		    "%s: its files are deleted, but HAProxy may hold it: "
		    "certhaul deploy",
		    removal->ref.name);
	else if (rc == 0) {
		(void)printf("%s: %s\n", removal->ref.name,
		    removal->revoke ? "revoked and deleted" : "deleted");
		(void)fflush(stdout);
		tell_leftover(removal, ret_status);
	}
	removal_tell_left(&removal->ref);
	return rc;
}
