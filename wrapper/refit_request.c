/*
 * refit_request.c: what each challenge is, but for its path: a GET by HTTP/1.1
 * with a host (RFC 8555, 8.3). So some terms of a condition hold for all of
 * them, and some for none. A part of refit_find().
 */
#include "wrapper/refit_part.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* HAProxy's own ACLs (manual, 7.4). */
static enum refit_truth
truth_of_name(const char *name)
{
	static const char *const hold[] = {
	    "TRUE", "HTTP", "HTTP_1.1", "HTTP_URL_SLASH", "METH_GET"};
	static const char *const hold_not[] = {"FALSE", "HTTP_1.0", "HTTP_2.0",
	    "HTTP_CONTENT", "HTTP_URL_ABS", "HTTP_URL_STAR", "METH_CONNECT",
	    "METH_DELETE", "METH_HEAD", "METH_OPTIONS", "METH_POST", "METH_PUT",
	    "METH_TRACE"};

	for (size_t i = 0; i < COUNT_OF(hold); i++) {
		if (strcmp(name, hold[i]) == 0)
			return REFIT_TRUE;
	}
	for (size_t i = 0; i < COUNT_OF(hold_not); i++) {
		if (strcmp(name, hold_not[i]) == 0)
			return REFIT_FALSE;
	}
	return REFIT_MAYBE;
}

static enum refit_truth
truth(bool holds)
{
	return holds ? REFIT_TRUE : REFIT_FALSE;
}

/* Is one of the words from `i` to `end`, behind the flags, `value`? */
static enum refit_truth
is_word(const struct refit_line *line, size_t i, size_t end, const char *value)
{
	bool fold = false;

	for (; i < end && line->words[i][0] == '-'; i++) {
		if (strcmp(line->words[i], "-i") == 0)
			fold = true;
		else if (strcmp(line->words[i], "-m") != 0 ||
		    strcmp(refit_word(line, ++i), "str") != 0)
			return REFIT_MAYBE;
	}
	for (; i < end; i++) {
		if ((fold ? strcasecmp : strcmp)(line->words[i], value) == 0)
			return REFIT_TRUE;
	}
	return REFIT_FALSE;
}

static enum refit_truth
is_get(const struct refit_line *line, size_t i, size_t end)
{
	return is_word(line, i, end, "GET");
}

static enum refit_truth
is_version(const struct refit_line *line, size_t i, size_t end)
{
	return is_word(line, i, end, "1.1");
}

/* Its host is there; what it is, is another matter. */
static enum refit_truth
is_found(const struct refit_line *line, size_t i, size_t end)
{
	return i + 2 == end && strcmp(line->words[i], "-m") == 0 &&
		strcmp(line->words[i + 1], "found") == 0
	    ? REFIT_TRUE
	    : REFIT_MAYBE;
}

/* There is one of it: "ge 1", "gt 0", "1". */
static enum refit_truth
is_one(const struct refit_line *line, size_t i, size_t end)
{
	const char *how = i + 2 == end ? line->words[i] : "eq";
	const char *text = refit_word(line, end - 1);
	char *behind = NULL;
	long count = strtol(text, &behind, 10);

	if (i >= end || i + 2 < end || behind == text || *behind != '\0')
		return REFIT_MAYBE;
	if (strcmp(how, "eq") == 0)
		return truth(count == 1);
	if (strcmp(how, "ge") == 0)
		return truth(count <= 1);
	if (strcmp(how, "gt") == 0)
		return truth(count < 1);
	if (strcmp(how, "le") == 0)
		return truth(count >= 1);
	return strcmp(how, "lt") == 0 ? truth(count > 1) : REFIT_MAYBE;
}

static enum refit_truth
always(const struct refit_line *line, size_t i, size_t end)
{
	(void)line;
	return i == end ? REFIT_TRUE : REFIT_MAYBE;
}

static enum refit_truth
never(const struct refit_line *line, size_t i, size_t end)
{
	(void)line;
	return i == end ? REFIT_FALSE : REFIT_MAYBE;
}

/* The words from `i` to `end`, a fetch and its patterns. */
static enum refit_truth
truth_of_fetch(const struct refit_line *line, size_t i, size_t end)
{
	static const struct {
		const char *fetch;
		enum refit_truth (*of)(
		    const struct refit_line *line, size_t i, size_t end);
	} rows[] = {
	    {"method", is_get},
	    {"req.ver", is_version},
	    {"req_ver", is_version},
	    {"hdr(host)", is_found},
	    {"req.hdr(host)", is_found},
	    {"req.fhdr(host)", is_found},
	    {"hdr_cnt(host)", is_one},
	    {"req.hdr_cnt(host)", is_one},
	    {"req.fhdr_cnt(host)", is_one},
	    {"req.proto_http", always},
	    {"req_proto_http", always},
	    {"always_true", always},
	    {"always_false", never},
	};

	for (size_t j = 0; i < end && j < COUNT_OF(rows); j++) {
		/* The name of a header, in whatever case. */
		if (strcasecmp(refit_word(line, i), rows[j].fetch) == 0)
			return rows[j].of(line, i + 1, end);
	}
	return REFIT_MAYBE;
}

/* The lines of one ACL are alternatives. */
static enum refit_truth
truth_of_acl(const struct refit_section *section, const char *name)
{
	const struct refit_line *acl;
	bool found = false, open = false;

	for (size_t i = 0; (acl = refit_next_acl(section, name, &i)) != NULL;) {
		enum refit_truth one = truth_of_fetch(acl, 2, acl->count);

		if (one == REFIT_TRUE)
			return one;
		found = true;
		open |= one == REFIT_MAYBE;
	}
	if (!found)
		return truth_of_name(name);
	return open ? REFIT_MAYBE : REFIT_FALSE;
}

enum refit_truth
refit_contrary(enum refit_truth truth)
{
	switch (truth) {
	case REFIT_MAYBE: return REFIT_MAYBE;
	case REFIT_TRUE: return REFIT_FALSE;
	case REFIT_FALSE: return REFIT_TRUE;
	}
	return REFIT_MAYBE;
}

enum refit_truth
refit_of_request(const struct refit_section *section,
    const struct refit_line *line, size_t i)
{
	const char *word = refit_word(line, i), *bare = word + (*word == '!');
	enum refit_truth found = strcmp(bare, "{") == 0
	    ? truth_of_fetch(line, i + 1, refit_end_of_term(line, i))
	    : truth_of_acl(section, bare);

	return bare == word ? found : refit_contrary(found);
}
