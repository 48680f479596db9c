/*
 * process.c: which HAProxy answers on a socket: a worker itself, or a master
 * that hands on to one; its version, and its identity from one run to another.
 */
#include "haproxy/process.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fs.h"
#include "haproxy/command.h"

static const char doing[] = "asking HAProxy who it is";

enum {
	START_OFF_S = 1, /* Uptime_sec is whole seconds, and rounded */
	START_TOLERANCE_S = 2 * START_OFF_S,
	IDENTITY_WORKERS_MOST = 64,
};

/* The text behind "KEY: " in `reply`, or NULL. */
static const char *
value_of(const char *reply, const char *key)
{
	size_t len = strlen(key);

	for (const char *at = reply; at != NULL && *at != '\0';) {
		if (strncmp(at, key, len) == 0 && at[len] == ':')
			return at + len + 1 + strspn(at + len + 1, " ");
		at = strchr(at, '\n');
		if (at != NULL)
			at++;
	}
	return NULL;
}

static int
number_of(const char *reply, const char *key, long *ret)
{
	const char *text = value_of(reply, key);
	char *end = NULL;
	long value;

	if (text == NULL || !isdigit((unsigned char)*text))
		return -1;
	errno = 0;
	value = strtol(text, &end, 10);
	if (errno != 0 || (*end != '\n' && *end != '\0' && *end != '\r'))
		return -1;
	*ret = value;
	return 0;
}

int
process_read_version(const char *text, int version[3])
{
	size_t count = 0;

	while (text != NULL && count < 3 && isdigit((unsigned char)*text)) {
		char *end = NULL;
		long value = strtol(text, &end, 10);

		if (value < 0 || value > 9999)
			return -1;
		version[count++] = (int)value;
		text = *end == '.' ? end + 1 : NULL;
	}
	return count >= 2 ? 0 : -1;
}

/*
 * Its own word is exact; where it is far from the other, the clock has been set
 * since. (Uptime_sec is there in all versions.)
 */
static void
read_start(const char *reply, long uptime_s, struct process *ret)
{
	long told_s = 0;

	ret->start_s = (long)clock_now_s() - uptime_s;
	ret->start_off_s = START_OFF_S;
	if (number_of(reply, "Start_time_sec", &told_s) < 0 ||
	    told_s < ret->start_s - START_OFF_S ||
	    told_s > ret->start_s + START_OFF_S)
		return;
	ret->start_s = told_s;
	ret->start_off_s = 0;
}

static int
read_info(const char *reply, struct process *ret, struct err *err)
{
	long uptime_s = 0;

	if (process_read_version(value_of(reply, "Version"), ret->version) <
		0 ||
	    number_of(reply, "Pid", &ret->pid) < 0 || ret->pid <= 0 ||
	    number_of(reply, "Uptime_sec", &uptime_s) < 0) {
		char words[128];

		socket_words(reply, words, sizeof(words));
		return err_set(err, ERR_SYNTAX, doing, ret->peer.path,
		    "`show info` is answered without Version, Pid and "
		    "Uptime_sec; this is not HAProxy's socket: %s",
		    words);
	}
	read_start(reply, uptime_s, ret);
	return 0;
}

/* `show info` to the peer that `process` has by now, and the rest of it. */
static int
ask_info(struct process *process, struct err *err)
{
	struct buf reply = BUF_INIT(LIMIT_REPLY_BYTES);
	long timeout_ms = process->patience.answer_ms > 0
	    ? process->patience.answer_ms
	    : (long)LIMIT_CLI_TIMEOUT_MS;
	int rc;

	rc = socket_ask_whom(&process->peer, "show info", timeout_ms, &reply,
	    &process->listener, err);
	if (rc == 0)
		rc = read_info(buf_text(&reply), process, err);
	buf_free(&reply);
	return rc;
}

int
process_probe_patient(const char *path, const struct process_patience *patience,
    struct process *ret, struct err *err)
{
	struct process process = {.patience = *patience};
	size_t len = strlen(path);
	int rc;

	if (len >= sizeof(process.peer.path))
		return err_set(err, ERR_LIMIT, doing, path, "too long a path");
	memcpy(process.peer.path, path, len + 1);
	process.peer.master = true;
	rc = ask_info(&process, err);
	if (rc == ERR_HAPROXY) {
		err_clear(err);
		process.peer.master = false;
		rc = ask_info(&process, err);
	}
	if (rc == 0)
		*ret = process;
	return rc;
}

int
process_again(const struct process *known, struct process *ret, struct err *err)
{
	struct process process = *known;
	int rc = ask_info(&process, err);

	if (rc == 0)
		*ret = process;
	return rc;
}

int
process_probe(const char *path, struct process *ret, struct err *err)
{
	static const struct process_patience usual;

	return process_probe_patient(path, &usual, ret, err);
}

int
process_probe_soon(const char *path, struct process *ret, struct err *err)
{
	static const struct process_patience soon = {
	    .answer_ms = LIMIT_OBSERVE_MS};
	int rc = process_probe_patient(path, &soon, ret, err);

	if (rc == 0)
		ret->patience = (struct process_patience){.answer_ms = 0};
	return rc;
}

int
process_check_level(const struct process *process, struct err *err)
{
	struct buf reply = BUF_INIT(LIMIT_REPLY_BYTES);
	int rc;

	/* Of all that needs level admin, it changes nothing. */
	rc = command_ask(process, "show ssl crt-list",
	    command_answer_ms(process), &reply, err);
	buf_free(&reply);
	return rc;
}

