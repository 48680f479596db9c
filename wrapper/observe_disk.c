/*
 * observe_disk.c: the first two places, lineage and bundle, with what the
 * record says of them.
 *
 * Of a lineage only the certificate is read. Where lineage and bundle are the
 * very files that the record knows, the bundle is not read at all.
 */
#include "wrapper/observe_private.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "cert/bundle.h"

static const char doing[] = "looking at the lineages";

enum { READ_TRIES = 3, NANO = 1000000000 };

/* The record of the lineage, an empty one where there is none. */
static void
load_record(struct observe_site *site, const char *name)
{
	struct err ignored = ERR_INIT;

	if (site->records != NULL &&
	    record_load(site->records, name, &site->record, &ignored) == 0)
		return;
	memset(&site->record, 0, sizeof(site->record));
	(void)snprintf(site->record.lineage.name,
	    sizeof(site->record.lineage.name), "%s", name);
}

/* A lineage that is not where certbot's are is where its record says. */
static int
find_ref(const struct observe_site *site, const char *name,
    struct lineage_ref *ret, struct err *err)
{
	int rc;

	rc = lineage_ref_from_name(
	    site->conf->letsencrypt.config_dir, name, ret, err);
	if (rc == 0 && site->record.lineage.dir[0] != '\0' &&
	    strcmp(ret->dir, site->record.lineage.dir) != 0 &&
	    access(ret->dir, F_OK) != 0)
		*ret = site->record.lineage;
	return rc;
}

static void
take_record(const struct record *record, struct observation *item)
{
	item->reload_due = record->reload_due;
	item->proved_s = record->proved ? record->proved_s : 0;
	if (!record->failure.present)
		return;
	item->failures =
	    record->failure.attempts > 0 ? record->failure.attempts : 1;
	item->failed_s = record->failure.last_s;
	if (snprintf(item->failure, sizeof(item->failure), "%s",
		record->failure.text) < 0)
		item->failure[0] = '\0';
	text_clean(item->failure);
}

/* The first certificate of a PEM. */
static int
parse_leaf(const struct buf *pem, const char *origin, struct pki_cert **ret,
    struct err *err)
{
	struct pki_blocks blocks = {NULL, 0};
	int rc;

	rc = pki_blocks_read(buf_text(pem), pem->len, origin, &blocks, err);
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < blocks.count; i++) {
		if (blocks.items[i].label != PKI_LABEL_CERTIFICATE)
			continue;
		rc = pki_cert_parse(&blocks.items[i], origin, ret, err);
		goto out;
	}
	rc = err_set(err, ERR_SYNTAX, "reading the certificate", origin,
	    "there is no certificate in it");
out:
	pki_blocks_free(&blocks);
	return rc;
}

/*
 * cert.pem, and the identity that it has together with the other three: read
 * again where certbot changes it meanwhile.
 */
static int
read_lineage(const struct lineage_ref *ref, struct lineage_ident *ret_ident,
    struct pki_cert **ret, struct err *err)
{
	struct buf pem = BUF_INIT(LIMIT_PEM_FILE_BYTES);
	char path[LIMIT_PATH_BYTES];
	struct fs_ident ident;
	int rc;

	rc = fs_join(path, sizeof(path), ref->dir, "cert.pem", err);
	for (int i = 0; rc == 0 && i < READ_TRIES; i++) {
		rc = lineage_identify(ref, ret_ident, err);
		buf_reset(&pem);
		if (rc == 0)
			rc = fs_read(
			    AT_FDCWD, path, FS_TRUST_ANY, &pem, &ident, err);
		if (rc == 0 &&
		    fs_ident_equal(&ident, &ret_ident->files[LINEAGE_CERT])) {
			rc = parse_leaf(&pem, path, ret, err);
			goto out;
		}
	}
	if (rc == 0)
		rc = err_set(err, ERR_SYNTAX, "reading the lineage", path,
		    "it changes while it is read");
out:
	buf_free(&pem);
	return rc;
}

static int
take_facts(
    const struct pki_facts *facts, struct observation *item, struct err *err)
{
	const char *issuer = *facts->issuer_cn != '\0' ? facts->issuer_cn
	    : *facts->issuer_org != '\0'               ? facts->issuer_org
						       : facts->issuer;

	(void)snprintf(item->issuer, sizeof(item->issuer), "%.*s",
	    (int)sizeof(item->issuer) - 1, issuer);
	text_clean(item->issuer);
	memcpy(item->key, facts->key.name, sizeof(item->key));
	item->not_before_s = facts->not_before_s;
	item->not_after_s = facts->not_after_s;
	item->names = calloc(facts->name_count + 1, sizeof(char *));
	if (item->names == NULL)
		return err_nomem(err, doing);
	for (size_t i = 0; i < facts->name_count; i++) {
		item->names[i] = strdup(facts->names[i]);
		if (item->names[i] == NULL)
			return err_nomem(err, doing);
		item->name_count = i + 1;
	}
	return 0;
}

static void
take_at(const struct pki_facts *facts, struct observe_at *at)
{
	at->not_after_s = facts->not_after_s;
	memcpy(at->serial, facts->serial, sizeof(at->serial));
}

/* Where a run did not end, nobody knows which of the two is there. */
static void
take_held(const struct record *record, const struct lineage_ident *ident,
    struct observation *item)
{
	item->held = record_is_held(record, ident);
	if (item->held && !record_has_intent(record))
		memcpy(item->held_serial, record->leaf_serial,
		    sizeof(item->held_serial));
}

