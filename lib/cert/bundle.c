/*
 * bundle.c: PEM to the one PEM that HAProxy loads, and what is wrong with it:
 * the step between lineage and validate. Only what is parsed as a certificate
 * or a key gets into a bundle, and only as DER: nothing of the text does.
 */
#include "cert/bundle.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char building[] = "building the bundle";

static const char *const files[] = {
    [LINEAGE_CERT] = "cert.pem",
    [LINEAGE_CHAIN] = "chain.pem",
    [LINEAGE_FULLCHAIN] = "fullchain.pem",
    [LINEAGE_PRIVKEY] = "privkey.pem",
};
_Static_assert(COUNT_OF(files) == LINEAGE_KINDS, "a kind has no file name");

/* Adds a problem; those past the last place change nothing any more. */
static void note(struct bundle *bundle, enum bundle_flaw flaw, const char *fmt,
    ...) PRINTF_LIKE(3, 4);

static void
note(struct bundle *bundle, enum bundle_flaw flaw, const char *fmt, ...)
{
	struct bundle_problem *problem = NULL;
	va_list args;

	if (bundle->problem_count == COUNT_OF(bundle->problems))
		return;
	problem = &bundle->problems[bundle->problem_count++];
	problem->flaw = flaw;
	va_start(args, fmt);
	if (vsnprintf(problem->text, sizeof(problem->text), fmt, args) < 0)
		problem->text[0] = '\0';
	va_end(args);
}

static bool
has_flaw(const struct bundle *bundle, enum bundle_flaw flaw)
{
	for (size_t i = 0; i < bundle->problem_count; i++) {
		if (bundle->problems[i].flaw == flaw)
			return true;
	}
	return false;
}

/* A failure that is a problem of the input, or one of ours: returned. */
static int
note_err(struct bundle *bundle, const char *origin, struct err *err)
{
	if (err->code != ERR_SYNTAX && err->code != ERR_LIMIT)
		return err->code;
	note(bundle, BUNDLE_FLAW_SYNTAX, "%s: %s", origin, err->detail);
	err_clear(err);
	return 0;
}

/* Takes one certificate: the first is the leaf, and nothing makes up for it. */
static int
add_cert(struct bundle *bundle, const struct pki_block *block,
    const char *origin, struct err *err)
{
	struct pki_cert *cert = NULL;

	if (bundle->chain_count == LIMIT_CHAIN_CERTS) {
		if (!has_flaw(bundle, BUNDLE_FLAW_CHAIN_LENGTH))
			note(bundle, BUNDLE_FLAW_CHAIN_LENGTH,
			    "%s has more than %d certificates behind the first",
			    origin, LIMIT_CHAIN_CERTS);
		return 0;
	}
	if (pki_cert_parse(block, origin, &cert, err) < 0)
		return note_err(bundle, origin, err);
	if (bundle->leaf == NULL)
		bundle->leaf = cert;
	else
		bundle->chain[bundle->chain_count++] = cert;
	return 0;
}

static int
add_key(struct bundle *bundle, const struct pki_block *block,
    const char *origin, struct err *err)
{
	if (block->label == PKI_LABEL_ENCRYPTED_KEY) {
		note(bundle, BUNDLE_FLAW_ENCRYPTED_KEY,
		    "the key in %s is encrypted; HAProxy would wait for its "
		    "passphrase: write it without one (openssl pkey -in)",
		    origin);
		return 0;
	}
	if (bundle->key != NULL) {
		note(bundle, BUNDLE_FLAW_MANY_KEYS,
		    "%s has more than one private key", origin);
		return 0;
	}
	if (pki_key_parse(block, origin, &bundle->key, err) < 0)
		return note_err(bundle, origin, err);
	return 0;
}

/*
 * Takes the certificates of a file; where nothing else belongs there
 * (`strict`), anything else is a problem.
 */
static int
add_certs(struct bundle *bundle, const struct pki_blocks *blocks, bool strict,
    const char *origin, struct err *err)
{
	size_t before = bundle->problem_count;
	bool first = true;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < blocks->count; i++) {
		const struct pki_block *block = &blocks->items[i];

		if (block->label == PKI_LABEL_CERTIFICATE &&
		    (first || bundle->leaf != NULL)) {
			rc = add_cert(bundle, block, origin, err);
			first = false;
		} else if (block->label != PKI_LABEL_CERTIFICATE && strict) {
			note(bundle, BUNDLE_FLAW_FOREIGN_BLOCK,
			    "%s has a block %s; only certificates belong there",
			    origin, block->text);
		}
	}
	if (rc == 0 && first && bundle->problem_count == before)
		note(bundle, BUNDLE_FLAW_NO_LEAF, "%s has no certificate",
		    origin);
	return rc;
}

