/*
 * map.c: one key of a map in HAProxy's memory: how http-01 is answered inside
 * the proxy, without a listener and without a reload.
 */
#include "haproxy/map.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "haproxy/command.h"

static const char doing[] = "changing a map of HAProxy's";
static const char unknown[] = "Unknown map identifier";

/* What `show map` says about one map. */
struct entry {
	char id[24]; /* "#0" */
	char file[LIMIT_PATH_BYTES];
};

/* "0 (/etc/haproxy/acme.map) pattern loaded from ...": false for others. */
static bool
read_entry(const char *line, size_t len, struct entry *ret)
{
	const char *open = memchr(line, '(', len);
	const char *end = line + len, *close;
	size_t digits = 0, name;

	while (digits < len && isdigit((unsigned char)line[digits]))
		digits++;
	if (digits == 0 || digits + 2 > sizeof(ret->id) || open == NULL ||
	    open != line + digits + 1)
		return false;
	close = memchr(open, ')', (size_t)(end - open));
	if (close == NULL)
		return false;
	name = (size_t)(close - open) - 1;
	if (name == 0 || name >= sizeof(ret->file))
		return false;
	ret->id[0] = '#';
	memcpy(ret->id + 1, line, digits);
	ret->id[digits + 1] = '\0';
	memcpy(ret->file, open + 1, name);
	ret->file[name] = '\0';
	return true;
}

/* The file that HAProxy calls `file`: relative to where its worker is. */
static bool
stat_of_worker(
    const struct process *process, const char *file, struct stat *ret)
{
	char path[LIMIT_PATH_BYTES];
	int n;

	if (file[0] == '/')
		return stat(file, ret) == 0;
	n = snprintf(
	    path, sizeof(path), "/proc/%ld/cwd/%s", process->pid, file);
	return n > 0 && (size_t)n < sizeof(path) && stat(path, ret) == 0;
}

/*
 * The "#id" of the map whose file is the same file as `map`, however the
 * configuration spells it.
 */
static int
find_id(const struct process *process, const char *map, struct entry *ret,
    struct err *err)
{
	struct buf reply = BUF_INIT(LIMIT_REPLY_BYTES);
	struct stat wanted, st;
	const char *line;
	bool is_there;
	size_t len;
	int rc;

	rc = command_ask(
	    process, "show map", command_answer_ms(process), &reply, err);
	if (rc < 0)
		goto out;
	is_there = stat(map, &wanted) == 0;
	for (line = buf_text(&reply); is_there && *line != '\0';
	     line += len + (line[len] == '\n' ? 1 : 0)) {
		len = strcspn(line, "\n");
		if (read_entry(line, len, ret) &&
		    stat_of_worker(process, ret->file, &st) &&
		    st.st_dev == wanted.st_dev && st.st_ino == wanted.st_ino)
			goto out;
	}
	rc = err_set(err, ERR_NOENT, doing, map,
	    "this HAProxy has not loaded it%s; its configuration needs, in "
	    "the frontend of port 80: http-request return status 200 "
	    "content-type text/plain lf-string \"%%[path,map(%s)]\" if { "
	    "path,map(%s) -m found }",
	    is_there ? "" : " (and there is no such file)", map, map);
out:
	buf_free(&reply);
	return rc;
}

/* "VERB map MAP KEY[ VALUE]" to its answer. */
static int
ask_map(const struct process *process, const char *verb, const char *map,
    const char *key, const char *value, struct buf *ret, struct err *err)
{
	struct buf line = BUF_INIT(LIMIT_COMMAND_BYTES);
	int rc;

	rc = buf_printf(&line, err, "%s map %s %s%s%s", verb, map, key,
	    value != NULL ? " " : "", value != NULL ? value : "");
	if (rc == 0)
		rc = command_ask(
		    process, line.data, command_answer_ms(process), ret, err);
	buf_free(&line);
	return rc;
}

/*
 * An empty line is success, and so is an answer that starts with `well`; no
 * byte at all is a HAProxy that hung up.
 */
static int
judge(
    const char *map, const struct buf *reply, const char *well, struct err *err)
{
	char last[128];

	socket_last_line(buf_text(reply), last, sizeof(last));
	if ((last[0] == '\0' && reply->len > 0) ||
	    (well != NULL && command_has_line(buf_text(reply), well)))
		return 0;
	return command_refused(doing, map, buf_text(reply), err);
}

/* The first command; where the map is unknown by its name, again by its id. */
static int
ask_by_name_or_id(const struct process *process, const char *verb,
    const char **map, const char *key, const char *value, struct entry *entry,
    struct buf *ret, struct err *err)
{
	int rc;

	rc = ask_map(process, verb, *map, key, value, ret, err);
	if (rc < 0 || !command_has_line(buf_text(ret), unknown))
		return rc;
	rc = find_id(process, *map, entry, err);
	if (rc < 0)
		return rc;
	*map = entry->id;
	return ask_map(process, verb, *map, key, value, ret, err);
}

static int
check_words(
    const char *map, const char *key, const char *value, struct err *err)
{
	int rc;

	rc = command_check_word(map, err);
	if (rc == 0)
		rc = command_check_word(key, err);
	if (rc == 0 && value != NULL)
		rc = command_check_word(value, err);
	return rc;
}

int
map_set(const struct process *process, const char *map, const char *key,
    const char *value, struct err *err)
{
	struct buf reply = BUF_INIT(LIMIT_REPLY_BYTES);
	struct entry entry;
	int rc;

	rc = check_words(map, key, value, err);
	if (rc == 0)
		rc = ask_by_name_or_id(
		    process, "set", &map, key, value, &entry, &reply, err);
	/* `add` alone would leave the old value in front of the new one. */
	if (rc == 0 && command_has_line(buf_text(&reply), "entry not found"))
		rc = ask_map(process, "add", map, key, value, &reply, err);
	if (rc == 0)
		rc = judge(map, &reply, NULL, err);
	buf_free(&reply);
	return rc;
}

int
map_del(const struct process *process, const char *map, const char *key,
    struct err *err)
{
	struct buf reply = BUF_INIT(LIMIT_REPLY_BYTES);
	struct entry entry;
	int rc;

	rc = check_words(map, key, NULL, err);
	if (rc == 0)
		rc = ask_by_name_or_id(
		    process, "del", &map, key, NULL, &entry, &reply, err);
	if (rc == 0)
		rc = judge(map, &reply, "Key not found", err);
	buf_free(&reply);
	return rc;
}
