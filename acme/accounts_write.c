/*
 * accounts_write.c: an account comes to be on the disk, learns its URL, and
 * goes.
 */
#include "acme/accounts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "acme/store_part.h"
#include "acme/wire.h"
#include "base/clock.h"
#include "base/fs.h"

static const char writing[] = "keeping the account";
static const char removing[] = "removing the account";

enum { JSON_BYTES = 32 * 1024 }; /* of one file */

static const struct fs_owner key_owner = {(uid_t)-1, (gid_t)-1, 0400};

/* The files that are no secret. */
static int
put_file(int fd, const char *name, const struct buf *text, struct err *err)
{
	const struct fs_owner owner = {(uid_t)-1, (gid_t)-1, fs_masked(0644)};

	return fs_replace(fd, name, &owner, buf_text(text), text->len, err);
}

static int
write_key(int fd, const struct accounts_entry *entry, struct err *err)
{
	struct buf text = BUF_SECRET(JSON_BYTES);
	struct wire_jwk *jwk = NULL;
	int rc;

	jwk = calloc(1, sizeof(*jwk));
	if (jwk == NULL)
		return err_nomem(err, writing);
	rc = jws_key_to_jwk(entry->key, jwk, err);
	if (rc == 0)
		rc = wire_make_jwk(jwk, &text, err);
	if (rc == 0)
		rc = fs_replace(fd, "private_key.json", &key_owner,
		    buf_text(&text), text.len, err);
	buf_wipe(jwk, sizeof(*jwk));
	free(jwk);
	buf_free(&text);
	return rc;
}

static int
write_meta(int fd, struct accounts_entry *entry, struct err *err)
{
	struct buf text = BUF_INIT(JSON_BYTES);
	int rc;

	/* Only told: no name service is asked for the rest of the name. */
	if (gethostname(entry->host, sizeof(entry->host) - 1) != 0)
		memcpy(entry->host, "localhost", sizeof("localhost"));
	(void)clock_iso(clock_now_s(), entry->created, sizeof(entry->created));
	rc = wire_make_meta(entry->created, entry->host, &text, err);
	if (rc == 0)
		rc = put_file(fd, "meta.json", &text, err);
	buf_free(&text);
	return rc;
}

int
accounts_create(const char *config_dir, const char *server,
    struct accounts_entry *entry, struct err *err)
{
	char path[LIMIT_PATH_BYTES];
	int fd = -1, rc;

	rc = jws_account_id(entry->key, entry->id, err);
	if (rc == 0)
		rc = accounts_path(config_dir, server, entry->id, path, err);
	if (rc == 0)
		rc = fs_mkdirs(path, 0700, err);
	if (rc == 0)
		rc = fs_open_dir(path, &fd, err);
	if (rc == 0)
		rc = write_key(fd, entry, err);
	if (rc == 0)
		rc = write_meta(fd, entry, err);
	if (fd >= 0)
		(void)close(fd);
	entry->url[0] = '\0';
	return rc;
}

int
accounts_set_url(const char *config_dir, const char *server,
    struct accounts_entry *entry, const char *url, struct err *err)
{
	struct buf text = BUF_INIT(JSON_BYTES);
	char path[LIMIT_PATH_BYTES];
	int fd = -1, rc;

	if (strlen(url) >= sizeof(entry->url))
		return err_set(err, ERR_LIMIT, writing, url,
		    "the account's URL is too long");
	rc = accounts_path(config_dir, server, entry->id, path, err);
	if (rc == 0)
		rc = fs_open_dir(path, &fd, err);
	if (rc == 0)
		rc = wire_make_regr(url, &text, err);
	if (rc == 0)
		rc = put_file(fd, "regr.json", &text, err);
	if (rc == 0)
		memcpy(entry->url, url, strlen(url) + 1);
	if (fd >= 0)
		(void)close(fd);
	buf_free(&text);
	return rc;
}

int
accounts_remove(
    const char *config_dir, const char *server, const char *id, struct err *err)
{
	char path[LIMIT_PATH_BYTES], top[LIMIT_PATH_BYTES];
	size_t top_len;
	int rc;

	rc = accounts_path(config_dir, server, id, path, err);
	if (rc == 0)
		rc = fs_join(top, sizeof(top), config_dir, "accounts", err);
	if (rc < 0)
		return rc;
	if (strlen(id) != 32 || strspn(id, "0123456789abcdef") != 32 ||
	    access(path, F_OK) != 0)
		return err_set(
		    err, ERR_NOENT, removing, path, "there is no such account");
	rc = store_remove_tree(path, err);
	top_len = strlen(top);
	/* Upwards, until something else is in one. */
	while (rc == 0 && strlen(path) > top_len) {
		*strrchr(path, '/') = '\0';
		if (strlen(path) <= top_len || rmdir(path) != 0)
			break;
	}
	return rc;
}
