/*
 * refit_beside.c: others' certificates for names of lineages on the bind lines
 * that load the bundles, or are to: HAProxy goes on showing them, and a renewal
 * is rolled back. Said for as long as it is so, with what lets them go. A part
 * of refit_find().
 */
#include "wrapper/refit_part.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "haproxy/loaded.h"
#include "wrapper/refit_ours.h"

/* One source of one bind line, and the first such certificate in it. */
struct source {
	const struct refit_work *work;
	const struct discovery *discovery;
	const struct refit_ours *ours;
	const struct hacfg_bind *bind;
	size_t at; /* the bind's place */
	bool coming; /* an edit is to put the bundles there */
	const struct hacfg_source *it;
	struct refit_clash clash;
	char path[LIMIT_PATH_BYTES];
	char entry[LIMIT_PATH_BYTES]; /* what the crt-list has for it */
	unsigned line; /* of the crt-list; else 0 */
	bool first; /* of the crt-list */
	size_t kinds; /* of those of its name, X.rsa and the like; else 0 */
	size_t clashes, others; /* files with such names, and without */
};

/* Would the line show the bundle to who is shown the file? */
static bool
is_beside(const struct source *source, const char *lineage)
{
	char file_name[NAME_MAX + 1];

	(void)snprintf(file_name, sizeof(file_name), "%s.pem", lineage);
	return source->coming ||
	    discovery_loads(source->discovery, source->at, file_name);
}

/* The name of a store, or the file's: X where it is X.rsa and the like. */
static void
put_entry(const struct loaded *file, char *ret, size_t size)
{
	const char *name = *file->name == '@' ? file->name : file->path;

	(void)snprintf(ret, size, "%s", name);
	if (file->kinds > 0)
		*strrchr(ret, '.') = '\0';
}

static bool
visit(void *context, const struct loaded *file)
{
	struct source *source = context;
	struct refit_clash clash;

	if (file->acme || refit_ours_has_file(source->ours, file->path))
		return false;
	if (!refit_ours_clash(
		source->ours, file->path, file->filters, &clash) ||
	    !is_beside(source, clash.lineage)) {
		source->others++;
		return false;
	}
	if (source->clashes++ > 0)
		return false;
	source->clash = clash;
	source->line = file->line;
	source->first = file->first;
	source->kinds = file->kinds;
	(void)snprintf(source->path, sizeof(source->path), "%s", file->path);
	put_entry(file, source->entry, sizeof(source->entry));
	return false;
}

