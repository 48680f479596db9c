/*
 * pki_pem.c: PEM to blocks of DER and back: the first step from a lineage's
 * files to facts, and the last one to the bundle.
 *
 * What counts as a block is what OpenSSL, and so HAProxy, would see (markers
 * at the start of a line); what is in it is judged more strictly.
 */
#include "cert/pki.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

static const char doing[] = "reading PEM";

enum {
	LINE_BYTES = 64, /* of base64 (RFC 7468, 2) ... */
	LINE_DER_BYTES = 48, /* ... which are so many of DER */
};

struct scan {
	const char *at, *end; /* what was not looked at yet */
	const char *line; /* the line, ... */
	size_t len; /* ... without white space at its end */
	const char *origin;
};

/* Steps to the next line; false at the end. */
static bool
next_line(struct scan *scan)
{
	const char *eol = NULL;

	if (scan->at == scan->end)
		return false;
	eol = memchr(scan->at, '\n', (size_t)(scan->end - scan->at));
	scan->line = scan->at;
	scan->at = eol != NULL ? eol + 1 : scan->end;
	scan->len = (size_t)((eol != NULL ? eol : scan->end) - scan->line);
	while (scan->len > 0 && (unsigned char)scan->line[scan->len - 1] <= ' ')
		scan->len--;
	return true;
}

/* The label of a line "-----BEGIN LABEL-----"; `begin` as it stands there. */
static bool
take_label(
    const struct scan *scan, const char *begin, char *ret, size_t ret_size)
{
	static const char dashes[] = "-----";
	size_t head = strlen(begin), tail = strlen(dashes), len;

	if (scan->len <= head + tail || memcmp(scan->line, begin, head) != 0 ||
	    memcmp(scan->line + scan->len - tail, dashes, tail) != 0)
		return false;
	len = scan->len - head - tail;
	if (len >= ret_size)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (scan->line[head + i] < ' ' || scan->line[head + i] > '~')
			return false;
	}
	memcpy(ret, scan->line + head, len);
	ret[len] = '\0';
	return true;
}

static bool
line_starts(const struct scan *scan, const char *text)
{
	size_t len = strlen(text);

	return scan->len >= len && memcmp(scan->line, text, len) == 0;
}

static enum pki_label
label_of(const char *text)
{
	static const char key[] = "PRIVATE KEY";
	size_t len = strlen(text);

	if (strcmp(text, "CERTIFICATE") == 0 ||
	    strcmp(text, "X509 CERTIFICATE") == 0)
		return PKI_LABEL_CERTIFICATE;
	if (strcmp(text, "ENCRYPTED PRIVATE KEY") == 0)
		return PKI_LABEL_ENCRYPTED_KEY;
	if (len >= strlen(key) && strcmp(text + len - strlen(key), key) == 0)
		return PKI_LABEL_PRIVATE_KEY;
	return PKI_LABEL_OTHER;
}

static bool
is_base64(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	    (c >= '0' && c <= '9') || c == '+' || c == '/';
}

/* Appends the line to the base64 at `text`; false where it is none. */
static bool
add_line(const struct scan *scan, char *text, size_t *len)
{
	for (size_t i = 0; i < scan->len; i++) {
		char c = scan->line[i];

		/* After the padding nothing but padding can follow. */
		if (c != '=' &&
		    (!is_base64(c) || (*len > 0 && text[*len - 1] == '=')))
			return false;
		text[(*len)++] = c;
	}
	return true;
}

/* Decodes `len` bytes of base64 into the block. */
static int
decode(const char *text, size_t len, struct pki_block *block)
{
	size_t padding = 0;

	while (padding < len && text[len - 1 - padding] == '=')
		padding++;
	if (len == 0 || len % 4 != 0 || padding > 2)
		return ERR_SYNTAX;
	block->der = malloc(len / 4 * 3);
	if (block->der == NULL)
		return ERR_NOMEM;
	if (EVP_DecodeBlock(block->der, (const unsigned char *)text, (int)len) <
	    0)
		return ERR_SYNTAX;
	block->len = len / 4 * 3 - padding;
	return 0;
}

static int
bad_block(const struct scan *scan, size_t number, const struct pki_block *block,
    const char *what, struct err *err)
{
	return err_set(err, ERR_SYNTAX, doing, scan->origin,
	    "block %zu (%s) %s", number, block->text, what);
}

/*
 * Reads the block whose BEGIN line was just met; `text` has room for all the
 * base64 there can be.
 */
