/*
 * verb_renew.c: renew: every lineage that is due, one after another; one that
 * fails does not keep the others.
 */
#include "acme/verb.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "acme/choose.h"
#include "acme/obtain.h"
#include "acme/params.h"
#include "acme/repair.h"
#include "acme/stop.h"
#include "acme/summary.h"
#include "base/clock.h"
#include "cert/pki.h"

static const char doing[] = "renewing";

/* certbot's post hooks get at most so much of each list. */
enum {
	DOMAINS_MOST_BYTES = 16000,
	SLEEP_MOST_S = 480,
	FULLCHAIN_BYTES = LIMIT_PATH_BYTES + 16, /* with its file's name */
};

struct run {
	struct front *front;
	struct summary summary;
	struct buf renewed, failed; /* names, for the post hooks */
	bool slept;
};

/* --- one lineage ---------------------------------------------------------- */

static void
add_names(struct buf *list, const struct pki_facts *facts)
{
	struct err err = ERR_INIT;
	int rc = 0;

	/* Cut, as certbot cuts it: a hook must not fail to start over it. */
	for (size_t i = 0; rc == 0 && i < facts->name_count; i++)
		rc = buf_printf(list, &err, "%s%s", list->len > 0 ? " " : "",
		    facts->names[i]);
}

/*
 * Without a terminal, and so from a timer: not all of the world at the same
 * second. Once, and only where something is due.
 */
static int
take_a_nap(struct run *run, struct err *err)
{
	unsigned char random[2];
	long wait_s;
	int rc;

	if (run->slept || !run->front->cli->random_sleep ||
	    isatty(STDIN_FILENO) || run->front->cli->dry_run)
		return 0;
	run->slept = true;
	rc = clock_random(random, sizeof(random), err);
	if (rc < 0)
		return rc;
	wait_s = 1 + (random[0] << 8 | random[1]) % SLEEP_MOST_S;
	front_note(run->front, FRONT_INFO,
	    "Non-interactive renewal: random delay of %ld seconds", wait_s);
	return stop_wait(run->front->stop_fd, -1, (int)wait_s * 1000, err);
}

static int
renew_one(struct run *run, const struct store_lineage *lineage, char *fullchain,
    struct err *err)
{
	const struct pki_facts *facts = pki_cert_facts(lineage->leaf);
	struct obtain obtain = {.front = run->front,
	    .lineage = lineage,
	    .names = (const char *const *)facts->names,
	    .name_count = facts->name_count,
	    .renewing = true};
	const struct options *cli = run->front->cli;
	struct options params;
	int rc = obtain_params(run->front, lineage->conf, &params, err);

	if (rc < 0)
		return rc;
	obtain.params = &params;
	rc = obtain_run(&obtain, fullchain, err);
	params_free(&params, cli);
	return rc;
}

static void
path_of(const struct store_lineage *lineage, char *ret, size_t size)
{
	(void)snprintf(ret, size, "%s/fullchain.pem", lineage->ref.dir);
}

static void
skip(struct run *run, const struct store_lineage *lineage)
{
	char path[FULLCHAIN_BYTES], until[32], why[64];

	path_of(lineage, path, sizeof(path));
	(void)clock_iso(
	    pki_cert_facts(lineage->leaf)->not_after_s, until, sizeof(until));
	until[10] = '\0'; /* the day alone */
	(void)snprintf(why, sizeof(why), "expires on %s (skipped)", until);
	front_say(run->front, "Certificate not yet due for renewal");
	summary_note(&run->summary, SUMMARY_SKIPPED, path, why);
}

static void
try_one(struct run *run, const struct store_lineage *lineage)
{
	const struct pki_facts *facts = pki_cert_facts(lineage->leaf);
	char fullchain[FULLCHAIN_BYTES];
	struct err err = ERR_INIT;
	char line[LIMIT_LOG_LINE_BYTES];
	bool due = false;
	int rc;

	path_of(lineage, fullchain, sizeof(fullchain));
	rc = choose_is_due(run->front, lineage, &due, &err);
	if (rc == 0 && !due) {
		skip(run, lineage);
		return;
	}
	if (rc == 0)
		rc = take_a_nap(run, &err);
	if (rc == 0)
		rc = renew_one(run, lineage, fullchain, &err);
	if (rc == 0) {
		add_names(&run->renewed, facts);
		summary_note(
		    &run->summary, SUMMARY_RENEWED, fullchain, "(success)");
		return;
	}
	front_warn(run->front, "Failed to renew certificate %s with error: %s",
	    lineage->ref.name, err_text(&err, line, sizeof(line)));
	add_names(&run->failed, facts);
	summary_note(&run->summary, SUMMARY_FAILED, fullchain, "(failure)");
}

/* As certbot: without one the conf is none, whether it is due or not. */
static bool
has_authenticator(const struct store_lineage *lineage)
{
	return renewal_get(lineage->conf, "renewalparams", "authenticator") !=
	    NULL;
}

