/*
 * init_dirs.c: the places that a deploy wants to find, with owners and modes
 * as certhaul.conf has them. What is there and safe is left as it is.
 */
#include "wrapper/init.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/log.h"
#include "cert/pki.h"
#include "haproxy/discovery.h"
#include "wrapper/trail.h"

enum { DEFAULT_DAYS = 3650, PARENT_MODE = 0755 };

static void
say_make(struct init *init, const char *path)
{
	init_say(init, "make", path);
	init->made = true;
}

/* Owner (NULL: as it is) and mode of what is open as `path`. */
static int
set_rights(int fd, const char *path, const struct fs_owner *owner, mode_t mode,
    struct err *err)
{
	if (owner != NULL && fchown(fd, owner->uid, owner->gid) < 0)
		return err_sys(err, INIT_DOING, path, "fchown");
	return fchmod(fd, mode) == 0 ? 0
				     : err_sys(err, INIT_DOING, path, "fchmod");
}

/* One that was just made: the umask had its say then. */
static int
set_rights_made(const char *path, const struct fs_owner *owner, mode_t mode,
    struct err *err)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int rc;

	if (fd < 0)
		return err_sys(err, INIT_DOING, path, "open");
	rc = set_rights(fd, path, owner, mode, err);
	(void)close(fd);
	return rc;
}

enum { OTHERS_WRITE = S_IWGRP | S_IWOTH };

/* A directory that is there, looked at and mended by one descriptor. */
struct place {
	const char *path;
	int fd;
	struct stat st;
};

/* It was given to whom its files belong to, who may still read it. */
static int
take_back(struct init *init, const struct place *place,
    const struct fs_owner *owner, struct err *err)
{
	mode_t mode = (place->st.st_mode & 07777 & ~OTHERS_WRITE) | owner->mode;

	init_say(init, "take back from the owner of the bundles", place->path);
	return init->dry_run
	    ? 0
	    : set_rights(place->fd, place->path, owner, mode, err);
}

/*
 * That others may write to it is taken off. Owner and group, and what they may
 * read, are what somebody works with: a HAProxy that is not root.
 */
static int
mend_dir(struct init *init, const struct place *place, struct err *err)
{
	if (place->st.st_uid != geteuid() && place->st.st_uid != 0)
		return fs_check_dir_fd(place->fd, place->path, err);
	init_say(init, "take from others the right to write to", place->path);
	return init->dry_run
	    ? 0
	    : set_rights(place->fd, place->path, NULL,
		  place->st.st_mode & 07777 & ~OTHERS_WRITE, err);
}

/* It may be a link: what it leads to is what is used. */
static int
settle(struct init *init, struct place *place, const struct fs_owner *owner,
    uid_t files, struct err *err)
{
	struct err why = ERR_INIT;
	int rc;

	if (fstat(place->fd, &place->st) < 0)
		return err_sys(err, INIT_DOING, place->path, "fstat");
	rc = fs_check_dir_fd(place->fd, place->path, &why);
	if (rc == ERR_UNSAFE && geteuid() == 0 && place->st.st_uid != 0 &&
	    place->st.st_uid == files)
		return take_back(init, place, owner, err);
	if (rc == ERR_UNSAFE)
		return mend_dir(init, place, err);
	if (rc < 0)
		*err = why;
	return rc;
}

/* What leads to it may be passed by all; what is in it has its own mode. */
static int
make_parents(const char *path, struct err *err)
{
	char dir[LIMIT_PATH_BYTES];
	struct stat st;
	int rc = 0;

	(void)snprintf(dir, sizeof(dir), "%s", path);
	for (char *at = dir + 1; rc == 0 && (at = strchr(at, '/')) != NULL;
	     at++) {
		*at = '\0';
		/* A path may end with a slash. */
		if (at[1 + strspn(at + 1, "/")] != '\0' &&
		    stat(dir, &st) != 0) {
			rc = fs_mkdirs(dir, PARENT_MODE, err);
			if (rc == 0)
				rc = set_rights_made(
				    dir, NULL, PARENT_MODE, err);
		}
		*at = '/';
	}
	return rc;
}

/*
 * `path` with this owner; one that others may write to is mended, and so is
 * one that is `files`', whose the files in it are, by root.
 */
