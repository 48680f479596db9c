/*
 * renewal_value.c: a value in a line of a renewal conf: one text, a list, or
 * lines in triple quotes, with or without a comment behind it.
 */
#include "cert/renewal_part.h"

#include <stdlib.h>
#include <string.h>

static const char doing[] = "reading the renewal configuration";

static int
wrong(const char *what, struct err *err)
{
	return err_set(err, ERR_SYNTAX, doing, NULL, "%s", what);
}

static int
add_item(struct renewal_line *line, const char *text, size_t len, size_t *count,
    struct err *err)
{
	char **items = NULL;

	if (*count == LIMIT_RENEWAL_ITEMS)
		return err_set(err, ERR_LIMIT, doing, NULL,
		    "a list has more than %d elements", LIMIT_RENEWAL_ITEMS);
	items = realloc(line->items, (*count + 2) * sizeof(*items));
	if (items == NULL)
		return err_nomem(err, doing);
	line->items = items;
	items[*count] = NULL;
	items[*count + 1] = NULL;
	if (text == NULL)
		return 0;
	items[*count] = renewal_copy(text, len, err);
	if (items[*count] == NULL)
		return err->code;
	(*count)++;
	return 0;
}

/*
 * One element at `*at`, which moves behind it. `*ret_more`: a comma followed,
 * so that this is a list; else it was the last.
 */
static int
parse_item(const char **at, struct renewal_line *ret, size_t *count,
    bool *ret_more, struct err *err)
{
	const char *from = *at, *end = NULL;
	size_t len;

	if (*from == '"' || *from == '\'') {
		/* ConfigObj would rather have it in a list. */
		end = renewal_find_quote(from, renewal_comma_fits);
		if (end == NULL)
			end = renewal_find_quote(from, renewal_end_fits);
		if (end == NULL)
			return wrong("a quoted value does not end", err);
		from++;
		len = (size_t)(end - from);
		end = renewal_skip(end + 1);
	} else {
		end = from + strcspn(from, ",#");
		len = renewal_trimmed(from, (size_t)(end - from));
	}
	if (len == 0 && end == from && *end == ',')
		return wrong("an element of a list is empty", err);
	*ret_more = *end == ',';
	*at = *ret_more ? renewal_skip(end + 1) : end;
	return add_item(ret, from, len, count, err);
}

/* A value on one line, with or without a comment. */
static int
parse_items(const char *at, struct renewal_line *ret, struct err *err)
{
	const char *comment = NULL;
	size_t count = 0;
	bool more = true;
	int rc = 0;

	if (*at == ',') {
		at++;
		if (!renewal_is_end(at, &comment))
			return wrong("an element of a list is empty", err);
		rc = add_item(ret, NULL, 0, &count, err);
	} else {
		while (rc == 0 && more) {
			if (count > 0 && (*at == '\0' || *at == '#'))
				break;
			rc = parse_item(&at, ret, &count, &more, err);
		}
	}
	if (rc == 0 && renewal_is_end(at, &comment) && comment != NULL) {
		ret->comment = renewal_copy(comment, strlen(comment), err);
		if (ret->comment == NULL)
			rc = err->code;
	}
	return rc;
}

/*
 * A value in triple quotes, which begins at `offset` of `text` and may have
 * several lines; `*len` grows to the last one's end. Only "\n" is between
 * them, whatever the file has.
 */
static int
parse_multiline(const char *text, size_t offset, size_t *len,
    struct renewal_line *ret, struct err *err)
{
	const char quotes[] = {text[offset], text[offset], text[offset], '\0'};
	struct buf value = BUF_INIT(LIMIT_RENEWAL_CONF_BYTES);
	const char *end = NULL, *comment = NULL;
	char *line = NULL;
	size_t from = offset + sizeof(quotes) - 1, count = 0;
	int rc = 0;

	for (;;) {
		free(line);
		line = renewal_copy(text + from, *len - from, err);
		if (line == NULL) {
			rc = err->code;
			goto out;
		}
		end = strstr(line, quotes);
		if (end != NULL)
			break;
		rc = buf_puts(&value, line, err);
		if (rc == 0)
			rc = buf_puts(&value, "\n", err);
		if (rc < 0)
			goto out;
		from = *len + renewal_line_end(text + *len);
		if (text[from] == '\0') {
			rc =
			    wrong("a value in triple quotes does not end", err);
			goto out;
		}
		*len = from + renewal_line_length(text + from);
	}
	/* The first three that will do: there may be more of the same. */
	while (
	    end != NULL && !renewal_is_end(end + sizeof(quotes) - 1, &comment))
		end = strstr(end + 1, quotes);
	if (end == NULL) {
		rc = wrong("something follows a value in triple quotes", err);
		goto out;
	}
	rc = buf_add(&value, line, (size_t)(end - line), err);
	if (rc == 0)
		rc = add_item(ret, buf_text(&value), value.len, &count, err);
	if (rc == 0 && comment != NULL) {
		ret->comment = renewal_copy(comment, strlen(comment), err);
		if (ret->comment == NULL)
			rc = err->code;
	}
out:
	free(line);
	buf_free(&value);
	return rc;
}

int
renewal_join_items(struct renewal_line *line, struct err *err)
{
	struct buf value = BUF_INIT(2 * LIMIT_RENEWAL_CONF_BYTES);
	char *joined = NULL;
	int rc = 0;

	for (size_t i = 0; rc == 0 && line->items[i] != NULL; i++) {
		if (i > 0)
			rc = buf_puts(&value, ", ", err);
		if (rc == 0)
			rc = buf_puts(&value, line->items[i], err);
	}
	if (rc == 0) {
		joined = renewal_copy(buf_text(&value), value.len, err);
		rc = joined == NULL ? err->code : 0;
	}
	if (rc == 0) {
		free(line->value);
		line->value = joined;
	}
	buf_free(&value);
	return rc;
}

int
renewal_value_parse(const char *text, const char *line, const char *value,
    size_t *len, struct renewal_line *ret, struct err *err)
{
	int rc;

	if (strncmp(value, "\"\"\"", 3) == 0 || strncmp(value, "'''", 3) == 0)
		rc = parse_multiline(
		    text, (size_t)(value - line), len, ret, err);
	else
		rc = parse_items(value, ret, err);
	return rc < 0 ? rc : renewal_join_items(ret, err);
}
