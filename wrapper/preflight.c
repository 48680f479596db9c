/*
 * preflight.c: would the CA's question reach us? A token goes up where the
 * real one will be, HAProxy is asked for it as the CA will ask, the token
 * comes down again: also where we are told to end meanwhile.
 */
#include "wrapper/preflight.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hold.h"
#include "base/text.h"
#include "haproxy/hacfg.h"
#include "haproxy/map.h"
#include "haproxy/process.h"
#include "wrapper/domain.h"
#include "wrapper/holder.h"
#include "wrapper/preflight_part.h"
#include "wrapper/responder.h"

static const char *const verdict_names[] = {
    [PREFLIGHT_GOOD] = "good",
    [PREFLIGHT_NO_FRONTEND] = "no-frontend",
    [PREFLIGHT_AWAY] = "away",
    [PREFLIGHT_REFUSED] = "refused",
    [PREFLIGHT_TIMEOUT] = "timeout",
    [PREFLIGHT_REDIRECT] = "redirect",
    [PREFLIGHT_NOT_FOUND] = "not-found",
    [PREFLIGHT_UNAVAILABLE] = "unavailable",
    [PREFLIGHT_NO_RULE] = "no-rule",
    [PREFLIGHT_PORT_TAKEN] = "port-taken",
    [PREFLIGHT_NO_MAP] = "no-map",
};
_Static_assert(
    COUNT_OF(verdict_names) == PREFLIGHT_VERDICTS, "a verdict has no name");

const char *
preflight_verdict_name(enum preflight_verdict verdict)
{
	return verdict_names[verdict];
}

/* A path and a body that nobody else could have come by. */
static int
make_token(struct preflight_scene *scene, struct err *err)
{
	unsigned char random[32];
	char hex[2 * sizeof(random) + 1];
	int rc;

	rc = clock_random(random, sizeof(random), err);
	if (rc < 0)
		return rc;
	text_hex(random, sizeof(random), hex);
	(void)snprintf(scene->path, sizeof(scene->path),
	    "/.well-known/acme-challenge/certhaul-preflight-%.32s", hex);
	(void)snprintf(scene->body, sizeof(scene->body),
	    "certhaul-preflight-%.32s.%s", hex, hex + 32);
	return 0;
}

/* One verdict for all names, before anything was asked. */
static void
all_are(struct preflight_result *results, size_t count,
    enum preflight_verdict verdict, const char *address, const char *detail)
{
	for (size_t i = 0; i < count; i++) {
		results[i].verdict = verdict;
		(void)snprintf(results[i].address, sizeof(results[i].address),
		    "%s", address);
		(void)snprintf(
		    results[i].detail, sizeof(results[i].detail), "%s", detail);
	}
}

/* Takes a line plain http at an address that this machine has not now? (Where
 * there are others, loopback is none that counts.) */
static bool
is_away(const struct hacfg_bind *bind)
{
	enum { PORT_HTTP = 80 };

	return !bind->ssl && !bind->apart &&
	    discovery_listens(bind, bind->http ? 0 : PORT_HTTP, true);
}

/* No address can be asked: for want of a line, or of the address. */
static void
tell_no_front(const struct preflight_scene *scene,
    struct preflight_result *results, size_t count)
{
	const struct hacfg *hacfg = scene->hacfg;
	char text[512];

	for (size_t i = 0; i < hacfg->bind_count; i++) {
		const struct hacfg_bind *bind = &hacfg->binds[i];

		if (!is_away(bind))
			continue;
		(void)snprintf(text, sizeof(text),
		    "%s:%u takes plain http at %s, which is no address of this "
		    "machine's now (is it the standby of a pair?)",
		    bind->file, bind->line, bind->addresses[0]);
		all_are(results, count, PREFLIGHT_AWAY, "", text);
		return;
	}
	all_are(results, count, PREFLIGHT_NO_FRONTEND, "",
	    "haproxy.cfg has no bind line for plain http by which the CA could "
	    "come in");
}

