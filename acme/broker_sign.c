/*
 * broker_sign.c: what is signed. The client names a purpose; the payload is
 * made here, of what the job is about, so that a client that was taken over
 * can have nothing signed that its job does not consist of.
 */
#include "acme/broker_private.h"

#include <string.h>
#include <strings.h>

#include "acme/wire.h"
#include "base/text.h"

enum {
	ISSUE = 1 << JOB_ISSUE,
	REGISTER = 1 << JOB_REGISTER,
	UPDATE = 1 << JOB_UPDATE,
	DEACTIVATE = 1 << JOB_DEACTIVATE,
	SHOW = 1 << JOB_SHOW,
	REVOKE = 1 << JOB_REVOKE,
	ACCOUNTS = REGISTER | UPDATE | DEACTIVATE | SHOW,
	ANY = ISSUE | REGISTER | UPDATE | DEACTIVATE | SHOW | REVOKE,

	/* A nonce that was refused is asked for again. */
	TRIES = LIMIT_BADNONCE_RETRIES + 2,
};

/* --- payloads ------------------------------------------------------------- */

typedef int (*make_payload)(
    struct broker *broker, const char *url, struct buf *ret, struct err *err);

static int
make_account(
    struct broker *broker, const char *url, struct buf *ret, struct err *err)
{
	const struct issue_holdings *holdings = broker->holdings;
	struct buf eab = BUF_INIT(LIMIT_ACME_REPLY_BYTES);
	int rc = 0;

	if (holdings->eab_kid != NULL)
		rc = jws_eab(holdings->key, holdings->eab_alg,
		    holdings->eab_kid, holdings->eab_key, url, &eab, err);
	if (rc == 0)
		rc = wire_make_account(holdings->contacts,
		    holdings->contact_count, broker->job->agree_tos, false,
		    eab.len > 0 ? &eab : NULL, ret, err);
	buf_free(&eab);
	return rc;
}

static int
make_find(
    struct broker *broker, const char *url, struct buf *ret, struct err *err)
{
	(void)broker;
	(void)url;
	return wire_make_account(NULL, 0, false, true, NULL, ret, err);
}

static int
make_contacts(
    struct broker *broker, const char *url, struct buf *ret, struct err *err)
{
	(void)url;
	return wire_make_contacts(broker->holdings->contacts,
	    broker->holdings->contact_count, ret, err);
}

static int
make_deactivate(
    struct broker *broker, const char *url, struct buf *ret, struct err *err)
{
	(void)broker;
	(void)url;
	return wire_make_deactivate(ret, err);
}

/*
 * Where the last part of a plain path begins: behind a host, without `.` or
 * `..` or an empty part (but for a slash at the end), nothing escaped, no
 * query; NULL for any other.
 */
static const char *
last_part(const char *url)
{
	const char *at = strstr(url, "://"), *last = NULL;

	if (at == NULL || strpbrk(url, "%?#;\\") != NULL)
		return NULL;
	at = strchr(at + strlen("://"), '/');
	while (at != NULL) {
		const char *part = at + 1;
		size_t len = strcspn(part, "/");

		if (*part == '\0')
			return last;
		if (len == 0 || (part[0] == '.' && len == 1) ||
		    (part[0] == '.' && part[1] == '.' && len == 2))
			return NULL;
		if (part[len] == '\0')
			return part;
		last = part;
		at = part + len;
	}
	return NULL;
}

/*
 * Could both be accounts of one CA? A CA may take `01', `+1' or `1.' for the
 * account 1: so nothing beside the account is given up, whatever its last part.
 * The host may be spelled in many ways, too: the path alone counts.
 */
static bool
are_siblings(const char *url, const char *other)
{
	const char *end = last_part(url), *other_end = last_part(other);
	const char *path, *other_path;

	if (end == NULL || other_end == NULL)
		return true;
	path = strchr(strstr(url, "://") + strlen("://"), '/');
	other_path = strchr(strstr(other, "://") + strlen("://"), '/');
	return end - path == other_end - other_path &&
	    strncasecmp(path, other_path, (size_t)(end - path)) == 0;
}

/*
 * The same words would deactivate the account: it is not to be named. An honest
 * CA may have such addresses, though, so that is no reason to end the job.
 */
