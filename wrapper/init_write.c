/*
 * init_write.c: the operator's haproxy.cfg, changed as one would wish it: the
 * new text is staged beside the old (a dot file, which HAProxy passes over),
 * `haproxy -c` has it first, a copy of the old one is kept, then it is renamed
 * into place with the owner and mode that the old one had.
 *
 * Line numbers are of use for one text only: the edits are looked for again
 * once the texts are held, and a text that is another by the end is left.
 */
#include "wrapper/init.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/log.h"
#include "haproxy/hacfg.h"
#include "haproxy/reload.h"
#include "wrapper/refit.h"

/* One file of the configuration, in the order in which HAProxy reads them. */
struct file {
	char path[LIMIT_PATH_BYTES]; /* as it is configured */
	char real[LIMIT_PATH_BYTES]; /* without links */
	char staged[LIMIT_PATH_BYTES]; /* "" where it is not changed */
	char tmp[NAME_MAX + 1];
	bool replaced;
	int dir_fd; /* -1: not open */
	struct fs_owner owner;
	struct fs_ident ident;
	struct buf text; /* the old one */
};

struct files {
	struct file *items; /* owned */
	size_t count;
};

static const char *
base_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

static int
add_file(struct files *files, const char *path, struct err *err)
{
	struct file *grown;

	for (size_t i = 0; i < files->count; i++) {
		if (strcmp(files->items[i].path, path) == 0)
			return 0;
	}
	grown = realloc(files->items, (files->count + 1) * sizeof(*grown));
	if (grown == NULL)
		return err_nomem(err, INIT_DOING);
	files->items = grown;
	grown += files->count++;
	memset(grown, 0, sizeof(*grown));
	grown->dir_fd = -1;
	grown->text.max_bytes = LIMIT_HACFG_BYTES;
	(void)snprintf(grown->path, sizeof(grown->path), "%s", path);
	return 0;
}

/* hacfg_each(): every file that has a line. */
static int
take_line(void *context, const struct hacfg_seen *seen, struct err *err)
{
	return add_file(context, seen->file, err);
}

static void
files_free(struct files *files)
{
	for (size_t i = 0; i < files->count; i++) {
		struct file *file = &files->items[i];

		if (file->dir_fd >= 0 && file->tmp[0] != '\0')
			(void)unlinkat(file->dir_fd, file->tmp, 0);
		if (file->dir_fd >= 0)
			(void)close(file->dir_fd);
		buf_free(&file->text);
	}
	free(files->items);
}

static bool
is_edited(const struct refit *refit, const char *path)
{
	for (size_t i = 0; i < refit->count; i++) {
		if (strcmp(refit->edits[i].file, path) == 0)
			return true;
	}
	return false;
}

/* The old text, and where it really is: a link is not to be replaced. */
static int
open_file(struct file *file, struct err *err)
{
	struct stat st = {.st_mode = 0};
	char dir[LIMIT_PATH_BYTES];
	int rc;

	if (realpath(file->path, file->real) == NULL)
		return err_sys(err, INIT_DOING, file->path, "realpath");
	(void)snprintf(dir, sizeof(dir), "%.*s",
	    (int)(base_of(file->real) - file->real), file->real);
	rc = fs_open_dir(dir, &file->dir_fd, err);
	if (rc == 0)
		rc = fs_read_here(file->dir_fd, base_of(file->real),
		    FS_TRUST_ANY, &file->text, &st, err);
	if (rc < 0)
		return rc;
	fs_ident_from(&st, &file->ident);
	file->owner =
	    (struct fs_owner){st.st_uid, st.st_gid, st.st_mode & 0777};
	return 0;
}

/* That what was shown is what these texts lack, line by line. */
static int
look_again(const struct init *init, const struct refit *refit, struct err *err)
{
	struct refit again;
	int rc;

	rc = refit_find(init->conf, REFIT_ALL, init->elsewhere, &again, err);
	if (rc < 0)
		return rc;
	if (!refit_equal(refit, &again))
		rc = err_set(err, ERR_EXISTS, INIT_DOING, refit->edits[0].file,
		    "HAProxy's configuration was changed meanwhile; run init "
		    "again");
	refit_free(&again);
	return rc;
}

static int
stage(struct file *file, const struct refit *refit, struct err *err)
{
	struct buf text = BUF_INIT(LIMIT_HACFG_BYTES);
	int n, rc;

	rc = refit_apply(refit, file->path, buf_text(&file->text), &text, err);
	if (rc == 0)
		rc = fs_stage(file->dir_fd, &file->owner, text.data, text.len,
		    true, file->tmp, err);
	if (rc == 0) {
		n = snprintf(file->staged, sizeof(file->staged), "%.*s%s",
		    (int)(base_of(file->real) - file->real), file->real,
		    file->tmp);
		if (n < 0 || (size_t)n >= sizeof(file->staged))
			rc = err_set(err, ERR_LIMIT, INIT_DOING, file->real,
			    "the path is too long");
	}
	buf_free(&text);
	return rc;
}

/*
 * HAProxy refuses the new files. Where it refuses the old ones, too, that is
 * what is to be mended first, and its words are of a file that is there.
 */
