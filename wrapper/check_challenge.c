/*
 * check_challenge.c: what `certhaul check` finds of the way of the CA's
 * question: each lineage that is renewed by http-01 is judged by its renewal
 * conf, and our two ways are tried.
 */
#include "wrapper/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cert/renewal_facts.h"
#include "wrapper/certbot.h"
#include "wrapper/certbot_hooks.h"
#include "wrapper/challenge.h"
#include "wrapper/refit.h"

/* The lineages of one way. */
struct group {
	struct check_list names;
	const struct observation *first;
};

/* Those of each way. */
struct sorted {
	struct group ways[CHALLENGE_WAYS];
	const struct group **groups; /* of each that is observed; or NULL */
	struct refit_led to;
	char pre[LIMIT_PATH_BYTES]; /* certbot_hooks_find_pre() */
};

static void
sort_out(struct check *check, struct sorted *sorted)
{
	for (size_t i = 0; i < check->observed.count; i++) {
		const struct observation *item = &check->observed.items[i];
		struct err ignored = ERR_INIT;
		struct renewal_facts facts;
		struct lineage_ref ref;
		struct group *group;

		/* What nobody renews need not come through. */
		if (item->name_count == 0 || !item->autorenew ||
		    lineage_ref_from_name(check->conf->letsencrypt.config_dir,
			item->name, &ref, &ignored) < 0 ||
		    renewal_facts_read(&ref, &facts, &ignored) < 0)
			continue;
		facts.hooked |= *sorted->pre != '\0';
		group = &sorted->ways[challenge_way_of(
		    check->conf, &sorted->to, &facts)];
		if (group->names.count == 0)
			group->first = item;
		check_list_add(&group->names, item->name);
		sorted->groups[i] = group;
	}
}

/* What moves the lineage behind HAProxy, to be typed. */
static struct buf
command_of(struct check *check, const struct observation *item)
{
	struct buf text = BUF_INIT(LIMIT_COMMAND_BYTES);

	if (check->rc == 0)
		check->rc = certbot_put_move(
		    check->conf, item->name, &text, &check->err);
	return text;
}

static void
say_unsure(struct check *check, enum challenge_way way, struct sorted *sorted)
{
	struct group *group = &sorted->ways[way];
	bool hooked = way == CHALLENGE_STOPPED && *sorted->pre != '\0';

	check_say(check, CHECK_HINT,
	    "%s: %s%s; \"certhaul renew --dry-run %s\" tries it%s%s%s",
	    check_list_text(&group->names),
	    group->names.count > 1 ? "each " : "", challenge_words(way),
	    group->first->name,
	    hooked ? "; before it is moved behind HAProxy, take off " : "",
	    hooked ? sorted->pre : "",
	    hooked ? ", if that stops HAProxy, for all lineages" : "");
}

static void
say_group(struct check *check, enum challenge_way way, struct sorted *sorted)
{
	struct group *group = &sorted->ways[way];
	bool many = group->names.count > 1;
	struct buf command;

	if (group->names.count == 0)
		return;
	switch (challenge_outlook_of(way)) {
	case CHALLENGE_WELL: break;
	case CHALLENGE_FAILS:
		command = command_of(check, group->first);
		check_say(check, CHECK_BAD,
		    "%s: %s%s: \"%s\" moves %s to port %ld%s",
		    check_list_text(&group->names), many ? "each " : "",
		    challenge_words(way), buf_text(&command),
		    many ? "the first" : "it", check->conf->challenge.port,
		    challenge_move_first(way));
		buf_free(&command);
		break;
	case CHALLENGE_UNSURE: say_unsure(check, way, sorted); break;
	}
}

/* haproxy.cfg and the renewal confs are at one. */
static void
say_led(struct check *check, const struct sorted *sorted)
{
	const struct conf *conf = check->conf;
	struct check_list names = sorted->ways[CHALLENGE_LED].names;
	bool many = names.count > 1;
	struct buf command;

	if (names.count == 0)
		return;
	command = command_of(check, sorted->ways[CHALLENGE_LED].first);
	check_say(check, CHECK_HINT,
	    "%s: %s on port %ld, where HAProxy sends challenges (%s), but "
	    "certhaul.conf says %ld, and \"certhaul request\" goes by that: "
	    "set challenge.port to %ld there; or put %ld into haproxy.cfg, "
	    "reload HAProxy, and \"%s\" moves %s",
	    check_list_text(&names), many ? "each renews" : "renews",
	    sorted->to.port, sorted->to.where, conf->challenge.port,
	    sorted->to.port, conf->challenge.port, buf_text(&command),
	    many ? "the first" : "it");
	buf_free(&command);
}

/*
 * Can it be no listener of certhaul's place that answers? A hook's may be; and
 * where HAProxy does not ask, nothing is to be left to it.
 */
static bool
is_of_others(const struct sorted *sorted, const struct group *group)
{
	enum challenge_way way = (enum challenge_way)(group - sorted->ways);

	return way != CHALLENGE_HOOKS && way != CHALLENGE_ELSEWHERE &&
	    challenge_is_of_others(way);
}

/* Asked for: those of one way; or (CHALLENGE_NONE) all that others renew. */
static void
fetch(struct check *check, const struct sorted *sorted, enum challenge_way way)
{
	size_t count = check->observed.count;
	bool *asked = calloc(count + 1, sizeof(*asked));

	if (asked == NULL) {
		check->rc = err_nomem(&check->err, "checking");
		return;
	}
	for (size_t i = 0; i < count; i++) {
		const struct group *group = sorted->groups[i];

		asked[i] = group != NULL &&
		    (way == CHALLENGE_NONE ? is_of_others(sorted, group)
					   : group == &sorted->ways[way]);
	}
	if (way != CHALLENGE_NONE)
		check_fetch(check, asked, way == CHALLENGE_IN_PROXY);
	else
		check_fetch_others(check, asked, &sorted->to);
	free(asked);
}

void
check_port(struct check *check)
{
	struct sorted sorted = {.to = {.port = 0}};
	struct group *groups = sorted.ways;
	struct err ignored = ERR_INIT;
	size_t asked = 0;

	sorted.groups =
	    calloc(check->observed.count + 1, sizeof(*sorted.groups));
	if (sorted.groups == NULL) {
		check->rc = err_nomem(&check->err, "checking");
		return;
	}
	/* That it cannot be read is check_haproxy_config()'s to say. */
	(void)!refit_led(check->conf, &sorted.to, &ignored);
	certbot_hooks_find_pre(check->conf, sorted.pre, sizeof(sorted.pre));
	sort_out(check, &sorted);
	say_led(check, &sorted);
	for (int way = 0; way < CHALLENGE_WAYS; way++) {
		say_group(check, (enum challenge_way)way, &sorted);
		if (way != CHALLENGE_NONE)
			asked += groups[way].names.count;
	}
	fetch(check, &sorted, CHALLENGE_BEHIND);
	fetch(check, &sorted, CHALLENGE_IN_PROXY);
	if (sorted.to.port == check->conf->challenge.port)
		fetch(check, &sorted, CHALLENGE_NONE);
	free(sorted.groups);
	if (asked == 0)
		check_say(check, CHECK_GOOD,
		    "not needed: no lineage is renewed by http-01 through "
		    "HAProxy");
}
