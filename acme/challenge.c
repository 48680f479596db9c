/*
 * challenge.c: chooses, publishes, asks for validation, takes down; for one
 * name. authorization.c does it for all of an order.
 */
#include "acme/challenge.h"

#include <stdio.h>
#include <string.h>

static const char answering[] = "answering a challenge for";

static const char *const names[] = {
    [JOB_HTTP_01] = "http-01",
    [JOB_DNS_01] = "dns-01",
};
_Static_assert(COUNT_OF(names) == JOB_CHALLENGES, "a challenge has no name");

const char *
challenge_name(enum job_challenge kind)
{
	return names[kind];
}

int
challenge_choose(const struct wire_authorization *authorization,
    enum job_challenge kind, struct challenge *ret, struct err *err)
{
	const char *name = authorization->identifier.value;

	for (size_t i = 0; i < authorization->challenge_count; i++) {
		const struct wire_challenge *one =
		    &authorization->challenges[i];

		if (strcmp(one->type, names[kind]) != 0)
			continue;
		if (one->token[0] == '\0')
			return err_set(err, ERR_SYNTAX, answering, name,
			    "the CA's %s challenge has no token", names[kind]);
		memcpy(ret->url, one->url, sizeof(ret->url));
		memcpy(ret->token, one->token, sizeof(ret->token));
		ret->status = one->status;
		return 0;
	}
	return err_set(err, ERR_REFUSED_INPUT, answering, name,
	    "the CA does not offer %s for it%s: see --preferred-challenges",
	    names[kind],
	    authorization->wildcard ? ", as it is a wildcard (which needs "
				      "dns-01)"
				    : "");
}

int
challenge_publish(struct exchange *exchange, struct responder *responder,
    const struct challenge *challenge, const char *name, bool wildcard,
    unsigned left, struct err *err)
{
	char answer[LIMIT_KEYAUTH_BYTES];
	int len;

	if (responder == NULL)
		return ask_publish(exchange_ask(exchange), name, wildcard,
		    challenge->token, left, err);
	/* The key authorization (RFC 8555, 8.1); it fits, by the limits. */
	len = snprintf(answer, sizeof(answer), "%s.%s", challenge->token,
	    exchange_job(exchange)->thumbprint);
	if (len < 0 || (size_t)len >= sizeof(answer))
		return err_set(err, ERR_LIMIT, answering, name,
		    "its key authorization is too long");
	return responder_add(responder, challenge->token, answer, err);
}

int
challenge_withdraw(struct exchange *exchange, struct responder *responder,
    const struct challenge *challenge, const char *name, bool wildcard,
    struct err *err)
{
	struct ask *ask = exchange_ask(exchange);
	char line[LIMIT_LOG_LINE_BYTES];
	int rc;

	if (responder != NULL) {
		responder_remove(responder, challenge->token);
		return 0;
	}
	rc = ask_withdraw(ask, name, wildcard, challenge->token, err);
	/* It stays up; or the broker is gone: then this fails too. */
	if (rc < 0) {
		(void)err_text(err, line, sizeof(line));
		err_clear(err);
		rc = ask_say(ask, line, err);
	}
	return rc;
}

int
challenge_respond(struct exchange *exchange, const struct challenge *challenge,
    const char *name, struct err *err)
{
	struct exchange_reply reply;
	int rc;

	/* An earlier run has asked: asking again would be a conflict. */
	if (challenge->status != WIRE_PENDING)
		return 0;
	rc = exchange_post(
	    exchange, IPC_CHALLENGE, challenge->url, answering, &reply, err);
	if (rc < 0 &&
	    (reply.problem == PROBLEM_CONFLICT || reply.http.status == 409)) {
		err_clear(err);
		rc = 0;
	}
	/* The URL says nothing to the operator. */
	if (rc < 0 && exchange_refused(err)) {
		struct err seen = *err;

		(void)err_set(
		    err, seen.code, answering, name, "%s", seen.detail);
		err->retry_after_s = seen.retry_after_s;
	}
	exchange_reply_free(&reply);
	return rc;
}
