/*
 * check_rights.c: what `certhaul check` finds of who may read keys, and who
 * may write what root reads or runs: certbot's renewal confs and hooks, our
 * configuration and HAProxy's. A hook that somebody else can put there runs
 * as root in the next night.
 */
#include "wrapper/check.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "wrapper/timers.h"

enum { NAME_SPACE_BYTES = 16 * 1024 }; /* a group has many members */

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
	    {"cli.ini", false},
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

/* How many were found. */
static size_t
check_writers(struct check *check)
{
	const struct conf *conf = check->conf;
	struct rights rights = {.others = {.count = 0}};
	char cron[LIMIT_PATH_BYTES];

	look_at_certbot(&rights, conf->letsencrypt.config_dir);
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
	return rights.others.count + rights.owners.count + rights.group.count;
}

/* Ours or root's, and nobody else may write there. */
static bool
check_dir(struct check *check, const char *path, const char *advice)
{
	struct err why = ERR_INIT;
	int rc = fs_check_dir(path, &why);

	if (rc == 0 && access(path, R_OK | W_OK | X_OK) == 0)
		return true;
	if (rc == 0)
		rc = err_sys(&why, "checking", path, "access");
	if (rc == ERR_NOENT)
		check_say(
		    check, CHECK_BAD, "%s is not there: %s", path, advice);
	else
		check_say_err(check, CHECK_BAD, &why);
	return false;
}

static bool
is_trusted(uid_t uid, const struct fs_owner *owner)
{
	return uid == 0 || uid == geteuid() || uid == owner->uid;
}

/* "user www", "group adm"; the number where it has no name. */
static void
put_user(uid_t uid, char *ret, size_t size)
{
	char space[NAME_SPACE_BYTES];
	struct passwd entry, *found = NULL;

	if (getpwuid_r(uid, &entry, space, sizeof(space), &found) == 0 &&
	    found != NULL)
		(void)snprintf(ret, size, "user %.32s", found->pw_name);
	else
		(void)snprintf(ret, size, "user %u", (unsigned)uid);
}

static void
put_group(gid_t gid, char *ret, size_t size)
{
	char space[NAME_SPACE_BYTES];
	struct group entry, *found = NULL;

	if (getgrgid_r(gid, &entry, space, sizeof(space), &found) == 0 &&
	    found != NULL)
		(void)snprintf(ret, size, "group %.32s", found->gr_name);
	else
		(void)snprintf(ret, size, "group %u", (unsigned)gid);
}

/* May some group past the directory that is among the file's others? */
static bool
lets_group(
    const struct stat *dir, const struct stat *st, const struct fs_owner *owner)
{
	bool ours = dir->st_gid == owner->gid && (owner->mode & S_IRGRP) != 0;

	return (dir->st_mode & S_IXGRP) != 0 && dir->st_gid != 0 &&
	    dir->st_gid != st->st_gid && !ours;
}

bool
check_is_open(const char *path, const struct stat *st, mode_t bits,
    const struct fs_owner *owner, char *ret_who, size_t size)
{
	bool others = (st->st_mode & bits & S_IRWXO) != 0;
	bool group = (st->st_mode & bits & S_IRWXG) != 0;
	char real[PATH_MAX], *slash = NULL;
	struct stat dir = *st;

	(void)snprintf(ret_who, size, "everybody");
	if (realpath(path, real) == NULL)
		real[0] = '\0';
	/* Nobody comes to it past a directory that is closed to him; but who
	 * owns that opens it. */
	while (is_trusted(dir.st_uid, owner) && slash != real &&
	    (slash = strrchr(real, '/')) != NULL) {
		slash[slash == real] = '\0';
		if (stat(real, &dir) != 0)
			break;
		if (others && (dir.st_mode & S_IXOTH) == 0) {
			others = lets_group(&dir, st, owner);
			put_group(dir.st_gid, ret_who, size);
		}
		group = group &&
		    (dir.st_mode &
			(dir.st_gid == st->st_gid ? S_IXGRP : S_IXOTH)) != 0;
	}
	if (!is_trusted(dir.st_uid, owner)) {
		put_user(dir.st_uid, ret_who, size);
		return true;
	}
	if (!others && group)
		put_group(st->st_gid, ret_who, size);
	return others || group;
}

/* A key that others may read is nobody's secret any more. */
static void
check_keys(struct check *check)
{
	const struct conf *conf = check->conf;
	struct check_list open = {.count = 0};
	char path[LIMIT_PATH_BYTES], who[CHECK_WHO_BYTES], text[512];
	struct err ignored = ERR_INIT;
	struct fs_owner owner;
	struct stat st;

	/* That it cannot be resolved is check_bundles()'s to say. */
	if (fs_owner_resolve(conf->haproxy.bundle_owner,
		conf->haproxy.bundle_group, conf->haproxy.bundle_mode, &owner,
		&ignored) < 0)
		owner = (struct fs_owner){0, 0, 0};
	for (size_t i = 0; i < check->observed.count; i++) {
		const char *name = check->observed.items[i].name;
		int len = snprintf(path, sizeof(path), "%s/live/%s/privkey.pem",
		    conf->letsencrypt.config_dir, name);

		if (len < 0 || (size_t)len >= sizeof(path) ||
		    stat(path, &st) != 0 ||
		    !check_is_open(
			path, &st, S_IRWXO | S_IWGRP, &owner, who, sizeof(who)))
			continue;
		(void)snprintf(text, sizeof(text), "%s (%s)", name, who);
		check_list_add(&open, text);
	}
	if (open.count > 0)
		check_say(check, CHECK_BAD,
		    "the private key of %s may be read by others: chmod "
		    "go-rwx %s/archive/*/privkey*.pem, chown root what a user "
		    "has, and renew those that somebody can have read",
		    check_list_text(&open), conf->letsencrypt.config_dir);
}

void
check_permissions(struct check *check)
{
	const struct conf *conf = check->conf;
	size_t bad = check->counts[CHECK_BAD], found;
	struct stat st;

	(void)check_dir(check, conf->letsencrypt.config_dir,
	    "letsencrypt.config_dir of certhaul.conf names certbot's "
	    "directory");
	(void)check_dir(
	    check, conf->haproxy.bundle_dir, "\"certhaul init\" makes it");
	if (stat(conf->state_dir, &st) != 0)
		check_say(check, CHECK_HINT,
		    "%s is not there yet: the first deploy makes it",
		    conf->state_dir);
	else if (check_dir(check, conf->state_dir, "") &&
	    (st.st_mode & (S_IRWXG | S_IRWXO)) != 0)
		check_say(check, CHECK_HINT,
		    "%s may be looked into by others (mode %04o): chmod 700",
		    conf->state_dir, (unsigned)(st.st_mode & 07777));
	found = check_writers(check);
	check_keys(check);
	if (check->counts[CHECK_BAD] == bad && found == 0)
		check_say(check, CHECK_GOOD,
		    "nobody else may write %s with its hooks, %s or %s, or a "
		    "configuration, or read a key",
		    conf->letsencrypt.config_dir, conf->haproxy.bundle_dir,
		    conf->state_dir);
}
