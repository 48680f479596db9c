/*
 * renewal_line.c: the grammar of one line of a renewal conf, as ConfigObj reads
 * it (the regular expressions of configobj 5: _sectionmarker, _keyword,
 * _valueexp). Where those leave a choice, the one that they make is made.
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

/* 1: it is a header; 0: it is none; or an error. */
static int
parse_section(const char *line, struct renewal_line *ret, struct err *err)
{
	const char *at = renewal_skip(line), *end = NULL, *comment = NULL;
	unsigned open = 0, closed = 0;
	bool quoted;

	for (; *at == '['; at = renewal_skip(at + 1))
		open++;
	if (open == 0 || *at == '\0')
		return 0;
	quoted = *at == '"' || *at == '\'';
	if (quoted) {
		end = renewal_find_quote(at, renewal_section_fits);
		at++;
		if (end == NULL || renewal_skip(at) >= end)
			return 0;
	} else {
		end = at + 1;
		while (*end != '\0' && !renewal_section_fits(end))
			end++;
		if (*end == '\0')
			return 0;
	}
	if (!renewal_is_section_end(end + quoted, &closed, &comment))
		return 0;
	if (open != closed)
		return wrong("a section has unequal brackets", err);
	ret->kind = RENEWAL_SECTION;
	ret->depth = open;
	ret->key = renewal_copy(at, (size_t)(end - at), err);
	if (ret->key == NULL)
		return err->code;
	if (comment != NULL) {
		ret->comment = renewal_copy(comment, strlen(comment), err);
		if (ret->comment == NULL)
			return err->code;
	}
	return 1;
}

/* The key, and where the value begins. */
static int
parse_key(const char *line, struct renewal_line *ret, const char **ret_value,
    struct err *err)
{
	const char *at = renewal_skip(line), *end = NULL;
	size_t len;

	if (*at == '"' || *at == '\'') {
		end = renewal_find_quote(at, renewal_equals_fits);
		len = end == NULL ? 0 : (size_t)(end - at) - 1;
		at++;
	} else {
		end = *at == '=' ? NULL : strchr(at, '=');
		len = end == NULL ? 0 : renewal_trimmed(at, (size_t)(end - at));
	}
	if (end == NULL)
		return wrong("this is neither `key = value`, a section nor a "
			     "comment",
		    err);
	ret->kind = RENEWAL_KEY;
	ret->key = renewal_copy(at, len, err);
	if (ret->key == NULL)
		return err->code;
	/* Behind a quote that closes there may be space. */
	*ret_value = renewal_skip(strchr(end, '=') + 1);
	return 0;
}

int
renewal_line_parse(const char *text, struct renewal_line *ret, size_t *ret_len,
    struct err *err)
{
	struct renewal_line made = {.kind = RENEWAL_OTHER};
	const char *at = NULL, *value = NULL;
	size_t len = renewal_line_length(text);
	char *line = NULL;
	int rc = 0;

	line = renewal_copy(text, len, err);
	if (line == NULL)
		return err->code;
	at = renewal_skip(line);
	if (*at != '\0' && *at != '#')
		rc = parse_section(line, &made, err);
	if (rc == 0 && *at != '\0' && *at != '#') {
		rc = parse_key(line, &made, &value, err);
		if (rc == 0)
			rc = renewal_value_parse(
			    text, line, value, &len, &made, err);
	}
	if (rc >= 0) {
		len += renewal_line_end(text + len);
		made.raw = renewal_copy(text, len, err);
		rc = made.raw == NULL ? err->code : 0;
	}
	if (rc == 0) {
		*ret = made;
		*ret_len = len;
		memset(&made, 0, sizeof(made));
	}
	renewal_line_free(&made);
	free(line);
	return rc;
}

void
renewal_line_free(struct renewal_line *line)
{
	renewal_list_free(line->items);
	renewal_list_free(line->resolved);
	free(line->raw);
	free(line->section);
	free(line->key);
	free(line->value);
	free(line->comment);
	memset(line, 0, sizeof(*line));
}
