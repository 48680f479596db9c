/*
 * taker.c: looks through the files that HAProxy loads, after a handshake that
 * showed another certificate: the bundles first, then what stood on the bind
 * lines before them.
 */
#include "hooks/taker.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cert/bundle.h"
#include "haproxy/loaded.h"

/* What is looked for, and what was found. */
struct look {
	const unsigned char *sha256; /* NULL: a name of ours, instead */
	const struct pki_facts *ours;
	const struct stat *bundle; /* for that: our own file, which is none */
	bool covers; /* the one found has a name of ours */
	bool first; /* nothing of its source goes before it */
	const char *path; /* this file instead, whatever it has; or NULL */
	char found[LIMIT_PATH_BYTES];
};

static bool
shares_name(const struct pki_facts *theirs, const struct pki_facts *ours)
{
	for (size_t i = 0; i < ours->name_count; i++) {
		if (pki_facts_have(theirs, ours->names[i]))
			return true;
	}
	return false;
}

/* Of an RSA and an ECDSA certificate, each is shown to who asks for it. */
static bool
is_pair(const struct pki_facts *a, const struct pki_facts *b)
{
	return (a->key.type == PKI_KEY_RSA) != (b->key.type == PKI_KEY_RSA);
}

static bool
is_wanted(const struct pki_facts *facts, struct look *look)
{
	bool covers = shares_name(facts, look->ours), found;

	if (look->sha256 == NULL)
		return covers && !is_pair(facts, look->ours);
	found = memcmp(facts->sha256, look->sha256, PKI_SHA256_BYTES) == 0;
	look->covers = found && covers;
	return found;
}

static bool
is_in_file(const char *path, struct look *look)
{
	struct buf pem = BUF_SECRET(LIMIT_PEM_FILE_BYTES);
	struct bundle bundle = {0};
	struct err ignored = ERR_INIT;
	bool found = false;

	if (look->path != NULL)
		return strcmp(path, look->path) == 0;
	if (fs_read(AT_FDCWD, path, FS_TRUST_ANY, &pem, NULL, &ignored) == 0 &&
	    bundle_parse_leaf(pem.data, pem.len, path, &bundle, &ignored) ==
		0 &&
	    bundle.leaf != NULL)
		found = is_wanted(pki_cert_facts(bundle.leaf), look);
	bundle_free(&bundle);
	buf_free(&pem);
	return found;
}

static bool
visit(void *context, const struct loaded *file)
{
	struct look *look = context;
	struct stat st;

	if (look->bundle != NULL && stat(file->path, &st) == 0 &&
	    st.st_dev == look->bundle->st_dev &&
	    st.st_ino == look->bundle->st_ino)
		return false;
	if (!is_in_file(file->path, look))
		return false;
	(void)snprintf(look->found, sizeof(look->found), "%s", file->path);
	look->first = file->first;
	return true;
}

/* On one bind line. */
static bool
find_on(const struct hacfg *hacfg, const struct hacfg_bind *bind,
    struct look *look, struct taker *ret)
{
	for (size_t k = 0; k < bind->source_count; k++) {
		if (!loaded_each(hacfg, &bind->sources[k], visit, look))
			continue;
		(void)snprintf(ret->path, sizeof(ret->path), "%s", look->found);
		/* What stands first is shown where nothing else fits. */
		ret->kind = look->first && k == 0 && !look->covers
		    ? TAKER_DEFAULT
		    : TAKER_FILE;
		ret->bind = bind;
		return true;
	}
	return false;
}

/*
 * On a bind line of the address that it was seen at; where none is known to be,
 * on any.
 */
static void
find_on_lines(const struct site *site, const char *address, struct look *look,
    struct taker *ret)
{
	const struct hacfg *hacfg = discovery_hacfg(site->discovery);
	bool known = false;

