/*
 * check_certs.c: what `certhaul check` finds about the certificates together:
 * served or not, renewed or not, too large for the socket, valid in a time
 * that is not now.
 */
#include "wrapper/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/timex.h>

#include "base/clock.h"
#include "cert/lineage.h"
#include "haproxy/transaction.h"

/* What certbot renews and certhaul passes over. */
static void
check_odd(struct check *check)
{
	const char *config_dir = check->conf->letsencrypt.config_dir;
	struct check_list list = {.count = 0};
	struct err ignored = ERR_INIT;
	char **odd = NULL;
	size_t count = 0;

	if (lineage_list_odd(config_dir, &odd, &count, &ignored) < 0)
		return;
	for (size_t i = 0; i < count; i++)
		check_list_add(&list, odd[i]);
	if (count > 0)
		check_say(check, CHECK_BAD,
		    "certhaul takes no lineage with such a name: %s; request "
		    "it anew with another (certbot --cert-name)",
		    check_list_text(&list));
	lineage_names_free(odd, count);
}

/* One line for those of one gravity; what the first of them has. */
struct grave {
	struct check_list names;
	char first[OBSERVE_PROBLEM_BYTES];
};

static void
say_grave(struct check *check, struct grave graves[OBSERVE_GRAVITIES])
{
	static const enum check_weight weights[] = {
	    [OBSERVE_WELL] = CHECK_GOOD,
	    [OBSERVE_WARNING] = CHECK_HINT,
	    [OBSERVE_CRITICAL] = CHECK_BAD,
	};
	_Static_assert(COUNT_OF(weights) == OBSERVE_GRAVITIES, "one each");

	for (int i = OBSERVE_GRAVITIES - 1; i > OBSERVE_WELL; i--) {
		struct grave *grave = &graves[i];
		bool many = grave->names.count > 1;

		if (grave->names.count > 0)
			check_say(check, weights[i], "%s: %s%s%s",
			    check_list_text(&grave->names),
			    many ? "the first: " : "", grave->first,
			    many ? "; \"certhaul status --problems\" says it "
				   "of each"
				 : "");
	}
}

static void
add_grave(struct grave graves[OBSERVE_GRAVITIES], enum observe_gravity gravity,
    const char *name, const char *text)
{
	struct grave *grave = &graves[gravity];

	if (gravity == OBSERVE_WELL)
		return;
	if (grave->names.count == 0)
		(void)snprintf(grave->first, sizeof(grave->first), "%s", text);
	check_list_add(&grave->names, name);
}

/* Is it served well by chance, and will not be: a failure, a bad bundle? */
static void
check_problems(struct check *check)
{
	struct grave graves[OBSERVE_GRAVITIES] = {{.first = ""}};
	char text[OBSERVE_PROBLEM_BYTES];
	time_t now_s = clock_now_s();

	for (size_t i = 0; i < check->observed.count; i++) {
		const struct observation *item = &check->observed.items[i];

		if ((!observation_served(item) && !item->out) ||
		    observation_life(item, now_s, text, sizeof(text)) !=
			OBSERVE_WELL)
			continue;
		observation_problem(item, now_s, text, sizeof(text));
		add_grave(
		    graves, observation_gravity(item, now_s), item->name, text);
	}
	say_grave(check, graves);
}

/* Expired, late, or nothing that the engine can renew. */
void
check_renewal(struct check *check)
{
	struct grave graves[OBSERVE_GRAVITIES] = {{.first = ""}};
	struct check_list always = {.count = 0};
	char text[OBSERVE_PROBLEM_BYTES];
	const struct observed *all = &check->observed;
	time_t now_s = clock_now_s();
	size_t well = 0;

	for (size_t i = 0; i < all->count; i++) {
		const struct observation *item = &all->items[i];
		enum observe_gravity gravity =
		    observation_life(item, now_s, text, sizeof(text));

		/* A monitor can wait for it; whoever looks now need not. */
		if (gravity == OBSERVE_WARNING && *item->obstacle != '\0')
			gravity = OBSERVE_CRITICAL;
		add_grave(graves, gravity, item->name, text);
		well += gravity == OBSERVE_WELL;
		if (item->autorenew && item->renew_s != 0 &&
		    item->renew_s <= item->not_before_s)
			check_list_add(&always, item->name);
	}
	say_grave(check, graves);
	if (always.count > 0)
		check_say(check, CHECK_HINT,
		    "%s: due as soon as renewed, as the whole life is shorter "
		    "than what certbot (before 4.0: 30 days) is to have left; "
		    "each run renews it, and runs into the CA's limits: set "
		    "renew_before_expiry in its renewal conf",
		    check_list_text(&always));
	if (check_means(check) == 0 && always.count == 0 &&
	    well == all->count && check->observed_err.code == 0)
		check_say(check, CHECK_GOOD,
		    "none of %zu lineage%s is late, and each has what the "
		    "engine renews it by",
		    well, well == 1 ? "" : "s");
}

