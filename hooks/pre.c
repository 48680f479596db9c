/*
 * pre.c: what would make a renewal pointless, said before the CA is asked.
 * certbot goes on whatever a pre hook says, so this warns; its exit status is
 * for people and monitors.
 */
#include "hooks/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/lock.h"
#include "base/log.h"
#include "cert/lineage.h"
#include "haproxy/discovery.h"
#include "haproxy/environment.h"
#include "haproxy/process.h"
#include "haproxy/reload.h"
#include "hooks/report.h"

static const char doing[] = "checking before a renewal";

static int
check_writable(const char *path, struct err *err)
{
	if (access(path, R_OK | W_OK | X_OK) == 0)
		return 0;
	return err_sys(err, doing, path, "access");
}

static int
check_bundle_dir(const struct conf *conf, struct err *err)
{
	int rc = fs_check_dir(conf->haproxy.bundle_dir, err);

	return rc < 0 ? rc : check_writable(conf->haproxy.bundle_dir, err);
}

/* A state directory that is not there yet is made by the first deploy. */
static int
check_state_dir(const struct conf *conf, struct err *err)
{
	if (access(conf->state_dir, F_OK) != 0)
		return 0;
	return check_writable(conf->state_dir, err);
}

static int
check_space(const struct conf *conf, struct err *err)
{
	const char *const paths[] = {conf->haproxy.bundle_dir, conf->state_dir};
	unsigned long long bytes = 0;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < COUNT_OF(paths); i++) {
		if (access(paths[i], F_OK) != 0)
			continue;
		rc = fs_free_bytes(paths[i], &bytes, err);
		if (rc == 0 && bytes < LIMIT_FREE_LEAST_BYTES)
			rc = err_set(err, ERR_LIMIT, doing, paths[i],
			    "only %llu bytes are free; a renewal could not "
			    "be stored",
			    bytes);
	}
	return rc;
}

static int
check_lock(const struct conf *conf, struct err *err)
{
	return lock_probe(conf->lock_file, err);
}

static int
check_socket(const char *path, struct err *err)
{
	struct process process;
	int rc = process_probe(path, &process, err);

	return rc < 0 ? rc : process_check_level(&process, err);
}

static int
check_sockets(const struct conf *conf, struct err *err)
{
	int rc = 0;

	if (conf->haproxy.update == CONF_UPDATE_NONE)
		return 0;
	for (size_t i = 0; rc == 0 && i < conf->haproxy.sockets.count; i++)
		rc = check_socket(conf->haproxy.sockets.items[i], err);
	return rc;
}

/* Is there a bind line for the bundle of `name`? */
static int
is_loaded(const struct discovery *discovery, const char *name, bool *ret,
    struct err *err)
{
	struct discovery_stores *stores = calloc(1, sizeof(*stores));
	char file_name[NAME_MAX + 1];
	int rc;

	if (stores == NULL)
		return err_nomem(err, doing);
	(void)snprintf(file_name, sizeof(file_name), "%s.pem", name);
	rc = discovery_stores(discovery, file_name, stores, err);
	if (rc == 0)
		*ret = stores->count > 0;
	free(stores);
	return rc;
}

/*
 * Does some bind line load what we install: any new bundle, or at least those
 * of the lineages that there are?
 */
static int
check_loaded(const struct conf *conf, struct err *err)
{
	struct discovery *discovery = NULL;
	struct err ignored = ERR_INIT;
	char **names = NULL;
	size_t count = 0;
	bool loaded = false;
	int rc;

	if (conf->haproxy.update == CONF_UPDATE_NONE)
		return 0;
	rc = discovery_load(conf->haproxy.config.items,
	    conf->haproxy.config.count, conf->haproxy.environment,
	    conf->haproxy.bundle_dir, conf->haproxy.crt_list, &discovery, err);
	if (rc == 0)
		rc = is_loaded(discovery, "example", &loaded, err);
	if (rc == 0 &&
	    lineage_list(
		conf->letsencrypt.config_dir, &names, &count, &ignored) < 0)
		count = 0;
	for (size_t i = 0; rc == 0 && !loaded && i < count; i++)
		rc = is_loaded(discovery, names[i], &loaded, err);
	if (rc == 0 && !loaded)
		rc =
		    err_set(err, ERR_CONF, doing, conf->haproxy.config.items[0],
			"no bind line loads %s; add \"crt %s/\" to one",
			conf->haproxy.bundle_dir, conf->haproxy.bundle_dir);
	lineage_names_free(names, count);
	discovery_free(discovery);
	return rc;
}

/* Where only a reload brings a bundle in, there must be a way to reload. */
static int
check_reload(const struct conf *conf, struct err *err)
{
	return conf->haproxy.update == CONF_UPDATE_RELOAD
	    ? reload_is_possible(conf, err)
	    : 0;
}

static int
check_configuration(const struct conf *conf, struct err *err)
{
	if (conf->haproxy.update == CONF_UPDATE_NONE)
		return 0;
	return reload_check(conf, err);
}

struct check {
	const char *name;
	int (*run)(const struct conf *conf, struct err *err);
};

static const struct check checks[] = {
    {"bundle directory", check_bundle_dir},
    {"state directory", check_state_dir},
    {"disk space", check_space},
    {"lock", check_lock},
    {"sockets", check_sockets},
    {"certificates in the configuration", check_loaded},
    {"environment", environment_compare},
    {"reload", check_reload},
    {"configuration", check_configuration},
};

int
command_pre(const struct conf *conf, const struct event *event, int *ret_status,
    struct err *err)
{
	size_t bad = 0;

	(void)err;
	for (size_t i = 0; i < COUNT_OF(checks); i++) {
		struct err why = ERR_INIT;

		if (checks[i].run(conf, &why) == 0) {
			if (event->verbose)
				report_say("%s: good", checks[i].name);
			continue;
		}
		log_err(LOG_LEVEL_WARN, "", &why);
		bad++;
	}
	*ret_status = bad == 0 ? REPORT_EXIT_DONE : REPORT_EXIT_FAILED;
	return 0;
}
