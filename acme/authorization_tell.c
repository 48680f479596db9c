/*
 * authorization_tell.c: what is answered where, and which names the CA did not
 * believe, in certbot's lines, which scripts look for.
 */
#include "acme/authorization.h"

#include <stdio.h>
#include <string.h>

#include "acme/ask.h"

enum { SHOWN_BYTES = 900 }; /* of what the CA says, in one line */

static const struct wire_problem *
problem_of(const struct wire_authorization *wire)
{
	for (size_t i = 0; i < wire->challenge_count; i++) {
		if (wire->challenges[i].error.present)
			return &wire->challenges[i].error;
	}
	return NULL;
}

const char *
authorization_name(const struct authorization *authorization)
{
	return authorization->name -
	    (authorization->wildcard ? strlen("*.") : 0);
}

/* How much of the text is the CA's own detail: "... (connection)". */
static size_t
detail_length(const struct wire_problem *problem, const char *type)
{
	size_t len = strlen(problem->text), more = strlen(type) + 3;
	const char *end = problem->text + len;

	if (len > more && strncmp(end - more, " (", 2) == 0 &&
	    strncmp(end - more + 2, type, more - 3) == 0)
		len -= more;
	return len < SHOWN_BYTES ? len : SHOWN_BYTES;
}

int
authorization_describe(
    const struct wire_authorization *wire, struct buf *report, struct err *err)
{
	const struct wire_problem *problem = problem_of(wire);
	const char *type;

	if (problem == NULL)
		return 0;
	type = strrchr(problem->type, ':');
	type = type != NULL ? type + 1 : problem->type;
	return buf_printf(report, err,
	    "%s  Domain: %s\n  Type:   %s\n  Detail: %.*s\n",
	    report->len > 0 ? "\n" : "", wire->identifier.value, type,
	    (int)detail_length(problem, type), problem->text);
}

static int
tell_hint(struct exchange *exchange, struct err *err)
{
	const char *hint = exchange_job(exchange)->hint;
	struct ask *ask = exchange_ask(exchange);
	char line[SHOWN_BYTES];
	int rc;

	if (hint == NULL || hint[0] == '\0')
		return 0;
	(void)snprintf(line, sizeof(line), "Hint: %s", hint);
	rc = ask_say(ask, "", err);
	if (rc == 0)
		rc = ask_say(ask, line, err);
	return rc < 0 ? rc : ask_say(ask, "", err);
}

/* The names alone, for who wants to go on without them. */
static int
tell_refused(struct exchange *exchange, const struct authorization_list *list,
    struct err *err)
{
	const char *names[LIMIT_AUTHORIZATIONS];
	size_t count = 0;

	for (size_t i = 0; i < list->count && count < COUNT_OF(names); i++) {
		if (list->items[i].refused)
			names[count++] = authorization_name(&list->items[i]);
	}
	return count == 0
	    ? 0
	    : ask_refused(exchange_ask(exchange), names, count, err);
}

int
authorization_tell(struct exchange *exchange,
    const struct authorization_list *list, const struct buf *report,
    struct err *err)
{
	struct ask *ask = exchange_ask(exchange);
	char line[SHOWN_BYTES + 100];
	int rc = tell_refused(exchange, list, err);

	if (rc < 0 || report->len == 0 ||
	    exchange_job(exchange)->authenticator[0] == '\0')
		return rc;
	(void)snprintf(line, sizeof(line),
	    "Certbot failed to authenticate some domains (authenticator: %s). "
	    "The Certificate Authority reported these problems:",
	    exchange_job(exchange)->authenticator);
	rc = ask_say(ask, "", err);
	if (rc == 0)
		rc = ask_say(ask, line, err);
	for (const char *at = buf_text(report); rc == 0 && *at != '\0';) {
		size_t len = strcspn(at, "\n");

		(void)snprintf(line, sizeof(line), "%.*s", (int)len, at);
		rc = ask_say(ask, line, err);
		at += len + (at[len] == '\n');
	}
	return rc < 0 ? rc : tell_hint(exchange, err);
}

int
authorization_tell_up(struct exchange *exchange,
    const struct authorization_list *list, struct err *err)
{
	const struct job *job = exchange_job(exchange);
	struct buf text = BUF_INIT(LIMIT_IPC_BYTES / 2);
	int rc = 0;

	/* The record of dns-01 is the broker's to make. */
	for (size_t i = 0; rc == 0 && job->debug > 0 &&
	     job->challenge == JOB_HTTP_01 && i < list->count;
	     i++) {
		const struct authorization *one = &list->items[i];

		if (one->open)
			rc = buf_printf(&text, err,
			    "URL: http://%s/.well-known/acme-challenge/%s\n"
			    "Expected value: %s.%s\n\n",
			    one->name, one->challenge.token,
			    one->challenge.token, job->thumbprint);
	}
	if (rc == 0)
		rc = ask_up(exchange_ask(exchange), buf_text(&text), err);
	buf_free(&text);
	return rc;
}
