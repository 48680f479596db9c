/*
 * log.c: the voice of the programs. Under certbot -q nothing reaches a
 * terminal, so syslog is where a failure must be found.
 */
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/text.h"

enum { PROGRAM_BYTES = 32 };

/* The one state that may change; by log_open() and log_progress() alone. */
static struct {
	enum log_level level;
	bool to_syslog;
	char program[PROGRAM_BYTES]; /* openlog() keeps the pointer */
	struct term_progress *progress; /* borrowed, or NULL */
} state = {LOG_LEVEL_INFO, false, "certhaul", NULL};

static const struct {
	const char *mark; /* in front of a line on stderr, behind the name */
	int priority;
} levels[] = {
    [LOG_LEVEL_ERROR] = {"error: ", LOG_ERR},
    [LOG_LEVEL_WARN] = {"warning: ", LOG_WARNING},
    [LOG_LEVEL_INFO] = {NULL, LOG_INFO},
    [LOG_LEVEL_DEBUG] = {NULL, LOG_DEBUG},
};
_Static_assert(COUNT_OF(levels) == LOG_LEVEL_DEBUG + 1, "a level is missing");

void
log_open(const char *program, enum log_level level, bool to_syslog)
{
	log_close();
	(void)snprintf(state.program, sizeof(state.program), "%s", program);
	state.level = level;
	state.to_syslog = to_syslog;
	if (to_syslog)
		openlog(state.program, LOG_PID, LOG_DAEMON);
}

void
log_close(void)
{
	if (state.to_syslog)
		closelog();
	state.to_syslog = false;
}

void
log_progress(struct term_progress *progress)
{
	state.progress = progress;
}

void
log_make_way(void)
{
	if (state.progress != NULL)
		term_progress_hide(state.progress);
}

/* One line in one write, so that it is not mixed with those of others. */
static void
to_stderr(enum log_level level, const char *text)
{
	char line[LIMIT_LOG_LINE_BYTES + PROGRAM_BYTES + 16];
	const char *mark = levels[level].mark;
	ssize_t put;
	int len;

	if (mark != NULL)
		len = snprintf(line, sizeof(line), "%s: %s%s\n", state.program,
		    mark, text);
	else
		len = snprintf(line, sizeof(line), "%s\n", text);
	if (len < 0 || (size_t)len >= sizeof(line))
		return;
	log_make_way();
	/* There is nobody left to tell that stderr is gone. */
	do
		put = write(STDERR_FILENO, line, (size_t)len);
	while (put < 0 && errno == EINTR);
}

static void
say(enum log_level level, char *line)
{
	text_clean(line);
	if (level <= state.level)
		to_stderr(level, line);
	if (state.to_syslog && level <= LOG_LEVEL_INFO)
		syslog(levels[level].priority, "%s", line);
}

void
log_say(enum log_level level, const char *fmt, ...)
{
	char line[LIMIT_LOG_LINE_BYTES];
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	if (len < 0)
		line[0] = '\0';
	say(level, line);
}

void
log_err(enum log_level level, const char *prefix, const struct err *err)
{
	char line[LIMIT_LOG_LINE_BYTES];
	size_t used;
	int len;

	len = snprintf(line, sizeof(line), "%s", prefix);
	if (len < 0)
		line[0] = '\0';
	used = strlen(line);
	(void)err_text(err, line + used, sizeof(line) - used);
	say(level, line);
}
