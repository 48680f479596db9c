/*
 * source.c: the first arrow of the way of a certificate, lineage -> bundle,
 * and the one that stands in for it after a rollback, generation -> bundle.
 */
#include "hooks/source.h"

#include <string.h>

#include "base/log.h"
#include "hooks/sides.h"

static const char doing[] = "going back to an earlier bundle";

int
source_find(const struct site *site, const char *name,
    const unsigned char *digest, struct buf *ret, struct err *err)
{
	long number;
	int rc;

	rc = install_generation_find(
	    site->install, name, digest, ret, &number, err);
	if (rc < 0 || number > 0)
		return rc;
	return err_set(err, ERR_NOENT, doing, name,
	    "it is in no generation any more (haproxy.generations)");
}

int
source_read(const struct item *item, const struct site *site,
    const unsigned char *digest, struct buf *ret, struct err *err)
{
	unsigned char found[PKI_SHA256_BYTES];
	int rc;

	if (item->installed.exists) {
		rc = install_read(site->install, item->ref.name, ret, err);
		if (rc < 0)
			return rc;
		pki_sha256(ret->data, ret->len, found);
		if (memcmp(found, digest, sizeof(found)) == 0)
			return 0;
		buf_reset(ret);
	}
	return source_find(site, item->ref.name, digest, ret, err);
}

int
source_release(
    struct item *item, struct site *site, bool dry_run, struct err *err)
{
	struct record *record = &item->record;

	if (record->revoked && record_is_out(record, &item->source) &&
	    !item->forced)
		return err_set(err, ERR_INVALID, "deploying", item->ref.name,
		    "the CA has revoked it: certhaul delete %s, or certhaul "
		    "renew --force %s; deploy --force has it served all the "
		    "same",
		    item->ref.name, item->ref.name);
	if (dry_run)
		return 0;
	record_take_in(record);
	return record_save(site->records, record, true, err);
}

/* What a rollback set out to put there, or did. */
static int
read_held(
    struct item *item, struct site *site, struct buf *ret, struct err *err)
{
	const struct record *record = &item->record;

	return source_read(item, site,
	    record_has_intent(record) ? record->intent : record->digest, ret,
	    err);
}

static int
build_earlier(struct item *item, struct site *site, struct err *err)
{
	struct buf pem = BUF_SECRET(LIMIT_PEM_FILE_BYTES);
	struct bundle *bundle = &item->bundle;
	int rc;

	if (item->generation > 0)
		rc = install_generation_read(
		    site->install, item->ref.name, item->generation, &pem, err);
	else
		rc = read_held(item, site, &pem, err);
	if (rc == 0)
		rc = bundle_parse(
		    pem.data, pem.len, item->ref.name, bundle, err);
	/* Of what will be there: others wrote theirs in another form. */
	if (rc == 0 && bundle->pem.len > 0)
		pki_sha256(bundle->pem.data, bundle->pem.len, bundle->digest);
	buf_free(&pem);
	return rc;
}

static int
build_lineage(struct item *item, const struct site *site, struct err *err)
{
	struct lineage lineage = {0};
	int rc;

	rc = lineage_read(&item->ref, &lineage, err);
	if (rc < 0)
		return rc;
	item->source = lineage.ident;
	rc = bundle_build(&lineage, sides_want_issuer(site, item->ref.name),
	    &item->bundle, err);
	lineage_free(&lineage);
	return rc;
}

int
source_build(struct item *item, struct site *site, struct err *err)
{
	int rc;

	if (!item->hold)
		return build_lineage(item, site, err);
	rc = build_earlier(item, site, err);
	if (rc != ERR_NOENT || item->generation > 0)
		return rc;
	/* The lineage is better than nothing. */
	log_say(LOG_LEVEL_WARN,
	    "%s: the bundle that was gone back to is lost; the lineage is "
	    "deployed again",
	    item->ref.name);
	err_clear(err);
	item->hold = false;
	return build_lineage(item, site, err);
}

bool
source_is_intact(const struct item *item, const struct site *site)
{
	struct buf pem = BUF_SECRET(LIMIT_PEM_FILE_BYTES);
	unsigned char found[PKI_SHA256_BYTES];
	struct err ignored = ERR_INIT;
	bool same;

	if (!item->record.failure.present)
		return true;
	same = install_read(site->install, item->ref.name, &pem, &ignored) == 0;
	if (same) {
		pki_sha256(pem.data, pem.len, found);
		same = memcmp(found, item->record.digest, sizeof(found)) == 0;
	}
	buf_free(&pem);
	return same;
}

bool
source_is_renewed(const struct item *item)
{
	const struct record *record = &item->record;
	long before = record->source.generation;

	return record->installed && before != 0 &&
	    before < item->source.generation &&
	    memcmp(item->old_digest, record->digest, PKI_SHA256_BYTES) == 0;
}

bool
source_is_foreign(const struct item *item)
{
	const struct record *record = &item->record;
	const unsigned char *known[] = {record->digest, record->intent};
	const unsigned char *leaves[] = {
	    record->leaf_sha256, pki_cert_facts(item->bundle.leaf)->sha256};

	if (!item->installed.exists)
		return false;
	for (size_t i = 0; i < COUNT_OF(known); i++) {
		if (memcmp(item->old_digest, known[i], PKI_SHA256_BYTES) == 0)
			return false;
	}
	if (pki_sha256_is_none(item->old_leaf))
		return true;
	for (size_t i = 0; i < COUNT_OF(leaves); i++) {
		if (memcmp(item->old_leaf, leaves[i], PKI_SHA256_BYTES) == 0)
			return false;
	}
	return true;
}
