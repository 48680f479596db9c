/*
 * logfile.h: logs_dir/letsencrypt.log as certbot keeps it: one file a run, the
 * earlier ones as letsencrypt.log.1 and so on, at most --max-log-backups.
 */
#ifndef ACME_LOGFILE_H
#define ACME_LOGFILE_H

#include "base/attr.h"
#include "base/err.h"

struct logfile;

int logfile_open(const char *logs_dir, long max_backups, struct logfile **ret,
    struct err *err) MUST_CHECK;

/* "2026-11-25 07:01:34,123:INFO:certhaul-acme:TEXT"; cleaned; NULL: no-op. */
void logfile_say(struct logfile *log, const char *level, const char *fmt, ...)
    PRINTF_LIKE(3, 4);
const char *logfile_path(const struct logfile *log);
void logfile_close(struct logfile *log);

#endif