	for (size_t i = 0; i < hacfg->bind_count; i++) {
		if (!discovery_listens_at(site->discovery, i, address))
			continue;
		known = true;
		if (find_on(hacfg, &hacfg->binds[i], look, ret))
			break;
	}
	for (size_t i = 0; ret->bind == NULL && i < hacfg->bind_count; i++) {
		if (!find_on(hacfg, &hacfg->binds[i], look, ret))
			continue;
		ret->here = !known && ret->kind == TAKER_FILE;
		return;
	}
	ret->here = ret->kind == TAKER_FILE;
}

/*
 * HAProxy may have read a file before somebody wrote to it: one at that address
 * that has a name of ours, and is not our bundle.
 */
static void
find_namesake(const struct site *site, const char *address,
    const struct pki_facts *ours, const char *file_name, struct taker *ret)
{
	const struct hacfg *hacfg = discovery_hacfg(site->discovery);
	struct err ignored = ERR_INIT;
	char path[LIMIT_PATH_BYTES];
	struct stat st;
	struct look look = {.ours = ours, .bundle = &st};

	if (fs_join(path, sizeof(path), site->conf->haproxy.bundle_dir,
		file_name, &ignored) < 0 ||
	    stat(path, &st) != 0)
		return;
	for (size_t i = 0; i < hacfg->bind_count; i++) {
		if (discovery_listens_at(site->discovery, i, address) &&
		    find_on(hacfg, &hacfg->binds[i], &look, ret)) {
			ret->kind = TAKER_NAMESAKE;
			return;
		}
	}
}

void
taker_find(const struct site *site, const struct verify_seen *seen,
    const struct pki_facts *ours, const char *file_name, struct taker *ret)
{
	const char *dir = site->conf->haproxy.bundle_dir;
	struct look look = {.sha256 = seen->sha256, .ours = ours};

	*ret = (struct taker){.kind = TAKER_BUNDLE, .here = true};
	if (loaded_each_in(dir, dir, visit, &look)) {
		memcpy(ret->path, look.found, sizeof(ret->path));
		return;
	}
	*ret = (struct taker){.kind = TAKER_UNKNOWN};
	if (site->discovery == NULL)
		return;
	find_on_lines(site, seen->address, &look, ret);
	if (ret->bind != NULL)
		return;
	*ret = (struct taker){.kind = TAKER_UNKNOWN};
	find_namesake(site, seen->address, ours, file_name, ret);
}

bool
taker_is_certain(const struct site *site, const struct verify_seen *seen,
    const struct pki_facts *ours, const char *file_name)
{
	const struct hacfg *hacfg = discovery_hacfg(site->discovery);
	bool certain = false;

	/* Nothing was seen, or the bundle's own leaf. */
	if (pki_sha256_is_none(seen->sha256) || seen->other_chain)
		return false;
	for (size_t i = 0; i < hacfg->bind_count; i++) {
		struct look look = {.sha256 = seen->sha256, .ours = ours};
		struct taker taker;

		if (!discovery_listens_at(site->discovery, i, seen->address) ||
		    !find_on(hacfg, &hacfg->binds[i], &look, &taker))
			continue;
		if (!look.covers ||
		    !discovery_loads(site->discovery, i, file_name))
			return false;
		certain = true;
	}
	return certain;
}

