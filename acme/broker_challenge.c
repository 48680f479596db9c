/*
 * broker_challenge.c: challenges that need root: a file in a webroot, a manual
 * hook. The token comes from the network; what is published for it is computed
 * here.
 */
#include "acme/broker_private.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cert/pki.h"

struct wanted {
	char name[LIMIT_DNS_NAME_BYTES + 1], token[LIMIT_TOKEN_BYTES + 1];
	char validation[LIMIT_KEYAUTH_BYTES];
	uint32_t wildcard, left;
	size_t index; /* in the job's names */
};

/* Without its `*.`. */
static const char *
bare(const char *name)
{
	return strncmp(name, "*.", 2) == 0 ? name + 2 : name;
}

/* Which of the job's names is it? */
static bool
find(const struct job *job, struct wanted *wanted)
{
	for (size_t i = 0; i < job->name_count; i++) {
		const char *name = job->names[i];
		bool wildcard = bare(name) != name;

		if (strcmp(bare(name), wanted->name) == 0 &&
		    wildcard == (wanted->wildcard != 0)) {
			wanted->index = i;
			return true;
		}
	}
	return false;
}

/* A list of names, as positions in the job's; `as_bare`: without `*.`. */
static int
read_names(const struct job *job, struct ipc_reader *fields, bool as_bare,
    size_t *ret, uint32_t *ret_count, struct err *err)
{
	char name[LIMIT_DNS_NAME_BYTES + 3];
	int rc = ipc_get_number(fields, ret_count, err);

	if (rc == 0 && *ret_count > LIMIT_AUTHORIZATIONS)
		rc = broker_refuse(err, "%u names", (unsigned)*ret_count);
	for (uint32_t i = 0; rc == 0 && i < *ret_count; i++) {
		size_t at = 0;

		rc = ipc_get_text(fields, name, sizeof(name), err);
		while (rc == 0 && at < job->name_count &&
		    strcmp(as_bare ? bare(job->names[at]) : job->names[at],
			name) != 0)
			at++;
		if (rc == 0 && at == job->name_count)
			rc = broker_refuse(err, "a name that is not ordered");
		ret[i] = at;
	}
	return broker_fields_end(fields, rc, err);
}

int
broker_turns(struct broker *broker, struct ipc_reader *fields,
    struct buf *reply, struct err *err)
{
	const char *names[LIMIT_AUTHORIZATIONS] = {NULL};
	size_t at[LIMIT_AUTHORIZATIONS] = {0};
	uint32_t count = 0;
	int rc = read_names(broker->job, fields, true, at, &count, err);

	(void)reply;
	if (rc < 0 || broker->front->turns == NULL)
		return rc;
	for (uint32_t i = 0; i < count; i++)
		names[i] = bare(broker->job->names[at[i]]);
	return broker->front->turns(broker->front->context, names, count, err);
}

/* A job that is refused for some names may do for the others. */
int
broker_refused(struct broker *broker, struct ipc_reader *fields,
    struct buf *reply, struct err *err)
{
	size_t at[LIMIT_AUTHORIZATIONS] = {0};
	uint32_t count = 0;
	int rc = read_names(broker->job, fields, false, at, &count, err);

	(void)reply;
	for (uint32_t i = 0; rc == 0 && i < count; i++) {
		if (at[i] < LIMIT_AUTHORIZATIONS)
			broker->result->refused[at[i]] = true;
	}
	return rc;
}

/*
 * The key authorization (8555, 8.1), or what goes into the TXT record: its
 * digest (8.4).
 */
static int
validate(struct broker *broker, struct wanted *wanted, struct err *err)
{
	struct buf text = BUF_INIT(LIMIT_KEYAUTH_BYTES - 1);
	unsigned char digest[PKI_SHA256_BYTES];
	char thumbprint[LIMIT_THUMBPRINT_BYTES];
	int rc;

	rc = jws_thumbprint(
	    broker->holdings->key, thumbprint, sizeof(thumbprint), err);
	if (rc == 0)
		rc = buf_printf(&text, err, "%s.%s", wanted->token, thumbprint);
	if (rc == 0 && broker->job->challenge == JOB_DNS_01) {
		pki_sha256(text.data, text.len, digest);
		buf_reset(&text);
		rc = jws_b64_encode(digest, sizeof(digest), &text, err);
	}
	if (rc == 0)
		memcpy(wanted->validation, buf_text(&text), text.len + 1);
	buf_free(&text);
	return rc;
}

