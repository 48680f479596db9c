/*
 * observe_odd.c: the lineages that certbot renews and certhaul cannot take,
 * as their names are no lineage names. Nothing can be looked at for those, but
 * who looks at all is to see them.
 */
#include "wrapper/observe_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct observation *)a)->name,
	    ((const struct observation *)b)->name);
}

/* Its name is told, not used: not all bytes are for a terminal or a monitor. */
static void
take(const char *name, struct observation *item)
{
	(void)snprintf(item->name, sizeof(item->name), "%.*s",
	    (int)sizeof(item->name) - 1, name);
	text_clean(item->name);
	item->odd = true;
	observe_at_set(&item->at[OBSERVE_LINEAGE], OBSERVE_BROKEN, "%s",
	    LINEAGE_ODD_WORDS);
	for (int p = OBSERVE_BUNDLE; p < OBSERVE_PLACES; p++)
		observe_at_set(
		    &item->at[p], OBSERVE_UNKNOWN, "it is not certhaul's");
}

int
observe_odd(const struct conf *conf, struct observed *observed, struct err *err)
{
	struct err ignored = ERR_INIT;
	struct observation *more;
	char **names = NULL;
	size_t count = 0;

	if (lineage_list_odd(
		conf->letsencrypt.config_dir, &names, &count, &ignored) < 0 ||
	    count == 0)
		goto out;
	more = reallocarray(
	    observed->items, observed->count + count, sizeof(*more));
	if (more == NULL) {
		lineage_names_free(names, count);
		return err_nomem(err, "looking at the lineages");
	}
	observed->items = more;
	memset(more + observed->count, 0, count * sizeof(*more));
	for (size_t i = 0; i < count; i++)
		take(names[i], &more[observed->count++]);
	qsort(more, observed->count, sizeof(*more), by_name);
out:
	lineage_names_free(names, count);
	return 0;
}
