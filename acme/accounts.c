/*
 * accounts.c: certbot's accounts on disk: which there are, what they hold, and
 * how one comes and goes. The broker signs with what is read here.
 */
#include "acme/accounts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "acme/store_part.h"
#include "acme/wire.h"
#include "base/fs.h"
#include "cert/reuse.h"

static const char reading[] = "reading the account";
static const char key_file[] = "private_key.json";
static const char regr_file[] = "regr.json";
static const char meta_file[] = "meta.json";

enum {
	ID_BYTES = 32, /* of hexadecimal */
	FIRST_PRINTABLE = 0x21,
	LAST_PRINTABLE = 0x7e,
	JSON_BYTES = 32 * 1024, /* of one file */
};

static int
refuse_server(const char *server, struct err *err)
{
	return err_set(err, ERR_USAGE, "looking for the accounts", server,
	    "the server must be a URL, and without a query");
}

/* Is it one name, and not a way up? */
static bool
is_safe(const char *path)
{
	for (const char *at = path; *at != '\0'; at++) {
		if (*at < FIRST_PRINTABLE || *at > LAST_PRINTABLE)
			return false;
	}
	while (*path != '\0') {
		size_t len = strcspn(path, "/");

		if (len <= 2 && strncmp(path, "..", len) == 0 && len > 0)
			return false;
		path += len + (path[len] == '/');
	}
	return true;
}

int
accounts_dir(const char *config_dir, const char *server, char *ret, size_t size,
    struct err *err)
{
	const char *host = strstr(server, "://");
	int len;

	if (host == NULL || host == server)
		return refuse_server(server, err);
	host += sizeof("://") - 1;
	if (strcspn(host, "/") == 0 || strpbrk(host, "?#;\\") != NULL ||
	    !is_safe(host))
		return refuse_server(server, err);
	len = snprintf(ret, size, "%s/accounts/%s", config_dir, host);
	if (len < 0 || (size_t)len >= size)
		return err_set(err, ERR_LIMIT, "looking for the accounts",
		    server, "the path is too long");
	while (len > 1 && ret[len - 1] == '/')
		ret[--len] = '\0';
	return 0;
}

int
accounts_path(const char *config_dir, const char *server, const char *id,
    char *ret, struct err *err)
{
	char dir[LIMIT_PATH_BYTES];
	int rc;

	rc = accounts_dir(config_dir, reuse_server(config_dir, server, id), dir,
	    sizeof(dir), err);
	return rc < 0 ? rc : fs_join(ret, LIMIT_PATH_BYTES, dir, id, err);
}

static bool
is_id(const char *text)
{
	return strlen(text) == ID_BYTES &&
	    strspn(text, "0123456789abcdef") == ID_BYTES;
}

/* Has DIR/ID/FILE? */
static bool
has_file(int dir_fd, const char *id, const char *file)
{
	char path[ID_BYTES + 32];

	/* It fits: an ID has 32 bytes, no file name more. */
	(void)snprintf(path, sizeof(path), "%s/%s", id, file);
	return faccessat(dir_fd, path, F_OK, 0) == 0;
}

static int
by_bytes(const void *left, const void *right)
{
	return strcmp(*(char *const *)left, *(char *const *)right);
}

/* The IDs that have `file` besides a key; `*ret_count` of them. */
static int
gather(DIR *dir, const char *path, const char *file, char ***ret,
    size_t *ret_count, struct err *err)
{
	struct dirent *entry = NULL;
	char **ids = NULL, **grown = NULL;
	size_t count = 0;

	rewinddir(dir);
	while ((entry = readdir(dir)) != NULL) {
		if (!is_id(entry->d_name) ||
		    !has_file(dirfd(dir), entry->d_name, key_file) ||
		    !has_file(dirfd(dir), entry->d_name, file))
			continue;
		if (count == LIMIT_ACCOUNTS) {
			accounts_list_free(ids, count);
			return err_set(err, ERR_LIMIT, reading, path,
			    "there are more than %d", LIMIT_ACCOUNTS);
		}
		grown = realloc(ids, (count + 1) * sizeof(*ids));
		if (grown != NULL) {
			ids = grown;
			ids[count] = strdup(entry->d_name);
		}
		if (grown == NULL || ids[count] == NULL) {
			accounts_list_free(ids, count);
			return err_nomem(err, reading);
		}
		count++;
	}
	if (count > 0)
		qsort(ids, count, sizeof(*ids), by_bytes);
	*ret = ids;
	*ret_count = count;
	return 0;
}

int
accounts_list(const char *config_dir, const char *server, char ***ret,
    size_t *ret_count, struct err *err)
{
	char path[LIMIT_PATH_BYTES], **ids = NULL;
	size_t count = 0;
	DIR *dir = NULL;
	int rc;

	rc = accounts_dir(config_dir, server, path, sizeof(path), err);
	if (rc < 0)
		return rc;
	dir = opendir(path);
	if (dir == NULL && errno != ENOENT)
		return err_sys(err, reading, path, "opendir");
	if (dir != NULL) {
		rc = gather(dir, path, regr_file, &ids, &count, err);
		/* Made by a run that was killed before the CA answered. */
		if (rc == 0 && count == 0)
			rc = gather(dir, path, key_file, &ids, &count, err);
		(void)closedir(dir);
	}
	if (rc < 0)
		return rc;
	if (count == 0 && reuse_earlier(server) != NULL)
		return accounts_list(
		    config_dir, reuse_earlier(server), ret, ret_count, err);
	*ret = ids;
	*ret_count = count;
	return 0;
}

void
accounts_list_free(char **ids, size_t count)
{
	lineage_names_free(ids, count);
}

