/*
 * unlisted.c: a file state_dir/unlisted/NAME; for each store and list a head
 * of five lines, and the lines themselves, counted in bytes.
 */
#include "hooks/unlisted.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/log.h"
#include "base/text.h"

static const char doing[] = "keeping lines of a crt-list";

static int
open_kept(const struct conf *conf, bool make, int *ret_fd, struct err *err)
{
	char path[LIMIT_PATH_BYTES];
	int rc;

	rc = fs_join(path, sizeof(path), conf->state_dir, "unlisted", err);
	if (rc == 0 && make)
		rc = fs_mkdirs(path, 0700, err);
	if (rc == 0)
		rc = fs_open_dir(path, ret_fd, err);
	if (rc == 0)
		rc = fs_check_dir_fd(*ret_fd, path, err);
	return rc;
}

static void
free_line(struct unlisted_line *line)
{
	free(line->list);
	free(line->path);
	free(line->crt_base);
	free(line->store);
	buf_free(&line->taken);
}

int
unlisted_add(struct unlisted *unlisted, const char *list,
    const struct crtlist_file *file, const char *store, const struct buf *taken,
    struct err *err)
{
	struct unlisted_line *grown, *line;

	if (strchr(list, '\n') != NULL || strchr(file->path, '\n') != NULL ||
	    strchr(file->crt_base, '\n') != NULL)
		return err_set(err, ERR_INVALID, doing, file->path,
		    "a line break in a path");
	grown = realloc(
	    unlisted->items, (unlisted->count + 1) * sizeof(*unlisted->items));
	if (grown == NULL)
		return err_nomem(err, doing);
	unlisted->items = grown;
	line = &grown[unlisted->count++];
	*line = (struct unlisted_line){.list = strdup(list),
	    .path = strdup(file->path),
	    .crt_base = strdup(file->crt_base),
	    .store = strdup(store),
	    .taken = BUF_INIT(LIMIT_CRTLIST_BYTES)};
	if (line->list == NULL || line->path == NULL ||
	    line->crt_base == NULL || line->store == NULL)
		return err_nomem(err, doing);
	return buf_add(&line->taken, taken->data, taken->len, err);
}

int
unlisted_save(const struct conf *conf, const char *name,
    const struct unlisted *unlisted, struct err *err)
{
	const struct fs_owner owner = {geteuid(), getegid(), 0600};
	struct buf text = BUF_INIT(LIMIT_CRTLIST_BYTES);
	int fd = -1, rc;

	rc = open_kept(conf, true, &fd, err);
	for (size_t i = 0; rc == 0 && i < unlisted->count; i++) {
		const struct unlisted_line *line = &unlisted->items[i];

		rc = buf_printf(&text, err,
		    "list %s\npath %s\nbase %s\nstore %s\nbytes %zu\n",
		    line->list, line->path, line->crt_base, line->store,
		    line->taken.len);
		if (rc == 0)
			rc = buf_add(
			    &text, line->taken.data, line->taken.len, err);
	}
	if (rc == 0)
		rc = fs_replace(fd, name, &owner, text.data, text.len, err);
	if (fd >= 0)
		(void)close(fd);
	buf_free(&text);
	return rc;
}

/* "WORD VALUE\n": the value, cut off; NULL: it is another line. */
static char *
next_value(char **at, const char *word)
{
	size_t len = strlen(word);
	char *value = *at + len + 1, *end;

	if (strncmp(*at, word, len) != 0 || (*at)[len] != ' ')
		return NULL;
	end = strchr(value, '\n');
	if (end == NULL)
		return NULL;
	*end = '\0';
	*at = end + 1;
	return value;
}

static int
parse(struct buf *text, const char *name, struct unlisted *ret, struct err *err)
{
	char *at = text->data;
	const char *end = at + text->len;

	while (at < end) {
		const char *list = next_value(&at, "list");
		const char *path = list ? next_value(&at, "path") : NULL;
		const char *base = path ? next_value(&at, "base") : NULL;
		const char *store = base ? next_value(&at, "store") : NULL;
		const char *bytes = store ? next_value(&at, "bytes") : NULL;
		char *stop = NULL;
		size_t len = bytes ? strtoul(bytes, &stop, 10) : 0;
		struct crtlist_file file = {path, base};
		struct buf taken = BUF_INIT(LIMIT_CRTLIST_BYTES);
		int rc;

		if (bytes == NULL || stop == bytes || *stop != '\0' ||
		    len > (size_t)(end - at))
			return err_set(err, ERR_SYNTAX, doing, name,
			    "what is kept in the state directory's unlisted/ "
			    "is not as it was written");
		rc = buf_add(&taken, at, len, err);
		if (rc == 0)
			rc = unlisted_add(ret, list, &file, store, &taken, err);
		buf_free(&taken);
		if (rc < 0)
			return rc;
		at += len;
	}
	return 0;
}

