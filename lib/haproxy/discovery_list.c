/*
 * discovery_list.c: crt-list files -> entries of bundle_dir; a part of
 * discovery_index(). Each file is read once under each of its spellings, as
 * HAProxy does, and only entries that are ours are kept.
 */
#include "haproxy/discovery_part.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/fs.h"
#include "haproxy/filter.h"

/* The next word of `[options]` from `*at`, to its bracket: its length or 0. */
static size_t
next_option(const char **at)
{
	*at += strspn(*at, " \t[");
	return strcspn(*at, " \t[]\r");
}

/* Is `word` one of the words of `options`? */
static bool
has_word(const char *options, const char *word)
{
	size_t len;

	for (; (len = next_option(&options)) > 0; options += len) {
		if (len == strlen(word) && strncmp(options, word, len) == 0)
			return true;
	}
	return false;
}

/* The files of the options, if there are any, that HAProxy needs, too. */
static int
take_trusts(struct hacfg *hacfg, const struct hacfg_source *source,
    unsigned number, const char *options, struct err *err)
{
	struct hacfg_trust_at at = {source->path, number, "", source->dir};
	const char *keyword = NULL;
	char word[LIMIT_PATH_BYTES];
	size_t len;
	int rc = 0;

	options += strspn(options, " \t");
	if (*options != '[')
		return 0;
	for (; rc == 0 && (len = next_option(&options)) > 0; options += len) {
		if (keyword != NULL && len < sizeof(word)) {
			memcpy(word, options, len);
			word[len] = '\0';
			rc = hacfg_trust_add(hacfg, &at, keyword, word, err);
			keyword = NULL;
		} else {
			keyword = hacfg_trust_keyword(options, len);
			at.base = keyword != NULL ? source->ca_base : "";
			if (keyword == NULL)
				keyword = hacfg_beside_keyword(options, len);
		}
	}
	return rc;
}

/* What follows the file's name: `[options] filters`, written into. */
static int
take_rest(struct discovery_entry *entry, char *options, struct err *err)
{
	char *filters;

	options += strspn(options, " \t");
	filters = options;
	if (*options == '[') {
		filters = options + strcspn(options, "]");
		if (*filters != '\0')
			*filters++ = '\0';
		entry->acme = has_word(options, "acme");
	}
	filters += strspn(filters, " \t\r");
	if (*filters == '\0')
		return 0;
	entry->filters = strdup(filters);
	return entry->filters == NULL ? err_nomem(err, DISCOVERY_DOING) : 0;
}

/* Is `name`, on a list that `source` names, a bundle, and which? */
static bool
is_bundle_of(struct discovery_indexer *indexer,
    const struct hacfg_source *source, char *name, char *ret_file_name)
{
	const struct hacfg_load *load = discovery_find_load(indexer, name);
	char path[LIMIT_PATH_BYTES];
	int n;

	if (load != NULL || *name == '/')
		return discovery_is_bundle(
		    indexer, load != NULL ? load->path : name, ret_file_name);
	n = snprintf(path, sizeof(path), "%s/%s", source->dir, name);
	return n >= 0 && (size_t)n < sizeof(path) &&
	    discovery_is_bundle(indexer, path, ret_file_name);
}

/* One line of a crt-list: `FILE [options] filters` (manual, crt-list). */
static int
index_list_line(struct discovery_indexer *indexer, size_t list, unsigned number,
    char *line, struct err *err)
{
	struct discovery *discovery = indexer->discovery;
	const struct hacfg_source *source = discovery->lists[list].source;
	char name[LIMIT_PATH_BYTES], file_name[NAME_MAX + 1];
	struct discovery_entry *entry = NULL;
	bool bare, first;
	size_t len;
	int n = 0, rc;

	line += strspn(line, " \t\r");
	len = strcspn(line, " \t\r[");
	if (*line == '#' || len == 0)
		return 0;
	rc = take_trusts(discovery->hacfg, source, number, line + len, err);
	if (rc < 0)
		return rc;
	first = discovery->lists[list].line_count++ == 0;
	bare = *line == '/' || *line == '@' || *source->crt_base == '\0';
	if (!bare)
		n = snprintf(name, sizeof(name), "%s/", source->crt_base);
	if (n < 0 || (size_t)n + len >= sizeof(name))
		return 0;
	memcpy(name + n, line, len);
	name[(size_t)n + len] = '\0';
	if (!is_bundle_of(indexer, source, name, file_name))
		return 0;
	rc = discovery_add_entry(
	    discovery, file_name, name, DISCOVERY_CRT_LIST, &entry, err);
	if (rc < 0)
		return rc;
	entry->list = list;
	entry->is_default = first;
	return take_rest(entry, line + len, err);
}

