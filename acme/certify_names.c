/*
 * certify_names.c: what the names of a certificate want: which challenge they
 * are proved by, and how they are told.
 */
#include "acme/certify.h"

#include <stdio.h>
#include <string.h>

static const char doing[] = "getting a certificate";

int
certify_choose(
    const struct certify *certify, enum job_challenge *ret, struct err *err)
{
	const struct options *params = certify->params;
	bool manual = strcmp(params->authenticator, "manual") == 0;
	bool wildcard = false;

	*ret = JOB_HTTP_01;
	for (size_t i = 0; i < certify->name_count; i++)
		wildcard = wildcard || strncmp(certify->names[i], "*.", 2) == 0;
	for (size_t i = 0; i < params->preferred_challenge_count; i++) {
		bool dns =
		    strncmp(params->preferred_challenges[i], "dns", 3) == 0;

		if (dns && !manual)
			continue;
		*ret = dns ? JOB_DNS_01 : JOB_HTTP_01;
		goto chosen;
	}
	if (params->preferred_challenge_count > 0)
		return err_set(err, ERR_USAGE, doing, params->authenticator,
		    "cannot answer the preferred challenges (dns-01 wants "
		    "--manual with hooks)");
	if (wildcard && manual)
		*ret = JOB_DNS_01;
chosen:
	if (wildcard && *ret == JOB_HTTP_01)
		return err_set(err, ERR_USAGE, doing, certify->names[0],
		    "a wildcard needs dns-01: --manual "
		    "--preferred-challenges dns with --manual-auth-hook");
	return 0;
}

void
certify_describe(const char *const *names, size_t count, char *ret, size_t size)
{
	if (count == 1)
		(void)snprintf(ret, size, "%s", names[0]);
	else if (count == 2)
		(void)snprintf(ret, size, "%s and %s", names[0], names[1]);
	else
		(void)snprintf(ret, size, "%s and %zu more domains",
		    count == 0 ? "" : names[0], count == 0 ? 0 : count - 1);
}
