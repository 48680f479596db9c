/*
 * listing_recall.c: the lines of a bundle that an earlier run took out of their
 * lists (unlisted.h): known again, and no longer kept once they are back.
 */
#include "hooks/listing.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "haproxy/crtlist.h"
#include "hooks/unlisted.h"

static const char doing[] = "looking at the crt-lists";

static struct item_store *
find(struct item *item, const struct unlisted_line *line)
{
	for (size_t s = 0; s < item->store_count; s++) {
		struct item_store *store = &item->stores[s];

		if (strcmp(store->name, line->store) == 0 &&
		    strcmp(store->list, line->list) == 0)
			return store;
	}
	return NULL;
}

static int
recall_one(struct item *item, struct site *site,
    const struct unlisted_line *line, struct err *err)
{
	struct item_store *store = find(item, line);
	struct discovery_store *found;
	char file_name[NAME_MAX + 1];
	int rc = 0;

	item_file_name(item, file_name, sizeof(file_name));
	if (store == NULL) {
		found = calloc(1, sizeof(*found));
		if (found == NULL)
			return err_nomem(err, doing);
		if (discovery_list_at(site->discovery, line->list, line->store,
			file_name, found)) {
			rc = item_add_store(item, found, err);
			store = &item->stores[item->store_count - 1];
		}
		free(found);
	}
	if (rc < 0 || store == NULL || store->listed)
		return rc;
	buf_free(&store->taken);
	store->taken = (struct buf)BUF_INIT(LIMIT_CRTLIST_BYTES);
	return buf_add(&store->taken, line->taken.data, line->taken.len, err);
}

int
listing_recall(struct item *item, struct site *site, struct err *err)
{
	struct unlisted lines = {NULL, 0};
	struct err why = ERR_INIT;
	int rc = 0;

	if (!site->unlisted)
		return 0;
	if (unlisted_read(site->conf, item->ref.name, &lines, &why) < 0)
		log_err(LOG_LEVEL_WARN, "", &why);
	for (size_t i = 0; rc == 0 && i < lines.count; i++)
		rc = recall_one(item, site, &lines.items[i], err);
	item->recalled = lines.count > 0;
	unlisted_free(&lines);
	return rc;
}

/* Is the line on its list again, or is there no such list any more? */
static bool
is_settled(struct item *item, const struct unlisted_line *line)
{
	const struct crtlist_file file = {line->path, line->crt_base};
	const struct item_store *store = find(item, line);
	struct buf lines = BUF_INIT(LIMIT_CRTLIST_BYTES);
	struct err ignored = ERR_INIT;
	bool settled;

	settled = store == NULL ||
	    crtlist_file_lines(&file, line->store, &lines, &ignored) < 0 ||
	    lines.len > 0;
	buf_free(&lines);
	return settled;
}

void
listing_settle(struct item *item, struct site *site)
{
	struct unlisted lines = {NULL, 0};
	struct err why = ERR_INIT;
	bool settled = true;

	if (!item->recalled || listing_lacks(item))
		return;
	if (unlisted_read(site->conf, item->ref.name, &lines, &why) < 0)
		log_err(LOG_LEVEL_WARN, "", &why);
	for (size_t i = 0; settled && i < lines.count; i++)
		settled = is_settled(item, &lines.items[i]);
	unlisted_free(&lines);
	if (settled)
		listing_forget(item, site);
}

void
listing_forget(struct item *item, struct site *site)
{
	if (item->recalled)
		unlisted_remove(site->conf, item->ref.name);
	item->recalled = false;
}
