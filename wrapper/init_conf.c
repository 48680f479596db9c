/*
 * init_conf.c: certhaul.conf, where haproxy.cfg gets a socket of certhaul's
 * own, or has bundles in a directory already: haproxy.sockets, or
 * haproxy.bundle_dir, has to name that in place of the other. Behind
 * init_write().
 */
#include "wrapper/init.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "wrapper/init_file.h"
#include "wrapper/refit.h"
#include "wrapper/service.h"

/* One of haproxy's settings. */
struct setting {
	const char *before, *behind; /* of the new one, in the whole of it */
	const char *from, *to; /* to NULL: it stays */
	bool (*is_well)(const struct conf *conf, const char *to);
	bool put; /* into the new text */
};

enum { SOCKETS, BUNDLE_DIR, SETTINGS };

static bool
has_socket(const struct conf *conf, const char *to)
{
	bool found = false;

	for (size_t i = 0; i < conf->haproxy.sockets.count; i++)
		found |= strcmp(conf->haproxy.sockets.items[i], to) == 0;
	return found;
}

static bool
has_dir(const struct conf *conf, const char *to)
{
	return strcmp(conf->haproxy.bundle_dir, to) == 0;
}

/* Behind a comment, else `at`. */
static const char *
behind_comment(const char *at)
{
	const char *end;

	if (*at == '#' || strncmp(at, "//", 2) == 0)
		return at + strcspn(at, "\n");
	if (strncmp(at, "/*", 2) != 0)
		return at;
	end = strstr(at + 2, "*/");
	return end == NULL ? at + strlen(at) : end + 2;
}

/* Behind what stands at `at`: a comment, a string, or one sign. */
static const char *
behind(const char *at)
{
	const char *end = behind_comment(at);

	if (end > at || *at != '"')
		return end > at ? end : at + 1;
	for (at++; *at != '\0' && *at != '"'; at++) {
		if (*at == '\\' && at[1] != '\0')
			at++;
	}
	return at + (*at == '"');
}

static const char *
behind_blanks(const char *at)
{
	while (*at != '\0' &&
	    (isspace((unsigned char)*at) || behind_comment(at) > at))
		at = behind(at);
	return at;
}

/* Is the string at `at` this value, with slashes at its end or without? */
static bool
is_value(const char *at, const char *value)
{
	size_t len = strlen(value);

	if (*at != '"' || strncmp(at + 1, value, len) != 0)
		return false;
	at += 1 + len;
	return at[strspn(at, "/")] == '"';
}

/* The next such string from `at` on that is in no comment; NULL: none. */
static const char *
next_of(const char *at, const char *value)
{
	for (; *at != '\0'; at = behind(at)) {
		if (is_value(at, value))
			return at;
	}
	return NULL;
}

/* Behind the brace of the group `haproxy`; NULL: it is not so simple. */
static const char *
group_of(const char *text)
{
	static const char name[] = "haproxy";
	const char *at, *end;

	for (at = text; *at != '\0'; at = behind(at)) {
		if (strncmp(at, name, strlen(name)) != 0)
			continue;
		end = behind_blanks(at + strlen(name));
		if (*end != ':' && *end != '=')
			continue;
		end = behind_blanks(end + 1);
		return *end == '{' ? end + 1 : NULL;
	}
	return NULL;
}

/*
 * The text with the new one in place of the old, where it names that once; or
 * in the group, or in a new one at the end. Where it is not so simple, `ret`
 * stays empty.
 */
static int
put_text(const char *text, const struct setting *setting, struct buf *ret,
    struct err *err)
{
	const char *at, *group = group_of(text);
	int len;

	at = next_of(text, setting->from);
	if (at != NULL)
		return next_of(behind(at), setting->from) != NULL
		    ? 0
		    : buf_printf(ret, err, "%.*s\"%s\"%s", (int)(at - text),
			  text, setting->to, behind(at));
	len = group == NULL ? 0 : (int)(group - text);
	if (group != NULL)
		return buf_printf(ret, err, "%.*s %s\"%s\"%s%s", len, text,
		    setting->before, setting->to, setting->behind, group);
	return buf_printf(ret, err, "%s\nhaproxy: { %s\"%s\"%s };\n", text,
	    setting->before, setting->to, setting->behind);
}

/* Puts in what it can. */
static int
put_all(const char *text, struct setting *settings, struct buf *ret,
    struct err *err)
{
	struct buf next = BUF_INIT(LIMIT_CONF_BYTES);
	int rc = buf_puts(ret, text, err);

