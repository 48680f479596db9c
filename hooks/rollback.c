/*
 * rollback.c: the arrows of the way of a certificate, backwards.
 */
#include "hooks/rollback.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "hooks/leave.h"
#include "hooks/listing.h"
#include "hooks/source.h"

static const char doing[] = "rolling back";

bool
rollback_possible(const struct item *item)
{
	return item->published || item->pending;
}

static bool
is_expired(const struct bundle *bundle)
{
	return bundle->leaf != NULL &&
	    clock_now_s() > pki_cert_facts(bundle->leaf)->not_after_s;
}

bool
rollback_is_expired(const struct item *item, const struct site *site)
{
	struct buf pem = BUF_SECRET(LIMIT_PEM_FILE_BYTES);
	struct bundle old = {0};
	struct err ignored = ERR_INIT;
	bool expired;

	if (item->generation > 0 || pki_sha256_is_none(item->fallback) ||
	    item->bundle.leaf == NULL || is_expired(&item->bundle))
		return false;
	expired =
	    source_read(item, site, item->fallback, &pem, &ignored) == 0 &&
	    bundle_parse_leaf(
		pem.data, pem.len, item->ref.name, &old, &ignored) == 0 &&
	    is_expired(&old);
	bundle_free(&old);
	buf_free(&pem);
	return expired;
}

/* There was none: out of HAProxy's sight at once, then for good. */
static int
remove_bundle(struct item *item, struct site *site, struct err *err)
{
	struct install_staged hidden = {.name = ""};
	int rc;

	rc = install_hide(site->install, item->ref.name, &hidden, err);
	if (rc == ERR_NOENT) {
		err_clear(err);
		return 0;
	}
	if (rc == 0)
		install_discard(site->install, &hidden);
	return rc < 0 ? rc : install_settle(site->install, err);
}

/* The way that every bundle comes; these bytes are to have `digest`. */
static int
put_there(struct item *item, struct site *site, const struct buf *pem,
    const unsigned char *digest, struct err *err)
{
	struct install_staged staged = {.name = ""};
	unsigned char found[PKI_SHA256_BYTES];
	int rc;

	pki_sha256(pem->data, pem->len, found);
	if (memcmp(found, digest, sizeof(found)) != 0)
		return err_set(err, ERR_EXISTS, doing, item->ref.name,
		    "what was found of it is another bundle");
	rc = install_stage(site->install, item->ref.name, pem, &staged, err);
	if (rc == 0)
		rc = install_sync(site->install, &staged, err);
	if (rc == 0)
		rc = install_publish(site->install, &staged, err);
	if (rc < 0 && staged.tmp[0] != '\0')
		install_discard(site->install, &staged);
	return rc < 0 ? rc : install_settle(site->install, err);
}

/* An earlier generation returns. */
static int
republish(struct item *item, struct site *site, struct err *err)
{
	struct buf pem = BUF_SECRET(LIMIT_PEM_FILE_BYTES);
	int rc;

	rc = source_find(site, item->ref.name, item->fallback, &pem, err);
	if (rc == 0)
		rc = put_there(item, site, &pem, item->fallback, err);
	buf_free(&pem);
	return rc;
}

static int
restore_bundle(struct item *item, struct site *site, struct err *err)
{
	if (item->published && !item->pending)
		return install_restore(site->install, &item->staged, err);
	if (pki_sha256_is_none(item->fallback))
		return remove_bundle(item, site, err);
	return republish(item, site, err);
}

/*
 * What is stranded stays listed, where it still has its file; `err` says why it
 * is stranded.
 */
static void
keep_listed(struct item *item, struct site *site, struct err *err)
{
	struct err before = *err, why = ERR_INIT;
	struct install_state now = {.exists = false};

	if (install_stat(site->install, item->ref.name, &now, &why) < 0 ||
	    !now.exists)
		return;
	if (listing_relist(item, site, &why) < 0)
		(void)err_set(err, before.code, before.doing, before.on,
		    "%s; its line is out of %s: %s", before.detail, why.on,
		    why.detail);
}

int
rollback_disk(struct item *item, struct site *site, struct err *err)
{
	char file_name[NAME_MAX + 1], reason[LIMIT_ERR_DETAIL_BYTES / 2];
	int rc = 0;

	if (!rollback_possible(item))
		return 0;
	item_file_name(item, file_name, sizeof(file_name));
	if (pki_sha256_is_none(item->fallback) && site->discovery != NULL &&
	    discovery_needs(
		site->discovery, file_name, reason, sizeof(reason))) {
		item->stranded = true;
		return err_set(err, ERR_EXISTS, doing, item->ref.name,
		    "HAProxy would not start without it: %s", reason);
	}
	/* What was staged and never published is not on the way back. */
	if (!item->published && item->staged.tmp[0] != '\0')
		install_discard(site->install, &item->staged);
	/* The list first: it must never name a file that is not there. */
	if (item->listed_now || pki_sha256_is_none(item->fallback))
		rc = listing_unlist(item, site, err);
	if (rc == 0)
		rc = restore_bundle(item, site, err);
	if (rc < 0)
		keep_listed(item, site, err);
	else if (item->recalled)
		log_say(LOG_LEVEL_WARN,
		    "%s: its lines are out of the crt-lists until there is a "
		    "bundle of it; %s/unlisted/%s has them",
		    item->ref.name, site->conf->state_dir, item->ref.name);
	item->rolled_back = rc == 0;
	item->stranded = rc < 0;
	if (rc == 0)
		item->published = item->pending = item->listed_now = false;
	return rc;
}

