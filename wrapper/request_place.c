/*
 * request_place.c: what must be there to deploy into, before a certificate is
 * asked for: the CA's limits count one that nobody can install.
 */
#include "wrapper/request.h"

#include <sys/stat.h>

#include "base/log.h"
#include "haproxy/process.h"
#include "haproxy/reload.h"
#include "wrapper/child.h"

static int
check_dir(const struct conf *conf, struct err *err)
{
	const char *dir = conf->haproxy.bundle_dir;
	struct stat st;

	if (stat(dir, &st) == 0 && S_ISDIR(st.st_mode))
		return 0;
	return err_set(err, ERR_NOENT, REQUEST_DOING, dir,
	    "there is no such directory to put the bundle into "
	    "(haproxy.bundle_dir): `certhaul init` makes it");
}

/* Does another socket lead to the same worker, and has the level? */
static bool
has_other_way(const struct conf *conf, const struct process *low)
{
	const struct conf_list *sockets = &conf->haproxy.sockets;

	for (size_t i = 0; i < sockets->count; i++) {
		struct err ignored = ERR_INIT;
		struct process other;

		if (process_probe(sockets->items[i], &other, &ignored) == 0 &&
		    process_is_same(&other, low) &&
		    process_check_level(&other, &ignored) == 0)
			return true;
	}
	return false;
}

/* One that does not answer is no hindrance: HAProxy may not run yet. */
static int
check_socket(const struct conf *conf, const char *path, struct err *err)
{
	struct err why = ERR_INIT;
	struct process process;

	if (process_probe(path, &process, &why) < 0 ||
	    process_check_level(&process, &why) != ERR_PERM ||
	    has_other_way(conf, &process))
		return 0;
	if (!reload_stands_in(conf))
		return err_set(err, ERR_PERM, REQUEST_DOING, path,
		    "%.700s; what is issued could not be deployed, and the CA "
		    "was not asked",
		    why.detail);
	log_say(LOG_LEVEL_WARN, "%s: %s; the deploy will take a reload", path,
	    why.detail);
	return 0;
}

int
request_place(const struct request *request, struct err *err)
{
	const struct conf *conf = request->conf;
	const struct conf_list *sockets = &conf->haproxy.sockets;
	char hook[LIMIT_PATH_BYTES];
	int rc;

	if (request->wanted.dry_run)
		return 0;
	rc = check_dir(conf, err);
	if (rc == 0)
		rc = child_hook_path(hook, sizeof(hook), err);
	if (rc < 0 || conf->haproxy.update == CONF_UPDATE_NONE)
		return rc;
	for (size_t i = 0; rc == 0 && i < sockets->count; i++)
		rc = check_socket(conf, sockets->items[i], err);
	return rc;
}