static int
add_keys(struct bundle *bundle, const struct pki_blocks *blocks,
    const char *origin, struct err *err)
{
	size_t before = bundle->problem_count;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < blocks->count; i++) {
		const struct pki_block *block = &blocks->items[i];

		if (block->label == PKI_LABEL_PRIVATE_KEY ||
		    block->label == PKI_LABEL_ENCRYPTED_KEY)
			rc = add_key(bundle, block, origin, err);
	}
	if (rc == 0 && bundle->key == NULL && bundle->problem_count == before)
		note(bundle, BUNDLE_FLAW_NO_KEY, "%s has no private key",
		    origin);
	return rc;
}

/*
 * A self-signed certificate at the end is the root: clients have it or do not
 * trust it, so sending it is a waste. Anywhere else it is a disorder, which
 * validate reports.
 */
static void
leave_root_out(struct bundle *bundle)
{
	struct pki_cert *last = NULL;

	if (bundle->chain_count == 0)
		return;
	last = bundle->chain[bundle->chain_count - 1];
	if (!pki_cert_facts(last)->self_signed)
		return;
	bundle->root = last;
	bundle->chain[--bundle->chain_count] = NULL;
}

/*
 * Appends the certificates, root left out or (`lone_root`) only where there are
 * others, from their blocks. The label is ours, whatever other spelling of it
 * stood there.
 */
static int
write_certs(struct bundle *bundle, const struct pki_blocks *blocks,
    bool lone_root, struct err *err)
{
	bool root = lone_root && bundle->chain_count == 0 && bundle->root;
	size_t want = 1 + bundle->chain_count + root;
	struct pki_block plain;
	int rc = 0;

	for (size_t i = 0; rc == 0 && want > 0 && i < blocks->count; i++) {
		if (blocks->items[i].label != PKI_LABEL_CERTIFICATE)
			continue;
		plain = blocks->items[i];
		memcpy(plain.text, "CERTIFICATE", sizeof("CERTIFICATE"));
		rc = pki_block_write(&plain, &bundle->pem, err);
		want--;
	}
	return rc;
}

static int
write_key(
    struct bundle *bundle, const struct pki_blocks *blocks, struct err *err)
{
	for (size_t i = 0; i < blocks->count; i++) {
		if (blocks->items[i].label == PKI_LABEL_PRIVATE_KEY)
			return pki_block_write(
			    &blocks->items[i], &bundle->pem, err);
	}
	return err_set(err, ERR_INVALID, building, NULL, "it has no key");
}

static void
start(struct bundle *bundle)
{
	memset(bundle, 0, sizeof(*bundle));
	bundle->pem.max_bytes = LIMIT_PEM_FILE_BYTES;
	bundle->pem.secret = true;
}

/*
 * The blocks of one file of a lineage. What does not decode is a problem of
 * the bundle, and *ret_read is false.
 */
static int
read_blocks(struct bundle *bundle, const struct lineage *lineage,
    enum lineage_kind kind, struct pki_blocks *ret, bool *ret_read,
    struct err *err)
{
	const struct buf *pem = &lineage->pem[kind];
	int rc;

	rc = pki_blocks_read(pem->data, pem->len, files[kind], ret, err);
	*ret_read = rc == 0;
	return rc == 0 ? 0 : note_err(bundle, files[kind], err);
}

/* Is fullchain cert and chain, one behind the other, to the byte? */
static bool
is_joined(const struct buf *pem)
{
	const struct buf *cert = &pem[LINEAGE_CERT];
	const struct buf *chain = &pem[LINEAGE_CHAIN];
	const struct buf *full = &pem[LINEAGE_FULLCHAIN];

	return full->len == cert->len + chain->len && cert->len > 0 &&
	    memcmp(full->data, cert->data, cert->len) == 0 &&
	    (chain->len == 0 ||
		memcmp(full->data + cert->len, chain->data, chain->len) == 0);
}

static bool
block_equal(const struct pki_block *a, const struct pki_block *b)
{
	return a->label == b->label && a->len == b->len &&
	    memcmp(a->der, b->der, a->len) == 0;
}

/*
 * Are they block by block the same? certbot writes them so to the byte, and
 * then nobody needs to decode them; others have other text around them.
 */
