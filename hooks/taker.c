/*
 * taker.c: looks through the files that HAProxy loads, after a handshake that
 * showed another certificate: the bundles first, then what stood on the bind
 * lines before them.
 */
#include "hooks/taker.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "cert/bundle.h"

/* What is looked for, and what was found. */
struct look {
	const unsigned char *sha256;
	const struct pki_facts *ours;
	bool covers; /* the one found has a name of ours */
	const char *path; /* this file instead, whatever it has; or NULL */
};

static bool
has_name(const struct pki_facts *facts, const char *name)
{
	for (size_t i = 0; i < facts->name_count; i++) {
		if (strcasecmp(facts->names[i], name) == 0)
			return true;
	}
	return false;
}

/* HAProxy goes by its common name, too. */
static bool
shares_name(const struct pki_facts *theirs, const struct pki_facts *ours)
{
	for (size_t i = 0; i < theirs->name_count; i++) {
		if (has_name(ours, theirs->names[i]))
			return true;
	}
	return has_name(ours, theirs->subject_cn);
}

static bool
is_in_file(const char *path, struct look *look)
{
	struct buf pem = BUF_SECRET(LIMIT_PEM_FILE_BYTES);
	struct bundle bundle = {0};
	const struct pki_facts *facts;
	struct err ignored = ERR_INIT;
	bool found = false;

	if (look->path != NULL)
		return strcmp(path, look->path) == 0;
	if (fs_read(AT_FDCWD, path, FS_TRUST_ANY, &pem, NULL, &ignored) == 0 &&
	    bundle_parse_leaf(pem.data, pem.len, path, &bundle, &ignored) ==
		0 &&
	    bundle.leaf != NULL) {
		facts = pki_cert_facts(bundle.leaf);
		found =
		    memcmp(facts->sha256, look->sha256, PKI_SHA256_BYTES) == 0;
		look->covers = found && shares_name(facts, look->ours);
	}
	bundle_free(&bundle);
	buf_free(&pem);
	return found;
}

/* In `path`, or, where that is a directory, in a file of it: into `ret`. */
static bool
is_in(const char *path, struct look *look, char *ret, size_t size)
{
	struct dirent *entry;
	bool found = false;
	struct stat st;
	DIR *dir;

	if (stat(path, &st) != 0)
		return false;
	if (!S_ISDIR(st.st_mode)) {
		(void)snprintf(ret, size, "%s", path);
		return is_in_file(path, look);
	}
	dir = opendir(path);
	while (dir != NULL && !found && (entry = readdir(dir)) != NULL) {
		int n = snprintf(ret, size, "%s/%s", path, entry->d_name);

		found = entry->d_name[0] != '.' && n > 0 && (size_t)n < size &&
		    is_in_file(ret, look);
	}
	if (dir != NULL)
		(void)closedir(dir);
	return found;
}

/* In an entry of the crt-list of `source`? `*ret_first`: in the first one. */
static bool
is_in_list(const struct hacfg_source *source, struct look *look, char *ret,
    size_t size, bool *ret_first)
{
	struct buf text = BUF_INIT(LIMIT_CRTLIST_BYTES);
	struct err ignored = ERR_INIT;
	bool found = false;
	size_t entries = 0;
	const char *line;

	if (fs_read(AT_FDCWD, source->path, FS_TRUST_ANY, &text, NULL,
		&ignored) < 0)
		buf_reset(&text);
	for (line = buf_text(&text); !found && *line != '\0';
	     line += *line == '\n') {
		const char *word = line + strspn(line, " \t\r");
		size_t len = strcspn(word, " \t\r\n[");
		const char *dir =
		    *source->crt_base != '\0' ? source->crt_base : source->dir;
		int n = snprintf(ret, size, "%s%s%.*s", *word == '/' ? "" : dir,
		    *word == '/' ? "" : "/", (int)len, word);

		if (len > 0 && *line != '#' && n > 0 && (size_t)n < size) {
			*ret_first = entries++ == 0;
			found = is_in_file(ret, look);
		}
		line += strcspn(line, "\n");
	}
	buf_free(&text);
	return found;
}

/* On one bind line. */
static bool
find_on(const struct hacfg_bind *bind, struct look *look, struct taker *ret)
{
	for (size_t k = 0; k < bind->source_count; k++) {
		const struct hacfg_source *source = &bind->sources[k];
		bool first = true, found;

		found = source->kind == HACFG_CRT
		    ? is_in(source->path, look, ret->path, sizeof(ret->path))
		    : is_in_list(
			  source, look, ret->path, sizeof(ret->path), &first);
		if (!found)
			continue;
		/* What stands first is shown where nothing else fits. */
		ret->kind = first && k == 0 && !look->covers ? TAKER_DEFAULT
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
		if (find_on(&hacfg->binds[i], look, ret))
			break;
	}
	for (size_t i = 0; ret->bind == NULL && i < hacfg->bind_count; i++) {
		if (!find_on(&hacfg->binds[i], look, ret))
			continue;
		ret->here = !known && ret->kind == TAKER_FILE;
		return;
	}
	ret->here = ret->kind == TAKER_FILE;
}

void
taker_find(const struct site *site, const struct verify_seen *seen,
    const struct pki_facts *ours, struct taker *ret)
{
	struct look look = {.sha256 = seen->sha256, .ours = ours};

	*ret = (struct taker){.kind = TAKER_BUNDLE, .here = true};
	if (is_in(site->conf->haproxy.bundle_dir, &look, ret->path,
		sizeof(ret->path)))
		return;
	*ret = (struct taker){.kind = TAKER_UNKNOWN};
	if (site->discovery != NULL)
		find_on_lines(site, seen->address, &look, ret);
	if (ret->bind == NULL)
		*ret = (struct taker){.kind = TAKER_UNKNOWN};
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
		    !find_on(&hacfg->binds[i], &look, &taker))
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
		loaded = loaded || find_on(&hacfg->binds[i], &look, &taker);
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