static int
make_forget(
    struct broker *broker, const char *url, struct buf *ret, struct err *err)
{
	if (!broker->job->dry_run)
		return broker_refuse(err, "giving up a proof");
	if (are_siblings(url, broker->account_url))
		return err_set(err, ERR_INVALID,
		    "giving up an earlier proof of a name", url,
		    "not done, as the address could be the account's, too: "
		    "the name is not proved anew");
	return wire_make_deactivate(ret, err);
}

static int
make_order(
    struct broker *broker, const char *url, struct buf *ret, struct err *err)
{
	const char *profile = broker->job->profile;

	(void)url;
	if (profile != NULL && profile[0] == '\0')
		profile = NULL;
	return wire_make_order(
	    broker->job->names, broker->job->name_count, profile, ret, err);
}

static int
make_plain_order(
    struct broker *broker, const char *url, struct buf *ret, struct err *err)
{
	(void)url;
	if (broker->job->profile_required)
		return broker_refuse(err, "an order without its profile");
	return wire_make_order(
	    broker->job->names, broker->job->name_count, NULL, ret, err);
}

static int
make_nothing(
    struct broker *broker, const char *url, struct buf *ret, struct err *err)
{
	(void)broker;
	(void)url;
	return buf_puts(ret, "", err);
}

static int
make_empty_object(
    struct broker *broker, const char *url, struct buf *ret, struct err *err)
{
	(void)broker;
	(void)url;
	return buf_puts(ret, "{}", err);
}

/* Key and request, made where that has not been done. */
static int
prepare(struct broker *broker, struct err *err)
{
	const struct issue_holdings *holdings = broker->holdings;
	struct buf key = BUF_SECRET(LIMIT_PEM_FILE_BYTES);
	int rc;

	if (broker->csr.len > 0)
		return 0;
	if (holdings->csr != NULL)
		return buf_add(
		    &broker->csr, holdings->csr->data, holdings->csr->len, err);
	rc = broker->front->key(broker->front->context, &key, err);
	if (rc == 0)
		rc = csr_make(&key, broker->job->names, broker->job->name_count,
		    holdings->must_staple, &broker->csr, err);
	buf_free(&key);
	return rc;
}

int
broker_prepare(struct broker *broker, struct ipc_reader *fields,
    struct buf *reply, struct err *err)
{
	int rc = broker_fields_end(fields, 0, err);

	(void)reply;
	return rc < 0 ? rc : prepare(broker, err);
}

static int
make_finalize(
    struct broker *broker, const char *url, struct buf *ret, struct err *err)
{
	struct buf text = BUF_INIT(LIMIT_ACME_REPLY_BYTES);
	int rc = prepare(broker, err);

	(void)url;
	if (rc == 0 && broker->front->finalize != NULL)
		rc = broker->front->finalize(broker->front->context, err);
	if (rc == 0)
		rc = jws_b64_encode(
		    broker->csr.data, broker->csr.len, &text, err);
	if (rc == 0)
		rc = wire_make_finalize(buf_text(&text), ret, err);
	buf_free(&text);
	return rc;
}

static int
make_revoke(
    struct broker *broker, const char *url, struct buf *ret, struct err *err)
{
	const struct issue_holdings *holdings = broker->holdings;
	struct buf text = BUF_INIT(LIMIT_ACME_REPLY_BYTES);
	int rc;

	(void)url;
	rc = jws_b64_encode(holdings->certificate->data,
	    holdings->certificate->len, &text, err);
	if (rc == 0)
		rc = wire_make_revoke(
		    buf_text(&text), holdings->reason, ret, err);
	buf_free(&text);
	return rc;
}

/* --- the table ------------------------------------------------------------ */

struct purpose_row {
	make_payload make;
	unsigned kinds;
	unsigned most; /* how often in one job */
	bool jwk; /* signed with the key itself: there is no account yet */
};

