/*
 * check_writers.c: what `certhaul check` finds of who may write what root reads
 * or runs: certbot's renewal confs, hooks and cli.ini, our configuration and
 * HAProxy's. A hook that somebody else can put there runs as root in the next
 * night.
 */
#include "wrapper/check.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "cert/cliini.h"
#include "wrapper/timers.h"
#include "wrapper/trail.h"

/* What was found to be open; links are followed. */
struct rights {
	struct check_list others, group, owners;
	struct trail trail; /* the directories that lead there */
};

static void
judge(struct rights *rights, const char *path, const struct stat *st)
{
	if (st->st_uid != 0 && st->st_uid != geteuid())
		check_list_add(&rights->owners, path);
	else if ((st->st_mode & S_IWOTH) != 0 ||
	    ((st->st_mode & S_IWGRP) != 0 && st->st_gid != 0))
		check_list_add(&rights->others, path);
	else if ((st->st_mode & S_IWGRP) != 0)
		check_list_add(&rights->group, path);
}

/* What is not there is nobody's. */
static void
look_at(struct rights *rights, const char *path)
{
	struct stat st;

	if (stat(path, &st) == 0)
		judge(rights, path, &st);
}

/* A directory, and the files in it whose name ends so; no deeper. */
static void
look_in(struct rights *rights, const char *path, const char *end)
{
	char file[LIMIT_PATH_BYTES];
	struct dirent *entry;
	struct stat st;
	size_t len, most = 2 * LIMIT_LINEAGES;
	DIR *dir;

	look_at(rights, path);
	dir = opendir(path);
	if (dir == NULL)
		return;
	while (most-- > 0 && (entry = readdir(dir)) != NULL) {
		struct err ignored = ERR_INIT;

		len = strlen(entry->d_name);
		if (len >= strlen(end) &&
		    strcmp(entry->d_name + len - strlen(end), end) == 0 &&
		    fstatat(dirfd(dir), entry->d_name, &st, 0) == 0 &&
		    S_ISREG(st.st_mode) &&
		    fs_join(
			file, sizeof(file), path, entry->d_name, &ignored) == 0)
			judge(rights, file, &st);
	}
	(void)closedir(dir);
}

/* What certbot reads and runs. */
static void
look_at_certbot(struct rights *rights, const char *config_dir)
{
	static const struct {
		const char *path;
		bool files; /* each in it, too */
	} rows[] = {
	    /* what is run comes first, a line has room for a few */
	    {"renewal-hooks/deploy", true},
	    {"renewal-hooks/pre", true},
	    {"renewal-hooks/post", true},
	    {"renewal-hooks", false},
	    {"renewal", true},
	    {"accounts", false},
	    {"live", false},
	    {"archive", false},
	};
	char path[LIMIT_PATH_BYTES];

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct err ignored = ERR_INIT;

		if (fs_join(path, sizeof(path), config_dir, rows[i].path,
			&ignored) < 0)
			continue;
		if (rows[i].files)
			look_in(rights, path, "");
		else
			look_at(rights, path);
	}
}

static void
look_at_and_on(struct rights *rights, const char *path)
{
	look_at(rights, path);
	trail_look(&rights->trail, path);
}

static char *
no_env(const char *name)
{
	(void)name;
	return NULL;
}

/*
 * Each cli.ini that certbot reads: as root's timers have it, which somebody may
 * put there yet; and what is there by an operator's environment.
 */
static void
look_at_inis(struct rights *rights)
{
	char path[LIMIT_PATH_BYTES], other[LIMIT_PATH_BYTES];

	for (size_t i = 0; i < CLIINI_FILES; i++) {
		if (!cliini_path(no_env, i, path, sizeof(path)))
			path[0] = '\0';
		else if (geteuid() == 0 || access(path, F_OK) == 0)
			look_at_and_on(rights, path);
		if (cliini_path(getenv, i, other, sizeof(other)) &&
		    strcmp(other, path) != 0 && access(other, F_OK) == 0)
			look_at_and_on(rights, other);
	}
}

static void
say_open(void *context, const char *text)
{
	check_say(context, CHECK_BAD, "%s", text);
}

/* The directories that lead to what root writes, reads or runs. */
static void
look_on_ways(struct rights *rights, const struct conf *conf)
{
	trail_look(&rights->trail, conf->haproxy.bundle_dir);
	trail_look(&rights->trail, conf->state_dir);
	trail_look(&rights->trail, conf->letsencrypt.config_dir);
	for (size_t i = 0; i < conf->haproxy.config.count; i++)
		trail_look(&rights->trail, conf->haproxy.config.items[i]);
	if (*conf->challenge.map != '\0')
		trail_look(&rights->trail, conf->challenge.map);
	if (conf->path != NULL)
		trail_look(&rights->trail, conf->path);
}

size_t
check_writers(struct check *check)
{
	const struct conf *conf = check->conf;
	struct rights rights = {.trail = {.say = say_open, .context = check}};
	char cron[LIMIT_PATH_BYTES];

	look_at_certbot(&rights, conf->letsencrypt.config_dir);
	look_at_inis(&rights);
	look_on_ways(&rights, conf);
	for (size_t i = 0; i < conf->haproxy.config.count; i++)
		look_in(&rights, conf->haproxy.config.items[i], ".cfg");
	look_at(&rights, conf->challenge.map);
	if (conf->path != NULL)
		look_at(&rights, conf->path);
	if (snprintf(cron, sizeof(cron), "%s/etc/cron.d/certhaul",
		check->root) < (int)sizeof(cron))
		look_at(&rights, cron);
	if (timers_noted(conf, cron, sizeof(cron)))
		look_at(&rights, cron);
	if (rights.others.count > 0)
		check_say(check, CHECK_BAD,
		    "%s: others than root may write there, and so have root "
		    "run or HAProxy serve what they like: chmod go-w, and look "
		    "at what is in it",
		    check_list_text(&rights.others));
	if (rights.owners.count > 0)
		check_say(check, CHECK_BAD,
		    "%s: belongs to another user than root, who may change "
		    "what root reads or runs: chown root",
		    check_list_text(&rights.owners));
	if (rights.group.count > 0)
		check_say(check, CHECK_HINT,
		    "%s: root's group may write there: chmod g-w, unless you "
		    "want it so",
		    check_list_text(&rights.group));
	return rights.trail.found + rights.others.count + rights.owners.count +
	    rights.group.count;
}
