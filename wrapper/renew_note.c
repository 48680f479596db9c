/*
 * renew_note.c: which lineages the engine has failed on, kept for `status`
 * until a run goes well. With a name the run's own status tells; of a run over
 * all only what is due, and as it was, can have failed.
 */
#include "wrapper/renew.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "cert/due.h"
#include "wrapper/observe.h"
#include "wrapper/unrenewed.h"

enum { LATEST_S = 30 * 24 * 60 * 60 }; /* certbot before 4.0 waits till then */

void
renew_note(const struct renew *renew, const char *name, bool failed)
{
	struct err why = ERR_INIT;

	if (renew->dry_run || renew->locked)
		return;
	if (unrenewed_note(renew->call->conf, name, failed, &why) < 0)
		log_err(LOG_LEVEL_WARN, name, &why);
}

/* Has any certbot surely tried? What the conf itself says, each goes by. */
static bool
was_due(const struct observation *item, time_t now_s)
{
	bool by_rule =
	    item->renew_s == due_by_life(item->not_before_s, item->not_after_s);

	return item->renew_s != 0 && item->autorenew &&
	    item->renew_s <= now_s &&
	    (!by_rule || item->not_after_s - LATEST_S <= now_s);
}

static bool
is_due(const struct observed *all, const char *name, time_t now_s)
{
	for (size_t i = 0; i < all->count; i++) {
		if (strcmp(all->items[i].name, name) == 0)
			return was_due(&all->items[i], now_s);
	}
	return false;
}

void
renew_note_all(const struct renew *renew)
{
	static const struct observe_options options;
	struct observed all = {.items = NULL};
	struct err ignored = ERR_INIT;
	time_t now_s = clock_now_s();

	if (renew->call->name_count > 0 || renew->dry_run || renew->locked)
		return;
	if (renew->failed > 0 && !renew->force &&
	    observe(renew->call->conf, &options, &all, &ignored) < 0)
		return;
	for (size_t i = 0; i < renew->after.count; i++) {
		const struct known_lineage *now = &renew->after.items[i];
		const struct known_lineage *then =
		    known_get(&renew->before, now->ref.name);
		bool same = then != NULL && then->generation == now->generation;

		if (!same || renew->failed == 0)
			renew_note(renew, now->ref.name, false);
		else if (renew->force || is_due(&all, now->ref.name, now_s))
			renew_note(renew, now->ref.name, true);
	}
	observed_free(&all);
}
