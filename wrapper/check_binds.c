/*
 * check_binds.c: what `certhaul check` finds of bind lines for https that the
 * bundles are not on. One with certificates for other names is another site's;
 * one without any, or with some for a lineage's names, was forgotten.
 */
#include "wrapper/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "haproxy/crtlist.h"
#include "haproxy/holdings.h"

/* A bind line without our bundles, and what HAProxy has for it. */
struct passed {
	size_t bind; /* where it stands in the hacfg */
	struct crtlist_dump list; /* its first crt-list in memory */
	bool seen; /* it has certificates of its own */
	char store[LIMIT_PATH_BYTES]; /* one for a lineage's name; "" */
	char name[LIMIT_DNS_NAME_BYTES + 1]; /* which */
	char last[LIMIT_PATH_BYTES]; /* the one that names are told of ... */
	bool foreign; /* ... and one of them is no lineage's */
	bool mixed; /* so it is with `store` */
};

struct binds {
	const struct check *check;
	struct passed *items; /* owned */
	size_t count;
	char first[LIMIT_PATH_BYTES]; /* the default certificate: nobody's */
};

static bool
has_store(
    const struct binds *binds, const struct passed *passed, const char *store)
{
	size_t ignored;

	return strcmp(store, binds->first) != 0 &&
	    (discovery_holds(binds->check->discovery, passed->bind, store) ||
		crtlist_dump_find(&passed->list, store, &ignored) != NULL);
}

static bool
want(void *context, const char *store)
{
	const struct binds *binds = context;

	for (size_t i = 0; i < binds->count; i++) {
		if (has_store(binds, &binds->items[i], store))
			return true;
	}
	return false;
}

/* Is a certificate for `held` shown to who asks for `name`? */
static bool
is_for(const char *held, const char *name)
{
	const char *dot = strchr(name, '.');

	return strcmp(held, name) == 0 ||
	    (strncmp(held, "*.", 2) == 0 && dot != NULL &&
		strcmp(held + 1, dot) == 0);
}

/* A lineage's name that `held` is for; NULL: none. */
static const char *
lineage_name(const struct observed *all, const char *held)
{
	for (size_t i = 0; i < all->count; i++) {
		for (size_t n = 0; n < all->items[i].name_count; n++) {
			if (is_for(held, all->items[i].names[n]))
				return all->items[i].names[n];
		}
	}
	return NULL;
}

/* `name`: a lineage's that it is for; NULL: none. */
static void
take_name(
    struct passed *passed, const struct holding *holding, const char *name)
{
	passed->seen = true;
	if (strcmp(passed->last, holding->store) != 0)
		passed->foreign = false;
	(void)snprintf(
	    passed->last, sizeof(passed->last), "%s", holding->store);
	/* A wildcard is for more than that. */
	passed->foreign |= name == NULL || strcmp(name, holding->name) != 0;
	if (name != NULL && *passed->store == '\0') {
		(void)snprintf(
		    passed->store, sizeof(passed->store), "%s", holding->store);
		(void)snprintf(passed->name, sizeof(passed->name), "%s", name);
	}
	if (strcmp(passed->store, holding->store) == 0)
		passed->mixed = passed->foreign;
}

static int
take(void *context, const struct holding *holding, struct err *err)
{
	struct binds *binds = context;
	const char *name = lineage_name(&binds->check->observed, holding->name);

	(void)err;
	for (size_t i = 0; i < binds->count; i++) {
		if (has_store(binds, &binds->items[i], holding->store))
			take_name(&binds->items[i], holding, name);
	}
	return 0;
}

/* The bind lines that are passed by; what their crt-lists have. */
static int
find(struct binds *binds, struct err *err)
{
	const struct check *check = binds->check;
	const struct hacfg *hacfg = discovery_hacfg(check->discovery);
	struct err ignored = ERR_INIT;

	binds->items = calloc(hacfg->bind_count + 1, sizeof(*binds->items));
	if (binds->items == NULL)
		return err_nomem(err, "checking");
	for (size_t i = 0; i < hacfg->bind_count; i++) {
		const struct hacfg_bind *bind = &hacfg->binds[i];
		struct passed *passed = &binds->items[binds->count];

		if (!discovery_passes(check->discovery, i))
			continue;
		passed->bind = i;
		binds->count++;
		for (size_t s = 0; s < bind->source_count; s++) {
			if (bind->sources[s].kind != HACFG_CRT_LIST)
				continue;
			(void)!crtlist_dump(&check->process,
			    bind->sources[s].name, &passed->list, &ignored);
			break;
		}
	}
	return 0;
}

