/*
 * request_issue.c: certonly, and which lineage came of it. certbot may have
 * called it NAME-0001, or taken one that has the same names: so what is on
 * disk before and after is compared, and its words, which differ with its
 * version, are left to the operator.
 */
#include "wrapper/request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "cert/renewal_facts.h"
#include "wrapper/child.h"
#include "wrapper/domain.h"
#include "wrapper/known.h"
#include "wrapper/refit.h"

/* What certbot would call it, were there nothing yet. */
static void
own_name(const struct request *request, char *ret, size_t size)
{
	if (request->wanted.cert_name != NULL)
		(void)snprintf(ret, size, "%s", request->wanted.cert_name);
	else
		domain_lineage_name(request->list[0], ret, size);
}

static void
set_lineage(struct request *request, const char *name)
{
	(void)snprintf(request->lineage, sizeof(request->lineage), "%.*s",
	    LIMIT_LINEAGE_NAME_BYTES, name);
}

/* The one that changed; of several (a timer at work) the one named so. */
static bool
find_changed(struct request *request, const struct known *after)
{
	char wanted[LIMIT_DNS_NAME_BYTES + 1];
	size_t len;

	own_name(request, wanted, sizeof(wanted));
	len = strlen(wanted);
	for (size_t i = 0; i < after->count; i++) {
		const struct known_lineage *now = &after->items[i];
		const struct known_lineage *then =
		    known_get(&request->known, now->ref.name);

		if (now->generation == 0 ||
		    (then != NULL && then->generation == now->generation))
			continue;
		if (!request->issued ||
		    strncmp(now->ref.name, wanted, len) == 0)
			set_lineage(request, now->ref.name);
		request->issued = true;
	}
	return request->issued;
}

/* Nothing changed: which one is it that is not yet due? */
static int
find_unchanged(struct request *request, struct err *err)
{
	const struct known *known = &request->known;
	const struct known_lineage *own;
	char wanted[LIMIT_DNS_NAME_BYTES + 1];

	/* Of several with just these names (another kind of key), its own. */
	own_name(request, wanted, sizeof(wanted));
	own = known_get(known, wanted);
	if (own != NULL &&
	    (request->wanted.cert_name != NULL ||
		request_compare(request, own) == REQUEST_SAME))
		set_lineage(request, wanted);
	for (size_t i = 0; request->wanted.cert_name == NULL &&
	     i < known->count && *request->lineage == '\0';
	     i++) {
		if (request_compare(request, &known->items[i]) == REQUEST_SAME)
			set_lineage(request, known->items[i].ref.name);
	}
	if (*request->lineage == '\0' && own != NULL)
		set_lineage(request, wanted);
	if (*request->lineage != '\0')
		return 0;
	return err_set(err, ERR_CHILD, REQUEST_DOING, request->list[0],
	    "%.200s ended as if all were well, but no lineage in %.200s has "
	    "these names; see %.200s/letsencrypt.log",
	    request->engine.path, request->conf->letsencrypt.config_dir,
	    request->conf->letsencrypt.logs_dir);
}

/*
 * What another CA has issued (the staging one, at a first try) is not yet due,
 * and would stay that one's: it is issued anew by who is asked now.
 */
static void
leave_other_ca(struct request *request)
{
	const struct known *before = &request->known;
	const char *named = request->wanted.cert_name;
	const char *server = request_server(request);
	struct renewal_facts facts;
	struct err ignored = ERR_INIT;

	/* A test certificate never takes the place of a real one by itself. */
	if (request->wanted.force || request->wanted.dry_run ||
	    request->staging || request_rest_has(request, "--server"))
		return;
	for (size_t i = 0; i < before->count; i++) {
		const struct known_lineage *item = &before->items[i];

		if ((named != NULL
			    ? strcmp(item->ref.name, named) != 0
			    : request_compare(request, item) != REQUEST_SAME) ||
		    renewal_facts_read(&item->ref, &facts, &ignored) < 0 ||
		    facts.server[0] == '\0' ||
		    strcmp(facts.server, server) == 0)
			continue;
		log_say(LOG_LEVEL_WARN,
		    "%s: %s has issued it; it is issued anew by %s",
		    item->ref.name, facts.server, server);
		request->wanted.force = true;
	}
}

/*
 * Of several lineages with just these names certbot takes the last; it is told
 * to take the one that is called as the request would have it. So is a new one
 * where the first name is not the first that certbot gets.
 */
static const char *
pick_own(struct request *request)
{
	const struct known *before = &request->known;
	size_t same = 0, some = 0;
	const struct known_lineage *own;

	if (request->wanted.cert_name != NULL)
		return request->wanted.cert_name;
	own_name(request, request->own, sizeof(request->own));
	own = known_get(before, request->own);
	for (size_t i = 0; i < before->count; i++) {
		enum request_names names =
		    request_compare(request, &before->items[i]);

		same += names == REQUEST_SAME;
		some += names == REQUEST_SOME;
	}
	if (own == NULL)
		return request->wanted.rest_first && same + some == 0
		    ? request->own
		    : NULL;
	return same > 1 && request_compare(request, own) == REQUEST_SAME
	    ? request->own
	    : NULL;
}

/* What HAProxy sends here does not come to a web root or a web server. */
static void
say_led(const struct request *request)
{
	static const char *const ways[] = {
	    "--webroot", "--webroot-path", "-w", "--nginx", "--apache"};
	struct err ignored = ERR_INIT;
	struct refit_led led;
	bool asked = false;

	for (size_t i = 0; i < COUNT_OF(ways); i++)
		asked |= request_rest_has(request, ways[i]);
	if (!asked || request->dns ||
	    refit_led(request->conf, &led, &ignored) < 0 || led.port == 0 ||
	    led.port != request->conf->challenge.port)
		return;
	log_say(LOG_LEVEL_WARN,
	    "%s leads challenges to certhaul, but for names of `acl "
	    "certhaul_elsewhere`: a name that a web root or a web server "
	    "behind HAProxy answers for belongs there (README, TROUBLE)",
	    led.lead);
}

static int
run_engine(struct request *request, struct err *err)
{
	struct certbot_argv argv = {NULL, 0};
	int rc, status = 0;

	rc = certbot_certonly(
	    &request->engine, request->conf, &request->wanted, &argv, err);
	if (rc == 0)
		rc = child_run((const char *const *)argv.items,
		    request_watch(request), &status, err);
	certbot_argv_free(&argv);
	if (rc < 0 || status == 0)
		return rc;
	if (certbot_probe(request->conf, err) < 0)
		return err->code;
	say_led(request);
	if (request_plugin(request, err) < 0)
		return err->code;
	return err_set(err, ERR_CHILD, REQUEST_DOING, request->list[0],
	    "%.200s ended with status %d, what it says is above; its log is "
	    "%.200s/letsencrypt.log",
	    request->engine.path, status, request->conf->letsencrypt.logs_dir);
}

int
request_issue(struct request *request, struct err *err)
{
	const char *given = request->wanted.cert_name;
	struct known after = {NULL, 0};
	int rc;

	leave_other_ca(request);
	request->wanted.cert_name = pick_own(request);
	rc = run_engine(request, err);
	if (rc == 0 && !request->wanted.dry_run) {
		rc = known_all(request->conf, &after, err);
		if (rc == 0 && !find_changed(request, &after))
			rc = find_unchanged(request, err);
	}
	request->wanted.cert_name = given;
	known_free(&after);
	return rc;
}
