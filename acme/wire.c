/*
 * wire.c: JSON in and out: one object, its members by name and type, nothing
 * believed. The other wire_*.c say which members there are.
 */
#include "acme/wire.h"

#include <jansson.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "acme/wire_private.h"
#include "base/text.h"

static const char *const statuses[] = {
    [WIRE_PENDING] = "pending",
    [WIRE_READY] = "ready",
    [WIRE_PROCESSING] = "processing",
    [WIRE_VALID] = "valid",
    [WIRE_INVALID] = "invalid",
    [WIRE_DEACTIVATED] = "deactivated",
    [WIRE_EXPIRED] = "expired",
    [WIRE_REVOKED] = "revoked",
};
_Static_assert(COUNT_OF(statuses) == WIRE_STATUSES, "a status has no name");

const char *
wire_status_name(enum wire_status status)
{
	return statuses[status];
}

int
wire_open(const struct buf *text, const char *doing, struct wire_object *ret,
    struct err *err)
{
	/* A member that is there twice would be read differently by others. */
	return wire_open_as(text, doing, JSON_REJECT_DUPLICATES, ret, err);
}

int
wire_open_as(const struct buf *text, const char *doing, size_t flags,
    struct wire_object *ret, struct err *err)
{
	json_error_t why;
	json_t *json = json_loadb(buf_text(text), text->len, flags, &why);

	if (json == NULL)
		return err_set(err, ERR_SYNTAX, doing, NULL,
		    "it is no JSON: line %d, column %d: %s", why.line,
		    why.column, why.text);
	if (!json_is_object(json)) {
		json_decref(json);
		return err_set(
		    err, ERR_SYNTAX, doing, NULL, "it is no JSON object");
	}
	ret->json = json;
	ret->doing = doing;
	return 0;
}

void
wire_close(struct wire_object *object)
{
	json_decref(object->json);
	object->json = NULL;
}

int
wire_wrong(const struct wire_object *object, const char *name, const char *why,
    struct err *err)
{
	return err_set(
	    err, ERR_SYNTAX, object->doing, NULL, "`%s` %s", name, why);
}

/* The member, NULL where it is absent; null is as good as absent. */
static json_t *
member(const struct wire_object *object, const char *name)
{
	json_t *value = json_object_get(object->json, name);

	return json_is_null(value) ? NULL : value;
}

int
wire_get_text(const struct wire_object *object, const char *name,
    enum wire_need need, char *ret, size_t size, struct err *err)
{
	const json_t *value = member(object, name);
	size_t len;

	if (value == NULL && need == WIRE_REQUIRED)
		return wire_wrong(object, name, "is missing", err);
	if (value == NULL) {
		ret[0] = '\0';
		return 0;
	}
	if (!json_is_string(value))
		return wire_wrong(object, name, "is no string", err);
	len = json_string_length(value);
	if (len >= size)
		return err_set(err, ERR_LIMIT, object->doing, NULL,
		    "`%s` has %zu bytes, %zu are allowed", name, len, size - 1);
	/* jansson refuses a NUL in a string, so this is all of it. */
	memcpy(ret, json_string_value(value), len + 1);
	if (len == 0 && need == WIRE_REQUIRED)
		return wire_wrong(object, name, "is empty", err);
	return 0;
}

int
wire_get_url(const struct wire_object *object, const char *name,
    enum wire_need need, char *ret, struct err *err)
{
	char url[LIMIT_URL_BYTES];
	int rc;

	rc = wire_get_text(object, name, need, url, sizeof(url), err);
	if (rc < 0)
		return rc;
	if (url[0] != '\0' && !text_is_url(url, true))
		return wire_wrong(
		    object, name, "is no absolute https URL", err);
	memcpy(ret, url, strlen(url) + 1);
	return 0;
}

int
wire_get_flag(const struct wire_object *object, const char *name, bool *ret,
    struct err *err)
{
	const json_t *value = member(object, name);

	if (value != NULL && !json_is_boolean(value))
		return wire_wrong(
		    object, name, "is neither true nor false", err);
	*ret = json_is_true(value);
	return 0;
}

int
wire_get_object(const struct wire_object *object, const char *name,
    struct wire_object *ret, struct err *err)
{
	json_t *value = member(object, name);

	if (value != NULL && !json_is_object(value))
		return wire_wrong(object, name, "is no object", err);
	ret->json = value;
	ret->doing = object->doing;
	return 0;
}

int
wire_get_array(const struct wire_object *object, const char *name, size_t most,
    json_t **ret, struct err *err)
{
	json_t *value = member(object, name);

	if (value != NULL && !json_is_array(value))
		return wire_wrong(object, name, "is no array", err);
	if (json_array_size(value) > most)
		return err_set(err, ERR_LIMIT, object->doing, NULL,
		    "`%s` has %zu elements, %zu are allowed", name,
		    json_array_size(value), most);
	*ret = value;
	return 0;
}

int
wire_get_status(
    const struct wire_object *object, enum wire_status *ret, struct err *err)
{
	char word[32];
	int rc;

	rc = wire_get_text(
	    object, "status", WIRE_REQUIRED, word, sizeof(word), err);
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < COUNT_OF(statuses); i++) {
		if (strcmp(word, statuses[i]) == 0) {
			*ret = (enum wire_status)i;
			return 0;
		}
	}
	return wire_wrong(object, "status", "is none that ACME knows", err);
}

struct sink {
	struct buf *ret;
	struct err *err;
};

static int
add(const char *data, size_t len, void *context)
{
	const struct sink *sink = context;

	return buf_add(sink->ret, data, len, sink->err) < 0 ? -1 : 0;
}

int
wire_write(json_t *json, struct buf *ret, struct err *err)
{
	struct sink sink = {ret, err};
	int rc = 0;

	buf_reset(ret);
	if (json == NULL)
		return err_set(err, ERR_NOMEM, "composing JSON", NULL,
		    "out of memory, or a text that is no UTF-8");
	if (json_dump_callback(
		json, add, &sink, JSON_COMPACT | JSON_SORT_KEYS) != 0)
		rc = err->code != 0 ? err->code
				    : err_nomem(err, "composing JSON");
	json_decref(json);
	if (rc < 0)
		buf_reset(ret);
	return rc;
}

static void
wipe_and_free(void *data)
{
	if (data == NULL)
		return;
	buf_wipe(data, malloc_usable_size(data));
	free(data);
}

void
wire_wipe_from_now(void)
{
	/* What malloc() gave before can be freed this way as well. */
	json_set_alloc_funcs(malloc, wipe_and_free);
}
