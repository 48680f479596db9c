/*
 * record_intent.c: what the lineages of a batch set out to become, in one file
 * beside their records, so that a batch makes one file durable before its
 * first rename and not one a lineage.
 *
 *   certhaul-intents 1
 *   NAME DIGEST BYTES     a lineage; SHA-256 of the record that it stands in
 *   ...                   for (zeros: there was none); the record, as text
 *   end
 *
 * An intent counts only while the record is the one that it was made over: a
 * record that is saved ends it at once, and a file that is out of date, or
 * comes back after a loss of power, changes nothing.
 */
#include "cert/record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "cert/record_private.h"

#define FIRST_LINE "certhaul-intents 1\n"
#define LAST_LINE "end\n"

static const char file[] = ".intents"; /* no lineage's name */
static const char doing[] = "writing what is about to be done";

struct intent {
	char name[LIMIT_LINEAGE_NAME_BYTES + 1];
	unsigned char base[PKI_SHA256_BYTES];
	char *text; /* owned */
	size_t len;
};

struct record_intents {
	struct intent items[LIMIT_INTENTS];
	size_t count;
	bool added; /* there is one that the file has not */
	bool on_disk; /* there is a file */
};

static struct intent *
find(const struct record_store *store, const char *name)
{
	struct record_intents *intents = store->intents;

	for (size_t i = 0; i < intents->count; i++) {
		if (strcmp(intents->items[i].name, name) == 0)
			return &intents->items[i];
	}
	return NULL;
}

static void
digest_of(const struct buf *text, unsigned char *ret)
{
	if (text->len > 0)
		pki_sha256(text->data, text->len, ret);
	else
		memset(ret, 0, PKI_SHA256_BYTES);
}

static void
drop(struct record_intents *intents, struct intent *intent)
{
	free(intent->text);
	*intent = intents->items[--intents->count];
}

/* Takes `text`'s bytes over; there is room. */
static int
add(struct record_intents *intents, const char *name, const unsigned char *base,
    const char *text, size_t len, struct err *err)
{
	struct intent *intent = &intents->items[intents->count];

	intent->text = malloc(len + 1);
	if (intent->text == NULL)
		return err_nomem(err, doing);
	memcpy(intent->text, text, len);
	intent->text[len] = '\0';
	intent->len = len;
	memcpy(intent->name, name, strlen(name) + 1);
	memcpy(intent->base, base, PKI_SHA256_BYTES);
	intents->count++;
	return 0;
}

/* The head of one: NAME DIGEST BYTES; false where it is none. */
static bool
read_head(
    const char **text, char *ret_name, unsigned char *ret_base, size_t *ret_len)
{
	size_t name_len = strcspn(*text, " "), digits;
	const char *at = *text + name_len;

	if (name_len > LIMIT_LINEAGE_NAME_BYTES || *at++ != ' ')
		return false;
	memcpy(ret_name, *text, name_len);
	ret_name[name_len] = '\0';
	if (!text_is_lineage_name(ret_name) ||
	    !record_text_hex(at, strcspn(at, " "), ret_base, PKI_SHA256_BYTES))
		return false;
	at += 2 * (size_t)PKI_SHA256_BYTES;
	if (*at++ != ' ')
		return false;
	*ret_len = 0;
	for (digits = 0; at[digits] >= '0' && at[digits] <= '9'; digits++) {
		*ret_len = *ret_len * 10 + (size_t)(at[digits] - '0');
		if (*ret_len > LIMIT_RECORD_BYTES)
			return false;
	}
	*text = at + digits + 1;
	return digits > 0 && at[digits] == '\n';
}

/* All of the file, or false where a part of it is not ours. */
static bool
read_all(struct record_store *store, const char *text, struct err *err)
{
	const char *end = text + strlen(text);
	char name[LIMIT_LINEAGE_NAME_BYTES + 1];
	unsigned char base[PKI_SHA256_BYTES];
	struct record record;
	char *copy = NULL;
	size_t len;
	bool ok;

	if (strncmp(text, FIRST_LINE, strlen(FIRST_LINE)) != 0)
		return false;
	for (text += strlen(FIRST_LINE); strcmp(text, LAST_LINE) != 0;) {
		if (store->intents->count == LIMIT_INTENTS ||
		    !read_head(&text, name, base, &len) ||
		    len > (size_t)(end - text))
			return false;
		copy = strndup(text, len);
		ok = copy != NULL &&
		    record_text_read(copy, len, name, &record) &&
		    add(store->intents, name, base, copy, len, err) == 0;
		free(copy);
		if (!ok)
			return false;
		text += len;
	}
	return true;
}

int
record_intents_open(struct record_store *store, struct err *err)
{
	struct buf text = BUF_INIT(LIMIT_INTENTS_BYTES);
	int rc;

	store->intents = calloc(1, sizeof(*store->intents));
	if (store->intents == NULL)
		return err_nomem(err, doing);
	rc = fs_read_here(store->fd, file, FS_TRUST_PRIVATE, &text, NULL, err);
	store->intents->on_disk = rc != ERR_NOENT;
	/* As with a record: what cannot be believed is none. */
	if (rc == 0 && !read_all(store, buf_text(&text), err)) {
		while (store->intents->count > 0)
			drop(store->intents, store->intents->items);
	}
	if (rc != ERR_NOMEM && rc != ERR_PERM && rc != ERR_IO)
		rc = 0;
	if (rc == 0)
		err_clear(err);
	buf_free(&text);
	return rc;
}

