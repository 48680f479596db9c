/*
 * holdings.c: `show ssl cert`, all of it: first which stores there are, then a
 * few on each command line.
 */
#include "haproxy/holdings.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "haproxy/command.h"

static const char doing[] = "listing HAProxy's certificates";

enum { BATCH_BYTES = LIMIT_BUFSIZE_DEFAULT / 2 };

struct walk {
	const struct process *process;
	holdings_want want;
	holdings_take take;
	void *context;
};

/* The next line that is not empty, with its end put on; NULL: there is none. */
static char *
next_line(char **rest)
{
	char *line = *rest + strspn(*rest, "\n");
	size_t len = strcspn(line, "\n");

	if (len == 0)
		return NULL;
	*rest = line + len;
	if (**rest == '\n')
		*(*rest)++ = '\0';
	return line;
}

/* The text behind `key`, where the line starts with it; else NULL. */
static char *
value_of(char *line, const char *key)
{
	size_t len = strlen(key);

	if (strncmp(line, key, len) != 0)
		return NULL;
	return line + len + strspn(line + len, " ");
}

static int
take_name(const struct walk *walk, struct holding *holding, const char *name,
    size_t len, struct err *err)
{
	if (len == 0 || len >= sizeof(holding->name))
		return 0;
	for (size_t i = 0; i < len; i++)
		holding->name[i] = (char)tolower((unsigned char)name[i]);
	holding->name[len] = '\0';
	return walk->take(walk->context, holding, err);
}

/* "DNS:a.example, DNS:www.a.example"; what was cut off has no end. */
static int
take_names(const struct walk *walk, struct holding *holding, const char *names,
    struct err *err)
{
	static const char kind[] = "DNS:";
	int rc = 0;

	while (rc == 0 && *names != '\0') {
		size_t len = strcspn(names, ",");

		if (strncmp(names, kind, strlen(kind)) == 0)
			rc = take_name(walk, holding, names + strlen(kind),
			    len - strlen(kind), err);
		names += len;
		names += strspn(names, ", ");
	}
	return rc;
}

/* "/C=DE/CN=a.example" */
static int
take_subject(const struct walk *walk, struct holding *holding,
    const char *subject, struct err *err)
{
	static const char key[] = "/CN=";
	const char *name = strstr(subject, key);

	if (name == NULL)
		return 0;
	name += strlen(key);
	return take_name(walk, holding, name, strcspn(name, "/"), err);
}

/* The answers of a batch. The names stand before the kind of the key does. */
static int
read_batch(const struct walk *walk, char *reply, struct err *err)
{
	struct holding holding = {.rsa = false};
	const char *names = NULL;
	bool used = false;
	int rc = 0;

	for (char *line = next_line(&reply); line != NULL && rc == 0;
	     line = next_line(&reply)) {
		const char *value = value_of(line, "Filename:");

		if (value != NULL) {
			used = strlen(value) < sizeof(holding.store);
			if (used)
				memcpy(holding.store, value, strlen(value) + 1);
			names = NULL;
			holding.name[0] = '\0';
		}
		value = value_of(line, "Status:");
		if (value != NULL)
			used = used && strcmp(value, "Used") == 0;
		value = value_of(line, "Subject Alternative Name:");
		if (value != NULL)
			names = value;
		value = value_of(line, "Algorithm:");
		if (value != NULL && used) {
			holding.rsa = strncmp(value, "RSA", 3) == 0;
			rc = take_names(
			    walk, &holding, names == NULL ? "" : names, err);
		}
		value = value_of(line, "Subject:");
		if (value != NULL && used && rc == 0)
			rc = take_subject(walk, &holding, value, err);
		if (value != NULL && used && rc == 0 && *holding.name == '\0')
			rc = walk->take(walk->context, &holding, err);
	}
	return rc;
}

static int
ask_batch(const struct walk *walk, struct buf *command, struct err *err)
{
	struct buf reply = BUF_INIT(LIMIT_REPLY_BYTES);
	int rc = 0;

	if (command->len > 0)
		rc = command_ask(walk->process, buf_text(command),
		    command_answer_ms(walk->process), &reply, err);
	if (rc == 0 && reply.len > 0)
		rc = read_batch(walk, reply.data, err);
	buf_free(&reply);
	buf_reset(command);
	return rc;
}

/* "# transaction", "*NAME", "", "# filename", "NAME", ... */
static int
ask_all(const struct walk *walk, char *list, struct err *err)
{
	struct buf command = BUF_INIT(LIMIT_COMMAND_BYTES);
	struct err ignored = ERR_INIT;
	size_t asked = 0;
	int rc = 0;

	for (char *line = next_line(&list); line != NULL && rc == 0;
	     line = next_line(&list)) {
		if (*line == '#' || *line == '*' ||
		    command_check_word(line, &ignored) < 0 ||
		    !walk->want(walk->context, line))
			continue;
		if (asked == LIMIT_SHOW_BATCH ||
		    command.len + strlen(line) > BATCH_BYTES) {
			rc = ask_batch(walk, &command, err);
			asked = 0;
		}
		if (rc == 0)
			rc = buf_printf(&command, err, "%sshow ssl cert %s",
			    asked++ > 0 ? ";" : "", line);
	}
	if (rc == 0)
		rc = ask_batch(walk, &command, err);
	buf_free(&command);
	return rc;
}

int
holdings_each(const struct process *process, holdings_want want,
    holdings_take take, void *context, struct err *err)
{
	const struct walk walk = {process, want, take, context};
	struct buf list = BUF_INIT(LIMIT_REPLY_BYTES);
	int rc;

	rc = command_ask(
	    process, "show ssl cert", command_answer_ms(process), &list, err);
	/* 2.6 has no word for none at all; later ones have their headings. */
	if (rc == 0 && list.len > 0 &&
	    list.data[strspn(list.data, "\n")] != 0 &&
	    !command_has_line(list.data, "#"))
		rc = command_refused(doing, "", list.data, err);
	if (rc == 0 && list.len > 0)
		rc = ask_all(&walk, list.data, err);
	buf_free(&list);
	return rc;
}
