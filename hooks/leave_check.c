/*
 * leave_check.c: what keeps a bundle where it is: that it is not ours, or that
 * HAProxy would not start without it.
 */
#include "hooks/leave_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char doing[] = "taking a bundle out";

/* Only a file that we wrote, as its record has it. */
static int
check_ours(struct item *item, struct site *site, struct err *err)
{
	unsigned char digest[PKI_SHA256_BYTES];
	struct buf pem = BUF_SECRET(LIMIT_PEM_FILE_BYTES);
	int rc;

	rc = install_read(site->install, item->ref.name, &pem, err);
	if (rc < 0)
		goto out;
	pki_sha256(pem.data, pem.len, digest);
	if ((!item->record.installed ||
		memcmp(digest, item->record.digest, sizeof(digest)) != 0) &&
	    memcmp(digest, item->record.intent, sizeof(digest)) != 0)
		rc = err_set(err, ERR_EXISTS, doing, item->ref.name,
		    "%s/%s.pem was changed since certhaul installed it; "
		    "remove it by hand",
		    site->conf->haproxy.bundle_dir, item->ref.name);
out:
	buf_free(&pem);
	return rc;
}

/*
 * update = "none" edits no crt-list, so that one which names the bundle keeps
 * it here.
 */
static int
check_unlisted(const struct item *item, const struct discovery *discovery,
    const char *file_name, struct err *err)
{
	struct discovery_stores *stores = calloc(1, sizeof(*stores));
	const char *path = NULL;
	int rc;

	if (stores == NULL)
		return err_nomem(err, doing);
	rc = discovery_stores(discovery, file_name, stores, err);
	for (size_t i = 0; rc == 0 && i < stores->count; i++) {
		if (stores->items[i].way == DISCOVERY_CRT_LIST &&
		    stores->items[i].listed)
			path = stores->items[i].path;
	}
	if (path != NULL)
		rc = err_set(err, ERR_EXISTS, doing, item->ref.name,
		    "HAProxy would not start without it: %s names it, and "
		    "update = \"none\" leaves that as it is; take its line out",
		    path);
	free(stores);
	return rc;
}

int
leave_check(struct item *item, struct site *site,
    const struct discovery *discovery, bool *ret_ours, struct err *err)
{
	char file_name[NAME_MAX + 1], reason[LIMIT_ERR_DETAIL_BYTES / 2];
	int rc;

	/* A run that was killed may have published it. */
	*ret_ours = item->record.installed || record_has_intent(&item->record);
	if (!*ret_ours && !item->detach)
		return 0;
	rc = install_stat(site->install, item->ref.name, &item->installed, err);
	if (rc < 0 || !item->installed.exists)
		return rc;
	if (!*ret_ours)
		return err_set(err, ERR_EXISTS, doing, item->ref.name,
		    lineage_is_gone(&item->ref)
			? "%s/%s.pem was not installed by certhaul; remove it "
			  "by hand"
			: "%s/%s.pem was not installed by certhaul; \"certhaul "
			  "deploy %s\" makes it certhaul's (and keeps it as an "
			  "earlier bundle), then try again",
		    site->conf->haproxy.bundle_dir, item->ref.name,
		    item->ref.name);
	rc = check_ours(item, site, err);
	if (rc < 0)
		return rc;
	item_file_name(item, file_name, sizeof(file_name));
	if (discovery == NULL)
		return 0;
	if (discovery_needs(discovery, file_name, reason, sizeof(reason)))
		return err_set(err, ERR_EXISTS, doing, item->ref.name,
		    "HAProxy would not start without it: %s", reason);
	return site->discovery != NULL
	    ? 0
	    : check_unlisted(item, discovery, file_name, err);
}

int
leave_guard(const struct conf *conf, struct discovery **ret, struct err *err)
{
	int rc = discovery_load(conf->haproxy.config.items,
	    conf->haproxy.config.count, conf->haproxy.environment,
	    conf->haproxy.bundle_dir, conf->haproxy.crt_list, ret, err);

	if (rc == ERR_NOENT) {
		err_clear(err);
		rc = 0;
	}
	return rc;
}
