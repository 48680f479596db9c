/*
 * answer.c: certbot's manual hooks for http-01, answered inside HAProxy: the
 * token goes into a map on every configured socket, and the reference
 * configuration returns it. No listener, no reload.
 */
#include "hooks/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "haproxy/map.h"
#include "haproxy/process.h"
#include "hooks/report.h"

static const char doing[] = "answering an http-01 challenge";

/* What is asked for: the path, and what is to be read there. */
struct answer {
	char path[sizeof("/.well-known/acme-challenge/") + LIMIT_TOKEN_BYTES];
	const char *key_authorization;
	const char *domain;
};

/* token.thumbprint, both base64url (RFC 8555, 8.1). */
static int
check_key_authorization(const char *text, const char *token, struct err *err)
{
	size_t len = strlen(token);

	if (text == NULL || strlen(text) > LIMIT_KEYAUTH_BYTES ||
	    strncmp(text, token, len) != 0 || text[len] != '.' ||
	    !text_is_base64url(
		text + len + 1, LIMIT_TOKEN_LEAST_BYTES, LIMIT_KEYAUTH_BYTES))
		return err_set(err, ERR_USAGE, doing, "CERTBOT_VALIDATION",
		    "is no key authorization of the token (RFC 8555, 8.1)");
	return 0;
}

static int
answer_read(struct answer *ret, struct err *err)
{
	const char *token = getenv("CERTBOT_TOKEN");
	const char *domain = getenv("CERTBOT_DOMAIN");

	if (token == NULL || *token == '\0')
		return err_set(err, ERR_USAGE, doing, "CERTBOT_TOKEN",
		    "is not set: this hook answers http-01 only; call it by "
		    "certbot --manual --preferred-challenges http");
	if (!text_is_base64url(
		token, LIMIT_TOKEN_LEAST_BYTES, LIMIT_TOKEN_BYTES))
		return err_set(err, ERR_USAGE, doing, "CERTBOT_TOKEN",
		    "is no token: base64url of 128 bits or more is expected "
		    "(RFC 8555, 8.3)");
	ret->key_authorization = getenv("CERTBOT_VALIDATION");
	ret->domain = domain != NULL && text_is_dns_name(domain, false)
	    ? domain
	    : "the name";
	(void)snprintf(ret->path, sizeof(ret->path),
	    "/.well-known/acme-challenge/%s", token);
	return check_key_authorization(ret->key_authorization, token, err);
}

static int
answer_one(const char *socket, const struct conf *conf,
    const struct answer *answer, bool set, struct err *err)
{
	struct process process;
	int rc;

	rc = process_probe(socket, &process, err);
	if (rc < 0)
		return rc;
	return set ? map_set(&process, conf->challenge.map, answer->path,
			 answer->key_authorization, err)
		   : map_del(&process, conf->challenge.map, answer->path, err);
}

/* Every socket gets its turn; the first failure is the one that is told. */
static int
answer_all(const struct conf *conf, bool set, int *ret_status, struct err *err)
{
	const struct conf_list *sockets = &conf->haproxy.sockets;
	struct answer answer;
	struct err one;
	int rc;

	rc = answer_read(&answer, err);
	if (rc == 0 && sockets->count == 0)
		rc = err_set(err, ERR_CONF, doing, "haproxy.sockets",
		    "is empty: without a socket of HAProxy's there is "
		    "nowhere to put the answer");
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < sockets->count; i++) {
		err_clear(&one);
		if (answer_one(sockets->items[i], conf, &answer, set, &one) <
			0 &&
		    rc == 0) {
			rc = one.code;
			*err = one;
		}
	}
	if (rc == 0) {
		*ret_status = REPORT_EXIT_DONE;
		report_say("%s: challenge %s HAProxy", answer.domain,
		    set ? "answered in" : "taken out of");
	}
	return rc;
}

int
command_auth(const struct conf *conf, const struct event *event,
    int *ret_status, struct err *err)
{
	(void)event;
	return answer_all(conf, true, ret_status, err);
}

int
command_cleanup(const struct conf *conf, const struct event *event,
    int *ret_status, struct err *err)
{
	(void)event;
	return answer_all(conf, false, ret_status, err);
}