	for (size_t i = 0; rc == 0 && i < SETTINGS; i++) {
		if (settings[i].to == NULL)
			continue;
		buf_reset(&next);
		rc = put_text(buf_text(ret), &settings[i], &next, err);
		settings[i].put = rc == 0 && next.len > 0;
		if (!settings[i].put)
			continue;
		buf_reset(ret);
		rc = buf_puts(ret, buf_text(&next), err);
	}
	buf_free(&next);
	return rc;
}

static bool
any_put(const struct setting *settings)
{
	bool any = false;

	for (size_t i = 0; i < SETTINGS; i++)
		any |= settings[i].put;
	return any;
}

/* It is read, whatever is in it, and has what was put in. */
static bool
is_well(const char *path, const struct setting *settings)
{
	struct err ignored = ERR_INIT;
	struct conf *conf = NULL;
	bool well = true;

	if (conf_load(path, &conf, &ignored) < 0)
		return false;
	for (size_t i = 0; i < SETTINGS; i++)
		well &= !settings[i].put ||
		    settings[i].is_well(conf, settings[i].to);
	conf_free(conf);
	return well;
}

/* `*ret_done`: it is changed, or would be. */
static int
change(struct init *init, struct setting *settings, bool *ret_done,
    struct err *err)
{
	struct buf made = BUF_INIT(LIMIT_CONF_BYTES);
	struct init_file file;
	int rc;

	init_file_name(&file, init->conf->path);
	rc = init_file_open(&file, err);
	if (rc == 0)
		rc = put_all(buf_text(&file.text), settings, &made, err);
	if (rc < 0 || !any_put(settings))
		goto out;
	/* It is not staged, so that nothing is written, and nobody reads it. */
	if (init->dry_run) {
		init_say(init, "change", file.real);
		*ret_done = true;
		goto out;
	}
	rc = init_file_stage(&file, &made, err);
	*ret_done = rc == 0 && is_well(file.staged, settings);
	if (*ret_done)
		rc = init_file_replace(init, &file, err);
out:
	init_file_close(&file);
	buf_free(&made);
	return rc;
}

/* Of a run that was ended before it came here: who wrote the line said so. */
static void
say_reload(const struct init *init, const char *to)
{
	char how[SERVICE_RELOAD_BYTES];

	if (!init->dry_run && !init->written && !init_exists(to))
		(void)printf("next: reload HAProxy (%s): until then it has not "
			     "the socket %s\n",
		    service_reload(init->conf, how, sizeof(how)), to);
}

int
init_conf(
    struct init *init, const struct refit *refit, bool write, struct err *err)
{
	const char *path = init->conf->path;
	struct setting settings[SETTINGS] = {
	    [SOCKETS] = {"sockets = [ ", " ];", refit->socket_from,
		refit->socket_to, has_socket, false},
	    [BUNDLE_DIR] = {"bundle_dir = ", ";",
		init->conf->haproxy.bundle_dir, refit->dir_to, has_dir, false},
	};
	bool done = false;
	int rc = 0;

	if (refit->socket_to == NULL && refit->dir_to == NULL)
		return 0;
	if (write && path != NULL)
		rc = change(init, settings, &done, err);
	if (rc == 0 && done && settings[SOCKETS].put && refit->socket_there)
		say_reload(init, refit->socket_to);
	if (rc < 0)
		return rc;
	/* That it is there already, a note of refit_find() has said. */
	if (refit->socket_to != NULL && !refit->socket_there &&
	    !(done && settings[SOCKETS].put)) {
		init->open++;
		log_say(LOG_LEVEL_WARN,
		    "%s: with that line in haproxy.cfg, haproxy.sockets is to "
		    "name its socket: haproxy: { sockets = [ \"%s\" ]; };",
		    path != NULL ? path : CONF_DEFAULT_PATH, refit->socket_to);
	}
	if (refit->dir_to == NULL)
		return 0;
	/* A note of refit_find() has said so. */
	if (done && settings[BUNDLE_DIR].put)
		return buf_printf(&init->next, err,
		    "next: run init again, now that haproxy.bundle_dir is %s\n",
		    refit->dir_to);
	if (write) {
		init->open++;
		log_say(LOG_LEVEL_WARN,
		    "%s could not be changed: put it in yourself: haproxy: { "
		    "bundle_dir = \"%s\"; };",
		    path != NULL ? path : CONF_DEFAULT_PATH, refit->dir_to);
	}
	return 0;
}