static int
need_dir(struct init *init, const char *path, const struct fs_owner *owner,
    uid_t files, struct err *err)
{
	struct place place = {.path = path, .fd = -1};
	int rc;

	if (!init_exists(path)) {
		say_make(init, path);
		if (init->dry_run)
			return 0;
		rc = make_parents(path, err);
		if (rc == 0)
			rc = fs_mkdirs(path, owner->mode, err);
		return rc < 0 ? rc
			      : set_rights_made(path, owner, owner->mode, err);
	}
	place.fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (place.fd < 0 && errno == ENOTDIR)
		return err_set(err, ERR_CONF, INIT_DOING, path,
		    "it is no directory, which certhaul.conf has it for");
	if (place.fd < 0)
		return err_sys(err, INIT_DOING, path, "open");
	rc = settle(init, &place, owner, files, err);
	(void)close(place.fd);
	return rc;
}

/* The directory that holds `path`, into `ret`; and opened. */
static int
open_parent(
    const char *path, char *ret, size_t size, int *ret_fd, struct err *err)
{
	const char *slash = strrchr(path, '/');
	int n;

	n = snprintf(
	    ret, size, "%.*s", slash == path ? 1 : (int)(slash - path), path);
	if (n < 0 || (size_t)n >= size)
		return err_set(
		    err, ERR_LIMIT, INIT_DOING, path, "the path is too long");
	return fs_open_dir(ret, ret_fd, err);
}

static int
need_file(struct init *init, const char *path, const struct fs_owner *owner,
    const struct buf *data, struct err *err)
{
	char dir[LIMIT_PATH_BYTES];
	int fd = -1, rc;

	if (init_exists(path))
		return 0;
	say_make(init, path);
	if (init->dry_run)
		return 0;
	rc = open_parent(path, dir, sizeof(dir), &fd, err);
	if (rc == 0)
		rc = fs_replace(fd, strrchr(path, '/') + 1, owner,
		    buf_text(data), data->len, err);
	if (fd >= 0)
		(void)close(fd);
	return rc;
}

static int
need_default(struct init *init, const struct fs_owner *owner, struct err *err)
{
	struct buf pem = BUF_SECRET(LIMIT_PEM_FILE_BYTES);
	char path[LIMIT_PATH_BYTES];
	int rc;

	rc = discovery_default_path(
	    init->conf->haproxy.bundle_dir, path, sizeof(path), err);
	if (rc == 0 && !init_exists(path))
		rc = pki_make_self_signed(
		    "default.invalid", DEFAULT_DAYS, &pem, err);
	if (rc == 0)
		rc = need_file(init, path, owner, &pem, err);
	buf_free(&pem);
	return rc;
}

/*
 * Who may write to a directory may put another's bundle there, so it is not
 * given away with them: their owner may look into it, by the group, or else as
 * everybody may. The keys have modes of their own.
 */
static struct fs_owner
bundle_dir_owner(const struct fs_owner *bundle)
{
	struct fs_owner dir = {geteuid(), bundle->gid, 0700};

	if (bundle->gid != getegid())
		dir.mode = 0750;
	else if (bundle->uid != geteuid())
		dir.mode = 0755;
	return dir;
}

static void
warn(void *context, const char *text)
{
	struct init *init = context;

	init->open++;
	log_say(LOG_LEVEL_WARN, "%s", text);
}

/* Who can lead us elsewhere is for the operator to say. */
static void
warn_of_ways(struct init *init)
{
	const struct conf *conf = init->conf;
	struct trail trail = {.say = warn, .context = init};

	trail_look(&trail, conf->haproxy.bundle_dir);
	trail_look(&trail, conf->state_dir);
	trail_look(&trail, conf->letsencrypt.config_dir);
}

int
init_dirs(struct init *init, struct err *err)
{
	const struct conf *conf = init->conf;
	const struct buf nothing = BUF_INIT(0);
	struct fs_owner bundle, dir, own;
	int rc;

	rc = fs_owner_resolve(conf->haproxy.bundle_owner,
	    conf->haproxy.bundle_group, conf->haproxy.bundle_mode, &bundle,
	    err);
	if (rc < 0)
		return rc;
	warn_of_ways(init);
	dir = bundle_dir_owner(&bundle);
	own = (struct fs_owner){geteuid(), getegid(), 0700};
	rc = need_dir(init, conf->haproxy.bundle_dir, &dir, bundle.uid, err);
	if (rc == 0)
		rc = need_dir(init, conf->state_dir, &own, own.uid, err);
	own.mode = 0600;
	if (rc == 0 && *conf->challenge.map != '\0')
		rc = need_file(init, conf->challenge.map, &own, &nothing, err);
	return rc < 0 ? rc : need_default(init, &bundle, err);
}
