/*
 * answer.c: a certificate that the CA has seen revoked before is no
 * failure for who wants it revoked. The CA says so by a URN, which is the same
 * whoever speaks; but certbot 2.1 on Python 3.11 stumbles over its own
 * exception ("AttributeError: can't set attribute") and says nothing of it. It
 * is in its log then.
 *
 * The log tells more: an engine that noted no POST asked for nothing, whatever
 * it says. Where none of this run can be read there are its words alone.
 */
#include "wrapper/answer.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "wrapper/engine.h"

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

/*
 * The problems (RFC 8555, 6.7) of a CA that has looked at the request and will
 * not do it. After any other, serverInternal above all, it may have been done.
 */
static bool
is_refusal(const char *type, size_t len)
{
	static const char *const types[] = {"accountDoesNotExist",
	    "badPublicKey", "badRevocationReason", "badSignatureAlgorithm",
	    "malformed", "rateLimited", "unauthorized", "userActionRequired"};

	for (size_t i = 0; i < COUNT_OF(types); i++) {
		if (strlen(types[i]) == len && memcmp(type, types[i], len) == 0)
			return true;
	}
	return false;
}

static void
look_at_problems(const char *line, struct answer_seen *seen)
{
	static const char urn[] = "urn:ietf:params:acme:error:";
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	const char *at = line;

	while ((at = strstr(at, urn)) != NULL) {
		size_t len;

		at += strlen(urn);
		len = strspn(at, letters);
		if (strncmp(at, "alreadyRevoked", len) == 0 &&
		    len == strlen("alreadyRevoked"))
			seen->already = true;
		else if (is_refusal(at, len))
			seen->refused = true;
		/* That one is tried again. */
		else if (strncmp(at, "badNonce", strlen("badNonce")) != 0)
			seen->open = true;
	}
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

/* Does the URL of `len` bytes look like a directory's "revokeCert"? */
static bool
is_revocation(const char *url, size_t len)
{
	static const char word[] = "revoke";

	for (size_t i = 0; i + sizeof(word) - 1 <= len; i++) {
		if (strncasecmp(url + i, word, sizeof(word) - 1) == 0)
			return true;
	}
	return false;
}

/*
 * In certbot's log: "POST /revoke-cert HTTP/1.1" 200 0; in certhaul-acme's:
 * POST https://ca/revoke-cert: status 200, 0 bytes.
 */
static bool
is_done(const char *line)
{
	static const char *const good[] = {" HTTP/1.1\" 200 ", " status 200,"};
	const char *url = strstr(line, "POST ");
	size_t len;

	if (strstr(line, "successfully revoked") != NULL)
		return true;
	if (url == NULL)
		return false;
	url += strlen("POST ");
	len = strcspn(url, " ");
	for (size_t i = 0; i < COUNT_OF(good); i++) {
		if (strncmp(url + len, good[i], strlen(good[i])) == 0)
			return is_revocation(url, len);
	}
	return false;
}

static void
look_at(const char *line, struct answer_seen *seen)
{
	seen->done = seen->done || is_done(line);
	look_at_problems(line, seen);
	seen->unsent = seen->unsent || is_unsent(line);
	seen->posted =
	    seen->posted || strstr(line, "Sending POST request to ") != NULL;
}

bool
answer_line(void *context, const char *line)
{
	struct answer *answer = context;

	look_at(line, &answer->seen);
	return true;
}

/* The identity of the log's first backup; zero: there is none. */
static struct fs_ident
first_backup(const struct answer *answer)
{
	char path[sizeof(answer->log) + sizeof(".1")];
	struct fs_ident ident = {0};
	struct stat st;

	(void)snprintf(path, sizeof(path), "%s.1", answer->log);
	if (stat(path, &st) == 0)
		fs_ident_from(&st, &ident);
	return ident;
}

static bool
is_same_file(const struct fs_ident *a, const struct fs_ident *b)
{
	return a->dev == b->dev && a->ino == b->ino;
}

/*
 * Where in the file `now` this run begins. certbot begins a new log for each
 * run, and the one before is its first backup then; with max-log-backups = 0 it
 * goes on in the old one, where only what was added counts. False: it is not
 * the log of this run, as nothing was noted, or others have run since.
 */
static bool
find_start(const struct answer *answer, const struct fs_ident *now, off_t *ret)
{
	const struct fs_ident *before = &answer->before;
	struct fs_ident backup;

	if (is_same_file(now, before)) {
		*ret = (off_t)before->size;
		return now->size > before->size;
	}
	backup = first_backup(answer);
	*ret = 0;
	/* Where there was no log, certbot makes the backup of an empty one. */
	return now->size > 0 &&
	    (before->ino == 0 ? backup.size == 0
			      : is_same_file(&backup, before));
}

static FILE *
open_log(const struct answer *answer)
{
	FILE *file = NULL;
	struct fs_ident now;
	struct stat st;
	off_t start;
	int fd;

	fd = open(answer->log, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
		fs_ident_from(&st, &now);
		if (find_start(answer, &now, &start) &&
		    lseek(fd, start, SEEK_SET) == start)
			file = fdopen(fd, "r");
	}
	if (file == NULL)
		(void)close(fd);
	return file;
}

/* Adds what the log of this run says; false where it cannot be read. */
static bool
look_through(const struct answer *answer, struct answer_seen *seen)
{
	char line[LIMIT_LOG_LINE_BYTES];
	FILE *file;
	bool whole;

	file = open_log(answer);
	if (file == NULL)
		return false;
	/* A line that is longer comes in parts; those looked for are short. */
	while (fgets(line, sizeof(line), file) != NULL)
		look_at(line, seen);
	whole = ferror(file) == 0;
	(void)fclose(file);
	return whole;
}

enum answer_verdict
answer_judge(const struct answer *answer, int status)
{
	struct answer_seen seen = answer->seen;
	bool logged = look_through(answer, &seen);

	if (seen.done)
		return ANSWER_DONE;
	if (seen.already)
		return ANSWER_ALREADY;
	if (seen.open)
		return ANSWER_LOST;
	if (seen.refused || seen.unsent)
		return ANSWER_NOT_DONE;
	if (status == 0 && (!logged || seen.posted))
		return ANSWER_DONE;
	if (logged)
		return seen.posted ? ANSWER_LOST : ANSWER_NOT_DONE;
	return status == ENGINE_EXIT_USAGE ? ANSWER_NOT_DONE : ANSWER_LOST;
}
