/*
 * observe_haproxy.c: HAProxy itself, before its memory is looked at: what its
 * configuration says, and which sockets answer.
 */
#include "wrapper/observe_private.h"

#include <stdio.h>
#include <string.h>

#include "haproxy/crtlist.h"
#include "haproxy/reload.h"

static void
open_process(const char *path, struct observe_process *ret)
{
	struct err why = ERR_INIT;
	int rc;

	ret->path = path;
	rc = process_probe_soon(path, &ret->process, &why);
	ret->mute = rc == ERR_TIMEOUT;
	if (rc == 0) {
		rc = crtlist_names(&ret->process, &ret->lists, &why);
		ret->low = rc == ERR_PERM;
	}
	ret->up = rc == 0;
	if (rc < 0)
		observe_why(&why, ret->why, sizeof(ret->why));
}

/* A low level is no matter where another socket leads to the same worker. */
static bool
is_twin(const struct observe_site *site, size_t p)
{
	const struct observe_process *low = &site->processes[p];

	for (size_t i = 0; low->low && i < site->process_count; i++) {
		if (site->processes[i].up &&
		    process_is_same(&site->processes[i].process, &low->process))
			return true;
	}
	return false;
}

void
observe_open_haproxy(struct observe_site *site, bool live)
{
	const struct conf *conf = site->conf;
	const struct conf_list *sockets = &conf->haproxy.sockets;
	struct process up[LIMIT_SOCKETS];
	struct err why = ERR_INIT;

	site->untold = conf->haproxy.update == CONF_UPDATE_NONE;
	if ((live || !site->untold) &&
	    discovery_load(conf->haproxy.config.items,
		conf->haproxy.config.count, conf->haproxy.environment,
		conf->haproxy.bundle_dir, conf->haproxy.crt_list,
		&site->discovery, &why) < 0)
		observe_why(
		    &why, site->discovery_why, sizeof(site->discovery_why));
	if (site->untold)
		return;
	site->process_count =
	    sockets->count < LIMIT_SOCKETS ? sockets->count : LIMIT_SOCKETS;
	for (size_t i = 0; i < site->process_count; i++) {
		struct observe_process *process = &site->processes[i];

		open_process(sockets->items[i], process);
		if (process->up)
			up[site->up_count++] = process->process;
	}
	for (size_t i = 0; i < site->process_count; i++)
		site->twin_count += is_twin(site, i);
	process_identity(
	    up, site->up_count, site->workers, sizeof(site->workers));
}

void
observe_tell_haproxy(
    const struct observe_site *site, struct observe_haproxy *ret)
{
	ret->needed = !site->untold;
	ret->sockets = site->process_count;
	for (size_t i = 0; i < site->process_count; i++)
		ret->mute += site->processes[i].mute;
	ret->up = site->up_count > 0 ? site->up_count + site->twin_count : 0;
	for (size_t i = site->process_count; i-- > 0;) {
		const struct observe_process *process = &site->processes[i];
		const int *version = process->process.version;

		if (process->up) {
			(void)snprintf(ret->version, sizeof(ret->version),
			    "%d.%d.%d", version[0], version[1], version[2]);
		} else if (!is_twin(site, i)) {
			memcpy(ret->why, process->why, sizeof(ret->why));
			ret->low +=
			    process->low && reload_stands_in(site->conf);
		}
	}
}
