/*
 * wire_private.h: what the parts of wire share: strict getters on one JSON
 * object, and the way out of one.
 */
#ifndef ACME_WIRE_PRIVATE_H
#define ACME_WIRE_PRIVATE_H

#include "acme/wire.h"

struct json_t; /* jansson's */

/* An object that is being read, and how to speak of it in an error. */
struct wire_object {
	struct json_t *json; /* owned where wire_open() made it */
	const char *doing; /* "reading the CA's order" */
};

enum wire_need { WIRE_OPTIONAL, WIRE_REQUIRED };

/*
 * Parses `text`, which must be one object. ERR_SYNTAX, with where and why.
 * wire_close() frees it.
 */
int wire_open(const struct buf *text, const char *doing,
    struct wire_object *ret, struct err *err) MUST_CHECK;
/* The same, with jansson's flags; with 0 the last of two members counts. */
int wire_open_as(const struct buf *text, const char *doing, size_t flags,
    struct wire_object *ret, struct err *err) MUST_CHECK;
void wire_close(struct wire_object *object);

/* What a member holds is wrong: ERR_SYNTAX. */
int wire_wrong(const struct wire_object *object, const char *name,
    const char *why, struct err *err);

/* A string; "" where it is absent (or null) and optional. */
int wire_get_text(const struct wire_object *object, const char *name,
    enum wire_need need, char *ret, size_t size, struct err *err) MUST_CHECK;

/* A string that is an absolute https URL. `ret` of LIMIT_URL_BYTES. */
int wire_get_url(const struct wire_object *object, const char *name,
    enum wire_need need, char *ret, struct err *err) MUST_CHECK;

/* true or false; false where it is absent. */
int wire_get_flag(const struct wire_object *object, const char *name, bool *ret,
    struct err *err) MUST_CHECK;

/* A member's object; its json is NULL where it is absent or null. Borrowed. */
int wire_get_object(const struct wire_object *object, const char *name,
    struct wire_object *ret, struct err *err) MUST_CHECK;

/* An array of at most `most` (ERR_LIMIT); NULL where absent. Borrowed. */
int wire_get_array(const struct wire_object *object, const char *name,
    size_t most, struct json_t **ret, struct err *err) MUST_CHECK;

/* `status`, required. */
int wire_get_status(const struct wire_object *object, enum wire_status *ret,
    struct err *err) MUST_CHECK;

/* `error` of an order or a challenge; as wire_read_problem(). */
void wire_get_problem(
    const struct wire_object *object, struct wire_problem *ret);

/* Writes `json` (taken: freed in any case; NULL is ERR_NOMEM) into `ret`. */
int wire_write(
    struct json_t *json, struct buf *ret, struct err *err) MUST_CHECK;

/* From here on jansson wipes what it frees: what follows holds a secret. */
void wire_wipe_from_now(void);

#endif
