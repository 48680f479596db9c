/*
 * observe.c: opens what a look needs (observe_haproxy.c), finds which lineages
 * there are, and has each place looked at: observe_disk.c, observe_memory.c,
 * observe_wire.c. What it all means is observe_judge.c's.
 */
#include "wrapper/observe.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cert/renewal_facts.h"
#include "haproxy/crtlist.h"
#include "wrapper/known.h"
#include "wrapper/engine.h"
#include "wrapper/observe_private.h"

static const char doing[] = "looking at the lineages";

/* Which lineages a look is about; sorted. */
struct found {
	char **names; /* owned */
	size_t count;
};

void
observe_at_set(
    struct observe_at *at, enum observe_verdict verdict, const char *fmt, ...)
{
	va_list args;

	at->verdict = verdict;
	va_start(args, fmt);
	(void)vsnprintf(at->why, sizeof(at->why), fmt, args);
	va_end(args);
	text_clean(at->why);
}

void
observe_why(const struct err *err, char *ret, size_t size)
{
	if (snprintf(ret, size, "%s%s%s", err->on, *err->on != '\0' ? ": " : "",
		err->detail) < 0)
		*ret = '\0';
	text_clean(ret);
}

static bool
is_live(const struct observe_options *options)
{
	return !options->disk && (options->live || options->name_count > 0);
}

static int
site_new(const struct conf *conf, const struct observe_options *options,
    struct observe_site **ret, struct err *err)
{
	struct observe_site *site = calloc(1, sizeof(*site));
	struct err why = ERR_INIT;
	struct engine engine;

	if (site == NULL)
		return err_nomem(err, doing);
	site->conf = conf;
	site->builtin = engine_find(conf, &engine, &why) == 0 &&
	    engine.kind == CONF_ENGINE_BUILTIN;
	err_clear(&why);
	site->bundles_fd = -1;
	*ret = site;
	site->stores = calloc(1, sizeof(*site->stores));
	site->targets = calloc(1, sizeof(*site->targets));
	if (site->stores == NULL || site->targets == NULL)
		return err_nomem(err, doing);
	/* What cannot be read tells nothing: state is never trusted over
	 * observation. */
	if (record_store_open_look(conf->state_dir, &site->records, &why) < 0)
		site->records = NULL;
	err_clear(&why);
	if (fs_open_dir(conf->haproxy.bundle_dir, &site->bundles_fd, &why) < 0)
		observe_why(&why, site->bundles_why, sizeof(site->bundles_why));
	if (!options->disk)
		observe_open_haproxy(site, is_live(options));
	return 0;
}

static void
site_free(struct observe_site *site)
{
	if (site == NULL)
		return;
	for (size_t i = 0; i < site->process_count; i++)
		crtlist_names_free(site->processes[i].lists);
	discovery_free(site->discovery);
	record_store_close(site->records);
	if (site->bundles_fd >= 0)
		(void)close(site->bundles_fd);
	free(site->stores);
	free(site->targets);
	free(site);
}

/* Both are sorted: one list with each name once; takes the names. */
static int
merge(struct found *a, struct found *b, struct found *ret, struct err *err)
{
	size_t i = 0, j = 0;

	/* One more: the list ends with a NULL. */
	ret->names = calloc(a->count + b->count + 1, sizeof(char *));
	if (ret->names == NULL)
		return err_nomem(err, doing);
	while (i < a->count || j < b->count) {
		int order = i == a->count ? 1
		    : j == b->count       ? -1
					  : strcmp(a->names[i], b->names[j]);
		char **from = order <= 0 ? &a->names[i] : &b->names[j];

		ret->names[ret->count++] = *from;
		*from = NULL;
		i += order <= 0;
		j += order >= 0;
	}
	return 0;
}

/* What certbot has, what it would renew, and what was ours. */
static int
find_all(const struct observe_site *site, struct found *ret, struct err *err)
{
	const char *config_dir = site->conf->letsencrypt.config_dir;
	struct found live = {NULL, 0}, confs = {NULL, 0};
	struct found recorded = {NULL, 0}, both = {NULL, 0};
	int rc = 0;

	if (site->records != NULL)
		rc = record_names(
		    site->records, &recorded.names, &recorded.count, err);
	if (rc == 0)
		rc = known_names(site->conf, &confs.names, &confs.count, err);
	if (rc == 0)
		rc = lineage_list(config_dir, &live.names, &live.count, err);
	if (rc == ERR_NOENT && access(config_dir, F_OK) != 0) {
		(void)err_set(err, ERR_NOENT, doing, config_dir,
		    "it is not there: letsencrypt.config_dir of certhaul.conf "
		    "names certbot's directory; where there is none yet, "
		    "\"certhaul init\" makes it");
	} else if (rc == ERR_NOENT) {
		/* certbot is there and has made nothing yet. */
		err_clear(err);
		rc = 0;
	}
	if (rc == 0)
		rc = merge(&live, &confs, &both, err);
	if (rc == 0)
		rc = merge(&both, &recorded, ret, err);
	lineage_names_free(live.names, live.count);
	lineage_names_free(confs.names, confs.count);
	lineage_names_free(both.names, both.count);
	lineage_names_free(recorded.names, recorded.count);
	return rc;
}