/* The one account there is. */
static int
only_one(
    const char *config_dir, const char *server, char *ret_id, struct err *err)
{
	struct buf list = BUF_INIT(LIMIT_ERR_DETAIL_BYTES);
	struct err ignored = ERR_INIT;
	char **ids = NULL;
	size_t count = 0;
	int rc;

	rc = accounts_list(config_dir, server, &ids, &count, err);
	if (rc < 0)
		return rc;
	if (count == 1) {
		memcpy(ret_id, ids[0], ID_BYTES + 1);
	} else if (count == 0) {
		rc = err_set(err, ERR_NOENT, reading, server,
		    "there is no account for this server");
	} else {
		/* A list that is cut will do. */
		for (size_t i = 0; rc == 0 && i < count; i++)
			rc = buf_printf(&list, &ignored, " %s", ids[i]);
		rc = err_set(err, ERR_USAGE, reading, server,
		    "there are %zu accounts; choose one with --account:%s",
		    count, buf_text(&list));
	}
	accounts_list_free(ids, count);
	buf_free(&list);
	return rc;
}

/* Opens the account's directory; `path` is for messages. */
static int
open_account(const char *config_dir, const char *server, const char *id,
    int *ret_fd, char *path, struct err *err)
{
	int rc;

	if (!is_id(id))
		return err_set(err, ERR_USAGE, reading, id,
		    "an account's ID is 32 digits in hexadecimal");
	rc = accounts_path(config_dir, server, id, path, err);
	if (rc == 0)
		rc = fs_open_dir(path, ret_fd, err);
	/* In certbot's words. */
	if (rc == ERR_NOENT)
		rc = err_set(err, rc, reading, NULL,
		    "Account at %s does not exist", path);
	return rc;
}

/* A file of the account; the error names it whole. */
static int
read_file(int fd, const char *dir, const char *file, enum fs_trust trust,
    struct buf *ret, struct err *err)
{
	char path[LIMIT_ERR_ON_BYTES];
	int rc;

	rc = fs_read(fd, file, trust, ret, NULL, err);
	/* A path that is cut will do for a message. */
	if (rc < 0 && snprintf(path, sizeof(path), "%s/%s", dir, file) > 0)
		return err_set(err, rc, reading, path, "%s", err->detail);
	return rc;
}

static int
parse_failed(const char *dir, const char *file, struct err *err)
{
	char path[LIMIT_ERR_ON_BYTES], detail[LIMIT_ERR_DETAIL_BYTES];

	memcpy(detail, err->detail, sizeof(detail));
	(void)snprintf(path, sizeof(path), "%s/%s", dir, file);
	return err_set(err, err->code, reading, path, "%s", detail);
}

static int
read_key(int fd, const char *dir, struct jws_key **ret, struct err *err)
{
	struct buf text = BUF_SECRET(JSON_BYTES);
	struct wire_jwk *jwk = NULL;
	int rc;

	jwk = calloc(1, sizeof(*jwk));
	if (jwk == NULL)
		return err_nomem(err, reading);
	rc = read_file(fd, dir, key_file, FS_TRUST_PRIVATE, &text, err);
	if (rc == 0) {
		rc = wire_read_jwk(&text, jwk, err);
		if (rc == 0)
			rc = jws_key_from_jwk(jwk, ret, err);
		if (rc < 0)
			rc = parse_failed(dir, key_file, err);
	}
	buf_wipe(jwk, sizeof(*jwk));
	free(jwk);
	buf_free(&text);
	return rc;
}

/* regr.json and meta.json; without the first there is no URL yet. */
static int
read_facts(
    int fd, const char *dir, struct accounts_entry *entry, struct err *err)
{
	struct buf text = BUF_INIT(JSON_BYTES);
	int rc;

	rc = read_file(fd, dir, regr_file, FS_TRUST_PRIVATE, &text, err);
	if (rc == ERR_NOENT) {
		err_clear(err);
		rc = 0;
	} else if (rc == 0) {
		rc = wire_read_regr(&text, entry->url, sizeof(entry->url), err);
		if (rc < 0)
			rc = parse_failed(dir, regr_file, err);
	}
	buf_reset(&text);
	if (rc == 0)
		rc = read_file(fd, dir, meta_file, FS_TRUST_ANY, &text, err);
	if (rc == ERR_NOENT) {
		err_clear(err);
		rc = 0;
	} else if (rc == 0) {
		rc = wire_read_meta(&text, entry->created,
		    sizeof(entry->created), entry->host, sizeof(entry->host),
		    err);
		if (rc < 0)
			rc = parse_failed(dir, meta_file, err);
	}
	buf_free(&text);
	return rc;
}

int
accounts_read(const char *config_dir, const char *server, const char *id,
    struct accounts_entry *ret, struct err *err)
{
	struct accounts_entry *made = NULL;
	char path[LIMIT_PATH_BYTES];
	int fd = -1, rc = 0;

	made = calloc(1, sizeof(*made));
	if (made == NULL)
		return err_nomem(err, reading);
	if (id == NULL)
		rc = only_one(config_dir, server, made->id, err);
	else
		(void)snprintf(made->id, sizeof(made->id), "%s", id);
	if (rc == 0)
		rc = open_account(config_dir, server,
		    id == NULL ? made->id : id, &fd, path, err);
	if (rc == 0)
		rc = read_key(fd, path, &made->key, err);
	if (rc == 0)
		rc = read_facts(fd, path, made, err);
	if (rc == 0)
		*ret = *made;
	else
		accounts_entry_free(made);
	if (fd >= 0)
		(void)close(fd);
	free(made);
	return rc;
}

void
accounts_entry_free(struct accounts_entry *entry)
{
	jws_key_free(entry->key);
	entry->key = NULL;
}
