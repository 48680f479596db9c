/*
 * site.c: opens what a run works on, and closes it.
 */
#include "hooks/site.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "haproxy/crtlist.h"
#include "haproxy/environment.h"
#include "haproxy/reload.h"
#include "hooks/sides.h"
#include "hooks/unlisted.h"

static const char doing[] = "looking at HAProxy";

/*
 * For a while after a reload both workers accept connections. All the waiting
 * of a run for that is bounded, so that many real mismatches do not add up.
 */
enum { SITE_PATIENCE_MS = 3000 };

static void
forget_lists(struct site_process *process)
{
	for (size_t i = 0; process->dumps != NULL && process->lists[i] != NULL;
	     i++)
		crtlist_dump_free(&process->dumps[i]);
	free(process->dumps);
	process->dumps = NULL;
	crtlist_names_free(process->lists);
	process->lists = NULL;
}

static int
look_at(
    const char *path, bool look_only, struct site_process *ret, struct err *err)
{
	int rc;

	rc = look_only ? process_probe_soon(path, &ret->process, err)
		       : process_probe(path, &ret->process, err);
	if (rc < 0)
		return rc;
	process_learn_bufsize(&ret->process);
	rc = crtlist_names(&ret->process, &ret->lists, err);
	ret->low = rc == ERR_PERM;
	return rc;
}

/* Is the worker behind socket `p` one behind another, that is up? */
static bool
is_twin(const struct site *site, size_t p)
{
	for (size_t i = 0; i < site->process_count; i++) {
		if (i != p && site->processes[i].up &&
		    process_is_same(&site->processes[i].process,
			&site->processes[p].process))
			return true;
	}
	return false;
}

/* One more that does not answer; those before it are named behind it. */
static void
note_down(struct site *site, const struct err *why)
{
	struct err before = site->down;

	site->down = *why;
	if (before.code != 0)
		(void)err_set(&site->down, why->code, why->doing, why->on,
		    "%.250s; %.200s: %s", why->detail, before.on,
		    before.detail);
}

/*
 * A level that is too low is no matter where another socket leads to the same
 * worker. Else a reload does what it does not let us do, where that is the only
 * HAProxy: of several it may be another's. Those that are up are updated, and
 * this one counts as one that does not answer.
 */
static int
settle_low(struct site *site, const struct err *whys, struct err *err)
{
	size_t first = site->process_count;
	bool alone = site->up_count == 0;

	for (size_t p = site->process_count; p-- > 0;) {
		struct site_process *process = &site->processes[p];

		if (!process->low)
			continue;
		if (is_twin(site, p)) {
			process->twin = true;
			site->twin_count++;
			continue;
		}
		alone = alone &&
		    (first == site->process_count ||
			process_is_same(&process->process,
			    &site->processes[first].process));
		first = p;
	}
	if (first == site->process_count)
		return 0;
	if (alone && reload_stands_in(site->conf)) {
		site->low = whys[first];
		return 0;
	}
	if (site->up_count > 0) {
		note_down(site, &whys[first]);
		return 0;
	}
	*err = whys[first];
	return err->code;
}

int
site_look(struct site *site, struct err *err)
{
	const struct conf_list *sockets = &site->conf->haproxy.sockets;
	struct process found[LIMIT_SOCKETS];
	struct err whys[LIMIT_SOCKETS];
	int rc;

	site->process_count =
	    sockets->count < LIMIT_SOCKETS ? sockets->count : LIMIT_SOCKETS;
	site->up_count = site->twin_count = 0;
	site->looked = false;
	err_clear(&site->down);
	err_clear(&site->low);
	for (size_t i = 0; i < site->process_count; i++)
		site->processes[i].up = site->processes[i].low =
		    site->processes[i].twin = false;
	for (size_t i = 0; i < site->process_count; i++) {
		struct site_process *process = &site->processes[i];
		struct err *why = &whys[i];

		forget_lists(process);
		err_clear(why);
		rc = look_at(sockets->items[i], site->look_only, process, why);
		process->up = rc == 0 && !is_twin(site, i);
		if (rc == 0 && !process->up) {
			process->twin = true;
			site->twin_count++;
			continue;
		}
		if (process->low)
			continue;
		if (rc == ERR_DOWN || rc == ERR_TIMEOUT || rc == ERR_IO) {
			note_down(site, why);
			continue;
		}
		if (rc < 0) {
			*err = *why;
			return rc;
		}
		found[site->up_count++] = process->process;
	}
	rc = settle_low(site, whys, err);
	if (rc < 0)
		return rc;
	process_identity(
	    found, site->up_count, site->workers, sizeof(site->workers));
	site_find_gone(site);
	site->looked = true;
	return 0;
}

