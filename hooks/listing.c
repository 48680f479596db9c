/*
 * listing.c: beside the pipeline, for who has crt-lists: what they say of a
 * bundle, and their lines for it into the files and out of them.
 */
#include "hooks/listing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "haproxy/crtlist.h"
#include "hooks/unlisted.h"

static const char doing[] = "looking at the crt-lists";

static struct crtlist_file
file_of(const struct item_store *store)
{
	return (struct crtlist_file){store->path, store->crt_base};
}

/* --- memory --------------------------------------------------------------- */

/* By how many things the configuration has it used. */
static size_t
uses_of(const struct item *item, const struct item_store *store)
{
	size_t count = 0;

	for (size_t s = 0; s < item->store_count; s++)
		count += strcmp(item->stores[s].name, store->name) == 0;
	return count;
}

/*
 * Can it be used, and yet not be on that list: a crt-list may have been edited,
 * or something else has a store of this name in use?
 */
static bool
may_be_missing(const struct item *item, const struct item_store *store)
{
	return store->list[0] != '\0' &&
	    (store->way == DISCOVERY_CRT_LIST || uses_of(item, store) > 1);
}

/* Is it known without a look, whatever else the store may be used by? */
static bool
is_agreed(const struct item *item, const struct site *site,
    const struct item_store *store, size_t p)
{
	return store->listed && store->lines == 1 &&
	    store->way == DISCOVERY_CRT_LIST && uses_of(item, store) == 1 &&
	    site_agrees(site, p, store->list);
}

int
listing_observe(struct item *item, struct site *site, struct err *err)
{
	int rc = 0;

	for (size_t s = 0; s < item->store_count; s++) {
		struct item_store *store = &item->stores[s];

		if (!may_be_missing(item, store))
			continue;
		for (size_t p = 0; rc == 0 && p < site->process_count; p++) {
			const struct crtlist_dump *dump = NULL;
			size_t count = 0;

			if (!site->processes[p].up || store->joined[p] ||
			    store->seen[p].status != TRANSACTION_USED)
				continue;
			if (is_agreed(item, site, store, p)) {
				item->agreed = true;
				continue;
			}
			rc = site_dump(site, p, store->list, &dump, err);
			if (rc < 0 || dump == NULL)
				continue;
			(void)crtlist_dump_find(dump, store->name, &count);
			if (count == 0 || count < store->lines)
				store->seen[p].status = TRANSACTION_UNUSED;
		}
	}
	return rc;
}

/* The filters of its lines as one text, which is empty where one has none. */
static int
join_filters(const struct crtlist_line *lines, size_t count, struct buf *ret,
    struct err *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < count; i++) {
		if (lines[i].filters[0] == '\0') {
			buf_reset(ret);
			return 0;
		}
		rc = buf_printf(
		    ret, err, "%s%s", i == 0 ? "" : " ", lines[i].filters);
	}
	return rc;
}

/* As the first process that has it on this list. */
static int
refilter_store(const struct item *item, struct site *site,
    const struct item_store *store, struct err *err)
{
	struct buf filters = BUF_INIT(LIMIT_REPLY_BYTES);
	bool other = false;
	int rc = 0;

	for (size_t p = 0; rc == 0 && p < site->process_count; p++) {
		const struct crtlist_dump *dump = NULL;
		const struct crtlist_line *lines = NULL;
		size_t count = 0;

		/* Entered by us, as the file has it. */
		if (!site->processes[p].up || store->joined[p] ||
		    store->seen[p].status != TRANSACTION_USED)
			continue;
		if (is_agreed(item, site, store, p))
			break;
		rc = site_dump(site, p, store->list, &dump, err);
		if (rc == 0 && dump != NULL)
			lines = crtlist_dump_find(dump, store->name, &count);
		if (lines == NULL)
			continue;
		rc = join_filters(lines, count, &filters, err);
		/* HAProxy 2.6 cuts an answer at the size of its buffer. */
		if (filters.len > LIMIT_BUFSIZE_DEFAULT / 2)
			break;
		if (rc == 0)
			rc = discovery_refilter(site->discovery, store->list,
			    store->name,
			    filters.len == 0 ? NULL : buf_text(&filters),
			    &other, err);
		if (rc == 0 && other)
			log_say(LOG_LEVEL_WARN,
			    "%s: the file is for other names than HAProxy "
			    "shows %s for; reload it",
			    store->path, store->name);
		break;
	}
	buf_free(&filters);
	return rc;
}

int
listing_refilter(struct item *item, struct site *site, struct err *err)
{
	int rc = 0;

	for (size_t s = 0; rc == 0 && s < item->store_count; s++) {
		if (item->stores[s].way == DISCOVERY_CRT_LIST)
			rc = refilter_store(item, site, &item->stores[s], err);
	}
	return rc;
}

/* Would the longest of the lines go to the process as a payload? */
static bool
fits(const struct site *site, const struct item_store *store, size_t p,
    const struct buf *lines)
{
	const char *line = buf_text(lines);
	size_t longest = 0;

	while (*line != '\0') {
		size_t len = strcspn(line, "\n");

		longest = len > longest ? len : longest;
		line += len;
		line += *line == '\n';
	}
	return site_fits(site, p, store->list, longest);
}

int
listing_join(
    struct item *item, struct site *site, size_t s, size_t p, struct err *err)
{
	struct buf lines = BUF_INIT(LIMIT_CRTLIST_BYTES);
	struct item_store *store = &item->stores[s];
	enum conf_update update = (enum conf_update)site->conf->haproxy.update;
	const struct crtlist_file file = file_of(store);
	int rc = 0;