static int
compare(struct bundle *bundle, const struct lineage *lineage,
    const struct pki_blocks *full, struct err *err)
{
	struct pki_blocks cert = {NULL, 0}, chain = {NULL, 0};
	bool cert_read = false, chain_read = false, same;
	int rc;

	if (is_joined(lineage->pem))
		return 0;
	rc = read_blocks(bundle, lineage, LINEAGE_CERT, &cert, &cert_read, err);
	if (rc == 0)
		rc = read_blocks(
		    bundle, lineage, LINEAGE_CHAIN, &chain, &chain_read, err);
	if (rc < 0 || !cert_read || !chain_read)
		goto out;
	same = full->count == cert.count + chain.count;
	for (size_t i = 0; same && i < full->count; i++)
		same = block_equal(&full->items[i],
		    i < cert.count ? &cert.items[i]
				   : &chain.items[i - cert.count]);
	if (!same)
		note(bundle, BUNDLE_FLAW_NOT_FULLCHAIN,
		    "fullchain.pem is not cert.pem and chain.pem one behind "
		    "the other; renew the certificate (certbot renew --cert-"
		    "name %s --force-renewal)",
		    lineage->ref.name);
out:
	pki_blocks_free(&cert);
	pki_blocks_free(&chain);
	return rc;
}

/* From all that was added to the PEM and its digest. */
static int
finish(struct bundle *bundle, const struct pki_blocks *certs,
    const struct pki_blocks *keys, bool lone_root, struct err *err)
{
	int rc;

	leave_root_out(bundle);
	if (bundle->problem_count > 0)
		return 0;
	rc = write_certs(bundle, certs, lone_root, err);
	if (rc == 0)
		rc = write_key(bundle, keys, err);
	if (rc == 0)
		pki_sha256(bundle->pem.data, bundle->pem.len, bundle->digest);
	return rc;
}

int
bundle_build(const struct lineage *lineage, bool lone_root, struct bundle *ret,
    struct err *err)
{
	struct pki_blocks certs = {NULL, 0}, keys = {NULL, 0};
	bool read;
	int rc;

	start(ret);
	rc = read_blocks(ret, lineage, LINEAGE_FULLCHAIN, &certs, &read, err);
	if (rc == 0 && read)
		rc =
		    add_certs(ret, &certs, true, files[LINEAGE_FULLCHAIN], err);
	if (rc == 0 && read)
		rc = compare(ret, lineage, &certs, err);
	if (rc == 0)
		rc = read_blocks(
		    ret, lineage, LINEAGE_PRIVKEY, &keys, &read, err);
	if (rc == 0 && read)
		rc = add_keys(ret, &keys, files[LINEAGE_PRIVKEY], err);
	if (rc == 0)
		rc = finish(ret, &certs, &keys, lone_root, err);
	if (rc < 0)
		bundle_free(ret);
	pki_blocks_free(&certs);
	pki_blocks_free(&keys);
	return rc;
}

/* Of a bundle that is on disk, everything or the first certificate alone. */
static int
parse(const char *pem, size_t len, const char *origin, bool all,
    struct bundle *ret, struct err *err)
{
	struct pki_blocks blocks = {NULL, 0}, front;
	int rc;

	start(ret);
	rc = pki_blocks_read(pem, len, origin, &blocks, err);
	front = blocks;
	for (size_t i = 0; !all && i < front.count; i++) {
		if (front.items[i].label == PKI_LABEL_CERTIFICATE)
			front.count = i + 1;
	}
	if (rc < 0) {
		rc = note_err(ret, origin, err);
	} else {
		rc = add_certs(ret, &front, false, origin, err);
		if (rc == 0 && all)
			rc = add_keys(ret, &blocks, origin, err);
		if (rc == 0 && all)
			rc = finish(ret, &blocks, &blocks, true, err);
	}
	if (rc == 0)
		pki_sha256(pem, len, ret->digest);
	else
		bundle_free(ret);
	pki_blocks_free(&blocks);
	return rc;
}

int
bundle_parse(const char *pem, size_t len, const char *origin,
    struct bundle *ret, struct err *err)
{
	return parse(pem, len, origin, true, ret, err);
}

int
bundle_parse_leaf(const char *pem, size_t len, const char *origin,
    struct bundle *ret, struct err *err)
{
	return parse(pem, len, origin, false, ret, err);
}

void
bundle_free(struct bundle *bundle)
{
	pki_cert_free(bundle->leaf);
	for (size_t i = 0; i < bundle->chain_count; i++)
		pki_cert_free(bundle->chain[i]);
	pki_cert_free(bundle->root);
	pki_key_free(bundle->key);
	buf_free(&bundle->pem);
	memset(bundle, 0, sizeof(*bundle));
}