int
unlisted_read(const struct conf *conf, const char *name, struct unlisted *ret,
    struct err *err)
{
	struct buf text = BUF_INIT(LIMIT_CRTLIST_BYTES);
	int fd = -1, rc;

	*ret = (struct unlisted){NULL, 0};
	rc = open_kept(conf, false, &fd, err);
	if (rc == 0)
		rc = fs_read_here(fd, name, FS_TRUST_PRIVATE, &text, NULL, err);
	if (fd >= 0)
		(void)close(fd);
	if (rc == 0 && text.len > 0)
		rc = parse(&text, name, ret, err);
	if (rc == ERR_NOENT) {
		err_clear(err);
		rc = 0;
	}
	buf_free(&text);
	return rc;
}

void
unlisted_remove(const struct conf *conf, const char *name)
{
	struct err ignored = ERR_INIT;
	int fd = -1;

	if (open_kept(conf, false, &fd, &ignored) == 0)
		(void)unlinkat(fd, name, 0);
	if (fd >= 0)
		(void)close(fd);
}

/* A list must never name a file that is not there. */
static bool
is_of_file(const struct unlisted_line *line)
{
	char path[LIMIT_PATH_BYTES];
	bool bare = *line->store == '/' || *line->store == '@' ||
	    *line->crt_base == '\0';
	int n;

	/* HAProxy's directory is not ours: only it can tell. */
	if (*line->store != '/' && *line->crt_base != '/')
		return true;
	n = snprintf(path, sizeof(path), "%s%s%s", bare ? "" : line->crt_base,
	    bare ? "" : "/", line->store);
	return n > 0 && (size_t)n < sizeof(path) && access(path, F_OK) == 0;
}

/* Its bundle is there, so the lines may be, too. */
static void
put_back(const struct conf *conf, const char *name)
{
	struct unlisted lines = {NULL, 0};
	char path[LIMIT_PATH_BYTES];
	struct err err = ERR_INIT;
	struct stat st;
	bool kept = false;
	int len, rc;

	len = snprintf(
	    path, sizeof(path), "%s/%s.pem", conf->haproxy.bundle_dir, name);
	if (len < 0 || (size_t)len >= sizeof(path) || lstat(path, &st) != 0)
		return;
	rc = unlisted_read(conf, name, &lines, &err);
	for (size_t i = 0; rc == 0 && i < lines.count; i++) {
		const struct unlisted_line *line = &lines.items[i];
		const struct crtlist_file file = {line->path, line->crt_base};

		if (!is_of_file(line))
			kept = true;
		else if (line->taken.len > 0)
			rc = crtlist_file_return(
			    &file, line->store, &line->taken, &err);
	}
	if (rc == 0 && !kept)
		unlisted_remove(conf, name);
	else if (rc < 0)
		log_err(LOG_LEVEL_WARN,
		    "lines that an earlier run took out of a crt-list: ", &err);
	unlisted_free(&lines);
}

bool
unlisted_sweep(const struct conf *conf, bool look_only)
{
	struct err ignored = ERR_INIT;
	const struct dirent *entry;
	bool any = false;
	DIR *dir = NULL;
	int fd = -1;

	if (open_kept(conf, false, &fd, &ignored) == 0)
		dir = fdopendir(fd);
	if (dir == NULL) {
		if (fd >= 0)
			(void)close(fd);
		return false;
	}
	while ((entry = readdir(dir)) != NULL) {
		if (!text_is_lineage_name(entry->d_name))
			continue;
		any = true;
		if (!look_only)
			put_back(conf, entry->d_name);
	}
	(void)closedir(dir);
	return any;
}

void
unlisted_free(struct unlisted *unlisted)
{
	for (size_t i = 0; i < unlisted->count; i++)
		free_line(&unlisted->items[i]);
	free(unlisted->items);
	*unlisted = (struct unlisted){NULL, 0};
}