void
record_intents_close(struct record_store *store)
{
	if (store->intents == NULL)
		return;
	/* One who only looks must not touch the file of one who is at work. */
	if (store->writes && store->intents->on_disk &&
	    store->intents->count == 0)
		(void)unlinkat(store->fd, file, 0);
	while (store->intents->count > 0)
		drop(store->intents, store->intents->items);
	free(store->intents);
}

/* Was it made over these bytes? None at all have no digest but zeros. */
static bool
is_over(const struct intent *intent, const struct buf *text)
{
	unsigned char digest[PKI_SHA256_BYTES];

	digest_of(text, digest);
	return memcmp(intent->base, digest, sizeof(digest)) == 0;
}

const char *
record_intents_find(
    struct record_store *store, const char *name, size_t *ret_len)
{
	struct intent *intent = find(store, name);

	if (intent == NULL)
		return NULL;
	if (!is_over(intent, &store->loaded_text)) {
		drop(store->intents, intent);
		return NULL;
	}
	*ret_len = intent->len;
	return intent->text;
}

bool
record_intents_allow(
    const struct record_store *store, const char *name, const struct buf *text)
{
	const struct intent *intent = find(store, name);

	return intent == NULL || is_over(intent, text);
}

void
record_intents_end(struct record_store *store, const char *name)
{
	struct intent *intent = find(store, name);

	if (intent != NULL)
		drop(store->intents, intent);
}

int
record_intents_names(struct record_store *store,
    int (*add_name)(void *context, const char *name, struct err *err),
    void *context, struct err *err)
{
	const struct record_intents *intents = store->intents;
	struct stat st;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < intents->count; i++) {
		const char *name = intents->items[i].name;

		if (fstatat(store->fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0 &&
		    errno == ENOENT)
			rc = add_name(context, name, err);
	}
	return rc;
}

static int
write_text(
    const struct record_intents *intents, struct buf *ret, struct err *err)
{
	char hex[2 * PKI_SHA256_BYTES + 1];
	int rc;

	rc = buf_puts(ret, FIRST_LINE, err);
	for (size_t i = 0; rc == 0 && i < intents->count; i++) {
		const struct intent *intent = &intents->items[i];

		text_hex(intent->base, PKI_SHA256_BYTES, hex);
		rc = buf_printf(
		    ret, err, "%s %s %zu\n", intent->name, hex, intent->len);
		if (rc == 0)
			rc = buf_add(ret, intent->text, intent->len, err);
	}
	return rc < 0 ? rc : buf_puts(ret, LAST_LINE, err);
}

/* The file as it is to be now, durable. */
static int
write_file(struct record_store *store, struct err *err)
{
	const struct fs_owner owner = {geteuid(), getegid(), 0600};
	struct buf text = BUF_INIT(LIMIT_INTENTS_BYTES);
	int rc;

	rc = write_text(store->intents, &text, err);
	if (rc == 0)
		rc = fs_replace(
		    store->fd, file, &owner, text.data, text.len, err);
	if (rc == 0) {
		store->intents->on_disk = true;
		store->intents->added = false;
	} else {
		rc = err_set(
		    err, rc, doing, store->path, "%s: %s", file, err->detail);
	}
	buf_free(&text);
	return rc;
}

int
record_intents_forget(
    struct record_store *store, const char *name, struct err *err)
{
	struct intent *intent = find(store, name);

	if (intent == NULL)
		return 0;
	drop(store->intents, intent);
	return store->intents->on_disk ? write_file(store, err) : 0;
}

int
record_intend(
    struct record_store *store, const struct record *record, struct err *err)
{
	struct buf text = BUF_INIT(LIMIT_RECORD_BYTES);
	const char *name = record->lineage.name;
	unsigned char base[PKI_SHA256_BYTES];
	int rc;

	/* Made over what was read last, or there is no saying over what. */
	if (strcmp(store->loaded, name) != 0 ||
	    store->intents->count == LIMIT_INTENTS)
		return record_save(store, record, true, err);
	record_intents_end(store, name);
	digest_of(&store->loaded_text, base);
	rc = record_text_write(record, &text, err);
	if (rc == 0)
		rc = add(store->intents, name, base, text.data, text.len, err);
	if (rc == 0)
		store->writes = store->intents->added = true;
	buf_free(&text);
	return rc;
}

int
record_sync_intents(struct record_store *store, struct err *err)
{
	int rc = 0;

	if (!store->intents->added)
		return 0;
	/* The file loses the intents that have had their end. */
	if (store->waiting_count > 0)
		rc = record_sync(store, err);
	return rc < 0 ? rc : write_file(store, err);
}
