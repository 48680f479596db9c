/*
 * check_haproxy.c: what `certhaul check` asks HAProxy: would it start, does it
 * answer, and with the rights that an update needs.
 */
#include "wrapper/check.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "haproxy/environment.h"
#include "haproxy/reload.h"
#include "wrapper/means.h"
#include "wrapper/unread.h"

static const char none[] =
    "not asked: haproxy.update is \"none\" in certhaul.conf";

static bool
is_asked(struct check *check)
{
	if (check->conf->haproxy.update != CONF_UPDATE_NONE)
		return true;
	check_say(check, CHECK_HINT, "%s", none);
	return false;
}

void
check_haproxy_config(struct check *check)
{
	struct err why = ERR_INIT;

	if (!is_asked(check))
		return;
	/* HAProxy could say no more of it, and not what to do. */
	if (check->discovery_err.code == ERR_NOENT) {
		check_say(check, CHECK_BAD,
		    "%s is not there: install HAProxy, or have haproxy.config "
		    "in certhaul.conf name its configuration",
		    check->discovery_err.on);
		return;
	}
	if (reload_check(check->conf, &why) < 0)
		check_say_err(check, CHECK_BAD, &why);
	else
		check_say(check, CHECK_GOOD, "%s -c accepts it",
		    check->conf->haproxy.program);
	if (check->discovery_err.code != 0)
		check_say_err(check, CHECK_BAD, &check->discovery_err);
}

/* Of the variables that haproxy.cfg uses. */
void
check_environment(struct check *check)
{
	struct err why = ERR_INIT;
	int rc;

	if (!is_asked(check))
		return;
	/* What it would say is not waited for again. */
	rc = check_is_mute(check) ? 0 : environment_compare(check->conf, &why);
	if (rc == 0)
		rc = environment_require(check->conf, &why);
	if (rc < 0)
		check_say_err(check, CHECK_BAD, &why);
	else
		check_say(check, CHECK_GOOD,
		    "what haproxy.cfg takes from HAProxy's is not in doubt");
}

/* Who answers there, and whether a command of level admin is let through. */
static bool
check_socket(struct check *check, const char *path, struct process *ret)
{
	const struct conf_list *sockets = &check->conf->haproxy.sockets;
	struct err why = ERR_INIT;
	bool led = false;
	int rc;

	rc = process_probe_soon(path, ret, &why);
	if (rc == 0) {
		rc = process_check_level(ret, &why);
		led = rc == ERR_PERM &&
		    process_is_led(ret, sockets->items, sockets->count);
	}
	if (rc < 0 && !led) {
		check_say_err(check, CHECK_BAD, &why);
		return false;
	}
	check_say(check, CHECK_GOOD, "%s: HAProxy %d.%d.%d, %s%s", path,
	    ret->version[0], ret->version[1], ret->version[2],
	    led ? "which another socket has with level admin" : "level admin",
	    ret->peer.master ? ", through its master" : "");
	return true;
}

/* What HAProxy was started with must be what we read. */
static void
say_unread(void *context, const struct process *process, const char *path)
{
	bool gone = *path == '/' && means_is_missing(path);

	check_say(context, CHECK_BAD,
	    "HAProxy on %s was started with %s, which certhaul does not read%s"
	    ": have haproxy.config in certhaul.conf name all of its files",
	    process->peer.path, path,
	    gone ? ", and it is not there any more" : "");
}

static void
say_no_socket(struct check *check)
{
	static const char none_there[] = "none is configured (haproxy.sockets)";

	switch (check->conf->haproxy.update) {
	case CONF_UPDATE_RELOAD:
		check_say(check, CHECK_GOOD,
		    "none is asked: haproxy.update is \"reload\", and every "
		    "update is one");
		break;
	case CONF_UPDATE_RUNTIME:
		check_say(check, CHECK_BAD,
		    "%s, and haproxy.update is \"runtime\": no update comes "
		    "into HAProxy",
		    none_there);
		break;
	case CONF_UPDATE_AUTO:
	case CONF_UPDATE_NONE:
		check_say(check, CHECK_HINT, "%s: every update takes a reload",
		    none_there);
		break;
	}
}

void
check_sockets(struct check *check)
{
	const struct conf_list *sockets = &check->conf->haproxy.sockets;

	if (!is_asked(check))
		return;
	if (sockets->count == 0)
		say_no_socket(check);
	if (check_is_mute(check)) {
		check_say(check, CHECK_BAD,
		    "%s: HAProxy takes a question%s and gives no answer within "
		    "%d ms: it was stopped, hangs or is far too busy; look at "
		    "it (systemctl status haproxy), restart it if need be",
		    sockets->items[0],
		    sockets->count > 1 ? ", as on the other sockets," : "",
		    LIMIT_OBSERVE_MS);
		return;
	}
	for (size_t i = 0; i < sockets->count; i++) {
		struct process process;

		if (check_socket(check, sockets->items[i], &process))
			unread_each(check->conf, &process, say_unread, check);
	}
}

void
check_master(struct check *check)
{
	const struct conf *conf = check->conf;
	const char *path = conf->haproxy.master_socket;
	bool needed = conf->haproxy.reload_command.count == 0;
	struct buf reply = BUF_INIT(LIMIT_REPLY_BYTES);
	struct socket_peer peer = {.master = false};
	struct err why = ERR_INIT;
	int rc;

	if (!is_asked(check))
		return;
	if (*path == '\0' || access(path, F_OK) != 0) {
		check_say(check, needed ? CHECK_BAD : CHECK_HINT,
		    "%s: a reload goes by %s, which may not tell that it "
		    "failed; start HAProxy with -W -S %s",
		    *path == '\0' ? "none is configured" : path,
		    needed ? "nothing at all" : "reload_command",
		    *path == '\0' ? "SOCKET" : path);
		return;
	}
	if (snprintf(peer.path, sizeof(peer.path), "%s", path) < 0)
		peer.path[0] = '\0';
	rc = socket_ask(&peer, "show proc", LIMIT_OBSERVE_MS, &reply, &why);
	if (rc < 0)
		check_say_err(check, needed ? CHECK_BAD : CHECK_HINT, &why);
	else
		check_say(
		    check, CHECK_GOOD, "%s answers: reloads are checked", path);
	buf_free(&reply);
}
