/*
 * wire_make.c: the payloads that the broker signs, and what it wraps them in.
 */
#include "acme/wire_private.h"

#include <arpa/inet.h>
#include <jansson.h>
#include <string.h>

static const char doing[] = "composing a request to the CA";

/* Sets a member; what could not be made or set frees `object` (NULL then). */
static json_t *
with(json_t *object, const char *name, json_t *value)
{
	if (object == NULL || value == NULL ||
	    json_object_set_new(object, name, value) != 0) {
		json_decref(object);
		/* json_object_set_new() frees it where there is an object. */
		if (object == NULL)
			json_decref(value);
		return NULL;
	}
	return object;
}

static json_t *
string_list(const char *const *texts, size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; list != NULL && i < count; i++) {
		if (json_array_append_new(list, json_string(texts[i])) != 0) {
			json_decref(list);
			list = NULL;
		}
	}
	return list;
}

/* JSON text of ours (a JWK, a JWS) that becomes a member's value. */
static int
parse(const char *text, size_t len, json_t **ret, struct err *err)
{
	json_error_t why;

	*ret = json_loadb(text, len, JSON_REJECT_DUPLICATES, &why);
	if (*ret == NULL)
		return err_set(
		    err, ERR_SYNTAX, doing, NULL, "no JSON: %s", why.text);
	return 0;
}

int
wire_make_account(const char *const *contacts, size_t count, bool agree_tos,
    bool only_existing, const struct buf *eab, struct buf *ret, struct err *err)
{
	json_t *object = json_object(), *binding = NULL;
	int rc;

	if (only_existing)
		return wire_write(
		    with(object, "onlyReturnExisting", json_true()), ret, err);
	if (count > 0)
		object = with(object, "contact", string_list(contacts, count));
	if (agree_tos)
		object = with(object, "termsOfServiceAgreed", json_true());
	if (eab != NULL) {
		rc = parse(buf_text(eab), eab->len, &binding, err);
		if (rc < 0) {
			json_decref(object);
			return rc;
		}
		object = with(object, "externalAccountBinding", binding);
	}
	return wire_write(object, ret, err);
}

int
wire_make_contacts(
    const char *const *contacts, size_t count, struct buf *ret, struct err *err)
{
	return wire_write(
	    with(json_object(), "contact", string_list(contacts, count)), ret,
	    err);
}

int
wire_make_deactivate(struct buf *ret, struct err *err)
{
	return wire_write(
	    with(json_object(), "status", json_string("deactivated")), ret,
	    err);
}

static json_t *
identifier(const char *name)
{
	unsigned char address[sizeof(struct in6_addr)];
	bool ip = inet_pton(AF_INET, name, address) == 1 ||
	    inet_pton(AF_INET6, name, address) == 1;

	return with(with(json_object(), "type", json_string(ip ? "ip" : "dns")),
	    "value", json_string(name));
}

int
wire_make_order(const char *const *names, size_t count, const char *profile,
    struct buf *ret, struct err *err)
{
	json_t *object = json_object(), *list = json_array();

	for (size_t i = 0; list != NULL && i < count; i++) {
		if (json_array_append_new(list, identifier(names[i])) != 0) {
			json_decref(list);
			list = NULL;
		}
	}
	object = with(object, "identifiers", list);
	if (profile != NULL && profile[0] != '\0')
		object = with(object, "profile", json_string(profile));
	return wire_write(object, ret, err);
}

int
wire_make_finalize(const char *csr, struct buf *ret, struct err *err)
{
	return wire_write(
	    with(json_object(), "csr", json_string(csr)), ret, err);
}

int
wire_make_revoke(
    const char *certificate, int reason, struct buf *ret, struct err *err)
{
	json_t *object =
	    with(json_object(), "certificate", json_string(certificate));

	if (reason >= 0)
		object = with(object, "reason", json_integer(reason));
	return wire_write(object, ret, err);
}

int
wire_make_protected(const char *alg, const char *jwk, const char *kid,
    const char *nonce, const char *url, struct buf *ret, struct err *err)
{
	json_t *object = NULL, *key = NULL;
	int rc;

	/* RFC 8555, 6.2: they are mutually exclusive. */
	if ((jwk == NULL) == (kid == NULL))
		return err_set(
		    err, ERR_USAGE, doing, url, "either a jwk or a kid");
	object = with(json_object(), "alg", json_string(alg));
	if (jwk != NULL) {
		rc = parse(jwk, strlen(jwk), &key, err);
		if (rc < 0) {
			json_decref(object);
			return rc;
		}
		object = with(object, "jwk", key);
	} else {
		object = with(object, "kid", json_string(kid));
	}
	if (nonce != NULL && nonce[0] != '\0')
		object = with(object, "nonce", json_string(nonce));
	return wire_write(with(object, "url", json_string(url)), ret, err);
}

int
wire_make_jws(const char *protected_text, const char *payload,
    const char *signature, struct buf *ret, struct err *err)
{
	json_t *object =
	    with(json_object(), "protected", json_string(protected_text));

	object = with(object, "payload", json_string(payload));
	object = with(object, "signature", json_string(signature));
	return wire_write(object, ret, err);
}
