/*
 * logfile.c: logs_dir/letsencrypt.log, which an operator reads when a run went
 * wrong. It is rotated once, when it is opened, as certbot does it; with no
 * backups wanted (Debian's cli.ini says so) it is appended to.
 */
#include "acme/logfile.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/limits.h"
#include "base/text.h"

static const char doing[] = "opening the log";

enum { DIGITS_MOST = 9 }; /* of a number that is counted up */

struct logfile {
	char path[LIMIT_PATH_BYTES];
	int fd;
};

/* The N of letsencrypt.log.N; 0: it is none. */
static long
number_of(const char *name)
{
	static const char stem[] = "letsencrypt.log.";
	const char *digits = name + strlen(stem);
	size_t len;

	if (strncmp(name, stem, strlen(stem)) != 0)
		return 0;
	len = strspn(digits, "0123456789");
	if (digits[0] == '0' || len > DIGITS_MOST || digits[len] != '\0')
		return 0;
	return strtol(digits, NULL, 10);
}

static int
is_backup(const struct dirent *entry)
{
	return number_of(entry->d_name) > 0;
}

static int
later_first(const struct dirent **left, const struct dirent **right)
{
	long a = number_of((*left)->d_name), b = number_of((*right)->d_name);

	return (a < b) - (a > b);
}

/* letsencrypt.log becomes .1, .1 becomes .2, and the last one goes. */
static void
rotate(const char *logs_dir, const char *path, long max_backups)
{
	char from[LIMIT_PATH_BYTES + 16], to[LIMIT_PATH_BYTES + 16];
	struct dirent **backups = NULL;
	int count = scandir(logs_dir, &backups, is_backup, later_first);

	/* However many may be kept: what is there is looked at. They fit. */
	for (int i = 0; i < count; i++) {
		long number = number_of(backups[i]->d_name);

		free(backups[i]);
		if (number >= max_backups)
			continue;
		(void)snprintf(from, sizeof(from), "%s.%ld", path, number);
		(void)snprintf(to, sizeof(to), "%s.%ld", path, number + 1);
		(void)rename(from, to);
	}
	free(backups);
	(void)snprintf(to, sizeof(to), "%s.1", path);
	(void)rename(path, to);
}

int
logfile_open(const char *logs_dir, long max_backups, struct logfile **ret,
    struct err *err)
{
	struct logfile *made = NULL;
	int rc;

	if (max_backups < 0)
		return err_set(err, ERR_USAGE, doing, "--max-log-backups",
		    "it is a number, 0 or more");
	made = calloc(1, sizeof(*made));
	if (made == NULL)
		return err_nomem(err, doing);
	made->fd = -1;
	rc = fs_mkdirs(logs_dir, 0700, err);
	if (rc == 0)
		rc = fs_join(made->path, sizeof(made->path), logs_dir,
		    "letsencrypt.log", err);
	if (rc == 0) {
		if (max_backups > 0)
			rotate(logs_dir, made->path, max_backups);
		made->fd = open(made->path,
		    O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK |
			O_CLOEXEC,
		    0644);
		if (made->fd < 0)
			rc = err_sys(err, doing, made->path, "open");
	}
	if (rc == 0)
		*ret = made;
	else
		logfile_close(made);
	return rc;
}

/* "2026-11-25 07:01:34,123", local time, as Python's logging has it. */
static void
stamp(char *ret, size_t size)
{
	struct timeval now;
	struct tm date;
	size_t len = 0;

	ret[0] = '\0';
	/* The log tells when, to the millisecond; a test has no use for it. */
	if (gettimeofday(&now, NULL) == 0 &&
	    localtime_r(&now.tv_sec, &date) != NULL)
		len = strftime(ret, size, "%Y-%m-%d %H:%M:%S", &date);
	if (len > 0)
		(void)snprintf(ret + len, size - len, ",%03u",
		    (unsigned)(now.tv_usec / 1000) % 1000);
}

void
logfile_say(struct logfile *log, const char *level, const char *fmt, ...)
{
	char line[LIMIT_LOG_LINE_BYTES], when[64];
	va_list args;
	int len;

	if (log == NULL)
		return;
	stamp(when, sizeof(when));
	len = snprintf(
	    line, sizeof(line) - 1, "%s:%s:certhaul-acme:", when, level);
	if (len < 0 || (size_t)len >= sizeof(line) - 1)
		return;
	va_start(args, fmt);
	/* What is too long is cut. */
	(void)vsnprintf(line + len, sizeof(line) - 1 - (size_t)len, fmt, args);
	va_end(args);
	text_clean(line + len);
	len = (int)strlen(line);
	line[len++] = '\n';
	/* One call a line; a log that is full must not stop a renewal. */
	while (write(log->fd, line, (size_t)len) < 0 && errno == EINTR)
		continue;
}

const char *
logfile_path(const struct logfile *log)
{
	return log->path;
}

void
logfile_close(struct logfile *log)
{
	if (log == NULL)
		return;
	if (log->fd >= 0)
		(void)close(log->fd);
	free(log);
}
