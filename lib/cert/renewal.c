/*
 * renewal.c: a renewal conf as a document of lines: certbot's memory of how a
 * lineage was made. The grammar is in renewal_line.c, references are followed
 * in renewal_refer.c, changes are made in renewal_edit.c, and renewal_write.c
 * puts it back on the disk.
 */
#include "cert/renewal.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cert/renewal_part.h"
#include "base/fs.h"
#include "base/text.h"

static const char reading[] = "reading the renewal configuration";

long
renewal_find_section(const struct renewal *renewal, const char *section)
{
	for (size_t i = 0; i < renewal->count; i++) {
		if (renewal->lines[i].kind == RENEWAL_SECTION &&
		    strcmp(renewal->lines[i].section, section) == 0)
			return (long)i;
	}
	return -1;
}

long
renewal_find_key(
    const struct renewal *renewal, const char *section, const char *key)
{
	const struct renewal_line *line = NULL;

	for (size_t i = 0; i < renewal->count; i++) {
		line = &renewal->lines[i];
		if (line->kind == RENEWAL_KEY &&
		    strcmp(line->section, section) == 0 &&
		    strcmp(line->key, key) == 0)
			return (long)i;
	}
	return -1;
}

struct renewal_line *
renewal_insert(struct renewal *renewal, size_t index, struct err *err)
{
	struct renewal_line *lines = renewal->lines;
	size_t room = renewal->room == 0 ? 32 : renewal->room * 2;

	if (renewal->count == LIMIT_RENEWAL_LINES) {
		(void)err_set(err, ERR_LIMIT, reading, NULL,
		    "more than %d lines", LIMIT_RENEWAL_LINES);
		return NULL;
	}
	if (lines == NULL || renewal->count == renewal->room) {
		lines = realloc(lines, room * sizeof(*lines));
		if (lines == NULL) {
			(void)err_nomem(err, reading);
			return NULL;
		}
		renewal->lines = lines;
		renewal->room = room;
	}
	memmove(&lines[index + 1], &lines[index],
	    (renewal->count - index) * sizeof(*lines));
	memset(&lines[index], 0, sizeof(*lines));
	renewal->count++;
	return &lines[index];
}

int
renewal_new(struct renewal **ret, struct err *err)
{
	static const char text[] = "# renew_before_expiry = 30 days\n";
	struct renewal_line *line = NULL;
	struct renewal *made = NULL;
	size_t len;
	int rc;

	made = calloc(1, sizeof(*made));
	if (made == NULL)
		return err_nomem(err, reading);
	line = renewal_insert(made, 0, err);
	rc = line == NULL ? err->code
			  : renewal_line_parse(text, line, &len, err);
	if (rc == 0)
		*ret = made;
	else
		renewal_free(made);
	return rc;
}

/* Where in a document a reader is: the path, and where each part of it ends. */
struct place {
	char path[LIMIT_RENEWAL_CONF_BYTES];
	size_t ends[LIMIT_RENEWAL_DEPTH + 1]; /* [0] is the top's: 0 */
	unsigned depth;
};

/* Goes into the section that `line` begins. */
static int
enter(struct place *place, const struct renewal *renewal,
    const struct renewal_line *line, struct err *err)
{
	size_t end;
	int len;

	if (line->depth > LIMIT_RENEWAL_DEPTH || line->depth > place->depth + 1)
		return err_set(
		    err, ERR_SYNTAX, reading, NULL, "the section is too deep");
	end = place->ends[line->depth - 1];
	place->path[end] = '\0';
	if (renewal_find_key(renewal, place->path, line->key) >= 0)
		return err_set(err, ERR_SYNTAX, reading, NULL,
		    "the section has the name of a key");
	len = snprintf(place->path + end, sizeof(place->path) - end, "%s%s",
	    end == 0 ? "" : "/", line->key);
	if (len < 0 || (size_t)len >= sizeof(place->path) - end)
		return err_set(err, ERR_LIMIT, reading, NULL,
		    "the section's name is too long");
	place->depth = line->depth;
	place->ends[line->depth] = end + (size_t)len;
	if (renewal_find_section(renewal, place->path) >= 0)
		return err_set(err, ERR_SYNTAX, reading, NULL,
		    "the section is there twice");
	return 0;
}

/* Reads one line at `text` and appends it. */
static int
append(struct renewal *renewal, struct place *place, const char *text,
    size_t *ret_len, struct err *err)
{
	struct renewal_line line = {.kind = RENEWAL_OTHER}, *slot = NULL;
	int rc;

	rc = renewal_line_parse(text, &line, ret_len, err);
	if (rc < 0)
		return rc;
	if (line.kind == RENEWAL_SECTION)
		rc = enter(place, renewal, &line, err);
	else if (line.kind == RENEWAL_KEY &&
	    renewal_find_key(renewal, place->path, line.key) >= 0)
		rc = err_set(
		    err, ERR_SYNTAX, reading, NULL, "the key is there twice");
	if (rc == 0 && line.kind != RENEWAL_OTHER) {
		line.section = strdup(place->path);
		if (line.section == NULL)
			rc = err_nomem(err, reading);
	}
	if (rc == 0) {
		slot = renewal_insert(renewal, renewal->count, err);
		if (slot == NULL)
			rc = err->code;
	}
	if (slot != NULL) {
		*slot = line;
		memset(&line, 0, sizeof(line));
	}
	renewal_line_free(&line);
	return rc;
}

