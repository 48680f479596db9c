/*
 * store_archive.c: the generations in archive/NAME: which there are, whether
 * one is whole, and how one is written. Links are in store_switch.c.
 */
#include "acme/store_part.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "cert/pki.h"

static const char listing[] = "listing the archive";
static const char writing[] = "writing into the archive";

long
store_generation_of(const char *file, enum lineage_kind kind)
{
	const char *stem = store_stem(kind);
	size_t len = strlen(stem);
	const char *digit = file + len;
	long number = 0;

	if (strncmp(file, stem, len) != 0 || *digit < '1' || *digit > '9')
		return -1;
	for (; *digit >= '0' && *digit <= '9'; digit++) {
		number = number * 10 + (*digit - '0');
		if (number > LIMIT_LINEAGE_GENERATION)
			return -1;
	}
	return strcmp(digit, ".pem") == 0 ? number : -1;
}

static int
by_number(const void *left, const void *right)
{
	const struct store_generation *a = left, *b = right;

	return (a->number > b->number) - (a->number < b->number);
}

static int
add(struct store_archive *archive, size_t *room, long number, unsigned kinds,
    struct err *err)
{
	struct store_generation *items = NULL;

	if (archive->items == NULL || archive->count == *room) {
		*room = *room == 0 ? 64 : *room * 2;
		items = realloc(archive->items, *room * sizeof(*items));
		if (items == NULL)
			return err_nomem(err, listing);
		archive->items = items;
	}
	archive->items[archive->count].number = number;
	archive->items[archive->count].kinds = kinds;
	archive->count++;
	return 0;
}

/* One for each number, the oldest first. */
static void
merge(struct store_archive *archive)
{
	struct store_generation *items = archive->items;
	size_t kept = 0;

	if (archive->count == 0)
		return;
	qsort(items, archive->count, sizeof(*items), by_number);
	for (size_t i = 1; i < archive->count; i++) {
		if (items[i].number == items[kept].number)
			items[kept].kinds |= items[i].kinds;
		else
			items[++kept] = items[i];
	}
	archive->count = kept + 1;
}

/* Takes up one file of the directory, if it is one of the four. */
static int
take(int fd, const char *file, struct store_archive *ret, size_t *room,
    struct err *err)
{
	struct stat st;
	long number;

