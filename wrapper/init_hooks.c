/*
 * init_hooks.c: certhaul-hook where every certbot looks for hooks, whoever
 * starts it; and what that changes for one that has been at work for years.
 */
#include "wrapper/init.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/log.h"
#include "haproxy/discovery.h"
#include "cert/renewal_facts.h"
#include "wrapper/certbot.h"
#include "wrapper/certbot_hooks.h"
#include "wrapper/challenge.h"
#include "wrapper/child.h"
#include "wrapper/engine.h"
#include "wrapper/known.h"
#include "wrapper/means.h"
#include "wrapper/refit.h"
#include "wrapper/timers.h"

static const char name[] = "certhaul-hook";

/* Does the link lead to a certhaul-hook, though not to ours? */
static bool
is_old_link(const char *path)
{
	char target[LIMIT_PATH_BYTES];
	const char *slash;
	ssize_t len;

	len = readlink(path, target, sizeof(target) - 1);
	if (len < 0)
		return false;
	target[len] = '\0';
	slash = strrchr(target, '/');
	return strcmp(slash == NULL ? target : slash + 1, name) == 0;
}

static bool
is_same_file(const char *a, const char *b)
{
	struct stat st_a, st_b;

	return stat(a, &st_a) == 0 && stat(b, &st_b) == 0 &&
	    st_a.st_dev == st_b.st_dev && st_a.st_ino == st_b.st_ino;
}

/* Made beside and renamed, so that certbot always finds one. */
int
init_put_link(
    const char *target, const char *dir, const char *path, struct err *err)
{
	char tmp[LIMIT_PATH_BYTES];
	int rc;

	/* certbot makes it so, and is not to be kept out by our umask. */
	rc = fs_mkdirs(dir, 0755, err);
	if (rc == 0)
		rc =
		    fs_join(tmp, sizeof(tmp), dir, FS_STAGE_PREFIX "link", err);
	if (rc < 0)
		return rc;
	(void)unlink(tmp);
	if (symlink(target, tmp) < 0)
		return err_sys(err, INIT_DOING, path, "symlink");
	if (rename(tmp, path) < 0) {
		rc = err_sys(err, INIT_DOING, path, "rename");
		(void)unlink(tmp);
	}
	return rc;
}

static int
need_link(
    struct init *init, const char *kind, const char *hook, struct err *err)
{
	char dir[LIMIT_PATH_BYTES], path[LIMIT_PATH_BYTES];
	int n, rc;

	n = snprintf(dir, sizeof(dir), "%s/renewal-hooks/%s",
	    init->conf->letsencrypt.config_dir, kind);
	if (n < 0 || (size_t)n >= sizeof(dir))
		return err_set(
		    err, ERR_LIMIT, INIT_DOING, kind, "the path is too long");
	rc = fs_join(path, sizeof(path), dir, name, err);
	if (rc < 0 || is_same_file(path, hook))
		return rc;
	if (init_exists(path) && !is_old_link(path))
		return err_set(err, ERR_EXISTS, INIT_DOING, path,
		    "there is another file of that name; look at it, then "
		    "remove it");
	init_say(init, "link", path);
	init->hooked = true;
	return init->dry_run ? 0 : init_put_link(hook, dir, path, err);
}

static const char *const kinds[] = {"pre", "deploy", "post"};

struct others {
	struct init *init;
	struct discovery *discovery;
};

static void
see_other(const char *path, void *context)
{
	const struct others *others = context;
	const char *named =
	    certbot_hooks_named(others->init->conf, others->discovery, path);

	if (named == NULL)
		return;
	others->init->open++;
	log_say(
	    LOG_LEVEL_WARN, "%s names %s" CERTBOT_HOOKS_TAKE_OUT, path, named);
}

/* The script that did what certhaul-hook does now would go on doing it. */
static void
tell_others(struct init *init)
{
	const struct conf *conf = init->conf;
	struct others others = {init, NULL};
	struct err ignored = ERR_INIT;

	(void)!discovery_load(conf->haproxy.config.items,
	    conf->haproxy.config.count, conf->haproxy.environment,
	    conf->haproxy.bundle_dir, conf->haproxy.crt_list, &others.discovery,
	    &ignored);
	for (size_t i = 0; i < COUNT_OF(kinds); i++)
		(void)certbot_hooks_walk(conf, kinds[i], see_other, &others);
	discovery_free(others.discovery);
}

int
init_hooks(struct init *init, struct err *err)
{
	const char *conf_path = init_other_conf(init);
	char hook[LIMIT_PATH_BYTES];
	int rc;

	rc = child_hook_path(hook, sizeof(hook), err);
	for (size_t i = 0; rc == 0 && i < COUNT_OF(kinds); i++) {
		rc = need_link(init, kinds[i], hook, err);
		/* One that is in the way is none of the others' business. */
		if (rc == ERR_EXISTS) {
			init_fail(init, err);
			err_clear(err);
			rc = 0;
		}
	}
	tell_others(init);
	if (rc == 0 && init->hooked && conf_path != NULL)
		log_say(LOG_LEVEL_WARN,
		    "certbot's own timer starts these hooks without -c: they "
		    "read " CONF_DEFAULT_PATH ", not %s (or what " CONF_ENV
		    " names)",
		    conf_path);
	return rc;
}

