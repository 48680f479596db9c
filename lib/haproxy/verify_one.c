/*
 * verify_one.c: a single handshake, for those who only want to look.
 */
#include "haproxy/verify.h"

#include <stdio.h>
#include <string.h>

#include "haproxy/verify_tls.h"

#define DOING "verifying on the wire"

/* A plan of one job. */
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
