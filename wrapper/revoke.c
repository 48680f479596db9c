/*
 * revoke.c: revoke and delete: out of HAProxy first, then at the CA, then off
 * the disk. HAProxy is never left with a certificate that is gone, nor
 * without one that it cannot start without: certhaul-hook refuses that, and
 * then nothing is revoked.
 */
#include "wrapper/command.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/term.h"
#include "cert/renewal_facts.h"
#include "wrapper/answer.h"
#include "wrapper/certbot.h"
#include "wrapper/child.h"
#include "wrapper/engine.h"
#include "wrapper/known.h"
#include "wrapper/leftover.h"
#include "wrapper/removal.h"

struct removal {
	const struct command_call *call;
	bool revoke; /* at the CA, too */
	bool unknown; /* whether the CA has done it; or better left out */
	struct engine engine;
	struct lineage_ref ref;
	bool was_in; /* it had a bundle before: what may be put back */
	struct leftover *leftover; /* NULL: it could not be read */
};

static const struct command_option revoke_options[] = {
    {"reason", 'r', COMMAND_CHOICE, "REASON", certbot_reasons, 0, 0,
	"unspecified, keycompromise, affiliationchanged, superseded or "
	"cessationofoperation"},
    {"yes", 'y', COMMAND_FLAG, NULL, NULL, 0, 0, "do not ask"},
    {NULL, 0, COMMAND_FLAG, NULL, NULL, 0, 0, NULL},
};

static const struct command_option delete_options[] = {
    {"yes", 'y', COMMAND_FLAG, NULL, NULL, 0, 0, "do not ask"},
    {NULL, 0, COMMAND_FLAG, NULL, NULL, 0, 0, NULL},
};

/* True: go on. Else what is to be said has been said. */
static bool
confirm(const struct removal *removal)
{
	const char *name = removal->ref.name;
	char question[LIMIT_LOG_LINE_BYTES];

	if (command_has(removal->call, "yes"))
		return true;
	if (!term_can_confirm()) {
		log_say(LOG_LEVEL_ERROR,
		    "%s: nothing was done: there is no terminal to ask on; "
		    "give --yes if that is what you want",
		    name);
		return false;
	}
	(void)snprintf(question, sizeof(question),
	    removal->revoke
		? "Take %s out of HAProxy, revoke it at the CA and delete it?"
		: "Take %s out of HAProxy and delete it, without revoking it?",
	    name);
	if (term_confirm(question))
		return true;
	log_say(LOG_LEVEL_WARN, "%s: nothing was done", name);
	return false;
}

/* One call of the engine; it is the engine's words that tell why it failed. */
static int
call_engine(const struct removal *removal, bool revoke,
    const struct child_watch *watch, int *ret_status, struct err *err)
{
	const struct command_call *call = removal->call;
	struct certbot_argv argv = {NULL, 0};
	int rc;

	if (revoke)
		rc = certbot_revoke(&removal->engine, call->conf, &removal->ref,
		    command_text(call, "reason"), &argv, err);
	else
		rc = certbot_delete(&removal->engine, call->conf,
		    removal->ref.name, &argv, err);
	if (rc == 0)
		rc = child_run(
		    (const char *const *)argv.items, watch, ret_status, err);
	certbot_argv_free(&argv);
	return rc;
}

static bool
is_compromised(const struct removal *removal)
{
	const char *reason = command_text(removal->call, "reason");

	return reason != NULL && strcmp(reason, "keycompromise") == 0;
}

/*
 * 0: it is revoked (now, or was before). Where the answer was lost it is asked
 * for once more: the CA knows.
 */
