/*
 * refit_beside.c: another's certificate for a name of a lineage, on a bind line
 * that loads the bundles: it may be the one that HAProxy shows. Said for as
 * long as it is so. A part of refit_find().
 */
#include "wrapper/refit_part.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fs.h"
#include "cert/bundle.h"
#include "cert/lineage.h"

/* The lineages, and the certificate of each (leaf NULL: cannot be read). */
struct ours {
	char **names;
	struct bundle *certs;
	size_t count;
};

static int
read_leaf(const char *path, struct bundle *ret, struct err *err)
{
	struct buf pem = BUF_SECRET(LIMIT_PEM_FILE_BYTES);
	struct err ignored = ERR_INIT;
	int rc = 0;

	if (fs_read(AT_FDCWD, path, FS_TRUST_ANY, &pem, NULL, &ignored) == 0)
		rc = bundle_parse_leaf(pem.data, pem.len, path, ret, err);
	buf_free(&pem);
	return rc;
}

static int
ours_read(const struct conf *conf, struct ours *ret, struct err *err)
{
	const char *config_dir = conf->letsencrypt.config_dir;
	struct err ignored = ERR_INIT;
	char path[LIMIT_PATH_BYTES];
	struct lineage_ref ref;
	int rc = 0;

	/* Where there are none, nothing of theirs can be hidden. */
	if (lineage_list(config_dir, &ret->names, &ret->count, &ignored) < 0)
		return 0;
	ret->certs = calloc(ret->count + 1, sizeof(*ret->certs));
	if (ret->certs == NULL)
		return err_nomem(err, REFIT_DOING);
	for (size_t i = 0; i < ret->count && rc == 0; i++) {
		if (lineage_ref_from_name(
			config_dir, ret->names[i], &ref, &ignored) == 0 &&
		    fs_join(
			path, sizeof(path), ref.dir, "cert.pem", &ignored) == 0)
			rc = read_leaf(path, &ret->certs[i], err);
	}
	return rc;
}

static void
ours_free(struct ours *ours)
{
	for (size_t i = 0; ours->certs != NULL && i < ours->count; i++)
		bundle_free(&ours->certs[i]);
	free(ours->certs);
	lineage_names_free(ours->names, ours->count);
}

/* A name that both have. An RSA and an ECDSA certificate are a pair. */
static const char *
shared_name(const struct pki_cert *a, const struct pki_cert *b)
{
	const struct pki_facts *x = pki_cert_facts(a), *y = pki_cert_facts(b);
	bool pair = (strncmp(x->key.name, "RSA", 3) == 0) !=
	    (strncmp(y->key.name, "RSA", 3) == 0);

	for (size_t i = 0; !pair && i < x->name_count; i++) {
		for (size_t j = 0; j < y->name_count; j++) {
			if (strcmp(x->names[i], y->names[j]) == 0)
				return x->names[i];
		}
	}
	return NULL;
}

/* `*ret_noted`: of one source, one file is enough. */
static int
look_at_file(struct refit_work *work, const struct ours *ours,
    const struct hacfg_bind *bind, const char *path, bool in_dir,
    bool *ret_noted, struct err *err)
{
	struct bundle other = {0};
	int rc = read_leaf(path, &other, err);

	for (size_t i = 0;
	     i < ours->count && rc == 0 && other.leaf != NULL && !*ret_noted;
	     i++) {
		const char *name = ours->certs[i].leaf == NULL
		    ? NULL
		    : shared_name(other.leaf, ours->certs[i].leaf);

		if (name == NULL)
			continue;
		*ret_noted = true;
		rc = refit_note(work, err,
		    "%s:%u loads %s, which has %s as lineage %s has, beside "
		    "%s, and HAProxy may show either: take %s",
		    bind->file, bind->line, path, name, ours->names[i],
		    work->conf->haproxy.bundle_dir, refit_others_words(in_dir));
	}
	bundle_free(&other);
	return rc;
}

static int
look_at_source(struct refit_work *work, const struct ours *ours,
    const struct hacfg_bind *bind, const struct hacfg_source *source,
    struct err *err)
{
	struct err ignored = ERR_INIT;
	char path[LIMIT_PATH_BYTES];
	DIR *dir = opendir(source->path);
	struct dirent *entry;
	bool noted = false;
	int rc = 0;

	if (dir == NULL)
		return look_at_file(
		    work, ours, bind, source->path, false, &noted, err);
	while (rc == 0 && !noted && (entry = readdir(dir)) != NULL) {
		if (discovery_loadable(entry->d_name) &&
		    fs_join(path, sizeof(path), source->path, entry->d_name,
			&ignored) == 0)
			rc = look_at_file(
			    work, ours, bind, path, true, &noted, err);
	}
	(void)closedir(dir);
	return rc;
}

/* A file of bundle_dir by its name is no other than the directory's. */
static bool
is_in_dir(const struct conf *conf, const struct hacfg_source *source)
{
	const char *slash = strrchr(source->path, '/');
	char dir[LIMIT_PATH_BYTES];

	if (slash == NULL)
		return true;
	(void)snprintf(dir, sizeof(dir), "%.*s", (int)(slash - source->path),
	    source->path);
	return refit_same_dir(dir, conf->haproxy.bundle_dir) ||
	    refit_same_dir(source->path, conf->haproxy.bundle_dir);
}

int
refit_note_beside(
    struct refit_work *work, const struct hacfg_bind *bind, struct err *err)
{
	struct ours ours = {NULL, NULL, 0};
	int rc = ours_read(work->conf, &ours, err);

	for (size_t i = 0; i < bind->source_count && rc == 0; i++) {
		const struct hacfg_source *source = &bind->sources[i];

		if (source->kind == HACFG_CRT && !is_in_dir(work->conf, source))
			rc = look_at_source(work, &ours, bind, source, err);
	}
	ours_free(&ours);
	return rc;
}
