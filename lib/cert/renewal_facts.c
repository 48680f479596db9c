/*
 * renewal_facts.c: certbot's renewal conf, for those who look: when the next
 * renewal is due, by which challenge, and whose account it is. The document
 * itself is read by renewal.c.
 */
#include "cert/renewal_facts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cert/due.h"
#include "cert/renewal.h"
#include "cert/reuse.h"

static const char doing[] = "reading the renewal configuration";
static const char params[] = "renewalparams";

enum { HTTP_PORT = 80, PORT_MOST = 65535, DECIMAL = 10 };

/* What certbot does where nothing is said. */
static const struct renewal_facts unsaid = {
    .autorenew = true,
    .http_port = HTTP_PORT,
};

/* What does not fit is none that we know. */
static void
take(const struct renewal *renewal, const char *section, const char *key,
    char *ret, size_t size)
{
	const char *value = renewal_get(renewal, section, key);

	if (value != NULL && strlen(value) < size)
		(void)snprintf(ret, size, "%s", value);
}

/* Where standalone listens; 0 for what is no port. */
static long
take_port(const struct renewal *renewal)
{
	const char *value = renewal_get(renewal, params, "http01_port");
	char *end = NULL;
	long port;

	if (value == NULL)
		return HTTP_PORT;
	port = strtol(value, &end, DECIMAL);
	return end != value && *end == '\0' && port > 0 && port <= PORT_MOST
	    ? port
	    : 0;
}

/* The rule for what is due is another from certbot 4.0 on. */
static bool
is_before_4(const struct renewal *renewal)
{
	const char *version = renewal_get(renewal, "", "version");

	return version != NULL && version[0] >= '0' && version[0] <= '3' &&
	    version[1] == '.';
}

void
renewal_facts_take(const struct renewal *renewal, struct renewal_facts *ret)
{
	const char *hook = renewal_get(renewal, params, "manual_auth_hook");

	*ret = unsaid;
	ret->before_4 = is_before_4(renewal);
	ret->http_port = take_port(renewal);
	ret->hooked = renewal_get(renewal, params, "pre_hook") != NULL;
	take(renewal, params, "http01_address", ret->http_address,
	    sizeof(ret->http_address));
	ret->in_proxy = hook != NULL && strstr(hook, "certhaul-hook") != NULL;
	ret->autorenew = renewal_get_bool(renewal, params, "autorenew", true);
	take(renewal, "", "renew_before_expiry", ret->before_expiry,
	    sizeof(ret->before_expiry));
	take(renewal, params, "authenticator", ret->authenticator,
	    sizeof(ret->authenticator));
	take(renewal, params, "pref_challs", ret->challenges,
	    sizeof(ret->challenges));
	take(renewal, params, "server", ret->server, sizeof(ret->server));
	take(renewal, params, "account", ret->account, sizeof(ret->account));
}

int
renewal_facts_read(
    const struct lineage_ref *ref, struct renewal_facts *ret, struct err *err)
{
	static const char live[] = "/live/";
	size_t dir_len = strlen(ref->dir), name_len = strlen(ref->name);
	size_t live_len = strlen(live), top;
	struct renewal *renewal = NULL;
	char path[LIMIT_PATH_BYTES];
	int len, rc;

	*ret = unsaid;
	top = dir_len - name_len - live_len;
	if (dir_len <= name_len + live_len ||
	    strncmp(ref->dir + top, live, live_len) != 0)
		return err_set(err, ERR_NOENT, doing, ref->dir,
		    "it is not in a directory live/");
	len = snprintf(path, sizeof(path), "%.*s/renewal/%s.conf", (int)top,
	    ref->dir, ref->name);
	if (len < 0 || (size_t)len >= sizeof(path))
		return err_set(
		    err, ERR_NOENT, doing, ref->dir, "its path is too long");
	rc = renewal_read(path, &renewal, err);
	if (rc == 0)
		renewal_facts_take(renewal, ret);
	renewal_free(renewal);
	return rc;
}

bool
renewal_facts_is_http(const struct renewal_facts *facts)
{
	static const char *const http[] = {
	    "standalone", "webroot", "nginx", "apache", "manual"};

	/* Of those preferred, certbot takes the first that can be had. */
	if (*facts->challenges != '\0' &&
	    strstr(facts->challenges, "http") == NULL)
		return false;
	for (size_t i = 0; i < COUNT_OF(http); i++) {
		if (strcmp(facts->authenticator, http[i]) == 0)
			return true;
	}
	return false;
}

bool
renewal_facts_account(const struct renewal_facts *facts, const char *config_dir,
    char *ret, size_t size)
{
	const char *server;
	int len;

	if (*facts->account == '\0')
		return false;
	server = strstr(
	    reuse_server(config_dir, facts->server, facts->account), "://");
	if (server == NULL)
		return false;
	len = snprintf(ret, size, "%s/accounts/%s/%s", config_dir, server + 3,
	    facts->account);
	return len >= 0 && (size_t)len < size;
}

time_t
renewal_facts_due_s(const struct renewal_facts *facts, bool builtin,
    time_t not_before_s, time_t not_after_s)
{
	struct err ignored = ERR_INIT;
	time_t due_s = 0;

	if (*facts->before_expiry != '\0' &&
	    due_moment(not_before_s, not_after_s, facts->before_expiry, &due_s,
		&ignored) == 0)
		return due_s;
	return facts->before_4 && !builtin
	    ? due_by_days(not_before_s, not_after_s)
	    : due_by_life(not_before_s, not_after_s);
}
