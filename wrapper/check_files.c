/*
 * check_files.c: what `certhaul check` finds on the disk: our configuration,
 * the bundles, room for the next renewal. Who may write what: check_rights.c.
 */
#include "wrapper/check.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/lock.h"
#include "base/text.h"
#include "wrapper/who.h"

void
check_configuration(struct check *check)
{
	struct err why = ERR_INIT;

	if (check->conf->path == NULL)
		check_say(check, CHECK_GOOD,
		    "no " CONF_DEFAULT_PATH ": the defaults hold");
	else
		check_say(check, CHECK_GOOD, "%s", check->conf->path);
	if (lock_probe(check->conf->lock_file, &why) < 0)
		check_say_err(check,
		    why.code == ERR_LOCKED ? CHECK_HINT : CHECK_BAD, &why);
}

/* What bundles there are: as configured, or not, or for all to read. */
struct tally {
	struct check_list open, other;
	struct check_list foreign; /* of no lineage, nor of one that was */
	size_t count;
};

/* HAProxy loads it, and nobody here renews it or takes it away. */
static bool
is_foreign(const struct check *check, const char *file)
{
	static const char *const passed[] = {
	    ".key", ".issuer", ".ocsp", ".sctl"};
	const char *dot = strrchr(file, '.');

	for (size_t i = 0; dot != NULL && i < COUNT_OF(passed); i++) {
		if (strcmp(dot, passed[i]) == 0)
			return false;
	}
	for (size_t i = 0; i < check->observed.count; i++) {
		const char *name = check->observed.items[i].name;
		size_t len = strlen(name);

		/* Pairs are NAME.pem.rsa and NAME.pem.ecdsa. */
		if (strncmp(file, name, len) == 0 &&
		    strncmp(file + len, ".pem", 4) == 0 &&
		    (file[len + 4] == '\0' || file[len + 4] == '.'))
			return false;
	}
	return check->observed_err.code == 0;
}

static void
count_bundle(const char *dir, const char *file, const struct stat *st,
    const struct fs_owner *owner, struct tally *tally)
{
	char path[LIMIT_PATH_BYTES], who[WHO_BYTES];
	char text[NAME_MAX + sizeof(who) + 4];
	struct err ignored = ERR_INIT;

	tally->count++;
	if (fs_join(path, sizeof(path), dir, file, &ignored) == 0 &&
	    check_is_open(path, st, S_IRWXO, owner, who, sizeof(who))) {
		(void)snprintf(text, sizeof(text), "%s (%s)", file, who);
		check_list_add(&tally->open, text);
	} else if (st->st_uid != owner->uid || st->st_gid != owner->gid ||
	    (st->st_mode & 07777) != owner->mode) {
		check_list_add(&tally->other, file);
	}
}

static void
say_bundles(struct check *check, struct tally *tally)
{
	static const char of_none[] = "; of no lineage that is known here: ";
	const struct conf *conf = check->conf;

	if (tally->open.count > 0)
		check_say(check, CHECK_BAD,
		    "%s may be read by others, the key included: chmod o-rwx "
		    "%s/*, and chown what another user has",
		    check_list_text(&tally->open), conf->haproxy.bundle_dir);
	if (tally->other.count > 0)
		check_say(check, CHECK_HINT,
		    "%s: not the configured owner, group or mode (%s, %s, "
		    "%s); \"certhaul deploy\" puts those right that are ours",
		    check_list_text(&tally->other), conf->haproxy.bundle_owner,
		    conf->haproxy.bundle_group, conf->haproxy.bundle_mode);
	if (tally->open.count + tally->other.count == 0)
		check_say(check, CHECK_GOOD, "%zu in %s, %s:%s %s%s%s",
		    tally->count, conf->haproxy.bundle_dir,
		    conf->haproxy.bundle_owner, conf->haproxy.bundle_group,
		    conf->haproxy.bundle_mode,
		    tally->foreign.count > 0 ? of_none : "",
		    check_list_text(&tally->foreign));
}

