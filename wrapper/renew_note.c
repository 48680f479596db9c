/*
 * renew_note.c: which lineages the engine has failed on, kept for `status`
 * until they are renewed, or gone, or not due after a run that went well. With
 * a name the run's own status tells; of a run over all only what is due, and
 * as it was, can have failed. What was only forced is no alarm: it has time.
 *
 * A run that ends well is not believed either: a cli.ini may have it look at
 * another lineage, a wrapper around certbot may hide how that ended.
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

static void
note(const struct renew *renew, const char *name, bool failed)
{
	struct err why = ERR_INIT;

	if (unrenewed_note(renew->call->conf, name, failed, &why) < 0)
		log_err(LOG_LEVEL_WARN, name, &why);
}

/* Has any certbot surely tried? What the conf itself says, each goes by. */
static bool
was_due(const struct observation *item, time_t now_s)
{
	return item->renew_s != 0 && item->autorenew &&
	    due_by_any(item->renew_s, item->not_before_s, item->not_after_s) <=
	    now_s;
}

static const struct observation *
find(const struct observed *all, const char *name)
{
	for (size_t i = 0; i < all->count; i++) {
		if (strcmp(all->items[i].name, name) == 0)
			return &all->items[i];
	}
	return NULL;
}

/* Nobody waits for its renewal yet: that it fails is no alarm. */
static bool
is_early(const struct observation *item, time_t now_s)
{
	return item != NULL && (item->renew_s > now_s || !item->autorenew);
}

void
renew_note_failed(const struct renew *renew, const char *name)
{
	const struct observe_options options = {
	    .names = &name, .name_count = 1, .disk = true};
	struct observed one = {.items = NULL};
	struct err ignored = ERR_INIT;
	bool early = false;

	if (renew->dry_run || renew->locked)
		return;
	if (renew->force &&
	    observe(renew->call->conf, &options, &one, &ignored) == 0) {
		early = is_early(find(&one, name), clock_now_s());
		observed_free(&one);
	}
	if (!early)
		note(renew, name, true);
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

/* Has it surely been tried, in vain? */
static bool
has_failed(
    const struct renew *renew, const struct observation *item, time_t now_s)
{
	if (renew->force)
		return !is_early(item, now_s);
	return item != NULL && was_due(item, now_s);
}

/* Has a run that ended well passed it over, and by no rule of the engine's? */
static bool
is_missed(
    const struct renew *renew, const struct observation *item, time_t now_s)
{
	return !renew->force && item != NULL && item->renew_s != 0 &&
	    item->autorenew &&
	    due_by_all(item->renew_s, item->not_before_s, item->not_after_s) <=
	    now_s;
}

static void
tell_missed(const struct renew *renew, const char *name)
{
	log_say(LOG_LEVEL_ERROR,
	    "%s: it is due and was not renewed, though the ACME client ended "
	    "as if all were well; see %s/letsencrypt.log, and whether a "
	    "cli.ini names another lineage",
	    name, renew->call->conf->letsencrypt.logs_dir);
	note(renew, name, true);
}

/*
 * Of what is as it was: after a run over all that failed, those that cannot
 * have been passed over; after a good one those that were, and nothing is left
 * to tell of those that nobody waits for.
 */
static void
note_left(struct renew *renew)
{
	static const struct observe_options options = {.disk = true};
	size_t missed = 0;
	struct observed all = {.items = NULL};
	struct err ignored = ERR_INIT;
	time_t now_s = renew->start_s; /* nobody tries what is due since */

	if (observe(renew->call->conf, &options, &all, &ignored) < 0)
		return;
	for (size_t i = 0; i < renew->after.count; i++) {
		const char *name = renew->after.items[i].ref.name;
		const struct observation *item = find(&all, name);

		if (renew_is_new(renew, &renew->after.items[i]) ||
		    !renew_is_meant(renew, name))
			continue;
		if (renew->failed > 0 && has_failed(renew, item, now_s))
			note(renew, name, true);
		if (renew->failed == 0 && is_early(item, now_s))
			note(renew, name, false);
		if (renew->failed == 0 && is_missed(renew, item, now_s)) {
			tell_missed(renew, name);
			missed++;
		}
	}
	renew->failed += missed;
	observed_free(&all);
}

void
renew_note_all(struct renew *renew)
{
	bool all = renew->call->name_count == 0;
	struct err why = ERR_INIT;

	if (renew->dry_run)
		return;
	for (size_t i = 0; i < renew->after.count; i++) {
		if (renew_is_new(renew, &renew->after.items[i]))
			note(renew, renew->after.items[i].ref.name, false);
	}
	if (unrenewed_sweep(renew->call->conf, is_gone, renew, &why) < 0)
		log_err(LOG_LEVEL_WARN, "", &why);
	if (!renew->locked && (all || renew->failed == 0))
		note_left(renew);
}
