/*
 * store_pending.c: an order that is under way, in a file of ours below
 * certbot's work directory: written before its key and URL are needed, so that
 * a run that was killed is taken up by the next. Lines of "key value", then
 * the key.
 */
#include "acme/store.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/text.h"

static const char writing[] = "keeping the order";
static const char reading[] = "reading the order that is kept";

/* The first line; another version is passed over as if it were not there. */
static const char magic[] = "certhaul-pending 2\n";
/* ... but for this one, which does not know what was live. */
static const char magic_1[] = "certhaul-pending 1\n";

enum { DIGEST_BYTES = 64, DECIMAL = 10 };

int
store_folder(const struct store_dirs *dirs, bool make, int *ret_fd,
    char *ret_path, struct err *err)
{
	int rc = fs_join(
	    ret_path, LIMIT_PATH_BYTES, dirs->work_dir, "certhaul", err);

	if (rc == 0 && make)
		rc = fs_mkdirs(ret_path, 0700, err);
	if (rc == 0)
		rc = fs_open_dir(ret_path, ret_fd, err);
	if (rc == 0)
		rc = fs_check_dir_fd(*ret_fd, ret_path, err);
	if (rc < 0 && *ret_fd >= 0) {
		(void)close(*ret_fd);
		*ret_fd = -1;
	}
	return rc;
}

static int
open_folder(const struct store_dirs *dirs, const char *name, bool make,
    int *ret_fd, char *ret_path, struct err *err)
{
	return store_is_name(name)
	    ? store_folder(dirs, make, ret_fd, ret_path, err)
	    : err_set(err, ERR_USAGE, reading, name,
		  "this is no certificate's name");
}

static void
file_of(const char *name, char *ret)
{
	/* It fits: a lineage's name has at most 240 bytes. */
	(void)snprintf(ret, NAME_MAX + 1, "%s.order", name);
}

/* A URL, or "" where `empty` is allowed. */
static bool
is_url(const char *text, bool empty)
{
	return text[0] == '\0' ? empty : text_is_url(text, true);
}

static bool
is_valid(const struct store_pending *pending)
{
	static const char hex[] = "0123456789abcdef";

	return is_url(pending->order_url, true) &&
	    is_url(pending->server, false) &&
	    is_url(pending->account_url, true) &&
	    strlen(pending->wish_digest) == DIGEST_BYTES &&
	    strspn(pending->wish_digest, hex) == DIGEST_BYTES &&
	    pending->begun_s >= 0 && pending->replaced_s >= 0 &&
	    strchr(pending->live, '\n') == NULL &&
	    strchr(pending->got, '\n') == NULL &&
	    strchr(buf_text(&pending->without), '\n') == NULL &&
	    strlen(buf_text(&pending->key)) == pending->key.len;
}

int
store_pending_write(const struct store_dirs *dirs, const char *name,
    const struct store_pending *pending, struct err *err)
{
	const struct fs_owner owner = {geteuid(), getegid(), 0600};
	struct buf text =
	    BUF_SECRET(LIMIT_PEM_FILE_BYTES + 4 * LIMIT_URL_BYTES);
	char path[LIMIT_PATH_BYTES], file[NAME_MAX + 1];
	int fd = -1, rc;

	if (!is_valid(pending))
		return err_set(err, ERR_USAGE, writing, name,
		    "a URL, the digest of the names or the key cannot be kept");
	rc = open_folder(dirs, name, true, &fd, path, err);
	if (rc < 0)
		return rc;
	file_of(name, file);
	(void)fs_sweep(fd);
	rc = buf_printf(&text, err,
	    "%sorder %s\nserver %s\naccount %s\nnames %s\nbegun %lld\n"
	    "failures %u\n",
	    magic, pending->order_url, pending->server, pending->account_url,
	    pending->wish_digest, (long long)pending->begun_s,
	    pending->failures);
	if (rc == 0 && pending->reused)
		rc = buf_puts(&text, "reused 1\n", err);
	if (rc == 0 && pending->replaced_s > 0)
		rc = buf_printf(&text, err, "replaced %lld\n",
		    (long long)pending->replaced_s);
	if (rc == 0 && pending->live[0] != '\0')
		rc = buf_printf(&text, err, "live %s\n", pending->live);
	if (rc == 0 && pending->got[0] != '\0')
		rc = buf_printf(&text, err, "got %s\n", pending->got);
	if (rc == 0 && pending->without.len > 0)
		rc = buf_printf(
		    &text, err, "without %s\n", buf_text(&pending->without));
	if (rc == 0)
		rc = buf_add(&text, pending->key.data, pending->key.len, err);
	if (rc == 0)
		rc = fs_replace(
		    fd, file, &owner, buf_text(&text), text.len, err);
	(void)close(fd);
	buf_free(&text);
	return rc;
}

/* The value of the line "KEY value" at `*at`, which moves behind it. */
static bool
take_line(const char **at, const char *key, char *ret, size_t size)
{
	size_t key_len = strlen(key), len;

	if (strncmp(*at, key, key_len) != 0 || (*at)[key_len] != ' ')
		return false;
	*at += key_len + 1;
	len = strcspn(*at, "\n");
	if ((*at)[len] != '\n' || len >= size)
		return false;
	memcpy(ret, *at, len);
	ret[len] = '\0';
	*at += len + 1;
	return true;
}

