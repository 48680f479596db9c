/*
 * check_fetch.c: the CA's question, asked by ourselves, for every name of the
 * lineages that are renewed through HAProxy: a rule of haproxy.cfg may be for
 * one of them alone.
 */
#include "wrapper/check.h"

#include <stdlib.h>
#include <string.h>

#include "wrapper/preflight.h"
#include "wrapper/refit.h"

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

/* Asks for each; NULL: nothing was asked. Returns owned. */
static struct preflight_result *
ask(struct check *check, const bool *asked, bool in_proxy, struct names *names)
{
	const struct preflight_way way = {
	    .in_proxy = in_proxy, .silent = check_is_mute(check)};
	struct preflight_result *results;
	struct err why = ERR_INIT;

	collect(check, asked, names);
	if (names->count == 0 || check->rc < 0)
		return NULL;
	results = calloc(names->count, sizeof(*results));
	if (results == NULL) {
		check->rc = err_nomem(&check->err, "checking");
		return NULL;
	}
	if (preflight(check->conf, names->items, names->count, &way, results,
		&why) < 0) {
		check_say_err(check, CHECK_BAD, &why);
		preflight_free(results, names->count);
		results = NULL;
	}
	return results;
}

void
check_fetch(struct check *check, const bool *asked, bool in_proxy)
{
	struct names names = {.count = 0};
	struct preflight_result *results = ask(check, asked, in_proxy, &names);

	if (results != NULL)
		say_all(check, results, names.count);
	preflight_free(results, names.count);
	if (names.left > 0)
		check_say(check, CHECK_HINT,
		    "%zu more names were not asked for: \"certhaul renew "
		    "--dry-run NAME\" tries those of a lineage",
		    names.left);
}

/*
 * What does not come to us is for those who renew it; and what does by an
 * address of HAProxy's may be asked for at another, which a web server has.
 */
void
check_fetch_others(
    struct check *check, const bool *asked, const struct refit_led *to)
{
	struct buf taken = BUF_INIT(LIMIT_HACFG_LINE_BYTES);
	struct names names = {.count = 0};
	struct preflight_result *results = ask(check, asked, false, &names);
	const char *unsure = NULL; /* the address */
	struct err why = ERR_INIT;
	int rc = 0;

	for (size_t i = 0; results != NULL && i < names.count && rc == 0; i++) {
		if (results[i].verdict != PREFLIGHT_GOOD)
			continue;
		rc = buf_printf(&taken, &why, " %s", names.items[i]);
		if (!to->everywhere || *results[i].doubt != '\0')
			unsure = results[i].address;
	}
	if (taken.len > 0)
		check_say(check, unsure == NULL ? CHECK_BAD : CHECK_HINT,
		    "renewed by others, and HAProxy leads the challenges to "
		    "certhaul:%s:%s%s%s put `" REFIT_ELSEWHERE_ACL "%s` in "
		    "front of %s, which is to have `!" REFIT_ELSEWHERE
		    "` at its end, and reload HAProxy",
		    buf_text(&taken),
		    unsure == NULL ? "" : " if the CA comes to ",
		    unsure == NULL ? "" : unsure, unsure == NULL ? "" : ",",
		    buf_text(&taken), to->lead);
	preflight_free(results, names.count);
	buf_free(&taken);
}