/* The same error, with the file and the line that it is in. */
static int
place_error(const char *path, const char *text, const char *at, struct err *err)
{
	char detail[LIMIT_ERR_DETAIL_BYTES];
	size_t line = 1;

	if (err->code == ERR_NOMEM)
		return err->code;
	memcpy(detail, err->detail, sizeof(detail));
	for (const char *byte = text; byte < at; byte++)
		line += *byte == '\n';
	return err_set(
	    err, err->code, reading, path, "line %zu: %s", line, detail);
}

static int
parse(struct renewal *renewal, const char *path, const char *text,
    struct err *err)
{
	struct place *place = NULL;
	const char *at = text;
	size_t len = 0;
	int rc = 0;

	if (!text_is_utf8(text))
		return err_set(err, ERR_SYNTAX, reading, path,
		    "it is not all UTF-8: certbot cannot read it either");
	/* It is large, and of what is in it only the begin is looked at. */
	place = malloc(sizeof(*place));
	if (place == NULL)
		return err_nomem(err, reading);
	place->path[0] = '\0';
	place->ends[0] = 0;
	place->depth = 0;
	renewal->marked = strncmp(at, renewal_mark, strlen(renewal_mark)) == 0;
	if (renewal->marked)
		at += strlen(renewal_mark);
	while (rc == 0 && *at != '\0') {
		rc = append(renewal, place, at, &len, err);
		at += rc == 0 ? len : 0;
	}
	free(place);
	return rc < 0 ? place_error(path, text, at, err)
		      : renewal_resolve(renewal, err);
}

int
renewal_parse(
    const char *path, const char *text, struct renewal **ret, struct err *err)
{
	struct renewal *made = calloc(1, sizeof(*made));
	int rc;

	if (made == NULL)
		return err_nomem(err, reading);
	rc = parse(made, path, text, err);
	if (rc == 0)
		*ret = made;
	else
		renewal_free(made);
	return rc;
}

int
renewal_read(const char *path, struct renewal **ret, struct err *err)
{
	struct buf text = BUF_INIT(LIMIT_RENEWAL_CONF_BYTES);
	int rc;

	rc = fs_read(AT_FDCWD, path, FS_TRUST_ANY, &text, NULL, err);
	if (rc == 0 && strlen(buf_text(&text)) != text.len)
		rc = err_set(
		    err, ERR_SYNTAX, reading, path, "there is a NUL in it");
	if (rc == 0)
		rc = renewal_parse(path, buf_text(&text), ret, err);
	buf_free(&text);
	return rc;
}

void
renewal_free(struct renewal *renewal)
{
	if (renewal == NULL)
		return;
	for (size_t i = 0; i < renewal->count; i++)
		renewal_line_free(&renewal->lines[i]);
	free(renewal->lines);
	free(renewal);
}

const char *
renewal_get(const struct renewal *renewal, const char *section, const char *key)
{
	long index = renewal_find_key(renewal, section, key);

	return index < 0 ? NULL : renewal->lines[index].value;
}

int
renewal_get_list(const struct renewal *renewal, const char *section,
    const char *key, char ***ret, struct err *err)
{
	long index = renewal_find_key(renewal, section, key);
	char **items = index < 0 ? NULL : renewal->lines[index].items;
	char **made = NULL;
	size_t count = 0;

	while (items != NULL && items[count] != NULL)
		count++;
	made = calloc(count + 1, sizeof(*made));
	for (size_t i = 0; made != NULL && i < count; i++) {
		made[i] = strdup(items[i]);
		if (made[i] == NULL) {
			renewal_list_free(made);
			made = NULL;
		}
	}
	if (made == NULL)
		return err_nomem(err, reading);
	*ret = made;
	return 0;
}

void
renewal_list_free(char **list)
{
	for (size_t i = 0; list != NULL && list[i] != NULL; i++)
		free(list[i]);
	free(list);
}

bool
renewal_get_bool(const struct renewal *renewal, const char *section,
    const char *key, bool fallback)
{
	static const struct {
		const char *word;
		bool value;
	} words[] = {
	    {"True", true},
	    {"False", false},
	    {"yes", true},
	    {"no", false},
	    {"on", true},
	    {"off", false},
	    {"1", true},
	    {"0", false},
	};
	const char *value = renewal_get(renewal, section, key);

	for (size_t i = 0; value != NULL && i < COUNT_OF(words); i++) {
		if (strcasecmp(value, words[i].word) == 0)
			return words[i].value;
	}
	return fallback;
}

void
renewal_each(const struct renewal *renewal, const char *section,
    bool (*call)(void *context, const char *key, const char *value),
    void *context)
{
	const struct renewal_line *line = NULL;

	for (size_t i = 0; i < renewal->count; i++) {
		line = &renewal->lines[i];
		if (line->kind == RENEWAL_KEY &&
		    strcmp(line->section, section) == 0 &&
		    !call(context, line->key, line->value))
			return;
	}
}
