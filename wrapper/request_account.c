/*
 * request_account.c: is there an account at the CA, or may one be made? certbot
 * would say it in terms of its own options, which the operator did not type.
 */
#include "wrapper/request.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#define PRODUCTION "https://acme-v02.api.letsencrypt.org/directory"
#define STAGING "https://acme-staging-v02.api.letsencrypt.org/directory"

/* A directory of it below accounts/ (contract: host[:port]/path/ID). */
static bool
has_account(const struct conf *conf, const char *server)
{
	const char *path = strstr(server, "://");
	char dir[LIMIT_PATH_BYTES];
	struct dirent *entry;
	bool found = false;
	DIR *accounts;
	int n;

	path = path == NULL ? server : path + 3;
	n = snprintf(dir, sizeof(dir), "%s/accounts/%s",
	    conf->letsencrypt.config_dir, path);
	if (n < 0 || (size_t)n >= sizeof(dir))
		return false;
	accounts = opendir(dir);
	while (
	    accounts != NULL && !found && (entry = readdir(accounts)) != NULL)
		found = strlen(entry->d_name) == 32;
	if (accounts != NULL)
		(void)closedir(accounts);
	return found;
}

const char *
request_server(const struct request *request)
{
	const char *server = request->conf->account.server;

	if (*server != '\0')
		return server;
	/* certbot rehearses with staging unless a server was named. */
	return request->staging || request->wanted.dry_run ? STAGING
							   : PRODUCTION;
}

int
request_account(const struct request *request, struct err *err)
{
	const struct conf *conf = request->conf;
	const char *server = request_server(request);

	if (conf->account.agree_tos ||
	    request_rest_has(request, "--agree-tos") ||
	    request_rest_has(request, "--server") ||
	    request_rest_has(request, "--account"))
		return 0;
	if (has_account(conf, server))
		return 0;
	return err_set(err, ERR_CONF, REQUEST_DOING, "account.agree_tos",
	    "there is no account at %.200s yet, and to make one you must agree "
	    "to its terms of service: read them, then set in %.200s: account: "
	    "{ agree_tos = true; email = \"you@example.com\"; };",
	    server, conf->path != NULL ? conf->path : CONF_DEFAULT_PATH);
}
