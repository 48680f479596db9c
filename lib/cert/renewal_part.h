/*
 * renewal_part.h: what the parts of renewal share: renewal.c (the document),
 * renewal_line.c (ConfigObj's grammar of one line), renewal_refer.c
 * (`%(key)s`), renewal_quote.c (its way of quoting), renewal_edit.c (changes).
 */
#ifndef CERT_RENEWAL_PART_H
#define CERT_RENEWAL_PART_H

#include <stdbool.h>
#include <stddef.h>

#include "cert/renewal.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"

enum renewal_kind {
	RENEWAL_OTHER, /* blank, or a comment */
	RENEWAL_KEY,
	RENEWAL_SECTION,
};

/* One line, or the several that a triple-quoted value has; all owned. */
struct renewal_line {
	enum renewal_kind kind;
	char *raw; /* as it stands in the file, with its end */
	char *section; /* the path it belongs to; a header's own */
	char *key; /* unquoted; of a header the name alone */
	char **items; /* of a key, NULL-terminated */
	char *value; /* the items, joined by ", " */
	char *comment; /* "# ..." behind it, or NULL */
	char **resolved; /* the items to be; NULL but in renewal_resolve() */
	bool unresolved; /* refers to what is not there: as it is written */
	unsigned depth; /* of a header: how many brackets */
};

struct renewal {
	struct renewal_line *lines;
	size_t count, room;
	bool marked; /* the file began with a byte order mark */
};

/* The byte order mark of UTF-8. */
extern const char renewal_mark[];

/*
 * Parses the line at `text` (NUL-terminated, UTF-8) and tells in `*ret_len` how
 * many bytes it takes, its end included. `ret->section` stays NULL: the
 * document knows it. ERR_SYNTAX: the detail says what it is, without the place.
 */
int renewal_line_parse(const char *text, struct renewal_line *ret,
    size_t *ret_len, struct err *err) MUST_CHECK;
void renewal_line_free(struct renewal_line *line);

/*
 * The value at `value`, which is in `line`, the first line of `text`; `*len`,
 * the line's length, grows where it has more. Errors as above.
 */
int renewal_value_parse(const char *text, const char *line, const char *value,
    size_t *len, struct renewal_line *ret, struct err *err) MUST_CHECK;

/* Makes line->value anew from its items. */
int renewal_join_items(struct renewal_line *line, struct err *err) MUST_CHECK;

/* Puts into each value what it refers to. ERR_NOMEM. */
int renewal_resolve(struct renewal *renewal, struct err *err) MUST_CHECK;

/* White space as Python's str.isspace() has it: what strip() takes. */
size_t renewal_space(const char *at) MUST_CHECK; /* bytes at `at`, or 0 */
const char *renewal_skip(const char *at) MUST_CHECK; /* behind it */
size_t renewal_trimmed(const char *text, size_t len) MUST_CHECK;

/* The bytes of a line's end at `at`, or 0; and those up to one. */
size_t renewal_line_end(const char *at) MUST_CHECK;
size_t renewal_line_length(const char *text) MUST_CHECK;

/* A copy, owned; NULL with `err` filled. */
char *renewal_copy(const char *text, size_t len, struct err *err) MUST_CHECK;

/* Nothing, or a comment, follows at `at`: true, and the comment or NULL. */
bool renewal_is_end(const char *at, const char **ret_comment) MUST_CHECK;
bool renewal_is_section_end(
    const char *at, unsigned *ret_depth, const char **ret_comment) MUST_CHECK;

/* What must stand behind a quote that closes. */
typedef bool (*renewal_test)(const char *at);
bool renewal_comma_fits(const char *at) MUST_CHECK;
bool renewal_equals_fits(const char *at) MUST_CHECK;
bool renewal_end_fits(const char *at) MUST_CHECK;
bool renewal_section_fits(const char *at) MUST_CHECK;

/* The quote that closes the one at `at`, with `fits` behind it; or NULL. */
const char *renewal_find_quote(const char *at, renewal_test fits) MUST_CHECK;

/*
 * Appends `text` quoted as ConfigObj writes it: a value may be `multiline`, a
 * key, a section's name and an element of a list not. ERR_INVALID: it cannot
 * be quoted.
 */
int renewal_quote(const char *text, bool multiline, struct buf *ret,
    struct err *err) MUST_CHECK;

/* The line that is a section's header, or a key's; -1 where there is none. */
long renewal_find_section(
    const struct renewal *renewal, const char *section) MUST_CHECK;
long renewal_find_key(const struct renewal *renewal, const char *section,
    const char *key) MUST_CHECK;

/*
 * Makes room at `index` and returns the zeroed line there; NULL with `err`
 * filled: ERR_NOMEM, ERR_LIMIT past LIMIT_RENEWAL_LINES.
 */
struct renewal_line *renewal_insert(
    struct renewal *renewal, size_t index, struct err *err) MUST_CHECK;

#endif
