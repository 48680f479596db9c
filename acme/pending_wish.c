/*
 * pending_wish.c: what an order is for, so that a later run can tell whether
 * the one that is kept (pending.c) is its own.
 */
#include "acme/pending.h"

#include <stdlib.h>
#include <string.h>

#include "acme/csr.h"
#include "base/text.h"
#include "cert/pki.h"

static const char doing[] = "getting a certificate";

enum { WISH_BYTES = LIMIT_AUTHORIZATIONS * LIMIT_DNS_NAME_BYTES + 4096 };

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int
put_digest(
    const char *what, const struct buf *data, struct buf *ret, struct err *err)
{
	unsigned char digest[PKI_SHA256_BYTES];
	char hex[2 * PKI_SHA256_BYTES + 1];

	pki_sha256(buf_text(data), data->len, digest);
	text_hex(digest, sizeof(digest), hex);
	return buf_printf(ret, err, "%s %s\n", what, hex);
}

/* What the key is to be: of this kind, or just that one. */
static int
put_key(const struct certify *certify, struct buf *ret, struct err *err)
{
	const struct options *params = certify->params;
	struct csr_key_kind kind;
	int rc;

	if (certify->csr != NULL)
		return put_digest("request", certify->csr, ret, err);
	if (certify->reuse_key != NULL)
		return put_digest("reused", certify->reuse_key, ret, err);
	rc = csr_key_kind(params->key_type, params->rsa_key_size,
	    params->elliptic_curve, &kind, err);
	return rc < 0
	    ? rc
	    : buf_printf(ret, err, "key %u %s\n", kind.rsa_bits, kind.group);
}

static const char *
text_or_none(const char *text)
{
	return text != NULL ? text : "";
}

int
pending_digest(const struct certify *certify, char *hex, struct err *err)
{
	const struct options *params = certify->params;
	unsigned char digest[PKI_SHA256_BYTES];
	struct buf text = BUF_INIT(WISH_BYTES);
	const char **sorted = calloc(certify->name_count + 1, sizeof(*sorted));
	int rc = 0;

	if (sorted == NULL)
		return err_nomem(err, doing);
	memcpy(sorted, certify->names, certify->name_count * sizeof(*sorted));
	qsort(sorted, certify->name_count, sizeof(*sorted), by_text);
	for (size_t i = 0; rc == 0 && i < certify->name_count; i++)
		rc = buf_printf(&text, err, "%s\n", sorted[i]);
	if (rc == 0)
		rc = put_key(certify, &text, err);
	if (rc == 0)
		rc = buf_printf(&text, err, "staple %d profile %s %s\n",
		    params->must_staple,
		    text_or_none(params->preferred_profile),
		    text_or_none(params->required_profile));
	if (rc == 0) {
		pki_sha256(buf_text(&text), text.len, digest);
		text_hex(digest, sizeof(digest), hex);
	}
	free(sorted);
	buf_free(&text);
	return rc;
}
