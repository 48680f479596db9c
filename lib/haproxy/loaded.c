/*
 * loaded.c: the files of a bind line's `crt` and `crt-list`, one by one: for
 * those who look for another's certificate beside the bundles.
 */
#include "haproxy/loaded.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/fs.h"
#include "haproxy/discovery.h"

bool
loaded_each_in(
    const char *dir, const char *name, loaded_visit visit, void *context)
{
	char path[LIMIT_PATH_BYTES], called[LIMIT_PATH_BYTES];
	const struct loaded file = {path, called, NULL, 0, true};
	struct err ignored = ERR_INIT;
	DIR *stream = opendir(dir);
	struct dirent *entry;
	bool ended = false;

	while (stream != NULL && !ended && (entry = readdir(stream)) != NULL) {
		ended = discovery_loadable(entry->d_name) &&
		    fs_join(path, sizeof(path), dir, entry->d_name, &ignored) ==
			0 &&
		    fs_join(called, sizeof(called), name, entry->d_name,
			&ignored) == 0 &&
		    visit(context, &file);
	}
	if (stream != NULL)
		(void)closedir(stream);
	return ended;
}

/* What follows the file's name in `[options] filters`; NULL: nothing. */
static const char *
filters_of(const char *rest)
{
	rest += strspn(rest, " \t");
	if (*rest == '[') {
		rest += strcspn(rest, "]");
		rest += *rest == ']';
	}
	rest += strspn(rest, " \t\r");
	return *rest == '\0' ? NULL : rest;
}

/* A line of a crt-list, which is written into; false: it has no entry. */
static bool
parse(const struct hacfg_source *source, char *line, char *ret_path,
    char *ret_name, const char **ret_filters)
{
	bool commented = *line == '#', bare;
	char *word = line + strspn(line, " \t\r");
	size_t len = strcspn(word, " \t\r[");
	int name_len, path_len;

	if (commented || len == 0)
		return false;
	*ret_filters = filters_of(word + len);
	bare = *word == '/' || *word == '@' || *source->crt_base == '\0';
	name_len = snprintf(ret_name, LIMIT_PATH_BYTES, "%s%s%.*s",
	    bare ? "" : source->crt_base, bare ? "" : "/", (int)len, word);
	if (name_len < 0 || name_len >= LIMIT_PATH_BYTES)
		return false;
	path_len = snprintf(ret_path, LIMIT_PATH_BYTES, "%s%s%s",
	    *ret_name == '/' ? "" : source->dir, *ret_name == '/' ? "" : "/",
	    ret_name);
	return path_len > 0 && path_len < LIMIT_PATH_BYTES;
}

static bool
each_listed(
    const struct hacfg_source *source, loaded_visit visit, void *context)
{
	struct buf text = BUF_INIT(LIMIT_CRTLIST_BYTES);
	char path[LIMIT_PATH_BYTES], name[LIMIT_PATH_BYTES];
	struct loaded file = {path, name, NULL, 0, true};
	struct err ignored = ERR_INIT;
	bool ended = false;
	char *line, *end;

	if (fs_read(AT_FDCWD, source->path, FS_TRUST_ANY, &text, NULL,
		&ignored) < 0)
		buf_reset(&text);
	for (line = text.data; line != NULL && !ended; line = end) {
		end = strchr(line, '\n');
		if (end != NULL)
			*end++ = '\0';
		file.line++;
		if (!parse(source, line, path, name, &file.filters))
			continue;
		ended = visit(context, &file);
		file.first = false;
	}
	buf_free(&text);
	return ended;
}

bool
loaded_each(
    const struct hacfg_source *source, loaded_visit visit, void *context)
{
	const struct loaded file = {source->path, source->name, NULL, 0, true};
	struct stat st;

	if (source->kind == HACFG_CRT_LIST)
		return each_listed(source, visit, context);
	if (stat(source->path, &st) == 0 && S_ISDIR(st.st_mode))
		return loaded_each_in(
		    source->path, source->name, visit, context);
	return *source->path != '\0' && visit(context, &file);
}
