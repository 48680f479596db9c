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
#include <unistd.h>

#include "base/buf.h"
#include "base/fs.h"
#include "haproxy/discovery.h"

const char *const loaded_kinds[LOADED_KINDS] = {".dsa", ".ecdsa", ".rsa"};

bool
loaded_each_in(
    const char *dir, const char *name, loaded_visit visit, void *context)
{
	char path[LIMIT_PATH_BYTES], called[LIMIT_PATH_BYTES];
	const struct loaded file = {path, called, NULL, 0, true, false, 0};
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

/* The store of a crt-store; NULL: it is a file by that name. */
static const struct hacfg_load *
load_of(const struct hacfg *hacfg, const char *name)
{
	for (size_t i = 0; i < hacfg->load_count; i++) {
		if (strcmp(hacfg->loads[i].store, name) == 0)
			return &hacfg->loads[i];
	}
	return NULL;
}

/* "X.rsa"; false: there is none, or its name is too long. */
static bool
put_kind(const char *path, size_t kind, char ret[LIMIT_PATH_BYTES])
{
	int len =
	    snprintf(ret, LIMIT_PATH_BYTES, "%s%s", path, loaded_kinds[kind]);

	return len > 0 && len < LIMIT_PATH_BYTES && access(ret, F_OK) == 0;
}

unsigned
loaded_kinds_of(const char *path)
{
	char kind[LIMIT_PATH_BYTES];
	unsigned count = 0;

	for (size_t i = 0; access(path, F_OK) != 0 && i < LOADED_KINDS; i++)
		count += put_kind(path, i, kind);
	return count;
}

static bool
each_kind(const struct loaded *file, loaded_visit visit, void *context)
{
	char path[LIMIT_PATH_BYTES];
	char name[LIMIT_PATH_BYTES + sizeof(".ecdsa")];
	struct loaded one = *file;
	bool ended = false;

	one.path = path;
	one.name = name;
	for (size_t i = 0; i < LOADED_KINDS && !ended; i++) {
		if (!put_kind(file->path, i, path))
			continue;
		(void)snprintf(
		    name, sizeof(name), "%s%s", file->name, loaded_kinds[i]);
		ended = visit(context, &one);
		one.first = false;
	}
	return ended;
}

/* A file, or a store, by its name. */
static bool
each_named(const struct hacfg *hacfg, const struct loaded *file,
    loaded_visit visit, void *context)
{
	const struct hacfg_load *load = load_of(hacfg, file->name);
	struct loaded one = *file;

	if (load != NULL) {
		one.path = load->path;
		one.acme |= load->acme;
	}
	if (*one.path == '\0')
		return false;
	one.kinds = load == NULL ? loaded_kinds_of(one.path) : 0;
	return one.kinds > 0 ? each_kind(&one, visit, context)
			     : visit(context, &one);
}

static bool
each_listed(const struct hacfg *hacfg, const struct hacfg_source *source,
    loaded_visit visit, void *context)
{
	struct buf text = BUF_INIT(LIMIT_CRTLIST_BYTES);
	char path[LIMIT_PATH_BYTES], name[LIMIT_PATH_BYTES];
	struct loaded file = {path, name, NULL, 0, true, false, 0};
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
		ended = each_named(hacfg, &file, visit, context);
		file.first = false;
	}
	buf_free(&text);
	return ended;
}

bool
loaded_each(const struct hacfg *hacfg, const struct hacfg_source *source,
    loaded_visit visit, void *context)
{
	const struct loaded file = {
	    source->path, source->name, NULL, 0, true, source->acme, 0};
	struct stat st;

	if (source->kind == HACFG_CRT_LIST)
		return each_listed(hacfg, source, visit, context);
	if (stat(source->path, &st) == 0 && S_ISDIR(st.st_mode))
		return loaded_each_in(
		    source->path, source->name, visit, context);
	return each_named(hacfg, &file, visit, context);
}
