/*
 * names.c: gathers the names for deploy, deploy --all and post. A name is all
 * that is kept of a lineage before its turn comes, so that the memory of a run
 * does not grow with what the lineages hold.
 */
#include "hooks/names.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"

static const char doing[] = "listing lineages";

static int
make_room(struct names *names, size_t count, struct err *err)
{
	names->items = calloc(count == 0 ? 1 : count, sizeof(*names->items));
	return names->items == NULL ? err_nomem(err, doing) : 0;
}

static int
add(struct names *names, const char *name, const char *dir, struct err *err)
{
	struct deploy_name *item = &names->items[names->count];

	item->name = strdup(name);
	item->dir = dir == NULL ? NULL : strdup(dir);
	names->count++;
	if (item->name == NULL || (dir != NULL && item->dir == NULL))
		return err_nomem(err, doing);
	return 0;
}

/* A name with a record is where its record says, not only where we look. */
static int
add_recorded(struct site *site, struct names *names, const char *name,
    struct record *scratch, struct err *err)
{
	int rc = site_record(site, name, scratch, err);

	if (rc < 0)
		return rc;
	return add(names, name,
	    scratch->lineage.dir[0] == '\0' ? NULL : scratch->lineage.dir, err);
}

int
names_of_event(struct site *site, const struct event *event, struct names *ret,
    struct err *err)
{
	struct record scratch;
	int rc;

	rc = make_room(ret, event->renewed ? 1 : event->name_count, err);
	if (rc == 0 && event->renewed)
		rc = add(ret, event->lineage.name, event->lineage.dir, err);
	for (size_t i = 0; rc == 0 && i < event->name_count; i++)
		rc = add_recorded(site, ret, event->names[i], &scratch, err);
	return rc;
}

/* certbot renews it, and nobody would deploy it: not without a word. */
static int
tell_odd(const char *config_dir, size_t *ret_count, struct err *err)
{
	char **odd = NULL;
	int rc;

	rc = lineage_list_odd(config_dir, &odd, ret_count, err);
	for (size_t i = 0; rc == 0 && i < *ret_count; i++)
		log_say(LOG_LEVEL_ERROR, "%s/live/%s: %s", config_dir, odd[i],
		    LINEAGE_ODD_WORDS);
	if (rc == 0)
		lineage_names_free(odd, *ret_count);
	return rc;
}

int
names_of_all(struct site *site, struct names *ret, struct err *err)
{
	const char *config_dir = site->conf->letsencrypt.config_dir;
	char **live = NULL, **recorded = NULL;
	size_t live_count = 0, recorded_count = 0, l = 0, r = 0;
	struct record scratch;
	int rc = 0;

	if (site->records != NULL)
		rc = record_names(
		    site->records, &recorded, &recorded_count, err);
	if (rc == 0)
		rc = lineage_list(config_dir, &live, &live_count, err);
	if (rc == 0)
		rc = tell_odd(config_dir, &ret->odd, err);
	/* certbot is there and has made nothing yet: nothing is to be done. */
	if (rc == ERR_NOENT && recorded_count == 0 &&
	    access(config_dir, F_OK) == 0) {
		err_clear(err);
		rc = 0;
	}
	if (rc == 0)
		rc = make_room(ret, live_count + recorded_count, err);
	/* Both are sorted: merge them, each name once. */
	while (rc == 0 && (l < live_count || r < recorded_count)) {
		int order = l == live_count ? 1
		    : r == recorded_count   ? -1
					    : strcmp(live[l], recorded[r]);

		if (order > 0) {
			rc = add_recorded(
			    site, ret, recorded[r++], &scratch, err);
			continue;
		}
		rc = add(ret, live[l++], NULL, err);
		r += order == 0;
	}
	lineage_names_free(live, live_count);
	lineage_names_free(recorded, recorded_count);
	return rc;
}

/* Does it wait for something that a run can do? */
typedef bool (*waits)(const struct record *record);

static bool
is_waiting(const struct record *record)
{
	return record->failure.present || record->reload_due ||
	    record_has_intent(record);
}

static bool
is_displaced(const struct record *record)
{
	return record->failure.present && record->failure.code == ERR_MISMATCH;
}

static int
names_that(struct site *site, waits wait, struct names *ret, struct err *err)
{
	char **recorded = NULL;
	size_t count = 0;
	struct record record;
	int rc;

	rc = record_names(site->records, &recorded, &count, err);
	if (rc == 0)
		rc = make_room(ret, count, err);
	for (size_t i = 0; rc == 0 && i < count; i++) {
		rc = record_load(site->records, recorded[i], &record, err);
		if (rc == 0 && wait(&record))
			rc = add(ret, recorded[i],
			    record.lineage.dir[0] == '\0' ? NULL
							  : record.lineage.dir,
			    err);
	}
	lineage_names_free(recorded, count);
	return rc;
}

int
names_of_waiting(struct site *site, struct names *ret, struct err *err)
{
	return names_that(site, is_waiting, ret, err);
}

int
names_of_displaced(struct site *site, struct names *ret, struct err *err)
{
	return names_that(site, is_displaced, ret, err);
}

int
names_unknown(const struct site *site, const char *name, struct err *err)
{
	static const char *const none[] = {NULL};
	const char *config_dir = site->conf->letsencrypt.config_dir;
	struct err ignored = ERR_INIT;
	char **names = NULL;
	size_t count = 0;
	int rc;

	(void)!lineage_list(config_dir, &names, &count, &ignored);
	rc = lineage_unknown(config_dir, name,
	    names != NULL ? (const char *const *)names : none, err);
	lineage_names_free(names, count);
	return rc;
}

void
names_free(struct names *names)
{
	for (size_t i = 0; i < names->count; i++) {
		free(names->items[i].name);
		free(names->items[i].dir);
	}
	free(names->items);
	*names = (struct names){NULL, 0, 0};
}
