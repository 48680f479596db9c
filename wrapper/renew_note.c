/*
 * renew_note.c: which lineages the engine has failed on, kept for `status`
 * until they are renewed, or gone: that a run went well says nothing of what
 * was not due in it. With a name the run's own status tells; of a run over all
 * only what is due, and as it was, can have failed.
 */
#include "wrapper/renew.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "cert/due.h"
#include "wrapper/observe.h"
#include "wrapper/unrenewed.h"

enum { LATEST_S = 30 * 24 * 60 * 60 }; /* certbot before 4.0 waits till then */

static void
note(const struct renew *renew, const char *name, bool failed)
{
	struct err why = ERR_INIT;

	if (unrenewed_note(renew->call->conf, name, failed, &why) < 0)
		log_err(LOG_LEVEL_WARN, name, &why);
}

void
renew_note_failed(const struct renew *renew, const char *name)
{
	if (!renew->dry_run && !renew->locked)
		note(renew, name, true);
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

/* Nothing of it is left. */
static bool
is_gone(const void *context, const char *name)
{
	const struct renew *renew = context;
	struct err ignored = ERR_INIT;
	struct lineage_ref ref;

	return known_get(&renew->after, name) == NULL &&
	    lineage_ref_from_name(renew->call->conf->letsencrypt.config_dir,
		name, &ref, &ignored) == 0 &&
	    access(ref.dir, F_OK) != 0 && errno == ENOENT;
}

/* Of what is as it was, those that cannot have been passed over. */
static void
note_failures(const struct renew *renew)
{
	static const struct observe_options options;
	struct observed all = {.items = NULL};
	struct err ignored = ERR_INIT;
	time_t now_s = clock_now_s();

	if (!renew->force &&
	    observe(renew->call->conf, &options, &all, &ignored) < 0)
		return;
	for (size_t i = 0; i < renew->after.count; i++) {
		const char *name = renew->after.items[i].ref.name;

		if (!renew_is_new(renew, &renew->after.items[i]) &&
		    (renew->force || is_due(&all, name, now_s)))
			note(renew, name, true);
	}
	observed_free(&all);
}

void
renew_note_all(const struct renew *renew)
{
	struct err why = ERR_INIT;

	if (renew->dry_run)
		return;
	for (size_t i = 0; i < renew->after.count; i++) {
		if (renew_is_new(renew, &renew->after.items[i]))
			note(renew, renew->after.items[i].ref.name, false);
	}
	if (unrenewed_sweep(renew->call->conf, is_gone, renew, &why) < 0)
		log_err(LOG_LEVEL_WARN, "", &why);
	if (renew->failed > 0 && renew->call->name_count == 0 && !renew->locked)
		note_failures(renew);
}
