/*
 * renewal_edit.c: changes to a renewal conf. What is not changed keeps every
 * byte; a change that changes nothing is none.
 */
#include "cert/renewal.h"

#include <stdlib.h>
#include <string.h>

#include "cert/renewal_part.h"

static const char doing[] = "writing the renewal configuration";

/* Does the line belong to `section`, or to one below it? */
static bool
is_within(const struct renewal_line *line, const char *section)
{
	size_t len = strlen(section);

	return line->kind != RENEWAL_OTHER &&
	    (len == 0 || strcmp(line->section, section) == 0 ||
		(strncmp(line->section, section, len) == 0 &&
		    line->section[len] == '/'));
}

/* Behind the comment that a document begins with, up to a blank line. */
static size_t
end_of_comment(const struct renewal *renewal)
{
	const char *raw = NULL;
	size_t end = 0;

	for (; end < renewal->count; end++) {
		raw = renewal_skip(renewal->lines[end].raw);
		if (renewal->lines[end].kind != RENEWAL_OTHER || *raw == '\0')
			break;
	}
	return end;
}

/* Behind the last line that is `section`'s own, or below it too (`deep`). */
static size_t
end_of(const struct renewal *renewal, const char *section, bool deep)
{
	const struct renewal_line *line = NULL;
	size_t end = 0;

	for (size_t i = 0; i < renewal->count; i++) {
		line = &renewal->lines[i];
		if (line->kind != RENEWAL_OTHER &&
		    (deep ? is_within(line, section)
			  : strcmp(line->section, section) == 0))
			end = i + 1;
	}
	return end > 0 ? end : end_of_comment(renewal);
}

/* "key = value  # comment" with the white space that `like` begins with. */
static int
compose(const char *like, const char *key, const struct buf *text,
    const char *comment, struct buf *ret, struct err *err)
{
	int rc;

	rc = buf_add(ret, like, strspn(like, " \t"), err);
	if (rc == 0)
		rc = renewal_quote(key, false, ret, err);
	if (rc == 0)
		rc = buf_printf(ret, err, " = %s%s%s\n", buf_text(text),
		    comment == NULL ? "" : " ", comment == NULL ? "" : comment);
	return rc;
}

/* Is what certbot would read what was meant? Some white space is not. */
static bool
says(const struct renewal_line *line, const char *key, const char *const *items,
    size_t count)
{
	if (line->kind != RENEWAL_KEY || strcmp(line->key, key) != 0)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (line->items[i] == NULL ||
		    strcmp(line->items[i], items[i]) != 0)
			return false;
	}
	return line->items[count] == NULL;
}

/* Makes `ret` from a text, and checks that it is read as it was meant. */
static int
make_line(const char *section, const char *key, const char *text,
    const char *const *items, size_t count, struct renewal_line *ret,
    struct err *err)
{
	struct err seen = ERR_INIT;
	size_t len = 0;
	int rc;

	rc = renewal_line_parse(text, ret, &len, &seen);
	if (rc == ERR_NOMEM)
		return err_nomem(err, doing);
	if (rc < 0 || len != strlen(text) || !says(ret, key, items, count))
		return err_set(err, ERR_INVALID, doing, key,
		    "the value would not be read as it is written, by certbot "
		    "either: it has white space in it that is lost");
	ret->section = strdup(section);
	return ret->section == NULL ? err_nomem(err, doing) : 0;
}

/* The line before must end, or this one would be a part of it. */
static int
end_line(struct renewal *renewal, size_t index, struct err *err)
{
	struct renewal_line *line = NULL;
	char *raw = NULL;
	size_t len;

	if (index == 0)
		return 0;
	line = &renewal->lines[index - 1];
	len = strlen(line->raw);
	if (len > 0 && line->raw[len - 1] == '\n')
		return 0;
	raw = realloc(line->raw, len + 2);
	if (raw == NULL)
		return err_nomem(err, doing);
	memcpy(raw + len, "\n", 2);
	line->raw = raw;
	return 0;
}

