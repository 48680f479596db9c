/*
 * observe_wire.c: the fourth place, and the one that counts: what a handshake
 * shows. From the last proof, where the same workers still serve; or shaken
 * now, one handshake for each name and target.
 */
#include "wrapper/observe_private.h"

#include <stdio.h>
#include <string.h>

#include "haproxy/verify.h"

/* It is shown; but where HAProxy may not listen something else was. */
static void
tell_but(struct observe_at *at, const char *what)
{
	if (*what != '\0')
		(void)snprintf(at->why, sizeof(at->why),
		    "but in an .if block %.1400s", what);
}

/* Does the record have the lineage's certificate as proved? */
static bool
is_proved(const struct observe_site *site, const struct observe_look *look)
{
	return site->record.proved && look->cert != NULL &&
	    memcmp(site->record.leaf_sha256, pki_cert_facts(look->cert)->sha256,
		PKI_SHA256_BYTES) == 0;
}

/*
 * No memory is read (none is configured, or levels are too low), so nobody
 * tells who serves: what was proved last is what there is to go by.
 */
static void
go_by_record(const struct observe_site *site, struct observe_look *look)
{
	for (size_t p = 0; p < site->process_count; p++) {
		if (!site->processes[p].low)
			return;
	}
	look->item->vouched = is_proved(site, look);
	look->item->unproved =
	    !look->item->vouched && site->conf->verify.enabled && !site->untold;
}

/* Nobody waits for a proof that nobody can have made. */
void
observe_wire_proved(const struct observe_site *site, struct observe_look *look)
{
	struct observe_at *at = &look->item->at[OBSERVE_WIRE];
	const struct record *record = &site->record;

	if (site->workers[0] == '\0')
		go_by_record(site, look);
	if (!record->proved) {
		observe_at_set(at, OBSERVE_UNKNOWN, "%s",
		    site->conf->verify.enabled
			? "no handshake has proved it yet"
			: "verify.enabled is false");
		return;
	}
	if (site->workers[0] == '\0') {
		observe_at_set(at, OBSERVE_UNKNOWN, "%s",
		    look->item->vouched || look->item->unproved
			? "it is not known which HAProxy serves"
			: "HAProxy does not answer");
		return;
	}
	if (!process_identity_equal(record->proved_by, site->workers)) {
		observe_at_set(at, OBSERVE_UNKNOWN,
		    "HAProxy was started anew since the last handshake");
		return;
	}
	at->verdict = is_proved(site, look) ? OBSERVE_SAME : OBSERVE_OTHER;
	at->not_after_s = record->not_after_s;
	memcpy(at->serial, record->leaf_serial, sizeof(at->serial));
	if (at->verdict == OBSERVE_SAME)
		tell_but(at, record->proved_but);
}

static void
show_other(const struct observe_look *look, const struct verify_seen *seen,
    const struct err *err)
{
	struct observe_at *at = &look->item->at[OBSERVE_WIRE];
	char text[OBSERVE_WHY_BYTES];

	observe_why(err, text, sizeof(text));
	observe_at_set(at,
	    strcmp(seen->serial, pki_cert_facts(look->cert)->serial) == 0
		? OBSERVE_SAME
		: OBSERVE_OTHER,
	    "%s", text);
	at->not_after_s = seen->not_after_s;
	(void)snprintf(at->serial, sizeof(at->serial), "%s", seen->serial);
}

/* Of a lineage's addresses those that gave an earlier one no answer. */
struct silent {
	size_t count, maybe; /* `maybe` of them are of an uncertain bind line */
	const char *at; /* the first of them; borrowed of the site */
};

static const char *
find_silent(const struct observe_site *site, const char *address)
{
	for (size_t i = 0; i < site->silent_count; i++) {
		if (strcmp(site->silent[i], address) == 0)
			return site->silent[i];
	}
	return NULL;
}

static void
drop_silent(struct observe_site *site, struct silent *ret)
{
	struct discovery_targets *targets = site->targets;
	size_t kept = 0;

	for (size_t i = 0; i < targets->count; i++) {
		const struct discovery_target *target = &targets->items[i];
		const char *at = find_silent(site, target->text);

		if (at == NULL) {
			targets->items[kept++] = *target;
			continue;
		}
		if (ret->count++ == 0)
			ret->at = at;
		ret->maybe += target->maybe;
	}
	targets->count = kept;
}

/* Those that have shown nothing, for the lineages that follow. */
static void
keep_silent(struct observe_site *site, const struct verify_marks *marks)
{
	for (size_t i = 0; i < site->targets->count; i++) {
		const char *text = site->targets->items[i].text;

		if (marks->silent[i] && !marks->right[i] &&
		    site->silent_count < COUNT_OF(site->silent) &&
		    find_silent(site, text) == NULL)
			(void)snprintf(site->silent[site->silent_count++],
			    sizeof(site->silent[0]), "%s", text);
	}
}

