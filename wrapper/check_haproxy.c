/*
 * check_haproxy.c: what `certhaul check` asks HAProxy: would it start, does it
 * answer, and with the rights that an update needs.
 */
#include "wrapper/check.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "haproxy/crtlist.h"
#include "haproxy/reload.h"

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
	if (reload_check(check->conf, &why) < 0)
		check_say_err(check, CHECK_BAD, &why);
	else
		check_say(check, CHECK_GOOD, "%s -c accepts it",
		    check->conf->haproxy.program);
	if (check->discovery_err.code != 0)
		check_say_err(check, CHECK_BAD, &check->discovery_err);
}

/* Who answers there, and whether a command of level admin is let through. */
static void
check_socket(struct check *check, const char *path)
{
	struct err why = ERR_INIT;
	struct process process;
	char **lists = NULL;
	int rc;

	rc = process_probe(path, &process, &why);
	if (rc == 0)
		rc = crtlist_names(&process, &lists, &why);
	crtlist_names_free(lists);
	if (rc < 0) {
		check_say_err(check, CHECK_BAD, &why);
		return;
	}
	check_say(check, CHECK_GOOD, "%s: HAProxy %d.%d.%d, level admin%s",
	    path, process.version[0], process.version[1], process.version[2],
	    process.peer.master ? ", through its master" : "");
}

/* Is `path` the same file as `other`, or in it, where that is a directory? */
static bool
is_within(const char *path, const char *other)
{
	size_t len = strlen(other);
	struct stat a, b;

	if (strncmp(path, other, len) == 0 &&
	    (path[len] == '/' || (len > 0 && other[len - 1] == '/')))
		return true;
	return stat(path, &a) == 0 && stat(other, &b) == 0 &&
	    a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* What we read in haproxy.config must be what HAProxy was started with. */
static void
check_files(struct check *check, const char *path)
{
	const struct conf_list *ours = &check->conf->haproxy.config;
	char files[LIMIT_PATH_BYTES], one[LIMIT_PATH_BYTES];
	struct err ignored = ERR_INIT;
	struct process process;
	bool within = false;

	if (process_probe(path, &process, &ignored) < 0 ||
	    process_files(&process, files, sizeof(files), &ignored) < 0 ||
	    files[0] == '\0')
		return;
	for (const char *at = files; *at != '\0'; at += *at == ';') {
		size_t len = strcspn(at, ";");

		(void)snprintf(one, sizeof(one), "%.*s", (int)len, at);
		/* A relative one is relative to where HAProxy was started. */
		for (size_t i = 0; i < ours->count && *one != '\0'; i++)
			within |= *one != '/' || is_within(one, ours->items[i]);
		at += len;
	}
	if (!within)
		check_say(check, CHECK_BAD,
		    "HAProxy on %s was started with %s, and certhaul reads "
		    "another file: set haproxy.config in certhaul.conf",
		    path, files);
}

void
check_sockets(struct check *check)
{
	const struct conf_list *sockets = &check->conf->haproxy.sockets;

	if (!is_asked(check))
		return;
	if (sockets->count == 0)
		check_say(check, CHECK_BAD,
		    "none is configured (haproxy.sockets): every update takes "
		    "a reload");
	for (size_t i = 0; i < sockets->count; i++) {
		check_socket(check, sockets->items[i]);
		check_files(check, sockets->items[i]);
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
	rc = socket_ask(&peer, "show proc", LIMIT_CLI_TIMEOUT_MS, &reply, &why);
	if (rc < 0)
		check_say_err(check, needed ? CHECK_BAD : CHECK_HINT, &why);
	else
		check_say(
		    check, CHECK_GOOD, "%s answers: reloads are checked", path);
	buf_free(&reply);
}
