/*
 * check_rights.c: what `certhaul check` finds of who may read keys, and of the
 * directories that are to be root's alone. Who may write: check_writers.c.
 */
#include "wrapper/check.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "wrapper/who.h"

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
			who_group(dir.st_gid, ret_who, size);
		}
		group = group &&
		    (dir.st_mode &
			(dir.st_gid == st->st_gid ? S_IXGRP : S_IXOTH)) != 0;
	}
	if (!is_trusted(dir.st_uid, owner)) {
		who_user(dir.st_uid, ret_who, size);
		return true;
	}
	if (!others && group)
		who_group(st->st_gid, ret_who, size);
	return others || group;
}

/* A key that others may read is nobody's secret any more. */
static void
check_keys(struct check *check)
{
	const struct conf *conf = check->conf;
	struct check_list open = {.count = 0};
	char path[LIMIT_PATH_BYTES], who[WHO_BYTES], text[512];
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