static int
look_at_lineage(struct observe_site *site, struct observe_look *look,
    const struct record *record, struct lineage_ident *ret_ident,
    struct err *err)
{
	struct observation *item = look->item;
	struct observe_at *at = &item->at[OBSERVE_LINEAGE];
	struct err why = ERR_INIT;
	char text[OBSERVE_WHY_BYTES];
	int rc;

	item->autorenew = true;
	rc = read_lineage(&look->ref, ret_ident, &look->cert, &why);
	if (rc == ERR_NOMEM) {
		*err = why;
		return rc;
	}
	if (rc == 0) {
		const struct pki_facts *facts = pki_cert_facts(look->cert);

		at->verdict = OBSERVE_SAME;
		take_at(facts, at);
		take_held(record, ret_ident, item);
		item->out = record_is_out(record, ret_ident);
		item->revoked = item->out && record->revoked;
		if (item->out && !item->revoked)
			memcpy(item->begun, record->begun, sizeof(item->begun));
		rc = take_facts(facts, item, err);
		if (rc == 0) {
			observe_renewal(site, &look->ref, item);
			observe_unrenewed(site, ret_ident, item);
		}
		return rc;
	}
	observe_why(&why, text, sizeof(text));
	observe_at_set(at,
	    rc == ERR_NOENT && access(look->ref.dir, F_OK) != 0
		? OBSERVE_ABSENT
		: OBSERVE_BROKEN,
	    "%s", text);
	if (at->verdict == OBSERVE_ABSENT)
		observe_left_conf(&look->ref, item);
	item->gone =
	    record->lineage.dir[0] != '\0' && lineage_is_gone(&look->ref);
	return 0;
}

/* Is the bundle, unread, known to be made from the lineage as it is? */
static bool
is_known(const struct observe_look *look, const struct record *record,
    const struct lineage_ident *source, const struct fs_ident *bundle)
{
	return look->cert != NULL && record->installed &&
	    !record_has_intent(record) &&
	    lineage_ident_equal(&record->source, source) &&
	    fs_ident_equal(&record->bundle, bundle) &&
	    memcmp(record->leaf_sha256, pki_cert_facts(look->cert)->sha256,
		PKI_SHA256_BYTES) == 0;
}

/* Reads the bundle as HAProxy would: leaf, chain and key. */
static int
read_bundle(const struct observe_site *site, const char *file,
    struct observe_look *look, struct err *err)
{
	struct observe_at *at = &look->item->at[OBSERVE_BUNDLE];
	struct buf pem = BUF_SECRET(LIMIT_PEM_FILE_BYTES);
	struct bundle bundle = {0};
	struct err why = ERR_INIT;
	char text[OBSERVE_WHY_BYTES];
	int rc;

	rc = fs_read_here(
	    site->bundles_fd, file, FS_TRUST_ANY, &pem, NULL, &why);
	if (rc < 0) {
		if (rc == ERR_NOENT)
			err_clear(&why);
		observe_why(&why, text, sizeof(text));
		observe_at_set(at,
		    rc == ERR_NOENT      ? OBSERVE_ABSENT
			: rc == ERR_PERM ? OBSERVE_UNKNOWN
					 : OBSERVE_BROKEN,
		    "%s", text);
		rc = 0;
		goto out;
	}
	rc = bundle_parse(pem.data, pem.len, file, &bundle, err);
	if (rc < 0)
		goto out;
	if (bundle.leaf != NULL) {
		const struct pki_facts *facts = pki_cert_facts(bundle.leaf);

		take_at(facts, at);
		at->verdict = look->cert != NULL &&
			memcmp(facts->sha256,
			    pki_cert_facts(look->cert)->sha256,
			    PKI_SHA256_BYTES) == 0
		    ? OBSERVE_SAME
		    : OBSERVE_OTHER;
		if (look->cert == NULL && look->item->name_count == 0)
			rc = take_facts(facts, look->item, err);
		if (observation_is_held_at(look->item, at)) {
			look->held = bundle.leaf;
			bundle.leaf = NULL;
		}
	}
	if (bundle.problem_count > 0)
		observe_at_set(
		    at, OBSERVE_BROKEN, "%s", bundle.problems[0].text);
out:
	bundle_free(&bundle);
	buf_free(&pem);
	return rc;
}

static int
look_at_bundle(struct observe_site *site, const struct lineage_ident *source,
    struct observe_look *look, struct err *err)
{
	struct observe_at *at = &look->item->at[OBSERVE_BUNDLE];
	char file[LIMIT_LINEAGE_NAME_BYTES + sizeof(".pem")];
	struct fs_ident ident;
	struct stat st;

	if (site->bundles_fd < 0) {
		observe_at_set(at, OBSERVE_UNKNOWN, "%s", site->bundles_why);
		return 0;
	}
	(void)snprintf(file, sizeof(file), "%s.pem", look->item->name);
	if (fstatat(site->bundles_fd, file, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		fs_ident_from(&st, &ident);
		look->item->deployed_s = (time_t)(ident.mtime_ns / NANO);
		if (is_known(look, &site->record, source, &ident)) {
			at->verdict = OBSERVE_SAME;
			take_at(pki_cert_facts(look->cert), at);
			return 0;
		}
	}
	return read_bundle(site, file, look, err);
}

int
observe_disk(
    struct observe_site *site, struct observe_look *look, struct err *err)
{
	struct lineage_ident source = {0};
	int rc;

	load_record(site, look->item->name);
	rc = find_ref(site, look->item->name, &look->ref, err);
	if (rc < 0)
		return rc;
	take_record(&site->record, look->item);
	look->item->untold = site->untold;
	rc = look_at_lineage(site, look, &site->record, &source, err);
	if (rc == 0)
		rc = look_at_bundle(site, &source, look, err);
	if (rc == 0)
		observe_wire_proved(site, look);
	return rc;
}
