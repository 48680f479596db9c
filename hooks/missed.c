/*
 * missed.c: a note is a file state_dir/missed/NAME that holds the lineage's
 * directory.
 */
#include "hooks/missed.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/text.h"

static const char doing[] = "noting a deploy that could not begin";

static int
open_notes(const struct conf *conf, bool make, int *ret_fd, struct err *err)
{
	char path[LIMIT_PATH_BYTES];
	int rc;

	rc = fs_join(path, sizeof(path), conf->state_dir, "missed", err);
	if (rc == 0 && make)
		rc = fs_mkdirs(path, 0700, err);
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
		if (rc == 0)
			rc = fs_replace(fd, ref.name, &owner, ref.dir,
			    strlen(ref.dir), err);
	}
	if (fd >= 0)
		(void)close(fd);
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

static int
add_note(int fd, const char *name, struct names *names, struct err *err)
{
	struct buf dir = BUF_INIT(LIMIT_PATH_BYTES);
	struct deploy_name *grown;
	int rc;

	rc = fs_read(fd, name, FS_TRUST_PRIVATE, &dir, NULL, err);
	if (rc < 0)
		goto out;
	grown =
	    realloc(names->items, (names->count + 1) * sizeof(*names->items));
	if (grown == NULL) {
		rc = err_nomem(err, doing);
		goto out;
	}
	names->items = grown;
	grown[names->count].name = strdup(name);
	grown[names->count].dir = strdup(buf_text(&dir));
	names->count++;
	if (grown[names->count - 1].name == NULL ||
	    grown[names->count - 1].dir == NULL)
		rc = err_nomem(err, doing);
out:
	buf_free(&dir);
	return rc;
}

int
missed_add(const struct conf *conf, struct names *names, struct err *err)
{
	struct dirent *entry;
	DIR *dir = NULL;
	int fd = -1, rc;

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
		if (text_is_lineage_name(entry->d_name) &&
		    !is_known(names, entry->d_name))
			rc = add_note(fd, entry->d_name, names, err);
	}
	(void)closedir(dir);
	return rc;
}

void
missed_clear(const struct conf *conf, const struct names *names)
{
	struct err ignored = ERR_INIT;
	int fd = -1;

	if (open_notes(conf, false, &fd, &ignored) < 0)
		return;
	for (size_t i = 0; i < names->count; i++)
		(void)unlinkat(fd, names->items[i].name, 0);
	(void)close(fd);
}
