/*
 * revoke.c: revoke and delete: out of HAProxy first, then at the CA, then off
 * the disk. HAProxy is never left with a certificate that is gone, nor
 * without one that it cannot start without: certhaul-hook refuses that, and
 * then nothing is revoked.
 */
#include "wrapper/revoke.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/hold.h"
#include "base/lock.h"
#include "base/log.h"
#include "base/term.h"
#include "cert/renewal_facts.h"
#include "wrapper/certbot.h"
#include "wrapper/known.h"

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

/* "a.example (serial number 0A, valid until 2027-01-01T00:00:00Z)" */
static void
put_name(const struct removal *removal, char *ret, size_t size)
{
	const struct pki_facts *facts;
	char until[32];

	if (removal->leftover == NULL) {
		(void)snprintf(ret, size, "%s", removal->ref.name);
		return;
	}
	facts = leftover_facts(removal->leftover);
	(void)snprintf(ret, size, "%s (serial number %s, valid until %s)",
	    removal->ref.name, facts->serial,
	    clock_iso(facts->not_after_s, until, sizeof(until)));
}

/* True: go on. Else what is to be said has been said. */
static bool
confirm(const struct removal *removal)
{
	const char *name = removal->ref.name;
	char what[LIMIT_LINEAGE_NAME_BYTES + PKI_SERIAL_BYTES + 64];
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
	put_name(removal, what, sizeof(what));
	(void)snprintf(question, sizeof(question),
	    removal->revoke
		? "Take %s out of HAProxy, revoke it at the CA and delete it?"
		: "Take %s out of HAProxy and delete it, without revoking it?",
	    what);
	if (term_confirm(question))
		return true;
	log_say(LOG_LEVEL_WARN, "%s: nothing was done", name);
	return false;
}

/* While nothing is done: is it what was asked about? */
static int
check_same(const struct removal *removal, struct err *err)
{
	return removal->known
	    ? removal_check_same(removal->call->conf, &removal->ref,
		  &removal->ident, removal->revoke, err)
	    : 0;
}

/* Nobody is to be shown what may be revoked. */
static void
say_doubt(const struct removal *removal)
{
	const char *name = removal->ref.name;

	log_say(LOG_LEVEL_ERROR,
	    "%s: that the CA has revoked it is not certain, and it stays out "
	    "of HAProxy: certhaul revoke %s again, or, to have it served, "
	    "certhaul deploy %s",
	    name, name, name);
}

/* Nothing became of it. */
static void
as_before(const struct removal *removal)
{
	const char *name = removal->ref.name;
	struct err ignored = ERR_INIT;
	bool renewed = check_same(removal, &ignored) == ERR_NOENT;

	/* Somebody else's delete; nothing of it is to be known any more. */
	if (lineage_is_gone(&removal->ref)) {
		revoke_proxy_leave_out(removal);
		return;
	}
	/* That a revoke was begun once is still what is to be known; not of
	 * what has taken its place. */
	if (removal->doubtful && !renewed) {
		say_doubt(removal);
		return;
	}
	if (removal->was_in || removal->doubtful) {
		revoke_proxy_put_back(removal, renewed);
		return;
	}
	log_say(LOG_LEVEL_ERROR,
	    "%s: it is not deleted; HAProxy did not have it before, and does "
	    "not get it",
	    name);
	revoke_proxy_leave_out(removal);
}

/* What could not be removed: may it be served again? */
static void
say_why_not(const struct removal *removal, bool revoked)
{
	if (revoked)
		revoke_proxy_keep_out(removal);
	else if (removal->unknown)
		say_doubt(removal);
	else
		as_before(removal);
}

/* The last moment at which nothing is done that cannot be taken back. */
static int
check_told(const struct removal *removal, struct err *err)
{
	int number = hold_taken();

	if (number == 0)
		return check_same(removal, err);
	return err_set(err, ERR_STOPPED,
	    removal->revoke ? "revoking" : "deleting", removal->ref.name,
	    "told to end by signal %d (%s)", number, strsignal(number));
}

/*
 * Out of HAProxy. Where it comes to no end, all is to be as it was: what the
 * hook ends with does not tell whether it is out.
 */
static int
take_out(const struct removal *removal, int *ret_status, struct err *err)
{
	int rc;
	bool in;

	rc = revoke_proxy_take_out(removal, ret_status, err);
	if (rc == 0 && *ret_status == COMMAND_EXIT_DONE)
		rc = check_told(removal, err);
	if (rc == 0 && *ret_status == COMMAND_EXIT_DONE)
		return 0;
	in = revoke_proxy_has(removal);
	if (rc == 0 &&
	    (in || !removal->was_in || *ret_status == COMMAND_EXIT_LOCKED)) {
		removal_tell_in(removal->call->conf, &removal->ref,
		    removal->revoke, in, *ret_status);
		if (removal->doubtful && !in)
			say_doubt(removal);
		return 0;
	}
	log_say(LOG_LEVEL_ERROR, "%s: nothing was %s", removal->ref.name,
	    removal->revoke ? "revoked" : "deleted");
	if (rc == ERR_STOPPED || rc == ERR_CHILD || !in)
		as_before(removal);
	return rc;
}

static int
remove_it(struct removal *removal, int *ret_status, struct err *err)
{
	bool revoked = false;
	int rc = 0;

	if (removal->revoke) {
		rc = revoke_engine_revoke(removal, err);
		revoked = rc == 0;
	}
	if (rc == 0)
		rc = revoke_engine_delete(removal, err);
	if (rc == 0)
		return revoke_proxy_end(removal, ret_status, err);
	say_why_not(removal, revoked);
	return rc;
}

/*
 * Who tells us to end is heard until the engine is called, and all is as it
 * was then; the engine is told; and what it has begun is brought to an end.
 */
static int
bring_to_end(struct removal *removal, int *ret_status, struct err *err)
{
	sigset_t before;
	int rc;

	hold_begin(&before);
	revoke_proxy_look(removal);
	rc = take_out(removal, ret_status, err);
	if (rc == 0 && *ret_status == COMMAND_EXIT_DONE)
		rc = remove_it(removal, ret_status, err);
	/* What is wrong is told first. */
	while (rc < 0 && hold_taken() != 0)
		continue;
	hold_end(&before);
	return rc;
}

/* One at a time: two would each take what the other does for its own. */
static int
carry_out(struct removal *removal, int *ret_status, struct err *err)
{
	struct lock *held = NULL;
	int rc;

	rc = removal_lock(
	    removal->call->conf, &removal->ref, removal->revoke, &held, err);
	if (rc == 0)
		rc = check_same(removal, err);
	if (rc == 0)
		rc = bring_to_end(removal, ret_status, err);
	lock_release(held);
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
	removal.server = renewal.server;
	removal.known =
	    lineage_identify(&removal.ref, &removal.ident, &ignored) == 0;
	(void)!leftover_new(&removal.ref, &removal.leftover, &ignored);
	if (confirm(&removal))
		rc = carry_out(&removal, ret_status, err);
	else
		*ret_status = COMMAND_EXIT_UNCONFIRMED;
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
