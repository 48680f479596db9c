/*
 * engine.h: who issues: certbot where there is one, else certhaul-acme, which
 * takes the same command line and keeps the same files.
 */
#ifndef WRAPPER_ENGINE_H
#define WRAPPER_ENGINE_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/conf.h"
#include "base/err.h"

/* An exit status of both: the command line or cli.ini; nothing was begun. */
enum { ENGINE_EXIT_USAGE = 2 };

struct engine {
	enum conf_engine kind; /* CONF_ENGINE_CERTBOT or _BUILTIN */
	char path[LIMIT_PATH_BYTES];
	const char *why; /* one phrase: "found in PATH", "configured", ... */
};

/*
 * Finds it: `engine_program` where configured; certbot in PATH, then where the
 * snap and pip's usual directories have it (/snap/bin, /opt/certbot/bin,
 * /usr/local/bin, /usr/bin); certhaul-acme beside the running program, then in
 * PATH. ERR_NOENT: none, says what was looked for and what to install; with
 * engine = "certbot" no other is taken. Runs nothing.
 */
int engine_find(
    const struct conf *conf, struct engine *ret, struct err *err) MUST_CHECK;

/*
 * Its version, by `--version`: "certbot 2.1.0" -> {2, 1, 0}. ERR_CHILD,
 * ERR_SYNTAX, ERR_TIMEOUT.
 */
int engine_version(
    const struct engine *engine, int ret[3], struct err *err) MUST_CHECK;

/*
 * Is it, or does a link on its way lead, below `dir` ("/snap/")? certbot's own
 * instructions link /usr/local/bin/certbot to the snap's, or pip's.
 */
bool engine_is_below(const struct engine *engine, const char *dir) MUST_CHECK;

/* Is it, by the same, the snap's? */
bool engine_is_snap(const struct engine *engine) MUST_CHECK;

#endif
