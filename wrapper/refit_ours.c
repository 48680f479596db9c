/*
 * refit_ours.c: the lineages' certificates, read once, and what others' files
 * have of their names. Asked by refit_certs.c and refit_beside.c.
 */
#include "wrapper/refit_ours.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "cert/bundle.h"
#include "cert/lineage.h"
#include "haproxy/filter.h"
#include "wrapper/refit_part.h"

/* The certificate of each (leaf NULL: it cannot be read). */
struct refit_ours {
	const struct conf *conf;
	char **names;
	struct bundle *certs;
	size_t count;
};

static void
read_leaf(const char *path, struct bundle *ret)
{
	struct buf pem = BUF_SECRET(LIMIT_PEM_FILE_BYTES);
	struct err ignored = ERR_INIT;

	if (fs_read(AT_FDCWD, path, FS_TRUST_ANY, &pem, NULL, &ignored) == 0)
		(void)!bundle_parse_leaf(
		    pem.data, pem.len, path, ret, &ignored);
	buf_free(&pem);
}

int
refit_ours_read(
    const struct conf *conf, struct refit_ours **ret, struct err *err)
{
	const char *config_dir = conf->letsencrypt.config_dir;
	struct refit_ours *ours = calloc(1, sizeof(*ours));
	struct err ignored = ERR_INIT;
	char path[LIMIT_PATH_BYTES];
	struct lineage_ref ref;

	if (ours == NULL)
		return err_nomem(err, REFIT_DOING);
	ours->conf = conf;
	/* Where there are none, nothing of theirs can be hidden. */
	(void)!lineage_list(config_dir, &ours->names, &ours->count, &ignored);
	ours->certs = calloc(ours->count + 1, sizeof(*ours->certs));
	if (ours->certs == NULL) {
		refit_ours_free(ours);
		return err_nomem(err, REFIT_DOING);
	}
	for (size_t i = 0; i < ours->count; i++) {
		if (lineage_ref_from_name(
			config_dir, ours->names[i], &ref, &ignored) == 0 &&
		    fs_join(
			path, sizeof(path), ref.dir, "cert.pem", &ignored) == 0)
			read_leaf(path, &ours->certs[i]);
	}
	*ret = ours;
	return 0;
}

void
refit_ours_free(struct refit_ours *ours)
{
	if (ours == NULL)
		return;
	for (size_t i = 0; ours->certs != NULL && i < ours->count; i++)
		bundle_free(&ours->certs[i]);
	free(ours->certs);
	lineage_names_free(ours->names, ours->count);
	free(ours);
}

/* "DIR/LINEAGE.pem"; false: that is too long. */
static bool
put_file(const char *dir, const char *lineage, char *ret, size_t size)
{
	int len = snprintf(ret, size, "%s/%s.pem", dir, lineage);

	return len > 0 && (size_t)len < size;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(a, *(const char *const *)b);
}

/* Is it LINEAGE.pem? */
static bool
is_of_lineage(const struct refit_ours *ours, const char *file_name)
{
	static const char end[] = ".pem";
	size_t len = strlen(file_name), end_len = strlen(end);
	char name[NAME_MAX + 1];

	if (ours->count == 0 || len <= end_len || len >= sizeof(name) ||
	    strcmp(file_name + len - end_len, end) != 0)
		return false;
	(void)snprintf(
	    name, sizeof(name), "%.*s", (int)(len - end_len), file_name);
	return bsearch(name, ours->names, ours->count, sizeof(*ours->names),
		   by_name) != NULL;
}

/* A link to a bundle is that bundle; the bundle itself need not be there. */
bool
refit_ours_has_file(const struct refit_ours *ours, const char *path)
{
	const char *slash = strrchr(path, '/');
	char real[PATH_MAX], dir[LIMIT_PATH_BYTES];
	struct stat st;

	if (lstat(path, &st) == 0 && S_ISLNK(st.st_mode) &&
	    realpath(path, real) != NULL)
		slash = strrchr(path = real, '/');
	if (slash == NULL || !is_of_lineage(ours, slash + 1))
		return false;
	(void)snprintf(dir, sizeof(dir), "%.*s", (int)(slash - path), path);
	return refit_same_dir(dir, ours->conf->haproxy.bundle_dir);
}