/* It is shown: the lineage's, or what an operator went back to. */
static void
show_wanted(const struct observe_look *look, const struct pki_facts *wanted)
{
	struct observe_at *at = &look->item->at[OBSERVE_WIRE];

	at->verdict = look->held == NULL ? OBSERVE_SAME : OBSERVE_OTHER;
	at->not_after_s = wanted->not_after_s;
	memcpy(at->serial, wanted->serial, sizeof(at->serial));
}

/* At most LIMIT_LOOK_HANDSHAKES: the first names, on the first targets. */
static int
shake_hands(struct observe_site *site, const struct pki_facts *facts,
    struct verify_seen *seen, struct err *err)
{
	struct verify_marks marks = {.right = {false}};
	struct verify_policy policy = {
	    .attempts = 1,
	    .timeout_ms = site->conf->verify.timeout_ms,
	    .key_type = facts->key.type,
	    .marks = &marks,
	};
	struct pki_facts first = *facts;
	size_t most;
	int rc;

	if (site->targets->count > LIMIT_LOOK_TARGETS)
		site->targets->count = LIMIT_LOOK_TARGETS;
	most = LIMIT_LOOK_HANDSHAKES / site->targets->count;
	if (first.name_count > most)
		first.name_count = most;
	rc = verify_names(site->targets, &first, &policy, seen, err);
	keep_silent(site, &marks);
	return rc;
}

/* What the others show counts before that some are silent. */
static int
prove(struct observe_site *site, const struct pki_facts *facts,
    const struct silent *silent, struct verify_seen *seen, struct err *err)
{
	bool alone = site->targets->count == 0;
	int rc = alone ? 0 : shake_hands(site, facts, seen, err);

	/* Of what is wrong that at a certain address counts. */
	if (silent->count == 0 ||
	    (rc < 0 && !(seen->maybe && silent->maybe < silent->count)))
		return rc;
	err_clear(err);
	seen->maybe = silent->maybe == silent->count;
	seen->served = !alone;
	return err_set(err, ERR_UNPROVED, "", silent->at,
	    "no answer in %ld ms for another lineage, so it was not asked "
	    "again",
	    site->conf->verify.timeout_ms);
}

/* Where the bundle is shown. `*ret_unseen`: at no address. */
static int
find_targets(struct observe_site *site, const char *name,
    struct silent *ret_silent, bool *ret_unseen, struct err *err)
{
	const struct conf_list *given = &site->conf->verify.addresses;
	char file[LIMIT_LINEAGE_NAME_BYTES + sizeof(".pem")];
	int rc;

	(void)snprintf(file, sizeof(file), "%s.pem", name);
	rc = discovery_is_unseen(
	    site->discovery, file, given->count > 0, ret_unseen, err);
	if (rc < 0 || *ret_unseen)
		return rc;
	rc = discovery_targets(site->discovery, file, given->items,
	    given->count, site->targets, err);
	if (rc < 0)
		return rc;
	drop_silent(site, ret_silent);
	verify_drop_closed(site->targets, false);
	if (site->targets->count > 0 || ret_silent->count > 0)
		return 0;
	*ret_unseen = site->targets->closed > 0;
	return *ret_unseen
	    ? 0
	    : err_set(err, ERR_CONF, "", NULL,
		  "no address to shake hands with was found in HAProxy's "
		  "configuration; give verify.addresses");
}

void
observe_wire_live(struct observe_site *site, struct observe_look *look)
{
	struct observe_at *at = &look->item->at[OBSERVE_WIRE];
	char text[OBSERVE_WHY_BYTES];
	struct verify_seen seen = {.serial = ""};
	struct silent silent = {.count = 0};
	const struct pki_facts *wanted;
	struct err err = ERR_INIT;
	bool unseen = false, spared = false;
	int rc;

	if (look->cert == NULL || site->discovery == NULL)
		return;
	wanted = pki_cert_facts(look->held != NULL ? look->held : look->cert);
	rc = find_targets(site, look->item->name, &silent, &unseen, &err);
	if (unseen) {
		observe_at_set(at, OBSERVE_UNKNOWN,
		    "HAProxy shows it at no address of this machine: it is for "
		    "a server line, or its bind lines are off, for an "
		    "interface, or for an address that is elsewhere now");
		return;
	}
	if (rc == 0) {
		look->item->wire_live = true;
		rc = prove(site, wanted, &silent, &seen, &err);
		/* Another process may listen where HAProxy may not. */
		spared = rc < 0 && seen.maybe && seen.served;
	}
	memset(at, 0, sizeof(*at));
	if (spared) {
		observe_why(&err, text, sizeof(text));
		tell_but(at, text);
	}
	if (rc == 0 || spared) {
		show_wanted(look, wanted);
		return;
	}
	if (rc == ERR_MISMATCH) {
		show_other(look, &seen, &err);
		return;
	}
	observe_why(&err, text, sizeof(text));
	observe_at_set(at,
	    rc == ERR_UNPROVED && !site->untold ? OBSERVE_ABSENT
						: OBSERVE_UNKNOWN,
	    "%s", text);
}
