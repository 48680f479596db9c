/*
 * revoke_engine.c: revoke and delete by the engine, and what became of it: its
 * exit status alone does not tell.
 */
#include "wrapper/revoke.h"

#include <string.h>

#include "base/log.h"
#include "wrapper/answer.h"
#include "wrapper/certbot.h"
#include "wrapper/child.h"
#include "wrapper/known.h"

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

/* Did the engine run, whatever ended it? */
static bool
has_run(int rc)
{
	return rc == 0 || rc == ERR_STOPPED || rc == ERR_CHILD;
}

static bool
is_revoked(enum answer_verdict verdict)
{
	return verdict == ANSWER_DONE || verdict == ANSWER_ALREADY;
}

/*
 * One attempt. 0 and is_revoked(): it is, now or before, though the engine may
 * have been told to end meanwhile. That the lineage is gone says nothing.
 */
static int
attempt(const struct removal *removal, enum answer_verdict *ret,
    int *ret_status, struct err *err)
{
	struct answer answer;
	const struct child_watch watch = {
	    .line = answer_line, .context = &answer};
	int rc;

	answer_init(&answer, removal->call->conf);
	rc = call_engine(removal, true, &watch, ret_status, err);
	*ret = answer_judge(&answer, rc == 0 ? *ret_status : -1);
	if (!has_run(rc) || !is_revoked(*ret))
		return rc;
	if (*ret == ANSWER_ALREADY)
		log_say(LOG_LEVEL_WARN,
		    "%s: the CA had revoked it before; it is deleted now",
		    removal->ref.name);
	err_clear(err);
	return 0;
}

/* By somebody else's delete, or by an engine that came to no end. */
static int
tell_gone(const struct removal *removal, struct err *err)
{
	err_clear(err);
	return err_set(err, ERR_CHILD, "revoking", removal->ref.name,
	    "it was deleted meanwhile; that the CA has revoked it is not known "
	    "(serial number %s); a copy of the certificate is enough "
	    "for the same account: certbot revoke --cert-path FILE --server %s",
	    removal->leftover == NULL
		? "unknown"
		: leftover_facts(removal->leftover)->serial,
	    removal->server[0] == '\0' ? "URL" : removal->server);
}

/*
 * Where the answer was lost it is asked for once more: the CA knows. Only "it
 * is revoked" settles that; a refusal now says nothing of what was done then.
 */
int
revoke_engine_revoke(struct removal *removal, struct err *err)
{
	enum answer_verdict verdict = ANSWER_LOST;
	bool begun = false, lost = false;
	int status = 1, rc = 0;

	for (int i = 0;
	     i < 2 && rc == 0 && verdict == ANSWER_LOST && !removal->gone;
	     i++) {
		/* A timer may have renewed it between the two. */
		if (i > 0 && removal->known)
			rc = removal_check_same(removal->call->conf,
			    &removal->ref, &removal->ident, true, err);
		if (rc < 0)
			break;
		rc = attempt(removal, &verdict, &status, err);
		begun = has_run(rc);
		lost = lost || (begun && verdict == ANSWER_LOST);
		removal->gone = begun && lineage_is_gone(&removal->ref);
	}
	if (rc == 0 && is_revoked(verdict))
		return 0;
	if (removal->gone)
		return tell_gone(removal, err);
	/* Renewed: what may be revoked is shown by nobody any more. */
	if (rc == ERR_NOENT)
		lost = false;
	/* Nobody is to be shown a key that others may have, whatever the CA
	 * says. */
	removal->unknown = lost || (begun && is_compromised(removal));
	if (rc < 0)
		return rc;
	if (certbot_probe(removal->call->conf, err) < 0)
		return err->code;
	return err_set(err, ERR_CHILD, "revoking", removal->ref.name,
	    "%s ended with status %d, what it says is above; nothing was "
	    "deleted",
	    removal->engine.path, status);
}

/* Certbot ends with 0 where it leaves the files: so it is looked at. */
int
revoke_engine_delete(struct removal *removal, struct err *err)
{
	/* What is revoked is to go, whoever tells us to end. */
	const struct child_watch finish = {.finish = true};
	int status = 0, rc = 0;

	if (!lineage_is_gone(&removal->ref))
		rc = call_engine(removal, false,
		    removal->revoke ? &finish : NULL, &status, err);
	if (has_run(rc) && lineage_is_gone(&removal->ref)) {
		err_clear(err);
		return 0;
	}
	if (rc < 0)
		return rc;
	if (certbot_probe(removal->call->conf, err) < 0)
		return err->code;
	return err_set(err, ERR_CHILD, "deleting", removal->ref.name,
	    "%s ended with status %d, but %s or its renewal conf is still "
	    "there; what it says is above",
	    removal->engine.path, status, removal->ref.dir);
}
