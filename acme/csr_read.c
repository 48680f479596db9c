/*
 * csr_read.c: a request that the operator made himself (--csr): his file, so
 * judged.
 */
#include "acme/csr.h"

#include <arpa/inet.h>
#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "acme/crypto.h"
#include "acme/csr_private.h"
#include "base/text.h"

static const char doing[] = "reading the request";

void
csr_names_free(char **names)
{
	if (names == NULL)
		return;
	for (size_t i = 0; names[i] != NULL; i++)
		free(names[i]);
	free(names);
}

struct list {
	char **names;
	size_t count;
};

/* Adds a name in lower case, once. */
static int
add(struct list *list, const char *name, size_t len, bool address,
    struct err *err)
{
	char *copy;

	if (list->count == LIMIT_AUTHORIZATIONS)
		return err_set(err, ERR_LIMIT, doing, NULL,
		    "more than %d names", LIMIT_AUTHORIZATIONS);
	if (memchr(name, '\0', len) != NULL)
		return err_set(
		    err, ERR_SYNTAX, doing, NULL, "a name holds a zero byte");
	copy = strndup(name, len);
	if (copy == NULL)
		return err_nomem(err, doing);
	for (char *at = copy; *at != '\0'; at++)
		*at = *at >= 'A' && *at <= 'Z' ? (char)(*at - 'A' + 'a') : *at;
	for (size_t i = 0; i < list->count; i++) {
		if (strcmp(list->names[i], copy) == 0) {
			free(copy);
			return 0;
		}
	}
	list->names[list->count++] = copy;
	/* It goes into hooks' environments, and into paths. */
	return address || text_is_dns_name(copy, true)
	    ? 0
	    : err_set(err, ERR_SYNTAX, doing, copy,
		  "is no domain name (the CN counts as one)");
}

static int
add_general(struct list *list, const GENERAL_NAME *name, struct err *err)
{
	const ASN1_STRING *value;
	char text[INET6_ADDRSTRLEN];
	int type = 0, family;

	value = GENERAL_NAME_get0_value(name, &type);
	if (type == GEN_DNS)
		return add(list, (const char *)ASN1_STRING_get0_data(value),
		    (size_t)ASN1_STRING_length(value), false, err);
	if (type != GEN_IPADD)
		return 0;
	family = ASN1_STRING_length(value) == 4 ? AF_INET : AF_INET6;
	if ((family == AF_INET6 && ASN1_STRING_length(value) != 16) ||
	    inet_ntop(family, ASN1_STRING_get0_data(value), text,
		sizeof(text)) == NULL)
		return err_set(
		    err, ERR_SYNTAX, doing, NULL, "an address of no family");
	return add(list, text, strlen(text), true, err);
}

/* The common name counts too, as certbot has it: it comes first. */
static int
add_common_name(struct list *list, X509_REQ *request, struct err *err)
{
	X509_NAME *subject = X509_REQ_get_subject_name(request);
	int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
	const ASN1_STRING *value;

	if (at < 0)
		return 0;
	value = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at));
	return add(list, (const char *)ASN1_STRING_get0_data(value),
	    (size_t)ASN1_STRING_length(value), false, err);
}

static int
names_of(X509_REQ *request, struct list *list, struct err *err)
{
	STACK_OF(X509_EXTENSION) *extensions = X509_REQ_get_extensions(request);
	GENERAL_NAMES *names;
	int rc;

	names = X509V3_get_d2i(extensions, NID_subject_alt_name, NULL, NULL);
	rc = add_common_name(list, request, err);
	for (int i = 0; rc == 0 && i < sk_GENERAL_NAME_num(names); i++)
		rc = add_general(list, sk_GENERAL_NAME_value(names, i), err);
	GENERAL_NAMES_free(names);
	sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
	ERR_clear_error();
	if (rc == 0 && list->count == 0)
		rc = err_set(err, ERR_SYNTAX, doing, NULL,
		    "has no name, neither in subjectAltName nor as CN");
	return rc;
}

static X509_REQ *
parse(const struct buf *file)
{
	const unsigned char *der = (const unsigned char *)file->data;
	BIO *bio = BIO_new_mem_buf(file->data, (int)file->len);
	X509_REQ *request = NULL;

	if (bio != NULL)
		request = PEM_read_bio_X509_REQ(bio, NULL, NULL, NULL);
	BIO_free(bio);
	if (request == NULL && file->len > 0)
		request = d2i_X509_REQ(NULL, &der, (long)file->len);
	ERR_clear_error();
	return request;
}

int
csr_read(const struct buf *file, const char *origin, struct buf *ret,
    char ***ret_names, size_t *ret_count, struct err *err)
{
	struct list list = {NULL, 0};
	X509_REQ *request = parse(file);
	int rc;

	if (request == NULL)
		return err_set(err, ERR_SYNTAX, doing, origin,
		    "is no certificate request, neither PEM nor DER");
	list.names = calloc(LIMIT_AUTHORIZATIONS + 1, sizeof(*list.names));
	if (list.names == NULL) {
		rc = err_nomem(err, doing);
		goto out;
	}
	if (X509_REQ_verify(request, X509_REQ_get0_pubkey(request)) != 1) {
		ERR_clear_error();
		rc = err_set(err, ERR_SYNTAX, doing, origin,
		    "its signature is not its own key's");
		goto out;
	}
	rc = names_of(request, &list, err);
	if (rc == 0)
		rc = csr_write(request, doing, ret, err);
	if (rc == 0) {
		*ret_names = list.names;
		*ret_count = list.count;
		list.names = NULL;
	}
out:
	csr_names_free(list.names);
	X509_REQ_free(request);
	return rc;
}
