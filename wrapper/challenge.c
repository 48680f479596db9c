/*
 * challenge.c: from a renewal conf to who answers the CA's question. What was
 * made before HAProxy came, or beside it, may hold on to port 80, which
 * HAProxy has now.
 */
#include "wrapper/challenge.h"

#include <string.h>

#include "base/attr.h"
#include "wrapper/refit.h"

static const struct {
	enum challenge_outlook outlook;
	const char *words;
	bool others; /* answer, wherever haproxy.cfg leads it */
} ways[] = {
    [CHALLENGE_NONE] = {CHALLENGE_WELL, "", false},
    [CHALLENGE_BEHIND] = {CHALLENGE_WELL, "", false},
    [CHALLENGE_IN_PROXY] = {CHALLENGE_WELL, "", false},
    [CHALLENGE_PORT_80] = {CHALLENGE_FAILS,
	"renews on port 80, which HAProxy holds", false},
    [CHALLENGE_ALONE] = {CHALLENGE_UNSURE,
	"renews on port 80, which HAProxy does not have: with a bind line for "
	"it in haproxy.cfg that ends",
	false},
    [CHALLENGE_STOPPED] = {CHALLENGE_UNSURE,
	"renews on port 80, with hooks that have to take HAProxy off it for as "
	"long: nobody is served meanwhile",
	false},
    [CHALLENGE_LED] = {CHALLENGE_WELL, "", true},
    [CHALLENGE_OWN] = {CHALLENGE_UNSURE,
	"renews on a port of its own, which a server line of haproxy.cfg has, "
	"and HAProxy has to send challenges to that",
	true},
    [CHALLENGE_ELSEWHERE] = {CHALLENGE_FAILS,
	"does not renew on challenge.address and challenge.port, where HAProxy "
	"asks",
	true},
    [CHALLENGE_WEBROOT] = {CHALLENGE_UNSURE,
	"renews by files in a webroot, and HAProxy has to send challenges to "
	"the server that has it",
	true},
    [CHALLENGE_WEB_SERVER] = {CHALLENGE_UNSURE,
	"renews by a web server of its own, and HAProxy has to send challenges "
	"to it",
	true},
    [CHALLENGE_HOOKS] = {CHALLENGE_UNSURE,
	"renews by manual hooks, and HAProxy has to send challenges where they "
	"put the answer",
	true},
};
_Static_assert(COUNT_OF(ways) == CHALLENGE_WAYS, "words each");

/* Does a listener there get what HAProxy sends to challenge.address? */
static bool
is_reached(const char *address, const char *asked)
{
	/* Without one certbot listens on all addresses. */
	static const char *const all[] = {"", "0.0.0.0", "::", "[::]"};

	for (size_t i = 0; i < COUNT_OF(all); i++) {
		if (strcmp(address, all[i]) == 0)
			return true;
	}
	return strcmp(address, asked) == 0 ||
	    (strcmp(address, "localhost") == 0 &&
		strncmp(asked, "127.", strlen("127.")) == 0);
}

static enum challenge_way
standalone_way(const struct conf *conf, const struct refit_led *led,
    const struct renewal_facts *facts)
{
	enum { HTTP = 80 };

	if (facts->http_port == conf->challenge.port)
		return is_reached(facts->http_address, conf->challenge.address)
		    ? CHALLENGE_BEHIND
		    : CHALLENGE_ELSEWHERE;
	if (facts->http_port != HTTP && led != NULL) {
		if (facts->http_port == led->port)
			return CHALLENGE_LED;
		if (refit_led_has(led, facts->http_port))
			return CHALLENGE_OWN;
	}
	if (facts->http_port != HTTP)
		return CHALLENGE_ELSEWHERE;
	if (led != NULL && led->alone)
		return CHALLENGE_ALONE;
	return facts->hooked ? CHALLENGE_STOPPED : CHALLENGE_PORT_80;
}

enum challenge_way
challenge_way_of(const struct conf *conf, const struct refit_led *led,
    const struct renewal_facts *facts)
{
	static const struct {
		const char *authenticator;
		enum challenge_way way;
	} rows[] = {
	    {"webroot", CHALLENGE_WEBROOT},
	    {"nginx", CHALLENGE_WEB_SERVER},
	    {"apache", CHALLENGE_WEB_SERVER},
	};

	if (!renewal_facts_is_http(facts))
		return CHALLENGE_NONE;
	if (strcmp(facts->authenticator, "standalone") == 0)
		return standalone_way(conf, led, facts);
	if (strcmp(facts->authenticator, "manual") == 0)
		return facts->in_proxy ? CHALLENGE_IN_PROXY : CHALLENGE_HOOKS;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		if (strcmp(facts->authenticator, rows[i].authenticator) == 0)
			return rows[i].way;
	}
	return CHALLENGE_NONE;
}

enum challenge_outlook
challenge_outlook_of(enum challenge_way way)
{
	return ways[way].outlook;
}

const char *
challenge_words(enum challenge_way way)
{
	return ways[way].words;
}

bool
challenge_is_of_others(enum challenge_way way)
{
	return ways[way].others;
}

const char *
challenge_move_first(enum challenge_way way)
{
	return ways[way].others
	    ? ", once its names are off \"acl certhaul_elsewhere\" in "
	      "haproxy.cfg, where init puts them"
	    : "";
}
