/*
 * renewal_refer.c: `%(key)s` in a value stands for another key's, as ConfigObj
 * has it: of the same section, of DEFAULT beside it, or of those around it.
 */
#include "cert/renewal.h"

#include <stdlib.h>
#include <string.h>

#include "cert/renewal_part.h"

static const char reading[] = "reading the renewal configuration";

/* What is being resolved, from the outermost; none may come twice. */
struct trail {
	const struct trail *up;
	const struct renewal_line *line;
};

struct resolver {
	const struct renewal *renewal;
	const char *section; /* as seen from where, whoever refers */
	unsigned left; /* references that may yet be followed */
};

static int
fail(const char *why, struct err *err)
{
	return err_set(err, ERR_SYNTAX, reading, NULL, "%s", why);
}

/* The line of `key` as seen from `section`; NULL: there is none, or no
 * memory. */
static const struct renewal_line *
find(const struct renewal *renewal, const char *section, const char *key)
{
	static const char fallback[] = "DEFAULT";
	struct buf path = BUF_INIT(LIMIT_RENEWAL_CONF_BYTES + 16);
	size_t len = strlen(section);
	struct err err = ERR_INIT;
	long index = -1;

	for (;;) {
		buf_reset(&path);
		if (buf_add(&path, section, len, &err) < 0)
			break;
		index = renewal_find_key(renewal, buf_text(&path), key);
		if (index >= 0)
			break;
		if (buf_printf(
			&path, &err, "%s%s", len > 0 ? "/" : "", fallback) < 0)
			break;
		index = renewal_find_key(renewal, buf_text(&path), key);
		if (index >= 0 || len == 0)
			break;
		while (len > 0 && section[len - 1] != '/')
			len--;
		len -= len > 0;
	}
	buf_free(&path);
	return index < 0 ? NULL : &renewal->lines[index];
}

static int expand(struct resolver *resolver, const struct trail *up,
    const struct renewal_line *line, const char *text, struct buf *ret,
    struct err *err) MUST_CHECK;

/* Appends what `key` stands for. */
static int
follow(struct resolver *resolver, const struct trail *trail, const char *key,
    struct buf *ret, struct err *err)
{
	const struct renewal_line *line =
	    find(resolver->renewal, resolver->section, key);

	if (line == NULL)
		return fail("it refers to a key that is not there", err);
	if (line->items[0] == NULL || line->items[1] != NULL)
		return fail("it refers to a list", err);
	if (resolver->left == 0)
		return fail("it refers to too much", err);
	resolver->left--;
	return expand(resolver, trail, line, line->items[0], ret, err);
}

/* Appends `text`, of a value of `line`, with what it refers to in place. */
static int
expand(struct resolver *resolver, const struct trail *up,
    const struct renewal_line *line, const char *text, struct buf *ret,
    struct err *err)
{
	const struct trail here = {up, line};
	const char *at = NULL, *end = NULL;
	char *key = NULL;
	int rc = 0;

	for (; up != NULL; up = up->up) {
		if (up->line == line)
			return fail("it refers to itself", err);
	}
	while (rc == 0 && (at = strstr(text, "%(")) != NULL &&
	    (end = strchr(at, ')')) != NULL) {
		if (end[1] != 's') {
			rc = buf_add(ret, text, (size_t)(at + 2 - text), err);
			text = at + 2;
			continue;
		}
		rc = buf_add(ret, text, (size_t)(at - text), err);
		text = end + 2;
		if (rc < 0)
			break;
		key = renewal_copy(at + 2, (size_t)(end - at - 2), err);
		rc = key == NULL ? err->code
				 : follow(resolver, &here, key, ret, err);
		free(key);
	}
	return rc < 0 ? rc : buf_puts(ret, text, err);
}

/* line->resolved: its items, with what they refer to in place. */
static int
resolve(struct resolver *resolver, struct renewal_line *line, struct err *err)
{
	struct buf text = BUF_INIT(LIMIT_RENEWAL_CONF_BYTES);
	char **made = NULL;
	size_t count = 0;
	int rc = 0;

	while (line->items[count] != NULL)
		count++;
	made = calloc(count + 1, sizeof(*made));
	if (made == NULL)
		return err_nomem(err, reading);
	resolver->section = line->section;
	for (size_t i = 0; rc == 0 && i < count; i++) {
		buf_reset(&text);
		rc = expand(resolver, NULL, line, line->items[i], &text, err);
		if (rc < 0)
			break;
		made[i] = renewal_copy(buf_text(&text), text.len, err);
		rc = made[i] == NULL ? err->code : 0;
	}
	buf_free(&text);
	if (rc == 0)
		line->resolved = made;
	else
		renewal_list_free(made);
	return rc;
}

static bool
refers(const struct renewal_line *line)
{
	for (size_t i = 0; line->kind == RENEWAL_KEY && line->items[i] != NULL;
	     i++) {
		if (strstr(line->items[i], "%(") != NULL)
			return true;
	}
	return false;
}

int
renewal_resolve(struct renewal *renewal, struct err *err)
{
	struct resolver resolver = {renewal, NULL, LIMIT_RENEWAL_REFERENCES};
	struct err why = ERR_INIT;
	int rc = 0;

	for (size_t i = 0; i < renewal->count; i++) {
		struct renewal_line *line = &renewal->lines[i];

		if (!refers(line))
			continue;
		line->unresolved = resolve(&resolver, line, &why) < 0;
		if (why.code == ERR_NOMEM)
			return err_nomem(err, reading);
	}
	/* Not before: what a key stands for depends on who refers to it. */
	for (size_t i = 0; rc == 0 && i < renewal->count; i++) {
		struct renewal_line *line = &renewal->lines[i];

		if (line->resolved == NULL)
			continue;
		renewal_list_free(line->items);
		line->items = line->resolved;
		line->resolved = NULL;
		rc = renewal_join_items(line, err);
	}
	return rc;
}

const char *
renewal_unresolved(const struct renewal *renewal, const char *section)
{
	for (size_t i = 0; i < renewal->count; i++) {
		const struct renewal_line *line = &renewal->lines[i];

		if (line->kind == RENEWAL_KEY && line->unresolved &&
		    strcmp(line->section, section) == 0)
			return line->key;
	}
	return NULL;
}