/* Does the line name that file, and not a directory or a list with more? */
static bool
names_store(const struct hacfg_bind *bind, const char *store)
{
	for (size_t i = 0; i < bind->source_count; i++) {
		if (bind->sources[i].kind == HACFG_CRT &&
		    strcmp(bind->sources[i].name, store) == 0)
			return true;
	}
	return false;
}

/* Does any bind line load bundle_dir? Then that is not to be another one. */
static bool
is_loaded(const struct discovery *discovery)
{
	static const char fresh[] = "certhaul.pem";
	const struct hacfg *hacfg = discovery_hacfg(discovery);

	for (size_t i = 0; i < hacfg->bind_count; i++) {
		if (discovery_loads(discovery, i, fresh))
			return true;
	}
	return false;
}

/* Beside ours, anywhere on the line, it would still be shown. */
static const char *
what_of_it(const struct binds *binds, const struct passed *passed,
    const struct hacfg_bind *bind)
{
	const struct discovery *discovery = binds->check->discovery;

	if (passed->mixed)
		return "into the line, and take that file out of it, as soon "
		       "as lineages have all of its names";
	if (names_store(bind, passed->store))
		return "in place of it";
	if (!discovery_holds(discovery, passed->bind, passed->store))
		return "into the line, and take that file off its list";
	return is_loaded(discovery)
	    ? "into the line, and take that file out of its directory"
	    : "into the line, and take that file out of its directory (or set "
	      "haproxy.bundle_dir to that directory: certhaul takes over what "
	      "is called LINEAGE.pem there)";
}

/* The bundles, which may be none, in place of all that the line has. */
static bool
needs_default(const struct passed *passed, const struct hacfg_bind *bind)
{
	return !passed->mixed && bind->source_count == 1 && !bind->strict_sni &&
	    names_store(bind, passed->store);
}

/* How many lines were said; none of another site's. */
static size_t
say(struct check *check, const struct binds *binds, const struct passed *passed)
{
	const struct hacfg_bind *bind =
	    &discovery_hacfg(check->discovery)->binds[passed->bind];
	const struct hacfg_bind *beside =
	    discovery_beside(check->discovery, passed->bind);
	const char *dir = check->conf->haproxy.bundle_dir;
	bool bare = needs_default(passed, bind);

	if (*passed->store != '\0')
		check_say(check, CHECK_HINT,
		    "%s:%u, in %s, does not load %s/, and shows %s to who asks "
		    "for %s there, whatever is renewed: put `%s%s%scrt %s/` %s",
		    bind->file, bind->line, bind->section, dir, passed->store,
		    passed->name, bare ? "crt " : "", bare ? binds->first : "",
		    bare ? " " : "", dir, what_of_it(binds, passed, bind));
	else if (!passed->seen)
		check_say(check, CHECK_HINT,
		    "%s:%u, in %s, takes https and does not load %s/: who "
		    "comes in there gets no lineage's certificate; put `crt "
		    "%s/` into it",
		    bind->file, bind->line, bind->section, dir, dir);
	else if (beside != NULL)
		check_say(check, CHECK_HINT,
		    "%s:%u, in %s, does not load %s/, and %s:%u, in %s, which "
		    "does, has the same port: who comes in by the former, say "
		    "by IPv6 alone, gets no lineage's certificate; put `crt "
		    "%s/` into both",
		    bind->file, bind->line, bind->section, dir, beside->file,
		    beside->line, beside->section, dir);
	return *passed->store != '\0' || !passed->seen || beside != NULL;
}

void
check_binds(struct check *check)
{
	struct binds binds = {.check = check};
	struct err why = ERR_INIT;
	size_t said = 0;
	int rc;

	if (check->discovery == NULL || !check->up) {
		check_say(check, CHECK_HINT,
		    "not known: no HAProxy was asked, or none answers");
		return;
	}
	rc = discovery_default_path(check->conf->haproxy.bundle_dir,
	    binds.first, sizeof(binds.first), &why);
	if (rc == 0)
		rc = find(&binds, &why);
	if (rc == 0 && binds.count > 0)
		rc = holdings_each(&check->process, want, take, &binds, &why);
	if (rc < 0)
		check_say_err(check, CHECK_HINT, &why);
	for (size_t i = 0; rc == 0 && i < binds.count; i++)
		said += say(check, &binds, &binds.items[i]);
	if (rc == 0 && said == 0)
		check_say(check, CHECK_GOOD,
		    "each one for https loads the bundles, or is for other "
		    "names");
	for (size_t i = 0; i < binds.count; i++)
		crtlist_dump_free(&binds.items[i].list);
	free(binds.items);
}