void
check_bundles(struct check *check)
{
	const struct conf *conf = check->conf;
	struct tally tally = {.count = 0};
	struct err why = ERR_INIT;
	struct dirent *entry;
	struct fs_owner owner;
	struct stat st;
	DIR *dir;

	if (fs_owner_resolve(conf->haproxy.bundle_owner,
		conf->haproxy.bundle_group, conf->haproxy.bundle_mode, &owner,
		&why) < 0) {
		check_say_err(check, CHECK_BAD, &why);
		return;
	}
	dir = opendir(conf->haproxy.bundle_dir);
	if (dir == NULL)
		return; /* check_permissions() has said so */
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] != '.' &&
		    fstatat(dirfd(dir), entry->d_name, &st,
			AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISREG(st.st_mode)) {
			count_bundle(conf->haproxy.bundle_dir, entry->d_name,
			    &st, &owner, &tally);
			if (is_foreign(check, entry->d_name))
				check_list_add(&tally.foreign, entry->d_name);
		}
	}
	(void)closedir(dir);
	say_bundles(check, &tally);
}

void
check_space(struct check *check)
{
	const struct conf *conf = check->conf;
	const char *const paths[] = {conf->letsencrypt.config_dir,
	    conf->haproxy.bundle_dir, conf->state_dir};
	unsigned long long bytes, least = 0;
	size_t seen = 0;
	size_t bad = check->counts[CHECK_BAD];

	for (size_t i = 0; i < COUNT_OF(paths); i++) {
		struct err why = ERR_INIT;

		if (access(paths[i], F_OK) != 0)
			continue;
		seen++;
		if (fs_free_bytes(paths[i], &bytes, &why) < 0) {
			check_say_err(check, CHECK_BAD, &why);
			continue;
		}
		if (least == 0 || bytes < least)
			least = bytes;
		if (bytes < LIMIT_FREE_LEAST_BYTES)
			check_say(check, CHECK_BAD,
			    "%s: only %llu bytes are free; a renewal could "
			    "not be stored",
			    paths[i], bytes);
	}
	if (seen == 0)
		check_say(check, CHECK_HINT,
		    "not known: none of the directories is there yet");
	else if (check->counts[CHECK_BAD] == bad)
		check_say(check, CHECK_GOOD, "%llu MB at the least",
		    least / (1024 * 1024));
}

/* How many lineages have generations, and of how many no lineage is left. */
static void
count_generations(
    struct check *check, DIR *dir, size_t *ret_kept, struct check_list *left)
{
	struct dirent *entry;

	*ret_kept = 0;
	while ((entry = readdir(dir)) != NULL) {
		bool known = false;

		if (!text_is_lineage_name(entry->d_name))
			continue;
		for (size_t i = 0; !known && i < check->observed.count; i++)
			known = strcmp(check->observed.items[i].name,
				    entry->d_name) == 0;
		if (known)
			(*ret_kept)++;
		else
			check_list_add(left, entry->d_name);
	}
}

void
check_generations(struct check *check)
{
	struct check_list left = {.count = 0};
	char path[LIMIT_PATH_BYTES];
	struct err why = ERR_INIT;
	size_t kept = 0;
	DIR *dir;

	if (fs_join(path, sizeof(path), check->conf->state_dir, "generations",
		&why) < 0) {
		check_say_err(check, CHECK_BAD, &why);
		return;
	}
	dir = opendir(path);
	if (dir == NULL && errno != ENOENT) {
		(void)err_sys(&why, "checking", path, "opendir");
		check_say_err(check, CHECK_BAD, &why);
		return;
	}
	if (dir != NULL) {
		count_generations(check, dir, &kept, &left);
		(void)closedir(dir);
	}
	if (left.count > 0 && check->observed_err.code == 0)
		check_say(check, CHECK_HINT,
		    "%s has keys of lineages that are no more: %s", path,
		    check_list_text(&left));
	check_say(check, CHECK_GOOD,
	    "%zu lineage%s can be rolled back, to at most %ld earlier bundles",
	    kept, kept == 1 ? "" : "s", check->conf->haproxy.generations);
}