void
check_served(struct check *check)
{
	struct check_list unserved = {.count = 0};
	const struct observed *all = &check->observed;

	if (check->observed_err.code != 0) {
		check_say_err(check, CHECK_BAD, &check->observed_err);
		return;
	}
	check_odd(check);
	if (check->discovery == NULL ||
	    (!check->up && !check_is_live(check->conf))) {
		check_say(check, CHECK_HINT,
		    "not known: no HAProxy was asked, or none answers");
		return;
	}
	for (size_t i = 0; i < all->count; i++) {
		if (!all->items[i].gone && !all->items[i].out &&
		    !observation_is_stub(&all->items[i]) &&
		    !observation_served(&all->items[i]))
			check_list_add(&unserved, all->items[i].name);
	}
	if (unserved.count > 0)
		check_say(check, CHECK_BAD,
		    "%zu of %zu lineages: %s; \"certhaul status --problems\" "
		    "says why",
		    unserved.count, all->count, check_list_text(&unserved));
	else
		check_say(check, CHECK_GOOD, "all of %zu lineage%s", all->count,
		    all->count == 1 ? "" : "s");
	check_problems(check);
}

/* Would an update in memory fit, by what is installed now? */
static bool
fits(struct check *check, const struct hacfg_sizes *sizes, const char *name,
    struct discovery_stores *stores)
{
	char path[LIMIT_PATH_BYTES];
	struct err ignored = ERR_INIT;
	struct stat st;
	int len;

	len = snprintf(path, sizeof(path), "%s/%s.pem",
	    check->conf->haproxy.bundle_dir, name);
	if (len < 0 || (size_t)len >= sizeof(path) || stat(path, &st) != 0)
		return true;
	if (discovery_stores(
		check->discovery, strrchr(path, '/') + 1, stores, &ignored) < 0)
		return true;
	for (size_t i = 0; i < stores->count; i++) {
		if (!transaction_fits(&check->process, stores->items[i].name,
			(size_t)st.st_size, sizes->bufsize, sizes->payload_max))
			return false;
	}
	return true;
}

void
check_payloads(struct check *check)
{
	struct check_list large = {.count = 0};
	struct discovery_stores *stores;
	const struct hacfg *hacfg;
	struct hacfg_sizes sizes;

	if (check->conf->haproxy.update == CONF_UPDATE_RELOAD) {
		check_say(check, CHECK_GOOD,
		    "of no matter: haproxy.update is \"reload\"");
		return;
	}
	if (check->discovery == NULL || !check->up) {
		check_say(check, CHECK_HINT,
		    "not known: no HAProxy was asked, or none answers");
		return;
	}
	stores = calloc(1, sizeof(*stores));
	if (stores == NULL) {
		check->rc = err_nomem(&check->err, "checking");
		return;
	}
	process_learn_bufsize(&check->process);
	hacfg = discovery_hacfg(check->discovery);
	sizes = hacfg_sizes(hacfg,
	    hacfg_changed_since((const char *const *)hacfg->files,
		hacfg->file_count, process_read_s(&check->process)));
	for (size_t i = 0; i < check->observed.count; i++) {
		if (!fits(check, &sizes, check->observed.items[i].name, stores))
			check_list_add(&large, check->observed.items[i].name);
	}
	free(stores);
	if (large.count > 0)
		check_say(check, CHECK_HINT,
		    "%s: too large for an update in memory, so each takes a "
		    "reload; a larger tune.bufsize in haproxy.cfg would do%s%s",
		    check_list_text(&large),
		    sizes.unread == NULL ? ""
					 : ", once HAProxy has read it: it may "
					   "not have since the last change of ",
		    sizes.unread == NULL ? "" : sizes.unread);
	else
		check_say(check, CHECK_GOOD,
		    "every bundle fits into an update in memory");
}

void
check_clock(struct check *check)
{
	struct check_list early = {.count = 0};
	time_t now_s = clock_now_s();
	struct timex state = {.modes = 0};
	int rc;

	for (size_t i = 0; i < check->observed.count; i++) {
		const struct observation *item = &check->observed.items[i];

		if (item->not_before_s >
		    now_s + check->conf->validate.clock_tolerance_s)
			check_list_add(&early, item->name);
	}
	if (early.count > 0)
		check_say(check, CHECK_BAD,
		    "by this machine's clock %s is not valid yet: set the "
		    "clock (timedatectl)",
		    check_list_text(&early));
	rc = adjtimex(&state);
	if (rc < 0 || rc == TIME_ERROR || (state.status & STA_UNSYNC) != 0)
		check_say(check, CHECK_HINT,
		    "nothing keeps this machine's clock right, as far as the "
		    "kernel knows: timedatectl set-ntp true");
	else if (early.count == 0)
		check_say(check, CHECK_GOOD,
		    "synchronised, and no certificate is of tomorrow");
}
