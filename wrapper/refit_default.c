/*
 * refit_default.c: what is shown to who asks without SNI: a certificate in
 * front of the bundles' directory, so that it may be empty, and so that the
 * first of the bundles is not shown to everybody. A part of refit_find().
 */
#include "wrapper/refit_part.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cert/lineage.h"

bool
refit_same_dir(const char *a, const char *b)
{
	struct stat st_a, st_b;
	size_t len_a = strlen(a), len_b = strlen(b);

	while (len_a > 1 && a[len_a - 1] == '/')
		len_a--;
	while (len_b > 1 && b[len_b - 1] == '/')
		len_b--;
	if (len_a == len_b && memcmp(a, b, len_a) == 0)
		return true;
	return stat(a, &st_a) == 0 && stat(b, &st_b) == 0 &&
	    st_a.st_dev == st_b.st_dev && st_a.st_ino == st_b.st_ino;
}

/* The bundles' directory among the sources; `*ret_first`: nothing before. */
static const struct hacfg_source *
dir_of(const struct conf *conf, const struct hacfg_bind *bind, bool *ret_first)
{
	const struct hacfg_source *found = NULL;
	bool first = true;
	size_t i;

	for (i = 0; i < bind->source_count; i++) {
		const struct hacfg_source *source = &bind->sources[i];

		if (found == NULL && source->kind == HACFG_CRT &&
		    refit_same_dir(source->path, conf->haproxy.bundle_dir))
			found = source;
		else if (found == NULL || source->is_default)
			first = false;
	}
	*ret_first = first;
	return found;
}

/* The file that HAProxy loads first of the directory, bytewise; "": none. */
static void
first_file(const char *path, char ret[NAME_MAX + 1])
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	struct stat st;

	*ret = '\0';
	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		if (discovery_loadable(entry->d_name) &&
		    (*ret == '\0' || strcmp(entry->d_name, ret) < 0) &&
		    fstatat(dirfd(dir), entry->d_name, &st, 0) == 0 &&
		    S_ISREG(st.st_mode))
			(void)snprintf(ret, NAME_MAX + 1, "%s", entry->d_name);
	}
	if (dir != NULL)
		(void)closedir(dir);
}

/* Is the file a lineage's, which comes and goes? */
static bool
is_bundle(const struct conf *conf, const char *file)
{
	static const char end[] = ".pem";
	size_t len = strlen(file);
	struct err ignored = ERR_INIT;
	struct lineage_ref ref;
	char name[NAME_MAX + 1];

	if (len <= strlen(end) || strcmp(file + len - strlen(end), end) != 0)
		return false;
	(void)snprintf(
	    name, sizeof(name), "%.*s", (int)(len - strlen(end)), file);
	return lineage_ref_from_name(
		   conf->letsencrypt.config_dir, name, &ref, &ignored) == 0 &&
	    access(ref.dir, F_OK) == 0;
}

/* A lineage's bundle was shown without SNI, and the line needs no file. */
static int
note_change(struct refit_work *work, const struct hacfg_bind *bind,
    const struct hacfg_source *dir, const char *file, const char *first,
    struct err *err)
{
	return refit_note(work, err,
	    "%s:%u: who asks without SNI gets %s/%s there so far, and gets %s "
	    "from now on: put `crt %s/%s` in its place to keep it",
	    bind->file, bind->line, dir->name, file, first, dir->name, file);
}

/* In front of a directory with nothing before it: what is first there now. */
static int
add_default(struct refit_work *work, const struct hacfg_bind *bind,
    const struct hacfg_source *dir, const char *first, struct err *err)
{
	char text[2 * LIMIT_PATH_BYTES], file[NAME_MAX + 1];
	int rc = 0;

	first_file(dir->path, file);
	(void)snprintf(text, sizeof(text), "crt %s", first);
	if (*file != '\0' && is_bundle(work->conf, file))
		rc = note_change(work, bind, dir, file, first, err);
	else if (*file != '\0')
		(void)snprintf(
		    text, sizeof(text), "crt %s/%s", dir->name, file);
	return rc < 0
	    ? rc
	    : refit_edit_bind(work, REFIT_DEFAULT, bind, true, text, err);
}

int
refit_find_defaults(struct refit_work *work, const char *first,
    bool *ret_loaded, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < work->hacfg->bind_count && rc == 0; i++) {
		const struct hacfg_bind *bind = &work->hacfg->binds[i];
		const struct hacfg_source *dir;
		bool alone = false;

		dir = bind->ssl ? dir_of(work->conf, bind, &alone) : NULL;
		*ret_loaded |= dir != NULL;
		if (dir != NULL && alone && !bind->strict_sni)
			rc = add_default(work, bind, dir, first, err);
	}
	return rc;
}
