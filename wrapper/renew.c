/*
 * renew.c: the engine's renew, then a converge over everything, so that what
 * another timer renewed, or what failed yesterday, is deployed too.
 *
 * What was renewed and deployed is counted on disk before and after: certbot
 * ends with 0 whatever its hooks did, and its words differ with its version.
 */
#include "wrapper/renew.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "wrapper/child.h"

static const struct command_option options[] = {
    {"force", 'f', COMMAND_FLAG, NULL, NULL, 0, 0,
	"renew what is not due yet; CAs limit how often"},
    {"dry-run", 'n', COMMAND_FLAG, NULL, NULL, 0, 0,
	"certbot's rehearsal with a test CA, and the plan of the deploy"},
    {"quiet", 'q', COMMAND_FLAG, NULL, NULL, 0, 0, "say only what failed"},
    {NULL, 0, COMMAND_FLAG, NULL, NULL, 0, 0, NULL},
};

bool
renew_is_meant(const struct renew *renew, const char *name)
{
	const struct command_call *call = renew->call;

	for (size_t i = 0; i < call->name_count; i++) {
		if (strcmp(call->names[i], name) == 0)
			return true;
	}
	return call->name_count == 0;
}

bool
renew_is_new(const struct renew *renew, const struct known_lineage *now)
{
	const struct known_lineage *then =
	    known_get(&renew->before, now->ref.name);

	return then == NULL || now->generation != then->generation;
}

/*
 * certhaul-hook deploy --all, whatever was to be renewed: nothing by name,
 * which would end a rollback that holds.
 */
static int
converge(const struct renew *renew, int *ret_status, struct err *err)
{
	const char *const words[] = {
	    "deploy", "--all", renew->dry_run ? "--dry-run" : NULL, NULL};

	return child_hook(renew->call, words, ret_status, err);
}

struct counts {
	size_t lineages, renewed, deployed, left; /* left: as they were */
};

static struct counts
count(const struct renew *renew)
{
	struct counts counts = {0, 0, 0, 0};

	for (size_t i = 0; i < renew->after.count; i++) {
		const struct known_lineage *now = &renew->after.items[i];
		const struct known_lineage *then =
		    known_get(&renew->before, now->ref.name);

		if (!renew_is_meant(renew, now->ref.name))
			continue;
		counts.lineages++;
		if (renew_is_new(renew, now))
			counts.renewed++;
		else
			counts.left++;
		if (now->deployed == now->generation &&
		    (then == NULL || now->deployed != then->deployed))
			counts.deployed++;
	}
	return counts;
}

/* What the engine does not know, as it has no renewal conf, nobody renews. */
static void
count_unknown(struct renew *renew, struct counts *counts)
{
	const struct command_call *call = renew->call;
	struct err ignored = ERR_INIT;
	char **names = NULL;
	size_t count = 0;

	(void)!lineage_list(
	    call->conf->letsencrypt.config_dir, &names, &count, &ignored);
	for (size_t i = 0; i < count; i++) {
		if (!renew_is_meant(renew, names[i]) ||
		    known_get(&renew->after, names[i]) != NULL)
			continue;
		counts->lineages++;
		counts->left++;
		if (call->name_count > 0) /* it has failed on that */
			continue;
		renew->failed++;
		log_say(LOG_LEVEL_ERROR,
		    "%s: there is no renewal/%s.conf, so nothing renews it: "
		    "certhaul status %s",
		    names[i], names[i], names[i]);
	}
	lineage_names_free(names, count);
}

/* Forced, each had to be renewed: those that were not have failed. */
static void
check_forced(struct renew *renew, const struct counts *counts)
{
	if (!renew->force || renew->dry_run || renew->locked ||
	    counts->left == 0)
		return;
	if (renew->failed == 0)
		log_say(LOG_LEVEL_ERROR,
		    "the ACME client ended as if all were well, but %zu of %zu "
		    "lineages are as they were; see %s/letsencrypt.log",
		    counts->left, counts->lineages,
		    renew->call->conf->letsencrypt.logs_dir);
	renew->failed = counts->left;
	renew->more_failed = false;
}

