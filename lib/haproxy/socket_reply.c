/*
 * socket_reply.c: one command that needs no payload, from asking to a checked
 * reply; and reading replies by their lines.
 */
#include "haproxy/socket.h"

#include <string.h>

static const char doing[] = "asking HAProxy";

/* Which level a command needs; the first that it starts with counts. */
static const struct {
	const char *start;
	const char *level;
} levels[] = {
    {"show ssl crt-list", "admin"},
    {"show ssl cert", "operator"},
    {"show env", "operator"},
    {"add map", "operator"},
    {"set map", "operator"},
    {"del map", "operator"},
    {"show map", "operator"},
    {"show ", "operator"},
    {"", "admin"},
};

static const char *
level_of(const char *command)
{
	for (size_t i = 0; i < COUNT_OF(levels); i++) {
		if (strncmp(
			command, levels[i].start, strlen(levels[i].start)) == 0)
			return levels[i].level;
	}
	return "admin";
}

/* The next line of `*text` that is not empty: its start and length. */
static bool
next_line(const char **text, const char **line, size_t *len)
{
	const char *at = *text + strspn(*text, " \t\r\n");

	if (*at == '\0')
		return false;
	*line = at;
	*len = strcspn(at, "\n");
	*text = at + *len;
	while (*len > 0 && strchr(" \t\r", at[*len - 1]) != NULL)
		(*len)--;
	return true;
}

static bool
starts_with(const char *line, size_t len, const char *start)
{
	return len >= strlen(start) && strncmp(line, start, strlen(start)) == 0;
}

static bool
is_line(const char *line, size_t len, const char *text)
{
	return len == strlen(text) && starts_with(line, len, text);
}

void
socket_last_line(const char *reply, char *line, size_t size)
{
	const char *at;
	size_t len;

	line[0] = '\0';
	while (next_line(&reply, &at, &len)) {
		size_t kept = len < size ? len : size - 1;

		memcpy(line, at, kept);
		line[kept] = '\0';
	}
}

void
socket_words(const char *reply, char *line, size_t size)
{
	const char *at;
	size_t len, used = 0;

	line[0] = '\0';
	while (next_line(&reply, &at, &len) && used + 3 < size) {
		size_t left;

		if (used > 0) {
			memcpy(line + used, "; ", 2);
			used += 2;
		}
		left = size - 1 - used;
		if (len > left)
			len = left;
		memcpy(line + used, at, len);
		used += len;
		line[used] = '\0';
	}
}

int
socket_check_reply(const struct socket_peer *peer, const char *command,
    const char *reply, struct err *err)
{
	const char *at;
	size_t len;

	while (next_line(&reply, &at, &len)) {
		if (is_line(at, len, "Permission denied"))
			return err_set(err, ERR_PERM, doing, peer->path,
			    "HAProxy answers \"Permission denied\" to `%.*s`: "
			    "its `stats socket` needs `level %s`",
			    (int)strcspn(command, ";<\n"), command,
			    level_of(command));
		if (starts_with(at, len, "Unknown command"))
			return err_set(err, ERR_HAPROXY, doing, peer->path,
			    "HAProxy does not know `%.*s`: %.*s",
			    (int)strcspn(command, ";<\n"), command, (int)len,
			    at);
		if (!peer->master)
			continue;
		if (starts_with(at, len, "Can't find the target PID") ||
		    starts_with(at, len, "Can't find the target CLI") ||
		    starts_with(at, len, "Can't connect to the target CLI"))
			return err_set(err, ERR_DOWN, doing, peer->path,
			    "HAProxy's master has no worker that answers: "
			    "%.*s",
			    (int)len, at);
	}
	return 0;
}

/* `command` with "@1 " in front of each of its commands; `\;` is no end. */
static int
address_to_worker(const char *command, struct buf *ret, struct err *err)
{
	const char *at = command;
	int rc = 0;

	while (rc == 0) {
		size_t len = 0;

		at += strspn(at, " ");
		while (at[len] != '\0' && at[len] != ';')
			len += at[len] == '\\' && at[len + 1] != '\0' ? 2 : 1;
		rc = buf_puts(ret, "@1 ", err);
		if (rc == 0)
			rc = buf_add(ret, at, len, err);
		if (at[len] == '\0')
			break;
		if (rc == 0)
			rc = buf_puts(ret, ";", err);
		at += len + 1;
	}
	return rc;
}

int
socket_ask_whom(const struct socket_peer *peer, const char *command,
    long timeout_ms, struct buf *ret, long *ret_listener, struct err *err)
{
	struct buf line = BUF_INIT(LIMIT_COMMAND_BYTES);
	struct socket_call *call = NULL;
	int rc;

	if (strchr(command, '\n') != NULL)
		return err_set(err, ERR_INVALID, doing, peer->path,
		    "a newline within a command");
	rc = peer->master ? address_to_worker(command, &line, err)
			  : buf_puts(&line, command, err);
	if (rc == 0)
		rc = buf_puts(&line, "\n", err);
	if (rc == 0)
		rc = socket_send(
		    peer, line.data, line.len, timeout_ms, &call, err);
	if (rc == 0 && ret_listener != NULL)
		*ret_listener = socket_listener(call);
	if (rc == 0)
		rc = socket_finish(call, ret, err);
	if (rc == 0)
		rc = socket_check_reply(peer, command, buf_text(ret), err);
	buf_free(&line);
	return rc;
}

int
socket_ask(const struct socket_peer *peer, const char *command, long timeout_ms,
    struct buf *ret, struct err *err)
{
	return socket_ask_whom(peer, command, timeout_ms, ret, NULL, err);
}
