/*
 * known.c: which lineages there are, and how far each has come: what certbot
 * has of it, and what was deployed.
 */
#include "wrapper/known.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/text.h"
#include "cert/record.h"

static const char doing[] = "looking for the lineage";
static const char suffix[] = ".conf";

/* renewal/NAME.conf -> NAME into `ret`; false where it is none. */
static bool
name_of(const char *file, char *ret, size_t size)
{
	size_t len = strlen(file), end = strlen(suffix);

	if (len <= end || len - end >= size ||
	    strcmp(file + len - end, suffix) != 0)
		return false;
	memcpy(ret, file, len - end);
	ret[len - end] = '\0';
	return text_is_lineage_name(ret);
}

static int
is_conf(const struct dirent *entry)
{
	char name[LIMIT_LINEAGE_NAME_BYTES + 1];

	return name_of(entry->d_name, name, sizeof(name));
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct known_lineage *)a)->ref.name,
	    ((const struct known_lineage *)b)->ref.name);
}

static int
by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void
look_at(struct known_lineage *item, struct record_store *store)
{
	struct lineage_ident ident;
	struct err ignored = ERR_INIT;
	struct record record;
	bool there;

	there = lineage_identify(&item->ref, &ident, &ignored) == 0;
	if (there)
		item->generation = ident.generation;
	if (store == NULL ||
	    record_load(store, item->ref.name, &record, &ignored) < 0)
		return;
	if (record.installed)
		item->deployed = record.source.generation;
	item->out = there && record_is_out(&record, &ident);
}

static int
fill(const struct conf *conf, struct dirent **files, size_t count,
    struct known *ret, struct err *err)
{
	char name[LIMIT_LINEAGE_NAME_BYTES + 1];
	struct record_store *store = NULL;
	struct err ignored = ERR_INIT;

	ret->items = calloc(count + 1, sizeof(*ret->items));
	if (ret->items == NULL)
		return err_nomem(err, doing);
	if (record_store_open_look(conf->state_dir, &store, &ignored) < 0)
		store = NULL; /* nothing was deployed yet, or who knows */
	for (size_t i = 0; i < count; i++) {
		struct known_lineage *item = &ret->items[ret->count];

		if (!name_of(files[i]->d_name, name, sizeof(name)) ||
		    lineage_ref_from_name(conf->letsencrypt.config_dir, name,
			&item->ref, &ignored) < 0)
			continue;
		look_at(item, store);
		ret->count++;
	}
	record_store_close(store);
	qsort(ret->items, ret->count, sizeof(*ret->items), by_name);
	return 0;
}

/* The renewal confs; a directory that cannot be read has none. */
static int
scan(const struct conf *conf, struct dirent ***ret, int *ret_count,
    struct err *err)
{
	char dir[LIMIT_PATH_BYTES];
	int rc;

	rc = fs_join(
	    dir, sizeof(dir), conf->letsencrypt.config_dir, "renewal", err);
	if (rc < 0)
		return rc;
	*ret_count = scandir(dir, ret, is_conf, alphasort);
	if (*ret_count < 0)
		*ret_count = 0;
	return 0;
}

static void
scan_free(struct dirent **files, int count)
{
	for (int i = 0; files != NULL && i < count; i++)
		free(files[i]);
	free(files);
}

int
known_all(const struct conf *conf, struct known *ret, struct err *err)
{
	struct dirent **files = NULL;
	int count, rc;

	*ret = (struct known){NULL, 0};
	rc = scan(conf, &files, &count, err);
	if (rc < 0)
		return rc;
	rc = fill(conf, files, (size_t)count, ret, err);
	scan_free(files, count);
	return rc;
}

int
known_names(
    const struct conf *conf, char ***ret, size_t *ret_count, struct err *err)
{
	char name[LIMIT_LINEAGE_NAME_BYTES + 1], **names = NULL;
	struct dirent **files = NULL;
	size_t made = 0;
	int count, rc;

	rc = scan(conf, &files, &count, err);
	if (rc < 0)
		return rc;
	names = calloc((size_t)count + 1, sizeof(*names));
	if (names == NULL)
		rc = err_nomem(err, doing);
	for (int i = 0; rc == 0 && i < count; i++) {
		if (!name_of(files[i]->d_name, name, sizeof(name)))
			continue;
		names[made] = strdup(name);
		if (names[made] == NULL)
			rc = err_nomem(err, doing);
		else
			made++;
	}
	scan_free(files, count);
	if (rc < 0) {
		lineage_names_free(names, made);
		return rc;
	}
	qsort(names, made, sizeof(*names), by_bytes);
	*ret = names;
	*ret_count = made;
	return 0;
}

void
known_free(struct known *known)
{
	if (known == NULL)
		return;
	free(known->items);
	*known = (struct known){NULL, 0};
}

const struct known_lineage *
known_get(const struct known *known, const char *name)
{
	for (size_t i = 0; i < known->count; i++) {
		if (strcmp(known->items[i].ref.name, name) == 0)
			return &known->items[i];
	}
	return NULL;
}

static int
no_such_lineage(const struct conf *conf, const char *name, struct err *err)
{
	char **names = NULL;
	size_t count = 0;
	int rc = known_names(conf, &names, &count, err);

	if (rc < 0)
		return rc;
	rc = lineage_unknown(conf->letsencrypt.config_dir, name,
	    (const char *const *)names, err);
	lineage_names_free(names, count);
	return rc;
}

int
known_find(const struct conf *conf, const char *name, struct lineage_ref *ret,
    struct err *err)
{
	char renewal[LIMIT_PATH_BYTES];
	int len, rc;

	rc =
	    lineage_ref_from_name(conf->letsencrypt.config_dir, name, ret, err);
	if (rc < 0)
		return rc;
	len = snprintf(renewal, sizeof(renewal), "%s/renewal/%s%s",
	    conf->letsencrypt.config_dir, name, suffix);
	if (access(ret->dir, F_OK) == 0 ||
	    (len > 0 && (size_t)len < sizeof(renewal) &&
		access(renewal, F_OK) == 0))
		return 0;
	return no_such_lineage(conf, name, err);
}