static int
index_list(struct discovery_indexer *indexer, size_t list, struct err *err)
{
	struct discovery_list *it = &indexer->discovery->lists[list];
	struct buf text = BUF_INIT(LIMIT_CRTLIST_BYTES);
	char *line, *end;
	unsigned number = 0;
	struct stat st;
	int rc;

	it->found = stat(it->source->path, &st) == 0;
	/* A list that is not there is HAProxy's to complain about. */
	if (!it->found || !S_ISREG(st.st_mode))
		return 0;
	it->dev = st.st_dev;
	it->ino = st.st_ino;
	rc = fs_read(
	    AT_FDCWD, it->source->path, FS_TRUST_ANY, &text, &it->ident, err);
	for (line = text.data; line != NULL && rc == 0; line = end) {
		end = strchr(line, '\n');
		if (end != NULL)
			*end++ = '\0';
		rc = index_list_line(indexer, list, ++number, line, err);
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

bool
discovery_list_at(struct discovery *discovery, const char *list,
    const char *name, const char *file_name, struct discovery_store *ret)
{
	struct discovery_indexer indexer = {.discovery = discovery};
	char word[LIMIT_PATH_BYTES], found[NAME_MAX + 1];

	for (size_t i = 0; i < discovery->list_count; i++) {
		const struct hacfg_source *source = discovery->lists[i].source;

		if (strcmp(source->name, list) != 0 ||
		    strlen(name) >= sizeof(ret->name) ||
		    strlen(list) >= sizeof(ret->list))
			continue;
		(void)snprintf(word, sizeof(word), "%s", name);
		if (!is_bundle_of(&indexer, source, word, found) ||
		    strcmp(found, file_name) != 0)
			continue;
		memset(ret, 0, sizeof(*ret));
		(void)snprintf(ret->name, sizeof(ret->name), "%s", name);
		(void)snprintf(ret->list, sizeof(ret->list), "%s", list);
		ret->path = source->path;
		ret->crt_base = source->crt_base;
		ret->way = DISCOVERY_CRT_LIST;
		return true;
	}
	return false;
}

/* What is known of its entries is not what was read. */
static void
forget_file(struct discovery_list *list)
{
	memset(&list->ident, 0, sizeof(list->ident));
}

const struct fs_ident *
discovery_list_ident(const struct discovery *discovery, const char *list)
{
	for (size_t i = 0; i < discovery->list_count; i++) {
		if (strcmp(discovery->lists[i].source->name, list) == 0)
			return discovery->lists[i].ident.ino == 0
			    ? NULL
			    : &discovery->lists[i].ident;
	}
	return NULL;
}

bool
discovery_agrees(const struct discovery *discovery, const char *list,
    const struct crtlist_dump *dump)
{
	for (size_t i = 0; i < discovery->entry_count; i++) {
		const struct discovery_entry *entry = &discovery->entries[i];
		const struct crtlist_line *line;
		size_t count;

		if (entry->list == DISCOVERY_NOWHERE || entry->lines > 1 ||
		    strcmp(discovery->lists[entry->list].source->name, list) !=
			0)
			continue;
		line = crtlist_dump_find(dump, entry->name, &count);
		if (count != 1 ||
		    !filter_equal(entry->filters,
			*line->filters == '\0' ? NULL : line->filters))
			return false;
	}
	return true;
}

int
discovery_refilter(struct discovery *discovery, const char *list,
    const char *name, const char *filters, bool *ret_other, struct err *err)
{
	*ret_other = false;
	for (size_t i = 0; i < discovery->entry_count; i++) {
		struct discovery_entry *entry = &discovery->entries[i];
		char *copy = NULL;

		if (entry->list == DISCOVERY_NOWHERE ||
		    strcmp(entry->name, name) != 0 ||
		    strcmp(discovery->lists[entry->list].source->name, list) !=
			0)
			continue;
		if (filters != NULL) {
			copy = strdup(filters);
			if (copy == NULL)
				return err_nomem(err, DISCOVERY_DOING);
		}
		*ret_other |= !filter_equal(entry->filters, copy);
		if (*ret_other)
			forget_file(&discovery->lists[entry->list]);
		free(entry->filters);
		entry->filters = copy;
	}
	return 0;
}

/* The line at `lines`, as if it had been read from the file. */
static int
enter_line(struct discovery *discovery, size_t list, const char *name,
    const char *file_name, const char *lines, struct err *err)
{
	size_t len = strcspn(lines, "\n");
	struct discovery_entry *entry = NULL;
	char *line;
	int rc;

	rc = discovery_add_entry(
	    discovery, file_name, name, DISCOVERY_CRT_LIST, &entry, err);
	if (rc < 0)
		return rc;
	entry->list = list;
	discovery->lists[list].line_count++;
	forget_file(&discovery->lists[list]);
	line = strndup(lines, len);
	if (line == NULL)
		return err_nomem(err, DISCOVERY_DOING);
	rc = take_rest(entry, line + strcspn(line, " \t\r["), err);
	free(line);
	return rc;
}

int
discovery_enter(struct discovery *discovery, const char *list, const char *name,
    const char *file_name, const char *lines, struct err *err)
{
	size_t i = 0;
	int rc = 0;

	while (i < discovery->list_count &&
	    strcmp(discovery->lists[i].source->name, list) != 0)
		i++;
	if (i == discovery->list_count)
		return 0;
	while (rc == 0 && *lines != '\0') {
		rc = enter_line(discovery, i, name, file_name, lines, err);
		lines += strcspn(lines, "\n");
		lines += *lines == '\n';
	}
	return rc < 0 ? rc : discovery_sort(discovery, err);
}

void
discovery_leave(struct discovery *discovery, const char *list, const char *name)
{
	size_t kept = 0;

	for (size_t i = 0; i < discovery->entry_count; i++) {
		struct discovery_entry *entry = &discovery->entries[i];
		struct discovery_list *on = entry->list == DISCOVERY_NOWHERE
		    ? NULL
		    : &discovery->lists[entry->list];

		if (on != NULL && strcmp(on->source->name, list) == 0 &&
		    strcmp(entry->name, name) == 0) {
			on->line_count -= entry->lines;
			forget_file(on);
			discovery_entry_free(entry);
		} else {
			discovery->entries[kept++] = *entry;
		}
	}
	discovery->entry_count = kept;
}