static const struct pki_facts *
facts_of(const struct refit_ours *ours, size_t i)
{
	return ours->certs[i].leaf == NULL
	    ? NULL
	    : pki_cert_facts(ours->certs[i].leaf);
}

/* A name of `ours` that `other` is shown for, too; NULL: none. */
static const char *
shared_name(const struct pki_facts *other, const char *filters,
    const struct pki_facts *ours)
{
	bool pair =
	    (other->key.type == PKI_KEY_RSA) != (ours->key.type == PKI_KEY_RSA);

	for (size_t i = 0; !pair && i < ours->name_count; i++) {
		if (pki_facts_have(other, ours->names[i]) &&
		    filter_admits(filters, ours->names[i]))
			return ours->names[i];
	}
	return NULL;
}

static bool
is_known(const struct refit_ours *ours, const char *name)
{
	for (size_t i = 0; i < ours->count; i++) {
		const struct pki_facts *facts = facts_of(ours, i);

		if (facts != NULL && pki_facts_have(facts, name))
			return true;
	}
	return false;
}

/* The first name that `other` is shown for and that no lineage has; "". */
static const char *
unknown_name(const struct refit_ours *ours, const struct pki_facts *other,
    const char *filters)
{
	for (size_t i = 0; i < other->name_count; i++) {
		if (filter_admits(filters, other->names[i]) &&
		    !is_known(ours, other->names[i]))
			return other->names[i];
	}
	return "";
}

static void
fill(const struct refit_ours *ours, size_t i, const char *name,
    const struct pki_facts *other, const char *filters, struct refit_clash *ret)
{
	char path[LIMIT_PATH_BYTES];

	*ret = (struct refit_clash){.lineage = ours->names[i]};
	(void)snprintf(ret->name, sizeof(ret->name), "%s", name);
	(void)snprintf(ret->unknown, sizeof(ret->unknown), "%s",
	    unknown_name(ours, other, filters));
	ret->same = memcmp(other->sha256, facts_of(ours, i)->sha256,
			PKI_SHA256_BYTES) == 0;
	ret->installed = put_file(ours->conf->haproxy.bundle_dir,
			     ours->names[i], path, sizeof(path)) &&
	    access(path, F_OK) == 0;
}

bool
refit_ours_clash(const struct refit_ours *ours, const char *path,
    const char *filters, struct refit_clash *ret)
{
	struct bundle other = {0};
	const char *name = NULL;

	if (ours->count > 0)
		read_leaf(path, &other);
	for (size_t i = 0;
	     i < ours->count && other.leaf != NULL && name == NULL; i++) {
		const struct pki_facts *theirs = pki_cert_facts(other.leaf);
		const struct pki_facts *facts = facts_of(ours, i);

		if (facts != NULL)
			name = shared_name(theirs, filters, facts);
		if (name != NULL)
			fill(ours, i, name, theirs, filters, ret);
	}
	bundle_free(&other);
	return name != NULL;
}

const struct hacfg_source *
refit_ours_dir(const struct refit_ours *ours, const struct hacfg_bind *bind,
    const char **ret_lineage)
{
	char path[LIMIT_PATH_BYTES];

	for (size_t i = 0; i < bind->source_count; i++) {
		const struct hacfg_source *source = &bind->sources[i];

		for (size_t k = 0; source->kind == HACFG_CRT && k < ours->count;
		     k++) {
			*ret_lineage = ours->names[k];
			if (put_file(source->path, ours->names[k], path,
				sizeof(path)) &&
			    access(path, F_OK) == 0)
				return source;
		}
	}
	return NULL;
}
