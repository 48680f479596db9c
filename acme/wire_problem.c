/*
 * wire_problem.c: the CA's errors (RFC 7807; RFC 8555, 6.7) as one line that
 * an operator can read, its subproblems included. What is no such document is
 * shown as it is: a proxy's error page says more than nothing.
 */
#include "acme/wire_private.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

enum {
	SUBPROBLEMS_SHOWN = 10,
	PAGE_SHOWN_BYTES = 200, /* of what is no problem document */
};

/* A line that is cut where it is full. */
struct line {
	char *text;
	size_t size, len;
};

static void put(struct line *line, const char *fmt, ...) PRINTF_LIKE(2, 3);

static void
put(struct line *line, const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(
	    line->text + line->len, line->size - line->len, fmt, args);
	va_end(args);
	if (len < 0)
		return;
	if ((size_t)len >= line->size - line->len)
		line->len = line->size - 1;
	else
		line->len += (size_t)len;
}

/* A member's text, "" where it is none. */
static const char *
text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text != NULL ? text : "";
}

/* The last word of urn:ietf:params:acme:error:caa. */
static const char *
short_type(const char *type)
{
	const char *colon = strrchr(type, ':');

	return colon != NULL ? colon + 1 : type;
}

static void
put_detail(struct line *line, const json_t *problem)
{
	const char *type = short_type(text_of(problem, "type"));
	const char *detail = text_of(problem, "detail");

	if (detail[0] == '\0')
		detail = text_of(problem, "title");
	put(line, "%s", detail[0] != '\0' ? detail : "no reason given");
	if (type[0] != '\0')
		put(line, " (%s)", type);
}

/* The names that it is about: a whole one or none. */
static void
put_name(struct line *names, const char *name)
{
	if (name[0] != '\0' && names->len + 1 + strlen(name) < names->size)
		put(names, "%s%s", names->len > 0 ? " " : "", name);
}

static void
put_subproblems(struct line *line, struct line *names, const json_t *problem)
{
	const json_t *list = json_object_get(problem, "subproblems");
	size_t count = json_array_size(list);

	for (size_t i = 0; i < count; i++) {
		const json_t *one = json_array_get(list, i);
		const char *name =
		    text_of(json_object_get(one, "identifier"), "value");

		put_name(names, name);
		if (i >= SUBPROBLEMS_SHOWN)
			continue;
		put(line, "; %s%s", name, name[0] != '\0' ? ": " : "");
		put_detail(line, one);
	}
	if (count > SUBPROBLEMS_SHOWN)
		put(line, "; and %zu more", count - SUBPROBLEMS_SHOWN);
}

static void
copy_text(char *to, size_t size, const char *from)
{
	size_t len = strnlen(from, size);

	if (len == size)
		len = 0; /* half an identifier is none */
	memcpy(to, from, len);
	to[len] = '\0';
}

static void
read_problem(const json_t *problem, struct wire_problem *ret)
{
	struct line line = {ret->text, sizeof(ret->text), 0};
	struct line names = {ret->names, sizeof(ret->names), 0};

	ret->present = true;
	copy_text(ret->type, sizeof(ret->type), text_of(problem, "type"));
	copy_text(
	    ret->instance, sizeof(ret->instance), text_of(problem, "instance"));
	if (!text_is_url(ret->instance, false))
		ret->instance[0] = '\0';
	put_detail(&line, problem);
	put_subproblems(&line, &names, problem);
	text_clean(ret->text);
	text_clean(ret->names);
}

void
wire_get_problem(const struct wire_object *object, struct wire_problem *ret)
{
	const json_t *error = json_object_get(object->json, "error");

	*ret = (struct wire_problem){.present = false};
	if (json_is_object(error))
		read_problem(error, ret);
}

void
wire_read_problem(
    const struct buf *text, long http_status, struct wire_problem *ret)
{
	struct wire_object object = {.json = NULL};
	struct err unused = ERR_INIT;
	struct line line = {ret->text, sizeof(ret->text), 0};

	*ret = (struct wire_problem){.present = true};
	if (wire_open(text, "reading the CA's error", &object, &unused) == 0) {
		read_problem(object.json, ret);
		wire_close(&object);
		return;
	}
	put(&line, "HTTP status %ld", http_status);
	if (text->len > 0)
		put(&line, ": %.*s", PAGE_SHOWN_BYTES, buf_text(text));
	text_clean(ret->text);
}