	for (int kind = 0; kind < LINEAGE_KINDS; kind++) {
		number = store_generation_of(file, (enum lineage_kind)kind);
		if (number < 0)
			continue;
		if (kind == LINEAGE_PRIVKEY &&
		    fstatat(fd, file, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISLNK(st.st_mode))
			ret->linked = true;
		/* A link to nothing is a name that is taken, no more. */
		return add(ret, room, number,
		    fstatat(fd, file, &st, 0) == 0 ? 1U << kind : 0, err);
	}
	return 0;
}

int
store_archive_list(
    int fd, const char *path, struct store_archive *ret, struct err *err)
{
	struct store_archive made = {.items = NULL};
	struct dirent *entry = NULL;
	size_t room = 0;
	DIR *dir = NULL;
	int own, rc = 0;

	/* A descriptor of its own: readdir() moves the offset. */
	own = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	dir = own < 0 ? NULL : fdopendir(own);
	if (dir == NULL) {
		rc = err_sys(err, listing, path, "open");
		if (own >= 0)
			(void)close(own);
		return rc;
	}
	errno = 0;
	while (rc == 0 && (entry = readdir(dir)) != NULL)
		rc = take(fd, entry->d_name, &made, &room, err);
	if (rc == 0 && errno != 0 && entry == NULL && errno != ENOENT)
		rc = err_sys(err, listing, path, "readdir");
	(void)closedir(dir);
	if (rc < 0) {
		store_archive_free(&made);
		return rc;
	}
	merge(&made);
	*ret = made;
	return 0;
}

void
store_archive_free(struct store_archive *archive)
{
	free(archive->items);
	memset(archive, 0, sizeof(*archive));
}

const struct store_generation *
store_archive_find(const struct store_archive *archive, long number)
{
	for (size_t i = 0; i < archive->count; i++) {
		if (archive->items[i].number == number)
			return &archive->items[i];
	}
	return NULL;
}

static void
name_file(enum lineage_kind kind, long number, char *ret)
{
	/* It fits: eight digits. */
	(void)snprintf(
	    ret, STORE_FILE_BYTES, "%s%ld.pem", store_stem(kind), number);
}

/* Does the first certificate have this key? */
static bool
belong(const struct buf *cert, const struct buf *privkey)
{
	struct pki_blocks certs = {NULL, 0}, keys = {NULL, 0};
	struct err ignored = ERR_INIT;
	struct pki_cert *leaf = NULL;
	struct pki_key *key = NULL;
	bool matches = false;

	if (pki_blocks_read(
		buf_text(cert), cert->len, "cert", &certs, &ignored) == 0 &&
	    pki_blocks_read(buf_text(privkey), privkey->len, "privkey", &keys,
		&ignored) == 0 &&
	    certs.count > 0 && keys.count > 0 &&
	    pki_cert_parse(&certs.items[0], "cert", &leaf, &ignored) == 0 &&
	    pki_key_parse(
		&keys.items[keys.count - 1], "privkey", &key, &ignored) == 0)
		matches = pki_key_matches(leaf, key);
	pki_cert_free(leaf);
	pki_key_free(key);
	pki_blocks_free(&certs);
	pki_blocks_free(&keys);
	return matches;
}

bool
store_archive_is_sound(int fd, long number)
{
	struct buf pem[LINEAGE_KINDS];
	const struct buf *whole = &pem[LINEAGE_FULLCHAIN];
	const struct buf *cert = &pem[LINEAGE_CERT];
	const struct buf *chain = &pem[LINEAGE_CHAIN];
	struct err ignored = ERR_INIT;
	char file[STORE_FILE_BYTES];
	bool sound = true;

	for (int kind = 0; kind < LINEAGE_KINDS; kind++) {
		pem[kind] = (struct buf)BUF_SECRET(LIMIT_PEM_FILE_BYTES);
		name_file((enum lineage_kind)kind, number, file);
		sound = sound &&
		    fs_read(fd, file, FS_TRUST_ANY, &pem[kind], NULL,
			&ignored) == 0;
	}
	sound = sound && whole->len == cert->len + chain->len &&
	    chain->len > 0 && memcmp(whole->data, cert->data, cert->len) == 0 &&
	    memcmp(whole->data + cert->len, chain->data, chain->len) == 0 &&
	    belong(cert, &pem[LINEAGE_PRIVKEY]);
	for (int kind = 0; kind < LINEAGE_KINDS; kind++)
		buf_free(&pem[kind]);
	return sound;
}

/* Of a generation that cannot be written whole the room is wanted back. */
static void
take_back(int fd, long number, const enum lineage_kind *written, size_t count)
{
	char file[STORE_FILE_BYTES];

	for (size_t i = 0; i < count; i++) {
		name_file(written[i], number, file);
		(void)unlinkat(fd, file, 0);
	}
}

int
store_archive_write(int fd, const char *path, long number,
    const struct store_files *files, gid_t key_group, mode_t key_mode,
    struct err *err)
{
	const struct buf *data[LINEAGE_KINDS] = {
	    [LINEAGE_CERT] = files->cert,
	    [LINEAGE_CHAIN] = files->chain,
	    [LINEAGE_FULLCHAIN] = files->fullchain,
	    [LINEAGE_PRIVKEY] = files->privkey,
	};
	struct fs_owner owner = {(uid_t)-1, key_group, key_mode};
	const struct fs_owner open = {(uid_t)-1, (gid_t)-1, fs_masked(0644)};
	static const enum lineage_kind order[] = {
	    LINEAGE_PRIVKEY, LINEAGE_CERT, LINEAGE_CHAIN, LINEAGE_FULLCHAIN};
	char staged[NAME_MAX + 1], file[STORE_FILE_BYTES];
	size_t written = 0;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < COUNT_OF(order); i++) {
		name_file(order[i], number, file);
		rc = fs_stage(fd, order[i] == LINEAGE_PRIVKEY ? &owner : &open,
		    buf_text(data[order[i]]), data[order[i]]->len, true, staged,
		    err);
		if (rc < 0)
			break;
		/* By link, not rename: never over one that is there. */
		if (linkat(fd, staged, fd, file, 0) != 0)
			rc = err_sys(err, writing, path, "link");
		else
			written++;
		(void)unlinkat(fd, staged, 0);
	}
	if (rc == 0)
		rc = fs_sync(fd, path, err);
	if (rc < 0)
		take_back(fd, number, order, written);
	return rc;
}