/* With files alone nobody knows who serves them. */
static const char *
deployed_word(const struct conf *conf)
{
	return conf->haproxy.update == CONF_UPDATE_NONE
	    ? "installed (HAProxy is not told: haproxy.update)"
	    : "deployed";
}

/* The one line at the end; where all is well, --quiet leaves it out. */
static void
report(const struct renew *renew, const struct counts *counts, int hook_status)
{
	bool well = renew->failed == 0 && !renew->locked && hook_status == 0;
	char line[LIMIT_LOG_LINE_BYTES], failed[128], deploy[160] = "";
	char untried[80] = "";

	if (renew->locked)
		(void)snprintf(untried, sizeof(untried),
		    ", %zu not tried, as another certbot is at work",
		    renew->untried);
	(void)snprintf(failed, sizeof(failed), "%s%zu failed%s",
	    renew->more_failed ? "at least " : "", renew->failed, untried);
	if (hook_status == COMMAND_EXIT_LOCKED)
		(void)snprintf(deploy, sizeof(deploy),
		    "; the deploy was not tried, " CHILD_HOOK_LOCKED);
	else if (hook_status != 0)
		(void)snprintf(deploy, sizeof(deploy),
		    "; the deploy ended with status %d, see above",
		    hook_status);
	if (renew->dry_run)
		(void)snprintf(line, sizeof(line),
		    "dry run: %s, nothing was renewed or deployed%s", failed,
		    deploy);
	else
		(void)snprintf(line, sizeof(line),
		    "%zu lineage%s: %zu renewed, %s, %zu %s%s",
		    counts->lineages, counts->lineages == 1 ? "" : "s",
		    counts->renewed, failed, counts->deployed,
		    deployed_word(renew->call->conf), deploy);
	if (!well) {
		log_say(LOG_LEVEL_ERROR, "%s", line);
		return;
	}
	log_say(LOG_LEVEL_INFO, "%s", line);
	if (!renew->quiet)
		(void)printf("%s\n", line);
}

static int
check_names(const struct command_call *call, struct err *err)
{
	struct lineage_ref ref;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < call->name_count; i++)
		rc = known_find(call->conf, call->names[i], &ref, err);
	return rc;
}

static int
run(const struct command_call *call, int *ret_status, struct err *err)
{
	struct renew renew = {
	    .call = call,
	    .force = command_has(call, "force"),
	    .dry_run = command_has(call, "dry-run"),
	    .quiet = command_has(call, "quiet"),
	    .start_s = clock_now_s(),
	};
	int hook_status = COMMAND_EXIT_DONE, rc;
	struct counts counts;

	rc = check_names(call, err);
	if (rc == 0)
		rc = known_all(call->conf, &renew.before, err);
	if (rc == 0)
		rc = renew_engine(&renew, err);
	if (rc == 0)
		rc = converge(&renew, &hook_status, err);
	if (rc == 0)
		rc = known_all(call->conf, &renew.after, err);
	if (rc < 0)
		goto out;
	counts = count(&renew);
	renew_note_all(&renew);
	count_unknown(&renew, &counts);
	check_forced(&renew, &counts);
	report(&renew, &counts, hook_status);
	if (hook_status != COMMAND_EXIT_DONE)
		*ret_status = hook_status;
	else if (renew.locked)
		*ret_status = COMMAND_EXIT_LOCKED;
	else
		*ret_status =
		    renew.failed > 0 ? COMMAND_EXIT_FAILED : COMMAND_EXIT_DONE;
out:
	known_free(&renew.before);
	known_free(&renew.after);
	return rc;
}

const struct command command_renew = {
    .name = "renew",
    .operands = "[NAME...]",
    .most = LIMIT_LINEAGES,
    .help = "renew what is due, then deploy all that is not served yet",
    .more = "Without a NAME: every lineage. Certificates that somebody else "
	    "renewed, or that could not be deployed before, are deployed, "
	    "too, whatever became of the renewals.",
    .options = options,
    .run = run,
};
