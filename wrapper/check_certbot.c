/*
 * check_certbot.c: what `certhaul check` finds about who issues and renews:
 * the engine, its hooks, and what starts it in the night.
 */
#include "wrapper/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "wrapper/certbot_hooks.h"
#include "wrapper/timers.h"
#include "wrapper/walls.h"

static const char *const kinds[] = {"pre", "deploy", "post"};
enum { KIND_DEPLOY = 1 };

/* What certbot of a version does not do by itself (contract "How a hook is
 * run"); the first row that is newer holds. */
static const struct {
	int major, minor;
	enum check_weight weight;
	const char *text;
} versions[] = {
    {2, 1, CHECK_HINT,
	"older than what certhaul is tested with (2.1); its certonly runs no "
	"directory hooks"},
    {3, 2, CHECK_GOOD,
	"its certonly runs no directory hooks: after a certonly by hand, "
	"\"certhaul deploy\" (\"certhaul request\" does that itself)"},
    {5, 3, CHECK_GOOD,
	"its certonly runs no deploy hook: after a certonly by hand, "
	"\"certhaul deploy\" (\"certhaul request\" does that itself)"},
};

static void
tell_version(struct check *check)
{
	struct err why = ERR_INIT;
	int version[3];

	if (engine_version(&check->engine, version, &why) < 0) {
		check_say_err(check, CHECK_BAD, &why);
		return;
	}
	for (size_t i = 0; i < COUNT_OF(versions); i++) {
		if (version[0] > versions[i].major ||
		    (version[0] == versions[i].major &&
			version[1] >= versions[i].minor))
			continue;
		check_say(check, versions[i].weight, "certbot %d.%d.%d: %s",
		    version[0], version[1], version[2], versions[i].text);
		return;
	}
	check_say(check, CHECK_GOOD,
	    "certbot %d.%d.%d runs directory hooks after every order",
	    version[0], version[1], version[2]);
}

void
check_engine(struct check *check)
{
	if (check->engine_err.code != 0) {
		check_say_err(check, CHECK_BAD, &check->engine_err);
		return;
	}
	check_say(check, CHECK_GOOD, "%s (%s)", check->engine.path,
	    check->engine.why);
	if (check->engine.kind == CONF_ENGINE_CERTBOT)
		tell_version(check);
}

/* One file of a hook directory: ours, one of its other copies, another's. */
enum hook_file { HOOK_FOREIGN, HOOK_OURS, HOOK_OTHER_COPY };

static enum hook_file
what_is(const struct check *check, const char *path)
{
	char *real = realpath(path, NULL), *ours = NULL;
	enum hook_file what = HOOK_FOREIGN;

	if (real != NULL && *check->hook != '\0')
		ours = realpath(check->hook, NULL);
	if (ours != NULL && strcmp(real, ours) == 0)
		what = HOOK_OURS;
	else if (certbot_hooks_is_ours(path))
		what = HOOK_OTHER_COPY;
	free(ours);
	free(real);
	return what;
}

/* What a look at a hook directory goes on with. */
struct look {
	struct check *check;
	size_t count;
};

static void
see_hook(const char *path, void *context)
{
	struct look *look = context;
	struct check *check = look->check;

	switch (what_is(check, path)) {
	case HOOK_FOREIGN:
		if (access(path, F_OK) != 0)
			check_say(check, CHECK_BAD,
			    "%s points at nothing: remove it", path);
		return;
	case HOOK_OTHER_COPY:
		check_say(check, CHECK_HINT,
		    "%s is another copy of certhaul-hook than %s", path,
		    *check->hook != '\0' ? check->hook : "ours");
		break;
	case HOOK_OURS: break;
	}
	if (access(path, X_OK) == 0)
		look->count++;
	else
		check_say(check, CHECK_BAD,
		    "%s cannot be executed, and certbot passes it over: chmod "
		    "755",
		    path);
}

void
check_hooks(struct check *check)
{
	size_t installed = 0;

	if (*check->hook == '\0')
		check_say(check, CHECK_BAD,
		    "certhaul-hook is neither beside certhaul nor in PATH");
	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		struct look look = {check, 0};

		(void)certbot_hooks_walk(
		    check->conf, kinds[i], see_hook, &look);
		installed += look.count > 0;
		if (look.count == 0)
			check_say(check,
			    i == KIND_DEPLOY ? CHECK_BAD : CHECK_HINT,
			    "none in %s/renewal-hooks/%s: \"certhaul init\" "
			    "links it there",
			    check->conf->letsencrypt.config_dir, kinds[i]);
	}
	if (installed == COUNT_OF(kinds))
		check_say(check, CHECK_GOOD,
		    "pre, deploy and post run certhaul-hook");
}

static void
see_other(const char *path, void *context)
{
	struct look *look = context;
	struct check *check = look->check;
	const char *named =
	    certbot_hooks_named(check->conf, check->discovery, path);

	if (named == NULL)
		return;
	check_say(check, CHECK_HINT, "%s names %s" CERTBOT_HOOKS_TAKE_OUT, path,
	    named);
	look->count++;
}

void
check_other_hooks(struct check *check)
{
	struct look look = {check, 0};

	for (size_t i = 0; i < COUNT_OF(kinds); i++)
		(void)certbot_hooks_walk(
		    check->conf, kinds[i], see_other, &look);
	if (look.count == 0)
		check_say(check, CHECK_GOOD,
		    "none that touches %s, or what haproxy.cfg loads",
		    check->conf->haproxy.bundle_dir);
}

static void
say_wall(void *context, const char *text)
{
	check_say(context, CHECK_BAD, "%s", text);
}

void
check_timers(struct check *check)
{
	const char *certbot = timers_find(check->root, TIMERS_CERTBOT);
	char noted[LIMIT_PATH_BYTES];
	const char *certhaul =
	    timers_find_own(check->root, check->conf, noted, sizeof(noted));

	if (certhaul != NULL &&
	    (!timers_is_unit(certhaul) ||
		walls_tell_snap(&check->engine, check->root, say_wall, check) +
			walls_tell(check->conf, check->root, say_wall, check) ==
		    0))
		check_say(check, CHECK_GOOD, "certhaul's: %s%s%s", certhaul,
		    certbot != NULL ? ", and certbot's own: " : "",
		    certbot != NULL ? certbot : "");
	else if (certhaul == NULL && certbot != NULL)
		check_say(check, CHECK_HINT,
		    "only certbot's: %s; a deploy that fails is then tried "
		    "again at the next renewal only: \"certhaul init\" enables "
		    "certhaul's",
		    certbot);
	else if (certhaul == NULL)
		check_say(check, CHECK_BAD,
		    "neither certhaul's nor certbot's is enabled: nobody "
		    "renews; \"certhaul init\" enables it%s",
		    timers_has_systemd(check->root)
			? " (lines of cron's that leave it to systemd do "
			  "nothing here)"
			: " (timers of systemd's do nothing here: it does not "
			  "run)");
}