static int
by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Is it a lineage, or was it ours once? Else says which is meant. */
static int
check_known(struct observe_site *site, const char *name, struct err *err)
{
	struct found all = {NULL, 0};
	struct err ignored = ERR_INIT;
	struct renewal_facts facts;
	struct lineage_ref ref;
	int rc;

	rc = lineage_ref_from_name(
	    site->conf->letsencrypt.config_dir, name, &ref, err);
	if (rc < 0 || access(ref.dir, F_OK) == 0)
		return rc;
	if (renewal_facts_read(&ref, &facts, &ignored) != ERR_NOENT)
		return 0;
	if (site->records != NULL &&
	    record_load(site->records, name, &site->record, &ignored) == 0 &&
	    site->record.lineage.dir[0] != '\0')
		return 0;
	rc = find_all(site, &all, err);
	if (rc < 0)
		return rc;
	rc = lineage_unknown(site->conf->letsencrypt.config_dir, name,
	    (const char *const *)all.names, err);
	lineage_names_free(all.names, all.count);
	return rc;
}

static int
find_named(struct observe_site *site, const struct observe_options *options,
    struct found *ret, struct err *err)
{
	int rc = 0;

	ret->names = calloc(options->name_count + 1, sizeof(char *));
	if (ret->names == NULL)
		return err_nomem(err, doing);
	for (size_t i = 0; rc == 0 && i < options->name_count; i++) {
		const char *name = options->names[i];

		rc = check_known(site, name, err);
		if (rc < 0)
			break;
		ret->names[ret->count] = strdup(name);
		if (ret->names[ret->count] == NULL)
			rc = err_nomem(err, doing);
		else
			ret->count++;
	}
	qsort(ret->names, ret->count, sizeof(*ret->names), by_bytes);
	return rc;
}

/* The disk of each, the memory of all, and the wire of each where asked. */
static int
look_at_all(struct observe_site *site, const struct observe_options *options,
    struct observe_look *looks, size_t count, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < count; i++)
		rc = observe_disk(site, &looks[i], err);
	if (rc == 0 && !options->disk)
		rc = observe_memory(site, looks, count, err);
	if (rc < 0 || !is_live(options))
		return rc;
	for (size_t i = 0; i < count; i++) {
		if (options->progress != NULL)
			options->progress(
			    options->context, i, count, looks[i].item->name);
		observe_wire_live(site, &looks[i]);
	}
	return 0;
}

int
observe(const struct conf *conf, const struct observe_options *options,
    struct observed *ret, struct err *err)
{
	struct observed made = {.items = NULL};
	struct observe_look *looks = NULL;
	struct observe_site *site = NULL;
	struct found found = {NULL, 0};
	int rc;

	rc = site_new(conf, options, &site, err);
	if (rc == 0)
		rc = options->name_count > 0
		    ? find_named(site, options, &found, err)
		    : find_all(site, &found, err);
	if (rc < 0)
		goto out;
	made.items = calloc(found.count + 1, sizeof(*made.items));
	looks = calloc(found.count + 1, sizeof(*looks));
	if (made.items == NULL || looks == NULL) {
		rc = err_nomem(err, doing);
		goto out;
	}
	made.count = found.count;
	for (size_t i = 0; i < found.count; i++) {
		looks[i].item = &made.items[i];
		(void)snprintf(made.items[i].name, sizeof(made.items[i].name),
		    "%s", found.names[i]);
	}
	rc = look_at_all(site, options, looks, found.count, err);
	if (rc < 0)
		goto out;
	if (options->odd && options->name_count == 0)
		rc = observe_odd(conf, &made, err);
	if (rc < 0)
		goto out;
	observe_tell_haproxy(site, &made.haproxy);
	*ret = made;
	made = (struct observed){.items = NULL};
out:
	for (size_t i = 0; looks != NULL && i < found.count; i++) {
		pki_cert_free(looks[i].cert);
		pki_cert_free(looks[i].held);
	}
	free(looks);
	observed_free(&made);
	lineage_names_free(found.names, found.count);
	site_free(site);
	return rc;
}

void
observed_free(struct observed *observed)
{
	for (size_t i = 0; i < observed->count; i++) {
		struct observation *item = &observed->items[i];

		for (size_t n = 0; n < item->name_count; n++)
			free(item->names[n]);
		free(item->names);
		for (size_t s = 0; s < item->store_count; s++) {
			free(item->stores[s].socket);
			free(item->stores[s].name);
		}
		free(item->stores);
	}
	free(observed->items);
	*observed = (struct observed){.items = NULL};
}