static int
read_block(struct scan *scan, size_t number, char *text,
    struct pki_block *block, struct err *err)
{
	char label[sizeof(block->text)];
	bool header = false;
	size_t len = 0;
	int rc;

	block->label = label_of(block->text);
	for (;;) {
		if (!next_line(scan) || line_starts(scan, "-----BEGIN "))
			return bad_block(
			    scan, number, block, "does not end", err);
		if (line_starts(scan, "-----END "))
			break;
		/* The header of RFC 1421, up to a blank line. */
		if (len == 0 && memchr(scan->line, ':', scan->len) != NULL)
			header = true;
		if (header) {
			if (line_starts(scan, "Proc-Type:") &&
			    block->label == PKI_LABEL_PRIVATE_KEY)
				block->label = PKI_LABEL_ENCRYPTED_KEY;
			header = scan->len > 0;
		} else if (!add_line(scan, text, &len)) {
			return bad_block(
			    scan, number, block, "is not base64", err);
		}
	}
	if (!take_label(scan, "-----END ", label, sizeof(label)) ||
	    strcmp(label, block->text) != 0)
		return bad_block(
		    scan, number, block, "has another label at its end", err);
	rc = decode(text, len, block);
	if (rc == ERR_NOMEM)
		return err_nomem(err, doing);
	return rc == 0
	    ? 0
	    : bad_block(scan, number, block, "is not whole base64", err);
}

int
pki_blocks_read(const char *pem, size_t len, const char *origin,
    struct pki_blocks *ret, struct err *err)
{
	struct pki_blocks made = {NULL, 0};
	struct scan scan = {.at = pem, .end = pem, .origin = origin};
	struct pki_block block;
	char *text = NULL;
	int rc = 0;

	if (len > INT_MAX)
		return err_set(err, ERR_LIMIT, doing, origin,
		    "it is larger than %d bytes", INT_MAX);
	if (pem != NULL)
		scan.end = pem + len;
	made.items = calloc(LIMIT_PEM_BLOCKS, sizeof(*made.items));
	text = malloc(len + 1);
	if (made.items == NULL || text == NULL) {
		rc = err_nomem(err, doing);
		goto out;
	}
	while (rc == 0 && next_line(&scan)) {
		memset(&block, 0, sizeof(block));
		if (!take_label(
			&scan, "-----BEGIN ", block.text, sizeof(block.text)))
			continue;
		if (made.count == LIMIT_PEM_BLOCKS) {
			rc = err_set(err, ERR_LIMIT, doing, origin,
			    "it has more than %d blocks", LIMIT_PEM_BLOCKS);
			goto out;
		}
		rc = read_block(&scan, made.count + 1, text, &block, err);
		made.items[made.count++] = block;
	}
	if (rc == 0) {
		*ret = made;
		memset(&made, 0, sizeof(made));
	}
out:
	pki_blocks_free(&made);
	if (text != NULL)
		buf_wipe(text, len);
	free(text);
	return rc;
}

void
pki_blocks_free(struct pki_blocks *blocks)
{
	for (size_t i = 0; i < blocks->count; i++) {
		struct pki_block *block = &blocks->items[i];

		if (block->der != NULL)
			buf_wipe(block->der, block->len);
		free(block->der);
	}
	free(blocks->items);
	blocks->items = NULL;
	blocks->count = 0;
}

int
pki_block_write(const struct pki_block *block, struct buf *ret, struct err *err)
{
	/* A line with its end, and the NUL of EVP_EncodeBlock(). */
	size_t lines = block->len / LINE_DER_BYTES + 1;
	size_t at = 0, step;
	char *room = NULL;
	int rc, len;

	rc = buf_printf(ret, err, "-----BEGIN %s-----\n", block->text);
	if (rc < 0)
		return rc;
	room = buf_room(ret, lines * (LINE_BYTES + 1), err);
	if (room == NULL)
		return err->code;
	for (; at < block->len; at += step) {
		step = block->len - at;
		if (step > LINE_DER_BYTES)
			step = LINE_DER_BYTES;
		len = EVP_EncodeBlock(
		    (unsigned char *)room, block->der + at, (int)step);
		room[len] = '\n';
		room += len + 1;
		ret->len += (size_t)len + 1;
	}
	ret->data[ret->len] = '\0';
	return buf_printf(ret, err, "-----END %s-----\n", block->text);
}
