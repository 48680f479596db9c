/*
 * init_conf.c: certhaul.conf, where haproxy.cfg gets a socket of certhaul's
 * own: haproxy.sockets has to name that in place of the other. Behind
 * init_write().
 */
#include "wrapper/init.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "wrapper/init_file.h"
#include "wrapper/refit.h"

/*
 * The text with `to` in place of `from`, where it names that once; or with
 * haproxy.sockets at its end. Where it is not so simple, `ret` stays empty.
 */
static int
put_text(const char *text, const char *from, const char *to, struct buf *ret,
    struct err *err)
{
	char quoted[LIMIT_PATH_BYTES + 2];
	const char *at;

	(void)snprintf(quoted, sizeof(quoted), "\"%s\"", from);
	at = strstr(text, quoted);
	if (at == NULL && strstr(text, "haproxy") == NULL)
		return buf_printf(ret, err,
		    "%s\nhaproxy: { sockets = [ \"%s\" ]; };\n", text, to);
	if (at == NULL || strstr(at + 1, quoted) != NULL)
		return 0;
	return buf_printf(ret, err, "%.*s\"%s\"%s", (int)(at - text), text, to,
	    at + strlen(quoted));
}

/* It is read, whatever is in it, and the socket is where it is to be. */
static bool
is_well(const char *path, const char *to)
{
	struct err ignored = ERR_INIT;
	struct conf *conf = NULL;
	bool found = false;

	if (conf_load(path, &conf, &ignored) < 0)
		return false;
	for (size_t i = 0; i < conf->haproxy.sockets.count; i++)
		found |= strcmp(conf->haproxy.sockets.items[i], to) == 0;
	conf_free(conf);
	return found;
}

/* `*ret_done`: it is changed, or would be. */
static int
change(struct init *init, const struct refit *refit, bool *ret_done,
    struct err *err)
{
	struct buf made = BUF_INIT(LIMIT_CONF_BYTES);
	struct init_file file;
	int rc;

	init_file_name(&file, init->conf->path);
	rc = init_file_open(&file, err);
	if (rc == 0)
		rc = put_text(buf_text(&file.text), refit->socket_from,
		    refit->socket_to, &made, err);
	if (rc == 0 && made.len > 0)
		rc = init_file_stage(&file, &made, err);
	*ret_done =
	    rc == 0 && made.len > 0 && is_well(file.staged, refit->socket_to);
	if (*ret_done && init->dry_run)
		init_say(init, "change", file.real);
	else if (*ret_done)
		rc = init_file_replace(init, &file, err);
	init_file_close(&file);
	buf_free(&made);
	return rc;
}

int
init_conf(
    struct init *init, const struct refit *refit, bool write, struct err *err)
{
	bool done = false;
	int rc = 0;

	if (refit->socket_to == NULL)
		return 0;
	if (write && init->conf->path != NULL)
		rc = change(init, refit, &done, err);
	if (rc < 0 || done)
		return rc;
	init->open++;
	log_say(LOG_LEVEL_WARN,
	    "%s: with that line in haproxy.cfg, haproxy.sockets is to name "
	    "its socket: haproxy: { sockets = [ \"%s\" ]; };",
	    init->conf->path != NULL ? init->conf->path : CONF_DEFAULT_PATH,
	    refit->socket_to);
	return 0;
}
