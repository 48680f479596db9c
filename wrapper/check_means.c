/*
 * check_means.c: what `certhaul check` finds of the means that each lineage is
 * renewed by: the account it was got with, the plugin that answers the CA, the
 * directories that files are put into. What is not there is seen by nobody
 * before the next renewal.
 */
#include "wrapper/check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/proc.h"
#include "cert/renewal.h"
#include "cert/renewal_facts.h"

/* What is missed, and by whom. */
struct means {
	const char *plugins; /* certbot's words; NULL: none, or not asked */
	struct check_list accounts, unable, unhad, webroots;
	char account[LIMIT_PATH_BYTES]; /* the first's */
	char plugin[64], other[64]; /* the first's; the engine has neither */
	char webroot[LIMIT_PATH_BYTES];
	const char *name; /* whose account that is; borrowed */
};

static void
keep_first(
    const struct check_list *list, char *ret, size_t size, const char *text)
{
	if (list->count == 0)
		(void)snprintf(ret, size, "%s", text);
}

static bool
is_missing(const char *path)
{
	struct stat st;

	return stat(path, &st) != 0 && errno == ENOENT;
}

static void
look_at_account(const struct check *check, const char *name,
    const struct renewal_facts *facts, struct means *means)
{
	char dir[LIMIT_PATH_BYTES];

	if (!renewal_facts_account(
		facts, check->conf->letsencrypt.config_dir, dir, sizeof(dir)) ||
	    !is_missing(dir))
		return;
	keep_first(
	    &means->accounts, means->account, sizeof(means->account), dir);
	if (means->accounts.count == 0)
		means->name = name;
	check_list_add(&means->accounts, name);
}

/* Are they in every certbot, and in certhaul-acme? */
static bool
is_common(const char *plugin)
{
	static const char *const common[] = {"standalone", "webroot", "manual"};

	for (size_t i = 0; i < COUNT_OF(common); i++) {
		if (strcmp(plugin, common[i]) == 0)
			return true;
	}
	return false;
}

/* "* dns-cloudflare" on a line of its own. */
static bool
is_listed(const char *text, const char *plugin)
{
	size_t len = strlen(plugin);

	for (; text != NULL; text = strchr(text + 1, '\n')) {
		const char *line = *text == '\n' ? text + 1 : text;

		if (strncmp(line, "* ", 2) == 0 &&
		    strncmp(line + 2, plugin, len) == 0 &&
		    (line[len + 2] == '\n' || line[len + 2] == '\0'))
			return true;
	}
	return false;
}

static void
look_at_plugin(const struct check *check, const char *name,
    const struct renewal_facts *facts, struct means *means)
{
	/* Old plugins were called by their package, too: "PACKAGE:NAME". */
	const char *colon = strchr(facts->authenticator, ':');
	const char *plugin = colon != NULL ? colon + 1 : facts->authenticator;

	if (*plugin == '\0' || is_common(plugin) || check->engine_err.code != 0)
		return;
	if (check->engine.kind == CONF_ENGINE_BUILTIN) {
		keep_first(&means->unable, means->plugin, sizeof(means->plugin),
		    plugin);
		check_list_add(&means->unable, name);
	} else if (means->plugins != NULL &&
	    !is_listed(means->plugins, plugin)) {
		keep_first(
		    &means->unhad, means->other, sizeof(means->other), plugin);
		check_list_add(&means->unhad, name);
	}
}

/* A directory for each name, else the last of those for all. */
static void
look_at_webroots(const struct observation *item, const struct renewal *renewal,
    struct means *means)
{
	static const char section[] = "renewalparams";
	static const char map[] = "renewalparams/webroot_map";
	struct err ignored = ERR_INIT;
	const char *dir, *last = NULL;
	char **list = NULL;

	if (renewal_get_list(
		renewal, section, "webroot_path", &list, &ignored) == 0) {
		for (size_t i = 0; list != NULL && list[i] != NULL; i++)
			last = list[i];
	}
	for (size_t i = 0; i < item->name_count; i++) {
		dir = renewal_get(renewal, map, item->names[i]);
		dir = dir != NULL ? dir : last;
		if (dir == NULL || !is_missing(dir))
			continue;
		keep_first(&means->webroots, means->webroot,
		    sizeof(means->webroot), dir);
		check_list_add(&means->webroots, item->name);
		break;
	}
	renewal_list_free(list);
}

/* Whose conf cannot be read is check_renewal()'s to say. */
static int
read_conf(const struct check *check, const struct observation *item,
    struct renewal **ret)
{
	struct err ignored = ERR_INIT;
	char path[LIMIT_PATH_BYTES];
	int len = snprintf(path, sizeof(path), "%s/renewal/%s.conf",
	    check->conf->letsencrypt.config_dir, item->name);

