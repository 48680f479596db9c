/*
 * engine.c: which program issues. Nobody is asked and nothing is run: where it
 * is decides, so that `certhaul status` tells the same as `certhaul request`
 * does.
 */
#include "wrapper/engine.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/proc.h"
#include "wrapper/program.h"

static const char doing[] = "looking for an ACME client";
static const char builtin_name[] = "certhaul-acme";

/* The snap; pip, as certbot's own instructions have it; a package. */
static const char *const places[] = {
    "/snap/bin", "/opt/certbot/bin", "/usr/local/bin", "/usr/bin"};

enum { LINKS_MOST = 8 }; /* one after the other */

static bool
set(struct engine *ret, enum conf_engine kind, const char *why)
{
	ret->kind = kind;
	ret->why = why;
	return true;
}

static bool
find_certbot(struct engine *ret)
{
	if (program_in_path("certbot", ret->path, sizeof(ret->path)))
		return set(ret, CONF_ENGINE_CERTBOT, "found in PATH");
	for (size_t i = 0; i < COUNT_OF(places); i++) {
		if (program_in(
			places[i], "certbot", ret->path, sizeof(ret->path)))
			return set(ret, CONF_ENGINE_CERTBOT,
			    "found where it usually is");
	}
	return false;
}

static bool
find_builtin(struct engine *ret)
{
	if (program_beside(builtin_name, ret->path, sizeof(ret->path)))
		return set(ret, CONF_ENGINE_BUILTIN, "came with certhaul");
	if (program_in_path(builtin_name, ret->path, sizeof(ret->path)))
		return set(ret, CONF_ENGINE_BUILTIN, "found in PATH");
	return false;
}

/* `engine` tells which it is; with "auto" its name does. */
static int
take_configured(const struct conf *conf, struct engine *ret, struct err *err)
{
	const char *name = strrchr(conf->engine_program, '/');
	enum conf_engine kind = (enum conf_engine)conf->engine;

	if (!program_is(conf->engine_program))
		return err_set(err, ERR_NOENT, doing, conf->engine_program,
		    "engine_program of the configuration is no program that "
		    "can be run; correct it, or leave it empty");
	if (kind == CONF_ENGINE_AUTO)
		kind = name != NULL && strcmp(name + 1, builtin_name) == 0
		    ? CONF_ENGINE_BUILTIN
		    : CONF_ENGINE_CERTBOT;
	(void)snprintf(
	    ret->path, sizeof(ret->path), "%s", conf->engine_program);
	(void)set(ret, kind, "configured");
	return 0;
}

int
engine_find(const struct conf *conf, struct engine *ret, struct err *err)
{
	struct engine found = {.path = ""};
	int rc = 0;

	if (conf->engine_program[0] != '\0') {
		rc = take_configured(conf, &found, err);
	} else if (conf->engine == CONF_ENGINE_BUILTIN) {
		if (!find_builtin(&found))
			rc = err_set(err, ERR_NOENT, doing, builtin_name,
			    "engine is \"builtin\", and certhaul-acme is "
			    "neither beside certhaul nor in PATH; install it, "
			    "or set engine = \"auto\" and install certbot");
	} else if (conf->engine == CONF_ENGINE_CERTBOT) {
		if (!find_certbot(&found))
			rc = err_set(err, ERR_NOENT, doing, "certbot",
			    "it is neither in PATH nor in /snap/bin, "
			    "/opt/certbot/bin, /usr/local/bin or /usr/bin; "
			    "install it (apt-get install certbot), or give "
			    "engine_program in the configuration");
	} else if (!find_certbot(&found) && !find_builtin(&found)) {
		rc = err_set(err, ERR_NOENT, doing, NULL,
		    "there is no certbot (in PATH, /snap/bin, "
		    "/opt/certbot/bin, /usr/local/bin, /usr/bin), and no "
		    "certhaul-acme to stand in for it (beside certhaul, in "
		    "PATH); install certbot (apt-get install certbot), or "
		    "give engine_program in the configuration");
	}
	if (rc == 0)
		*ret = found;
	return rc;
}

/* Where the link at `path` leads, from its own directory; into `path`. */
static bool
follow(char *path, size_t size)
{
	char next[LIMIT_PATH_BYTES], *slash = strrchr(path, '/');
	ssize_t len = readlink(path, next, sizeof(next) - 1);
	int dir;

	if (len <= 0 || slash == NULL)
		return false;
	next[len] = '\0';
	dir = next[0] == '/' ? 0 : (int)(slash + 1 - path);
	return (size_t)snprintf(path + dir, size - (size_t)dir, "%s", next) <
	    size - (size_t)dir;
}

/* Takes "DIR/.." and "." out of the path. */
static void
tidy(char *path)
{
	char *to = path, *from = path;

	while (*from != '\0') {
		size_t len = 1 + strcspn(from + 1, "/");

		if (len == 3 && strncmp(from, "/..", 3) == 0) {
			while (to > path && *--to != '/')
				continue;
		} else if (len > 2 || (len == 2 && from[1] != '.')) {
			memmove(to, from, len);
			to += len;
		}
		from += len;
	}
	*to = '\0';
}

bool
engine_is_below(const struct engine *engine, const char *dir)
{
	char path[LIMIT_PATH_BYTES];

	(void)snprintf(path, sizeof(path), "%s", engine->path);
	/* Not realpath(): the snap's certbot is itself a link, to snap. */
	for (int i = 0; i < LINKS_MOST; i++) {
		tidy(path);
		if (strncmp(path, dir, strlen(dir)) == 0)
			return true;
		if (!follow(path, sizeof(path)))
			return false;
	}
	return false;
}

bool
engine_is_snap(const struct engine *engine)
{
	/* Where there is no /snap, or a link of that name. */
	return engine_is_below(engine, "/snap/") ||
	    engine_is_below(engine, "/var/lib/snapd/");
}

/* "certbot 2.1.0", "certbot 4.1.0.dev0": three numbers behind the word. */
static bool
read_line(const char *line, int ret[3])
{
	const char *at = line + strcspn(line, " \n");
	char *end = NULL;
	long number;

	for (int i = 0; i < 3; i++) {
		if (at == NULL || *at == '\n' || *at == '\0' ||
		    !isdigit((unsigned char)at[1]))
			return false;
		errno = 0;
		number = strtol(at + 1, &end, 10);
		if (errno != 0 || number > LIMIT_VERSION_NUMBER)
			return false;
		ret[i] = (int)number;
		at = *end == '.' ? end : NULL;
	}
	return true;
}

/* Python may have something to say in front of it. */
static bool
read_version(const char *text, int ret[3])
{
	while (*text != '\0') {
		if (read_line(text, ret))
			return true;
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	return false;
}

int
engine_version(const struct engine *engine, int ret[3], struct err *err)
{
	const char *argv[] = {engine->path, "--version", NULL};
	struct proc_result result;
	int version[3], rc;

	rc = proc_run(argv, LIMIT_VERSION_TIMEOUT_MS, &result, err);
	if (rc == 0 && result.exit_status != 0)
		rc = err_set(err, ERR_CHILD, "asking for the version",
		    engine->path, "it ended with status %d: %s",
		    result.exit_status, buf_text(&result.output));
	else if (rc == 0 && !read_version(buf_text(&result.output), version))
		rc = err_set(err, ERR_SYNTAX, "asking for the version",
		    engine->path, "not \"certbot N.N.N\" but \"%s\"",
		    buf_text(&result.output));
	if (rc == 0)
		memcpy(ret, version, sizeof(version));
	proc_result_free(&result);
	return rc;
}
