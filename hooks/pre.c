/*
 * pre.c: what would make a renewal pointless, said before the CA is asked.
 * certbot goes on whatever a pre hook says, so this warns; its exit status is
 * for people and monitors, and for `certhaul request`.
 */
#include "hooks/command.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/log.h"
#include "cert/lineage.h"
#include "haproxy/reload.h"
#include "hooks/report.h"
#include "hooks/site.h"

static const char doing[] = "checking before a renewal";

/* What is not there, not even as a link, is told or made by who needs it. */
static int
check_writable(const char *path, struct err *err)
{
	struct stat st;

	if (access(path, R_OK | W_OK | X_OK) == 0 ||
	    (lstat(path, &st) != 0 && errno == ENOENT))
		return 0;
	return err_sys(err, doing, path, "access");
}

static int
check_bundle_dir(const struct site *site, struct err *err)
{
	return check_writable(site->conf->haproxy.bundle_dir, err);
}

static int
check_state_dir(const struct site *site, struct err *err)
{
	return check_writable(site->conf->state_dir, err);
}

static int
check_space(const struct site *site, struct err *err)
{
	const struct conf *conf = site->conf;
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
check_sockets(const struct site *site, struct err *err)
{
	*err = site->down;
	return err->code;
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
check_loaded(const struct site *site, struct err *err)
{
	const struct conf *conf = site->conf;
	struct err ignored = ERR_INIT;
	char **names = NULL;
	size_t count = 0;
	bool loaded = false;
	int rc;

	rc = is_loaded(site->discovery, "example", &loaded, err);
	if (rc == 0 &&
	    lineage_list(
		conf->letsencrypt.config_dir, &names, &count, &ignored) < 0)
		count = 0;
	for (size_t i = 0; rc == 0 && !loaded && i < count; i++)
		rc = is_loaded(site->discovery, names[i], &loaded, err);
	if (rc == 0 && !loaded)
		rc =
		    err_set(err, ERR_CONF, doing, conf->haproxy.config.items[0],
			"no bind line loads %s; add \"crt %s/\" to one",
			conf->haproxy.bundle_dir, conf->haproxy.bundle_dir);
	lineage_names_free(names, count);
	return rc;
}

/* Where only a reload brings a bundle in, there must be a way to reload. */
static int
check_reload(const struct site *site, struct err *err)
{
	return reload_is_possible(site->conf, err);
}

static int
check_configuration(const struct site *site, struct err *err)
{
	return reload_check(site->conf, err);
}

struct check {
	const char *name;
	int (*run)(const struct site *site, struct err *err);
	bool vital; /* no deploy could begin */
	bool (*is_done)(const struct site *site); /* else there was nothing to
	    look at, or no way to; NULL: always */
};

static bool
is_asked(const struct site *site)
{
	return site->looked && site->process_count > 0;
}

static bool
is_read(const struct site *site)
{
	return site->discovery != NULL;
}

static bool
is_reloaded(const struct site *site)
{
	return site->conf->haproxy.update == CONF_UPDATE_RELOAD;
}

static bool
is_used(const struct site *site)
{
	return site->conf->haproxy.update != CONF_UPDATE_NONE;
}

static const struct check checks[] = {
    {"bundle directory", check_bundle_dir, true, NULL},
    {"state directory", check_state_dir, true, NULL},
    {"disk space", check_space, false, NULL},
    {"sockets", check_sockets, false, is_asked},
    {"certificates in the configuration", check_loaded, false, is_read},
    {"reload", check_reload, false, is_reloaded},
    {"configuration", check_configuration, false, is_used},
};

static void
run_checks(const struct site *site, bool verbose, int *status)
{
	for (size_t i = 0; i < COUNT_OF(checks); i++) {
		struct err why = ERR_INIT;

		if (checks[i].is_done != NULL && !checks[i].is_done(site)) {
			if (verbose)
				report_say("%s: not looked at", checks[i].name);
			continue;
		}
		if (checks[i].run(site, &why) == 0) {
			if (verbose)
				report_say("%s: good", checks[i].name);
			continue;
		}
		log_err(LOG_LEVEL_WARN, "", &why);
		if (checks[i].vital)
			*status = REPORT_EXIT_REFUSED;
		else if (*status == REPORT_EXIT_DONE)
			*status = REPORT_EXIT_FAILED;
	}
}

/* What a deploy begins with, first: where that fails, so will the deploy. */
int
command_pre(const struct conf *conf, const struct event *event, int *ret_status,
    struct err *err)
{
	struct err why = ERR_INIT;
	struct conf now = *conf;
	struct site site;
	int rc;

	(void)err;
	now.lock_wait_ms = 0;
	*ret_status = REPORT_EXIT_DONE;
	rc = site_open(&now, true, false, &site, &why);
	if (rc < 0) {
		log_err(LOG_LEVEL_WARN, "", &why);
		*ret_status =
		    rc == ERR_LOCKED ? REPORT_EXIT_FAILED : REPORT_EXIT_REFUSED;
	}
	/* What kept it from being opened need not keep HAProxy silent, too. */
	if (rc < 0 && site.process_count == 0 && is_used(&site) &&
	    site_look(&site, &why) < 0) {
		log_err(LOG_LEVEL_WARN, "", &why);
		*ret_status = REPORT_EXIT_REFUSED;
	}
	run_checks(&site, event->verbose, ret_status);
	site_close(&site);
	return 0;
}
