/*
 * check_names.c: what `certhaul check` finds of names that two certificates
 * have: two lineages', or a lineage's and another that HAProxy holds.
 */
#include "wrapper/check.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "haproxy/holdings.h"

/* One name of one certificate. */
struct cover {
	const char *name;
	const struct observation *item;
};

struct covers {
	struct cover *items; /* owned; sorted by name, then lineage */
	size_t count;
};

/* The file of a lineage's bundle, whatever HAProxy calls it. */
struct file {
	dev_t dev;
	ino_t ino;
};

/* What HAProxy holds beside the lineages'. */
struct others {
	const struct check *check;
	const struct covers *covers;
	const char **ours; /* owned; the stores of the lineages, sorted */
	size_t our_count;
	struct file *files; /* owned; of the lineages' bundles, sorted */
	size_t file_count;
	struct check_list twice, sure, ahead, left; /* sure: on one bind line;
	    ahead: there, in front of the bundle */
	char last[LIMIT_PATH_BYTES]; /* the store that is in one of them */
};

static int
by_name(const void *a, const void *b)
{
	const struct cover *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	return order != 0 ? order : strcmp(x->item->name, y->item->name);
}

/* A pair of an RSA and an ECDSA certificate is meant to be. */
static bool
is_rsa(const struct observation *item)
{
	return strncmp(item->key, "RSA", 3) == 0;
}

static int
covers_make(const struct observed *all, struct covers *ret, struct err *err)
{
	size_t count = 0;

	for (size_t i = 0; i < all->count; i++)
		count += all->items[i].name_count;
	ret->items = calloc(count + 1, sizeof(*ret->items));
	if (ret->items == NULL)
		return err_nomem(err, "checking");
	for (size_t i = 0; i < all->count; i++) {
		for (size_t n = 0; n < all->items[i].name_count; n++)
			ret->items[ret->count++] = (struct cover){
			    all->items[i].names[n], &all->items[i]};
	}
	qsort(ret->items, ret->count, sizeof(*ret->items), by_name);
	return 0;
}

/* Its bundle, as it is called in bundle_dir. */
static void
put_file(const struct observation *item, char ret[NAME_MAX + 1])
{
	(void)snprintf(ret, NAME_MAX + 1, "%s.pem", item->name);
}

/*
 * Are they shown on one bind line? On two, each shows its own; and HAProxy has
 * none of what was detached.
 */
static bool
is_clash(
    const struct check *check, const struct cover *a, const struct cover *b)
{
	char one[NAME_MAX + 1], other[NAME_MAX + 1];

	put_file(a->item, one);
	put_file(b->item, other);
	return !a->item->out && !b->item->out &&
	    (check->discovery == NULL ||
		discovery_meet(check->discovery, one, other));
}

/* Two lineages. */
static void
find_twice(const struct check *check, const struct covers *covers,
    struct check_list *twice)
{
	char text[600];

