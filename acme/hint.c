/*
 * hint.c: see hint.h. certify.c puts it into the job, and the client tells it
 * with the names that were refused.
 */
#include "acme/hint.h"

#include <stdio.h>
#include <string.h>

static void
write_standalone(const struct options *params, char *ret)
{
	const char *address = params->http01_address;
	bool named = address != NULL && address[0] != '\0';

	(void)snprintf(ret, HINT_BYTES,
	    "The Certificate Authority failed to download the challenge files "
	    "from the temporary standalone webserver started by Certbot on "
	    "%s%s%ld. Ensure that the listed domains point to this machine "
	    "and that it can accept inbound connections from the internet.",
	    named ? address : "port", named ? ":" : " ", params->http01_port);
}

static void
write_manual(enum job_challenge challenge, char *ret)
{
	bool dns = challenge == JOB_DNS_01;

	(void)snprintf(ret, HINT_BYTES,
	    "The Certificate Authority failed to verify the %s created by the "
	    "--manual-auth-hook. Ensure that this hook is functioning "
	    "correctly%s. Refer to \"certbot --help manual\" and the Certbot "
	    "User Guide.",
	    dns ? "DNS TXT records" : "challenge files",
	    dns ? " and that it waits a sufficient duration of time for DNS "
		  "propagation"
		: "");
}

void
hint_write(
    const struct options *params, enum job_challenge challenge, char *ret)
{
	if (strcmp(params->authenticator, "standalone") == 0)
		write_standalone(params, ret);
	else if (strcmp(params->authenticator, "manual") == 0)
		write_manual(challenge, ret);
	else
		(void)snprintf(ret, HINT_BYTES,
		    "The Certificate Authority failed to download the "
		    "temporary challenge files created by Certbot. Ensure that "
		    "the listed domains serve their content from the provided "
		    "--webroot-path/-w and that files created there can be "
		    "downloaded from the internet.");
}
