/*
 * crtlist.c: a store onto the bind lines of a running HAProxy, and off them.
 * After new, set and commit this is what makes a new certificate be served;
 * the file on disk, which a reload reads, is crtlist_file.c's.
 */
#include "haproxy/crtlist.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "haproxy/command.h"
#include "haproxy/crtlist_part.h"

static const char listing[] = "asking HAProxy for its crt-lists";
static const char adding[] = "adding to HAProxy's crt-list";
static const char deleting[] = "deleting from HAProxy's crt-list";

enum { ASKED_MOST = 20000 }; /* two for each entry of a store in a list */

void
crtlist_names_free(char **names)
{
	for (size_t i = 0; names != NULL && names[i] != NULL; i++)
		free(names[i]);
	free(names);
}

/* One name a line, after them nothing else. */
static int
names_from(const char *text, char ***ret, struct err *err)
{
	size_t count = 0, lines = 1;
	char **names;

	for (const char *p = text; *p != '\0'; p++)
		lines += *p == '\n';
	names = calloc(lines + 1, sizeof(*names));
	if (names == NULL)
		return err_nomem(err, listing);
	while (*text != '\0') {
		size_t len = strcspn(text, "\n");

		if (len > 0 && *text != '#') {
			names[count] = strndup(text, len);
			if (names[count++] == NULL) {
				crtlist_names_free(names);
				return err_nomem(err, listing);
			}
		}
		text += len + (text[len] == '\n');
	}
	*ret = names;
	return 0;
}

int
crtlist_names(const struct process *process, char ***ret, struct err *err)
{
	struct buf reply = BUF_INIT(LIMIT_REPLY_BYTES);
	int rc;

	rc = command_ask(process, "show ssl crt-list",
	    command_answer_ms(process), &reply, err);
	if (rc == 0)
		rc = names_from(buf_text(&reply), ret, err);
	buf_free(&reply);
	return rc;
}

bool
crtlist_has_name(char *const *names, const char *list)
{
	for (size_t i = 0; names != NULL && names[i] != NULL; i++) {
		if (strcmp(names[i], list) == 0)
			return true;
	}
	return false;
}

int
crtlist_list_name(const char *list, char *ret, size_t size, struct err *err)
{
	size_t len = strlen(list);

	while (len > 1 && list[len - 1] == '/')
		len--;
	if (len >= size)
		return err_set(err, ERR_LIMIT, adding, list, "too long a name");
	memcpy(ret, list, len);
	ret[len] = '\0';
	return command_check_word(ret, err);
}

/* "COMMAND LIST[ STORE[:LINE]]" to its answer; it may yield (H2). */
static int
ask_list(const struct process *process, const char *command, const char *list,
    const char *store, long line_number, struct buf *ret, struct err *err)
{
	struct buf line = BUF_INIT(LIMIT_COMMAND_BYTES);
	int rc;

	rc = command_check_word(store, err);
	if (rc == 0)
		rc = buf_printf(&line, err, "%s %s %s", command, list, store);
	if (rc == 0 && line_number > 0)
		rc = buf_printf(&line, err, ":%ld", line_number);
	if (rc == 0)
		rc = command_ask(
		    process, line.data, command_commit_ms(process), ret, err);
	buf_free(&line);
	return rc;
}

/* Is `store` an entry in what `show ssl crt-list LIST` answers? */
static bool
has_entry(const char *reply, const char *store)
{
	size_t len = strlen(store);

	while (*reply != '\0') {
		if (strncmp(reply, store, len) == 0 &&
		    strchr(" [\n", reply[len]) != NULL)
			return true;
		reply += strcspn(reply, "\n");
		reply += *reply == '\n' ? 1 : 0;
	}
	return false;
}

int
crtlist_is_listed(const struct process *process, const char *list,
    const char *store, bool *ret, struct err *err)
{
	struct buf line = BUF_INIT(LIMIT_COMMAND_BYTES);
	struct buf reply = BUF_INIT(LIMIT_REPLY_BYTES);
	struct stat st;
	int rc;

	*ret = false;
	if (stat(list, &st) == 0 && S_ISDIR(st.st_mode))
		return 0;
	rc = buf_printf(&line, err, "show ssl crt-list %s", list);
	if (rc == 0)
		rc = command_ask(process, line.data, command_answer_ms(process),
		    &reply, err);
	if (rc == 0)
		*ret = has_entry(buf_text(&reply), store);
	buf_free(&reply);
	buf_free(&line);
	return rc;
}

int
crtlist_add(const struct process *process, const char *list, const char *store,
    struct err *err)
{
	struct buf reply = BUF_INIT(LIMIT_REPLY_BYTES);
	char name[LIMIT_PATH_BYTES], last[128];
	bool listed = false;
	int rc;

	rc = crtlist_list_name(list, name, sizeof(name), err);
	if (rc == 0)
		rc = crtlist_is_listed(process, name, store, &listed, err);
	if (rc < 0 || listed)
		goto out;
	rc = ask_list(process, "add ssl crt-list", name, store, 0, &reply, err);
	if (rc < 0)
		goto out;
	socket_last_line(buf_text(&reply), last, sizeof(last));
	if (command_reply_has(buf_text(&reply),
		"file already exists in this "
		"directory!"))
		goto out;
	if (strcmp(last, "Success!") != 0 ||
	    !command_has_line(buf_text(&reply), "Inserting certificate '"))
		rc = command_refused(adding, store, buf_text(&reply), err);
out:
	buf_free(&reply);
	return rc;
}

/*
 * "found the certificate 'P' in several entries, please specify a line number
 * preceded by colons (2, 3)!": the first of them; 0 where that is not said.
 */
static long
first_of_several(const char *reply)
{
	const char *at = strstr(reply, "in several entries");
	char *end = NULL;
	long number;

	at = at != NULL ? strchr(at, '(') : NULL;
	if (at == NULL)
		return 0;
	number = strtol(at + 1, &end, 10);
	return end != at + 1 && number > 0 ? number : 0;
}

/* A store without a certificate in it (`new`, and no more) is in no list. */
static bool
is_gone(const char *reply)
{
	return command_reply_has(reply, "' can't be found in crt-list '") ||
	    command_reply_has(reply, "' does not exist!") ||
	    command_reply_has(reply, "' is empty!");
}

int
crtlist_del(const struct process *process, const char *list, const char *store,
    bool *ret_deleted, struct err *err)
{
	struct buf reply = BUF_INIT(LIMIT_REPLY_BYTES);
	char name[LIMIT_PATH_BYTES];
	long number = 0;
	int rc;

	*ret_deleted = false;
	rc = crtlist_list_name(list, name, sizeof(name), err);
	for (unsigned i = 0; rc == 0; i++) {
		const char *text;
		bool deleted;

		if (i == ASKED_MOST) {
			rc = err_set(err, ERR_HAPROXY, deleting, store,
			    "%s has more than %d entries of it", name,
			    ASKED_MOST / 2);
			break;
		}
		rc = ask_list(process, "del ssl crt-list", name, store, number,
		    &reply, err);
		text = buf_text(&reply);
		if (rc < 0 || is_gone(text))
			break;
		deleted = command_has_line(text, "Entry '") &&
		    command_reply_has(text, "' deleted in crtlist '");
		*ret_deleted |= deleted;
		/* One of several is gone; ask about the rest. */
		if (deleted && number == 0)
			break;
		number = deleted ? 0 : first_of_several(text);
		if (!deleted && number == 0)
			rc = command_refused(deleting, store, text, err);
	}
	buf_free(&reply);
	return rc;
}