	for (size_t i = 1; i < covers->count; i++) {
		const struct cover *a = &covers->items[i - 1];
		const struct cover *b = &covers->items[i];

		if (a->item == b->item || strcmp(a->name, b->name) != 0 ||
		    is_rsa(a->item) != is_rsa(b->item) ||
		    !is_clash(check, a, b))
			continue;
		(void)snprintf(text, sizeof(text), "%s (in %s and %s)", b->name,
		    a->item->name, b->item->name);
		check_list_add(twice, text);
	}
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int
by_file(const void *a, const void *b)
{
	const struct file *x = a, *y = b;

	if (x->dev != y->dev)
		return x->dev < y->dev ? -1 : 1;
	return x->ino == y->ino ? 0 : x->ino < y->ino ? -1 : 1;
}

static int
find_files(struct others *others, struct err *err)
{
	const struct observed *all = &others->check->observed;
	char path[LIMIT_PATH_BYTES];
	struct stat st;

	others->files = calloc(all->count + 1, sizeof(*others->files));
	if (others->files == NULL)
		return err_nomem(err, "checking");
	for (size_t i = 0; i < all->count; i++) {
		int len = snprintf(path, sizeof(path), "%s/%s.pem",
		    others->check->conf->haproxy.bundle_dir,
		    all->items[i].name);

		if (len > 0 && (size_t)len < sizeof(path) &&
		    stat(path, &st) == 0)
			others->files[others->file_count++] =
			    (struct file){st.st_dev, st.st_ino};
	}
	qsort(
	    others->files, others->file_count, sizeof(*others->files), by_file);
	return 0;
}

static int
find_ours(struct others *others, struct err *err)
{
	const struct observed *all = &others->check->observed;
	size_t count = 0;

	for (size_t i = 0; i < all->count; i++)
		count += all->items[i].store_count;
	others->ours = calloc(count + 1, sizeof(*others->ours));
	if (others->ours == NULL)
		return err_nomem(err, "checking");
	for (size_t i = 0; i < all->count; i++) {
		for (size_t s = 0; s < all->items[i].store_count; s++)
			others->ours[others->our_count++] =
			    all->items[i].stores[s].name;
	}
	qsort(others->ours, others->our_count, sizeof(*others->ours), by_text);
	return find_files(others, err);
}

/* "BUNDLE_DIR/NAME.pem" of a lineage that there is. */
static bool
is_bundle_path(const struct check *check, const char *store)
{
	const char *dir = check->conf->haproxy.bundle_dir;
	size_t dir_len = strlen(dir);

	if (strncmp(store, dir, dir_len) != 0 || store[dir_len] != '/')
		return false;
	store += dir_len + 1;
	for (size_t i = 0; i < check->observed.count; i++) {
		const struct observation *item = &check->observed.items[i];
		size_t len = strlen(item->name);

		if (!item->gone && strncmp(store, item->name, len) == 0 &&
		    strcmp(store + len, ".pem") == 0)
			return true;
	}
	return false;
}

/*
 * What haproxy.cfg calls it now need not be what this HAProxy calls it: the
 * file, or its path, tells.
 */
static bool
is_ours(const struct others *others, const char *store)
{
	struct file file;
	struct stat st;

	if (bsearch(&store, others->ours, others->our_count,
		sizeof(*others->ours), by_text) != NULL ||
	    is_bundle_path(others->check, store))
		return true;
	if (stat(store, &st) != 0)
		return false;
	file = (struct file){st.st_dev, st.st_ino};
	return bsearch(&file, others->files, others->file_count,
		   sizeof(*others->files), by_file) != NULL;
}

/* Of bundle_dir, and its file is gone: nobody looks after it any more. */
static bool
is_left(const struct others *others, const char *store)
{
	const char *dir = others->check->conf->haproxy.bundle_dir;
	size_t len = strlen(dir);

	return strncmp(store, dir, len) == 0 && store[len] == '/' &&
	    access(store, F_OK) != 0 && errno == ENOENT;
}

static bool
want(void *context, const char *store)
{
	struct others *others = context;

	if (is_ours(others, store))
		return false;
	if (is_left(others, store))
		check_list_add(&others->left, store);
	return true;
}

/*
 * Which list the store is for; NULL: it is never shown in place of the
 * lineage's bundle. After an update in memory HAProxy shows the other one of
 * two, wherever that stands on the line; after a reload, the first.
 */
static struct check_list *
list_for(struct others *others, const struct cover *cover, const char *store)
{
	const struct discovery *discovery = others->check->discovery;
	char file[NAME_MAX + 1];
	bool sure = false;

	put_file(cover->item, file);
	if (discovery != NULL &&
	    !discovery_may_meet(discovery, file, store, cover->name, &sure))
		return NULL;
	switch (others->check->conf->haproxy.update) {
	case CONF_UPDATE_AUTO:
	case CONF_UPDATE_RUNTIME: return sure ? &others->sure : &others->twice;
	case CONF_UPDATE_RELOAD:
		return sure &&
			discovery_is_ahead(discovery, file, store, cover->name)
		    ? &others->ahead
		    : &others->twice;
	case CONF_UPDATE_NONE: break;
	}
	return &others->twice;
}

/* A store is told once, with the first of the names. */
static int
take(void *context, const struct holding *holding, struct err *err)
{
	struct others *others = context;
	char text[LIMIT_PATH_BYTES + 600];
	struct check_list *list;

	(void)err;
	if (strcmp(others->last, holding->store) == 0)
		return 0;
	for (size_t i = 0; i < others->covers->count; i++) {
		const struct cover *cover = &others->covers->items[i];

		if (strcmp(cover->name, holding->name) != 0 ||
		    is_rsa(cover->item) != holding->rsa ||
		    (list = list_for(others, cover, holding->store)) == NULL)
			continue;
		(void)snprintf(text, sizeof(text), "%s (in %s and %s)",
		    holding->name, cover->item->name, holding->store);
		check_list_add(list, text);
		memcpy(others->last, holding->store, sizeof(others->last));
		return 0;
	}
	return 0;
}

static void
say_others(struct check *check, struct others *others)
{
	if (others->sure.count > 0)
		check_say(check, CHECK_BAD,
		    "%s: one bind line loads both, and the other file is no "
		    "lineage's: HAProxy goes on showing that one, and a deploy "
		    "of a new certificate is rolled back; take that file off "
		    "the line, or out of its directory or list, and reload "
		    "HAProxy",
		    check_list_text(&others->sure));
	if (others->ahead.count > 0)
		check_say(check, CHECK_BAD,
		    "%s: one bind line loads both, the other file first, and "
		    "that is no lineage's: HAProxy shows it after each reload, "
		    "and a deploy of a new certificate is rolled back; take it "
		    "off the line, or out of its directory or list, or put it "
		    "behind the bundles, and reload HAProxy",
		    check_list_text(&others->ahead));
	if (others->twice.count > 0)
		check_say(check, CHECK_HINT,
		    "%s: HAProxy has another certificate for that name, which "
		    "is no lineage's; where one bind line loads both it shows "
		    "one of the two: take it off that line, or out of "
		    "bundle_dir",
		    check_list_text(&others->twice));
	if (others->left.count > 0)
		check_say(check, CHECK_HINT,
		    "%s: in HAProxy's memory, and the file is gone; a reload "
		    "lets it go",
		    check_list_text(&others->left));
}

/* How many lines were said. */
static size_t
check_others(struct check *check, const struct covers *covers)
{
	struct others others = {.check = check, .covers = covers};
	struct err why = ERR_INIT;
	size_t before = check->counts[CHECK_HINT] + check->counts[CHECK_BAD];
	int rc = find_ours(&others, &why);

	if (rc == 0)
		rc = holdings_each(&check->process, want, take, &others, &why);
	free(others.ours);
	free(others.files);
	if (rc < 0)
		check_say_err(check, CHECK_HINT, &why);
	say_others(check, &others);
	return check->counts[CHECK_HINT] + check->counts[CHECK_BAD] - before;
}

void
check_duplicates(struct check *check)
{
	struct check_list twice = {.count = 0};
	struct covers covers = {NULL, 0};
	size_t said = 0;

	if (covers_make(&check->observed, &covers, &check->err) < 0) {
		check->rc = check->err.code;
		return;
	}
	find_twice(check, &covers, &twice);
	if (twice.count > 0)
		check_say(check, CHECK_BAD,
		    "%s: which of them HAProxy shows changes with each reload; "
		    "delete the lineage that is too many (certhaul delete), or "
		    "where each has names of its own, take it out of one: "
		    "certhaul request --cert-name LINEAGE --expand, with the "
		    "other names",
		    check_list_text(&twice));
	if (check->up)
		said = check_others(check, &covers);
	if (twice.count == 0 && said == 0)
		check_say(check, CHECK_GOOD,
		    "each of %zu names is in one certificate of a bind line",
		    covers.count);
	free(covers.items);
}
