/*
 * store.c: which lineages certbot's directories hold, and what there is of
 * each. What changes them is in store_create.c, store_renew.c, store_switch.c
 * and store_delete.c; an order that is under way in store_pending.c.
 */
#include "acme/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "acme/store_part.h"
#include "base/fs.h"
#include "cert/pki.h"

static const char listing[] = "listing the lineages";
static const char reading[] = "reading the lineage";
static const char ending[] = ".conf";

enum { NAMES_NUMBERED = 9999 }; /* NAME-0001 and so on */

int
store_prepare(const struct store_dirs *dirs, struct err *err)
{
	static const char *const hooks[] = {
	    "renewal-hooks/pre", "renewal-hooks/deploy", "renewal-hooks/post"};
	char path[LIMIT_PATH_BYTES];
	int rc;

	rc = fs_mkdirs(dirs->logs_dir, 0700, err);
	if (rc == 0)
		rc = fs_mkdirs(dirs->config_dir, fs_masked(0755), err);
	if (rc == 0)
		rc = fs_mkdirs(dirs->work_dir, 0755, err);
	for (size_t i = 0; rc == 0 && i < COUNT_OF(hooks); i++) {
		rc = fs_join(
		    path, sizeof(path), dirs->config_dir, hooks[i], err);
		if (rc == 0)
			rc = fs_mkdirs(path, fs_masked(0755), err);
	}
	return rc;
}

/* The name of a lineage whose conf has this file name, or 0 bytes. */
static size_t
name_length(const char *file)
{
	size_t len = strlen(file), end = sizeof(ending) - 1;

	if (file[0] == '.' || len <= end ||
	    strcmp(file + len - end, ending) != 0)
		return 0;
	return len - end;
}

/* certbot sorts the files: a-0001.conf comes before a.conf. */
static int
by_file(const void *left, const void *right)
{
	char a[NAME_MAX + sizeof(ending)], b[NAME_MAX + sizeof(ending)];

	/* They fit: file names once had this end. */
	(void)snprintf(
	    a, sizeof(a), "%s%s", *(const char *const *)left, ending);
	(void)snprintf(
	    b, sizeof(b), "%s%s", *(const char *const *)right, ending);
	return strcmp(a, b);
}

static int
add_name(char ***names, size_t *count, size_t *room, const char *file,
    size_t len, struct err *err)
{
	char **grown = NULL;

	if (*count == LIMIT_LINEAGES)
		return err_set(err, ERR_LIMIT, listing, NULL,
		    "there are more than %d", LIMIT_LINEAGES);
	if (*names == NULL || *count == *room) {
		*room = *room == 0 ? 64 : *room * 2;
		grown = realloc(*names, *room * sizeof(**names));
		if (grown == NULL)
			return err_nomem(err, listing);
		*names = grown;
	}
	(*names)[*count] = strndup(file, len);
	if ((*names)[*count] == NULL)
		return err_nomem(err, listing);
	(*count)++;
	return 0;
}

int
store_names(const struct store_dirs *dirs, char ***ret, size_t *ret_count,
    struct err *err)
{
	char path[LIMIT_PATH_BYTES], **names = NULL;
	size_t count = 0, room = 0, len;
	struct dirent *entry = NULL;
	DIR *dir = NULL;
	int rc;

	rc = fs_join(path, sizeof(path), dirs->config_dir, "renewal", err);
	if (rc < 0)
		return rc;
	dir = opendir(path);
	if (dir == NULL && errno != ENOENT)
		return err_sys(err, listing, path, "opendir");
	while (rc == 0 && dir != NULL && (entry = readdir(dir)) != NULL) {
		len = name_length(entry->d_name);
		if (len > 0)
			rc = add_name(
			    &names, &count, &room, entry->d_name, len, err);
	}
	if (dir != NULL)
		(void)closedir(dir);
	if (rc < 0) {
		lineage_names_free(names, count);
		return rc;
	}
	if (count > 0)
		qsort(names, count, sizeof(*names), by_file);
	*ret = names;
	*ret_count = count;
	return 0;
}

