/*
 * init_timer.c: who renews twice a day: systemd's timer, which `make install`
 * has put in place, or where there is no systemd a file for cron.
 */
#include "wrapper/init.h"

#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/proc.h"
#include "wrapper/walls.h"

static const char unit[] = "certhaul.timer";

enum { SYSTEMCTL_MS = 30 * 1000 };

static int
systemctl(const char *verb, const char *option, bool *ret_well,
    struct proc_result *result, struct err *err)
{
	const char *const argv[] = {"systemctl", verb, option, unit, NULL};
	int rc;

	rc = proc_run(argv, SYSTEMCTL_MS, result, err);
	*ret_well = rc == 0 && result->exit_status == 0;
	return rc;
}

static int
need_timer(struct init *init, struct err *err)
{
	struct proc_result result;
	bool enabled = false, active = false, well = false;
	int rc;

	rc = systemctl("is-enabled", "--quiet", &enabled, &result, err);
	proc_result_free(&result);
	if (rc == 0) {
		rc = systemctl("is-active", "--quiet", &active, &result, err);
		proc_result_free(&result);
	}
	if (rc < 0 || (enabled && active))
		return rc;
	init_say(init, "enable and start", unit);
	if (init_other_conf(init) != NULL)
		log_say(LOG_LEVEL_WARN,
		    "%s reads " CONF_DEFAULT_PATH ", not %s: systemctl edit "
		    "certhaul.service, [Service] Environment=" CONF_ENV "=%s",
		    unit, init->conf->path, init->conf->path);
	if (init->dry_run)
		return 0;
	rc = systemctl("enable", "--now", &well, &result, err);
	if (rc == 0 && !well)
		rc = err_set(err, ERR_CHILD, INIT_DOING, unit,
		    "systemctl enable --now: %.500s (make install puts the "
		    "unit in place; --cron-dir takes cron instead)",
		    buf_text(&result.output));
	proc_result_free(&result);
	return rc;
}

/* What it starts is to come to its files, as we do on this terminal. */
static void
say_wall(void *context, const char *text)
{
	struct init *init = context;

	init->open++;
	log_say(LOG_LEVEL_WARN, "%s", text);
}

int
init_timer(struct init *init, struct err *err)
{
	const char *dir = command_text(init->call, "cron-dir");
	bool systemd = access("/run/systemd/system", F_OK) == 0;
	struct err ignored = ERR_INIT;
	struct engine engine;

	if (dir == NULL && systemd) {
		if (engine_find(init->conf, &engine, &ignored) == 0)
			(void)walls_tell_snap(&engine, "", say_wall, init);
		(void)walls_tell(init->conf, "", say_wall, init);
		return need_timer(init, err);
	}
	/* The operator's word counts for more than the line's own look. */
	return init_cron(init, dir == NULL ? "/etc/cron.d" : dir, systemd, err);
}