/* Where HAProxy listens. `*ret_all`: the verdict is out already. */
static int
look(struct preflight_scene *scene, struct preflight_result *results,
    size_t count, bool *ret_all, struct err *err)
{
	const struct conf *conf = scene->conf;
	struct err why = ERR_INIT;
	char text[512];
	int rc;

	rc = hacfg_read(conf->haproxy.config.items, conf->haproxy.config.count,
	    conf->haproxy.environment, &scene->hacfg, &why);
	if (rc == 0)
		rc = discovery_fronts(scene->hacfg,
		    conf->challenge.http_addresses.items,
		    conf->challenge.http_addresses.count, &scene->fronts, &why);
	if (rc == ERR_NOMEM || rc == ERR_CONF) {
		*err = why;
		return rc;
	}
	*ret_all = rc < 0 || scene->fronts.count == 0;
	if (rc < 0)
		all_are(results, count, PREFLIGHT_NO_FRONTEND, "",
		    err_text(&why, text, sizeof(text)));
	else if (*ret_all)
		tell_no_front(scene, results, count);
	return 0;
}

/* The map entry on every socket; the first failure is told. */
static int
set_maps(struct preflight_scene *scene, struct err *err)
{
	const struct conf_list *sockets = &scene->conf->haproxy.sockets;
	int rc = 0, own;

	if (scene->silent)
		return err_set(err, ERR_TIMEOUT, PREFLIGHT_DOING,
		    sockets->items[0], "no answer within %d ms",
		    LIMIT_OBSERVE_MS);
	for (size_t i = 0; i < sockets->count && i < LIMIT_SOCKETS; i++) {
		struct process *holder = &scene->holders[scene->holder_count];
		struct err one = ERR_INIT;

		own = process_probe_soon(sockets->items[i], holder, &one);
		if (own == 0) {
			scene->holder_count++;
			own = map_set(holder, scene->conf->challenge.map,
			    scene->path, scene->body, &one);
		}
		if (own < 0 && rc == 0) {
			rc = own;
			*err = one;
		}
	}
	return rc;
}

/* An entry that stays is one that nobody will ever ask for. */
static void
clear_maps(const struct preflight_scene *scene)
{
	for (size_t i = 0; i < scene->holder_count; i++) {
		struct err ignored = ERR_INIT;

		(void)!map_del(&scene->holders[i], scene->conf->challenge.map,
		    scene->path, &ignored);
	}
}

/* Puts the token up. `*ret_all`: the verdict is out already. */
static int
put_up(struct preflight_scene *scene, struct preflight_result *results,
    size_t count, struct responder **ret, bool *ret_all, struct err *err)
{
	const struct conf *conf = scene->conf;
	struct err why = ERR_INIT;
	char text[512], holder[96];
	int rc;

	if (scene->in_proxy) {
		if (*conf->challenge.map == '\0' ||
		    conf->haproxy.sockets.count == 0)
			return err_set(err, ERR_CONF, PREFLIGHT_DOING,
			    *conf->challenge.map == '\0' ? "challenge.map"
							 : "haproxy.sockets",
			    "is empty: --in-proxy has nowhere to put the "
			    "answer");
		*ret_all = set_maps(scene, &why) < 0;
		if (*ret_all)
			all_are(results, count, PREFLIGHT_NO_MAP, "",
			    err_text(&why, text, sizeof(text)));
		return 0;
	}
	rc = responder_open(conf->challenge.address, conf->challenge.port,
	    scene->path, scene->body, ret, err);
	if (rc != ERR_EXISTS)
		return rc;
	holder_of_port(conf->challenge.port, holder, sizeof(holder));
	(void)snprintf(text, sizeof(text),
	    "%s listens on %.64s port %ld, where the answer is to be", holder,
	    conf->challenge.address, conf->challenge.port);
	all_are(results, count, PREFLIGHT_PORT_TAKEN, "", text);
	*ret_all = true;
	return 0;
}

/* One question a name and front; `hosts` has a name's room for each. */
static int
ask(struct preflight_scene *scene, const char *const *names, size_t count,
    struct responder *beside, struct err *err)
{
	const struct discovery_fronts *fronts = &scene->fronts;
	char(*hosts)[LIMIT_DNS_NAME_BYTES + 1];
	int rc;

	hosts = calloc(count + 1, sizeof(*hosts));
	scene->asks = calloc(count * fronts->count + 1, sizeof(*scene->asks));
	if (hosts == NULL || scene->asks == NULL) {
		free(hosts);
		return err_nomem(err, PREFLIGHT_DOING);
	}
	for (size_t i = 0; i < count; i++) {
		domain_lineage_name(names[i], hosts[i], sizeof(hosts[i]));
		for (size_t j = 0; j < fronts->count; j++) {
			scene->asks[i * fronts->count + j].host = hosts[i];
			scene->asks[i * fronts->count + j].target =
			    &fronts->items[j].target;
		}
	}
	rc = preflight_fetch(
	    scene->asks, count * fronts->count, scene->path, beside, err);
	free(hosts);
	return rc;
}

