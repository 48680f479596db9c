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

/* What was found to be open; links are followed. */
struct rights {
	struct check_list others, group, owners;
	char parent[LIMIT_PATH_BYTES]; /* the last that was looked at */
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

/* A file, or a directory of *.cfg, and the directory that it is in. */
static void
look_at_conf(struct rights *rights, const char *path)
{
	char parent[LIMIT_PATH_BYTES];
	const char *slash = strrchr(path, '/');
	struct stat st;
	int len;

	look_in(rights, path, ".cfg");
	if (slash == NULL || slash == path)
		return;
	len =
	    snprintf(parent, sizeof(parent), "%.*s", (int)(slash - path), path);
	/* In a sticky one nobody renames another's file. */
	if (len > 0 && (size_t)len < sizeof(parent) &&
	    strcmp(parent, rights->parent) != 0 && stat(parent, &st) == 0 &&
	    (st.st_mode & S_ISVTX) == 0)
		judge(rights, parent, &st);
	(void)snprintf(rights->parent, sizeof(rights->parent), "%s", parent);
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

static size_t
count_found(const struct rights *rights)
{
	return rights->others.count + rights->owners.count +
	    rights->group.count;
}

/*
 * The file, or the first directory on its way, that somebody else may write:
 * who may write a directory can put the file there.
 */
static void
look_on_way(struct rights *rights, const char *path)
{
	char at[LIMIT_PATH_BYTES];
	size_t before = count_found(rights);
	bool exists, has_next = false; /* what is next on the way */
	struct stat st;
	char *slash;

	(void)snprintf(at, sizeof(at), "%s", path);
	while (count_found(rights) == before) {
		exists = stat(at, &st) == 0;
		/* In a sticky one nobody renames what is there. */
		if (exists && (!has_next || (st.st_mode & S_ISVTX) == 0))
			judge(rights, at, &st);
		has_next = exists;
		slash = strrchr(at, '/');
		if (slash == NULL || slash == at)
			return;
		*slash = '\0';
	}
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
			look_on_way(rights, path);
		if (cliini_path(getenv, i, other, sizeof(other)) &&
		    strcmp(other, path) != 0 && access(other, F_OK) == 0)
			look_on_way(rights, other);
	}
}

size_t
check_writers(struct check *check)
{
	const struct conf *conf = check->conf;
	struct rights rights = {.others = {.count = 0}};
	char cron[LIMIT_PATH_BYTES];

	look_at_certbot(&rights, conf->letsencrypt.config_dir);
	look_at_inis(&rights);
	for (size_t i = 0; i < conf->haproxy.config.count; i++)
		look_at_conf(&rights, conf->haproxy.config.items[i]);
	look_at_conf(&rights, conf->challenge.map);
	if (conf->path != NULL)
		look_at_conf(&rights, conf->path);
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
	return count_found(&rights);
}