/* All that answered do, and are who they were. */
static bool
are_same(const struct site *site)
{
	struct process found[LIMIT_SOCKETS];
	char now[sizeof(site->workers)];
	struct err ignored = ERR_INIT;

	if (site->up_count + site->twin_count < site->process_count)
		return false;
	for (size_t p = 0; p < site->process_count; p++) {
		if (process_again(
			&site->processes[p].process, &found[p], &ignored) < 0)
			return false;
	}
	process_identity(found, site->process_count, now, sizeof(now));
	return process_identity_equal(site->workers, now);
}

int
site_moved(struct site *site, bool *ret, struct err *err)
{
	char before[sizeof(site->workers)];
	int rc;

	*ret = false;
	if (site->up_count == 0)
		return 0;
	memcpy(before, site->workers, sizeof(before));
	reload_settle(site->conf, &site->settle_ms);
	if (are_same(site))
		return 0;
	rc = site_look(site, err);
	if (rc == 0)
		*ret = site->up_count > 0 &&
		    !process_identity_equal(before, site->workers);
	return rc;
}

static int
open_disk(
    const struct conf *conf, bool look_only, struct site *site, struct err *err)
{
	struct install_policy policy = {
	    .bundle_dir = conf->haproxy.bundle_dir,
	    .generations = conf->haproxy.generations,
	};
	int rc;

	rc = fs_owner_resolve(conf->haproxy.bundle_owner,
	    conf->haproxy.bundle_group, conf->haproxy.bundle_mode,
	    &policy.owner, err);
	if (rc < 0)
		return err_set(err, rc, "haproxy.bundle_owner, _group, _mode",
		    conf->path, "%s: %s", err->on, err->detail);
	if (!look_only || access(conf->state_dir, F_OK) == 0)
		rc = record_store_open(conf->state_dir, &site->records, err);
	if (rc < 0)
		return rc;
	rc = fs_join(site->generations_dir, sizeof(site->generations_dir),
	    conf->state_dir, "generations", err);
	if (rc < 0)
		return rc;
	policy.generations_dir = site->generations_dir;
	policy.look_only = look_only;
	rc = install_open(&policy, &site->install, err);
	if (rc == ERR_NOENT)
		return err_set(err, ERR_NOENT, "opening the bundle directory",
		    conf->haproxy.bundle_dir,
		    "it is not there: install -d -m 700 %s (or certhaul "
		    "init), or set haproxy.bundle_dir",
		    conf->haproxy.bundle_dir);
	if (rc < 0)
		return rc;
	if (!look_only && (site->doubt || install_was_killed(site->install)))
		(void)install_sweep(site->install);
	/* Behind that: what was hidden is there again. */
	site->unlisted = unlisted_sweep(conf, look_only);
	return 0;
}

/*
 * haproxy.cfg, and the addresses that our own configuration gives: what is
 * wrong there is said before anything is written.
 */