/*
 * The verdict on one name: on port 80 every address must do, as the CA takes
 * any. Where port 80 is mapped to one of several ports, we cannot know which:
 * one that does will do.
 */
static void
conclude(const struct preflight_scene *scene, size_t i,
    struct preflight_result *result)
{
	const struct discovery_fronts *fronts = &scene->fronts;
	bool every = fronts->items[0].port == 80 ||
	    scene->conf->challenge.http_addresses.count > 0;
	bool chosen = false;

	for (size_t j = 0; j < fronts->count; j++) {
		const struct preflight_fetch *asked =
		    &scene->asks[i * fronts->count + j];
		enum preflight_verdict verdict;
		char detail[sizeof(result->detail)];
		bool good, better;

		verdict = preflight_judge(scene, asked, detail, sizeof(detail));
		good = verdict == PREFLIGHT_GOOD;
		better = every ? !good && result->verdict == PREFLIGHT_GOOD
			       : result->verdict != PREFLIGHT_GOOD &&
			(good || result->verdict == PREFLIGHT_REFUSED);
		if (chosen && !better)
			continue;
		chosen = true;
		result->verdict = verdict;
		(void)snprintf(result->address, sizeof(result->address), "%s",
		    asked->target->text);
		(void)snprintf(
		    result->detail, sizeof(result->detail), "%s", detail);
	}
}

/* What was asked may not be what the CA comes to. */
static void
doubt(const struct preflight_scene *scene, struct preflight_result *result)
{
	switch (scene->fronts.entrance) {
	case DISCOVERY_PORT_80: break;
	case DISCOVERY_OTHER_PORT:
		(void)snprintf(result->doubt, sizeof(result->doubt),
		    "It is not certain that the CA comes to %s: haproxy.cfg "
		    "has nothing on port 80 that can be reached from here. "
		    "Something must lead port 80 there (name it in "
		    "challenge.http_addresses then), or haproxy.cfg wants a "
		    "bind line on port 80.",
		    result->address);
		break;
	case DISCOVERY_LOOPBACK:
		(void)snprintf(result->doubt, sizeof(result->doubt),
		    "It is not certain that the CA comes to %s: only this "
		    "machine does, and haproxy.cfg has no bind line for "
		    "others. Something must lead port 80 there (name it in "
		    "challenge.http_addresses then), or haproxy.cfg wants a "
		    "bind line on port 80.",
		    result->address);
		break;
	}
}

/* Up, asked, down. Signals wait until the token is gone. */
static int
fly(struct preflight_scene *scene, const char *const *names, size_t count,
    struct preflight_result *results, struct err *err)
{
	struct responder *responder = NULL;
	bool all = false;
	sigset_t before;
	int rc;

	hold_begin(&before);
	rc = put_up(scene, results, count, &responder, &all, err);
	if (rc == 0 && !all)
		rc = ask(scene, names, count, responder, err);
	responder_close(responder);
	clear_maps(scene);
	hold_end(&before);
	for (size_t i = 0; rc == 0 && !all && i < count; i++) {
		conclude(scene, i, &results[i]);
		doubt(scene, &results[i]);
	}
	return rc;
}

void
preflight_free(struct preflight_result *results, size_t count)
{
	for (size_t i = 0; results != NULL && i < count; i++)
		free(results[i].advice);
	free(results);
}

int
preflight(const struct conf *conf, const char *const *names, size_t count,
    const struct preflight_way *way, struct preflight_result *ret,
    struct err *err)
{
	struct preflight_scene *scene;
	bool all = false;
	int rc;

	memset(ret, 0, count * sizeof(*ret));
	for (size_t i = 0; i < count; i++)
		ret[i].name = names[i];
	scene = calloc(1, sizeof(*scene));
	if (scene == NULL)
		return err_nomem(err, PREFLIGHT_DOING);
	scene->conf = conf;
	scene->in_proxy = way->in_proxy;
	scene->silent = way->silent;
	rc = make_token(scene, err);
	if (rc == 0)
		rc = look(scene, ret, count, &all, err);
	if (rc == 0 && !all)
		rc = fly(scene, names, count, ret, err);
	if (rc == 0)
		rc = preflight_advise(scene, ret, count, err);
	hacfg_free(scene->hacfg);
	free(scene->asks);
	free(scene);
	return rc;
}
