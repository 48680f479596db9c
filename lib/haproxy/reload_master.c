/*
 * reload_master.c: a reload over the master's socket, and how it went. Called
 * by reload_run().
 *
 * From 2.7 the answer to `reload` tells (Success=1 or 0, then the start-up
 * log). Up to 2.6 the master executes itself anew while we listen: the answer
 * is empty, the socket refuses us for a moment, and `show proc` tells: a new
 * worker, or one more failure while the old worker stays.
 */
#include "haproxy/reload_part.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "haproxy/socket.h"

/* The number of the column <reloads>, -1 where the line is no heading. */
static int
reloads_column(const char *line, size_t len)
{
	static const char name[] = "<reloads>";
	int column = -1;
	size_t i;

	if (strncmp(line, "#<PID>", 6) != 0)
		return -1;
	for (i = 0; i + sizeof(name) - 1 <= len; i++) {
		if (line[i] != '<')
			continue;
		column++;
		if (strncmp(line + i, name, sizeof(name) - 1) == 0)
			return column;
	}
	return -1;
}

/* The start of the blank-separated field `n` of `line`. */
static const char *
field(const char *line, int n)
{
	while (n-- > 0) {
		line += strcspn(line, " \t\n");
		line += strspn(line, " \t");
	}
	return line;
}

static void
take_process(const char *line, int column, bool current,
    struct reload_master *ret, bool *ret_master)
{
	const char *type = field(line, 1), *failed;
	const char *end = line + strcspn(line, "\n");
	long pid = strtol(line, NULL, 10);

	if (strncmp(type, "master", 6) == 0) {
		*ret_master = true;
		ret->reloads = strtol(field(line, column), NULL, 10);
		failed = strstr(line, "[failed: ");
		if (failed != NULL && failed < end)
			ret->failed = strtol(failed + 9, NULL, 10);
	} else if (strncmp(type, "worker", 6) == 0 && current && pid > 0 &&
	    ret->worker_count < RELOAD_WORKERS) {
		ret->workers[ret->worker_count++] = pid;
	}
}

int
reload_master_parse(const char *text, const char *path,
    struct reload_master *ret, struct err *err)
{
	bool master = false, current = false;
	int column = -1, found;
	const char *line;
	size_t len;

	memset(ret, 0, sizeof(*ret));
	ret->failed = -1;
	for (line = text; *line != '\0'; line += len + (line[len] == '\n')) {
		len = strcspn(line, "\n");
		found = reloads_column(line, len);
		if (found >= 0)
			column = found;
		else if (*line == '#')
			current = strncmp(line, "# workers", 9) == 0;
		else if (column >= 0 && isdigit((unsigned char)*line))
			take_process(line, column, current, ret, &master);
	}
	if (!master)
		return err_set(err, ERR_SYNTAX, "asking HAProxy's master", path,
		    "this is no answer to `show proc`: %.60s", text);
	return 0;
}

int
reload_master_look(const char *path, struct reload_master *ret, struct err *err)
{
	struct buf reply = BUF_INIT(LIMIT_REPLY_BYTES);
	struct socket_peer peer = {.master = false}; /* not to a worker */
	int rc;

	if (snprintf(peer.path, sizeof(peer.path), "%s", path) >=
	    (int)sizeof(peer.path))
		return err_set(
		    err, ERR_LIMIT, RELOAD_DOING, path, "the path is too long");
	rc = socket_ask(&peer, "show proc", LIMIT_CLI_TIMEOUT_MS, &reply, err);
	if (rc == 0)
		rc = reload_master_parse(buf_text(&reply), path, ret, err);
	buf_free(&reply);
	return rc;
}

static bool
has_new_worker(
    const struct reload_master *before, const struct reload_master *now)
{
	size_t i, j;

	for (i = 0; i < now->worker_count; i++) {
		for (j = 0; j < before->worker_count; j++) {
			if (now->workers[i] == before->workers[j])
				break;
		}
		if (j == before->worker_count)
			return true;
	}
	return false;
}

static int
not_started(const char *path, const char *words, struct err *err)
{
	return err_set(err, ERR_HAPROXY, RELOAD_DOING, path,
	    "the new worker did not start and the old one goes on: %s", words);
}

/* Up to 2.6: looks until the reload has come to an end. */
static int
watch(const char *path, const struct reload_master *before, int64_t deadline_ms,
    struct err *err)
{
	static const char words[] = "HAProxy's log tells why";
	struct reload_master now;
	int64_t settled_ms = 0;
	struct err passing = ERR_INIT;

	while (clock_mono_ms() < deadline_ms) {
		/* While it executes itself nobody listens. */
		if (reload_master_look(path, &now, &passing) == 0 &&
		    (now.reloads != before->reloads ||
			has_new_worker(before, &now))) {
			if (has_new_worker(before, &now))
				return 0;
			if (now.failed > before->failed)
				return not_started(path, words, err);
			if (settled_ms == 0)
				settled_ms = clock_mono_ms();
			if (clock_mono_ms() - settled_ms >= RELOAD_SETTLE_MS)
				return not_started(path, words, err);
		}
		clock_pause_ms(RELOAD_PAUSE_MS);
	}
	return err_set(err, ERR_TIMEOUT, RELOAD_DOING, path,
	    "the master shows no new worker, and no failure");
}

int
reload_master_run(const char *path, const struct reload_master *before,
    int64_t deadline_ms, struct err *err)
{
	struct buf reply = BUF_INIT(LIMIT_REPLY_BYTES);
	struct socket_peer peer = {.master = false};
	char alerts[LIMIT_ERR_DETAIL_BYTES];
	const char *text;
	int rc;

	(void)snprintf(peer.path, sizeof(peer.path), "%s", path);
	rc = socket_ask(&peer, "reload", (long)(deadline_ms - clock_mono_ms()),
	    &reply, err);
	text = buf_text(&reply);
	/* Executing itself, 2.6 may as well reset the connection. */
	if (rc == ERR_IO || (rc == 0 && *text == '\0')) {
		err_clear(err);
		rc = watch(path, before, deadline_ms, err);
	} else if (rc == 0 && strncmp(text, "Success=1", 9) != 0) {
		reload_alerts(text, alerts, sizeof(alerts));
		rc = not_started(path, alerts, err);
	}
	buf_free(&reply);
	return rc;
}
