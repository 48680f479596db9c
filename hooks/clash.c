/*
 * clash.c: beside the pipeline: a look over all lineages of a dry run at once.
 */
#include "hooks/clash.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

static const char doing[] = "comparing the names of the lineages";

/* One name of one lineage; a pair of RSA and ECDSA bundles may share it. */
struct clash_name {
	char *lineage, *name;
	enum pki_key_type key_type;
};

/* Two lineages that share a name; borrowed from the names. */
struct pair {
	const char *first, *second, *name;
};

static int
by_name(const void *a, const void *b)
{
	const struct clash_name *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	if (order == 0)
		order =
		    (x->key_type > y->key_type) - (x->key_type < y->key_type);
	return order != 0 ? order : strcmp(x->lineage, y->lineage);
}

static int
by_lineages(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;
	int order = strcmp(x->first, y->first);

	if (order == 0)
		order = strcmp(x->second, y->second);
	return order != 0 ? order : strcmp(x->name, y->name);
}

int
clash_add(struct clash *clash, const char *lineage,
    const struct pki_facts *leaf, struct err *err)
{
	for (size_t i = 0; i < leaf->name_count; i++) {
		struct clash_name *one;

		if (clash->count == clash->room) {
			size_t room = clash->room == 0 ? 64 : clash->room * 2;

			one = realloc(clash->names, room * sizeof(*one));
			if (one == NULL)
				return err_nomem(err, doing);
			clash->names = one;
			clash->room = room;
		}
		one = &clash->names[clash->count++];
		one->lineage = strdup(lineage);
		one->name = strdup(leaf->names[i]);
		one->key_type = leaf->key.type;
		if (one->lineage == NULL || one->name == NULL)
			return err_nomem(err, doing);
	}
	return 0;
}

/* Each neighbour of the sorted names that is the same name elsewhere. */
static size_t
find_pairs(const struct clash *clash, struct pair *ret)
{
	size_t count = 0;

	for (size_t i = 1; i < clash->count; i++) {
		const struct clash_name *a = &clash->names[i - 1];
		const struct clash_name *b = &clash->names[i];

		if (a->key_type != b->key_type ||
		    strcmp(a->name, b->name) != 0 ||
		    strcmp(a->lineage, b->lineage) == 0)
			continue;
		ret[count++] = (struct pair){a->lineage, b->lineage, a->name};
	}
	return count;
}

static void
warn(const struct pair *pair, size_t more)
{
	char others[48] = "";

	if (more > 0)
		(void)snprintf(others, sizeof(others), " (and %zu more)", more);
	log_say(LOG_LEVEL_WARN,
	    "%s%s is in %s and in %s: HAProxy serves the bundle that is first "
	    "by alphabet. Take it out of one certificate, or delete the "
	    "lineage that is too many (certhaul delete)",
	    pair->name, others, pair->first, pair->second);
}

size_t
clash_warn(struct clash *clash)
{
	struct pair *pairs = NULL;
	size_t count, warnings = 0;

	if (clash->count < 2)
		return 0;
	pairs = calloc(clash->count, sizeof(*pairs));
	if (pairs == NULL)
		return 0;
	qsort(clash->names, clash->count, sizeof(*clash->names), by_name);
	count = find_pairs(clash, pairs);
	if (count > 0)
		qsort(pairs, count, sizeof(*pairs), by_lineages);
	for (size_t i = 0, same; i < count; i += same) {
		for (same = 1; i + same < count &&
		     strcmp(pairs[i].first, pairs[i + same].first) == 0 &&
		     strcmp(pairs[i].second, pairs[i + same].second) == 0;
		     same++)
			;
		warn(&pairs[i], same - 1);
		warnings++;
	}
	free(pairs);
	return warnings;
}

void
clash_free(struct clash *clash)
{
	for (size_t i = 0; i < clash->count; i++) {
		free(clash->names[i].lineage);
		free(clash->names[i].name);
	}
	free(clash->names);
	*clash = (struct clash){NULL, 0, 0};
}