void
taker_advise(
    const struct site *site, const struct taker *taker, char *ret, size_t size)
{
	switch (taker->kind) {
	case TAKER_BUNDLE:
		(void)snprintf(ret, size,
		    "%.200s has that certificate: two bundles cover the name. "
		    "Take it out of one certificate, or delete the lineage "
		    "that is too many (certhaul delete)",
		    taker->path);
		break;
	case TAKER_FILE:
		(void)snprintf(ret, size,
		    "%.200s has that certificate, and %.100s:%u loads it, too: "
		    "have one of the two only with that name, and reload "
		    "HAProxy",
		    taker->path, taker->bind->file, taker->bind->line);
		break;
	case TAKER_DEFAULT:
		(void)snprintf(ret, size,
		    "that is %.200s, the default of %.100s:%u, as HAProxy has "
		    "none of that name there: it runs with another "
		    "configuration (reload it), or another process shares the "
		    "port (ss -ltnp)",
		    taker->path, taker->bind->file, taker->bind->line);
		break;
	case TAKER_NAMESAKE:
		(void)snprintf(ret, size,
		    "no file has that certificate now, but %.200s, which "
		    "%.100s:%u loads, has a name of ours, too, and HAProxy may "
		    "show what was in it before: take that off the line, or "
		    "out of its directory or list, and reload HAProxy; or "
		    "another process shares the port (ss -ltnp)",
		    taker->path, taker->bind->file, taker->bind->line);
		break;
	case TAKER_UNKNOWN:
		(void)snprintf(ret, size,
		    "no bundle in %.200s has that certificate, nor does a bind "
		    "line load it: HAProxy may hold a file that was removed "
		    "since (reload it), or another process shares the port "
		    "(ss -ltnp)",
		    site->conf->haproxy.bundle_dir);
		break;
	}
}

void
taker_note(const struct site *site, const struct taker *taker,
    const unsigned char *sha256, const unsigned char *digest,
    struct record_taken *ret)
{
	*ret = (struct record_taken){0};
	if (!taker->here || strlen(taker->path) >= sizeof(ret->path))
		return;
	(void)snprintf(ret->path, sizeof(ret->path), "%s", taker->path);
	memcpy(ret->digest, digest, PKI_SHA256_BYTES);
	memcpy(ret->leaf_sha256, sha256, PKI_SHA256_BYTES);
	site_version(site, ret->config);
}

/* The file's name, where `path` is a bundle; else NULL. */
static const char *
bundle_of(const struct site *site, const char *path)
{
	size_t len = strlen(site->conf->haproxy.bundle_dir);

	return strncmp(path, site->conf->haproxy.bundle_dir, len) == 0 &&
		path[len] == '/'
	    ? path + len + 1
	    : NULL;
}

/* Does a bind line load the file `path`? */
static bool
is_loaded(const struct site *site, const char *path)
{
	const struct hacfg *hacfg = discovery_hacfg(site->discovery);
	const char *file_name = bundle_of(site, path);
	struct look look = {.path = path};
	struct discovery_stores *stores;
	struct err ignored = ERR_INIT;
	struct taker taker = {0};
	bool loaded = false;

	for (size_t i = 0; file_name == NULL && i < hacfg->bind_count; i++)
		loaded =
		    loaded || find_on(hacfg, &hacfg->binds[i], &look, &taker);
	if (file_name == NULL)
		return loaded;
	stores = calloc(1, sizeof(*stores));
	loaded = stores != NULL &&
	    discovery_stores(site->discovery, file_name, stores, &ignored) ==
		0 &&
	    stores->count > 0;
	free(stores);
	return loaded;
}

bool
taker_stands(const struct site *site, const struct record_taken *taken,
    const unsigned char *digest)
{
	static const struct pki_facts none;
	struct look look = {.sha256 = taken->leaf_sha256, .ours = &none};
	unsigned char config[PKI_SHA256_BYTES];

	if (pki_sha256_is_none(taken->digest) || site->discovery == NULL ||
	    memcmp(taken->digest, digest, PKI_SHA256_BYTES) != 0)
		return false;
	site_version(site, config);
	return memcmp(taken->config, config, PKI_SHA256_BYTES) == 0 &&
	    is_in_file(taken->path, &look) && is_loaded(site, taken->path);
}

bool
taker_is_of(
    const struct site *site, const struct record_taken *taken, const char *name)
{
	const char *file_name = bundle_of(site, taken->path);
	size_t len = strlen(name);

	return !pki_sha256_is_none(taken->digest) && file_name != NULL &&
	    strncmp(file_name, name, len) == 0 &&
	    strcmp(file_name + len, ".pem") == 0;
}
