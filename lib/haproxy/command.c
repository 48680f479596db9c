/*
 * command.c: one command to a process, with its patience: between the socket,
 * which knows bytes, and transaction, crtlist and map, which know replies.
 */
#include "haproxy/command.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"

static const char doing[] = "asking HAProxy";

/* Any command on certificates may get this while another one yields. */
static const char locked[] = "Operations on certificates are currently locked";

enum {
	FOREIGN_MS = 2000,
	PAUSE_LEAST_MS = 5,
	PAUSE_MOST_MS = 250,
};

static long
or_default(long value, long usual)
{
	return value > 0 ? value : usual;
}

long
command_answer_ms(const struct process *process)
{
	return or_default(process->patience.answer_ms, LIMIT_CLI_TIMEOUT_MS);
}

long
command_commit_ms(const struct process *process)
{
	return or_default(
	    process->patience.commit_ms, LIMIT_CLI_COMMIT_TIMEOUT_MS);
}

long
command_foreign_ms(const struct process *process)
{
	return or_default(process->patience.foreign_ms, FOREIGN_MS);
}

const char *
command_prefix(const struct process *process)
{
	return process->peer.master ? "@1 " : "";
}

bool
command_reply_has(const char *reply, const char *part)
{
	return strstr(reply, part) != NULL;
}

bool
command_has_line(const char *reply, const char *start)
{
	size_t len = strlen(start);

	for (const char *at = reply; at != NULL && *at != '\0';) {
		if (strncmp(at, start, len) == 0)
			return true;
		at = strchr(at, '\n');
		if (at != NULL)
			at++;
	}
	return false;
}

bool
command_is_locked(const char *reply)
{
	return command_reply_has(reply, locked);
}

bool
command_pause(const struct process *process, unsigned tries)
{
	long most = or_default(process->patience.pause_ms, PAUSE_MOST_MS);
	long pause_ms = PAUSE_LEAST_MS;

	if (tries > LIMIT_CLI_BUSY_RETRIES)
		return false;
	for (unsigned i = 1; i < tries && pause_ms < most; i++)
		pause_ms *= 2;
	clock_pause_ms(pause_ms < most ? pause_ms : most);
	return true;
}

int
command_ask(const struct process *process, const char *command, long timeout_ms,
    struct buf *ret, struct err *err)
{
	for (unsigned tries = 1;; tries++) {
		int rc;

		rc = socket_ask(&process->peer, command, timeout_ms, ret, err);
		if (rc < 0 || !command_is_locked(buf_text(ret)))
			return rc;
		if (!command_pause(process, tries))
			return command_refused(
			    doing, process->peer.path, buf_text(ret), err);
	}
}

int
command_refused(
    const char *what, const char *on, const char *reply, struct err *err)
{
	char words[LIMIT_ERR_DETAIL_BYTES];

	socket_words(reply, words, sizeof(words));
	if (words[0] == '\0')
		return err_set(err, ERR_HAPROXY, what, on,
		    "HAProxy answers nothing (2.6 does so to a command over "
		    "tune.bufsize)");
	return err_set(err, ERR_HAPROXY, what, on, "HAProxy says: %s", words);
}

int
command_check_word(const char *word, struct err *err)
{
	if (text_is_cli_word(word))
		return 0;
	return err_set(err, ERR_INVALID, doing, word,
	    "cannot be a word of a command to HAProxy (a space, a quote, a "
	    "backslash, `;`, `<`, `#`, or no ASCII)");
}