	if (!item->autorenew || item->name_count == 0 || len < 0 ||
	    (size_t)len >= sizeof(path))
		return ERR_NOENT;
	return renewal_read(path, ret, &ignored);
}

static void
look_at(const struct check *check, const struct observation *item,
    struct means *means)
{
	struct renewal *renewal = NULL;
	struct renewal_facts facts;

	if (read_conf(check, item, &renewal) < 0)
		return;
	renewal_facts_take(renewal, &facts);
	look_at_account(check, item->name, &facts, means);
	look_at_plugin(check, item->name, &facts, means);
	if (strcmp(facts.authenticator, "webroot") == 0)
		look_at_webroots(item, renewal, means);
	renewal_free(renewal);
}

/* Certbot takes a second to tell, so it is asked where that matters alone. */
static bool
is_asked(const struct check *check)
{
	bool asked = false;

	if (check->engine_err.code != 0 ||
	    check->engine.kind != CONF_ENGINE_CERTBOT)
		return false;
	for (size_t i = 0; !asked && i < check->observed.count; i++) {
		struct renewal *renewal = NULL;
		struct renewal_facts facts;

		if (read_conf(check, &check->observed.items[i], &renewal) < 0)
			continue;
		renewal_facts_take(renewal, &facts);
		asked = *facts.authenticator != '\0' &&
		    !is_common(facts.authenticator);
		renewal_free(renewal);
	}
	return asked;
}

/* The plugins, by certbot's own list of them; none where it does not tell. */
static int
ask(const struct check *check, struct proc_result *ret)
{
	const struct conf *conf = check->conf;
	const char *argv[] = {check->engine.path, "plugins", "--config-dir",
	    conf->letsencrypt.config_dir, "--work-dir",
	    conf->letsencrypt.work_dir, "--logs-dir",
	    conf->letsencrypt.logs_dir, NULL};
	struct err ignored = ERR_INIT;

	if (!is_asked(check))
		return ERR_NOENT;
	return proc_run(argv, LIMIT_VERSION_TIMEOUT_MS, ret, &ignored);
}

static void
say_plugins(struct check *check, struct means *means)
{
	if (means->unable.count > 0)
		check_say(check, CHECK_BAD,
		    "%s: renewed by certbot's plugin %s, which certhaul-acme "
		    "has not: install certbot with it (apt-get install "
		    "python3-certbot-%s)%s, or \"certhaul request --force "
		    "--cert-name\" with its names moves it to http-01 (no "
		    "wildcards there)",
		    check_list_text(&means->unable), means->plugin,
		    means->plugin,
		    check->conf->engine == CONF_ENGINE_BUILTIN
			? " and take engine = \"builtin\" out of certhaul.conf"
			: "");
	if (means->unhad.count > 0)
		check_say(check, CHECK_BAD,
		    "%s: renewed by plugin %s, which %s has not: install it "
		    "(apt-get install python3-certbot-%s; a snap: snap install "
		    "certbot-%s)",
		    check_list_text(&means->unhad), means->other,
		    check->engine.path, means->other, means->other);
}

size_t
check_means(struct check *check)
{
	size_t before = check->counts[CHECK_BAD] + check->counts[CHECK_HINT];
	struct proc_result told = {.exit_status = -1};
	struct means means = {.name = NULL};

	if (ask(check, &told) == 0 && told.exit_status == 0 && !told.cut)
		means.plugins = buf_text(&told.output);
	for (size_t i = 0; i < check->observed.count; i++)
		look_at(check, &check->observed.items[i], &means);
	proc_result_free(&told);
	if (means.accounts.count > 0)
		check_say(check, CHECK_BAD,
		    "%s: the account that it renews with is not there: %s; put "
		    "it back from a backup, or \"certhaul request --force "
		    "--cert-name %s\" with its names gets it with another",
		    check_list_text(&means.accounts), means.account,
		    means.name);
	say_plugins(check, &means);
	if (means.webroots.count > 0)
		check_say(check, CHECK_HINT,
		    "%s: renewed by files in %s, which is not there: make it "
		    "where "
		    "the web server looks for challenges, or \"certhaul "
		    "request --force --cert-name NAME\" with its names and "
		    "`-- --webroot -w DIR` moves it to another",
		    check_list_text(&means.webroots), means.webroot);
	return check->counts[CHECK_BAD] + check->counts[CHECK_HINT] - before;
}