/* What certbot says of a link that it refuses. */
static int
check_link(
    const struct store_place *place, enum lineage_kind kind, struct err *err)
{
	char path[LIMIT_PATH_BYTES];
	struct stat st;
	int len;

	len = snprintf(
	    path, sizeof(path), "%s/%s.pem", place->live, store_stem(kind));
	if (len < 0 || (size_t)len >= sizeof(path))
		return err_set(err, ERR_LIMIT, reading, place->live,
		    "the path is too long");
	if (lstat(path, &st) != 0 || !S_ISLNK(st.st_mode))
		return err_set(err, ERR_SYNTAX, reading, place->conf,
		    "expected %s to be a symlink", path);
	if (stat(path, &st) != 0)
		return err_set(err, ERR_SYNTAX, reading, place->conf,
		    "target of symlink %s does not exist", path);
	return 0;
}

void
store_none(const struct store_dirs *dirs, const char *name, const char *doing,
    struct err *err)
{
	(void)err_set(err, ERR_NOENT, doing, name,
	    "No certificate found with name %s (expected %s/renewal/%s.conf).",
	    name, dirs->config_dir, name);
}

int
store_leaf(const struct buf *pem, const char *origin, struct pki_cert **ret,
    struct err *err)
{
	struct pki_blocks blocks = {NULL, 0};
	int rc;

	rc = pki_blocks_read(buf_text(pem), pem->len, origin, &blocks, err);
	if (rc == 0 && blocks.count == 0)
		rc = err_set(err, ERR_SYNTAX, reading, origin,
		    "there is no certificate in it");
	if (rc == 0)
		rc = pki_cert_parse(&blocks.items[0], origin, ret, err);
	pki_blocks_free(&blocks);
	return rc;
}

static int
read_leaf(
    const struct store_place *place, struct pki_cert **ret, struct err *err)
{
	struct buf pem = BUF_INIT(LIMIT_PEM_FILE_BYTES);
	char path[LIMIT_PATH_BYTES];
	int rc;

	rc = fs_join(path, sizeof(path), place->live, "cert.pem", err);
	if (rc == 0)
		rc = fs_read(AT_FDCWD, path, FS_TRUST_ANY, &pem, NULL, err);
	if (rc == 0)
		rc = store_leaf(&pem, path, ret, err);
	buf_free(&pem);
	return rc;
}

/* Fills in what links and files say. */
static int
read_files(const struct store_place *place, struct store_lineage *lineage,
    struct err *err)
{
	struct store_links links;
	int fd = -1, rc = 0;

	for (size_t i = 0; rc == 0 && i < LINEAGE_KINDS; i++)
		rc = check_link(place, store_order[i], err);
	if (rc == 0)
		rc = fs_open_dir(place->live, &fd, err);
	if (rc < 0)
		return rc;
	store_links_read(fd, place, &links);
	(void)close(fd);
	lineage->generation = links.number[0];
	for (int kind = 0; kind < LINEAGE_KINDS; kind++) {
		if (links.number[kind] == 0)
			return err_set(err, ERR_SYNTAX, reading, place->live,
			    "a link points at a file that certbot does not "
			    "name like that");
		lineage->mixed =
		    lineage->mixed || links.number[kind] != links.number[0];
		if (links.number[kind] < lineage->generation)
			lineage->generation = links.number[kind];
	}
	lineage->mixed = lineage->mixed || links.previous;
	return read_leaf(place, &lineage->leaf, err);
}

/* certbot reads all that is above the first section. */
static int
check_references(const struct renewal *conf, const char *path, struct err *err)
{
	const char *key = renewal_unresolved(conf, "");

	return key == NULL
	    ? 0
	    : err_set(err, ERR_SYNTAX, reading, path,
		  "%s refers by %%(...)s to what is not there", key);
}