static int
blame(const struct init *init, int rc, struct err *err)
{
	struct err old = ERR_INIT;

	if (rc != ERR_HAPROXY || reload_check(init->conf, &old) != rc)
		return rc;
	err_clear(err);
	return err_set(err, rc, INIT_DOING, old.on,
	    "HAProxy refuses its configuration as it is, and nothing was "
	    "changed; mend this first: %s",
	    old.detail);
}

/* `haproxy -c` on the staged files, each in its place among the others. */
static int
check(const struct init *init, const struct files *files, struct err *err)
{
	struct conf conf = *init->conf;
	const char **paths;
	int rc;

	paths = calloc(files->count + 1, sizeof(*paths));
	if (paths == NULL)
		return err_nomem(err, INIT_DOING);
	for (size_t i = 0; i < files->count; i++)
		paths[i] = files->items[i].staged[0] != '\0'
		    ? files->items[i].staged
		    : files->items[i].path;
	conf.haproxy.config.items = paths;
	conf.haproxy.config.count = files->count;
	rc = reload_check(&conf, err);
	free(paths);
	return blame(init, rc, err);
}

/* The old text, to be had under another name. */
static int
keep_copy(struct file *file, const char *copy, struct err *err)
{
	struct fs_ident ident;
	struct stat st;

	if (fstatat(file->dir_fd, base_of(file->real), &st, 0) < 0)
		return err_sys(err, INIT_DOING, file->real, "stat");
	fs_ident_from(&st, &ident);
	if (!fs_ident_equal(&ident, &file->ident))
		return err_set(err, ERR_EXISTS, INIT_DOING, file->real,
		    "somebody else changed it meanwhile; run init again");
	return fs_replace(file->dir_fd, copy, &file->owner,
	    buf_text(&file->text), file->text.len, err);
}

/* "haproxy.cfg.certhaul-20250131T120000" */
static int
name_copy(const struct file *file, char *ret, size_t size, struct err *err)
{
	time_t now_s = clock_now_s();
	char when[32];
	struct tm tm;
	int n;

	if (localtime_r(&now_s, &tm) == NULL ||
	    strftime(when, sizeof(when), "%Y%m%dT%H%M%S", &tm) == 0)
		return err_set(err, ERR_IO, INIT_DOING, file->real,
		    "the time cannot be told");
	n = snprintf(ret, size, "%s.certhaul-%s", base_of(file->real), when);
	if (n < 0 || (size_t)n >= size)
		return err_set(err, ERR_LIMIT, INIT_DOING, file->real,
		    "its name is too long");
	return 0;
}

static int
replace(struct init *init, struct file *file, struct err *err)
{
	char copy[NAME_MAX + 1];
	int rc;

	rc = name_copy(file, copy, sizeof(copy), err);
	if (rc == 0)
		rc = keep_copy(file, copy, err);
	if (rc == 0)
		rc = fs_rename(file->dir_fd, file->real, file->tmp,
		    base_of(file->real), err);
	if (rc < 0)
		return rc;
	file->tmp[0] = '\0';
	file->replaced = init->written = true;
	init_say(init, "change", file->real);
	(void)printf("  (what it was: %s, beside it)\n", copy);
	return fs_sync(file->dir_fd, file->real, err);
}

/* One could not be replaced: HAProxy was asked about all of them together. */
static void
put_back(struct files *files)
{
	for (size_t i = 0; i < files->count; i++) {
		struct file *file = &files->items[i];
		struct err err = ERR_INIT;

		if (!file->replaced)
			continue;
		if (fs_replace(file->dir_fd, base_of(file->real), &file->owner,
			buf_text(&file->text), file->text.len, &err) < 0)
			log_err(LOG_LEVEL_ERROR, "putting back: ", &err);
		else
			log_say(LOG_LEVEL_WARN, "%s is again as it was",
			    file->real);
	}
}

/* Each edited file with its new text beside it, all of them checked. */
static int
prepare(const struct init *init, const struct refit *refit, struct files *files,
    struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < files->count && rc == 0; i++) {
		if (is_edited(refit, files->items[i].path))
			rc = open_file(&files->items[i], err);
	}
	if (rc == 0)
		rc = look_again(init, refit, err);
	for (size_t i = 0; i < files->count && rc == 0; i++) {
		if (is_edited(refit, files->items[i].path))
			rc = stage(&files->items[i], refit, err);
	}
	return rc < 0 ? rc : check(init, files, err);
}

int
init_write(struct init *init, const struct refit *refit, struct err *err)
{
	const struct conf_list *config = &init->conf->haproxy.config;
	struct files files = {NULL, 0};
	int rc;

	rc = hacfg_each(config->items, config->count,
	    init->conf->haproxy.environment, take_line, &files, err);
	/* One that was empty has no line to be seen by. */
	for (size_t i = 0; i < refit->count && rc == 0; i++)
		rc = add_file(&files, refit->edits[i].file, err);
	if (rc == 0 && !init->dry_run)
		rc = prepare(init, refit, &files, err);
	for (size_t i = 0; i < files.count && rc == 0; i++) {
		if (!is_edited(refit, files.items[i].path))
			continue;
		if (init->dry_run)
			init_say(init, "check and change", files.items[i].path);
		else
			rc = replace(init, &files.items[i], err);
	}
	if (rc < 0)
		put_back(&files);
	if (rc == 0 && !init->dry_run)
		(void)printf("next: reload HAProxy (systemctl reload "
			     "haproxy)\n");
	files_free(&files);
	return rc;
}