/* Appends the header of `section`, and of what it is in. */
static int
add_section(struct renewal *renewal, const char *section, struct err *err)
{
	static const char above[] = "\n# Options used in the renewal process\n";
	const char *slash = strrchr(section, '/');
	const char *name = slash == NULL ? section : slash + 1;
	struct buf text = BUF_INIT(LIMIT_RENEWAL_CONF_BYTES);
	struct renewal_line *slot = NULL;
	char *parent = NULL;
	unsigned depth = 1;
	size_t at, len = 0;
	int rc = 0;

	if (renewal_find_section(renewal, section) >= 0)
		return 0;
	for (const char *byte = section; *byte != '\0'; byte++)
		depth += *byte == '/';
	parent =
	    strndup(section, slash == NULL ? 0 : (size_t)(slash - section));
	if (parent == NULL)
		return err_nomem(err, doing);
	if (slash != NULL)
		rc = add_section(renewal, parent, err);
	if (rc == 0 && renewal_get(renewal, parent, name) != NULL)
		rc = err_set(err, ERR_INVALID, doing, name,
		    "it is a key there, so it cannot be a section");
	if (rc == 0 && strcmp(section, "renewalparams") == 0)
		rc = buf_puts(&text, above, err);
	for (unsigned i = 0; rc == 0 && i < depth; i++)
		rc = buf_puts(&text, "[", err);
	if (rc == 0)
		rc = renewal_quote(name, false, &text, err);
	for (unsigned i = 0; rc == 0 && i < depth; i++)
		rc = buf_puts(&text, "]", err);
	if (rc == 0)
		rc = buf_puts(&text, "\n", err);
	at = end_of(renewal, parent, true);
	if (rc == 0)
		rc = end_line(renewal, at, err);
	for (const char *line = buf_text(&text); rc == 0 && *line != '\0';) {
		slot = renewal_insert(renewal, at, err);
		rc = slot == NULL ? err->code
				  : renewal_line_parse(line, slot, &len, err);
		if (rc == 0 && slot != NULL && slot->kind == RENEWAL_SECTION) {
			slot->section = strdup(section);
			if (slot->section == NULL)
				rc = err_nomem(err, doing);
		}
		at++;
		line += len;
	}
	free(parent);
	buf_free(&text);
	return rc;
}

static void
remove_line(struct renewal *renewal, size_t index)
{
	renewal_line_free(&renewal->lines[index]);
	renewal->count--;
	memmove(&renewal->lines[index], &renewal->lines[index + 1],
	    (renewal->count - index) * sizeof(*renewal->lines));
}

/* Puts `line` (taken) in the place of the key's, or at the section's end. */
static int
put_line(struct renewal *renewal, const char *section, const char *key,
    struct renewal_line *line, struct err *err)
{
	long index = renewal_find_key(renewal, section, key);
	struct renewal_line *slot = NULL;
	size_t at;
	int rc = 0;

	if (index >= 0) {
		slot = &renewal->lines[index];
		renewal_line_free(slot);
	} else {
		if (section[0] != '\0')
			rc = add_section(renewal, section, err);
		at = end_of(renewal, section, false);
		if (rc == 0)
			rc = end_line(renewal, at, err);
		if (rc == 0)
			slot = renewal_insert(renewal, at, err);
		if (rc == 0 && slot == NULL)
			rc = err->code;
	}
	if (slot != NULL) {
		*slot = *line;
		memset(line, 0, sizeof(*line));
	}
	return rc;
}

/* Sets `key` to `items`, whose text is `text`. */
static int
put(struct renewal *renewal, const char *section, const char *key,
    const struct buf *text, const char *const *items, size_t count,
    struct err *err)
{
	long index = renewal_find_key(renewal, section, key);
	struct buf raw = BUF_INIT(LIMIT_RENEWAL_CONF_BYTES);
	struct renewal_line line = {.kind = RENEWAL_OTHER};
	const char *like = "", *comment = NULL;
	int rc;

	if (index >= 0) {
		if (says(&renewal->lines[index], key, items, count))
			return 0;
		like = renewal->lines[index].raw;
		comment = renewal->lines[index].comment;
	}
	rc = compose(like, key, text, comment, &raw, err);
	if (rc == 0)
		rc = make_line(
		    section, key, buf_text(&raw), items, count, &line, err);
	if (rc == 0)
		rc = put_line(renewal, section, key, &line, err);
	renewal_line_free(&line);
	buf_free(&raw);
	return rc;
}

int
renewal_set(struct renewal *renewal, const char *section, const char *key,
    const char *value, struct err *err)
{
	long index = renewal_find_key(renewal, section, key);
	struct buf text = BUF_INIT(LIMIT_RENEWAL_CONF_BYTES);
	int rc;

	if (value == NULL) {
		if (index >= 0)
			remove_line(renewal, (size_t)index);
		return 0;
	}
	rc = renewal_quote(value, true, &text, err);
	if (rc == 0)
		rc = put(renewal, section, key, &text, &value, 1, err);
	buf_free(&text);
	return rc;
}

int
renewal_set_list(struct renewal *renewal, const char *section, const char *key,
    const char *const *items, size_t count, struct err *err)
{
	struct buf text = BUF_INIT(LIMIT_RENEWAL_CONF_BYTES);
	int rc = 0;

	/* One element has a comma behind it, and none is a comma. */
	for (size_t i = 0; rc == 0 && i < count; i++) {
		if (i > 0)
			rc = buf_puts(&text, ", ", err);
		if (rc == 0)
			rc = renewal_quote(items[i], false, &text, err);
	}
	if (rc == 0 && count < 2)
		rc = buf_puts(&text, ",", err);
	if (rc == 0)
		rc = put(renewal, section, key, &text, items, count, err);
	buf_free(&text);
	return rc;
}

void
renewal_drop_section(struct renewal *renewal, const char *section)
{
	size_t i = 0;

	while (i < renewal->count) {
		if (is_within(&renewal->lines[i], section))
			remove_line(renewal, i);
		else
			i++;
	}
}
