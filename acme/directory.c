/*
 * directory.c: the first step of every job.
 */
#include "acme/directory.h"

#include <string.h>

static const char doing[] = "fetching the CA's directory";

int
directory_fetch(
    struct exchange *exchange, struct wire_directory *ret, struct err *err)
{
	const char *server = exchange_job(exchange)->server;
	struct exchange_reply reply;
	struct err why = ERR_INIT;
	int rc;

	rc = exchange_get(exchange, server, doing, &reply, err);
	if (rc == 0)
		rc = wire_read_directory(&reply.http.body, ret, &why);
	if (rc < 0 && why.code != 0)
		rc = err_set(err, why.code, doing, server,
		    "is this an ACME server's directory? %s", why.detail);
	if (rc == 0)
		exchange_nonces_from(exchange, ret->new_nonce);
	exchange_reply_free(&reply);
	return rc;
}

bool
directory_has_profile(
    const struct wire_directory *directory, const char *profile)
{
	for (size_t i = 0; i < directory->profile_count; i++) {
		if (strcmp(directory->profiles[i], profile) == 0)
			return true;
	}
	return false;
}