/* The same of any length, and where there is none `ret` stays empty. */
static bool
take_list(const char **at, const char *key, struct buf *ret, struct err *err)
{
	size_t key_len = strlen(key), len;

	if (strncmp(*at, key, key_len) != 0 || (*at)[key_len] != ' ')
		return true;
	*at += key_len + 1;
	len = strcspn(*at, "\n");
	if ((*at)[len] != '\n' || buf_add(ret, *at, len, err) < 0)
		return false;
	*at += len + 1;
	return true;
}

/* A number alone, of 0 to `most`. */
static bool
take_number(const char *text, long long most, long long *ret)
{
	char *end = NULL;

	errno = 0;
	*ret = strtoll(text, &end, DECIMAL);
	return errno == 0 && end != text && *end == '\0' && *ret >= 0 &&
	    *ret <= most;
}

static bool
parse(const char *at, struct store_pending *ret, struct err *err)
{
	char time[24], failures[24], reused[2];
	long long number;

	if (strncmp(at, magic, sizeof(magic) - 1) != 0 &&
	    strncmp(at, magic_1, sizeof(magic_1) - 1) != 0)
		return false;
	at += sizeof(magic) - 1; /* of the other, too */
	if (!take_line(&at, "order", ret->order_url, sizeof(ret->order_url)) ||
	    !take_line(&at, "server", ret->server, sizeof(ret->server)) ||
	    !take_line(
		&at, "account", ret->account_url, sizeof(ret->account_url)) ||
	    !take_line(
		&at, "names", ret->wish_digest, sizeof(ret->wish_digest)) ||
	    !take_line(&at, "begun", time, sizeof(time)))
		return false;
	if (!take_number(time, LLONG_MAX, &number))
		return false;
	ret->begun_s = (time_t)number;
	/* Where there is none, none has failed. */
	if (take_line(&at, "failures", failures, sizeof(failures))) {
		if (!take_number(failures, INT_MAX, &number))
			return false;
		ret->failures = (unsigned)number;
	}
	ret->reused = take_line(&at, "reused", reused, sizeof(reused));
	if (take_line(&at, "replaced", time, sizeof(time))) {
		if (!take_number(time, LLONG_MAX, &number))
			return false;
		ret->replaced_s = (time_t)number;
	}
	(void)take_line(&at, "live", ret->live, sizeof(ret->live));
	(void)take_line(&at, "got", ret->got, sizeof(ret->got));
	return take_list(&at, "without", &ret->without, err) &&
	    buf_puts(&ret->key, at, err) == 0 && is_valid(ret);
}

int
store_pending_read(const struct store_dirs *dirs, const char *name,
    struct store_pending *ret, struct err *err)
{
	struct buf text =
	    BUF_SECRET(LIMIT_PEM_FILE_BYTES + 4 * LIMIT_URL_BYTES);
	struct store_pending *made = NULL;
	char path[LIMIT_PATH_BYTES], file[NAME_MAX + 1];
	int fd = -1, rc;

	made = calloc(1, sizeof(*made));
	if (made == NULL)
		return err_nomem(err, reading);
	made->key = (struct buf)BUF_SECRET(LIMIT_PEM_FILE_BYTES);
	made->without = (struct buf)BUF_INIT(LIMIT_PEM_FILE_BYTES);
	rc = open_folder(dirs, name, false, &fd, path, err);
	if (rc < 0)
		goto out;
	file_of(name, file);
	rc = fs_read_here(fd, file, FS_TRUST_PRIVATE, &text, NULL, err);
	if (rc == 0 && strlen(buf_text(&text)) != text.len)
		rc = err_set(
		    err, ERR_SYNTAX, reading, file, "there is a NUL in it");
	if (rc == 0 && !parse(buf_text(&text), made, err))
		rc = err_set(err, ERR_SYNTAX, reading, file,
		    "it is not of its format; remove it from %s", path);
	if (rc == 0) {
		*ret = *made;
		memset(made, 0, sizeof(*made));
	}
out:
	if (fd >= 0)
		(void)close(fd);
	buf_free(&text);
	store_pending_free(made);
	free(made);
	return rc;
}

int
store_pending_remove(
    const struct store_dirs *dirs, const char *name, struct err *err)
{
	char path[LIMIT_PATH_BYTES], file[NAME_MAX + 1];
	int fd = -1, rc;

	rc = open_folder(dirs, name, false, &fd, path, err);
	if (rc == ERR_NOENT) {
		err_clear(err);
		return 0;
	}
	if (rc < 0)
		return rc;
	file_of(name, file);
	(void)fs_sweep(fd);
	/* It must not come back once its lineage is gone, or has more. */
	if (unlinkat(fd, file, 0) == 0)
		rc = fs_sync(fd, path, err);
	else if (errno != ENOENT)
		rc = err_sys(err, writing, path, "unlink");
	(void)close(fd);
	return rc;
}

void
store_pending_free(struct store_pending *pending)
{
	buf_free(&pending->key);
	buf_free(&pending->without);
}
