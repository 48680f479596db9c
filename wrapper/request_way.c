/*
 * request_way.c: who answers the challenge. What stands behind `--` is not
 * ours; it is only looked at, to see whether it says so itself.
 */
#include "wrapper/request.h"

#include <string.h>

/* Does the word name one of certbot's authenticators? */
static bool
is_authenticator(const struct request *request, size_t i)
{
	static const char *const names[] = {"-a", "--authenticator",
	    "--configurator", "--standalone", "--webroot", "--webroot-path",
	    "-w", "--manual", "--nginx", "--apache"};
	const char *word = request->call->rest[i];

	for (size_t j = 0; j < COUNT_OF(names); j++) {
		if (request_rest_at(request, i, names[j]) != NULL)
			return true;
	}
	return strncmp(word, "--dns-", 6) == 0;
}

static bool
is_of_http(const char *plugin)
{
	static const char *const names[] = {
	    "standalone", "webroot", "nginx", "apache"};

	for (size_t j = 0; j < COUNT_OF(names); j++) {
		if (strcmp(plugin, names[j]) == 0)
			return true;
	}
	return false;
}

/* Does the word ask for dns-01, or for who may do that? */
static bool
is_dns(const struct request *request, size_t i)
{
	static const char *const plugins[] = {
	    "-a", "--authenticator", "--configurator"};
	const char *value;

	for (size_t j = 0; j < COUNT_OF(plugins); j++) {
		value = request_rest_at(request, i, plugins[j]);
		if (value != NULL && !is_of_http(value))
			return true;
	}
	value = request_rest_at(request, i, "--preferred-challenges");
	return (value != NULL && strstr(value, "dns") != NULL) ||
	    request_rest_at(request, i, "--manual") != NULL ||
	    strncmp(request->call->rest[i], "--dns-", 6) == 0;
}

int
request_way(struct request *request, struct err *err)
{
	bool in_proxy = command_has(request->call, "in-proxy");
	const char *who = NULL;

	for (size_t i = 0; i < request->call->rest_count; i++) {
		if (is_authenticator(request, i) && who == NULL)
			who = request->call->rest[i];
		request->dns |= is_dns(request, i);
	}
	request->wanted.way = who != NULL ? CERTBOT_OTHER
	    : in_proxy                    ? CERTBOT_IN_PROXY
					  : CERTBOT_STANDALONE;
	if (who != NULL && in_proxy)
		return err_set(err, ERR_USAGE, REQUEST_DOING, who,
		    "says how the challenge is answered, and so does "
		    "--in-proxy; take one of them away");
	/* certbot's standalone, webroot and in-proxy ways have no dns-01. */
	if (who == NULL && request->dns)
		return err_set(err, ERR_USAGE, REQUEST_DOING,
		    "--preferred-challenges",
		    "dns-01 needs a plugin to be named: --dns-..., or --manual "
		    "with its hooks");
	return 0;
}
