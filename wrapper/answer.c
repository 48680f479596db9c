/*
 * answer.c: a certificate that the CA has seen revoked before is no
 * failure for who wants it revoked. The CA says so by a URN, which is the same
 * whoever speaks; but certbot 2.1 on Python 3.11 stumbles over its own
 * exception ("AttributeError: can't set attribute") and says nothing of it. It
 * is in its log then.
 */
#include "wrapper/answer.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char already_revoked[] =
    "urn:ietf:params:acme:error:alreadyRevoked";

void
answer_init(struct answer *answer, const struct conf *conf)
{
	struct err ignored = ERR_INIT;
	struct stat st;

	memset(answer, 0, sizeof(*answer));
	if (fs_join(answer->log, sizeof(answer->log),
		conf->letsencrypt.logs_dir, "letsencrypt.log", &ignored) < 0)
		answer->log[0] = '\0';
	else if (stat(answer->log, &st) == 0)
		fs_ident_from(&st, &answer->before);
}

/* What a CA says that has looked at the request and does not do it. */
static bool
is_problem(const char *line)
{
	static const char urn[] = "urn:ietf:params:acme:error:";
	const char *at = line;

	while ((at = strstr(at, urn)) != NULL) {
		at += strlen(urn);
		/* That one is tried again. */
		if (strncmp(at, "badNonce", strlen("badNonce")) != 0)
			return true;
	}
	return false;
}

/* What the engines say where nothing was sent. */
static bool
is_unsent(const char *line)
{
	static const char *const words[] = {"Connection refused",
	    "Couldn't connect", "Could not connect",
	    "Failed to establish a new connection", "Couldn't resolve",
	    "Could not resolve", "Name or service not known",
	    "Network is unreachable", "No route to host",
	    "Another instance of Certbot"};

	for (size_t i = 0; i < COUNT_OF(words); i++) {
		if (strstr(line, words[i]) != NULL)
			return true;
	}
	return false;
}

static void
look_at(const char *line, bool *already, bool *not_done)
{
	if (strstr(line, already_revoked) != NULL)
		*already = true;
	else if (is_problem(line) || is_unsent(line))
		*not_done = true;
}

bool
answer_line(void *context, const char *line)
{
	struct answer *answer = context;

	look_at(line, &answer->already, &answer->not_done);
	return true;
}

/*
 * certbot begins a new log for each run; with max-log-backups = 0 it goes on
 * in the old one, where only what was added counts.
 */
static FILE *
open_log(const struct answer *answer)
{
	struct fs_ident now;
	struct stat st;
	FILE *file;
	int fd;

	fd = open(answer->log, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return NULL;
	file =
	    fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? fdopen(fd, "r") : NULL;
	if (file == NULL) {
		(void)close(fd);
		return NULL;
	}
	fs_ident_from(&st, &now);
	if (now.dev == answer->before.dev && now.ino == answer->before.ino &&
	    fseeko(file, (off_t)answer->before.size, SEEK_SET) != 0) {
		(void)fclose(file);
		return NULL;
	}
	return file;
}

/* What it said, and what its log says. */
static void
look_through(const struct answer *answer, bool *already, bool *not_done)
{
	char line[LIMIT_LOG_LINE_BYTES];
	FILE *file;

	*already = answer->already;
	*not_done = answer->not_done;
	file = open_log(answer);
	if (file == NULL)
		return;
	/* A line that is longer comes in parts; the URN's is a short one. */
	while (fgets(line, sizeof(line), file) != NULL)
		look_at(line, already, not_done);
	(void)fclose(file);
}

bool
answer_already(const struct answer *answer)
{
	bool already, not_done;

	look_through(answer, &already, &not_done);
	return already;
}

bool
answer_not_done(const struct answer *answer)
{
	bool already, not_done;

	look_through(answer, &already, &not_done);
	return not_done && !already;
}