static int
revoke_it(struct removal *removal, struct err *err)
{
	struct answer answer;
	const struct child_watch watch = {
	    .line = answer_line, .context = &answer};
	bool not_done = false;
	int status = 1, rc = 0;

	for (int i = 0; i < 2 && rc == 0 && status != 0 && !not_done; i++) {
		answer_init(&answer, removal->call->conf);
		rc = call_engine(removal, true, &watch, &status, err);
		if (rc == 0 && status != 0 && answer_already(&answer)) {
			log_say(LOG_LEVEL_WARN,
			    "%s: the CA had revoked it before; it is deleted "
			    "now",
			    removal->ref.name);
			return 0;
		}
		/* It is deleted behind that, and not before. */
		if (rc == 0 && status != 0 && lineage_is_gone(&removal->ref))
			return 0;
		not_done = answer_not_done(&answer);
	}
	/* It was under way and did not come to tell its end; or nobody is to
	 * be shown a key that others may have, whatever the CA says. */
	removal->unknown = rc == ERR_STOPPED || rc == ERR_CHILD ||
	    (rc == 0 && status != 0 && (!not_done || is_compromised(removal)));
	if (rc < 0 || status == 0)
		return rc;
	if (certbot_probe(removal->call->conf, err) < 0)
		return err->code;
	return err_set(err, ERR_CHILD, "revoking", removal->ref.name,
	    "%s ended with status %d, what it says is above; nothing was "
	    "deleted",
	    removal->engine.path, status);
}

/* Certbot ends with 0 where it leaves the files: so it is looked at. */
static int
remove_files(struct removal *removal, struct err *err)
{
	int status = 0, rc;

	if (lineage_is_gone(&removal->ref))
		return 0;
	rc = call_engine(removal, false, NULL, &status, err);
	if (rc < 0 || lineage_is_gone(&removal->ref))
		return rc;
	if (certbot_probe(removal->call->conf, err) < 0)
		return err->code;
	return err_set(err, ERR_CHILD, "deleting", removal->ref.name,
	    "%s ended with status %d, but %s or its renewal conf is still "
	    "there; what it says is above",
	    removal->engine.path, status, removal->ref.dir);
}

/*
 * Out of HAProxy; `more`: an option, or NULL. The first time says what it does,
 * any other is a precaution.
 */
static int
detach(const struct removal *removal, const char *more, bool first,
    int *ret_status, struct err *err)
{
	const char *const words[] = {"detach", removal->ref.name, more, NULL};
	const struct child_watch quiet = {.quiet = true};

	return child_hook_watched(
	    removal->call, words, first ? NULL : &quiet, ret_status, err);
}

static bool
has_bundle(const struct removal *removal)
{
	char path[LIMIT_PATH_BYTES + LIMIT_LINEAGE_NAME_BYTES];

	(void)snprintf(path, sizeof(path), "%s/%s.pem",
	    removal->call->conf->haproxy.bundle_dir, removal->ref.name);
	return access(path, F_OK) == 0;
}

