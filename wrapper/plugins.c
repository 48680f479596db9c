/*
 * plugins.c: asks certbot for its plugins: for check, and for request where
 * certbot did not know one.
 */
#include "wrapper/plugins.h"

#include <string.h>

bool
plugins_is_common(const char *plugin)
{
	static const char *const common[] = {"standalone", "webroot", "manual"};

	for (size_t i = 0; i < COUNT_OF(common); i++) {
		if (strcmp(plugin, common[i]) == 0)
			return true;
	}
	return false;
}

int
plugins_ask(const struct engine *engine, const struct conf *conf,
    struct proc_result *ret, struct err *err)
{
	const char *argv[] = {engine->path, "plugins", "--config-dir",
	    conf->letsencrypt.config_dir, "--work-dir",
	    conf->letsencrypt.work_dir, "--logs-dir",
	    conf->letsencrypt.logs_dir, NULL};
	int rc = proc_run(argv, LIMIT_VERSION_TIMEOUT_MS, ret, err);

	if (rc == 0 && (ret->exit_status != 0 || ret->cut))
		rc = err_set(err, ERR_CHILD, "asking for its plugins",
		    engine->path, "it exited with status %d", ret->exit_status);
	return rc;
}

bool
plugins_has(const char *told, const char *plugin)
{
	size_t len = strlen(plugin);

	for (; told != NULL; told = strchr(told + 1, '\n')) {
		const char *line = *told == '\n' ? told + 1 : told;

		if (strncmp(line, "* ", 2) == 0 &&
		    strncmp(line + 2, plugin, len) == 0 &&
		    (line[len + 2] == '\n' || line[len + 2] == '\0'))
			return true;
	}
	return false;
}