	if (store->way == DISCOVERY_CRT_LIST)
		rc = crtlist_file_lines(&file, store->name, &lines, err);
	if (rc == 0 && !fits(site, store, p, &lines))
		rc = err_set(err, ERR_HAPROXY, doing, store->name,
		    "a line that is over HAProxy's limit for an update in "
		    "memory (tune.bufsize)");
	if (rc == 0)
		rc = crtlist_return(&site->processes[p].process, store->list,
		    store->name, &lines, err);
	buf_free(&lines);
	if (rc == 0) {
		store->joined[p] = true;
	} else if (rc == ERR_HAPROXY && update != CONF_UPDATE_RUNTIME) {
		item->reload = true;
		(void)snprintf(item->reason, sizeof(item->reason),
		    "HAProxy does not take the line of %.60s in memory: %.120s",
		    store->path, err->detail);
		err_clear(err);
		rc = 0;
	}
	return rc;
}

/* --- the files ------------------------------------------------------------ */

bool
listing_lacks(const struct item *item)
{
	for (size_t s = 0; s < item->store_count; s++) {
		if (item->stores[s].way == DISCOVERY_CRT_LIST &&
		    !item->stores[s].listed)
			return true;
	}
	return false;
}

/* Lines without their places ("N LINE") into what is known of the lists. */
static int
tell_discovery(struct item *item, struct site *site, struct item_store *store,
    struct err *err)
{
	struct buf lines = BUF_INIT(LIMIT_CRTLIST_BYTES);
	const char *at = buf_text(&store->taken);
	char file_name[NAME_MAX + 1];
	int rc = 0;

	store->lines = 0;
	while (rc == 0 && *at != '\0') {
		at += strcspn(at, " \n");
		at += *at == ' ';
		store->lines++;
		rc = buf_printf(
		    &lines, err, "%.*s\n", (int)strcspn(at, "\n"), at);
		at += strcspn(at, "\n");
		at += *at == '\n';
	}
	item_file_name(item, file_name, sizeof(file_name));
	if (rc == 0)
		rc = discovery_enter(site->discovery, store->list, store->name,
		    file_name, buf_text(&lines), err);
	buf_free(&lines);
	return rc;
}

int
listing_enter(struct item *item, struct site *site, struct item_store *store,
    struct err *err)
{
	const struct crtlist_file file = file_of(store);
	bool changed = false;
	int rc;

	if (store->way != DISCOVERY_CRT_LIST || store->listed)
		return 0;
	/* It may be another list that HAProxy starts with. */
	if (site->unsure.code != 0)
		return 0;
	if (store->taken.len > 0) {
		rc =
		    crtlist_file_return(&file, store->name, &store->taken, err);
		if (rc == 0)
			rc = tell_discovery(item, site, store, err);
		changed = rc == 0;
	} else {
		rc = crtlist_file_add(&file, store->name, &changed, err);
		store->entered = rc == 0 && changed;
	}
	if (rc < 0)
		return rc;
	item->listed_now = item->listed_now || changed;
	store->listed = true;
	return 0;
}

/* What there is of its lines; what is out already is known. */
static int
take_lines(struct item *item, struct unlisted *ret, struct err *err)
{
	int rc = 0;

	for (size_t s = 0; rc == 0 && s < item->store_count; s++) {
		struct item_store *store = &item->stores[s];
		const struct crtlist_file file = file_of(store);
		struct buf lines = BUF_INIT(LIMIT_CRTLIST_BYTES);

		if (store->way != DISCOVERY_CRT_LIST || store->entered)
			continue;
		rc = crtlist_file_lines(&file, store->name, &lines, err);
		if (rc == 0 && lines.len > 0) {
			buf_free(&store->taken);
			store->taken = lines;
		} else {
			buf_free(&lines);
		}
		if (rc == 0 && store->taken.len > 0)
			rc = unlisted_add(ret, store->list, &file, store->name,
			    &store->taken, err);
	}
	return rc;
}

int
listing_unlist(struct item *item, struct site *site, struct err *err)
{
	struct unlisted lines = {NULL, 0};
	int rc;

	rc = take_lines(item, &lines, err);
	if (rc == 0 && lines.count > 0) {
		item->recalled = site->unlisted = true;
		rc = unlisted_save(site->conf, item->ref.name, &lines, err);
	}
	for (size_t s = 0; rc == 0 && s < item->store_count; s++) {
		struct item_store *store = &item->stores[s];
		const struct crtlist_file file = file_of(store);
		bool changed = false;

		if (store->way != DISCOVERY_CRT_LIST)
			continue;
		rc = crtlist_file_del(&file, store->name, NULL, &changed, err);
		if (rc < 0)
			continue;
		store->listed = false;
		store->lines = 0;
		discovery_leave(site->discovery, store->list, store->name);
	}
	unlisted_free(&lines);
	return rc;
}

int
listing_relist(struct item *item, struct site *site, struct err *err)
{
	int rc = 0;

	for (size_t s = item->store_count; rc == 0 && s-- > 0;) {
		struct item_store *store = &item->stores[s];
		const struct crtlist_file file = file_of(store);

		if (store->taken.len == 0)
			continue;
		rc =
		    crtlist_file_return(&file, store->name, &store->taken, err);
		if (rc == 0)
			rc = tell_discovery(item, site, store, err);
		if (rc == 0)
			store->listed = true;
		buf_reset(&store->taken);
	}
	if (rc == 0)
		listing_forget(item, site);
	return rc;
}
