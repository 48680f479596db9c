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

#include "base/clock.h"
#include "base/text.h"
#include "haproxy/verify_tls.h"

#define DOING "verifying on the wire"

/*
 * After so many failures, with nothing shown yet, an address is not tried
 * further: it does not answer, and each try may cost a timeout.
 */
enum { FAILURES_ENOUGH = 3 };

/* What is asked for, and what was seen so far. */
struct survey {
	const struct discovery_targets *targets;
	const struct pki_facts *leaf;
	const struct verify_policy *policy;
	const unsigned char *replaced; /* NULL: every handshake must show leaf;
	    else: none may show this */
	bool by_name; /* for each name, else without SNI */
	char label[24]; /* in place of the * of a wildcard */

	size_t target, name; /* where the list of jobs is */
	long attempt;
	size_t failures[LIMIT_TARGETS];
	bool answered[LIMIT_TARGETS];

	size_t tried, shown, other, failed, skipped;
	struct verify_seen seen; /* the first that was wrong */
	char seen_at[LIMIT_ERR_ON_BYTES];
	char failed_at[LIMIT_ERR_ON_BYTES], why[256]; /* the first failure */
};

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
	if (survey->by_name && ++survey->name < survey->leaf->name_count)
		return true;
	survey->name = 0;
	return ++survey->attempt < survey->policy->attempts;
}

static bool
next_job(void *arg, struct verify_job *ret)
{
	struct survey *survey = arg;
	const struct discovery_target *target;

	if (survey->targets->count == 0 ||
	    (survey->by_name && survey->leaf->name_count == 0))
		return false;
	while (step(survey)) {
		target = &survey->targets->items[survey->target];
		ret->target = survey->target;
		ret->name = survey->name;
		ret->sni[0] = '\0';
		if (survey->by_name &&
		    !sni_of(
			survey, survey->leaf->names[survey->name], ret->sni))
			continue;
		if (!survey->by_name && !target->is_default)
			continue;
		if (!survey->answered[survey->target] &&
		    survey->failures[survey->target] >= FAILURES_ENOUGH) {
			survey->skipped++;
			continue;
		}
		return true;
	}
	return false;
}

static void
take_result(
    void *arg, const struct verify_job *job, const struct verify_result *result)
{
	struct survey *survey = arg;
	bool right;

	survey->tried++;
	if (!result->shown) {
		survey->failures[job->target]++;
		if (survey->failed++ == 0) {
			describe(survey, job, survey->failed_at,
			    sizeof(survey->failed_at));
			memcpy(survey->why, result->why, sizeof(survey->why));
		}
		return;
	}
	survey->answered[job->target] = true;
	right = survey->replaced == NULL
	    ? memcmp(result->seen.sha256, survey->leaf->sha256,
		  PKI_SHA256_BYTES) == 0
	    : memcmp(result->seen.sha256, survey->replaced, PKI_SHA256_BYTES) !=
		0;
	if (right) {
		survey->shown++;
	} else if (survey->other++ == 0) {
		survey->seen = result->seen;
		describe(survey, job, survey->seen_at, sizeof(survey->seen_at));
	}
}

/* Which error, if any, the survey makes. */
static int
judge(
    const struct survey *survey, struct verify_seen *ret_seen, struct err *err)
{
	if (survey->other > 0) {
		*ret_seen = survey->seen;
		return err_set(err, ERR_MISMATCH, DOING, survey->seen_at,
		    "shows the certificate with serial %s (%s), not the one "
		    "with serial %s; %zu of %zu handshakes showed another "
		    "than ours, %zu failed",
		    survey->seen.serial, survey->seen.subject,
		    survey->leaf->serial, survey->other, survey->tried,
		    survey->failed);
	}
	if (survey->failed > 0 || survey->skipped > 0)
		return err_set(err, ERR_UNPROVED, DOING, survey->failed_at,
		    "%s; %zu of %zu handshakes failed%s", survey->why,
		    survey->failed, survey->tried,
		    survey->skipped > 0 ? ", the rest was not tried" : "");
	return 0;
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
	if (rc == 0 && survey->tried == 0) {
		memset(survey, 0, sizeof(*survey));
		survey->targets = targets;
		survey->leaf = leaf;
		survey->policy = policy;
		rc = run(survey, ret_seen, err);
	}
	if (rc == 0 && survey->tried == 0)
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

	if (replaced == NULL ||
	    memcmp(replaced, leaf->sha256, PKI_SHA256_BYTES) == 0)
		return 0;
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

/* verify_handshake(): a plan of one job. */
struct single {
	struct verify_job job;
	struct verify_result result;
	bool given;
};

static bool
next_single(void *arg, struct verify_job *ret)
{
	struct single *single = arg;

	if (single->given)
		return false;
	single->given = true;
	*ret = single->job;
	return true;
}

static void
take_single(
    void *arg, const struct verify_job *job, const struct verify_result *result)
{
	struct single *single = arg;

	(void)job;
	single->result = *result;
}

int
verify_handshake(const struct discovery_target *target, const char *sni,
    const struct verify_policy *policy, struct verify_seen *ret,
    struct err *err)
{
	struct single single;
	struct verify_plan plan = {next_single, take_single, &single};
	int rc;

	memset(&single, 0, sizeof(single));
	if (sni != NULL &&
	    (size_t)snprintf(single.job.sni, sizeof(single.job.sni), "%s",
		sni) >= sizeof(single.job.sni))
		return err_set(err, ERR_LIMIT, DOING, sni,
		    "longer than %d bytes", LIMIT_DNS_NAME_BYTES);
	rc = verify_tls_run(target, policy, &plan, err);
	if (rc < 0)
		return rc;
	if (!single.result.shown)
		return err_set(err, ERR_UNPROVED, DOING, target->text, "%s",
		    single.result.why);
	*ret = single.result.seen;
	return 0;
}