bool
process_is_led(
    const struct process *process, const char *const *sockets, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct err ignored = ERR_INIT;
		struct process other;

		if (process_probe(sockets[i], &other, &ignored) == 0 &&
		    process_is_same(&other, process) &&
		    process_check_level(&other, &ignored) == 0)
			return true;
	}
	return false;
}

int
process_variable(const struct process *process, const char *name, char *ret,
    size_t size, bool *ret_set, struct err *err)
{
	char command[320], key[300];
	struct buf reply = BUF_INIT(LIMIT_REPLY_BYTES);
	const char *at = NULL;
	int rc;

	*ret_set = false;
	ret[0] = '\0';
	rc = command_check_word(name, err);
	if (rc < 0)
		return rc;
	(void)snprintf(key, sizeof(key), "%s=", name);
	(void)snprintf(command, sizeof(command), "show env %s", name);
	rc = command_ask(
	    process, command, command_answer_ms(process), &reply, err);
	if (rc == 0)
		at = strstr(buf_text(&reply), key);
	if (at != NULL) {
		at += strlen(key);
		(void)snprintf(ret, size, "%.*s", (int)strcspn(at, "\r\n"), at);
		*ret_set = true;
	}
	buf_free(&reply);
	return rc;
}

int
process_files(
    const struct process *process, char *ret, size_t size, struct err *err)
{
	bool ignored;

	return process_variable(
	    process, "HAPROXY_CFGFILES", ret, size, &ignored, err);
}

void
process_learn_bufsize(struct process *process)
{
	static const char name[] = "Pool buffer (";
	struct buf reply = BUF_INIT(LIMIT_REPLY_BYTES);
	struct err ignored = ERR_INIT;
	const char *at = NULL;
	long bytes;

	process->bufsize = 0;
	if (command_ask(process, "show pools", command_answer_ms(process),
		&reply, &ignored) == 0)
		at = strstr(buf_text(&reply), name);
	bytes = at == NULL ? 0 : strtol(at + strlen(name), NULL, 10);
	if (bytes > 0 && bytes < LONG_MAX)
		process->bufsize = (size_t)bytes;
	buf_free(&reply);
}

time_t
process_read_s(const struct process *process)
{
	return process->start_s - process->start_off_s - 1;
}

time_t
process_unread_s(const struct process *process)
{
	return process->start_s + process->start_off_s;
}

bool
process_at_least(const struct process *process, int major, int minor)
{
	return process->version[0] > major ||
	    (process->version[0] == major && process->version[1] >= minor);
}

long
process_parent(long pid)
{
	static const char key[] = "\nPPid:";
	struct buf text = BUF_INIT(LIMIT_REPLY_BYTES);
	struct err ignored = ERR_INIT;
	const char *at = NULL;
	char path[64];
	long parent;

	(void)snprintf(path, sizeof(path), "/proc/%ld/status", pid);
	if (fs_read(AT_FDCWD, path, FS_TRUST_ANY, &text, NULL, &ignored) == 0)
		at = strstr(buf_text(&text), key);
	parent = at == NULL ? 0 : strtol(at + strlen(key), NULL, 10);
	buf_free(&text);
	return parent;
}

/* Did one process, or a master and its worker, open both sockets? */
static bool
listen_together(long a, long b)
{
	if (a <= 0 || b <= 0)
		return false;
	return a == b || process_parent(a) == b || process_parent(b) == a;
}

bool
process_is_same(const struct process *a, const struct process *b)
{
	if (a->pid != b->pid || a->start_s > b->start_s + START_TOLERANCE_S ||
	    b->start_s > a->start_s + START_TOLERANCE_S)
		return false;
	return strcmp(a->peer.path, b->peer.path) == 0 ||
	    listen_together(a->listener, b->listener);
}

void
process_identity(
    const struct process *processes, size_t count, char *ret, size_t size)
{
	size_t used = 0;

	if (size == 0)
		return;
	ret[0] = '\0';
	for (size_t i = 0; i < count; i++) {
		bool seen = false;
		int n;

		for (size_t k = 0; k < i; k++)
			seen = seen ||
			    process_is_same(&processes[k], &processes[i]);
		if (seen)
			continue;
		n = snprintf(ret + used, size - used, "%s%ld:%ld",
		    used > 0 ? "," : "", processes[i].pid,
		    processes[i].start_s);
		if (n < 0 || (size_t)n >= size - used) {
			ret[0] = '\0';
			return;
		}
		used += (size_t)n;
	}
}

/* Reads one "PID:START" and what separates it from the next. */
static bool
next_worker(const char **text, long *pid, long *start_s)
{
	char *end = NULL;

	errno = 0;
	*pid = strtol(*text, &end, 10);
	if (end == *text || *end != ':' || errno != 0)
		return false;
	*text = end + 1;
	*start_s = strtol(*text, &end, 10);
	if (end == *text || (*end != ',' && *end != '\0') || errno != 0)
		return false;
	*text = *end == ',' ? end + 1 : end;
	return true;
}

bool
process_identity_equal(const char *a, const char *b)
{
	if (*a == '\0' || *b == '\0')
		return false;
	for (size_t i = 0; i < IDENTITY_WORKERS_MOST; i++) {
		long pid_a, pid_b, start_a, start_b;

		if (*a == '\0' || *b == '\0')
			return *a == *b;
		if (!next_worker(&a, &pid_a, &start_a) ||
		    !next_worker(&b, &pid_b, &start_b))
			return false;
		if (pid_a != pid_b || start_a > start_b + START_TOLERANCE_S ||
		    start_b > start_a + START_TOLERANCE_S)
			return false;
	}
	return false;
}
