/*
 * hacfg_trust.c: the files beside certificates that HAProxy does not start
 * without: `ca-file` and its like, of bind and server lines, of crt-lists
 * (whose lines are discovery's to read), and of HAProxy's own client; and what
 * a crt-store loads with a certificate.
 */
#include "haproxy/hacfg_part.h"

#include <string.h>

static const char *
find(const char *const *keywords, size_t count, const char *word, size_t len)
{
	for (size_t i = 0; i < count; i++) {
		if (strlen(keywords[i]) == len &&
		    strncmp(keywords[i], word, len) == 0)
			return keywords[i];
	}
	return NULL;
}

const char *
hacfg_trust_keyword(const char *word, size_t len)
{
	static const char *const keywords[] = {
	    "ca-file", "ca-sign-file", "ca-verify-file", "crl-file"};

	return find(keywords, COUNT_OF(keywords), word, len);
}

const char *
hacfg_beside_keyword(const char *word, size_t len)
{
	static const char *const keywords[] = {"issuer", "key", "ocsp", "sctl"};

	return find(keywords, COUNT_OF(keywords), word, len);
}

int
hacfg_trust_add(struct hacfg *hacfg, const struct hacfg_trust_at *at,
    const char *keyword, const char *word, struct err *err)
{
	char name[LIMIT_PATH_BYTES], path[LIMIT_PATH_BYTES];
	struct hacfg_trust *trust, *grown;
	int rc;

	rc = hacfg_name(at->base, word, name, err);
	if (rc == 0)
		rc = hacfg_path(at->dir, name, path, err);
	if (rc < 0)
		return rc;
	grown = hacfg_grow(hacfg->trusts, hacfg->trust_count, sizeof(*grown));
	if (grown == NULL)
		return err_nomem(err, HACFG_DOING);
	hacfg->trusts = grown;
	trust = &grown[hacfg->trust_count++];
	trust->keyword = keyword;
	trust->line = at->line;
	rc = hacfg_keep(&trust->path, path, err);
	return rc < 0 ? rc : hacfg_keep(&trust->file, at->file, err);
}

int
hacfg_line_trust(struct hacfg_reader *reader, struct err *err)
{
	const struct hacfg_trust_at at = {
	    reader->file, reader->line, reader->ca_base, reader->dir};
	const struct hacfg_words *words = &reader->words;
	int rc = 0;

	for (size_t i = 1; rc == 0 && i + 1 < words->count; i++) {
		const char *word = words->items[i];
		const char *keyword = hacfg_trust_keyword(word, strlen(word));

		if (keyword != NULL)
			rc = hacfg_trust_add(reader->hacfg, &at, keyword,
			    words->items[i + 1], err);
	}
	return rc;
}

/* Of a `load` the bases hold; of an `ssl-f-use` none does. */
int
hacfg_line_beside(struct hacfg_reader *reader, struct err *err)
{
	struct hacfg_trust_at at = {
	    reader->file, reader->line, "", reader->dir};
	const struct hacfg_words *words = &reader->words;
	bool based = reader->section == HACFG_CRT_STORE;
	int rc = 0;

	for (size_t i = 1; rc == 0 && i + 1 < words->count; i++) {
		const char *word = words->items[i], *value;
		const char *keyword = hacfg_beside_keyword(word, strlen(word));

		if (keyword == NULL)
			continue;
		value = words->items[++i];
		if (based)
			at.base = strcmp(keyword, "key") == 0
			    ? hacfg_key_base(reader)
			    : hacfg_store_base(reader, value);
		rc = hacfg_trust_add(reader->hacfg, &at, keyword, value, err);
	}
	return rc;
}

/* It gets no ca-base. */
int
hacfg_line_client(struct hacfg_reader *reader, struct err *err)
{
	const struct hacfg_trust_at at = {
	    reader->file, reader->line, "", reader->dir};
	const char *word = hacfg_word(&reader->words, 1);

	return *word == '\0' ? 0
			     : hacfg_trust_add(reader->hacfg, &at,
				   HACFG_CLIENT_CA_FILE, word, err);
}
