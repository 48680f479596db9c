/*
 * revoke_proxy.c: what revoke and delete have certhaul-hook do to HAProxy.
 */
#include "wrapper/revoke.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/log.h"
#include "cert/install.h"
#include "cert/record.h"
#include "wrapper/child.h"

/* A precaution, which comes to its end; `more`: an option, or NULL. */
static int
detach(const struct removal *removal, const char *more, int *ret_status,
    struct err *err)
{
	const char *const words[] = {"detach", removal->ref.name, more, NULL};
	const struct child_watch watch = {.quiet = true, .finish = true};

	return child_hook_watched(
	    removal->call, words, &watch, ret_status, err);
}

int
revoke_proxy_take_out(
    const struct removal *removal, int *ret_status, struct err *err)
{
	/* Where it may be revoked that is what is to be known of it. */
	const char *const words[] = {"detach", removal->ref.name, "--for",
	    removal->revoke || removal->doubtful ? "revoke" : "delete", NULL};

	return child_hook_watched(removal->call, words, NULL, ret_status, err);
}

void
revoke_proxy_leave_out(const struct removal *removal)
{
	struct err err = ERR_INIT;
	int status = 0;

	if (detach(removal, NULL, &status, &err) < 0)
		log_err(LOG_LEVEL_ERROR, "", &err);
}

bool
revoke_proxy_has(const struct removal *removal)
{
	char path[LIMIT_PATH_BYTES + LIMIT_LINEAGE_NAME_BYTES];

	(void)snprintf(path, sizeof(path), "%s/%s.pem",
	    removal->call->conf->haproxy.bundle_dir, removal->ref.name);
	return access(path, F_OK) == 0;
}

/* The generation that was gone back to; 0: there is none. */
static long
find_held(const struct removal *removal, const struct record *record)
{
	const struct conf *conf = removal->call->conf;
	char dir[LIMIT_PATH_BYTES];
	const struct install_policy policy = {
	    .bundle_dir = conf->haproxy.bundle_dir,
	    .generations_dir = dir,
	    .look_only = true,
	};
	struct buf pem = BUF_SECRET(LIMIT_PEM_FILE_BYTES);
	struct install *install = NULL;
	struct err ignored = ERR_INIT;
	long number = 0;

	if (fs_join(dir, sizeof(dir), conf->state_dir, "generations",
		&ignored) < 0 ||
	    install_open(&policy, &install, &ignored) < 0 ||
	    install_generation_find(install, removal->ref.name, record->digest,
		&pem, &number, &ignored) < 0)
		number = 0;
	install_close(install);
	buf_free(&pem);
	return number;
}

void
revoke_proxy_look(struct removal *removal)
{
	struct record_store *store = NULL;
	struct err ignored = ERR_INIT;
	struct lineage_ident ident;
	struct record record;

	removal->was_in = revoke_proxy_has(removal);
	if (record_store_open_look(
		removal->call->conf->state_dir, &store, &ignored) < 0)
		return;
	if (record_load(store, removal->ref.name, &record, &ignored) == 0 &&
	    lineage_identify(&removal->ref, &ident, &ignored) == 0) {
		bool out = record_is_out(&record, &ident) && !record.revoked;

		removal->doubtful = out && strcmp(record.begun, "revoke") == 0;
		removal->was_held = record_is_held(&record, &ident);
		if (removal->was_held)
			removal->held = find_held(removal, &record);
		/* Without its bundle the next converge brings it back. */
		removal->was_in = removal->was_in ||
		    (record.installed && !record.out) ||
		    (out && strcmp(record.begun, "delete") == 0);
	}
	record_store_close(store);
}

static bool
bring_back(const struct removal *removal, const char *const *words)
{
	const struct child_watch finish = {.finish = true};
	struct err err = ERR_INIT;
	int status = 0;

	if (child_hook_watched(removal->call, words, &finish, &status, &err) <
	    0)
		log_err(LOG_LEVEL_ERROR, "", &err);
	return err.code == 0 && status == COMMAND_EXIT_DONE;
}

void
revoke_proxy_put_back(const struct removal *removal, bool renewed)
{
	const char *name = removal->ref.name, *how = "as before";
	const char *const lineage[] = {"deploy", name, NULL};
	char number[24];
	const char *const earlier[] = {"rollback", name, "--to", number, NULL};
	bool back = false;

	(void)snprintf(number, sizeof(number), "%ld", removal->held);
	if (removal->held > 0 && !renewed)
		back = bring_back(removal, earlier);
	if (!back) {
		back = bring_back(removal, lineage);
		if (renewed)
			how = "as renewed";
		else if (removal->was_held)
			how = "as certbot has it: the earlier bundle that a "
			      "rollback had gone back to could not be brought "
			      "back";
	}
	if (back)
		log_say(LOG_LEVEL_WARN, "%s: HAProxy serves it %s", name, how);
	else
		log_say(LOG_LEVEL_ERROR,
		    "%s: it could not be brought back into HAProxy; when what "
		    "is in the way is mended: certhaul deploy %s",
		    name, name);
}

void
revoke_proxy_keep_out(const struct removal *removal)
{
	const char *name = removal->ref.name;
	struct err err = ERR_INIT;
	int status = 0;

	if (detach(removal, "--revoked", &status, &err) < 0)
		log_err(LOG_LEVEL_ERROR, "", &err);
	else if (status != COMMAND_EXIT_DONE)
		log_say(LOG_LEVEL_ERROR,
		    "%s: that it is revoked could not be noted, whatever "
		    "certhaul status says: do not deploy it",
		    name);
	log_say(LOG_LEVEL_ERROR,
	    "%s: it is revoked and not deleted, and stays out of HAProxy; when "
	    "what is in the way is mended: certhaul delete %s",
	    name, name);
}

/*
 * Whoever has to stop showing it wants to know where it still is; who is not
 * told of what became of the files, that there is something to be told.
 */
static void
tell_leftover(const struct removal *removal, int *ret_status)
{
	static const char reload[] =
	    "reload HAProxy: it is not told (haproxy.update)";
	const struct conf *conf = removal->call->conf;
	bool untold = conf->haproxy.update == CONF_UPDATE_NONE;
	char where[LIMIT_PATH_BYTES + LIMIT_DNS_NAME_BYTES];

	if (removal->leftover == NULL ||
	    !leftover_find(removal->leftover, conf, where, sizeof(where))) {
		if (untold)
			log_say(LOG_LEVEL_WARN, "%s: %s", removal->ref.name,
			    reload);
		return;
	}
	log_say(removal->revoke ? LOG_LEVEL_ERROR : LOG_LEVEL_WARN,
	    "%s: the certificate is still served: %s; %s", removal->ref.name,
	    where,
	    untold ? reload
		   : "take that out of haproxy.cfg or its directory, and "
		     "reload HAProxy");
	if (removal->revoke)
		*ret_status = COMMAND_EXIT_NOT_SERVED;
}

int
revoke_proxy_end(
    const struct removal *removal, int *ret_status, struct err *err)
{
	int rc = detach(removal, NULL, ret_status, err);

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
