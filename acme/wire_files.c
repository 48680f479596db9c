/*
 * wire_files.c: certbot's files of an account: private_key.json (a JWK, RFC
 * 7517 and 7518), regr.json, meta.json; and the map of its --webroot-map.
 */
#include "acme/wire_private.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static const char *const members[] = {
    [WIRE_JWK_N] = "n",
    [WIRE_JWK_E] = "e",
    [WIRE_JWK_D] = "d",
    [WIRE_JWK_P] = "p",
    [WIRE_JWK_Q] = "q",
    [WIRE_JWK_DP] = "dp",
    [WIRE_JWK_DQ] = "dq",
    [WIRE_JWK_QI] = "qi",
    [WIRE_JWK_X] = "x",
    [WIRE_JWK_Y] = "y",
};
_Static_assert(
    COUNT_OF(members) == WIRE_JWK_MEMBERS, "a member of a JWK has no name");

static int
read_members(
    const struct wire_object *object, struct wire_jwk *ret, struct err *err)
{
	int rc = 0;

	for (int i = 0; rc == 0 && i < WIRE_JWK_MEMBERS; i++) {
		rc = wire_get_text(object, members[i], WIRE_OPTIONAL,
		    ret->member[i], sizeof(ret->member[i]), err);
		if (rc == 0 &&
		    !text_is_base64url(
			ret->member[i], 0, LIMIT_JWK_MEMBER_BYTES))
			rc = wire_wrong(
			    object, members[i], "is no base64url", err);
	}
	return rc;
}

int
wire_read_jwk(const struct buf *text, struct wire_jwk *ret, struct err *err)
{
	struct wire_object object = {.json = NULL};
	int rc;

	wire_wipe_from_now();
	memset(ret, 0, sizeof(*ret));
	rc = wire_open(text, "reading the account's key", &object, err);
	if (rc < 0)
		return rc;
	rc = wire_get_text(
	    &object, "kty", WIRE_REQUIRED, ret->kty, sizeof(ret->kty), err);
	if (rc == 0)
		rc = wire_get_text(&object, "crv", WIRE_OPTIONAL, ret->crv,
		    sizeof(ret->crv), err);
	if (rc == 0)
		rc = read_members(&object, ret, err);
	if (rc < 0)
		buf_wipe(ret, sizeof(*ret));
	wire_close(&object);
	return rc;
}

int
wire_make_jwk(const struct wire_jwk *jwk, struct buf *ret, struct err *err)
{
	json_t *object = NULL;
	bool well = true;

	wire_wipe_from_now();
	object = json_object();
	for (int i = 0; well && i < WIRE_JWK_MEMBERS; i++) {
		if (jwk->member[i][0] != '\0')
			well = json_object_set_new(object, members[i],
				   json_string(jwk->member[i])) == 0;
	}
	if (well && jwk->crv[0] != '\0')
		well = json_object_set_new(
			   object, "crv", json_string(jwk->crv)) == 0;
	if (well)
		well = json_object_set_new(
			   object, "kty", json_string(jwk->kty)) == 0;
	if (!well) {
		json_decref(object);
		object = NULL;
	}
	return wire_write(object, ret, err);
}

int
wire_read_regr(
    const struct buf *text, char *ret_url, size_t size, struct err *err)
{
	struct wire_object object = {.json = NULL};
	char url[LIMIT_URL_BYTES];
	int rc;

	rc = wire_open(text, "reading the account's URL", &object, err);
	if (rc < 0)
		return rc;
	rc = wire_get_url(&object, "uri", WIRE_REQUIRED, url, err);
	if (rc == 0 && strlen(url) >= size)
		rc = wire_wrong(&object, "uri", "is too long", err);
	if (rc == 0)
		memcpy(ret_url, url, strlen(url) + 1);
	wire_close(&object);
	return rc;
}

/* As Python writes it, which certbot does: a space behind `:` and `,`. */
static int
write_spaced(json_t *json, struct buf *ret, struct err *err)
{
	char *text = NULL;
	int rc;

	if (json == NULL)
		return err_nomem(err, "composing an account's file");
	text = json_dumps(json, 0);
	json_decref(json);
	if (text == NULL)
		return err_nomem(err, "composing an account's file");
	buf_reset(ret);
	rc = buf_puts(ret, text, err);
	free(text);
	return rc;
}

int
wire_make_regr(const char *url, struct buf *ret, struct err *err)
{
	return write_spaced(
	    json_pack("{s:{}, s:s}", "body", "uri", url), ret, err);
}

int
wire_read_meta(const struct buf *text, char *ret_created, size_t created_size,
    char *ret_host, size_t host_size, struct err *err)
{
	struct wire_object object = {.json = NULL};
	int rc;

	rc = wire_open(text, "reading the account's origin", &object, err);
	if (rc < 0)
		return rc;
	rc = wire_get_text(&object, "creation_dt", WIRE_OPTIONAL, ret_created,
	    created_size, err);
	if (rc == 0)
		rc = wire_get_text(&object, "creation_host", WIRE_OPTIONAL,
		    ret_host, host_size, err);
	wire_close(&object);
	return rc;
}

int
wire_make_meta(
    const char *created, const char *host, struct buf *ret, struct err *err)
{
	return write_spaced(json_pack("{s:s, s:s}", "creation_dt", created,
				"creation_host", host),
	    ret, err);
}

/* --- webroots ------------------------------------------------------------- */

int
wire_read_webroots(const char *text,
    int (*each)(
	void *context, const char *names, const char *dir, struct err *err),
    void *context, struct err *err)
{
	struct buf copy = BUF_INIT(LIMIT_ACME_REPLY_BYTES);
	struct wire_object object = {.json = NULL};
	const char *names, *dir;
	json_t *value;
	int rc = buf_puts(&copy, text, err);

	if (rc == 0)
		/* The last of two counts, as Python reads it. */
		rc = wire_open_as(
		    &copy, "reading --webroot-map", 0, &object, err);
	json_object_foreach(object.json, names, value)
	{
		dir = json_string_value(value);
		rc = dir == NULL
		    ? wire_wrong(&object, names, "is no directory's name", err)
		    : each(context, names, dir, err);
		if (rc < 0)
			break;
	}
	wire_close(&object);
	buf_free(&copy);
	return rc;
}