int
store_read(const struct store_dirs *dirs, const char *name,
    struct store_lineage *ret, struct err *err)
{
	struct store_lineage *made = NULL;
	struct store_place place;
	int rc;

	made = calloc(1, sizeof(*made));
	if (made == NULL)
		return err_nomem(err, reading);
	rc = store_place_default(dirs, name, &place, &made->broken);
	if (rc == 0) {
		memcpy(made->conf_path, place.conf, sizeof(place.conf));
		memcpy(made->ref.name, name, strlen(name) + 1);
		memcpy(made->ref.dir, place.live, sizeof(place.live));
		rc = renewal_read(place.conf, &made->conf, &made->broken);
	}
	if (rc == ERR_NOENT) {
		store_none(dirs, name, reading, err);
		goto out;
	}
	if (rc == ERR_NOMEM) {
		*err = made->broken;
		goto out;
	}
	if (rc == 0)
		rc = check_references(made->conf, place.conf, &made->broken);
	if (rc == 0)
		rc = store_place_of(
		    dirs, name, made->conf, &place, &made->broken);
	if (rc == 0) {
		memcpy(made->ref.dir, place.live, sizeof(place.live));
		rc = read_files(&place, made, &made->broken);
	}
	if (rc == ERR_NOMEM) {
		*err = made->broken;
		store_lineage_free(made);
		goto out;
	}
	*ret = *made;
	rc = 0;
out:
	free(made);
	return rc;
}

void
store_lineage_free(struct store_lineage *lineage)
{
	renewal_free(lineage->conf);
	pki_cert_free(lineage->leaf);
	lineage->conf = NULL;
	lineage->leaf = NULL;
}

int
store_new_name(const struct store_dirs *dirs, const char *wanted, char *ret,
    size_t size, struct err *err)
{
	struct store_place place;
	struct stat st;
	int len, rc;

	for (int number = 0; number <= NAMES_NUMBERED; number++) {
		if (number == 0)
			len = snprintf(ret, size, "%s", wanted);
		else
			len = snprintf(ret, size, "%s-%04d", wanted, number);
		if (len < 0 || (size_t)len >= size)
			break;
		rc = store_place_default(dirs, ret, &place, err);
		if (rc < 0)
			return rc;
		if (lstat(place.conf, &st) != 0 && errno == ENOENT)
			return 0;
	}
	return err_set(err, ERR_LIMIT, "naming the lineage", wanted,
	    "the name is too long, or %d of it are taken", NAMES_NUMBERED);
}

int
store_split_chain(const struct buf *fullchain, struct buf *ret_cert,
    struct buf *ret_chain, struct err *err)
{
	static const char doing[] = "reading the chain";
	struct pki_blocks blocks = {NULL, 0};
	struct pki_cert *cert = NULL;
	int rc;

	rc = pki_blocks_read(buf_text(fullchain), fullchain->len,
	    "the chain that the CA has sent", &blocks, err);
	if (rc == 0 && blocks.count < 2)
		rc = err_set(err, ERR_SYNTAX, doing, NULL,
		    "there are less than 2 certificates in it");
	for (size_t i = 0; rc == 0 && i < blocks.count; i++) {
		if (blocks.items[i].label != PKI_LABEL_CERTIFICATE) {
			rc = err_set(err, ERR_SYNTAX, doing, NULL,
			    "there is a %s in it; only certificates may be "
			    "(RFC 8555, 11.4)",
			    blocks.items[i].text);
			break;
		}
		rc = pki_cert_parse(&blocks.items[i],
		    "the chain that the CA has sent", &cert, err);
		pki_cert_free(cert);
		cert = NULL;
		if (rc == 0)
			rc = pki_block_write(&blocks.items[i],
			    i == 0 ? ret_cert : ret_chain, err);
	}
	pki_blocks_free(&blocks);
	return rc;
}
