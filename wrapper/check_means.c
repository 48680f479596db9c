/*
 * check_means.c: what `certhaul check` finds of the means that each lineage is
 * renewed by: one line for those that have the same lack.
 */
#include "wrapper/check.h"

#include <stdio.h>

#include "wrapper/means.h"

/* The lineages of one lack. */
struct group {
	struct check_list names;
	const char *first; /* borrowed */
	char of[LIMIT_PATH_BYTES]; /* the first's */
};

/* Whose conf cannot be read is check_renewal()'s to say. */
static void
look_at(struct means *means, const struct observation *item,
    struct group groups[MEANS_LACKS])
{
	struct renewal *renewal = NULL;
	struct err ignored = ERR_INIT;
	struct means_found found;

	if (!item->autorenew || item->name_count == 0 ||
	    means_read(means->conf, item->name, &renewal, &ignored) < 0)
		return;
	means_look(means, renewal, item->names, item->name_count, &found);
	renewal_free(renewal);
	/* The account is observe()'s to look for, check_renewal()'s to say. */
	for (int lack = MEANS_ACCOUNT + 1; lack < MEANS_LACKS; lack++) {
		struct group *group = &groups[lack];

		if (found.of[lack][0] == '\0')
			continue;
		if (group->names.count == 0) {
			group->first = item->name;
			(void)snprintf(
			    group->of, sizeof(group->of), "%s", found.of[lack]);
		}
		check_list_add(&group->names, item->name);
	}
}

size_t
check_means(struct check *check)
{
	static const enum check_weight weights[] = {
	    [MEANS_ACCOUNT] = CHECK_BAD,
	    [MEANS_UNABLE] = CHECK_BAD,
	    [MEANS_UNHAD] = CHECK_BAD,
	    [MEANS_WEBROOT] = CHECK_HINT,
	};
	_Static_assert(COUNT_OF(weights) == MEANS_LACKS, "one each");
	struct means means = {.conf = check->conf,
	    .engine = check->engine_err.code == 0 ? &check->engine : NULL};
	struct group groups[MEANS_LACKS] = {{.first = NULL}};
	char words[LIMIT_LOG_LINE_BYTES];
	size_t said = 0;

	for (size_t i = 0; i < check->observed.count; i++)
		look_at(&means, &check->observed.items[i], groups);
	for (int lack = 0; lack < MEANS_LACKS; lack++) {
		struct group *group = &groups[lack];

		if (group->names.count == 0)
			continue;
		means_words(&means, (enum means_lack)lack, group->of,
		    group->first, words, sizeof(words));
		check_say(check, weights[lack], "%s: %s",
		    check_list_text(&group->names), words);
		said++;
	}
	means_free(&means);
	return said;
}
