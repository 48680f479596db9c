/*
 * verify.c: which handshakes prove that a bundle is served, and what their
 * results mean. The last step of a deploy: nothing is done until the wire
 * shows it. verify_tls.c makes the handshakes.
 */
#include "haproxy/verify.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/text.h"
#include "haproxy/filter.h"
#include "haproxy/verify_tls.h"

#define DOING "verifying on the wire"

/*
 * After so many failures, with nothing shown yet, an address is not tried
 * further: it does not answer, and each try may cost a timeout.
 */
enum { FAILURES_ENOUGH = 3 };

/* What was seen of some of the targets. */
struct tally {
	size_t tried, other, other_chain, failed, skipped;
	struct verify_seen seen; /* the first that was wrong */
	char failed_at[LIMIT_ERR_ON_BYTES], why[256]; /* the first failure */
};

/* What is asked for, and what was seen so far. */
struct survey {
	const struct discovery_targets *targets;
	const struct pki_facts *leaf;
	const struct verify_policy *policy;
	const unsigned char *replaced; /* what may not be shown any more, while
	    a third one may; NULL: every handshake must show leaf */
	bool by_name; /* for each name, else without SNI */
	size_t name_count; /* how many a target has at most */
	char label[24]; /* in place of the * of a wildcard */

	size_t target, name; /* where the list of jobs is */
	long attempt;
	long asked[LIMIT_TARGETS]; /* handshakes that were begun ... */
	bool fruitful; /* ... and this attempt has made some */
	size_t failures[LIMIT_TARGETS];
	bool answered[LIMIT_TARGETS];
	struct verify_marks *marks, own; /* `own` where the policy has none */

	struct tally tallies[2]; /* by whether the target is `maybe` */
	size_t third;
	struct verify_seen third_seen; /* the first that was a third one */
};

static struct tally *
tally_of(struct survey *survey, size_t target)
{
	return &survey->tallies[survey->targets->items[target].maybe];
}

/* The SNI for `name`, false where it is none that a client would send. */
static bool
sni_of(const struct survey *survey, const char *name, char *ret)
{
	size_t len = strlen(name), label_len = strlen(survey->label);

	struct in_addr address;

	/* An IPv4 address has the letters of a name. */
	if (!text_is_dns_name(name, true) ||
	    inet_pton(AF_INET, name, &address) == 1)
		return false;
	if (strncmp(name, "*.", 2) != 0) {
		(void)snprintf(ret, LIMIT_DNS_NAME_BYTES + 1, "%s", name);
		return true;
	}
	/* A suffix that long leaves room for a short label only. */
	if (len - 1 + label_len > LIMIT_DNS_NAME_BYTES)
		label_len = 1;
	(void)snprintf(ret, LIMIT_DNS_NAME_BYTES + 1, "%.*s%s", (int)label_len,
	    survey->label, name + 1);
	return true;
}

/* Has the certificate itself this name? */
static bool
is_own(const struct survey *survey, const char *name)
{
	for (size_t i = 0; i < survey->leaf->name_count; i++) {
		if (strcasecmp(survey->leaf->names[i], name) == 0)
			return true;
	}
	return false;
}

/*
 * The SNI for the n-th name of a target: of the certificate's as far as the
 * filters let them through, then those of the filters that it does not have.
 */
static bool
nth_sni(const struct survey *survey, const char *filters, size_t n, char *ret)
{
	char name[LIMIT_DNS_NAME_BYTES + 1];
	size_t own = survey->leaf->name_count;

	/* One that a wildcard lets through may be another line's by itself;
	 * the wildcard is asked for with a label of our own. */
	if (n < own)
		return filter_has(filters, survey->leaf->names[n]) &&
		    sni_of(survey, survey->leaf->names[n], ret) &&
		    filter_admits(filters, ret);
	return filter_name(filters, n - own, name) && !is_own(survey, name) &&
	    sni_of(survey, name, ret) && filter_admits(filters, ret);
}

static void
describe(const struct survey *survey, const struct verify_job *job, char *ret,
    size_t size)
{
	(void)snprintf(ret, size, "%.253s at %.200s",
	    *job->sni == '\0' ? "no name (the default)" : job->sni,
	    survey->targets->items[job->target].text);
}

