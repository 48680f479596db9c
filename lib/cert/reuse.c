/*
 * reuse.c: which server's directory an account is in, for those who look at
 * it and for who signs with it.
 */
#include "cert/reuse.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/attr.h"
#include "base/limits.h"

static const struct {
	const char *server, *earlier;
} reused[] = {
    {"https://acme-v02.api.letsencrypt.org/directory",
	"https://acme-v01.api.letsencrypt.org/directory"},
    {"https://acme-staging-v02.api.letsencrypt.org/directory",
	"https://acme-staging.api.letsencrypt.org/directory"},
};

const char *
reuse_earlier(const char *server)
{
	for (size_t i = 0; i < COUNT_OF(reused); i++) {
		if (strcmp(server, reused[i].server) == 0)
			return reused[i].earlier;
	}
	return NULL;
}

bool
reuse_is_lets_encrypt(const char *server)
{
	for (size_t i = 0; i < COUNT_OF(reused); i++) {
		if (strcmp(server, reused[i].server) == 0 ||
		    strcmp(server, reused[i].earlier) == 0)
			return true;
	}
	return false;
}

static bool
has(const char *config_dir, const char *server, const char *id)
{
	const char *host = strstr(server, "://") + sizeof("://") - 1;
	char path[LIMIT_PATH_BYTES];
	struct stat st;
	int len;

	len = snprintf(
	    path, sizeof(path), "%s/accounts/%s/%s", config_dir, host, id);
	return len >= 0 && (size_t)len < sizeof(path) && stat(path, &st) == 0 &&
	    S_ISDIR(st.st_mode);
}

const char *
reuse_server(const char *config_dir, const char *server, const char *id)
{
	const char *earlier = reuse_earlier(server);

	return earlier != NULL && !has(config_dir, server, id) &&
		has(config_dir, earlier, id)
	    ? earlier
	    : server;
}