/* What all of the lineages are judged by. */
struct beside {
	const struct conf *conf;
	struct refit_led led;
	bool hooked; /* a hook of all may take HAProxy off port 80 */
	bool again; /* nothing is new to them: what works is not told */
	bool stopped; /* rules of haproxy.cfg are ahead of listeners */
	unsigned open; /* those that are to be seen to */
	struct means means;
};

/* Who answers the CA, and whether HAProxy lets him. */
static void
tell_way(struct beside *beside, struct renewal_facts *facts, const char *what)
{
	const struct conf *conf = beside->conf;
	struct buf command = BUF_INIT(LIMIT_COMMAND_BYTES);
	struct err why = ERR_INIT;
	enum challenge_way way;
	const char *words;

	facts->hooked |= beside->hooked;
	way = challenge_way_of(conf, &beside->led, facts);
	words = challenge_words(way);
	if (beside->stopped &&
	    (way == CHALLENGE_BEHIND || way == CHALLENGE_LED)) {
		(void)printf("lineage %s is served as it is, and a rule that "
			     "is told of above may keep its challenge from it: "
			     "\"certhaul renew --dry-run %s\" tries it\n",
		    what, what);
		beside->open++;
		return;
	}
	switch (challenge_outlook_of(way)) {
	case CHALLENGE_WELL:
		if (!beside->again)
			(void)printf(
			    "lineage %s works at once, nothing is re-issued\n",
			    what);
		break;
	case CHALLENGE_UNSURE:
		if (!beside->again)
			(void)printf(
			    "lineage %s is served as it is, and %s: "
			    "\"certhaul renew --dry-run %s\" tries it\n",
			    what, words, what);
		break;
	case CHALLENGE_FAILS:
		if (certbot_put_move(conf, what, &command, &why) < 0)
			buf_reset(&command);
		(void)printf("lineage %s is served as it is, but it %s: "
			     "\"%s\" moves it to port %ld%s\n",
		    what, words, buf_text(&command), conf->challenge.port,
		    challenge_move_first(way));
		beside->open++;
		break;
	}
	buf_free(&command);
}

/* What it would be renewed by is not there. */
static bool
tell_lack(
    struct beside *beside, const struct renewal *renewal, const char *what)
{
	char words[LIMIT_LOG_LINE_BYTES];
	struct means_found found;

	means_look(&beside->means, renewal, NULL, 0, &found);
	for (int lack = 0; lack < MEANS_LACKS; lack++) {
		if (found.of[lack][0] == '\0')
			continue;
		means_words(&beside->means, (enum means_lack)lack,
		    found.of[lack], what, words, sizeof(words));
		(void)printf("lineage %s is served as it is, but it cannot be "
			     "renewed: %s\n",
		    what, words);
		beside->open++;
		return true;
	}
	return false;
}

/* It is served as it is; whether it can be renewed is another question. */
static void
tell_lineage(struct beside *beside, const struct known_lineage *lineage)
{
	const char *what = lineage->ref.name;
	struct renewal *renewal = NULL;
	struct err why = ERR_INIT;
	struct renewal_facts facts = {.authenticator = ""};

	if (lineage->generation != 0 &&
	    means_read(beside->conf, what, &renewal, &why) == 0)
		renewal_facts_take(renewal, &facts);
	if (facts.authenticator[0] == '\0') {
		(void)printf("lineage %s cannot be read, or not be renewed: "
			     "\"certhaul status %s\" says why\n",
		    what, what);
		beside->open++;
	} else if (!facts.autorenew && !beside->again)
		(void)printf("lineage %s is served as it is, and not renewed: "
			     "its renewal conf says autorenew = False\n",
		    what);
	else if (facts.autorenew && !tell_lack(beside, renewal, what))
		tell_way(beside, &facts, what);
	renewal_free(renewal);
}

/* Where nothing changed for them: those that do not work alone. */
static int
tell_lineages(struct init *init, bool again, struct err *err)
{
	const struct conf *conf = init->conf;
	struct beside beside = {.conf = conf,
	    .again = again,
	    .stopped = init->stopped,
	    .means = {.conf = conf}};
	struct known known = {NULL, 0};
	struct err ignored = ERR_INIT;
	char pre[LIMIT_PATH_BYTES];
	struct engine engine;
	int rc;

	/* That it cannot be read is init_haproxy()'s to say. */
	(void)!refit_led(conf, &beside.led, &ignored);
	certbot_hooks_find_pre(conf, pre, sizeof(pre));
	beside.hooked = *pre != '\0';
	if (engine_find(conf, &engine, &ignored) == 0)
		beside.means.engine = &engine;
	rc = known_all(conf, &known, err);
	for (size_t i = 0; rc == 0 && i < known.count; i++)
		tell_lineage(&beside, &known.items[i]);
	if (rc == 0 && known.count > 0 && !again && !init->misplaced)
		(void)printf("next: certhaul deploy (brings them into HAProxy, "
			     "and proves that they are served)\n");
	init->open += beside.open;
	means_free(&beside.means);
	known_free(&known);
	return rc;
}

int
init_tell_certbot(struct init *init, struct err *err)
{
	const char *timer = timers_find("", TIMERS_CERTBOT);

	if (timer != NULL && init->hooked)
		(void)printf("%s goes on renewing as it does; what it renews "
			     "is deployed by the hooks. certhaul's own runs "
			     "deploy what a hook could not.\n",
		    timers_is_unit(timer) ? strrchr(timer, '/') + 1 : timer);
	return tell_lineages(init, !init->hooked && !init->written, err);
}
