/*
 * crtlist_line.c: whole lines of a crt-list in memory: what they say, and one
 * put there with its options.
 */
#include "haproxy/crtlist_part.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "haproxy/command.h"
#include "haproxy/filter.h"

static const char adding[] = "adding to HAProxy's crt-list";
static const char listing[] = "asking HAProxy for a crt-list";

/* One line with what follows its first word, as a payload. */
static int
add_line(const struct process *process, const char *list, const char *store,
    const char *line, struct err *err)
{
	struct buf command = BUF_INIT(LIMIT_COMMAND_BYTES);
	struct buf reply = BUF_INIT(LIMIT_REPLY_BYTES);
	struct socket_call *call = NULL;
	char last[128];
	int rc;

	line += strspn(line, " \t");
	line += strcspn(line, " \t\r\n[");
	rc = buf_printf(&command, err, "%sadd ssl crt-list %s <<\n%s%.*s\n\n",
	    command_prefix(process), list, store, (int)strcspn(line, "\r\n"),
	    line);
	if (rc == 0)
		rc = socket_send(&process->peer, command.data, command.len,
		    command_commit_ms(process), &call, err);
	if (rc == 0)
		rc = socket_finish(call, &reply, err);
	if (rc == 0)
		rc = socket_check_reply(
		    &process->peer, "add ssl crt-list", buf_text(&reply), err);
	socket_last_line(buf_text(&reply), last, sizeof(last));
	if (rc == 0 && strcmp(last, "Success!") != 0)
		rc = command_refused(adding, store, buf_text(&reply), err);
	buf_free(&reply);
	buf_free(&command);
	return rc;
}

/* What a line is for: behind its first word and its options. */
static const char *
filters_of(const char *rest)
{
	rest += strspn(rest, " \t");
	if (*rest == '[') {
		rest += strcspn(rest, "]\n");
		rest += *rest == ']';
		rest += strspn(rest, " \t");
	}
	return rest;
}

/* Is a line for the same among those that there are? It stands for one. */
static int
is_there(struct crtlist_dump *dump, const char *store, const char *line,
    bool *ret, struct err *err)
{
	char *filters = NULL;
	size_t count = 0;
	struct crtlist_line *lines;

	*ret = false;
	lines = (struct crtlist_line *)(uintptr_t)crtlist_dump_find(
	    dump, store, &count);
	line += strspn(line, " \t");
	line += strcspn(line, " \t\r\n[");
	line = filters_of(line);
	filters = strndup(line, strcspn(line, "\r\n"));
	if (filters == NULL)
		return err_nomem(err, adding);
	for (size_t i = 0; !*ret && i < count; i++) {
		*ret = lines[i].filters != NULL &&
		    filter_equal(lines[i].filters, filters);
		if (*ret)
			lines[i].filters = NULL;
	}
	free(filters);
	return 0;
}

int
crtlist_return(const struct process *process, const char *list,
    const char *store, const struct buf *taken, struct err *err)
{
	struct crtlist_dump dump = {.lines = NULL};
	const char *line = buf_text(taken);
	char name[LIMIT_PATH_BYTES];
	bool there = false;
	int rc;

	if (*line == '\0')
		return crtlist_add(process, list, store, err);
	rc = crtlist_list_name(list, name, sizeof(name), err);
	if (rc == 0)
		rc = command_check_word(store, err);
	if (rc == 0)
		rc = crtlist_dump(process, name, &dump, err);
	while (rc == 0 && *line != '\0') {
		/* Behind its place. */
		line += strcspn(line, " ") + 1;
		rc = is_there(&dump, store, line, &there, err);
		if (rc == 0 && !there)
			rc = add_line(process, name, store, line, err);
		line += strcspn(line, "\n");
		line += *line == '\n';
	}
	crtlist_dump_free(&dump);
	return rc;
}

static int
by_store(const void *a, const void *b)
{
	const struct crtlist_line *x = a, *y = b;
	int order = strcmp(x->store, y->store);

	return order != 0 ? order
			  : (x->number > y->number) - (x->number < y->number);
}

/* "STORE[ \\[OPTIONS\\]][ FILTERS]", cut in place. */
static void
take_line(struct crtlist_dump *dump, char *line)
{
	struct crtlist_line *ret = &dump->lines[dump->count];
	char *rest = line + strcspn(line, " \t[");

	ret->number = dump->count++;
	ret->store = line;
	ret->filters = rest;
	if (*rest == '\0')
		return;
	ret->filters = filters_of(rest);
	*rest = '\0';
}

int
crtlist_dump(const struct process *process, const char *list,
    struct crtlist_dump *ret, struct err *err)
{
	struct buf command = BUF_INIT(LIMIT_COMMAND_BYTES);
	char *line, *end;
	size_t lines = 1;
	int rc;

	*ret = (struct crtlist_dump){.text = BUF_INIT(LIMIT_REPLY_BYTES)};
	rc = command_check_word(list, err);
	if (rc == 0)
		rc = buf_printf(&command, err, "show ssl crt-list %s", list);
	if (rc == 0)
		rc = command_ask(process, command.data,
		    command_answer_ms(process), &ret->text, err);
	buf_free(&command);
	if (rc < 0)
		goto out;
	for (const char *at = buf_text(&ret->text); *at != '\0'; at++)
		lines += *at == '\n';
	ret->lines = calloc(lines, sizeof(*ret->lines));
	if (ret->lines == NULL) {
		rc = err_nomem(err, listing);
		goto out;
	}
	for (line = ret->text.data; line != NULL && *line != '\0'; line = end) {
		end = strchr(line, '\n');
		if (end != NULL)
			*end++ = '\0';
		if (*line != '#' && *line != '\0')
			take_line(ret, line);
	}
	qsort(ret->lines, ret->count, sizeof(*ret->lines), by_store);
out:
	if (rc < 0)
		crtlist_dump_free(ret);
	return rc;
}

void
crtlist_dump_free(struct crtlist_dump *dump)
{
	free(dump->lines);
	buf_free(&dump->text);
	dump->lines = NULL;
	dump->count = 0;
}

const struct crtlist_line *
crtlist_dump_find(
    const struct crtlist_dump *dump, const char *store, size_t *ret_count)
{
	size_t low = 0, high = dump->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (strcmp(dump->lines[mid].store, store) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	*ret_count = 0;
	while (low + *ret_count < dump->count &&
	    strcmp(dump->lines[low + *ret_count].store, store) == 0)
		(*ret_count)++;
	return *ret_count == 0 ? NULL : &dump->lines[low];
}