static int
read_wanted(struct broker *broker, struct ipc_reader *fields, bool with_left,
    struct wanted *ret, struct err *err)
{
	int rc;

	rc = ipc_get_text(fields, ret->name, sizeof(ret->name), err);
	if (rc == 0)
		rc = ipc_get_number(fields, &ret->wildcard, err);
	if (rc == 0)
		rc = ipc_get_text(fields, ret->token, sizeof(ret->token), err);
	if (rc == 0 && with_left)
		rc = ipc_get_number(fields, &ret->left, err);
	rc = broker_fields_end(fields, rc, err);
	if (rc < 0)
		return rc;
	if (broker->job->answer != JOB_BROKER)
		return broker_refuse(err, "a challenge that is its own");
	if (!find(broker->job, ret))
		return broker_refuse(
		    err, "a challenge for a name that is not ordered");
	if (!text_is_base64url(
		ret->token, LIMIT_TOKEN_LEAST_BYTES, LIMIT_TOKEN_BYTES))
		return err_set(err, ERR_INVALID, "answering the challenge for",
		    ret->name, "the CA's token is not base64url");
	if (ret->left > LIMIT_AUTHORIZATIONS)
		return broker_refuse(
		    err, "%u challenges left", (unsigned)ret->left);
	return validate(broker, ret, err);
}

static struct issue_challenge
to_front(const struct wanted *wanted)
{
	struct issue_challenge challenge = {.name = wanted->name,
	    .wildcard = wanted->wildcard != 0,
	    .token = wanted->token,
	    .validation = wanted->validation,
	    .left = wanted->left};

	return challenge;
}

/* Takes down what is up for the name at `index`. */
static int
take_down(struct broker *broker, size_t index, struct err *err)
{
	const char *name = broker->job->names[index];
	struct broker_published *published = &broker->published[index];
	struct wanted wanted = {.left = 0};
	struct issue_challenge challenge;
	int rc;

	wanted.wildcard = bare(name) != name;
	(void)snprintf(wanted.name, sizeof(wanted.name), "%s", bare(name));
	memcpy(wanted.token, published->token, sizeof(wanted.token));
	published->up = false;
	rc = validate(broker, &wanted, err);
	if (rc < 0)
		return rc;
	challenge = to_front(&wanted);
	return broker->front->withdraw(broker->front->context, &challenge, err);
}

int
broker_publish(struct broker *broker, struct ipc_reader *fields,
    struct buf *reply, struct err *err)
{
	struct wanted wanted = {.left = 0};
	struct broker_published *published;
	struct issue_challenge challenge;
	int rc = read_wanted(broker, fields, true, &wanted, err);

	(void)reply;
	if (rc < 0)
		return rc;
	/* A job proves a name once, in its last order. */
	published = &broker->published[wanted.index];
	if (published->token[0] != '\0')
		return broker_refuse(err, "a second challenge for a name");
	challenge = to_front(&wanted);
	rc = broker->front->publish(broker->front->context, &challenge, err);
	published->up = rc == 0;
	published->failed = rc < 0;
	memcpy(published->token, wanted.token, sizeof(wanted.token));
	return rc;
}

int
broker_withdraw(struct broker *broker, struct ipc_reader *fields,
    struct buf *reply, struct err *err)
{
	struct wanted wanted = {.left = 0};
	struct broker_published *published;
	int rc = read_wanted(broker, fields, false, &wanted, err);

	(void)reply;
	if (rc < 0)
		return rc;
	published = &broker->published[wanted.index];
	if ((!published->up && !published->failed) ||
	    strcmp(published->token, wanted.token) != 0)
		return broker_refuse(err, "taking down what is not up");
	if (published->failed) {
		published->failed = false;
		return 0;
	}
	return take_down(broker, wanted.index, err);
}

void
broker_withdraw_all(struct broker *broker)
{
	for (size_t i = 0; i < broker->job->name_count; i++) {
		struct err err = ERR_INIT;

		/* The job's own end is what is told. */
		if (broker->published[i].up)
			(void)!take_down(broker, i, &err);
	}
}
