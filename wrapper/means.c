/*
 * means.c: from a renewal conf to what it names and is not there.
 */
#include "wrapper/means.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/attr.h"
#include "base/fs.h"
#include "base/text.h"
#include "cert/renewal_facts.h"
#include "wrapper/plugins.h"

void
means_free(struct means *means)
{
	proc_result_free(&means->told);
}

int
means_read(const struct conf *conf, const char *name, struct renewal **ret,
    struct err *err)
{
	char path[LIMIT_PATH_BYTES];
	int len = snprintf(path, sizeof(path), "%s/renewal/%s.conf",
	    conf->letsencrypt.config_dir, name);

	if (len < 0 || (size_t)len >= sizeof(path))
		return err_set(err, ERR_LIMIT, "looking at the renewal conf",
		    name, "the path is too long");
	return renewal_read(path, ret, err);
}

bool
means_is_missing(const char *path)
{
	struct stat st;

	return stat(path, &st) != 0 && errno == ENOENT;
}

static void
look_at_account(const struct means *means, const struct renewal_facts *facts,
    struct means_found *ret)
{
	char *dir = ret->of[MEANS_ACCOUNT];

	if (!renewal_facts_account(facts, means->conf->letsencrypt.config_dir,
		dir, LIMIT_PATH_BYTES) ||
	    !means_is_missing(dir))
		*dir = '\0';
}

/* By certbot's own list of them; true also where it does not tell. */
static bool
has_plugin(struct means *means, const char *plugin)
{
	struct err ignored = ERR_INIT;

	if (!means->asked)
		means->told_well = plugins_ask(means->engine, means->conf,
				       &means->told, &ignored) == 0;
	means->asked = true;
	return !means->told_well ||
	    plugins_has(buf_text(&means->told.output), plugin);
}

static void
look_at_plugin(struct means *means, const struct renewal_facts *facts,
    struct means_found *ret)
{
	/* Old plugins were called by their package, too: "PACKAGE:NAME". */
	const char *colon = strchr(facts->authenticator, ':');
	const char *plugin = colon != NULL ? colon + 1 : facts->authenticator;
	enum means_lack lack = MEANS_UNHAD;

	if (*plugin == '\0' || plugins_is_common(plugin) ||
	    means->engine == NULL)
		return;
	if (means->engine->kind == CONF_ENGINE_BUILTIN)
		lack = MEANS_UNABLE;
	else if (has_plugin(means, plugin))
		return;
	(void)snprintf(ret->of[lack], sizeof(ret->of[lack]), "%s", plugin);
}

/* A directory for each name, else the last of those for all. */
static void
look_at_webroots(const struct renewal *renewal, char *const *names,
    size_t name_count, struct means_found *ret)
{
	static const char section[] = "renewalparams";
	static const char map[] = "renewalparams/webroot_map";
	char *missing = ret->of[MEANS_WEBROOT];
	struct err ignored = ERR_INIT;
	const char *dir, *last = NULL;
	char **list = NULL;

	if (renewal_get_list(
		renewal, section, "webroot_path", &list, &ignored) == 0) {
		for (size_t i = 0; list != NULL && list[i] != NULL; i++)
			last = list[i];
	}
	for (size_t i = 0; *missing == '\0' && i < name_count; i++) {
		dir = renewal_get(renewal, map, names[i]);
		dir = dir != NULL ? dir : last;
		if (dir != NULL && means_is_missing(dir))
			(void)snprintf(missing, LIMIT_PATH_BYTES, "%s", dir);
	}
	renewal_list_free(list);
}

void
means_look(struct means *means, const struct renewal *renewal,
    char *const *names, size_t name_count, struct means_found *ret)
{
	struct renewal_facts facts;

	memset(ret, 0, sizeof(*ret));
	renewal_facts_take(renewal, &facts);
	look_at_account(means, &facts, ret);
	look_at_plugin(means, &facts, ret);
	if (strcmp(facts.authenticator, "webroot") == 0)
		look_at_webroots(renewal, names, name_count, ret);
}

void
means_account_words(const char *dir, const char *name, char *ret, size_t size)
{
	(void)snprintf(ret, size,
	    "the account that it renews with is not there: %s; put it back "
	    "from a backup, or \"certhaul request --force --cert-name %s\" "
	    "with "
	    "its names gets it with another",
	    dir, name);
}

void
means_words(const struct means *means, enum means_lack lack, const char *of,
    const char *name, char *ret, size_t size)
{
	switch (lack) {
	case MEANS_ACCOUNT: means_account_words(of, name, ret, size); break;
	case MEANS_UNABLE:
		(void)snprintf(ret, size,
		    "renewed by certbot's plugin %s, which certhaul-acme has "
		    "not: install certbot with it (apt-get install "
		    "python3-certbot-%s)%s, or \"certhaul request --force "
		    "--cert-name\" with its names moves it to http-01 (no "
		    "wildcards there)",
		    of, of,
		    means->conf->engine == CONF_ENGINE_BUILTIN
			? " and take engine = \"builtin\" out of certhaul.conf"
			: "");
		break;
	case MEANS_UNHAD:
		(void)snprintf(ret, size,
		    "renewed by plugin %s, which %s has not: install it "
		    "(apt-get install python3-certbot-%s; a snap: snap install "
		    "certbot-%s)",
		    of, means->engine->path, of, of);
		break;
	case MEANS_WEBROOT:
		(void)snprintf(ret, size,
		    "renewed by files in %s, which is not there: make it where "
		    "the web server looks for challenges, or \"certhaul "
		    "request --force --cert-name NAME\" with its names and "
		    "`-- --webroot -w DIR` moves it to another",
		    of);
		break;
	case MEANS_LACKS: break;
	}
	text_clean(ret); /* a renewal conf may hold anything */
}
