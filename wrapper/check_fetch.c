/*
 * check_fetch.c: the CA's question, asked by ourselves, for every name of the
 * lineages that are renewed through HAProxy: a rule of haproxy.cfg may be for
 * one of them alone.
 */
#include "wrapper/check.h"

#include <stdlib.h>
#include <string.h>

#include "wrapper/preflight.h"

struct names {
	const char *items[LIMIT_REQUEST_NAMES]; /* borrowed */
	size_t count, left; /* that there was no room for */
};

static bool
has(const struct names *names, const char *name)
{
	for (size_t i = 0; i < names->count; i++) {
		if (strcmp(names->items[i], name) == 0)
			return true;
	}
	return false;
}

/* The first name of each lineage, then the others. */
static void
collect(const struct check *check, const bool *asked, struct names *ret)
{
	for (int others = 0; others < 2; others++) {
		for (size_t i = 0; i < check->observed.count; i++) {
			const struct observation *item =
			    &check->observed.items[i];
			size_t end = others ? item->name_count : 1;

			if (!asked[i])
				continue;
			for (size_t n = (size_t)others; n < end; n++) {
				if (has(ret, item->names[n]))
					continue;
				if (ret->count == COUNT_OF(ret->items))
					ret->left++;
				else
					ret->items[ret->count++] =
					    item->names[n];
			}
		}
	}
}

static bool
is_alike(const struct preflight_result *a, const struct preflight_result *b)
{
	return a->verdict == b->verdict &&
	    strcmp(a->address, b->address) == 0 &&
	    strcmp(a->advice, b->advice) == 0 &&
	    strcmp(a->doubt, b->doubt) == 0;
}

/* One line for all that came to the same; `result` is the first of them. */
static void
say(struct check *check, const struct preflight_result *result,
    struct check_list *alike)
{
	if (result->verdict == PREFLIGHT_GOOD)
		check_say(check,
		    *result->doubt == '\0' ? CHECK_GOOD : CHECK_HINT,
		    "a challenge for %s comes through at %s%s%s",
		    check_list_text(alike), result->address,
		    *result->doubt == '\0' ? "" : "; ", result->doubt);
	else
		check_say(check,
		    result->verdict == PREFLIGHT_AWAY ? CHECK_HINT : CHECK_BAD,
		    "%s%s%s: %s; %s", check_list_text(alike),
		    *result->address != '\0' ? " at " : "", result->address,
		    result->detail, result->advice);
}

static void
say_all(
    struct check *check, const struct preflight_result *results, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct check_list alike = {.count = 0};
		bool told = false;

		for (size_t j = 0; j < i && !told; j++)
			told = is_alike(&results[j], &results[i]);
		for (size_t j = i; j < count && !told; j++) {
			if (is_alike(&results[j], &results[i]))
				check_list_add(&alike, results[j].name);
		}
		if (!told)
			say(check, &results[i], &alike);
	}
}

void
check_fetch(struct check *check, const bool *asked, bool in_proxy)
{
	struct preflight_result *results;
	struct names names = {.count = 0};
	struct err why = ERR_INIT;

	collect(check, asked, &names);
	if (names.count == 0 || check->rc < 0)
		return;
	results = calloc(names.count, sizeof(*results));
	if (results == NULL) {
		check->rc = err_nomem(&check->err, "checking");
		return;
	}
	if (preflight(check->conf, names.items, names.count, in_proxy, results,
		&why) < 0)
		check_say_err(check, CHECK_BAD, &why);
	else
		say_all(check, results, names.count);
	free(results);
	if (names.left > 0)
		check_say(check, CHECK_HINT,
		    "%zu more names were not asked for: \"certhaul renew "
		    "--dry-run NAME\" tries those of a lineage",
		    names.left);
}
