/*
 * log.h: what main says: to stderr, and to syslog (the journal).
 *
 * Only programs call this; libraries return struct err.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/term.h"

enum log_level {
	LOG_LEVEL_ERROR,
	LOG_LEVEL_WARN,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG
};

/*
 * Opens syslog as `program` (facility daemon; a machine without one is no
 * error). stderr gets everything up to `level`; syslog gets everything up to
 * LOG_LEVEL_INFO, so that what a timer does quietly can be read afterwards.
 */
void log_open(const char *program, enum log_level level, bool to_syslog);

/*
 * Says one line, cleaned by text_clean(): errors and warnings with
 * "certhaul-hook: error: " or "... warning: " in front on stderr.
 */
void log_say(enum log_level level, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* log_say() of err_text(), with `prefix` (may be "") in front. */
void log_err(enum log_level level, const char *prefix, const struct err *err);

/*
 * From here on `progress` (borrowed; NULL: none) makes way for every line that
 * is said; log_make_way() is for what is written to stdout past this module.
 */
void log_progress(struct term_progress *progress);
void log_make_way(void);

void log_close(void);

#endif