/* Steps to the next combination of target, name and attempt. */
static bool
step(struct survey *survey)
{
	if (++survey->target < survey->targets->count)
		return true;
	survey->target = 0;
	if (survey->by_name && ++survey->name < survey->name_count)
		return true;
	survey->name = 0;
	if (++survey->attempt >= survey->policy->attempts && !survey->fruitful)
		return false;
	survey->fruitful = false;
	return true;
}

static bool
next_job(void *arg, struct verify_job *ret)
{
	struct survey *survey = arg;
	const struct discovery_target *target;

	if (survey->targets->count == 0 ||
	    (survey->by_name && survey->name_count == 0))
		return false;
	while (step(survey)) {
		if (survey->attempt >= survey->policy->attempts &&
		    survey->asked[survey->target] >= survey->policy->least)
			continue;
		target = &survey->targets->items[survey->target];
		ret->target = survey->target;
		ret->name = survey->name;
		ret->sni[0] = '\0';
		if (survey->by_name &&
		    !nth_sni(survey, target->filters, survey->name, ret->sni))
			continue;
		if (!survey->by_name && !target->is_default)
			continue;
		if (!survey->answered[survey->target] &&
		    survey->failures[survey->target] >= FAILURES_ENOUGH) {
			tally_of(survey, survey->target)->skipped++;
			continue;
		}
		survey->asked[survey->target]++;
		survey->fruitful = true;
		return true;
	}
	return false;
}

static void
take_first(const struct survey *survey, const struct verify_job *job,
    const struct verify_result *result, size_t *count, struct verify_seen *ret)
{
	if ((*count)++ > 0)
		return;
	*ret = result->seen;
	describe(survey, job, ret->at, sizeof(ret->at));
	(void)snprintf(ret->address, sizeof(ret->address), "%s",
	    survey->targets->items[job->target].text);
}

static void
take_failure(struct survey *survey, const struct verify_job *job,
    const struct verify_result *result)
{
	struct tally *tally = tally_of(survey, job->target);

	survey->failures[job->target]++;
	survey->marks->wrong[job->target] = true;
	if (!survey->answered[job->target])
		survey->marks->silent[job->target] |= result->late;
	if (tally->failed++ > 0)
		return;
	describe(survey, job, tally->failed_at, sizeof(tally->failed_at));
	memcpy(tally->why, result->why, sizeof(tally->why));
}

static void
take_other_chain(struct survey *survey, const struct verify_job *job,
    const struct verify_result *result)
{
	struct tally *tally = tally_of(survey, job->target);

	survey->marks->wrong[job->target] = true;
	if (tally->other == 0)
		take_first(
		    survey, job, result, &tally->other_chain, &tally->seen);
}

static void
take_result(
    void *arg, const struct verify_job *job, const struct verify_result *result)
{
	struct survey *survey = arg;
	const struct verify_seen *seen = &result->seen;
	struct tally *tally = tally_of(survey, job->target);

	tally->tried++;
	if (!result->shown) {
		take_failure(survey, job, result);
		return;
	}
	survey->answered[job->target] = true;
	survey->marks->silent[job->target] = false;
	if (memcmp(seen->sha256, survey->leaf->sha256, PKI_SHA256_BYTES) == 0) {
		survey->marks->right[job->target] = true;
		if (survey->policy->chain != NULL &&
		    memcmp(seen->chain, survey->policy->chain,
			PKI_SHA256_BYTES) != 0)
			take_other_chain(survey, job, result);
	} else if (survey->replaced != NULL &&
	    memcmp(seen->sha256, survey->replaced, PKI_SHA256_BYTES) != 0) {
		take_first(
		    survey, job, result, &survey->third, &survey->third_seen);
	} else {
		survey->marks->wrong[job->target] = true;
		take_first(survey, job, result, &tally->other, &tally->seen);
	}
}

/* Which error, if any, these targets make. */
static int
judge_tally(const struct survey *survey, const struct tally *tally,
    struct verify_seen *ret_seen, struct err *err)
{
	if (tally->other > 0) {
		*ret_seen = tally->seen;
		return err_set(err, ERR_MISMATCH, DOING, ret_seen->at,
		    "shows the certificate with serial %s (%s), not the one "
		    "with serial %s; %zu of %zu handshakes showed another "
		    "than ours, %zu failed",
		    tally->seen.serial, tally->seen.subject,
		    survey->leaf->serial, tally->other, tally->tried,
		    tally->failed);
	}
	if (tally->failed > 0 || tally->skipped > 0)
		return err_set(err, ERR_UNPROVED, DOING, tally->failed_at,
		    "%s; %zu of %zu handshakes failed%s", tally->why,
		    tally->failed, tally->tried,
		    tally->skipped > 0 ? ", the rest was not tried" : "");
	if (tally->other_chain > 0) {
		*ret_seen = tally->seen;
		ret_seen->other_chain = true;
		return err_set(err, ERR_UNPROVED, DOING, ret_seen->at,
		    "shows the right certificate, but not the intermediate "
		    "ones of the bundle behind it");
	}
	return 0;
}