static int
read_haproxy(const struct conf *conf, struct site *site, struct err *err)
{
	struct discovery_targets *targets = NULL;
	int rc;

	rc = discovery_load(conf->haproxy.config.items,
	    conf->haproxy.config.count, conf->haproxy.environment,
	    conf->haproxy.bundle_dir, conf->haproxy.crt_list, &site->discovery,
	    err);
	if (rc == ERR_NOENT)
		return err_set(err, ERR_CONF, "reading HAProxy's configuration",
		    err->on,
		    "%s (haproxy.config of certhaul.conf names the files)",
		    err->detail);
	if (rc < 0 || conf->verify.addresses.count == 0)
		return rc;
	targets = calloc(1, sizeof(*targets));
	if (targets == NULL)
		return err_nomem(err, doing);
	rc = discovery_targets(site->discovery, "example.pem",
	    conf->verify.addresses.items, conf->verify.addresses.count, targets,
	    err);
	free(targets);
	return rc;
}

int
site_reread(struct site *site, struct err *err)
{
	if (site->discovery == NULL)
		return 0;
	discovery_free(site->discovery);
	site->discovery = NULL;
	return read_haproxy(site->conf, site, err);
}

int
site_open(const struct conf *conf, bool look_only, bool all, struct site *ret,
    struct err *err)
{
	int rc;

	memset(ret, 0, sizeof(*ret));
	ret->conf = conf;
	ret->look_only = look_only;
	ret->doubt = all;
	ret->patience_ms = SITE_PATIENCE_MS;
	ret->settle_ms = LIMIT_SETTLE_MS;
	rc = lock_take(conf->lock_file, conf->lock_wait_ms, &ret->lock, err);
	if (rc < 0)
		return rc;
	if (conf->haproxy.update != CONF_UPDATE_NONE)
		rc = read_haproxy(conf, ret, err);
	/* Before anything is changed. */
	if (rc == 0)
		rc = environment_compare(conf, err);
	if (rc == 0)
		rc = open_disk(conf, look_only, ret, err);
	/* The lists have changed since they were read. */
	if (rc == 0 && ret->unlisted && !look_only)
		rc = site_reread(ret, err);
	if (rc == 0 && conf->haproxy.update != CONF_UPDATE_NONE)
		rc = agreed_open(conf, &ret->agreed, err);
	if (rc == 0 && conf->haproxy.update != CONF_UPDATE_NONE)
		rc = site_look(ret, err);
	if (rc == 0 && ret->low.code != 0)
		log_say(LOG_LEVEL_WARN,
		    "%s: %s; until then each update takes a reload",
		    ret->low.on, ret->low.detail);
	if (rc == 0 && ret->up_count == 0)
		(void)!environment_require(conf, &ret->unsure);
	return rc;
}

void
site_close(struct site *site)
{
	if (site->agreed != NULL && !site->look_only)
		agreed_keep(site->agreed, site);
	agreed_close(site->agreed);
	for (size_t i = 0; i < site->process_count; i++)
		forget_lists(&site->processes[i]);
	discovery_free(site->discovery);
	install_close(site->install);
	record_store_close(site->records);
	lock_release(site->lock);
	memset(site, 0, sizeof(*site));
}

int
site_record(
    struct site *site, const char *name, struct record *ret, struct err *err)
{
	if (site->records != NULL)
		return record_load(site->records, name, ret, err);
	memset(ret, 0, sizeof(*ret));
	(void)snprintf(
	    ret->lineage.name, sizeof(ret->lineage.name), "%s", name);
	return 0;
}

bool
site_names_bundle(const struct site *site, const char *name, const char *text)
{
	char path[LIMIT_PATH_BYTES];
	size_t len;
	int n;

	n = snprintf(path, sizeof(path), "%s/%s.pem",
	    site->conf->haproxy.bundle_dir, name);
	if (n < 0 || (size_t)n >= sizeof(path))
		return false;
	len = (size_t)n;
	while ((text = strstr(text, path)) != NULL) {
		text += len;
		/* NAME.pem.ocsp is its own, NAME.pem.old is a longer name. */
		text += sides_ending(text);
		if (!isalnum((unsigned char)*text) && *text != '.')
			return true;
	}
	return false;
}
