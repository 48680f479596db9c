/*
 * discovery_list.c: crt-list files -> entries of bundle_dir; a part of
 * discovery_index(). Each file is read once under each of its spellings, as
 * HAProxy does, and only entries that are ours are kept.
 */
#include "haproxy/discovery_part.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/fs.h"

/* One line of a crt-list: `FILE [options] filters` (manual, crt-list). */
static int
index_list_line(
    struct discovery_indexer *indexer, size_t list, char *line, struct err *err)
{
	struct discovery *discovery = indexer->discovery;
	const struct hacfg_source *source = discovery->lists[list].source;
	char name[LIMIT_PATH_BYTES], path[LIMIT_PATH_BYTES], *options, *filters;
	char file_name[NAME_MAX + 1];
	const struct hacfg_load *load;
	struct discovery_entry *entry = NULL;
	bool bare, first;
	size_t len;
	int n, rc;

	line += strspn(line, " \t\r");
	len = strcspn(line, " \t\r[");
	if (*line == '#' || len == 0)
		return 0;
	first = discovery->lists[list].line_count++ == 0;
	options = line + len;
	bare = *line == '/' || *line == '@' || *source->crt_base == '\0';
	n = snprintf(name, sizeof(name), "%s%s%.*s",
	    bare ? "" : source->crt_base, bare ? "" : "/", (int)len, line);
	if (n < 0 || (size_t)n >= sizeof(name))
		return 0;
	load = discovery_find_load(indexer, name);
	n = snprintf(path, sizeof(path), "%s%s%s",
	    load != NULL || *name == '/' ? "" : source->dir,
	    load != NULL || *name == '/' ? "" : "/",
	    load != NULL ? load->path : name);
	if (n < 0 || (size_t)n >= sizeof(path) ||
	    !discovery_is_bundle(indexer, path, file_name))
		return 0;
	rc = discovery_add_entry(
	    discovery, file_name, name, DISCOVERY_CRT_LIST, &entry, err);
	if (rc < 0)
		return rc;
	entry->list = list;
	entry->is_default = first;
	options += strspn(options, " \t");
	filters = options;
	if (*options == '[') {
		filters = options + strcspn(options, "]");
		if (*filters != '\0')
			*filters++ = '\0';
		entry->acme = strstr(options, "acme ") != NULL;
	}
	filters += strspn(filters, " \t\r");
	if (*filters == '\0')
		return 0;
	entry->filters = strdup(filters);
	return entry->filters == NULL ? err_nomem(err, DISCOVERY_DOING) : 0;
}

static int
index_list(struct discovery_indexer *indexer, size_t list, struct err *err)
{
	struct discovery_list *it = &indexer->discovery->lists[list];
	struct buf text = BUF_INIT(LIMIT_CRTLIST_BYTES);
	char *line, *end;
	struct stat st;
	int rc;

	it->found = stat(it->source->path, &st) == 0;
	/* A list that is not there is HAProxy's to complain about. */
	if (!it->found || !S_ISREG(st.st_mode))
		return 0;
	it->dev = st.st_dev;
	it->ino = st.st_ino;
	rc =
	    fs_read(AT_FDCWD, it->source->path, FS_TRUST_ANY, &text, NULL, err);
	for (line = text.data; line != NULL && rc == 0; line = end) {
		end = strchr(line, '\n');
		if (end != NULL)
			*end++ = '\0';
		rc = index_list_line(indexer, list, line, err);
	}
	buf_free(&text);
	return rc;
}

int
discovery_take_list(struct discovery_indexer *indexer,
    const struct hacfg_source *source, size_t *ret, struct err *err)
{
	struct discovery *discovery = indexer->discovery;
	struct discovery_list *grown;
	size_t i;

	for (i = 0; i < discovery->list_count; i++) {
		*ret = i;
		if (strcmp(discovery->lists[i].source->name, source->name) == 0)
			return 0;
	}
	grown = discovery_grow(
	    discovery->lists, discovery->list_count, sizeof(*grown));
	if (grown == NULL)
		return err_nomem(err, DISCOVERY_DOING);
	discovery->lists = grown;
	grown[discovery->list_count++].source = source;
	*ret = i;
	return index_list(indexer, i, err);
}
