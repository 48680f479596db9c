/*
 * item.c: the life of one lineage's working copy, from new to free.
 */
#include "hooks/item.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char doing[] = "deploying";

struct item *
item_new(const struct lineage_ref *ref, struct err *err)
{
	struct item *item = calloc(1, sizeof(*item));

	if (item == NULL) {
		(void)err_nomem(err, doing);
		return NULL;
	}
	item->ref = *ref;
	return item;
}

void
item_free(struct item *item, struct site *site)
{
	if (item == NULL)
		return;
	if (item->staged.tmp[0] != '\0')
		install_discard(site->install, &item->staged);
	for (size_t i = 0; i < item->store_count; i++) {
		free(item->stores[i].name);
		free(item->stores[i].list);
		buf_free(&item->stores[i].taken);
	}
	free(item->stores);
	bundle_free(&item->bundle);
	free(item);
}

int
item_find_stores(struct item *item, struct site *site,
    struct discovery_stores *found, struct err *err)
{
	char file_name[NAME_MAX + 1];
	int rc;

	item_file_name(item, file_name, sizeof(file_name));
	rc = discovery_stores(site->discovery, file_name, found, err);
	if (rc == 0)
		rc = discovery_is_unseen(site->discovery, file_name,
		    site->conf->verify.addresses.count > 0, &item->unseen, err);
	if (rc == 0)
		rc = discovery_is_maybe(
		    site->discovery, file_name, &item->maybe, err);
	for (size_t i = 0; rc == 0 && i < found->count; i++)
		rc = item_add_store(item, &found->items[i], err);
	return rc;
}

void
item_end(struct item *item, enum item_outcome outcome, const struct err *err)
{
	item->outcome = outcome;
	item->err = *err;
}

bool
item_is_open(const struct item *item)
{
	return item->err.code == 0 && !item->gone;
}

void
item_file_name(const struct item *item, char *ret, size_t size)
{
	/* A lineage's name is bounded so that this always fits NAME_MAX. */
	(void)snprintf(ret, size, "%s.pem", item->ref.name);
}

bool
item_store_differs(const struct item *item, size_t s, size_t p)
{
	static const unsigned char none[PKI_SHA1_BYTES];
	const struct item_store *store = &item->stores[s];
	const struct transaction_store *seen = &store->seen[p];

	switch (seen->status) {
	case TRANSACTION_ABSENT:
	case TRANSACTION_EMPTY: return true;
	case TRANSACTION_UNUSED:
		if (store->list[0] != '\0')
			return true;
		break;
	case TRANSACTION_USED: break;
	}
	/* HAProxy 2.6 leaves the fingerprint out where it does not know the
	 * kind of key (Ed25519) or the names fill its buffer. */
	if (memcmp(seen->sha1, none, sizeof(none)) == 0)
		return strcmp(seen->serial, item->leaf_serial) != 0;
	return memcmp(seen->sha1, item->leaf_sha1, PKI_SHA1_BYTES) != 0;
}

bool
item_store_is_due(const struct item *item, size_t s, size_t p)
{
	return item->changed || item_store_differs(item, s, p);
}

int
item_load_installed(struct item *item, struct site *site, struct err *err)
{
	struct buf pem = BUF_SECRET(LIMIT_PEM_FILE_BYTES);
	int rc;

	if (item->bundle.leaf != NULL)
		return 0;
	rc = install_read(site->install, item->ref.name, &pem, err);
	if (rc < 0)
		goto out;
	rc =
	    bundle_parse(pem.data, pem.len, item->ref.name, &item->bundle, err);
	if (rc == 0 && item->bundle.leaf == NULL)
		rc = err_set(err, ERR_SYNTAX, doing, item->ref.name,
		    "the installed bundle has no certificate");
out:
	buf_free(&pem);
	return rc;
}

int
item_add_store(
    struct item *item, const struct discovery_store *found, struct err *err)
{
	struct item_store *grown, *store;

	if (item->store_count == LIMIT_STORES)
		return err_set(err, ERR_LIMIT, doing, item->ref.name,
		    "more than %d stores are made from its bundle",
		    LIMIT_STORES);
	grown = realloc(
	    item->stores, (item->store_count + 1) * sizeof(*item->stores));
	if (grown == NULL)
		return err_nomem(err, doing);
	item->stores = grown;
	store = &grown[item->store_count];
	*store = (struct item_store){.name = strdup(found->name),
	    .list = strdup(found->list),
	    .path = found->path,
	    .crt_base = found->crt_base,
	    .way = found->way,
	    .listed = found->listed,
	    .lines = found->lines,
	    .is_default = found->is_default};
	item->store_count++;
	if (store->name == NULL || store->list == NULL)
		return err_nomem(err, doing);
	return 0;
}