static const struct purpose_row purposes[] = {
    [IPC_NEW_ACCOUNT] = {make_account, REGISTER, TRIES, true},
    [IPC_FIND_ACCOUNT] = {make_find, ACCOUNTS, TRIES, true},
    [IPC_UPDATE_ACCOUNT] = {make_contacts, UPDATE, TRIES, false},
    [IPC_DEACTIVATE_ACCOUNT] = {make_deactivate, DEACTIVATE, TRIES, false},
    [IPC_NEW_ORDER] = {make_order, ISSUE, 2 * TRIES, false},
    [IPC_NEW_ORDER_PLAIN] = {make_plain_order, ISSUE, 2 * TRIES, false},
    [IPC_POST_AS_GET] = {make_nothing, ANY, LIMIT_IPC_FRAMES, false},
    [IPC_CHALLENGE] = {make_empty_object, ISSUE, LIMIT_AUTHORIZATIONS *TRIES,
	false},
    [IPC_DEACTIVATE_AUTHORIZATION] = {make_forget, ISSUE,
	LIMIT_AUTHORIZATIONS *TRIES, false},
    [IPC_FINALIZE] = {make_finalize, ISSUE, 4 * TRIES, false},
    [IPC_REVOKE] = {make_revoke, REVOKE, TRIES, false},
};
_Static_assert(COUNT_OF(purposes) == IPC_PURPOSES, "a row for each purpose");

static int64_t
most_of(const struct job *job, uint32_t purpose)
{
	return purpose == IPC_POST_AS_GET ? broker_most_looks(job)
					  : purposes[purpose].most;
}

static int
check(struct broker *broker, uint32_t purpose, const char *url,
    const char *nonce, struct err *err)
{
	if (purpose >= IPC_PURPOSES ||
	    (purposes[purpose].kinds & 1U << broker->job->kind) == 0)
		return broker_refuse(
		    err, "a signature for purpose %u", (unsigned)purpose);
	if (broker->signed_for[purpose]++ == most_of(broker->job, purpose))
		return broker_refuse(err, "too many signatures for purpose %u",
		    (unsigned)purpose);
	if (!text_is_url(url, job_is_plain(broker->job)))
		return broker_refuse(err, "a signature for no https URL");
	if (!text_is_base64url(nonce, 1, LIMIT_NONCE_BYTES - 1))
		return broker_refuse(err, "a nonce that is none");
	return 0;
}

/* A certificate's own key is its owner's right to revoke it (8555, 7.6). */
static const struct jws_key *
signer(const struct broker *broker, uint32_t purpose, bool *ret_jwk)
{
	*ret_jwk = purposes[purpose].jwk;
	if (purpose != IPC_REVOKE || broker->holdings->certificate_key == NULL)
		return broker->holdings->key;
	*ret_jwk = true;
	return broker->holdings->certificate_key;
}

int
broker_sign(struct broker *broker, struct ipc_reader *fields, struct buf *reply,
    struct err *err)
{
	struct buf payload = BUF_INIT(LIMIT_ACME_REPLY_BYTES);
	struct buf text = BUF_INIT(LIMIT_ACME_REPLY_BYTES);
	char url[LIMIT_URL_BYTES], nonce[LIMIT_NONCE_BYTES];
	const struct jws_key *key;
	uint32_t purpose = 0;
	bool jwk = false;
	int rc;

	rc = ipc_get_number(fields, &purpose, err);
	if (rc == 0)
		rc = ipc_get_text(fields, url, sizeof(url), err);
	if (rc == 0)
		rc = ipc_get_text(fields, nonce, sizeof(nonce), err);
	rc = broker_fields_end(fields, rc, err);
	if (rc == 0)
		rc = check(broker, purpose, url, nonce, err);
	if (rc < 0)
		goto out;
	if (strcmp(url, broker->job->order_url) == 0)
		broker->result->resumed = true;
	key = signer(broker, purpose, &jwk);
	if (!jwk && broker->account_url[0] == '\0')
		rc = broker_refuse(err, "a signature before the account");
	if (rc == 0)
		rc = purposes[purpose].make(broker, url, &payload, err);
	if (rc == 0)
		rc = jws_sign(key, jwk ? NULL : broker->account_url, nonce, url,
		    &payload, &text, err);
	if (rc == 0)
		rc = ipc_put_bytes(reply, text.data, text.len, err);
out:
	buf_free(&text);
	buf_free(&payload);
	return rc;
}