static bool
is_dir(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool
is_bundle_dir(const struct source *source, const struct hacfg_source *it)
{
	return it->kind == HACFG_CRT &&
	    refit_same_dir(it->path, source->work->conf->haproxy.bundle_dir);
}

/* Has the line nothing else but the bundles, which may be none some day? */
static bool
is_alone(const struct source *source)
{
	const struct hacfg_bind *bind = source->bind;

	for (size_t i = 0; i < bind->source_count; i++) {
		const struct hacfg_source *it = &bind->sources[i];

		if (it != source->it && !is_bundle_dir(source, it))
			return false;
	}
	return !bind->strict_sni;
}

/* Is it one of several of one name, of which HAProxy may have the others? */
static bool
is_part(const struct source *source)
{
	return source->kinds > source->clashes;
}

/* What takes it off, with `first` where another has to be in its place. */
static void
put_removal(
    const struct source *source, const char *first, char *ret, size_t size)
{
	const struct hacfg_bind *bind = source->bind;
	char more[64] = "";

	if (source->clashes > 1)
		(void)snprintf(
		    more, sizeof(more), " (and %zu more)", source->clashes - 1);
	if (is_part(source))
		(void)snprintf(ret, size,
		    "move %.300s away, which %.300s:%u loads with others of "
		    "that name",
		    source->path,
		    source->line > 0 ? source->it->path : bind->file,
		    source->line > 0 ? source->line : bind->line);
	else if (source->it->kind == HACFG_CRT_LIST && source->first &&
	    source->others == 0 && !bind->strict_sni)
		(void)snprintf(ret, size,
		    "put %.300s in place of %.300s%s at %.300s:%u", first,
		    source->entry, more, source->it->path, source->line);
	else if (source->it->kind == HACFG_CRT_LIST)
		(void)snprintf(ret, size, "take %.300s%s off %.300s:%u",
		    source->entry, more, source->it->path, source->line);
	else if (is_bundle_dir(source, source->it) ||
	    (source->others > 0 && is_dir(source->it->path)))
		(void)snprintf(ret, size,
		    "move %.300s%s out of that directory, which %.300s:%u "
		    "loads",
		    source->path, more, bind->file, bind->line);
	else if (is_alone(source))
		(void)snprintf(ret, size,
		    "put `crt %.300s` in place of `crt %.300s` at %.300s:%u",
		    first, source->it->name, bind->file, bind->line);
	else
		(void)snprintf(ret, size, "take `crt %.300s` off %.300s:%u",
		    source->it->name, bind->file, bind->line);
}

/*
 * What is to be done before, so that at no time another certificate is shown,
 * or none.
 */
static void
put_before(const struct source *source, char *ret, size_t size)
{
	const struct refit_clash *clash = &source->clash;
	char had[LIMIT_DNS_NAME_BYTES + 64] = "";

	*ret = '\0';
	if (*clash->unknown != '\0')
		(void)snprintf(had, sizeof(had), "once a lineage has %s, too, ",
		    clash->unknown);
	if (clash->installed)
		(void)snprintf(ret, size, "%s", had);
	else if (clash->same)
		(void)snprintf(ret, size, "%safter the deploy, ", had);
	else
		(void)snprintf(ret, size,
		    "write fullchain.pem and privkey.pem of lineage %s into "
		    "%.300s and reload HAProxy, or the deploy is rolled back; "
		    "%safter it, ",
		    clash->lineage, source->path, had);
}

static int
tell_clash(struct refit_work *work, const struct source *source,
    const char *first, struct err *err)
{
	char before[1024], removal[1024];

	put_before(source, before, sizeof(before));
	put_removal(source, first, removal, sizeof(removal));
	return refit_next(work, err,
	    "%s%s, and reload HAProxy%s: %.300s has %s, as lineage %s has, "
	    "and while HAProxy goes on showing that, a renewal is rolled back",
	    before, removal,
	    source->clash.installed && !source->clash.same
		? " (then: certhaul deploy)"
		: "",
	    source->path, source->clash.name, source->clash.lineage);
}

/* What the line has loaded so far goes first, and would hide ours. */
static int
note_other(
    struct refit_work *work, const struct source *source, struct err *err)
{
	return refit_note(work, err,
	    "%s:%u loads %s before %s, and of two certificates for one name "
	    "HAProxy shows the first: once certhaul's are there, take %s",
	    source->bind->file, source->bind->line, source->it->name,
	    work->conf->haproxy.bundle_dir,
	    is_dir(source->it->path)
		? "those for the same names out of it, or set "
		  "haproxy.bundle_dir to it"
		: "it off that line, unless it has names that theirs have "
		  "not");
}

static bool
is_coming(const struct refit *refit, const struct hacfg_bind *bind)
{
	for (size_t i = 0; i < refit->count; i++) {
		const struct refit_edit *edit = &refit->edits[i];

		if (edit->item == REFIT_CERTS && edit->line == bind->line &&
		    strcmp(edit->file, bind->file) == 0)
			return true;
	}
	return false;
}

int
refit_tell_beside(struct refit_work *work, const struct discovery *discovery,
    const struct refit_ours *ours, const char *first, struct err *err)
{
	struct source source = {
	    .work = work, .discovery = discovery, .ours = ours};
	const struct hacfg *hacfg = discovery_hacfg(discovery);
	int rc = 0;

	for (size_t i = 0; i < hacfg->bind_count && rc == 0; i++) {
		source.bind = &hacfg->binds[i];
		source.at = i;
		source.coming = is_coming(work->refit, source.bind);
		for (size_t k = 0; source.bind->ssl && rc == 0 &&
		     k < source.bind->source_count;
		     k++) {
			source.it = &source.bind->sources[k];
			source.clashes = source.others = 0;
			if (source.it->acme ||
			    strcmp(source.it->path, first) == 0)
				continue;
			(void)loaded_each(hacfg, source.it, visit, &source);
			if (source.clashes > 0)
				rc = tell_clash(work, &source, first, err);
			else if (source.coming && source.it->kind == HACFG_CRT)
				rc = note_other(work, &source, err);
		}
	}
	return rc;
}