/* Is there a target that showed the leaf, and nothing else? */
static bool
is_served(const struct survey *survey)
{
	for (size_t i = 0; i < survey->targets->count; i++) {
		if (survey->marks->right[i] && !survey->marks->wrong[i])
			return true;
	}
	return false;
}

/* What is wrong at a certain target counts before what is so at others. */
static int
judge(struct survey *survey, struct verify_seen *ret_seen, struct err *err)
{
	int rc;

	memset(ret_seen, 0, sizeof(*ret_seen));
	rc = judge_tally(survey, &survey->tallies[false], ret_seen, err);
	if (rc < 0)
		return rc;
	rc = judge_tally(survey, &survey->tallies[true], ret_seen, err);
	if (rc == 0) {
		*ret_seen = survey->third_seen;
		return 0;
	}
	ret_seen->maybe = true;
	ret_seen->served = is_served(survey);
	return rc;
}

static bool
is_untried(const struct survey *survey)
{
	return survey->tallies[false].tried == 0 &&
	    survey->tallies[true].tried == 0;
}

static int
run(struct survey *survey, struct verify_seen *ret_seen, struct err *err)
{
	struct verify_plan plan = {next_job, take_result, survey};
	unsigned char random[6];
	char hex[2 * sizeof(random) + 1];
	int rc;

	rc = clock_random(random, sizeof(random), err);
	if (rc < 0)
		return rc;
	text_hex(random, sizeof(random), hex);
	(void)snprintf(survey->label, sizeof(survey->label), "x%s", hex);
	for (size_t i = 0; i < survey->targets->count; i++) {
		size_t count = survey->leaf->name_count +
		    filter_count(survey->targets->items[i].filters);

		if (count > survey->name_count)
			survey->name_count = count;
	}
	survey->marks = survey->policy->marks != NULL ? survey->policy->marks
						      : &survey->own;
	/* step() moves first. */
	survey->target = (size_t)-1;
	rc = verify_tls_run(survey->targets->items, survey->policy, &plan, err);
	return rc < 0 ? rc : judge(survey, ret_seen, err);
}

int
verify_names(const struct discovery_targets *targets,
    const struct pki_facts *leaf, const struct verify_policy *policy,
    struct verify_seen *ret_seen, struct err *err)
{
	struct survey *survey;
	int rc;

	if (targets->count == 0)
		return err_set(err, ERR_UNPROVED, DOING, leaf->subject,
		    "no address is known where HAProxy serves it");
	survey = calloc(1, sizeof(*survey));
	if (survey == NULL)
		return err_nomem(err, DOING);
	survey->targets = targets;
	survey->leaf = leaf;
	survey->policy = policy;
	survey->by_name = true;
	rc = run(survey, ret_seen, err);
	/* No name but IP addresses: clients get it as the default. */
	if (rc == 0 && is_untried(survey)) {
		memset(survey, 0, sizeof(*survey));
		survey->targets = targets;
		survey->leaf = leaf;
		survey->policy = policy;
		rc = run(survey, ret_seen, err);
	}
	if (rc == 0 && is_untried(survey))
		rc = err_set(err, ERR_UNPROVED, DOING, leaf->subject,
		    "it has no DNS name and is no address's default");
	free(survey);
	return rc;
}

int
verify_default(const struct discovery_targets *targets,
    const struct pki_facts *leaf, const unsigned char *replaced,
    const struct verify_policy *policy, struct verify_seen *ret_seen,
    struct err *err)
{
	struct survey *survey;
	int rc;

	survey = calloc(1, sizeof(*survey));
	if (survey == NULL)
		return err_nomem(err, DOING);
	survey->targets = targets;
	survey->leaf = leaf;
	survey->policy = policy;
	survey->replaced = replaced;
	rc = run(survey, ret_seen, err);
	free(survey);
	return rc;
}
