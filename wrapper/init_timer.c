/*
 * init_timer.c: who renews twice a day: systemd's timer, which `make install`
 * has put in place, or where there is no systemd a file for cron.
 */
#include "wrapper/init.h"

#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/proc.h"
#include "base/text.h"
#include "wrapper/walls.h"

static const char unit[] = "certhaul.timer";

enum { SYSTEMCTL_MS = 30 * 1000 };

static int
systemctl(const char *verb, const char *option, struct proc_result *result,
    struct err *err)
{
	const char *const argv[] = {"systemctl", verb,
	    option == NULL ? unit : option, option == NULL ? NULL : unit, NULL};

	return proc_run(argv, SYSTEMCTL_MS, result, err);
}

enum state { ENABLED, STATIC, TO_ENABLE, MASKED, ABSENT };

/* By what is-enabled says; not its status, which tells less (systemctl(1)). */
static const struct {
	const char *word;
	enum state state;
} words[] = {
    {"enabled", ENABLED},
    {"static", STATIC}, /* without [Install], which ours has */
    {"alias", ENABLED},
    {"generated", ENABLED},
    {"disabled", TO_ENABLE},
    {"enabled-runtime", TO_ENABLE}, /* it would be gone after a boot */
    {"linked", TO_ENABLE},
    {"linked-runtime", TO_ENABLE},
    {"indirect", TO_ENABLE},
    {"masked", MASKED},
    {"masked-runtime", MASKED},
    {"not-found", ABSENT},
};

static bool
take_state(const char *text, enum state *ret)
{
	for (size_t i = 0; i < COUNT_OF(words); i++) {
		if (strcmp(text, words[i].word) == 0) {
			*ret = words[i].state;
			return true;
		}
	}
	/* systemd before 253. */
	*ret = ABSENT;
	return strstr(text, "No such file or directory") != NULL;
}

static int
ask_state(enum state *ret, struct err *err)
{
	struct proc_result result;
	const char *text;
	int rc;

	rc = systemctl("is-enabled", NULL, &result, err);
	if (rc == 0 && result.output.data != NULL)
		text_clean(result.output.data);
	text = buf_text(&result.output);
	if (rc == 0 && !take_state(text, ret))
		rc = err_set(err, ERR_CHILD, INIT_DOING, unit,
		    "systemctl is-enabled ended with status %d: %.500s "
		    "(--cron-dir takes cron instead)",
		    result.exit_status, text);
	proc_result_free(&result);
	if (rc == 0 && *ret == MASKED)
		rc = err_set(err, ERR_CHILD, INIT_DOING, unit,
		    "it is masked, so nothing starts it: systemctl unmask %s, "
		    "then certhaul init; or --cron-dir takes cron instead",
		    unit);
	else if (rc == 0 && *ret == ABSENT)
		rc = err_set(err, ERR_CHILD, INIT_DOING, unit,
		    "systemd does not have it: make install puts it in place "
		    "(--with-systemdsystemunitdir); --cron-dir takes cron "
		    "instead");
	return rc;
}

static int
enable(struct err *err)
{
	struct proc_result result;
	int rc;

	rc = systemctl("enable", "--now", &result, err);
	if (rc == 0 && result.exit_status != 0)
		rc = err_set(err, ERR_CHILD, INIT_DOING, unit,
		    "systemctl enable --now: %.500s (--cron-dir takes cron "
		    "instead)",
		    buf_text(&result.output));
	proc_result_free(&result);
	return rc;
}

/* Does any unit have it started? False where systemd says that none does. */
static bool
is_wanted(void)
{
	struct proc_result result;
	struct err ignored = ERR_INIT;
	const char *at;
	bool wanted;

	wanted = systemctl("show", "--property=WantedBy,RequiredBy,UpheldBy",
		     &result, &ignored) < 0 ||
	    result.exit_status != 0;
	for (at = strchr(buf_text(&result.output), '='); at != NULL && !wanted;
	     at = strchr(at + 1, '='))
		wanted = at[1] != '\n' && at[1] != '\0';
	proc_result_free(&result);
	return wanted;
}

/* A distribution may have one that is wanted all the same. */
static void
tell_static(struct init *init)
{
	if (is_wanted())
		return;
	init->open++;
	log_say(LOG_LEVEL_WARN,
	    "%s is static, and no unit wants it: it does not come back after a "
	    "boot: give its file, which somebody has changed, `[Install]` and "
	    "`WantedBy=timers.target` again (systemctl edit --full %s), then "
	    "run certhaul init again",
	    unit, unit);
}

static int
need_timer(struct init *init, struct err *err)
{
	struct proc_result result;
	enum state state = TO_ENABLE;
	bool active = false;
	int rc;

	rc = ask_state(&state, err);
	if (rc == 0) {
		rc = systemctl("is-active", "--quiet", &result, err);
		active = rc == 0 && result.exit_status == 0;
		proc_result_free(&result);
	}
	if (rc == 0 && state == STATIC)
		tell_static(init);
	if (rc < 0 || (state != TO_ENABLE && active))
		return rc;
	init_say(init, "enable and start", unit);
	if (init_other_conf(init) != NULL)
		log_say(LOG_LEVEL_WARN,
		    "%s reads " CONF_DEFAULT_PATH ", not %s: systemctl edit "
		    "certhaul.service, [Service] Environment=" CONF_ENV "=%s",
		    unit, init->conf->path, init->conf->path);
	return init->dry_run ? 0 : enable(err);
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
