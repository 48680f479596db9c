/*
 * missed.c: a note is a file state_dir/missed/NAME that holds the lineage's
 * directory.
 */
#include "hooks/missed.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"

static const char doing[] = "noting a deploy that came to no end";

static int
open_notes(const struct conf *conf, bool make, int *ret_fd, struct err *err)
{
	char path[LIMIT_PATH_BYTES];
	int rc;

	rc = fs_join(path, sizeof(path), conf->state_dir, "missed", err);
	if (rc == 0 && make)
		rc = fs_mkdirs(path, 0700, err);
	if (rc == 0 && access(path, F_OK) != 0)
		return err_sys(err, doing, path, "access");
	if (rc == 0)
		rc = fs_check_dir(conf->state_dir, err);
	if (rc == 0)
		rc = fs_check_dir(path, err);
	return rc < 0 ? rc : fs_open_dir(path, ret_fd, err);
}

int
missed_note(const struct conf *conf, const struct event *event, struct err *err)
{
	const struct fs_owner owner = {geteuid(), getegid(), 0600};
	struct lineage_ref ref;
	int fd = -1, rc;

	rc = open_notes(conf, true, &fd, err);
	if (rc == 0 && event->renewed)
		rc = fs_replace(fd, event->lineage.name, &owner,
		    event->lineage.dir, strlen(event->lineage.dir), err);
	for (size_t i = 0; rc == 0 && i < event->name_count; i++) {
		rc = lineage_ref_from_name(
		    conf->letsencrypt.config_dir, event->names[i], &ref, err);
		/* A name that stands for nothing is not to be tried again. */
		if (rc == 0 && access(ref.dir, F_OK) == 0)
			rc = fs_replace(fd, ref.name, &owner, ref.dir,
			    strlen(ref.dir), err);
	}
	if (fd >= 0)
		(void)close(fd);
	return rc;
}

/* Room for one more in both lists. */
static int
grow(struct missed *missed, struct err *err)
{
	size_t count = missed->names.count + 1;
	struct deploy_name *items;
	struct fs_ident *idents;

	items = realloc(missed->names.items, count * sizeof(*items));
	if (items == NULL)
		return err_nomem(err, doing);
	missed->names.items = items;
	idents = realloc(missed->idents, count * sizeof(*idents));
	if (idents == NULL)
		return err_nomem(err, doing);
	missed->idents = idents;
	return 0;
}

static int
read_note(int fd, const char *name, struct missed *ret, struct err *err)
{
	struct buf dir = BUF_INIT(LIMIT_PATH_BYTES);
	struct err why = ERR_INIT;
	struct lineage_ref ref;
	struct fs_ident ident;
	struct stat st;
	struct deploy_name *item;
	int rc = 0;

	/* Never through a link: what it holds is said to the operator. */
	if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    !S_ISREG(st.st_mode) ||
	    fs_read(fd, name, FS_TRUST_PRIVATE, &dir, &ident, &why) < 0 ||
	    lineage_ref_from_path(buf_text(&dir), &ref, &why) < 0 ||
	    strcmp(ref.name, name) != 0) {
		log_say(LOG_LEVEL_WARN,
		    "the note of a missed deploy, %s, is none; removed", name);
		(void)unlinkat(fd, name, 0);
		goto out;
	}
	rc = grow(ret, err);
	if (rc < 0)
		goto out;
	item = &ret->names.items[ret->names.count];
	item->name = strdup(name);
	item->dir = strdup(ref.dir);
	ret->idents[ret->names.count++] = ident;
	if (item->name == NULL || item->dir == NULL)
		rc = err_nomem(err, doing);
out:
	buf_free(&dir);
	return rc;
}

int
missed_read(const struct conf *conf, struct missed *ret, struct err *err)
{
	struct dirent *entry;
	DIR *dir = NULL;
	int fd = -1, rc;

	*ret = (struct missed){{NULL, 0, 0}, NULL};
	rc = open_notes(conf, false, &fd, err);
	if (rc == ERR_NOENT) {
		err_clear(err);
		return 0;
	}
	if (rc < 0)
		return rc;
	dir = fdopendir(fd);
	if (dir == NULL) {
		rc = err_sys(err, doing, conf->state_dir, "fdopendir");
		(void)close(fd);
		return rc;
	}
	while (rc == 0 && (entry = readdir(dir)) != NULL) {
		if (text_is_lineage_name(entry->d_name))
			rc = read_note(fd, entry->d_name, ret, err);
	}
	(void)closedir(dir);
	return rc;
}

static bool
is_known(const struct names *names, const char *name)
{
	for (size_t i = 0; i < names->count; i++) {
		if (strcmp(names->items[i].name, name) == 0)
			return true;
	}
	return false;
}

int
missed_add(const struct missed *missed, struct names *names, struct err *err)
{
	for (size_t i = 0; i < missed->names.count; i++) {
		const struct deploy_name *note = &missed->names.items[i];
		struct deploy_name *grown;

		if (is_known(names, note->name))
			continue;
		grown =
		    realloc(names->items, (names->count + 1) * sizeof(*grown));
		if (grown == NULL)
			return err_nomem(err, doing);
		names->items = grown;
		grown[names->count].name = strdup(note->name);
		grown[names->count].dir = strdup(note->dir);
		names->count++;
		if (grown[names->count - 1].name == NULL ||
		    grown[names->count - 1].dir == NULL)
			return err_nomem(err, doing);
	}
	return 0;
}

void
missed_clear(const struct conf *conf, const struct missed *missed,
    const struct names *names)
{
	struct err ignored = ERR_INIT;
	int fd = -1;

	if (missed->names.count == 0 ||
	    open_notes(conf, false, &fd, &ignored) < 0)
		return;
	for (size_t i = 0; i < missed->names.count; i++) {
		const char *name = missed->names.items[i].name;
		struct fs_ident now;
		struct stat st;

		if (!is_known(names, name) ||
		    fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		fs_ident_from(&st, &now);
		if (fs_ident_equal(&now, &missed->idents[i]))
			(void)unlinkat(fd, name, 0);
	}
	(void)close(fd);
}

void
missed_free(struct missed *missed)
{
	names_free(&missed->names);
	free(missed->idents);
	missed->idents = NULL;
}