/* What was taken out of HAProxy for nothing is brought back. */
static void
put_back(const struct removal *removal)
{
	const char *const words[] = {"deploy", removal->ref.name, NULL};
	struct err err = ERR_INIT;
	int status = 0;

	if (child_hook(removal->call, words, &status, &err) < 0)
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

/* For good: no deploy is to bring that back, unless it is forced. */
static void
keep_out(const struct removal *removal)
{
	const char *name = removal->ref.name;
	struct err err = ERR_INIT;
	int status = 0;

	if (detach(removal, "--revoked", false, &status, &err) < 0)
		log_err(LOG_LEVEL_ERROR, "", &err);
	log_say(LOG_LEVEL_ERROR,
	    "%s: it is revoked and not deleted, and stays out of HAProxy; when "
	    "what is in the way is mended: certhaul delete %s",
	    name, name);
}

/* What could not be removed: may it be served again? */
static void
say_why_not(const struct removal *removal, bool revoked)
{
	const char *name = removal->ref.name;

	if (revoked)
		keep_out(removal);
	else if (removal->unknown)
		log_say(LOG_LEVEL_ERROR,
		    "%s: that the CA has revoked it is not certain, and it "
		    "stays out of HAProxy: certhaul revoke %s again, or, to "
		    "have it served, certhaul deploy %s",
		    name, name, name);
	else if (removal->was_in)
		put_back(removal);
	else
		log_say(LOG_LEVEL_ERROR,
		    "%s: it is not deleted; HAProxy did not have it before, "
		    "and does not get it",
		    name);
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

/*
 * Its files are gone. Between the first detach and now somebody's converge may
 * have brought it back; with nothing there this has nothing to do.
 */
static int
detach_again(const struct removal *removal, int *ret_status, struct err *err)
{
	int rc = detach(removal, NULL, false, ret_status, err);

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

static int
carry_out(struct removal *removal, int *ret_status, struct err *err)
{
	bool revoked = false;
	int rc;

	removal->was_in = has_bundle(removal);
	rc = detach(removal, NULL, true, ret_status, err);
	if (rc < 0)
		return rc;
	if (*ret_status != COMMAND_EXIT_DONE) {
		removal_tell_in(removal->call->conf, &removal->ref,
		    removal->revoke, *ret_status);
		return 0;
	}
	if (removal->revoke) {
		rc = revoke_it(removal, err);
		revoked = rc == 0;
	}
	if (rc == 0)
		rc = remove_files(removal, err);
	if (rc == 0)
		return detach_again(removal, ret_status, err);
	say_why_not(removal, revoked);
	return rc;
}

static int
run(const struct command_call *call, bool revoke, int *ret_status,
    struct err *err)
{
	struct removal removal = {.call = call, .revoke = revoke};
	struct renewal_facts renewal;
	struct err ignored = ERR_INIT;
	int rc;

	rc = known_find(call->conf, call->names[0], &removal.ref, err);
	/* Before anything is touched: who would do it, and could they? */
	if (rc == 0)
		rc = engine_find(call->conf, &removal.engine, err);
	if (rc == 0)
		rc = certbot_probe(call->conf, err);
	if (rc < 0)
		return rc;
	/* Nor does certbot know one without a conf, for either; of one that it
	 * cannot read it would remove no more than that. */
	rc = renewal_facts_read(&removal.ref, &renewal, err);
	if (rc == ERR_NOENT || rc == ERR_SYNTAX)
		return removal_tell_no_conf(call->conf, &removal.ref,
		    revoke ? "revoking" : "deleting", err);
	if (rc == 0 && revoke)
		rc =
		    removal_can_revoke(call->conf, &removal.ref, &renewal, err);
	if (rc < 0)
		return rc;
	if (revoke)
		removal_tell_held(call->conf, &removal.ref);
	if (!confirm(&removal)) {
		*ret_status = COMMAND_EXIT_UNCONFIRMED;
		return 0;
	}
	(void)!leftover_new(&removal.ref, &removal.leftover, &ignored);
	rc = carry_out(&removal, ret_status, err);
	leftover_free(removal.leftover);
	return rc;
}

static int
run_revoke(const struct command_call *call, int *ret_status, struct err *err)
{
	return run(call, true, ret_status, err);
}

static int
run_delete(const struct command_call *call, int *ret_status, struct err *err)
{
	return run(call, false, ret_status, err);
}

const struct command command_revoke = {
    .name = "revoke",
    .operands = "NAME",
    .least = 1,
    .most = 1,
    .help = "take a certificate out of HAProxy, revoke and delete it",
    .more = "Asks first; --yes answers. NAME is the lineage's, as in "
	    "\"certhaul status\".",
    .options = revoke_options,
    .run = run_revoke,
};

const struct command command_delete = {
    .name = "delete",
    .operands = "NAME",
    .least = 1,
    .most = 1,
    .help = "take a certificate out of HAProxy and delete it",
    .more = "It is not revoked. Asks first; --yes answers.",
    .options = delete_options,
    .run = run_delete,
};
