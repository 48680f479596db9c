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

bool
answer_line(void *context, const char *line)
{
	struct answer *answer = context;

	if (strstr(line, already_revoked) != NULL)
		answer->seen = true;
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

bool
answer_already(const struct answer *answer)
{
	char line[LIMIT_LOG_LINE_BYTES];
	bool found = answer->seen;
	FILE *file;

	file = found ? NULL : open_log(answer);
	if (file == NULL)
		return found;
	/* A line that is longer comes in parts; the URN's is a short one. */
	while (!found && fgets(line, sizeof(line), file) != NULL)
		found = strstr(line, already_revoked) != NULL;
	(void)fclose(file);
	return found;
}