static void
process(struct run *run, const char *name)
{
	struct front *front = run->front;
	struct store_lineage lineage = {.conf = NULL};
	struct err err = ERR_INIT;
	char path[FULLCHAIN_BYTES], line[LIMIT_LOG_LINE_BYTES];
	bool mended;
	int rc;

	(void)snprintf(path, sizeof(path), "%s/renewal/%s.conf",
	    front->dirs.config_dir, name);
	front_say(front, "%s", "");
	front_say(front, FRONT_RULE);
	front_say(front, "Processing %s", path);
	front_say(front, FRONT_RULE);
	rc = repair_lineage(front, name, &mended, &err);
	if (rc == 0)
		rc = store_read(&front->dirs, name, &lineage, &err);
	if (rc == 0 && lineage.broken.code != 0) {
		err = lineage.broken;
		rc = err.code;
	}
	if (rc == 0 && !has_authenticator(&lineage)) {
		front_warn(front,
		    "Renewal configuration file %s does not specify an "
		    "authenticator. Skipping.",
		    path);
		store_lineage_free(&lineage);
		summary_note(
		    &run->summary, SUMMARY_BROKEN, path, "(parsefail)");
		return;
	}
	if (rc == 0)
		rc = params_check(front->cli, lineage.conf, &err);
	if (rc == 0) {
		try_one(run, &lineage);
	} else {
		front_warn(front, "Renewal configuration file %s is broken. %s",
		    path, err_text(&err, line, sizeof(line)));
		summary_note(
		    &run->summary, SUMMARY_BROKEN, path, "(parsefail)");
	}
	store_lineage_free(&lineage);
}

/* --- all ------------------------------------------------------------------ */

/* As certbot, in its words; those of a map are told apart by it. */
static int
check_names(const struct options *cli, struct err *err)
{
	for (size_t i = 0; i < cli->domain_count; i++) {
		if (option_mapped_webroot(cli, cli->domains[i]) != NULL)
			continue;
		return err_set(err, ERR_INVALID, doing, cli->domains[i],
		    "Currently, the renew verb is capable of either renewing "
		    "all installed certificates that are due to be renewed or "
		    "renewing a single certificate specified by its name. If "
		    "you would like to renew specific certificates by their "
		    "domains, use the certonly command instead. The renew verb "
		    "may provide other options for selecting certificates to "
		    "renew in the future. (Its name: --cert-name NAME)");
	}
	return 0;
}

static int
names_of(struct front *front, char ***ret, size_t *ret_count, struct err *err)
{
	const char *wanted = front->cli->cert_name;
	size_t count = 0, kept = 0;
	char **names = NULL;
	int rc = check_names(front->cli, err);

	if (rc < 0)
		return rc;
	rc = store_names(&front->dirs, &names, &count, err);
	if (rc < 0)
		return rc;
	for (size_t i = 0; wanted != NULL && i < count; i++) {
		if (strcmp(names[i], wanted) != 0)
			continue;
		if (i != 0) {
			char *first = names[0];

			names[0] = names[i];
			names[i] = first;
		}
		kept = 1;
	}
	if (wanted != NULL && kept == 0) {
		lineage_names_free(names, count);
		store_none(&front->dirs, wanted, doing, err);
		return ERR_NOENT;
	}
	*ret = names;
	*ret_count = count;
	return 0;
}

static int
finish(struct run *run, int *ret_status, struct err *err)
{
	size_t bad = run->summary.counts[SUMMARY_FAILED],
	       broken = run->summary.counts[SUMMARY_BROKEN];
	int rc;

	summary_say(&run->summary, run->front);
	rc = hooks_flush(run->front->hooks, buf_text(&run->renewed),
	    buf_text(&run->failed), err);
	if (rc < 0 || bad + broken == 0)
		return rc;
	front_warn(run->front, "%zu renew failure(s), %zu parse failure(s)",
	    bad, broken);
	*ret_status = VERB_EXIT_FAILED;
	return 0;
}

int
verb_renew(struct front *front, int *ret_status, struct err *err)
{
	struct run run = {.front = front,
	    .renewed = BUF_INIT(DOMAINS_MOST_BYTES),
	    .failed = BUF_INIT(DOMAINS_MOST_BYTES)};
	char **names = NULL;
	struct err why = ERR_INIT;
	size_t count = 0, todo;
	int rc, stopped = 0;

	*ret_status = VERB_EXIT_DONE;
	rc = names_of(front, &names, &count, err);
	if (rc < 0)
		return rc;
	rc = summary_begin(&run.summary, count, err);
	if (rc < 0)
		goto out;
	todo = front->cli->cert_name != NULL ? 1 : count;
	for (size_t i = 0; i < todo; i++) {
		stopped = stop_check(front->stop_fd, &why);
		if (stopped < 0)
			break;
		process(&run, names[i]);
	}
	rc = finish(&run, ret_status, err);
	if (rc == 0 && stopped < 0) {
		*err = why;
		rc = stopped;
	}
out:
	summary_free(&run.summary);
	lineage_names_free(names, count);
	buf_free(&run.renewed);
	buf_free(&run.failed);
	return rc;
}
