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
#include "cert/renewal_facts.h"
#include "wrapper/certbot.h"
#include "wrapper/certbot_hooks.h"
#include "wrapper/challenge.h"
#include "wrapper/child.h"
#include "wrapper/known.h"
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

int
init_hooks(struct init *init, struct err *err)
{
	static const char *const kinds[] = {"pre", "deploy", "post"};
	const char *conf_path = init_other_conf(init);
	char hook[LIMIT_PATH_BYTES];
	int rc;

	rc = child_hook_path(hook, sizeof(hook), err);
	for (size_t i = 0; rc == 0 && i < COUNT_OF(kinds); i++)
		rc = need_link(init, kinds[i], hook, err);
	if (rc == 0 && init->hooked && conf_path != NULL)
		log_say(LOG_LEVEL_WARN,
		    "certbot's own timer starts these hooks without -c: they "
		    "read " CONF_DEFAULT_PATH ", not %s (or what " CONF_ENV
		    " names)",
		    conf_path);
	return rc;
}

/* It is served as it is; whether it can be renewed is another question. */
static void
tell_lineage(const struct conf *conf, const struct refit_led *led, bool hooked,
    const struct known_lineage *lineage)
{
	struct buf command = BUF_INIT(LIMIT_COMMAND_BYTES);
	const char *what = lineage->ref.name, *words;
	struct err why = ERR_INIT;
	struct renewal_facts facts;
	enum challenge_way way;

	if (lineage->generation == 0 ||
	    renewal_facts_read(&lineage->ref, &facts, &why) < 0 ||
	    facts.authenticator[0] == '\0') {
		(void)printf("lineage %s cannot be read, or not be renewed: "
			     "\"certhaul status %s\" says why\n",
		    what, what);
		return;
	}
	facts.hooked |= hooked;
	way = challenge_way_of(conf, led, &facts);
	words = challenge_words(way);
	switch (challenge_outlook_of(way)) {
	case CHALLENGE_WELL:
		(void)printf(
		    "lineage %s works at once, nothing is re-issued\n", what);
		break;
	case CHALLENGE_UNSURE:
		(void)printf("lineage %s is served as it is, and %s: "
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
		break;
	}
	buf_free(&command);
}

int
init_tell_certbot(struct init *init, struct err *err)
{
	const char *timer = timers_find("", TIMERS_CERTBOT);
	struct known known = {NULL, 0};
	char pre[LIMIT_PATH_BYTES];
	struct err ignored = ERR_INIT;
	struct refit_led led;
	int rc;

	if (!init->hooked && !init->written)
		return 0;
	if (timer != NULL && init->hooked)
		(void)printf("%s goes on renewing as it does; what it renews "
			     "is deployed by the hooks. certhaul's own runs "
			     "deploy what a hook could not.\n",
		    timers_is_unit(timer) ? strrchr(timer, '/') + 1 : timer);
	/* That it cannot be read is init_haproxy()'s to say. */
	(void)!refit_led(init->conf, &led, &ignored);
	certbot_hooks_find_pre(init->conf, pre, sizeof(pre));
	rc = known_all(init->conf, &known, err);
	for (size_t i = 0; rc == 0 && i < known.count; i++)
		tell_lineage(init->conf, &led, *pre != '\0', &known.items[i]);
	if (rc == 0 && known.count > 0)
		(void)printf("next: certhaul deploy (brings them into HAProxy, "
			     "and proves that they are served)\n");
	known_free(&known);
	return rc;
}
