/*
 * store_create.c: a new lineage. It is made aside and comes to be by three
 * renames (store.h), so that certbot never meets half of one.
 */
#include "acme/store_part.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"

static const char doing[] = "making the lineage";

int
store_readme(const char *dir, bool base, struct err *err)
{
	const char *prefix = base ? "[cert name]/" : "";
	const struct fs_owner owner = {(uid_t)-1, (gid_t)-1, fs_masked(0644)};
	struct buf text = BUF_INIT(4096);
	struct stat st;
	int fd = -1, rc;

	rc = fs_open_dir(dir, &fd, err);
	if (rc < 0)
		return rc;
	/* What a killed run has left of this; directories stay. */
	(void)fs_sweep(fd);
	if (base && fstatat(fd, "README", &st, AT_SYMLINK_NOFOLLOW) == 0)
		goto out;
	/* certbot's words, so that the two directories do not differ. */
	rc = buf_printf(&text, err,
	    "This directory contains your keys and certificates.\n\n"
	    "`%sprivkey.pem`  : the private key for your certificate.\n"
	    "`%sfullchain.pem`: the certificate file used in most server "
	    "software.\n"
	    "`%schain.pem`    : used for OCSP stapling in Nginx >=1.3.7.\n"
	    "`%scert.pem`     : will break many server configurations, and "
	    "should not be used\n"
	    "                 without reading further documentation (see link "
	    "below).\n\n"
	    "WARNING: DO NOT MOVE OR RENAME THESE FILES!\n"
	    "         Certbot expects these files to remain in this location "
	    "in order\n"
	    "         to function properly!\n\n"
	    "We recommend not moving these files. For more information, see "
	    "the Certbot\n"
	    "User Guide at "
	    "https://certbot.eff.org/docs/"
	    "using.html#where-are-my-certificates.\n",
	    prefix, prefix, prefix, prefix);
	if (rc == 0)
		rc = fs_replace(
		    fd, "README", &owner, buf_text(&text), text.len, err);
out:
	(void)close(fd);
	buf_free(&text);
	return rc;
}

/* archive/, live/ and renewal/. */
static int
make_folders(const struct store_dirs *dirs, struct err *err)
{
	static const struct {
		const char *name;
		mode_t mode;
	} folders[] = {{"archive", 0700}, {"live", 0700}, {"renewal", 0755}};
	char path[LIMIT_PATH_BYTES];
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < COUNT_OF(folders); i++) {
		rc = fs_join(
		    path, sizeof(path), dirs->config_dir, folders[i].name, err);
		if (rc == 0)
			rc = fs_mkdirs(path, fs_masked(folders[i].mode), err);
		if (rc == 0 && strcmp(folders[i].name, "live") == 0)
			rc = store_readme(path, true, err);
	}
	return rc;
}

/* A directory of that name may be there only if nothing is in it. */
static int
check_free(
    const char *path, const char *what, const char *name, struct err *err)
{
	struct stat st;

	if (rmdir(path) == 0 || errno == ENOENT)
		return 0;
	if (lstat(path, &st) != 0)
		return err_sys(err, doing, path, "stat");
	return err_set(err, ERR_EXISTS, doing, path,
	    "%s directory exists for %s, and no renewal configuration; move "
	    "it out of the way, or take another --cert-name",
	    what, name);
}

static int
refuse_taken(const struct store_place *place, const char *name, struct err *err)
{
	struct stat st;
	int rc;

	if (lstat(place->conf, &st) == 0)
		return err_set(err, ERR_EXISTS, doing, place->conf,
		    "there is a lineage of that name");
	rc = check_free(place->archive, "archive", name, err);
	if (rc == 0)
		rc = check_free(place->live, "live", name, err);
	return rc;
}

/* "live/.certhaul-NAME" for "live/NAME". */
static int
aside_of(const char *path, char *ret, struct err *err)
{
	const char *slash = strrchr(path, '/');
	int len;

	len = snprintf(ret, LIMIT_PATH_BYTES, "%.*s/%s%s", (int)(slash - path),
	    path, STORE_ASIDE_PREFIX, slash + 1);
	if (len < 0 || len >= LIMIT_PATH_BYTES)
		return err_set(
		    err, ERR_LIMIT, doing, path, "the path is too long");
	return 0;
}

/* An empty directory, whatever a killed run has left there. */
static int
make_aside(const char *path, int *ret_fd, struct err *err)
{
	int rc;

	rc = store_remove_tree(path, err);
	if (rc == 0)
		rc = fs_mkdirs(path, fs_masked(0755), err);
	if (rc == 0)
		rc = fs_open_dir(path, ret_fd, err);
	return rc;
}

static int
make_archive(
    const char *aside, const struct store_files *files, struct err *err)
{
	int fd = -1, rc;

	rc = make_aside(aside, &fd, err);
	if (rc == 0)
		rc = store_archive_write(
		    fd, aside, 1, files, (gid_t)-1, 0600, err);
	if (fd >= 0)
		(void)close(fd);
	return rc;
}

static int
make_live(const char *aside, const struct store_place *place, struct err *err)
{
	int fd = -1, rc;

	rc = make_aside(aside, &fd, err);
	if (rc == 0)
		rc = store_links_make(fd, place, 1, err);
	if (rc == 0)
		rc = store_readme(aside, false, err);
	if (fd >= 0)
		(void)close(fd);
	return rc;
}

/* Renames, and keeps it over a loss of power. */
static int
settle(const char *from, const char *to, struct err *err)
{
	char dir[LIMIT_PATH_BYTES];
	int fd = -1, rc;

	if (rename(from, to) != 0)
		return err_sys(err, doing, to, "rename");
	(void)snprintf(dir, sizeof(dir), "%s", to);
	*strrchr(dir, '/') = '\0';
	rc = fs_open_dir(dir, &fd, err);
	if (rc == 0)
		rc = fs_sync(fd, dir, err);
	if (fd >= 0)
		(void)close(fd);
	return rc;
}

bool
store_is_half_made(const struct store_dirs *dirs, const char *name)
{
	struct err ignored = ERR_INIT;
	struct store_place place;
	struct stat st;

	return store_place_default(dirs, name, &place, &ignored) == 0 &&
	    lstat(place.aside, &st) == 0;
}

int
store_create(const struct store_dirs *dirs, const char *name,
    const struct store_files *files, struct renewal *conf, struct err *err)
{
	char archive[LIMIT_PATH_BYTES], live[LIMIT_PATH_BYTES];
	struct store_place place;
	bool found;
	int rc;

	rc = store_place_default(dirs, name, &place, err);
	if (rc == 0)
		rc = make_folders(dirs, err);
	if (rc == 0)
		rc = store_clear(dirs, name, &found, err);
	if (rc == 0)
		rc = refuse_taken(&place, name, err);
	if (rc == 0)
		rc = store_conf_fill(conf, &place, err);
	if (rc == 0)
		rc = aside_of(place.archive, archive, err);
	if (rc == 0)
		rc = aside_of(place.live, live, err);
	if (rc == 0)
		rc = make_archive(archive, files, err);
	if (rc == 0)
		rc = make_live(live, &place, err);
	/* From here on until it is renamed, the rest is nobody's. */
	if (rc == 0)
		rc = renewal_write(conf, place.aside, err);
	if (rc == 0)
		rc = store_pending_note(dirs, name, files->cert, err);
	if (rc == 0)
		rc = settle(archive, place.archive, err);
	if (rc == 0)
		rc = settle(live, place.live, err);
	if (rc == 0)
		rc = settle(place.aside, place.conf, err);
	return rc;
}