/* What rollback_disk() took away: a generation now, or made anew. */
static int
find_new(struct item *item, struct site *site, struct buf *ret, struct err *err)
{
	const struct record *record = &item->record;
	int rc;

	rc = source_find(site, item->ref.name, record->digest, ret, err);
	if (rc != ERR_NOENT)
		return rc;
	err_clear(err);
	rc = source_build(item, site, err);
	if (rc < 0)
		return rc;
	if (memcmp(item->bundle.digest, record->digest, PKI_SHA256_BYTES) != 0)
		return err_set(err, ERR_EXISTS, doing, item->ref.name,
		    "changed while the reload was waiting; deploy it again");
	return buf_add(ret, item->bundle.pem.data, item->bundle.pem.len, err);
}

int
rollback_revoke(struct item *item, struct site *site, struct err *err)
{
	struct buf pem = BUF_SECRET(LIMIT_PEM_FILE_BYTES);
	int rc;

	rc = find_new(item, site, &pem, err);
	if (rc == 0)
		rc = put_there(item, site, &pem, item->record.digest, err);
	if (rc == 0)
		rc = listing_relist(item, site, err);
	buf_free(&pem);
	if (rc < 0)
		return rc;
	item->rolled_back = false;
	item->pending = true;
	return 0;
}

/*
 * The bundle that is on disk again, as HAProxy's socket can take it: others
 * wrote theirs with blank lines, or with a text around. Empty: none.
 */
static int
read_old(struct item *item, struct site *site, struct buf *ret, struct err *err)
{
	struct buf raw = BUF_SECRET(LIMIT_PEM_FILE_BYTES);
	struct bundle old = {0};
	int rc;

	rc = install_read(site->install, item->ref.name, &raw, err);
	if (rc == ERR_NOENT) {
		err_clear(err);
		return 0;
	}
	if (rc == 0)
		rc = bundle_parse(raw.data, raw.len, item->ref.name, &old, err);
	if (rc == 0 && old.pem.len > 0)
		rc = buf_add(ret, old.pem.data, old.pem.len, err);
	else if (rc == 0)
		rc = buf_add(ret, raw.data, raw.len, err);
	bundle_free(&old);
	buf_free(&raw);
	return rc;
}

/* One store back to what the disk has now. */
static int
restore_store(const struct process *process, const char *store,
    const struct buf *old, struct err *err)
{
	struct transaction *sent = NULL;
	int rc;

	rc = transaction_abort(process, store, err);
	if (rc == 0)
		rc = transaction_set_send(process, store, old, &sent, err);
	if (rc == 0)
		rc = transaction_set_wait(sent, err);
	sent = NULL;
	if (rc == 0)
		rc = transaction_commit_send(process, store, &sent, err);
	return rc < 0 ? rc : transaction_commit_wait(sent, err);
}

/*
 * One process back to what the disk has now, or (`old` is empty) rid of it.
 * A store that refuses must not keep the others from being restored.
 */
static int
restore_process(struct item *item, struct site *site, size_t p,
    const struct buf *old, struct err *err)
{
	const struct process *process = &site->processes[p].process;
	struct err first = ERR_INIT;

	for (size_t s = 0; s < item->store_count; s++) {
		struct item_store *store = &item->stores[s];
		int rc;

		if (!store->touched[p] &&
		    store->seen[p].status == TRANSACTION_ABSENT)
			continue;
		rc = old->len > 0
		    ? restore_store(process, store->name, old, err)
		    : transaction_abort(process, store->name, err);
		if (rc < 0 && first.code == 0)
			first = *err;
	}
	if (old->len == 0 && leave_process(item, site, p, err) < 0 &&
	    first.code == 0)
		first = *err;
	for (size_t s = 0; s < item->store_count; s++)
		item->stores[s].touched[p] = false;
	if (first.code != 0)
		*err = first;
	return first.code;
}

int
rollback_all(struct item *item, struct site *site, struct err *err)
{
	struct buf old = BUF_SECRET(LIMIT_PEM_FILE_BYTES);
	struct err first = ERR_INIT;
	int rc;

	rc = rollback_disk(item, site, err);
	if (rc == 0)
		rc = read_old(item, site, &old, err);
	if (rc < 0)
		goto out;
	/* Nor a process the other ones. */
	for (size_t p = 0; p < site->process_count; p++) {
		if (site->processes[p].up &&
		    restore_process(item, site, p, &old, err) < 0 &&
		    first.code == 0)
			first = *err;
	}
	if (first.code != 0) {
		*err = first;
		rc = first.code;
	}
out:
	buf_free(&old);
	return rc;
}
